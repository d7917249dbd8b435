"""The phases of a connection: whatever happens on it, only the combinations of its table come about."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reference_server.connection import HTTPConnection, Phase
from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest

LIMITS = Limits(body=100, discarded_body=20, backlog=200, head=1000)

# phase, a request, an incomplete request, a body that has begun, ended
TABLE = {
    (Phase.HEAD, False, False, False, False),
    (Phase.IDLE, False, False, False, False),
    (Phase.BODY, False, True, True, False),
    (Phase.BODY, False, False, True, False),
    (Phase.ANSWER, True, False, False, False),
    (Phase.ANSWER, True, False, True, False),
    (Phase.END, False, False, False, True),
    (Phase.END, False, False, True, True),
}

ANSWER = "answer"
DRAIN = "drain"
SWEEP = "sweep"


def head(method: str, uri: str, *fields: str) -> bytes:
    return "\r\n".join([f"{method} {uri} HTTP/1.1", "Host: h", *fields, "", ""]).encode()


AT_ONCE = head("GET", "/now")
LATER = head("GET", "/later")
LAST = head("GET", "/now", "Connection: close")
UPLOAD = head("POST", "/now", "Content-Length: 8")
EARLY = head("POST", "/early", "Content-Length: 8")
EARLY_AND_LATER = head("POST", "/early-later", "Content-Length: 8", "Expect: 100-continue")
EARLY_AND_TOO_LONG = head("POST", "/early-later", "Content-Length: 50")
EARLY_AND_FAILS = head("POST", "/early-fails", "Transfer-Encoding: chunked")

PIECES = (
    AT_ONCE,
    LATER,
    LAST,
    UPLOAD,
    EARLY,
    EARLY_AND_LATER,
    EARLY_AND_TOO_LONG,
    EARLY_AND_FAILS,
    head("GET", "/fails"),
    head("GET", "/half"),
    head("POST", "/later", "Transfer-Encoding: chunked"),
    AT_ONCE[:9],
    AT_ONCE[9:],
    b"4\r\nabcd\r\n",
    b"0\r\n\r\n",
    b"malformed\r\n\r\n",
    b"",  # the peer's FIN
)


class FakeStream:
    """A stream that sends at once, and is told what arrives."""

    def __init__(self) -> None:
        self.io_loop = SimpleNamespace(call_later=lambda *_: None)  # the test sweeps itself
        self.max_buffer_size = 1000
        self.sent = b""
        self.backlog = 0
        self.blocked = False
        self.ending = False
        self.is_closed = False
        self.receive: Callable[[bytes], None] = lambda _: None
        self._close_callback: Callable[[], None] = lambda: None

    def set_close_callback(self, callback: Callable[[], None]) -> None:
        self._close_callback = callback

    def read_all(self, consumer: Callable[[bytes], None]) -> None:
        self.receive = consumer

    def write(self, data: bytes, callback: Callable[[], None] | None = None) -> None:
        if not (self.is_closed or self.ending):
            self.sent += data
            if callback is not None:
                callback()

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def end(self) -> None:
        self.ending = True

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._close_callback()

    def closed(self) -> bool:
        return self.is_closed


class Application:
    """Answers at once, later, in part, or not at all, as the target says; and early, where that says so."""

    def __init__(self) -> None:
        self.waiting: list[HTTPRequest] = []

    def __call__(self, request: HTTPRequest) -> None:
        if request.uri.endswith("now") or request.uri == "/early":
            respond(request)
        elif request.uri.endswith("later"):
            self.waiting.append(request)
        else:
            if request.uri == "/half":
                request.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            raise ValueError(request.uri)

    def answers_early(self, request: HTTPRequest) -> bool:
        return request.uri.startswith("/early")


def respond(request: HTTPRequest) -> None:
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    request.finish()


def row(connection: HTTPConnection) -> tuple[Phase, bool, bool, bool, bool]:
    """Return what the connection's state is, as a row of the table."""
    return (
        connection.phase,
        connection.request is not None,
        connection._incomplete is not None,
        connection._parser.body_received is not None,
        connection._ended,
    )


def open_connection(profile: Profile) -> tuple[Any, Application, HTTPConnection]:
    """Return a connection, the stream below it and the application above it."""
    stream: Any = FakeStream()
    application = Application()
    return stream, application, HTTPConnection(stream, ("192.0.2.1", 1), application, profile=profile)


ACTIONS = st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from([ANSWER, DRAIN, SWEEP])), max_size=12)


@given(st.sampled_from([HTTP11(LIMITS), Documented(LIMITS)]), ACTIONS)
def test_nothing_leads_to_a_combination_that_is_not_in_the_table(
    profile: Profile, actions: list[bytes | str]
) -> None:
    stream, application, connection = open_connection(profile)
    peer_ended, now = False, 0.0
    assert row(connection) in TABLE
    for action in actions:
        if action == ANSWER and application.waiting:
            respond(application.waiting.pop(0))
        elif action == DRAIN:
            connection.drain()
        elif action == SWEEP:
            now += 10_000
            connection.sweep(now)
        elif isinstance(action, bytes) and not (peer_ended or stream.is_closed):
            peer_ended = not action
            stream.receive(action)
        assert row(connection) in TABLE
        assert not connection._advancing
        if peer_ended:
            assert connection.phase in {Phase.ANSWER, Phase.END}


def test_each_row_of_the_table_comes_about() -> None:
    rows = set()
    for pieces in (
        [],
        [AT_ONCE],
        [UPLOAD],
        [EARLY],
        [LATER],
        [EARLY_AND_TOO_LONG],
        [LAST],
        [EARLY_AND_LATER, ANSWER],
    ):
        stream, application, connection = open_connection(HTTP11(LIMITS))
        for piece in pieces:
            if piece == ANSWER:
                respond(application.waiting.pop(0))
            else:
                stream.receive(piece)
        rows.add(row(connection))
    assert rows == TABLE


def test_a_callback_that_fails_before_the_body_has_come_is_answered_with_500() -> None:
    stream, _, connection = open_connection(HTTP11(LIMITS))
    stream.receive(EARLY_AND_FAILS)
    assert stream.sent.startswith(b"HTTP/1.1 500 ")
    assert connection.phase is Phase.END
