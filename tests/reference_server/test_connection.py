"""Connections: one request at a time, in order."""

import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from reference_server.connection import RequestCallback
from reference_server.ioloop import IOLoop
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest

Serve = Callable[..., Any]

GET = b"GET /%b HTTP/1.1\r\nHost: h\r\n\r\n"
CLOSE = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def answer(request: HTTPRequest, body: bytes) -> None:
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    request.finish()


def echo_body(request: HTTPRequest) -> None:
    answer(request, request.body)


def test_many_requests_on_one_connection(serve: Serve, hello: RequestCallback, profile: Profile) -> None:
    """DOC-KA-5, DOC-CONN-3, DOC-CONN-5."""
    client = serve(hello, profile=profile).connect()
    for number in range(5):
        client.send(GET % str(number).encode())
        message = b"You requested /%d\n" % number
        assert client.read_octets(56) == b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n" + message


def test_pipelined_requests_are_answered_in_order(
    serve: Serve, hello: RequestCallback, profile: Profile
) -> None:
    """DOC-CONN-4."""
    client = serve(hello, profile=profile).connect()
    client.send(b"".join(GET % str(number).encode() for number in range(200)))
    for number in range(200):
        assert client.response().body == b"You requested /%d\n" % number


def test_an_asynchronous_answer_holds_up_the_next_request(serve: Serve, profile: Profile) -> None:
    """DOC-CONN-4, DOC-CONN-8."""
    called: list[str] = []
    waiting: list[HTTPRequest] = []
    arrived = threading.Event()

    def callback(request: HTTPRequest) -> None:
        called.append(request.uri)
        if request.uri == "/late":
            waiting.append(request)
            arrived.set()
        else:
            answer(request, request.uri.encode())

    server = serve(callback, profile=profile)
    client, other = server.connect(), server.connect()
    client.send(GET % b"late" + GET % b"next")
    assert arrived.wait(10)
    assert other.ask(GET % b"other").body == b"/other"
    client.send(GET % b"last")
    assert called == ["/late", "/other"]
    server.in_loop(lambda: waiting[0].write(b"HTTP/1.1 200 OK\r\nContent-"))
    server.in_loop(lambda: answer_rest(waiting[0]))
    assert [client.response().body for _ in range(3)] == [b"late", b"/next", b"/last"]


def answer_rest(request: HTTPRequest) -> None:
    request.write(b"Length: 4\r\n\r\nlate")
    request.finish()


def test_pipelined_bodies_are_kept_apart(serve: Serve, profile: Profile) -> None:
    """DOC-LEN-1, DOC-CONN-8."""
    client = serve(echo_body, profile=profile).connect()
    post = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%b"
    client.send(post % (3, b"abc") + GET % b"" + post % (0, b"") + post % (1, b"d"))
    assert [client.response().body for _ in range(4)] == [b"abc", b"", b"", b"d"]


def test_a_large_body_and_a_large_response(serve: Serve, profile: Profile) -> None:
    """DOC-LEN-1, DOC-CONN-3."""
    client = serve(echo_body, profile=profile).connect()
    body = bytes(range(256)) * 20_000
    client.send(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body))
    client.send(body)
    assert client.response().body == body


def test_a_reader_that_is_behind_stops_the_next_request(serve: Serve) -> None:
    """DOC-CONN-3: what is not sent is bounded, whatever is asked for."""
    called: list[str] = []

    def callback(request: HTTPRequest) -> None:
        called.append(request.uri)
        answer(request, b"x" * 1_000_000)

    server = serve(callback, profile=HTTP11(Limits(backlog=1000)))
    client = server.connect()
    client.send(GET % b"" * 50)
    client.read_until(b"\r\n\r\n")
    assert server.in_loop(lambda: len(called)) < 50
    client.read_octets(1_000_000)
    for _ in range(49):
        assert len(client.response().body) == 1_000_000


