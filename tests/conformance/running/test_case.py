"""What is done with a pair next, and what is decided of it: tables over values, without threads."""

from dataclasses import replace

import pytest

from clients.transcript import Ending, Event, Kind, Transcript
from conformance.judging.model import Need, Verdict
from conformance.running.case import Case, Step, TargetState, begin, decide, next_step
from conformance.running.findings import judged
from conformance.running.pairs import Pair
from tests.conformance.builders import CONNECTED, GET, HALF, received, response, scenario, sent, target
from tests.conformance.staged_server import BAD, GOOD, transcript

SCENARIO = scenario("a.b", control="a.control")
PAIR = Pair(target(), SCENARIO)


PASSED = judged(PAIR, SCENARIO, GOOD)
FAILED = judged(PAIR, SCENARIO, BAD)
SILENT = judged(PAIR, SCENARIO, transcript(b"", ending=Ending.SILENCE))
SILENT_PASS = replace(SILENT, verdict=Verdict.PASS)
CUT_OFF_PASS = replace(judged(PAIR, SCENARIO, transcript(b"", ending=Ending.RESET)), verdict=Verdict.PASS)
LEFT_OPEN = judged(PAIR, SCENARIO, replace(BAD, ending=Ending.LEFT))
PAUSED = judged(PAIR, SCENARIO, replace(BAD, events=(*BAD.events, Event(0.0, Kind.PAUSED))))

RUNNING, INQUIRED = TargetState(), TargetState(inquired=True)
LOST = TargetState(inquired=True, lost="ended with 7")
EXHAUSTED = TargetState(inquired=True, crashes=8, exhausted=True)
CUTS = TargetState(inquired=True, cuts=True)
NEW = Case(PAIR)
HALF_AN_ANSWER = (CONNECTED, sent(GET), received(HALF))
CUT = judged(PAIR, SCENARIO, Transcript(HALF_AN_ANSWER, Ending.RESET))
LIMITED = replace(judged(PAIR, SCENARIO, transcript(response(429))), verdict=Verdict.PASS)


def cut(number: int) -> Case:
    """A case that was played so often, and cut short each time."""
    return NEW.played(CUT) if number == 1 else cut(number - 1).played(CUT)


@pytest.mark.parametrize(
    ("case", "control", "state", "step"),
    [
        # The first play
        pytest.param(NEW, None, RUNNING, Step.PLAY, id="a pair is played"),
        pytest.param(NEW, Verdict.FAIL, RUNNING, Step.PLAY, id="whatever its control shows, as it may crash"),
        pytest.param(NEW, None, TargetState(lost="ended"), Step.WAIT, id="but not with a lost target"),
        pytest.param(NEW, None, LOST, Step.DECIDED, id="of which nothing can be seen any more"),
        # What stands
        pytest.param(NEW.played(PASSED), Verdict.PASS, RUNNING, Step.DECIDED, id="a pass stands at once"),
        pytest.param(NEW.played(PASSED), Verdict.PASS, LOST, Step.DECIDED, id="also when the target is lost"),
        pytest.param(NEW.played(FAILED), Verdict.PASS, RUNNING, Step.WAIT, id="a failure waits"),
        pytest.param(NEW.played(SILENT_PASS), Verdict.PASS, RUNNING, Step.WAIT, id="a silent pass waits"),
        pytest.param(
            NEW.played(CUT_OFF_PASS), Verdict.PASS, RUNNING, Step.WAIT, id="one without a byte waits"
        ),
        pytest.param(NEW.played(CUT_OFF_PASS), Verdict.PASS, INQUIRED, Step.DECIDED, id="and stands"),
        # Confirmation
        pytest.param(NEW.played(FAILED), Verdict.PASS, INQUIRED, Step.CONFIRM_ALONE, id="a failure, alone"),
        pytest.param(NEW.played(LEFT_OPEN), Verdict.PASS, INQUIRED, Step.CONFIRM_TOGETHER, id="left open"),
        pytest.param(NEW.played(PAUSED), Verdict.PASS, INQUIRED, Step.CONFIRM_TOGETHER, id="with a pause"),
        pytest.param(
            NEW.played(SILENT_PASS), Verdict.PASS, INQUIRED, Step.CONFIRM_TOGETHER, id="silent pass"
        ),
        pytest.param(NEW.played(SILENT), Verdict.PASS, INQUIRED, Step.OUTWAIT, id="a failure by silence"),
        pytest.param(
            NEW.played(FAILED).played(SILENT),
            Verdict.PASS,
            INQUIRED,
            Step.OUTWAIT,
            id="one that falls silent",
        ),
        pytest.param(
            NEW.played(SILENT).played(SILENT), Verdict.PASS, INQUIRED, Step.DECIDED, id="silent to the end"
        ),
        pytest.param(NEW.played(FAILED).played(FAILED), Verdict.PASS, INQUIRED, Step.DECIDED, id="confirmed"),
        pytest.param(NEW.played(FAILED), Verdict.FAIL, INQUIRED, Step.DECIDED, id="its control failed"),
        pytest.param(NEW.played(FAILED), Verdict.PASS, LOST, Step.DECIDED, id="the target is lost"),
        # What is cut short
        pytest.param(cut(2), Verdict.PASS, INQUIRED, Step.CONFIRM_ALONE, id="what is cut twice, once more"),
        pytest.param(cut(3), Verdict.PASS, INQUIRED, Step.DECIDED, id="and stands"),
        pytest.param(
            cut(7), Verdict.PASS, CUTS, Step.CONFIRM_ALONE, id="more often if there is chance in it"
        ),
        pytest.param(cut(8), Verdict.PASS, CUTS, Step.DECIDED, id="but not for ever"),
        pytest.param(cut(1).played(PASSED), Verdict.PASS, CUTS, Step.DECIDED, id="whole the second time"),
        pytest.param(
            NEW.played(replace(CUT, verdict=Verdict.NOT_APPLICABLE)),
            Verdict.PASS,
            INQUIRED,
            Step.CONFIRM_ALONE,
            id="nothing to be seen, where it was cut",
        ),
        pytest.param(
            NEW.played(LIMITED), Verdict.PASS, RUNNING, Step.WAIT, id="what a limit may have answered"
        ),
        # Crashes
        pytest.param(
            replace(NEW, suspected=True).played(FAILED), None, INQUIRED, Step.ACCUSE, id="a suspect"
        ),
        pytest.param(
            replace(NEW, suspected=True).played(CUT_OFF_PASS),
            Verdict.PASS,
            INQUIRED,
            Step.ACCUSE,
            id="a suspect that passed without a byte",
        ),
        pytest.param(
            replace(NEW, suspected=True).played(FAILED),
            Verdict.NOT_APPLICABLE,
            INQUIRED,
            Step.ACCUSE,
            id="a suspect whatever its control shows",
        ),
        pytest.param(
            replace(NEW, suspected=True).played(FAILED), None, EXHAUSTED, Step.DECIDED, id="one of too many"
        ),
        pytest.param(replace(NEW, alike=True), None, EXHAUSTED, Step.DECIDED, id="one of the same kind"),
        pytest.param(NEW.played(FAILED), Verdict.PASS, EXHAUSTED, Step.CONFIRM_ALONE, id="of another kind"),
        pytest.param(
            replace(NEW, crash="ended").played(PASSED), Verdict.FAIL, RUNNING, Step.DECIDED, id="a crash"
        ),
    ],
)
def test_what_is_done_next(case: Case, control: Verdict | None, state: TargetState, step: Step) -> None:
    assert next_step(case, control, state) is step


