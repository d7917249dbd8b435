"""The limit of a target on requests: which answers are its own, what is waited for, and how long."""

from email.utils import formatdate

import pytest

from clients.reader import read_responses
from clients.transcript import Transcript
from conformance.targets.limit import Limit, limits, wait_in
from conformance.targets.target import locate
from tests.conformance.builders import GET, OK, received, response, sent, transcript
from tests.conformance.scripted_server import always, serving, then_close

NOW = 1_000_000.0
TOO_MANY = response(429, b"no", b"Retry-After: 0")
LATER = response(429, b"no", b"Retry-After: 6")


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        pytest.param(OK, None, id="served"),
        pytest.param(response(429), 1.0, id="429 without a time"),
        pytest.param(response(429, b"", b"Retry-After: 7"), 7.0, id="429 with a time"),
        pytest.param(response(503, b"", b"Retry-After: 7"), 7.0, id="503 with a time"),
        pytest.param(response(503), None, id="503 without a time"),
        pytest.param(response(301, b"", b"Retry-After: 7"), None, id="another status with a time"),
        pytest.param(response(429, b"", b"Retry-After: soon"), 1.0, id="not a time"),
        pytest.param(response(429, b"", b"Retry-After: -1"), 1.0, id="below zero"),
        pytest.param(
            response(429, b"", b"Retry-After: " + formatdate(NOW + 9, usegmt=True).encode()), 9.0, id="a date"
        ),
        pytest.param(
            response(429, b"", b"Retry-After: " + formatdate(NOW - 9, usegmt=True).encode()), 0.0, id="over"
        ),
    ],
)
def test_what_an_answer_asks_to_wait(data: bytes, seconds: float | None) -> None:
    assert wait_in(read_responses(data, (b"GET",), ended=True).finals, NOW) == seconds


def said(data: bytes) -> Transcript:
    return transcript(sent(GET), received(data))


def test_any_answer_of_a_conversation_may_be_that_of_a_limit() -> None:
    assert limits(transcript(sent(GET + GET), received(OK + TOO_MANY)))
    assert not limits(said(OK))
    assert not limits(said(response(200, b"HTTP/1.1 429 Too Many Requests\r\n\r\n")))


def test_what_a_plain_get_meets_too_is_waited_for() -> None:
    with serving(then_close(TOO_MANY), then_close(TOO_MANY), always(OK)) as server:
        limit = Limit(locate(server.url))
        assert limit.obey(said(TOO_MANY), "a")
        assert server.connections == 3
    assert (limit.is_met, limit.is_exhausted) == (True, False)


def test_what_one_topic_alone_meets_is_its_own_and_what_three_meet_is_the_limit() -> None:
    with serving(always(OK)) as server:
        limit = Limit(locate(server.url))
        assert not limit.obey(said(TOO_MANY), "a")
        assert not limit.obey(said(TOO_MANY), "a")
        assert not limit.obey(said(TOO_MANY), "b")
        assert not limit.is_met
        assert limit.obey(said(TOO_MANY), "c")
    assert limit.is_met


def test_a_longer_wait_than_is_left_is_not_obeyed() -> None:
    with serving(always(LATER)) as server:
        limit = Limit(locate(server.url), left=5.0)
        assert not limit.obey(said(LATER), "a")
        assert limit.is_exhausted
        assert limit.left == 5.0


def test_waits_of_nothing_have_an_end() -> None:
    with serving(always(TOO_MANY)) as server:
        limit = Limit(locate(server.url), left=0.5)
        assert not limit.obey(said(TOO_MANY), "a")
    assert limit.is_exhausted


def test_a_plain_get_of_our_own_needs_no_second_one() -> None:
    with serving(always(OK)) as server:
        assert Limit(locate(server.url)).obey(said(TOO_MANY))
        assert not Limit(locate(server.url)).obey(said(OK))
