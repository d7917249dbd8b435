"""Runs servers in threads, talks to them over sockets, and feeds parsers in ways that must not matter."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme
from hypothesis import HealthCheck, settings

from reference_server.connection import RequestCallback
from reference_server.httpserver import HTTPServer
from reference_server.ioloop import IOLoop
from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Body, Event, Head
from reference_server.parsing.parser import RequestParser
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest

# A busy machine is slow, and that is no finding.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

PATIENCE = 10.0
"""Seconds after which a test gives up. No test waits for it to pass."""


# Parsers


class Seen(NamedTuple):
    """An event in a form that can be compared."""

    kind: str
    values: tuple[Any, ...]


def seen(event: Event) -> Seen:
    if isinstance(event, Head):
        fields = tuple(event.fields.headers.get_all())
        head = (event.method, event.target, event.version, event.host, fields)
        return Seen("head", (*head, event.body_length, event.persistent, event.expects_continue))
    if isinstance(event, Body):
        trailers = None if event.trailers is None else tuple(event.trailers.get_all())
        return Seen("body", (event.content, trailers))
    return Seen("refusal", (event.status, event.reason))


def parse_pieces(pieces: list[bytes], profile: Profile, *, secure: bool = False) -> list[Seen]:
    parser = RequestParser(profile, secure=secure)
    events = []
    for piece in pieces:
        parser.feed(piece)
        while (event := parser.next_event()) is not None:
            events.append(seen(event))
    return events


def parse_every_way(data: bytes, profile: Profile, *, secure: bool = False) -> list[Seen]:
    """Feed the octets whole, one by one, and with others behind them: the events must be the same."""
    events = parse_pieces([data], profile, secure=secure)
    octets = [data[index : index + 1] for index in range(len(data))]
    assert parse_pieces(octets, profile, secure=secure) == events
    followed = parse_pieces([data + b"GET /next HTTP/1.1\r\nHost: h\r\n\r\n"], profile, secure=secure)
    assert followed[: len(events)] == events
    return events


Parse = Callable[..., list[Seen]]


@pytest.fixture(scope="session")
def pieces() -> Parse:
    return parse_pieces


@pytest.fixture(scope="session")
def parse() -> Parse:
    """Return what the http11 profile finds."""

    def parse(data: bytes, profile: Profile | None = None, *, secure: bool = False) -> list[Seen]:
        return parse_every_way(data, profile or HTTP11(), secure=secure)

    return parse


@pytest.fixture(scope="session")
def refused(parse: Parse) -> Callable[..., int]:
    """Return the status with which the http11 profile refuses, 0 when it does not."""

    def refused(data: bytes, profile: Profile | None = None, *, secure: bool = False) -> int:
        events = parse(data, profile, secure=secure)
        if not events or events[-1].kind != "refusal":
            return 0
        status: int = events[-1].values[0]
        return status

    return refused


# Servers and clients


class Client:
    """A plain client: sends octets, and reads until something is there or the end."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        self.socket = sock
        self.received = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def half_close(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def read_until(self, end: bytes) -> bytes:
        """Read up to and including ``end``; take it off."""
        while end not in self.received:
            data = self.socket.recv(65536)
            assert data, f"closed after {self.received!r}"
            self.received += data
        position = self.received.index(end) + len(end)
        data, self.received = self.received[:position], self.received[position:]
        return data

    def read_octets(self, count: int) -> bytes:
        while len(self.received) < count:
            data = self.socket.recv(65536)
            assert data, f"closed after {self.received!r}"
            self.received += data
        data, self.received = self.received[:count], self.received[count:]
        return data

    def read_to_end(self) -> bytes:
        """Read until the server closes, gracefully."""
        while data := self.socket.recv(65536):
            self.received += data
        data, self.received = self.received, b""
        return data

    def response(self, *, to_head: bool = False) -> "Response":
        """Read one response with a Content-Length, or without any body."""
        head = self.read_until(b"\r\n\r\n")
        status_line, *lines = head[:-4].decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = 0 if to_head else int(fields.get("content-length", 0))
        return Response(int(status_line.split()[1]), status_line, fields, self.read_octets(length))

    def ask(self, data: bytes, *, to_head: bool = False) -> "Response":
        self.send(data)
        return self.response(to_head=to_head)


@dataclass(frozen=True)
class Response:
    status: int
    status_line: str
    fields: dict[str, str]
    body: bytes


class Running:
    """A server in a thread of its own, with a loop of its own."""

    def __init__(self, callback: RequestCallback, *, address: str = "127.0.0.1", **options: Any) -> None:
        self.loop = IOLoop()
        self.server = HTTPServer(callback, io_loop=self.loop, **options)
        self.server.listen(0, address)
        self.port = self.server.address[1]
        self.thread = threading.Thread(target=self.loop.start)
        self.sockets = contextlib.ExitStack()
        self.thread.start()

    def connect(self, context: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> Client:
        sock = socket.create_connection((address, self.port), timeout=PATIENCE)
        if context is not None:
            # an end without close_notify is then an error
            sock = context.wrap_socket(sock, server_hostname="localhost", suppress_ragged_eofs=False)
        self.sockets.enter_context(sock)
        return Client(sock)

    def in_loop(self, function: Callable[[], Any]) -> Any:
        """Call a function in the server's thread; return what it returns."""
        done = threading.Event()
        results: list[Any] = []

        def call() -> None:
            try:
                results.append(function())
            finally:
                done.set()

        self.loop.add_callback(call)
        assert done.wait(PATIENCE)
        return results[0]

    def sweep(self, now: float) -> None:
        """Let all connections look at the clock, and then believe that it is ``now``, a later moment."""

        def sweep() -> None:
            for moment in (time.monotonic(), now):
                for connection in list(self.server._connections):
                    connection.sweep(moment)

        self.in_loop(sweep)

    def close(self) -> None:
        self.sockets.close()
        self.loop.add_callback(self.server.stop)
        self.loop.add_callback(self.server.close_all)
        self.loop.add_callback(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()


Serve = Callable[..., Running]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers; they end with the test."""
    with contextlib.ExitStack() as running:

        def serve(callback: RequestCallback, **options: Any) -> Running:
            server = Running(callback, **options)
            running.callback(server.close)
            return server

        yield serve


@pytest.fixture(params=[HTTP11, Documented], ids=lambda profile: profile.name)
def profile(request: pytest.FixtureRequest) -> Profile:
    """Each profile in turn."""
    chosen: Profile = request.param()
    return chosen


@pytest.fixture
def hello() -> RequestCallback:
    """The callback of the document's example."""

    def handle_request(request: HTTPRequest) -> None:
        message = b"You requested %s\n" % request.uri.encode()
        request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(message), message))
        request.finish()

    return handle_request


@dataclass(frozen=True)
class Certificates:
    authority: Path
    server: Path
    client: Path
    foreign_client: Path

    def client_context(self, certificate: Path | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.authority))
        if certificate is not None:
            context.load_cert_chain(certificate)
        return context


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    authority, foreign = trustme.CA(), trustme.CA()
    made = Certificates(*(folder / f"{name}.pem" for name in ("authority", "server", "client", "foreign")))
    authority.cert_pem.write_to_path(str(made.authority))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(made.server))
    authority.issue_cert("ann@example.org").private_key_and_cert_chain_pem.write_to_path(str(made.client))
    foreign.issue_cert("eve@example.org").private_key_and_cert_chain_pem.write_to_path(
        str(made.foreign_client)
    )
    return made
