"""Outcomes over several responses: surplus ones, the follow-up's own, and ones cut off or missing."""

import pytest

from clients.transcript import Ending
from conformance.judging.observation import Observation
from conformance.judging.outcomes import Outcome, Truth, answers, in_turn, stays_open
from conformance.judging.witness_outcomes import sees, sees_argument
from tests.conformance.builders import BAD_REQUEST, GARBAGE, HALF, HANG_UP, OK, SILENCE, echo, said

FOLLOWED = echo(target="/echo?follow-up")
SMUGGLED = echo(target="/smuggled")
TWO = in_turn(answers(200), answers(200))


@pytest.mark.parametrize(
    ("seen", "holds"),
    [
        pytest.param(said(OK + OK), True, id="two, and closed"),
        pytest.param(said(OK + OK, OK), True, id="two, and the follow-up's"),
        pytest.param(said(OK), False, id="one"),
        pytest.param(said(OK + OK + OK), False, id="three"),
        pytest.param(said(OK + OK, OK + OK), False, id="two to the follow-up"),
        pytest.param(said(OK + OK + HALF), False, id="two and a half"),
        pytest.param(said(OK + OK + b"\x00garbage"), False, id="two and garbage"),
    ],
)
def test_in_turn_means_as_many_answers_as_requests(seen: Observation, holds: bool) -> None:
    assert TWO.holds(seen) is holds


@pytest.mark.parametrize(
    ("seen", "excused"),
    [
        pytest.param(said(OK + HALF), True, id="cut off within the second answer"),
        pytest.param(said(OK + b"HTTP/1.1 2"), True, id="cut off within its head"),
        pytest.param(said(OK + b"\x00garbage"), False, id="garbage instead"),
    ],
)
def test_a_close_does_not_excuse_garbage(seen: Observation, excused: bool) -> None:
    assert TWO.excuse(seen) is excused


@pytest.mark.parametrize(
    ("seen", "holds"),
    [
        pytest.param(said(OK, OK), True, id="any answer, without a witness"),
        pytest.param(said(OK, FOLLOWED, witness=True), True, id="the follow-up's"),
        pytest.param(said(OK, SMUGGLED + FOLLOWED, witness=True), True, id="the follow-up's among others"),
        pytest.param(said(OK, SMUGGLED, witness=True), False, id="another request's"),
        pytest.param(said(OK, echo(), witness=True), None, id="an unknown request's"),
        pytest.param(said(OK, echo() + FOLLOWED, witness=True), True, id="the follow-up's after an unknown"),
        pytest.param(said(OK, BAD_REQUEST, witness=True), False, id="a refusal"),
        pytest.param(said(OK), False, id="none"),
        pytest.param(said(OK, b""), False, id="nothing after the follow-up"),
    ],
)
def test_a_connection_is_open_if_the_follow_up_is_answered(seen: Observation, holds: Truth) -> None:
    assert stays_open.holds(seen) is holds


@pytest.mark.parametrize("outcome", [sees(method=b"GET"), sees_argument("a", "1")])
@pytest.mark.parametrize(
    ("seen", "truth"),
    [
        pytest.param(SILENCE, False, id="silence"),
        pytest.param(HANG_UP, None, id="a hang-up"),
        pytest.param(GARBAGE, None, id="garbage"),
        pytest.param(said(OK), None, id="an answer"),
        pytest.param(said(OK, ending=Ending.SILENCE), None, id="an answer, then silence"),
    ],
)
def test_silence_needs_no_witness(outcome: Outcome, seen: Observation, truth: bool | None) -> None:
    assert outcome.holds(seen) is truth