def test_what_is_pipelined_while_a_handler_is_pending_is_bounded(serve: Serve) -> None:
    """DOC-CONN-4."""
    waiting: list[HTTPRequest] = []
    server = serve(waiting.append, profile=HTTP11(Limits(backlog=1000)))
    client = server.connect()
    client.send(GET % b"")
    (connection,) = wait_for(lambda: server.in_loop(lambda: list(server.server._connections)))
    while server.in_loop(lambda: connection.stream._events & IOLoop.READ):
        client.send(GET % b"" * 10)
    assert connection._parser.buffered < 2 * 256 * 1024
    assert len(waiting) == 1


def test_writing_without_a_request_is_an_error(serve: Serve, profile: Profile) -> None:
    """DOC-CONN-2, DOC-CONN-3."""
    errors: list[str] = []

    def callback(request: HTTPRequest) -> None:
        connection = request.connection
        answer(request, b"done")
        late: list[Callable[[], None]] = [
            request.finish,
            connection.finish,
            partial(request.write, b"x"),
            partial(connection.write, b"x"),
        ]
        for call in late:
            try:
                call()
            except AssertionError as error:
                errors.append(str(error))

    client = serve(callback, profile=profile).connect()
    assert client.ask(GET % b"").body == b"done"
    assert client.ask(GET % b"").body == b"done"
    assert errors == ["Request closed"] * 8


@pytest.mark.parametrize("through_the_connection", [False, True])
def test_a_finished_request_cannot_write_into_the_next_response(
    through_the_connection: bool, serve: Serve
) -> None:
    """DOC-CONN-8: nor one whose end only the connection was told."""
    requests: list[HTTPRequest] = []
    arrived = threading.Semaphore(0)

    def callback(request: HTTPRequest) -> None:
        requests.append(request)
        arrived.release()

    server = serve(callback)
    client = server.connect()
    client.send(GET % b"" + GET % b"")
    assert arrived.acquire(timeout=10)
    first = requests[0]

    def answer_first() -> None:
        first.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none")
        (first.connection if through_the_connection else first).finish()

    server.in_loop(answer_first)
    assert arrived.acquire(timeout=10)

    def interfere() -> bool:
        with pytest.raises(AssertionError, match="Request closed"):
            first.write(b"x")
        return first.request_time() == first.request_time()

    assert server.in_loop(interfere)
    server.in_loop(lambda: answer(requests[1], b"two"))
    assert [client.response().body for _ in range(2)] == [b"one", b"two"]


def test_an_exception_in_the_callback_ends_that_connection_only(
    serve: Serve, profile: Profile, caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-CONN-6."""

    def callback(request: HTTPRequest) -> None:
        if request.uri == "/bad":
            raise ValueError("the callback broke")
        answer(request, b"fine")

    server = serve(callback, profile=profile)
    client, other = server.connect(), server.connect()
    client.send(GET % b"bad" + GET % b"next")
    received = client.read_to_end()
    assert "the callback broke" in caplog.text
    assert other.ask(GET % b"").body == b"fine"
    if profile.name == "documented":
        assert received == b""
    else:
        assert received.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
        assert received.count(b"HTTP/1.1") == 1


def test_an_exception_in_the_middle_of_a_response_only_cuts_it_off(serve: Serve) -> None:
    """DOC-CONN-6."""

    def callback(request: HTTPRequest) -> None:
        request.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        raise ValueError

    client = serve(callback).connect()
    client.send(GET % b"")
    assert client.read_to_end() == b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"


def test_a_peer_that_goes_while_a_handler_is_pending_disturbs_nobody(serve: Serve, profile: Profile) -> None:
    """DOC-CONN-7, DOC-CONN-2."""
    waiting: list[HTTPRequest] = []
    arrived = threading.Event()

    def callback(request: HTTPRequest) -> None:
        if request.uri == "/late":
            waiting.append(request)
            arrived.set()
        else:
            answer(request, b"fine")

    server = serve(callback, profile=profile)
    client = server.connect()
    client.send(GET % b"late" + GET % b"next")
    assert arrived.wait(10)
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    client.socket.close()
    server.in_loop(lambda: answer(waiting[0], b"x" * 1_000_000))
    assert server.connect().ask(GET % b"").body == b"fine"


def wait_for(condition: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and return it."""
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        if answered := condition():
            return answered
    raise AssertionError("never came true")
