"""A transcript becomes an observation: the responses, which of them came later, and bytes that are none."""

import pytest

from clients.transcript import Ending, Event, Kind, Transcript
from conformance.judging.observation import Observation, methods_in, observe
from tests.conformance.builders import (
    BAD_REQUEST,
    CONTINUE,
    EVERY_ENDING,
    FOLLOWED_UP,
    GET,
    HALF,
    HANG_UP,
    OK,
    RESET_SENT,
    SILENCE,
    echo,
    observed,
    received,
    response,
    said,
    sent,
    transcript,
)

HEAD = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\nuntil the end"
ANNOUNCED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
NO_CONTENT = response(204)


def statuses(seen: Observation) -> tuple[list[int], list[int]]:
    return [answer.status for answer in seen.answers], [answer.status for answer in seen.later]


@pytest.mark.parametrize(
    ("before", "later", "expected"),
    [
        pytest.param(OK, None, ([200], []), id="no follow-up"),
        pytest.param(OK + BAD_REQUEST, None, ([200, 400], []), id="two answers, no follow-up"),
        pytest.param(OK, BAD_REQUEST, ([200], [400]), id="one on each side"),
        pytest.param(OK + OK, BAD_REQUEST, ([200, 200], [400]), id="two before"),
        pytest.param(OK, OK + BAD_REQUEST, ([200], [200, 400]), id="two after"),
        pytest.param(b"", OK, ([], [200]), id="none before"),
        pytest.param(OK, b"", ([200], []), id="none after"),
        pytest.param(OK + HALF[:30], HALF[30:] + b"x" * 95, ([200, 200], []), id="begun before"),
        pytest.param(OK, CONTINUE + OK, ([200], [200]), id="an interim response after"),
        pytest.param(OK + b"\r\n", OK, ([200], [200]), id="an empty line before"),
        pytest.param(OK + b"\r", b"\n" + OK, ([200], [200]), id="half an empty line before"),
        pytest.param(OK + b"\n\r\n", b"\r\n" + BAD_REQUEST, ([200], [400]), id="several empty lines"),
    ],
)
def test_answers_are_split_at_the_follow_up(
    before: bytes, later: bytes | None, expected: tuple[list[int], list[int]]
) -> None:
    assert statuses(said(before, later)) == expected


@pytest.mark.parametrize("size", range(1, len(OK + BAD_REQUEST)))
def test_pieces_make_no_difference(size: int) -> None:
    whole = OK + BAD_REQUEST
    pieces = [received(whole[start : start + size]) for start in range(0, len(whole), size)]
    assert statuses(observed(sent(GET), *pieces)) == ([200, 400], [])


@pytest.mark.parametrize(
    ("data", "interims", "finals"),
    [
        pytest.param(CONTINUE + OK, [100], [200], id="before the answer"),
        pytest.param(CONTINUE + response(103) + OK, [100, 103], [200], id="several"),
        pytest.param(OK + CONTINUE + OK, [], [200, 200], id="before the second answer only"),
        pytest.param(CONTINUE, [100], [], id="and no response"),
        pytest.param(CONTINUE + HALF, [100], [], id="and half a response"),
        pytest.param(CONTINUE + CONTINUE[:12], [100], [], id="and half of another"),
        pytest.param(response(101), [], [101], id="a switch of protocols is final"),
    ],
)
def test_interim_responses_are_those_before_the_first_answer(
    data: bytes, interims: list[int], finals: list[int]
) -> None:
    seen = said(data)
    assert [interim.status for interim in seen.interims] == interims
    assert [answer.status for answer in seen.answers] == finals


def test_an_unfinished_response_is_partial_and_not_an_answer() -> None:
    seen = said(OK + HALF)
    assert statuses(seen) == ([200], [])
    assert seen.partial is not None
    assert (seen.partial.status, seen.partial.content) == (200, b"half")
    assert seen.rest == b""


@pytest.mark.parametrize(
    ("data", "rest"),
    [
        pytest.param(OK, b"", id="nothing"),
        pytest.param(OK + b"\x00\xff", b"\x00\xff", id="after a response"),
        pytest.param(b"HTTP/1.1 200 OK\r\nDate", b"HTTP/1.1 200 OK\r\nDate", id="a head without an end"),
        pytest.param(b"hello\r\n\r\n", b"hello\r\n\r\n", id="no status line"),
        pytest.param(response(101) + b"\x81\x00", b"\x81\x00", id="another protocol"),
    ],
)
def test_the_rest_does_not_belong_to_any_response(data: bytes, rest: bytes) -> None:
    seen = said(data)
    assert seen.rest == rest
    assert seen.partial is None


