"""What an application writes: bytes alone, no more than a limit, and it is told when they are out."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from reference_server.connection import RequestCallback
from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest

Serve = Callable[..., Any]

GET = b"GET /%b HTTP/1.1\r\nHost: h\r\n\r\n"

PIECE = bytes(range(256)) * 4000


def answer(request: HTTPRequest, body: bytes = b"fine") -> None:
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    request.finish()


def stream_of(request: HTTPRequest) -> Any:
    return request.connection.stream


def answers_bad_ones_with(write: Callable[[HTTPRequest], object]) -> RequestCallback:
    """Return a callback that does this for ``/bad``."""

    def callback(request: HTTPRequest) -> None:
        if request.uri == "/bad":
            write(request)
            request.finish()
        else:
            answer(request)

    return callback


NOT_BYTES: list[Any] = ["text", None, 5, bytearray(b"x"), memoryview(b"x"), [b"x"]]


@pytest.mark.parametrize("chunk", NOT_BYTES, ids=lambda chunk: type(chunk).__name__)
@pytest.mark.parametrize("through", ["request", "connection", "stream"])
def test_anything_but_bytes_is_refused_where_it_is_written(through: str, chunk: Any, serve: Serve) -> None:
    """DOC-REQ-6, DOC-CONN-2, DOC-IO-2: and the application may go on."""
    raised: list[str] = []

    def callback(request: HTTPRequest) -> None:
        writers: dict[str, Any] = {
            "request": request,
            "connection": request.connection,
            "stream": request.connection.stream,
        }
        with pytest.raises(TypeError) as error:
            writers[through].write(chunk)
        raised.append(str(error.value))
        answer(request)

    assert serve(callback).connect().ask(GET % b"").body == b"fine"
    assert raised == [f"write() takes bytes, not {type(chunk).__name__}"]


@pytest.mark.parametrize("chunk", ["text", None])
def test_writing_no_bytes_is_a_500_and_loses_no_answer(chunk: Any, serve: Serve) -> None:
    """DOC-CONN-4, DOC-CONN-6: the http11 profile."""
    client = serve(answers_bad_ones_with(lambda request: request.write(chunk))).connect()
    client.send(GET % b"" + GET % b"" + GET % b"bad" + GET % b"")
    assert [client.response().status for _ in range(3)] == [200, 200, 500]
    assert client.read_to_end() == b""


@pytest.mark.parametrize("chunk", ["text", None])
def test_writing_no_bytes_closes_and_loses_no_answer(chunk: Any, serve: Serve) -> None:
    """DOC-CONN-4, DOC-CONN-6: the documented profile."""
    callback = answers_bad_ones_with(lambda request: request.write(chunk))
    client = serve(callback, profile=Documented()).connect()
    client.send(GET % b"" + GET % b"bad" + GET % b"")
    assert client.response().body == b"fine"
    assert client.read_to_end() == b""


def test_writing_no_bytes_in_the_middle_cuts_the_response_off(serve: Serve, profile: Profile) -> None:
    """DOC-CONN-6."""

    def write(request: HTTPRequest) -> None:
        request.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        request.write("rest")  # type: ignore[arg-type]

    client = serve(answers_bad_ones_with(write), profile=profile).connect()
    client.send(GET % b"" + GET % b"bad")
    assert client.response().body == b"fine"
    assert client.read_to_end().endswith(b"\r\n\r\nhalf")


class Streaming:
    """An application that answers with many pieces, each in the callback of the one before."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces
        self.written = 0
        self.begun = threading.Event()

    def __call__(self, request: HTTPRequest) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (self.pieces * len(PIECE))
        request.write(head, lambda: self.write_more(request))
        self.begun.set()

    def write_more(self, request: HTTPRequest) -> None:
        if self.written == self.pieces:
            request.finish()
        else:
            self.written += 1
            request.write(PIECE, lambda: self.write_more(request))


@pytest.mark.parametrize("secure", [False, True])
def test_a_gigabyte_waits_with_the_application(secure: bool, serve: Serve, certificates: Any) -> None:
    """DOC-IO-2: of what nobody reads, one piece is held."""
    application = Streaming(1000)
    options = {"ssl_options": {"certfile": str(certificates.server)}} if secure else {}
    server = serve(application, **options)
    client = server.connect(certificates.client_context() if secure else None)
    client.send(GET % b"")
    assert application.begun.wait(10)
    (stream,) = server.in_loop(lambda: [each.stream for each in server.server._connections])
    while not server.in_loop(lambda: stream.blocked):
        pass
    assert server.in_loop(lambda: stream.backlog) <= len(PIECE) + 70_000  # TLS adds to each record
    assert application.written < 50


