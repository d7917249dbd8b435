"""What a server may do instead of what it should: each outcome holds where it says, and nowhere else."""

import pytest

from clients.transcript import Ending
from conformance.judging.deviations import does_not_close, leaves_unanswered, out_of_step
from conformance.judging.observation import Observation
from tests.conformance.builders import (
    BAD_REQUEST,
    ENDINGS_BY_THE_SERVER,
    GARBAGE,
    HALF,
    HANG_UP,
    OK,
    OTHER_ENDINGS,
    SILENCE,
    echo,
    said,
)

FOLLOWED = echo(target="/echo?follow-up")


@pytest.mark.parametrize(
    ("seen", "holds"),
    [
        pytest.param(SILENCE, True, id="none of two"),
        pytest.param(said(OK, ending=Ending.SILENCE), True, id="one of two"),
        pytest.param(said(OK + OK, ending=Ending.SILENCE), False, id="both, and then silence"),
        pytest.param(said(OK, ending=Ending.FIN), False, id="one of two, and closed"),
        pytest.param(said(OK + HALF, ending=Ending.SILENCE), False, id="one and a half"),
        pytest.param(said(OK + b"\x00garbage", ending=Ending.SILENCE), False, id="one, and garbage"),
    ],
)
def test_a_request_is_left_unanswered_on_an_open_connection(seen: Observation, *, holds: bool) -> None:
    assert leaves_unanswered(2).holds(seen) is holds


def test_it_says_how_many_answers_are_missing() -> None:
    assert str(leaves_unanswered(1)) == "keeps the connection open without an answer"
    assert str(leaves_unanswered(2)) == "keeps the connection open without 2 answers"


@pytest.mark.parametrize(
    ("requests", "seen", "holds"),
    [
        pytest.param(1, said(OK), False, id="one of one"),
        pytest.param(1, said(OK, OK), False, id="one, and the follow-up's"),
        pytest.param(1, said(OK + BAD_REQUEST), True, id="two of one"),
        pytest.param(1, said(OK, OK + OK), True, id="two to the follow-up"),
        pytest.param(1, said(OK, BAD_REQUEST, witness=True), True, id="the follow-up misunderstood"),
        pytest.param(1, said(OK, FOLLOWED, witness=True), False, id="the follow-up understood"),
        pytest.param(2, said(OK + OK), False, id="two of two"),
        pytest.param(2, said(OK), False, id="one of two"),
        pytest.param(2, said(OK + OK + OK), True, id="three of two"),
        pytest.param(1, said(OK + b"hello"), False, id="one, and content where none may be"),
        pytest.param(1, GARBAGE, False, id="garbage alone"),
        pytest.param(1, HANG_UP, False, id="a hang-up"),
        pytest.param(1, SILENCE, False, id="silence"),
    ],
)
def test_what_is_not_a_request_is_answered(requests: int, seen: Observation, *, holds: bool) -> None:
    assert out_of_step(requests).holds(seen) is holds


@pytest.mark.parametrize("ending", ENDINGS_BY_THE_SERVER, ids=lambda ending: ending.name)
def test_an_end_by_the_server_is_a_close(ending: Ending) -> None:
    assert does_not_close.holds(said(OK, ending=ending)) is False


@pytest.mark.parametrize("ending", OTHER_ENDINGS, ids=lambda ending: ending.name)
def test_any_other_end_is_none(ending: Ending) -> None:
    assert does_not_close.holds(said(OK, ending=ending)) is True
