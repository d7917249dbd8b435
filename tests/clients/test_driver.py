"""The driver over TCP: endings, responses, the follow-up, and all steps except those of TLS."""

import errno
import math
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from clients.channel import System
from clients.conversation import Conversation, Patience
from clients.driver import play
from clients.endpoint import Endpoint
from clients.limits import Limits
from clients.steps import ASIDE, CLOSE_NOTIFY, HALF_CLOSE, PAUSE, Await, Handshake
from clients.transcript import Ending, Kind, Transcript
from clients.waits import Wait, Waits

Serve = Callable[..., Endpoint]
Received = Callable[[], list[bytes]]

# The first where an event ends each wait, the second where silence is the finding.
PATIENT = Patience(quiet=5, silence=10, whole=20)
HASTY = Patience(quiet=0.05, silence=0.3, whole=2)

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
FOLLOW_UP = b"GET /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def kinds(transcript: Transcript) -> list[Kind]:
    """The kinds of events in order; bytes that came in several pieces count once."""
    happened = [event.kind for event in transcript.events]
    return [kind for kind, before in zip(happened, [None, *happened], strict=False) if kind is not before]


def conversation(*steps: bytes | Await, answers: int = 1, follow_up: bytes = b"") -> Conversation:
    """By default, one plain request."""
    return Conversation(steps or (REQUEST,), answers=answers, follow_up=follow_up)


# The endings


@pytest.mark.parametrize(
    ("script", "ending"),
    [
        pytest.param(("request", LAST), Ending.FIN, id="response-and-fin"),
        pytest.param(("request",), Ending.FIN, id="fin-without-response"),
        pytest.param(("request", LAST, "finish", "end"), Ending.FIN, id="fin-of-one-side"),
        pytest.param(("request", OK[:-1]), Ending.FIN, id="fin-within-a-response"),
        pytest.param(("request", "reset"), Ending.RESET, id="reset-without-response"),
        pytest.param(("request", LAST, "reset"), Ending.RESET, id="response-and-reset"),
        pytest.param((5, "reset"), Ending.RESET, id="reset-within-a-request"),
    ],
)
def test_an_end_by_the_server_is_reported(serve: Serve, script: tuple[bytes | str], ending: Ending) -> None:
    transcript = play(serve(script), conversation(), PATIENT)
    assert (transcript.ending, transcript.note) == (ending, "")
    assert transcript.received == b"".join(action for action in script if isinstance(action, bytes))
    assert transcript.events[-1].kind is Kind.ENDED


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(("end",), id="no-response"),
        pytest.param((CONTINUE, "end"), id="only-an-interim-response"),
        pytest.param((OK[:-1], "end"), id="half-a-response"),
        pytest.param((b"noise", "end"), id="noise"),
        pytest.param((b"HTTP/1.1 200 OK\r\n\r\nto the end", "end"), id="a-close-that-never-comes"),
    ],
)
def test_a_server_that_neither_answers_nor_closes_is_silent(serve: Serve, script: tuple[bytes | str]) -> None:
    transcript = play(serve(script), conversation(follow_up=FOLLOW_UP), HASTY)
    assert transcript.ending is Ending.SILENCE
    assert Kind.FOLLOWED_UP not in kinds(transcript)


def test_a_server_that_answers_is_left_at_once_without_a_follow_up(serve: Serve) -> None:
    transcript = play(serve(("request", OK, "end")), conversation(), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.LEFT, OK)


def test_a_server_that_announces_a_close_and_stays_is_silent(serve: Serve) -> None:
    transcript = play(serve(("request", LAST, "end")), conversation(), HASTY)
    assert (transcript.ending, transcript.received) == (Ending.SILENCE, LAST)


def test_a_port_without_a_server_refuses(closed_port: Endpoint) -> None:
    transcript = play(closed_port, conversation(), PATIENT)
    assert (transcript.ending, transcript.note) == (Ending.REFUSED, "Connection refused")
    assert kinds(transcript) == [Kind.ENDED]


def test_a_connection_that_is_reset_as_soon_as_it_is_accepted_is_a_reset() -> None:
    def reset(*_: object) -> Waits[socket.socket]:
        yield Wait(0)
        raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")

    transcript = play(Endpoint("127.0.0.1", 1), conversation(), PATIENT, system=System(connect=reset))
    assert transcript.ending is Ending.RESET


