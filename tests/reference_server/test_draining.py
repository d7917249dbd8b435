"""A server that is told to end: what has come is answered, and the last response says that it is the last."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from reference_server.basestream import READ_SIZE
from reference_server.connection import RequestCallback
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.request import HTTPRequest
from reference_server.responses import respond

Serve = Callable[..., Any]

GET = b"GET /%b HTTP/1.1\r\nHost: h\r\n\r\n"
LATER = GET % b"later"


class Application:
    """Answers at once, or, to ``/later``, when it is told to."""

    def __init__(self) -> None:
        self.arrived = threading.Semaphore(0)
        self.waiting: list[HTTPRequest] = []

    def __call__(self, request: HTTPRequest) -> None:
        if request.uri == "/later":
            self.waiting.append(request)
            self.arrived.release()
        else:
            respond(request, 200, request.uri.encode())

    def answer(self) -> None:
        respond(self.waiting.pop(0), 200, b"late")


class Drained:
    """A server that is draining, and whether it is done."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.done = threading.Event()

    def begin(self, *before: Callable[[], Any]) -> None:
        """Do something while the loop waits, and begin to drain before it looks."""

        def begin() -> None:
            for each in before:
                each()
            self.server.server.drain(self.done.set)

        self.server.in_loop(begin)

    def end(self, *clients: Any) -> None:
        for client in clients:
            client.socket.close()
        assert self.done.wait(10)


@pytest.fixture
def application() -> Application:
    return Application()


def test_a_connection_that_waits_to_be_accepted_is_served(serve: Serve, application: Application) -> None:
    """The kernel has accepted it, and its client has sent a request."""
    server = serve(application)
    drained = Drained(server)
    clients: list[Any] = []

    def connect() -> None:
        clients.extend(server.connect() for _ in range(20))
        for client in clients:
            client.send(GET % b"")

    drained.begin(connect)
    for client in clients:
        response = client.response()
        assert (response.status, response.fields["connection"]) == (200, "close")
        assert client.read_to_end() == b""
    drained.end(*clients)


def test_no_connection_is_accepted_after_that(serve: Serve, application: Application) -> None:
    server = serve(application)
    drained = Drained(server)
    client = server.connect()
    assert client.ask(GET % b"").status == 200
    drained.begin()
    with pytest.raises(ConnectionRefusedError):
        server.connect()
    drained.end(client)


def test_a_request_that_has_come_and_was_not_read_is_answered(serve: Serve, application: Application) -> None:
    server = serve(application)
    drained = Drained(server)
    client = server.connect()
    assert client.ask(GET % b"1").fields.get("connection") is None
    server.sweep(time.monotonic() + 50)  # it has been idle for long
    drained.begin(lambda: client.send(GET % b"2"))
    response = client.response()
    assert (response.body, response.fields["connection"]) == (b"/2", "close")
    assert client.read_to_end() == b""
    drained.end(client)


def test_a_request_on_its_way_is_answered(serve: Serve, application: Application) -> None:
    server = serve(application)
    drained = Drained(server)
    client = server.connect()
    assert client.ask(GET % b"1").status == 200
    drained.begin()
    response = client.ask(GET % b"2")
    assert (response.body, response.fields["connection"]) == (b"/2", "close")
    assert client.read_to_end() == b""
    drained.end(client)


def test_an_idle_connection_is_closed_soon(serve: Serve, application: Application) -> None:
    server = serve(application, profile=HTTP11(Limits(grace_seconds=1000)))
    drained = Drained(server)
    client, unused = server.connect(), server.connect()
    assert client.ask(GET % b"").status == 200
    drained.begin()
    server.sweep(time.monotonic() + Limits().farewell_seconds + 1)
    assert (client.read_to_end(), unused.read_to_end()) == (b"", b"")
    drained.end(client, unused)


def test_one_that_has_been_idle_for_long_is_closed_at_once(serve: Serve, application: Application) -> None:
    server = serve(application, profile=HTTP11(Limits(farewell_seconds=20, grace_seconds=1000)))
    drained = Drained(server)
    client = server.connect()
    assert client.ask(GET % b"").status == 200
    (connection,) = server.in_loop(lambda: list(server.server._connections))
    server.in_loop(lambda: connection.sweep(time.monotonic() - 30))  # when it was first seen idle
    drained.begin()
    assert client.read_to_end() == b""
    drained.end(client)


def test_pipelined_requests_are_all_answered(serve: Serve, application: Application) -> None:
    """DOC-CONN-4: those that have come."""
    server = serve(application)
    drained = Drained(server)
    client = server.connect()
    client.send(LATER + GET % b"1" + LATER + GET % b"2")
    assert application.arrived.acquire(timeout=10)
    drained.begin()
    server.in_loop(application.answer)
    assert application.arrived.acquire(timeout=10)
    server.in_loop(application.answer)
    responses = [client.response() for _ in range(4)]
    assert [response.body for response in responses] == [b"late", b"/1", b"late", b"/2"]
    closes = [response.fields.get("connection") for response in responses]
    assert closes == [None, None, None, "close"]
    assert client.read_to_end() == b""
    drained.end(client)


