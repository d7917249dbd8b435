"""The gate: what the counts of a run mean as an exit code."""

from typing import Any

import pytest

from conformance.clauses import Level
from conformance.gate import Exit, Gate, exit_code
from conformance.judging.model import Verdict

PASS, WARN, INFO = {Verdict.PASS: 9}, {Verdict.WARN: 1}, {Verdict.INFO: 1}
FAIL, NOT_APPLICABLE, ERROR = {Verdict.FAIL: 1}, {Verdict.NOT_APPLICABLE: 1}, {Verdict.ERROR: 1}

ROWS = [
    # What was found decides.
    pytest.param(PASS, {}, Exit.CONFORMING, id="pass"),
    pytest.param(WARN, {}, Exit.CONFORMING, id="warn"),
    pytest.param(INFO, {}, Exit.CONFORMING, id="info"),
    pytest.param(PASS | WARN | INFO | NOT_APPLICABLE, {}, Exit.CONFORMING, id="all that opens the gate"),
    pytest.param(FAIL, {}, Exit.FAILURES, id="fail"),
    pytest.param(PASS | FAIL, {}, Exit.FAILURES, id="fail among passes"),
    pytest.param(NOT_APPLICABLE, {}, Exit.NOTHING_VERIFIED, id="not applicable"),
    pytest.param({}, {}, Exit.NOTHING_VERIFIED, id="nothing"),
    pytest.param({Verdict.PASS: 0, Verdict.FAIL: 0}, {}, Exit.NOTHING_VERIFIED, id="counts of zero"),
    pytest.param(ERROR, {}, Exit.UNTESTABLE, id="error"),
    pytest.param(PASS | ERROR, {}, Exit.UNTESTABLE, id="error among passes"),
    # A failure is told even of a target that could not be tested to the end.
    pytest.param(FAIL | ERROR, {}, Exit.FAILURES, id="fail and error"),
    pytest.param(FAIL, {"alive": False}, Exit.FAILURES, id="fail and dead"),
    # What is asked for closes it, too.
    pytest.param(PASS | WARN, {"gate": Gate(Level.SHOULD)}, Exit.FAILURES, id="warn where should is asked"),
    pytest.param(PASS | INFO, {"gate": Gate(Level.SHOULD)}, Exit.CONFORMING, id="info where should is asked"),
    pytest.param(PASS | INFO, {"gate": Gate(Level.MAY)}, Exit.FAILURES, id="info where may is asked"),
    pytest.param(ERROR, {"gate": Gate(Level.MAY)}, Exit.UNTESTABLE, id="error where may is asked"),
    # What is known does not; but the baseline has to be right.
    pytest.param(PASS | FAIL, {"excused": 1}, Exit.CONFORMING, id="known fail"),
    pytest.param(PASS | {Verdict.FAIL: 2}, {"excused": 1}, Exit.FAILURES, id="known fail and a new one"),
    pytest.param(FAIL | ERROR, {"excused": 1}, Exit.UNTESTABLE, id="known fail and error"),
    pytest.param(FAIL, {"excused": 1, "alive": False}, Exit.UNTESTABLE, id="known fail and dead"),
    pytest.param(PASS, {"baseline_holds": False}, Exit.FAILURES, id="wrong baseline"),
    pytest.param(NOT_APPLICABLE, {"baseline_holds": False}, Exit.FAILURES, id="wrong baseline and nothing"),
    pytest.param(
        FAIL,
        {"excused": 1, "baseline_holds": False, "interrupted": True},
        Exit.INTERRUPTED,
        id="cut off",
    ),
    pytest.param(ERROR, {"baseline_holds": False, "own_errors": 1}, Exit.OWN_ERROR, id="wrong and own error"),
    # A target that did not live through the run is not called conforming.
    pytest.param(PASS, {"alive": False}, Exit.UNTESTABLE, id="pass and dead"),
    pytest.param({}, {"alive": False}, Exit.UNTESTABLE, id="nothing and dead"),
    # Our own error puts all else in doubt.
    pytest.param(ERROR, {"own_errors": 1}, Exit.OWN_ERROR, id="own error"),
    pytest.param(PASS | ERROR, {"own_errors": 1}, Exit.OWN_ERROR, id="pass and own error"),
    pytest.param(FAIL | ERROR, {"own_errors": 1}, Exit.OWN_ERROR, id="fail and own error"),
    pytest.param(PASS, {"own_errors": 2, "alive": False}, Exit.OWN_ERROR, id="own error and dead"),
    # Whoever interrupts a run knows that it is not whole.
    pytest.param(PASS, {"interrupted": True}, Exit.INTERRUPTED, id="interrupted"),
    pytest.param({}, {"interrupted": True}, Exit.INTERRUPTED, id="interrupted before anything"),
    pytest.param(FAIL, {"interrupted": True}, Exit.INTERRUPTED, id="interrupted with a fail"),
    pytest.param(
        ERROR, {"interrupted": True, "own_errors": 1}, Exit.INTERRUPTED, id="interrupted, own error"
    ),
    pytest.param(PASS, {"interrupted": True, "alive": False}, Exit.INTERRUPTED, id="interrupted and dead"),
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