# Decisions


def test_a_crash_is_a_failure_whatever_else_is_true() -> None:
    control = replace(PASSED, verdict=Verdict.NOT_APPLICABLE)
    found = decide(replace(NEW, crash="ended with 7").played(PASSED), control, INQUIRED)
    assert (found.verdict, found.crash) == (Verdict.FAIL, "ended with 7")
    assert found.observed == f"{PASSED.observed} Then the target ended with 7."
    assert found.transcript is GOOD


def test_a_control_that_failed_is_the_reason() -> None:
    found = decide(NEW.played(FAILED), replace(FAILED), INQUIRED)
    assert (found.verdict, found.reason) == (
        Verdict.NOT_APPLICABLE,
        "its control a.control did not pass (FAIL)",
    )


def test_a_control_that_failed_is_kept_with_what_it_left_unjudged() -> None:
    found = decide(NEW.played(FAILED), FAILED, INQUIRED)
    assert found.failed_control is FAILED
    # Nor is it lost where another control stands between.
    assert decide(NEW.played(FAILED), found, INQUIRED).failed_control is FAILED


def test_a_control_that_could_not_be_judged_itself_did_not_fail() -> None:
    control = replace(PASSED, verdict=Verdict.NOT_APPLICABLE)
    assert decide(NEW.played(PASSED), control, INQUIRED).failed_control is None


def test_the_last_play_counts() -> None:
    assert decide(NEW.played(FAILED).played(PASSED), PASSED, INQUIRED) is PASSED


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (LOST, "not judged: the target ended with 7 in the run and did not come back"),
        (
            replace(LOST, cause="plain/a.c"),
            "not judged: the target ended with 7 in the run and did not come back, of plain/a.c",
        ),
        (
            replace(LOST, under_way=tuple("abcdefg")),
            (
                "not judged: the target ended with 7 in the run and did not come back, "
                "while we played a, b, c, d, e and 2 more"
            ),
        ),
    ],
)
def test_what_a_lost_target_leaves_unjudged_says_why(state: TargetState, reason: str) -> None:
    found = decide(NEW.played(FAILED), PASSED, state)
    assert (found.verdict, found.reason) == (Verdict.ERROR, reason)


def test_what_a_target_that_crashes_of_everything_leaves_unjudged_says_why() -> None:
    found = decide(replace(NEW, suspected=True).played(FAILED), PASSED, EXHAUSTED)
    assert found.verdict is Verdict.ERROR
    assert found.reason.startswith("not judged: the target had crashed or hung on 8 scenarios, and this one")


def test_what_the_target_does_not_offer_is_decided_when_it_begins() -> None:
    case = begin(PAIR, scenario("a.b", needs=frozenset({Need.TLS})))
    assert next_step(case, None, RUNNING) is Step.DECIDED
    assert decide(case, None, RUNNING).verdict is Verdict.NOT_APPLICABLE


def test_what_is_cut_in_different_ways_by_a_target_that_cuts_by_chance_is_not_judged() -> None:
    other = replace(CUT, observed="The server began something else.")
    found = decide(cut(7).played(other), PASSED, CUTS)
    assert found.verdict is Verdict.ERROR
    assert found.reason.startswith("not judged: the target cuts answers short by chance")
    assert decide(cut(8), PASSED, CUTS).verdict is Verdict.FAIL
    assert decide(cut(2).played(other), PASSED, INQUIRED).verdict is Verdict.FAIL
