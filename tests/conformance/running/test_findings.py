"""What a finding rests on: an answer that was cut short is told from one that is merely wrong."""

import pytest

from clients.transcript import Ending, Event, Transcript
from conformance.judging.outcomes import answers, in_turn
from conformance.running.findings import is_cut, judged
from conformance.running.pairs import Pair
from tests.conformance.builders import (
    BAD_REQUEST,
    CONNECTED,
    FOLLOWED_UP,
    GET,
    HALF,
    OK,
    received,
    scenario,
    sent,
    target,
)

UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\nwhole, or not"


@pytest.mark.parametrize(
    ("events", "ending", "expected"),
    [
        pytest.param((received(BAD_REQUEST),), Ending.FIN, False, id="a whole answer"),
        pytest.param((received(HALF),), Ending.FIN, True, id="half an answer"),
        pytest.param((received(OK[:20]),), Ending.RESET, True, id="half a head"),
        pytest.param((), Ending.RESET, True, id="no answer"),
        pytest.param((received(UNTIL_CLOSE),), Ending.FIN, True, id="only the close says that it is whole"),
        pytest.param((received(OK), FOLLOWED_UP), Ending.FIN, True, id="no answer to the follow-up"),
        pytest.param((received(OK), FOLLOWED_UP, received(OK)), Ending.FIN, False, id="all answered"),
        pytest.param((received(HALF),), Ending.SILENCE, False, id="a stall"),
    ],
)
def test_what_is_cut_short_has_ended_before_all_was_answered(
    events: tuple[Event, ...], ending: Ending, expected: bool
) -> None:
    pair = Pair(target(), scenario("a.b"))
    transcript = Transcript((CONNECTED, sent(GET), *events), ending)
    assert is_cut(judged(pair, scenario("a.b"), transcript)) is expected


def test_an_answer_too_few_is_cut_short() -> None:
    two = scenario("a.b", accept=in_turn(answers(200), answers(200)))
    transcript = Transcript((CONNECTED, sent(GET + GET), received(OK)), Ending.FIN)
    assert is_cut(judged(Pair(target(), two), two, transcript))