@pytest.mark.parametrize("secure", [False, True])
def test_pieces_arrive_whole_and_in_order(secure: bool, serve: Serve, certificates: Any) -> None:
    """DOC-IO-2, DOC-CONN-3: and the next request is answered."""
    options = {"ssl_options": {"certfile": str(certificates.server)}} if secure else {}
    application = Streaming(20)
    client = serve(application, **options).connect(certificates.client_context() if secure else None)
    client.send(GET % b"")
    response = client.response()
    assert len(response.body) == 20 * len(PIECE)
    assert response.body == PIECE * 20
    application.pieces, application.written = 2, 0
    assert client.ask(GET % b"").body == PIECE * 2


def test_writing_on_and_on_is_ended_at_the_limit(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """What an application that asks nobody can make the server hold."""
    held: list[int] = []

    def write(request: HTTPRequest) -> None:
        request.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        try:
            for _ in range(1000):
                request.write(PIECE)
        finally:
            held.append(stream_of(request).backlog)

    server = serve(answers_bad_ones_with(write), profile=HTTP11(Limits(unsent=10_000_000)))
    client = server.connect()
    client.send(GET % b"bad")
    assert 9_000_000 < len(client.read_to_end()) < 10_000_000
    assert len(held) == 1
    assert held[0] <= 10_000_000
    assert "BufferError: more than 10000000 octets would wait to be sent" in caplog.text
    assert server.connect().ask(GET % b"").body == b"fine"


def test_one_piece_beyond_the_limit_is_a_500(serve: Serve) -> None:
    write = lambda request: answer(request, bytes(2_000_000))  # noqa: E731
    server = serve(answers_bad_ones_with(write), profile=HTTP11(Limits(unsent=1_000_000)))
    assert server.connect().ask(GET % b"bad").status == 500


def test_an_exception_in_a_callback_of_a_write_ends_the_request(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-CONN-6."""

    def broken() -> None:
        raise ValueError("in the callback")

    def callback(request: HTTPRequest) -> None:
        if request.uri == "/bad":
            request.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", broken)
        else:
            answer(request)

    server = serve(callback)
    client = server.connect()
    client.send(GET % b"bad")
    assert client.read_to_end().endswith(b"half")
    assert "Exception in request callback for GET /bad" in caplog.text
    assert "ValueError: in the callback" in caplog.text
    assert server.connect().ask(GET % b"").body == b"fine"


def test_a_late_callback_ends_no_other_request(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    waiting: list[HTTPRequest] = []
    arrived = threading.Event()

    def broken() -> None:
        raise ValueError("too late")

    def callback(request: HTTPRequest) -> None:
        if request.uri == "/next":
            waiting.append(request)
            arrived.set()
            return
        request.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine", broken)
        request.finish()

    server = serve(callback)
    client = server.connect()
    client.send(GET % b"" + GET % b"next")
    assert client.response().body == b"fine"
    assert arrived.wait(10)
    while "too late" not in caplog.text:
        server.in_loop(lambda: None)
    server.in_loop(lambda: answer(waiting[0]))
    assert client.response().body == b"fine"


def test_the_callback_of_the_last_write_comes_whatever_is_pipelined(serve: Serve) -> None:
    """Those of the connection itself, which waits for its peer, take the place of none."""
    told = threading.Semaphore(0)

    def callback(request: HTTPRequest) -> None:
        request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PIECE))
        request.write(PIECE, told.release)
        request.finish()

    server = serve(callback, profile=HTTP11(Limits(backlog=1000)))
    client = server.connect()
    client.send(GET % b"" * 10)
    assert [client.response().body == PIECE for _ in range(10)] == [True] * 10
    for _ in range(10):
        assert told.acquire(timeout=10)


def test_a_peer_that_leaves_is_written_to_no_more(serve: Serve) -> None:
    """DOC-CONN-7: the callback never comes, and the connection is gone."""
    application = Streaming(1000)
    server = serve(application)
    client = server.connect()
    client.send(GET % b"")
    client.read_until(b"\r\n\r\n")
    client.socket.close()
    while server.in_loop(lambda: len(server.server._connections)):
        pass
    written = server.in_loop(lambda: application.written)
    server.in_loop(lambda: None)
    assert server.in_loop(lambda: application.written) == written < 1000
