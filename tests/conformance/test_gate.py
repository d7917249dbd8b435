"""The gate: the exit code of a run, from its counts and from what else happened."""

from typing import Any

import pytest

from conformance.gate import WORST_EXIT_FIRST, Exit, Gate, Strictness, exit_code
from conformance.judging.model import Verdict

PASS, WARN, INFO = {Verdict.PASS: 9}, {Verdict.WARN: 1}, {Verdict.INFO: 1}
RISK = {Verdict.RISK: 1}
FAIL, NOT_APPLICABLE, ERROR = {Verdict.FAIL: 1}, {Verdict.NOT_APPLICABLE: 1}, {Verdict.ERROR: 1}

ROWS = [
    # The verdicts decide.
    pytest.param(PASS, {}, Exit.CONFORMING, id="pass"),
    pytest.param(WARN, {}, Exit.CONFORMING, id="warn"),
    pytest.param(INFO, {}, Exit.CONFORMING, id="info"),
    pytest.param(PASS | WARN | INFO | NOT_APPLICABLE, {}, Exit.CONFORMING, id="all but fail and error"),
    pytest.param(FAIL, {}, Exit.FAILURES, id="fail"),
    pytest.param(PASS | FAIL, {}, Exit.FAILURES, id="fail among passes"),
    pytest.param(NOT_APPLICABLE, {}, Exit.NOTHING_VERIFIED, id="not applicable"),
    pytest.param({}, {}, Exit.NOTHING_VERIFIED, id="nothing"),
    pytest.param({Verdict.PASS: 0, Verdict.FAIL: 0}, {}, Exit.NOTHING_VERIFIED, id="counts of zero"),
    pytest.param(ERROR, {}, Exit.UNTESTABLE, id="error"),
    pytest.param(PASS | ERROR, {}, Exit.UNTESTABLE, id="error among passes"),
    # A failure counts even if the target could not be tested to the end.
    pytest.param(FAIL | ERROR, {}, Exit.FAILURES, id="fail and error"),
    pytest.param(FAIL, {"alive": False}, Exit.FAILURES, id="fail and down"),
    # So do those that a stricter gate asks for.
    pytest.param(PASS | WARN, {"gate": Gate(Strictness.SHOULD)}, Exit.FAILURES, id="warn with --gate should"),
    pytest.param(PASS | RISK, {}, Exit.FAILURES, id="risk"),
    pytest.param(PASS | RISK, {"gate": Gate(Strictness.MUST)}, Exit.CONFORMING, id="risk with --gate must"),
    pytest.param(PASS | RISK, {"gate": Gate(Strictness.SHOULD)}, Exit.FAILURES, id="risk with --gate should"),
    pytest.param(RISK, {"excused": 1}, Exit.CONFORMING, id="known risk"),
    pytest.param(PASS | WARN, {}, Exit.CONFORMING, id="warn"),
    pytest.param(
        PASS | INFO, {"gate": Gate(Strictness.SHOULD)}, Exit.CONFORMING, id="info with --gate should"
    ),
    pytest.param(PASS | INFO, {"gate": Gate(Strictness.MAY)}, Exit.FAILURES, id="info with --gate may"),
    pytest.param(ERROR, {"gate": Gate(Strictness.MAY)}, Exit.UNTESTABLE, id="error with --gate may"),
    # A known failure does not; but the baseline itself has to be right.
    pytest.param(PASS | FAIL, {"excused": 1}, Exit.CONFORMING, id="known fail"),
    pytest.param(PASS | {Verdict.FAIL: 2}, {"excused": 1}, Exit.FAILURES, id="known fail and a new one"),
    pytest.param(FAIL | ERROR, {"excused": 1}, Exit.UNTESTABLE, id="known fail and error"),
    pytest.param(FAIL, {"excused": 1, "alive": False}, Exit.UNTESTABLE, id="known fail and down"),
    pytest.param(PASS, {"baseline_holds": False}, Exit.FAILURES, id="wrong baseline"),
    pytest.param(NOT_APPLICABLE, {"baseline_holds": False}, Exit.FAILURES, id="wrong baseline and nothing"),
    pytest.param(
        FAIL,
        {"excused": 1, "baseline_holds": False, "interrupted": True},
        Exit.INTERRUPTED,
        id="cut off",
    ),
    pytest.param(ERROR, {"baseline_holds": False, "own_errors": 1}, Exit.OWN_ERROR, id="wrong and own error"),
    # A target that is down at the end, or crashed without a known cause, is not called conforming.
    pytest.param(PASS, {"alive": False}, Exit.UNTESTABLE, id="pass and down"),
    pytest.param({}, {"alive": False}, Exit.UNTESTABLE, id="nothing and down"),
    pytest.param(PASS, {"unexplained_crashes": 1}, Exit.UNTESTABLE, id="pass and an unexplained crash"),
    pytest.param(FAIL, {"unexplained_crashes": 1}, Exit.FAILURES, id="fail and an unexplained crash"),
    pytest.param(
        FAIL, {"excused": 1, "unexplained_crashes": 1}, Exit.UNTESTABLE, id="known fail, unexplained crash"
    ),
    # An error of our own puts everything else in doubt.
    pytest.param(ERROR, {"own_errors": 1}, Exit.OWN_ERROR, id="own error"),
    pytest.param(PASS | ERROR, {"own_errors": 1}, Exit.OWN_ERROR, id="pass and own error"),
    pytest.param(FAIL | ERROR, {"own_errors": 1}, Exit.OWN_ERROR, id="fail and own error"),
    pytest.param(PASS, {"own_errors": 2, "alive": False}, Exit.OWN_ERROR, id="own error and down"),
    # An interrupted run is incomplete, whatever it found.
    pytest.param(PASS, {"interrupted": True}, Exit.INTERRUPTED, id="interrupted"),
    pytest.param({}, {"interrupted": True}, Exit.INTERRUPTED, id="interrupted before anything"),
    pytest.param(FAIL, {"interrupted": True}, Exit.INTERRUPTED, id="interrupted with a fail"),
    pytest.param(
        ERROR, {"interrupted": True, "own_errors": 1}, Exit.INTERRUPTED, id="interrupted, own error"
    ),
    pytest.param(PASS, {"interrupted": True, "alive": False}, Exit.INTERRUPTED, id="interrupted and down"),
]


@pytest.mark.parametrize(("counts", "course", "expected"), ROWS)
def test_the_truth_table(counts: dict[Verdict, int], course: dict[str, Any], expected: Exit) -> None:
    assert exit_code(counts, **course) is expected


def test_the_codes_are_those_of_the_document() -> None:
    assert {code.name: code.value for code in Exit} == {
        "CONFORMING": 0,
        "FAILURES": 1,
        "INTERRUPTED": 2,
        "OWN_ERROR": 3,
        "USAGE": 4,
        "NOTHING_VERIFIED": 5,
        "UNTESTABLE": 6,
    }


def test_the_precedence_has_every_code_that_a_run_can_end_with() -> None:
    assert set(WORST_EXIT_FIRST) == set(Exit) - {Exit.USAGE}
    assert len(set(WORST_EXIT_FIRST)) == len(WORST_EXIT_FIRST)