def test_more_bytes_than_the_limit_are_a_flood(serve: Serve) -> None:
    endpoint = serve(("request", b"x" * 100, "end"))
    transcript = play(endpoint, conversation(), PATIENT, limits=Limits(received=99))
    assert (transcript.ending, len(transcript.received)) == (Ending.FLOOD, 100)


def test_as_many_bytes_as_the_limit_are_not_a_flood(serve: Serve) -> None:
    limits = Limits(received=len(LAST))
    transcript = play(serve(("request", LAST)), conversation(), PATIENT, limits=limits)
    assert transcript.ending is Ending.FIN


def test_a_server_that_drips_is_left_when_the_whole_time_is_over(serve: Serve) -> None:
    transcript = play(serve(("request", "drip")), conversation(), Patience(quiet=5, silence=10, whole=0.3))
    assert transcript.ending is Ending.SILENCE
    assert transcript.received


def test_no_connection_is_made_when_the_whole_time_is_over(serve: Serve) -> None:
    patience = Patience(quiet=5, silence=10, whole=0.2)
    transcript = play(serve(("request", "drip")), Conversation((REQUEST, PAUSE, ASIDE, REQUEST)), patience)
    assert (transcript.ending, transcript.note) == (Ending.REFUSED, "timed out")
    assert kinds(transcript).count(Kind.CONNECTED) == 1


def test_time_in_which_the_machine_stood_still_is_not_silence(serve: Serve) -> None:
    leaps = count(step=1000.0)
    system = System(clock=lambda: next(leaps))
    patience = Patience(quiet=5, silence=10, whole=math.inf)
    transcript = play(serve(("request", LAST)), conversation(), patience, system=system)
    assert (transcript.received, transcript.ending) == (LAST, Ending.FIN)


def test_a_conversation_that_is_called_off_is_left(serve: Serve) -> None:
    called_off = threading.Event()
    transcript = play(serve(("request", called_off, "end")), conversation(), PATIENT, called_off)
    assert (transcript.ending, transcript.note) == (Ending.LEFT, "called off")


def test_a_response_without_room_is_a_flood_and_its_beginning_is_kept(serve: Serve) -> None:
    endpoint = serve(("request", b"HTTP/1.1 200 OK\r\n" + b"x" * 100, "end"))
    small = replace(conversation(), room=99)
    transcript = play(endpoint, small, PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FLOOD, b"HTTP/1.1 200 OK\r\n" + b"x" * 100)


def test_responses_without_end_are_a_flood(serve: Serve) -> None:
    endpoint = serve(("request", CONTINUE * 9, "end"))
    transcript = play(endpoint, conversation(), PATIENT, limits=Limits(responses=3))
    assert transcript.ending is Ending.FLOOD


# Responses


def test_the_driver_waits_for_all_wanted_responses(serve: Serve, received: Received) -> None:
    endpoint = serve((len(REQUEST), OK, len(REQUEST), LAST))
    transcript = play(endpoint, conversation(REQUEST, REQUEST, answers=2), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, OK + LAST)
    assert received() == [REQUEST + REQUEST]


def test_neighbouring_writes_are_one(serve: Serve) -> None:
    transcript = play(serve((2 * len(REQUEST), OK)), conversation(REQUEST, REQUEST), PATIENT)
    assert [event.data for event in transcript.events if event.kind is Kind.SENT] == [REQUEST + REQUEST]


def test_an_interim_response_does_not_count_as_wanted(serve: Serve) -> None:
    transcript = play(serve(("request", CONTINUE, OK)), conversation(follow_up=FOLLOW_UP), PATIENT)
    assert transcript.received == CONTINUE + OK


@pytest.mark.parametrize("methods", [(b"HEAD", b"GET"), (b"GET", b"HEAD")], ids=["head-first", "head-last"])
def test_the_methods_delimit_the_responses(serve: Serve, methods: tuple[bytes, ...]) -> None:
    responses = [OK.removesuffix(b"OK") if method == b"HEAD" else OK for method in methods]
    steps = (REQUEST, Await.RESPONSE, REQUEST)
    two = Conversation(steps, methods, answers=2, follow_up=FOLLOW_UP)
    endpoint = serve(("request", responses[0], "request", responses[1], "request", LAST))
    transcript = play(endpoint, two, PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, b"".join(responses) + LAST)
    assert transcript.received_before_follow_up == len(b"".join(responses))