def test_what_is_in_flight_is_the_last(serve: Serve, application: Application) -> None:
    server = serve(application)
    drained = Drained(server)
    client = server.connect()
    client.send(LATER)
    assert application.arrived.acquire(timeout=10)
    drained.begin()
    server.in_loop(application.answer)
    assert client.response().fields["connection"] == "close"
    assert client.read_to_end() == b""
    drained.end(client)


def test_what_takes_too_long_is_cut_off(serve: Serve, application: Application) -> None:
    server = serve(application, profile=HTTP11(Limits(grace_seconds=0)))
    drained = Drained(server)
    client = server.connect()
    client.send(LATER)
    assert application.arrived.acquire(timeout=10)
    drained.begin()
    assert client.read_to_end() == b""
    drained.end(client)


# Requests whose clients have left


def left(server: Any) -> int:
    count: int = server.in_loop(lambda: len(server.server._connections))
    return count


@pytest.mark.parametrize("behind", [b"", GET % b"" * 2, GET % b"" * 20_000], ids=["nothing", "few", "many"])
def test_a_request_without_end_is_dropped_when_its_client_has_left(
    behind: bytes, serve: Serve, application: Application
) -> None:
    """DOC-CONN-7: by FIN, which may stand after more than is read."""
    server = serve(application)
    client = server.connect()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2_000_000)
    client.send(LATER)
    assert application.arrived.acquire(timeout=10)
    client.send(behind)
    server.sweep(time.monotonic() + 10_000)
    assert left(server) == 1
    client.socket.close()
    (connection,) = server.in_loop(lambda: list(server.server._connections))
    while not server.in_loop(lambda: connection._peer_ended or connection.stream.hung_up):
        pass
    began = time.monotonic() + 20_000
    server.in_loop(lambda: connection.sweep(began))
    assert left(server) == 1
    server.in_loop(lambda: connection.sweep(began + Limits().abandoned_seconds))
    server.in_loop(lambda: None)
    assert left(server) == 0
    server.in_loop(application.answer)  # it is dropped, and nobody is disturbed
    assert server.connect().ask(GET % b"").status == 200


def test_a_client_that_waits_on_its_open_side_has_its_time(serve: Serve, application: Application) -> None:
    """DOC-KA-6: from its FIN on, however long the request has taken before."""
    server = serve(application)
    client = server.connect()
    client.send(LATER)
    assert application.arrived.acquire(timeout=10)
    server.sweep(time.monotonic() + 10_000)
    client.half_close()
    (connection,) = server.in_loop(lambda: list(server.server._connections))
    while not server.in_loop(lambda: connection._peer_ended):
        pass
    server.in_loop(lambda: connection.sweep(time.monotonic() + 20_000))
    server.in_loop(application.answer)
    assert client.response().body == b"late"
    assert client.read_to_end() == b""


# Turns


def test_a_client_that_pipelines_takes_turns_with_others(serve: Serve) -> None:
    """DOC-CONN-4: though its thousand requests came first."""
    asked: list[str] = []

    def callback(request: HTTPRequest) -> None:
        asked.append(request.uri)
        respond(request, 200)

    server = serve(callback)
    many, one = server.connect(), server.connect()
    for client in many, one:
        assert client.ask(GET % b"").status == 200

    def send() -> None:
        many.send(GET % b"many" * 1000)
        one.send(GET % b"one")

    server.in_loop(send)
    assert one.response().status == 200
    assert [many.response().status for _ in range(1000)] == [200] * 1000
    assert asked.index("/one") < 500


@pytest.mark.parametrize("target", [b"", b"later"])
def test_a_client_that_pipelines_and_never_reads_is_not_read_either(
    target: bytes, serve: Serve, hello: RequestCallback
) -> None:
    """Whether the application answers at once, or in a later round: what is kept for it has a limit."""

    def callback(request: HTTPRequest) -> None:
        if request.uri == "/later":
            server.loop.add_callback(lambda: hello(request))
        else:
            hello(request)

    server = serve(callback)
    client = server.connect()
    client.socket.setblocking(False)
    requests = GET % target * 10_000
    (connection,) = server.in_loop(lambda: list(server.server._connections))
    most = 2 * Limits().backlog + 2 * READ_SIZE  # one read may come on top of each
    while True:
        assert server.in_loop(lambda: connection._parser.buffered + connection.stream.backlog) < most
        try:
            client.socket.send(requests)
        except BlockingIOError:
            if server.in_loop(lambda: connection.stream.blocked):
                break  # for good: nobody reads
    assert server.connect().ask(GET % b"").status == 200