@pytest.mark.parametrize(
    ("requests", "data", "contents"),
    [
        pytest.param(HEAD + GET, ANNOUNCED + OK, [b"", b"ok"], id="HEAD first"),
        pytest.param(GET + HEAD, OK + ANNOUNCED, [b"ok", b""], id="HEAD second"),
        pytest.param(HEAD + HEAD + GET, ANNOUNCED * 2 + OK, [b"", b"", b"ok"], id="HEAD twice"),
        pytest.param(HEAD + GET, CONTINUE + ANNOUNCED + OK, [b"", b"ok"], id="an interim response first"),
        pytest.param(GET + GET, NO_CONTENT + OK, [b"", b"ok"], id="204 first"),
        pytest.param(GET + GET, response(304) + OK, [b"", b"ok"], id="304 first"),
        pytest.param(b"", OK, [b"ok"], id="no known request"),
    ],
)
def test_methods_and_statuses_delimit_the_answers(
    requests: bytes, data: bytes, contents: list[bytes]
) -> None:
    seen = observed(sent(requests), received(data))
    assert [answer.content for answer in seen.answers] == contents


def test_the_answer_to_the_follow_up_is_one_to_a_get() -> None:
    seen = observed(sent(HEAD), received(ANNOUNCED), FOLLOWED_UP, received(OK))
    assert [answer.content for answer in seen.later] == [b"ok"]


@pytest.mark.parametrize("ending", EVERY_ENDING)
def test_only_an_orderly_end_completes_a_response_without_length(ending: Ending) -> None:
    seen = said(TO_THE_END, ending=ending)
    if ending in (Ending.FIN, Ending.CLOSE_NOTIFY):
        assert [answer.content for answer in seen.answers] == [b"until the end"]
        assert seen.partial is None
    else:
        assert seen.answers == ()
        assert seen.partial is not None


def test_only_the_last_connection_counts() -> None:
    seen = observed(
        sent(HEAD),
        received(BAD_REQUEST),
        RESET_SENT,
        Event(0.3, Kind.CONNECTED),
        sent(GET),
        received(OK),
        FOLLOWED_UP,
        received(OK),
    )
    assert statuses(seen) == ([200], [200])
    assert seen.answers[0].content == b"ok"


def test_earlier_connections_do_not_count() -> None:
    seen = observed(sent(GET), received(OK), RESET_SENT, Event(0.3, Kind.CONNECTED), sent(GET))
    assert seen.silent
    assert seen.answer is None


def test_a_conversation_without_a_connection_is_silent() -> None:
    seen = observe(Transcript((), Ending.REFUSED), filled={})
    assert seen.silent
    assert seen.answers == seen.later == seen.interims == ()


@pytest.mark.parametrize("seen", [SILENCE, HANG_UP], ids=["silence", "hang-up"])
def test_a_conversation_without_a_byte_is_silent(seen: Observation) -> None:
    assert seen.silent


@pytest.mark.parametrize("data", [OK, HALF, CONTINUE, b"x"], ids=["answer", "half", "interim", "garbage"])
def test_a_conversation_with_any_byte_is_not_silent(data: bytes) -> None:
    assert not said(data).silent
    assert not said(b"", data).silent


def test_at_begins_with_a_later_answer() -> None:
    seen = said(echo(target="/1") + echo(target="/2") + OK, witness=True)
    assert seen.echo is not None
    assert seen.echo.octets("target") == b"/1"
    second = seen.at(1)
    assert second.echo is not None
    assert second.echo.octets("target") == b"/2"
    assert second.answer is seen.answers[1]
    assert seen.at(2).echo is None
    assert seen.at(3).answer is None


def test_placeholders_are_filled_as_in_the_bytes_sent() -> None:
    seen = observed(filled={b"<host>": b"a:1", b"<witness>": b"/w/echo"})
    assert seen.fill(b"<witness>?n=1 at <host>, <host> <other>") == b"/w/echo?n=1 at a:1, a:1 <other>"


@pytest.mark.parametrize(
    ("data", "methods"),
    [
        pytest.param(b"", (), id="nothing"),
        pytest.param(GET + HEAD, (b"GET", b"HEAD"), id="two requests"),
        pytest.param(b"GET / HTTP/1.1\nHost: a\n\n", (b"GET",), id="lines that end in LF"),
        pytest.param(b"M-SEARCH * HTTP/1.0\r\n", (b"M-SEARCH",), id="a method of its own"),
        pytest.param(b"get / HTTP/9.9\r\n", (b"get",), id="as it is spelled"),
        pytest.param(b"GET  / HTTP/1.1\r\n", (), id="two spaces"),
        pytest.param(b"GET /\r\n", (), id="no version"),
        pytest.param(b"X: GET / HTTP/1.1\r\n", (), id="not at the beginning of a line"),
        pytest.param(b"GET / HTTP/1.1 \r\n", (), id="not to the end of the line"),
        pytest.param(b"\r\nGET / HTTP/1.1\r\n", (b"GET",), id="an empty line first"),
    ],
)
def test_methods_are_read_from_request_lines(data: bytes, methods: tuple[bytes, ...]) -> None:
    assert methods_in(data) == methods


def test_an_observation_knows_what_the_target_offers() -> None:
    seen = observe(transcript(sent(GET)), filled={b"<a>": b"b"}, witness=True, forms=True)
    assert (seen.witness, seen.forms, seen.filled) == (True, True, {b"<a>": b"b"})
    bare = observe(transcript(sent(GET)), filled={})
    assert (bare.witness, bare.forms) == (False, False)
