"""What a run comes to: a pure function of what was found."""

from dataclasses import replace

import pytest

from conformance.command.conclusion import Results, conclude
from conformance.gate import Exit, Gate
from conformance.judging.model import Finding, Verdict
from conformance.running.inquest import CrashReport
from conformance.running.pairs import Pair
from conformance.targets.liveness import Crash
from tests.conformance.builders import finding, scenario, target

ONE, OTHER = Pair(target(), scenario("a.b")), Pair(target(), scenario("a.c"))


def found(verdict: Verdict, pair: Pair = ONE, crash: str | None = None) -> Finding:
    return replace(finding(verdict=verdict, check=pair.check), target=pair.target.name, crash=crash)


def results(*findings: Finding, planned: tuple[Pair, ...] = (ONE,)) -> Results:
    made = Results(Gate(), planned)
    for each in findings:
        made.add(each)
    return made


CAUSED = CrashReport(Crash(0, "ended with 7"), "plain/a.b", ())
UNKNOWN = CrashReport(Crash(0, "ended with 7"), None, ("plain/a.b",))


@pytest.mark.parametrize(
    ("findings", "crashes", "lost", "code"),
    [
        pytest.param([found(Verdict.PASS)], [], [], Exit.CONFORMING, id="all pass"),
        pytest.param([found(Verdict.FAIL)], [], [], Exit.FAILURES, id="a failure"),
        pytest.param([found(Verdict.FAIL, crash="ended")], [CAUSED], [], Exit.FAILURES, id="a crash"),
        pytest.param([found(Verdict.PASS)], [UNKNOWN], [], Exit.UNTESTABLE, id="a crash without a cause"),
        pytest.param([found(Verdict.PASS)], [], ["http://a/"], Exit.UNTESTABLE, id="a target that is lost"),
        pytest.param(
            [found(Verdict.FAIL), found(Verdict.ERROR, OTHER)], [CAUSED], [], Exit.FAILURES, id="and unjudged"
        ),
    ],
)
def test_the_exit_code_follows(
    findings: list[Finding], crashes: list[CrashReport], lost: list[str], code: Exit
) -> None:
    assert conclude(results(*findings), None, {"plain": crashes}, lost, interrupted=False).exit_code is code


def test_crashes_are_lines_of_the_record() -> None:
    end = conclude(results(), None, {"plain": [CAUSED, UNKNOWN]}, [], interrupted=False)
    assert list(end.crashes) == [
        {"target": "plain", "how": "ended with 7", "scenario": "a.b"},
        {"target": "plain", "how": "ended with 7", "scenario": None},
    ]


def test_what_is_said_of_the_run_as_a_whole() -> None:
    end = conclude(results(), None, {}, ["http://a/"], ["It crashes."], interrupted=False)
    assert end.note == "It crashes. After the run, http://a/ no longer answers a plain GET."


def test_a_later_finding_replaces_an_earlier_one() -> None:
    both = results(found(Verdict.PASS), found(Verdict.FAIL, crash="ended"))
    assert both.counts == {Verdict.FAIL: 1}


def test_a_run_is_complete_when_all_that_was_planned_was_judged() -> None:
    everything = results(found(Verdict.PASS), found(Verdict.PASS, OTHER), planned=(ONE, OTHER))
    assert conclude(everything, None, {}, [], interrupted=False).complete
    assert not conclude(everything, None, {}, [], interrupted=True).complete
    assert not results(found(Verdict.PASS), planned=(ONE, OTHER)).complete
