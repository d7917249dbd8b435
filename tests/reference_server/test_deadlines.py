"""Deadlines: the server is told that it is late, and no test waits."""

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from reference_server.connection import HTTPConnection, RequestCallback
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.request import HTTPRequest

Serve = Callable[..., Any]

GET = b"GET /%b HTTP/1.1\r\nHost: h\r\n\r\n"
CLOSE = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def answer(request: HTTPRequest, body: bytes) -> None:
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    request.finish()


def echo_body(request: HTTPRequest) -> None:
    answer(request, request.body)


def far_future() -> float:
    """Return a moment at which every deadline is over."""
    return time.monotonic() + 10_000


def test_a_head_must_come_in_time(serve: Serve, hello: RequestCallback) -> None:
    server = serve(hello)
    client = server.connect()
    assert client.ask(GET % b"").status == 200
    client.send(b"GET / HTTP/1.1\r\nA: ")
    wait_for_phase(server, "HEAD")
    server.sweep(far_future())
    assert client.response().status == 408
    assert client.read_to_end() == b""


def test_a_body_must_come_in_time(serve: Serve, hello: RequestCallback) -> None:
    server = serve(hello)
    client = server.connect()
    client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + b"x" * 90_000)
    wait_for_phase(server, "BODY")
    server.sweep(time.monotonic() + 80)  # 20 s, and 90000 octets at 1024 a second
    client.send(b"x" * 10_000)
    assert client.response().status == 200
    client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + b"x" * 10)
    wait_for_phase(server, "BODY")
    server.sweep(time.monotonic() + 80)
    assert client.response().status == 408


def test_an_idle_connection_is_closed_gracefully(serve: Serve, hello: RequestCallback) -> None:
    server = serve(hello)
    client = server.connect()
    assert client.ask(GET % b"").status == 200
    server.sweep(far_future())
    assert client.read_to_end() == b""


def test_each_request_gives_an_idle_connection_its_time_again(serve: Serve, hello: RequestCallback) -> None:
    server = serve(hello)
    client = server.connect()
    began = time.monotonic()
    for seconds in (0, 74, 148):
        assert client.ask(GET % b"").status == 200
        server.in_loop(lambda now=began + seconds: [each.sweep(now) for each in server.server._connections])
    assert client.ask(GET % b"").status == 200
    server.sweep(far_future())
    assert client.read_to_end() == b""


def test_a_connection_without_a_request_is_closed_without_an_answer(
    serve: Serve, hello: RequestCallback
) -> None:
    server = serve(hello)
    client, other = server.connect(), server.connect()
    assert other.ask(GET % b"").status == 200
    server.sweep(far_future())
    assert client.read_to_end() == b""


def test_a_callback_has_no_deadline(serve: Serve) -> None:
    waiting: list[HTTPRequest] = []
    arrived = threading.Event()

    def callback(request: HTTPRequest) -> None:
        waiting.append(request)
        arrived.set()

    server = serve(callback)
    client = server.connect()
    client.send(GET % b"" + b"GET / HT")
    assert arrived.wait(10)
    server.sweep(far_future())
    server.in_loop(lambda: answer(waiting[0], b"late"))
    assert client.response().body == b"late"
    server.sweep(far_future())
    assert client.response().status == 408


def test_a_peer_that_does_not_end_its_side_is_dropped(serve: Serve, hello: RequestCallback) -> None:
    server = serve(hello)
    client = server.connect()
    client.send(CLOSE)
    assert client.response().status == 200
    assert client.read_to_end() == b""
    server.sweep(far_future())
    assert server.in_loop(lambda: len(server.server._connections)) == 0


def test_a_peer_that_takes_nothing_is_dropped(serve: Serve) -> None:
    server = serve(lambda request: answer(request, b"x" * 10_000_000))
    client = server.connect()
    client.send(GET % b"")
    client.read_until(b"\r\n\r\n")
    for seconds in (1000, 2000, 3000, 4000):
        server.sweep(time.monotonic() + seconds)
    assert server.in_loop(lambda: len(server.server._connections)) == 0


class BehindStream:
    """A stream whose peer has taken so many octets, and for now takes no more."""

    def __init__(self) -> None:
        self.io_loop = SimpleNamespace(call_later=lambda *_: None)  # the test sweeps itself
        self.max_buffer_size = 1_000_000_000
        self.octets_taken = 0
        self.blocked = True
        self.is_closed = False

    def taken(self) -> int:
        return self.octets_taken

    def close(self) -> None:
        self.is_closed = True

    def closed(self) -> bool:
        return self.is_closed

    def set_close_callback(self, _callback: Callable[[], None]) -> None: ...

    def read_all(self, _consumer: Callable[[bytes], None]) -> None: ...


def behind(hello: RequestCallback) -> tuple[BehindStream, HTTPConnection]:
    """Return such a stream, and a connection that wants 10 octets a second over 60 seconds."""
    stream: Any = BehindStream()
    profile = HTTP11(Limits(send_seconds=60, send_rate=10))
    return stream, HTTPConnection(stream, ("::1", 1, 0, 0), hello, profile=profile)


def test_a_peer_that_takes_too_little_is_dropped(hello: RequestCallback) -> None:
    stream, connection = behind(hello)
    for now, taken in (1000, 0), (1060, 600), (1119, 601), (1120, 1200), (1179, 1799):
        stream.octets_taken = taken
        connection.sweep(now)
        assert not stream.is_closed
    connection.sweep(1180)
    assert stream.is_closed


def test_a_peer_that_has_caught_up_has_all_its_time_again(hello: RequestCallback) -> None:
    stream, connection = behind(hello)
    for now, blocked in (1000, True), (1059, False), (1060, True), (1119, True):
        stream.blocked = blocked
        connection.sweep(now)
        assert not stream.is_closed
    connection.sweep(1120)
    assert stream.is_closed


def wait_for(condition: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and return it."""
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        if answered := condition():
            return answered
    raise AssertionError("never came true")


def wait_for_phase(server: Any, name: str) -> None:
    """Wait until the only connection is in this phase."""

    def phases() -> list[str]:
        return [connection.phase.name for connection in server.server._connections]

    wait_for(lambda: server.in_loop(phases) == [name])