def test_a_response_in_single_bytes_is_a_response(serve: Serve) -> None:
    pieces = [bytes([byte]) for byte in OK]
    transcript = play(serve(("request", pieces, "request", LAST)), conversation(follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, OK + LAST)


def test_without_a_wanted_response_the_driver_waits_for_the_end(serve: Serve) -> None:
    transcript = play(serve(("request", OK, "finish", "end")), conversation(answers=0), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, OK)


# The follow-up


def test_a_follow_up_that_is_answered_proves_the_connection_open(serve: Serve, received: Received) -> None:
    transcript = play(serve(("request", OK, "request", LAST)), conversation(follow_up=FOLLOW_UP), PATIENT)
    assert kinds(transcript) == [
        Kind.CONNECTED,
        Kind.SENT,
        Kind.RECEIVED,
        Kind.FOLLOWED_UP,
        Kind.RECEIVED,
        Kind.ENDED,
    ]
    assert (transcript.ending, transcript.received_before_follow_up) == (Ending.FIN, len(OK))
    assert received() == [REQUEST + FOLLOW_UP]


def test_a_server_that_stays_open_after_the_follow_up_is_left(serve: Serve) -> None:
    patience = Patience(quiet=0.05, silence=10, whole=20)
    transcript = play(
        serve(("request", OK, "request", LAST, "end")), conversation(follow_up=FOLLOW_UP), patience
    )
    assert (transcript.ending, transcript.received) == (Ending.LEFT, OK + LAST)


def test_a_follow_up_that_is_answered_twice_shows_both_answers(serve: Serve) -> None:
    transcript = play(serve(("request", OK, "request", OK, LAST)), conversation(follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, OK + OK + LAST)
    assert transcript.received_before_follow_up == len(OK)


@pytest.mark.parametrize(
    "response",
    [
        pytest.param((), id="nothing"),
        pytest.param((b"noise",), id="noise"),
        pytest.param((CONTINUE,), id="an-interim-response"),
    ],
)
def test_a_follow_up_without_a_response_is_silence(serve: Serve, response: tuple[bytes, ...]) -> None:
    endpoint = serve(("request", OK, "request", *response, "end"))
    transcript = play(endpoint, conversation(follow_up=FOLLOW_UP), HASTY)
    assert transcript.ending is Ending.SILENCE
    assert transcript.received_before_follow_up == len(OK)


def test_a_close_instead_of_a_response_to_the_follow_up_is_a_close(serve: Serve) -> None:
    transcript = play(serve(("request", OK, "request")), conversation(follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, OK)


@pytest.mark.parametrize(
    "answer",
    [LAST, b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nto the end"],
    ids=["connection-close", "http-1.0", "close-delimited"],
)
def test_no_follow_up_is_sent_when_the_response_announces_the_close(
    serve: Serve, received: Received, answer: bytes
) -> None:
    transcript = play(serve(("request", answer, "finish", "end")), conversation(follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received_before_follow_up) == (Ending.FIN, None)
    assert received() == [REQUEST]


def test_an_announced_close_that_does_not_come_is_followed_up(serve: Serve, received: Received) -> None:
    transcript = play(serve(("request", LAST, "request", OK)), conversation(follow_up=FOLLOW_UP), HASTY)
    assert transcript.received == LAST + OK
    assert received() == [REQUEST + FOLLOW_UP]


def test_no_follow_up_is_sent_after_a_half_close(serve: Serve, received: Received) -> None:
    half_closing = Conversation((REQUEST, HALF_CLOSE), follow_up=FOLLOW_UP)
    transcript = play(serve(("end", OK)), half_closing, PATIENT)
    assert kinds(transcript) == [
        Kind.CONNECTED,
        Kind.SENT,
        Kind.HALF_CLOSED,
        Kind.RECEIVED,
        Kind.ENDED,
    ]
    assert transcript.ending is Ending.FIN
    assert received() == [REQUEST]


# Awaiting


def test_the_steps_after_an_await_wait_for_the_response(serve: Serve, received: Received) -> None:
    two = conversation(REQUEST, Await.RESPONSE, REQUEST, answers=2)
    transcript = play(serve(("request", CONTINUE, OK, "request", LAST)), two, PATIENT)
    assert [event.data for event in transcript.events if event.kind is Kind.SENT] == [REQUEST, REQUEST]
    assert (transcript.received, transcript.awaited_in_vain) == (CONTINUE + OK + LAST, False)
    assert received() == [REQUEST + REQUEST]


@pytest.mark.parametrize("response", [CONTINUE, OK], ids=["interim", "final-instead"])
def test_an_interim_response_is_awaited(serve: Serve, received: Received, response: bytes) -> None:
    endpoint = serve(("request", response, len(b"content"), LAST))
    transcript = play(endpoint, conversation(REQUEST, Await.INTERIM, b"content"), PATIENT)
    assert kinds(transcript)[1:4] == [Kind.SENT, Kind.RECEIVED, Kind.SENT]
    assert not transcript.awaited_in_vain
    assert received() == [REQUEST + b"content"]


def test_an_interim_response_is_awaited_after_an_earlier_response(serve: Serve) -> None:
    two = conversation(REQUEST, Await.RESPONSE, REQUEST, Await.INTERIM, b"content", answers=2)
    endpoint = serve(("request", OK, "request", CONTINUE, len(b"content"), LAST))
    transcript = play(endpoint, two, PATIENT)
    assert kinds(transcript)[1:6] == [Kind.SENT, Kind.RECEIVED, Kind.SENT, Kind.RECEIVED, Kind.SENT]


def test_two_interim_responses_are_awaited_one_by_one(serve: Serve) -> None:
    three = conversation(REQUEST, Await.INTERIM, REQUEST, Await.INTERIM, REQUEST)
    endpoint = serve(("request", CONTINUE, "request", CONTINUE, "request", LAST))
    transcript = play(endpoint, three, PATIENT)
    assert kinds(transcript)[1:6] == [Kind.SENT, Kind.RECEIVED, Kind.SENT, Kind.RECEIVED, Kind.SENT]


def test_a_final_response_instead_of_an_interim_one_can_still_be_awaited(serve: Serve) -> None:
    two = conversation(REQUEST, Await.INTERIM, b"content", Await.RESPONSE, b"more", answers=2)
    transcript = play(serve(("request", OK, len(b"contentmore"), LAST)), two, PATIENT)
    assert not transcript.awaited_in_vain


def test_two_responses_that_come_at_once_end_two_waits(serve: Serve, received: Received) -> None:
    three = conversation(REQUEST, Await.RESPONSE, REQUEST, Await.RESPONSE, REQUEST, answers=3)
    transcript = play(serve(("request", OK + OK, "request", "request", LAST)), three, PATIENT)
    assert (transcript.awaited_in_vain, transcript.received) == (False, OK + OK + LAST)
    assert received() == [REQUEST * 3]


@pytest.mark.parametrize(
    ("awaited", "responses"),
    [
        pytest.param(Await.INTERIM, (), id="interim"),
        pytest.param(Await.RESPONSE, (), id="response"),
        pytest.param(Await.RESPONSE, (CONTINUE,), id="response-but-interim"),
        pytest.param(Await.INTERIM, (OK[:-1],), id="half-a-response"),
    ],
)
def test_awaiting_in_vain_is_recorded_and_the_conversation_goes_on(
    serve: Serve, received: Received, awaited: Await, responses: tuple[bytes, ...]
) -> None:
    endpoint = serve(("request", *responses, len(b"more")))
    transcript = play(endpoint, conversation(REQUEST, awaited, b"more"), HASTY)
    assert transcript.awaited_in_vain
    assert received() == [REQUEST + b"more"]


def test_an_end_while_a_response_is_awaited_is_not_awaiting_in_vain(serve: Serve, received: Received) -> None:
    transcript = play(serve(("request",)), conversation(REQUEST, Await.RESPONSE, b"more"), PATIENT)
    assert (transcript.ending, transcript.awaited_in_vain) == (Ending.FIN, False)
    assert received() == [REQUEST]


# Steps that do not fit


@pytest.mark.parametrize("step", [Handshake(), CLOSE_NOTIFY])
def test_a_tls_step_for_an_endpoint_without_tls_is_our_own_error(serve: Serve, step: Handshake) -> None:
    with pytest.raises(ValueError, match="step needs"):
        play(serve(("end",)), Conversation((step,)), PATIENT)
