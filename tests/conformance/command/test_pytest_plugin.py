"""The plugin: pairs become items, findings become reports and a record, and the whole an exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.clauses import Level
from conformance.command.pytest_items import CheckItem, failure_lines
from conformance.command.pytest_plugin import COLLECTED, ConformancePlugin, in_order
from conformance.command.run_plan import RunPlan
from conformance.gate import Exit
from conformance.invariants.model import Invariant
from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Finding, Need, Scenario, Verdict
from conformance.judging.outcomes import Outcome, answers
from conformance.record import Run, Writer, read
from conformance.running.pairs import Pair
from conformance.running.runner import Runner
from conformance.targets.target import Target, locate
from tests.conformance.builders import BAD_REQUEST, OK, clause, finding, scenario, target
from tests.conformance.scripted_server import always, free_port, serving, then_close
from tests.paths import ROOT


def broken(_: object) -> bool:
    raise ZeroDivisionError


SCENARIOS: dict[str, Scenario] = {
    made.id: made
    for made in (
        scenario("a.pass"),
        scenario("a.warn", accept=answers(400), clause=clause(Level.SHOULD)),
        scenario("a.info", accept=answers(400), clause=clause(Level.MAY)),
        scenario("a.fail", accept=answers(400)),
        scenario("a.not-applicable", needs=frozenset({Need.TLS})),
        scenario("a.own-error", accept=Outcome("errs", broken)),
    )
}


def child(url: str, record: str, names: str, *options: str) -> int:
    """A run of the named scenarios under pytest; started in a process of its own by the tests below."""
    one_target = replace(locate(url), witness=b"/witness", server="scripted")
    checks = tuple(SCENARIOS[name] for name in names.split())
    plan = RunPlan(targets=(one_target,), checks=checks, output=Path(record).parent, options={"k": "x"})
    with Runner(SCENARIOS) as runner, Writer(Path(record)) as writer:
        plugin = ConformancePlugin(plan, runner, writer)
        where = [str(COLLECTED), f"--rootdir={COLLECTED.parent}", f"-c{os.devnull}"]
        status = pytest.main([*where, *options], [plugin])
        return int(status if plugin.code is None else plugin.code)


def play(tmp_path: Path, url: str, names: str, *options: str) -> tuple[int, str, Run]:
    call = f"import sys; from {__name__} import child; sys.exit(child(*sys.argv[1:]))"
    record = tmp_path / "run.jsonl"
    arguments = [url, str(record), names, "-p", "no:cacheprovider", *options]
    done = subprocess.run(
        [sys.executable, "-c", call, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PY_COLORS": "0", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout, read(record)


def test_each_verdict_counts_as_it_should(tmp_path: Path) -> None:
    names = "a.pass a.warn a.info a.fail a.not-applicable"
    with serving(always(OK)) as server:
        code, output, run = play(tmp_path, server.url, names, "-v")
    assert code == Exit.FAILURES
    for name, word in zip(names.split(), ("PASSED", "WARN", "INFO", "FAILED", "SKIPPED"), strict=True):
        assert f"scenarios::http/{name} {word}" in output
    assert [found["verdict"] for found in run.findings] == ["PASS", "WARN", "INFO", "FAIL", "NOT APPLICABLE"]
    assert run.header["planned"] == 5
    assert run.header["options"] == {"k": "x"}
    assert run.header["targets"] == [
        {
            "name": "http",
            "url": server.url,
            "profile": "http11",
            "witness": "/witness",
            "capabilities": [],
            "server": "scripted",
            "verified": None,
            "embedded": False,
            "second_opinion": "",
            "measured": None,
        }
    ]
    assert run.footer is not None
    assert (run.footer["exit_code"], run.footer["complete"], run.footer["note"]) == (1, True, "")


def test_a_failure_is_three_lines_in_place_of_a_traceback(tmp_path: Path) -> None:
    with serving(always(OK)) as server:
        _, output, _ = play(tmp_path, server.url, "a.fail")
    assert (
        "requirement: Answer what is asked (EX-1, MUST)\n"
        "   expected: The server answers 400.\n"
        "   observed: The server answered 200 and kept the connection open.\n"
    ) in output
    assert "Traceback" not in output
    assert "def runtest" not in output


def test_an_error_of_ours_has_a_code_of_its_own(tmp_path: Path) -> None:
    with serving(always(OK)) as server:
        code, output, run = play(tmp_path, server.url, "a.pass a.own-error")
    assert code == Exit.OWN_ERROR
    assert "observed: wirecheck's own error: ZeroDivisionError()" in output
    assert run.counts == {"PASS": 1, "ERROR": 1}


def test_what_is_selected_is_played_and_nothing_else(tmp_path: Path) -> None:
    with serving(always(OK)) as server:
        code, _, run = play(tmp_path, server.url, "a.pass a.fail", "-k", "a.pass")
    assert code == Exit.CONFORMING
    assert (run.header["planned"], run.counts) == (1, {"PASS": 1})
    # The scenario, its follow-up, and whether the server has lived through it.
    assert [request.split()[1] for request in server.requests] == [
        b"/witness/echo",
        b"/witness/echo?follow-up",
        b"/",
    ]


@pytest.mark.parametrize("workers", ["0", "2", "4"])
def test_with_xdist_each_scenario_is_still_played_once_and_judged(workers: str, tmp_path: Path) -> None:
    with serving(always(OK)) as server:
        code, _, run = play(tmp_path, server.url, "a.pass a.info", "-p", "xdist", "-n", workers)
    assert code == Exit.CONFORMING
    assert run.counts == {"PASS": 1, "INFO": 1}
    # Both with a follow-up, one of them confirmed, and whether the server has lived through it.
    assert len(server.requests) == 7


def test_collecting_alone_plays_nothing(tmp_path: Path) -> None:
    with serving(always(OK)) as server:
        code, output, run = play(tmp_path, server.url, "a.pass", "--collect-only", "-q")
        assert server.connections == 0
    assert code == 0
    assert "scenarios::http/a.pass" in output
    assert run.footer is None


def test_a_target_that_did_not_live_through_the_run_is_named(tmp_path: Path) -> None:
    with serving(always(OK), then_close(b"")) as server:
        code, _, run = play(tmp_path, server.url, "a.pass")
    assert code == Exit.UNTESTABLE
    assert run.footer is not None
    assert run.footer["note"] == (f"After the run, {server.url} no longer answers a plain GET.")
    assert run.footer["crashes"] == [{"target": "http", "how": "stopped answering", "scenario": None}]


# Hooks that can be called alone


# In place of a runner: nothing crashes.
LIVING = cast("Runner", SimpleNamespace(crashes=lambda _: (), is_lost=lambda _: False, summary=lambda _: ""))


TARGET = target()


def plan_of(
    output: Path,
    *checks: Scenario | Invariant,
    on: Target = TARGET,
    evidence: Sequence[Scenario] = (),
) -> RunPlan:
    return RunPlan(targets=(on,), checks=checks, output=output, evidence=evidence)


@pytest.fixture
def plugin(tmp_path: Path) -> ConformancePlugin:
    return ConformancePlugin(plan_of(tmp_path), LIVING, Writer(tmp_path / "run.jsonl"))


def report(when: str, outcome: str, *properties: tuple[str, object]) -> pytest.TestReport:
    return pytest.TestReport(
        "test", ("", None, ""), {}, cast("Any", outcome), None, cast("Any", when), user_properties=properties
    )


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param(
            report("call", "passed", ("verdict", "WARN")),
            ("warned", "w", ("WARN", {"yellow": True})),
            id="a warning",
        ),
        pytest.param(
            report("call", "passed", ("verdict", "INFO")),
            ("informed", "i", ("INFO", {"blue": True})),
            id="an information",
        ),
        pytest.param(report("call", "passed", ("verdict", "PASS")), None, id="a pass"),
        pytest.param(report("call", "passed"), None, id="a test of somebody else"),
        pytest.param(report("setup", "passed", ("verdict", "WARN")), None, id="before the call"),
        pytest.param(report("call", "failed", ("verdict", "FAIL")), None, id="a failure"),
    ],
)
def test_warnings_and_informations_are_seen_as_such(
    plugin: ConformancePlugin, given: pytest.TestReport, status: object
) -> None:
    assert plugin.pytest_report_teststatus(given) == status


@pytest.mark.parametrize(
    ("found", "line"),
    [
        pytest.param(
            finding(verdict=Verdict.FAIL, observed="The server did.", reason="why"),
            "   observed: The server did.",
            id="a failure",
        ),
        pytest.param(
            finding(verdict=Verdict.ERROR, observed="Not played.", reason="refused"),
            "   observed: refused",
            id="an error",
        ),
    ],
)
def test_the_third_line_says_what_happened(found: Finding, line: str) -> None:
    assert failure_lines(found).splitlines() == [
        "requirement: Answer what is asked (EX-1, MUST)",
        "   expected: The server answers 200.",
        line,
    ]


def session(*selected: Pair, collectonly: bool = False) -> pytest.Session:
    option = SimpleNamespace(collectonly=collectonly, maxfail=0)
    items = [item_of(pair) for pair in selected]
    return cast(
        "pytest.Session", SimpleNamespace(config=SimpleNamespace(option=option), items=items, testsfailed=0)
    )


def item_of(pair: Pair, found: Finding | None = None) -> CheckItem:
    """An item that hangs from nothing."""
    item = object.__new__(CheckItem)
    item.pair, item.finding, item.parent = pair, found, None
    return item


@pytest.mark.parametrize("selected", [scenario("a.b"), INVARIANTS[0]], ids=["a scenario", "an invariant"])
def test_an_invariant_has_all_the_evidence_played_whatever_is_selected(
    selected: Scenario | Invariant, tmp_path: Path
) -> None:
    given: list[Pair] = []

    def findings(plan: Sequence[Pair], evidence: Sequence[Pair]) -> Iterator[Finding]:
        given.extend((*plan, *evidence))
        return iter(())

    runner = cast("Runner", SimpleNamespace(findings=findings))
    one, other = Pair(target(), selected), Pair(target(), scenario("a.other"))
    with Writer(tmp_path / "run.jsonl") as record:
        plan = plan_of(tmp_path, selected, evidence=(scenario("a.other"),))
        plugin = ConformancePlugin(plan, runner, record)
        plugin.pytest_collection_finish(session(one))
        assert plugin.pytest_runtestloop(session(one))
    expected = [one.id, other.id] if isinstance(selected, Invariant) else [one.id]
    assert [pair.id for pair in given] == expected
    assert read(tmp_path / "run.jsonl").header["plan"] == [one.id]


def test_findings_in_order_wait_for_those_before_them() -> None:
    found = [finding(check=scenario(name)) for name in ("a.c", "a.a", "a.d", "a.b")]
    ids = [f"{each.target}/{each.check.id}" for each in found]
    ordered = in_order(iter(found), sorted(ids))
    assert [each.check.id for each in ordered] == ["a.a", "a.b", "a.c", "a.d"]


def finish(tmp_path: Path, status: int, *, url: str, collectonly: bool = False) -> tuple[int | None, Run]:
    path = tmp_path / "run.jsonl"
    with Writer(path) as record:
        plugin = ConformancePlugin(plan_of(tmp_path, on=locate(url)), LIVING, record)
        plugin.pytest_collection_finish(session(collectonly=True))
        plugin.pytest_runtest_protocol(item_of(Pair(target(), scenario()), finding()))
        plugin.pytest_sessionfinish(session(collectonly=collectonly), status)
    return plugin.code, read(path)


def test_an_interrupted_run_is_closed_without_asking_the_target(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    code, run = finish(tmp_path, pytest.ExitCode.INTERRUPTED, url=url)
    assert code == Exit.INTERRUPTED
    assert run.footer is not None
    assert (run.footer["complete"], run.footer["note"], run.footer["exit_code"]) == (False, "", 2)


def test_a_run_that_left_something_out_is_not_complete(tmp_path: Path) -> None:
    with serving(always(BAD_REQUEST)) as server, Writer(tmp_path / "run.jsonl") as record:
        one = Pair(locate(server.url), scenario("a.b"))
        plan = plan_of(tmp_path, scenario("a.b"), on=one.target)
        plugin = ConformancePlugin(plan, LIVING, record)
        plugin.pytest_collection_finish(session(one))
        plugin.pytest_sessionfinish(session(), pytest.ExitCode.OK)
    footer = read(tmp_path / "run.jsonl").footer
    assert footer is not None
    assert footer["complete"] is False


@pytest.mark.parametrize("status", [pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED])
def test_a_run_is_closed_with_its_code(tmp_path: Path, status: int) -> None:
    with serving(always(BAD_REQUEST)) as server:
        code, run = finish(tmp_path, status, url=server.url)
    assert code == Exit.CONFORMING
    assert run.footer is not None
    assert run.footer["complete"] is True


@pytest.mark.parametrize(
    "status",
    [pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED],
)
def test_a_run_that_broke_is_left_open_for_pytest_to_tell(tmp_path: Path, status: int) -> None:
    code, run = finish(tmp_path, status, url=f"http://127.0.0.1:{free_port()}/")
    assert (code, run.footer) == (None, None)


def test_what_is_not_the_folder_of_scenarios_is_left_to_others(plugin: ConformancePlugin) -> None:
    assert plugin.pytest_collect_directory(COLLECTED.parent, cast("pytest.Collector", None)) is None


def test_the_header_is_a_line_of_json(tmp_path: Path) -> None:
    finish(tmp_path, pytest.ExitCode.INTERRUPTED, url="http://127.0.0.1:1/")
    first = (tmp_path / "run.jsonl").read_text().splitlines()[0]
    assert json.loads(first)["planned"] == 0
