"""The driver while it writes: early responses, sends that fail, pauses, half-closes and resets."""

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from clients.channel import System
from clients.conversation import Conversation, Patience
from clients.driver import play
from clients.endpoint import Endpoint
from clients.steps import ASIDE, HALF_CLOSE, PAUSE, RESET, SEGMENT, Await
from clients.transcript import Ending, Kind, Transcript
from clients.waits import Wait, Waits

Serve = Callable[..., Endpoint]
Received = Callable[[], list[bytes]]

PATIENT = Patience(quiet=5, silence=10, whole=20)
HASTY = Patience(quiet=0.05, silence=0.3, whole=2)

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

# More than all socket buffers on the way hold.
MANY = 7_000_000
LARGE_REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % MANY + b"a" * MANY
LARGE_ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % MANY + b"b" * MANY


class Standstill(threading.Event):
    """An action: the server does nothing, and reads nothing, until `released` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def set(self) -> None:
        assert self.released.wait(10)


class HeldUntil(threading.Event):
    """Never calls a conversation off, but holds the driver in its first wait until `happened` is set.

    The server stands still until then, so that it does nothing before the driver is held.
    """

    def __init__(self, happened: threading.Event, standstill: Standstill) -> None:
        super().__init__()
        self._happened = happened
        self._standstill = standstill

    def is_set(self) -> bool:
        self._standstill.released.set()
        assert self._happened.wait(10)
        return False


def notes(transcript: Transcript, kind: Kind) -> list[str]:
    return [event.note for event in transcript.events if event.kind is kind]


def kinds(transcript: Transcript) -> list[Kind]:
    return [event.kind for event in transcript.events]


# Reading while writing


def test_a_large_request_arrives_whole(serve: Serve, received: Received) -> None:
    transcript = play(serve((len(LARGE_REQUEST), LAST)), Conversation((LARGE_REQUEST,)), PATIENT)
    assert (transcript.ending, transcript.received, transcript.sent) == (Ending.FIN, LAST, LARGE_REQUEST)
    assert received() == [LARGE_REQUEST]


def test_a_large_response_is_read_while_a_large_request_is_written(serve: Serve, received: Received) -> None:
    endpoint = serve((LARGE_ANSWER, len(LARGE_REQUEST)))
    transcript = play(endpoint, Conversation((LARGE_REQUEST,), room=len(LARGE_ANSWER)), PATIENT)
    received_bytes = sum(event.size for event in transcript.events if event.kind is Kind.RECEIVED)
    assert (transcript.ending, received_bytes) == (Ending.FIN, len(LARGE_ANSWER))
    assert Kind.SEND_FAILED not in kinds(transcript)
    assert received() == [LARGE_REQUEST]


def test_an_early_response_is_read_although_the_server_stops_reading(serve: Serve) -> None:
    standstill = Standstill()
    transcript = play(serve((TOO_LARGE, standstill)), Conversation((LARGE_REQUEST,)), HASTY)
    standstill.released.set()
    assert (transcript.ending, transcript.received) == (Ending.SILENCE, TOO_LARGE)
    assert notes(transcript, Kind.SEND_FAILED) == ["the server stopped reading"]


def test_a_reset_during_a_large_request_is_a_reset(serve: Serve) -> None:
    transcript = play(serve((1000, "reset")), Conversation((LARGE_REQUEST,)), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.RESET, b"")


def test_an_early_response_before_a_reset_is_read(serve: Serve) -> None:
    transcript = play(serve((1000, TOO_LARGE, "reset")), Conversation((LARGE_REQUEST,)), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.RESET, TOO_LARGE)


def test_a_reset_that_a_failing_send_reports_is_still_a_reset(serve: Serve) -> None:
    standstill, reset = Standstill(), threading.Event()
    endpoint = serve((standstill, TOO_LARGE, "reset", reset))
    transcript = play(
        endpoint, Conversation((REQUEST, PAUSE, REQUEST)), PATIENT, HeldUntil(reset, standstill)
    )
    assert (transcript.ending, transcript.received) == (Ending.RESET, TOO_LARGE)
    assert notes(transcript, Kind.SEND_FAILED) == ["Connection reset by peer"]


def test_a_half_close_after_a_reset_fails_and_the_ending_is_the_reset(serve: Serve) -> None:
    standstill, reset = Standstill(), threading.Event()
    endpoint = serve((standstill, TOO_LARGE, "reset", reset))
    transcript = play(endpoint, Conversation((REQUEST, HALF_CLOSE)), PATIENT, HeldUntil(reset, standstill))
    assert (transcript.ending, transcript.received) == (Ending.RESET, TOO_LARGE)
    assert notes(transcript, Kind.SEND_FAILED) == [
        "Connection reset by peer",
        "Transport endpoint is not connected",
    ]


def test_an_orderly_end_stays_one_although_sending_fails_after_it(serve: Serve, received: Received) -> None:
    transcript = play(serve(("end", LAST)), Conversation((REQUEST, HALF_CLOSE, b"more")), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, LAST)
    assert notes(transcript, Kind.SEND_FAILED) == ["Broken pipe"]
    assert received() == [REQUEST]


# Pauses, half-closes, resets


def test_a_pause_is_recorded_after_what_came_before_it(serve: Serve) -> None:
    conversation = Conversation((REQUEST, Await.INTERIM, PAUSE, b"content"))
    endpoint = serve(("request", CONTINUE, len(b"content"), LAST))
    transcript = play(endpoint, conversation, Patience(quiet=0.05, silence=10, whole=20))
    assert kinds(transcript)[2:5] == [Kind.RECEIVED, Kind.PAUSED, Kind.SENT]
    assert transcript.received_before_pause_ended == len(CONTINUE)


def test_a_pause_goes_on_reading(serve: Serve) -> None:
    patience = Patience(quiet=0.5, silence=10, whole=20)
    transcript = play(serve((CONTINUE, "request", LAST)), Conversation((PAUSE, REQUEST)), patience)
    assert kinds(transcript)[1:4] == [Kind.RECEIVED, Kind.PAUSED, Kind.SENT]
    assert transcript.received_before_pause_ended == len(CONTINUE)


def test_an_end_in_a_pause_ends_the_conversation(serve: Serve, received: Received) -> None:
    transcript = play(serve(()), Conversation((PAUSE, REQUEST)), PATIENT)
    assert kinds(transcript) == [Kind.CONNECTED, Kind.ENDED]
    assert (transcript.ending, transcript.sent) == (Ending.FIN, b"")
    assert received() == [b""]


def test_after_a_half_close_the_response_is_still_read(serve: Serve, received: Received) -> None:
    transcript = play(serve(("end", LAST)), Conversation((REQUEST, HALF_CLOSE)), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, LAST)
    assert Kind.HALF_CLOSED in kinds(transcript)
    assert received() == [REQUEST]


def test_a_half_close_that_the_server_does_not_follow_with_an_end_is_silence(serve: Serve) -> None:
    standstill = Standstill()
    conversation = Conversation((REQUEST, HALF_CLOSE), follow_up=REQUEST)
    transcript = play(serve(("end", OK, standstill)), conversation, HASTY)
    standstill.released.set()
    assert (transcript.ending, transcript.received) == (Ending.SILENCE, OK)
    assert Kind.FOLLOWED_UP not in kinds(transcript)


def test_after_a_reset_the_conversation_goes_on_over_a_new_connection(
    serve: Serve, received: Received
) -> None:
    conversation = Conversation((b"GET / HT", RESET, REQUEST))
    transcript = play(serve(("end",), ("request", LAST)), conversation, PATIENT)
    assert kinds(transcript)[:5] == [
        Kind.CONNECTED,
        Kind.SENT,
        Kind.RESET_SENT,
        Kind.CONNECTED,
        Kind.SENT,
    ]
    assert (transcript.ending, transcript.received, transcript.sent) == (Ending.FIN, LAST, REQUEST)
    assert received() == [b"GET / HT", REQUEST]


def test_a_server_that_closes_first_does_not_keep_the_conversation_from_a_new_connection(
    serve: Serve,
) -> None:
    conversation = Conversation((b"GET / HT", Await.RESPONSE, RESET, REQUEST))
    transcript = play(serve((8,), ("request", LAST)), conversation, PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, LAST)


def test_a_reset_is_not_an_orderly_end_for_the_server(serve: Serve, received: Received) -> None:
    orderly_end = threading.Event()
    endpoint = serve(("end", orderly_end), ("request", LAST))
    play(endpoint, Conversation((REQUEST, RESET, REQUEST)), PATIENT)
    assert received() == [REQUEST, REQUEST]
    assert not orderly_end.is_set()


def test_responses_on_a_connection_that_was_reset_do_not_count(serve: Serve) -> None:
    conversation = Conversation((REQUEST, Await.RESPONSE, RESET, REQUEST, Await.RESPONSE))
    transcript = play(serve(("request", OK, "end"), ("request", LAST)), conversation, PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, LAST)
    assert not transcript.awaited_in_vain


# Connections that are left aside, and segments


def test_after_a_connection_is_left_aside_the_conversation_goes_on_over_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = Endpoint("127.0.0.1", listener.getsockname()[1])
        transcript = play(endpoint, Conversation((b"GET /", ASIDE, REQUEST)), HASTY)
        connections = []
        for _ in range(2):
            connection = listener.accept()[0]
            with connection:
                # The end comes after the bytes, and is not a reset.
                connections.append([connection.recv(100), connection.recv(100)])
    assert connections == [[b"GET /", b""], [REQUEST, b""]]
    assert (transcript.sent, kinds(transcript).count(Kind.LEFT_ASIDE)) == (REQUEST, 1)


def test_a_segment_step_makes_two_writes_of_neighbouring_bytes(serve: Serve, received: Received) -> None:
    transcript = play(serve(("request", LAST)), Conversation((b"GET / ", SEGMENT, REQUEST[6:])), PATIENT)
    assert [event.data for event in transcript.events if event.kind is Kind.SENT] == [b"GET / ", REQUEST[6:]]
    assert received() == [REQUEST]


@pytest.mark.skipif(not hasattr(socket, "MSG_MORE"), reason="the system cannot hold a segment back")
def test_a_half_close_travels_with_what_was_written_before_it() -> None:
    flags: list[int] = []

    class Watched(socket.socket):
        def send(self, data: Any, how: int = 0) -> int:
            flags.append(how)
            return super().send(data, how)

    def connect(address: Any, _seconds: float) -> Waits[socket.socket]:
        yield Wait(0)
        connection = Watched()
        connection.connect(address)
        connection.setblocking(False)
        return connection

    with socket.create_server(("127.0.0.1", 0)) as listening:
        steps = (b"GET / HTTP/1.1\r\n", PAUSE, b"\r\n", HALF_CLOSE)
        endpoint = Endpoint(*listening.getsockname())
        conversation = Conversation(steps, answers=0)
        play(endpoint, conversation, Patience(0.01, 0.05, 5.0), system=System(connect))
        connection, _ = listening.accept()
        with connection:
            assert connection.recv(100) == b"GET / HTTP/1.1\r\n\r\n"
            assert connection.recv(100) == b""
    assert flags == [0, socket.MSG_MORE]
