"""A server that plays a script on each connection, in a thread of its own.

The script is a tuple of actions, all of them plain values:

    bytes             send them at once
    list of bytes     send each piece by itself
    int               receive this many more bytes
    threading.Event   set it
    "request"         receive until the empty line that ends a head
    "end"             receive until the client ends its sending, or resets
    "finish"          close our sending side (over TLS: without close_notify)
    "close_notify"    close our sending side of TLS
    "reset"           abort the connection
    "drip"            send a byte every few milliseconds until the client leaves, or for some seconds

After the last action the connection is closed. Waits end when something has come, and fail after a while.
"""

import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from clients.certificates import Certificates, make_certificates
from clients.endpoint import Endpoint
from clients.tls import Security, make_security

Action = bytes | list[bytes] | int | str | threading.Event
Script = tuple[Action, ...]

# A busy machine is slow; that is not a failure.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Long enough for the busiest machine, in seconds; no test that passes waits this long.
LONGEST_WAIT = 10.0


class ScriptedServer:
    """Listens on a free loopback port and plays its scripts, one connection after another."""

    def __init__(self, scripts: tuple[Script, ...], context: ssl.SSLContext | None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        # Small buffers, which cannot hold a large message for a server that does not read.
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        self.listener.settimeout(LONGEST_WAIT)
        self.received: list[bytearray] = []
        self._context = context
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="scripted server")
        self._played: Future[None] = self._threads.submit(self._play, scripts)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def join(self) -> None:
        """Wait until all scripts are played; raise what went wrong with them."""
        self._played.result(LONGEST_WAIT)

    def close(self) -> None:
        self._threads.shutdown()
        self.listener.close()
        self.join()

    def _play(self, scripts: tuple[Script, ...]) -> None:
        for script in scripts:
            connection, _ = self.listener.accept()
            self.received.append(bytearray())
            with connection:
                connection.settimeout(LONGEST_WAIT)
                # Otherwise sent bytes may still wait here, and a reset would discard them.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # A client may leave at any time, and some handshakes are meant to fail.
                with suppress(ConnectionError, ssl.SSLError):
                    self._serve(connection, script)

    def _serve(self, connection: socket.socket, script: Script) -> None:
        if self._context is None:
            self._perform(connection, script)
            return
        with self._context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=True) as secured:
            self._perform(secured, script)

    def _perform(self, connection: socket.socket, script: Script) -> None:
        for action in script:
            match action:
                case bytes():
                    connection.sendall(action)
                case list():
                    for piece in action:
                        connection.sendall(piece)
                case int():
                    self._receive(connection, most=action)
                case threading.Event():
                    action.set()
                case "request":
                    self._receive(connection, until=b"\r\n\r\n")
                case "end":
                    self._receive(connection)
                case _:
                    _ENDINGS[action](connection)

    def _receive(self, connection: socket.socket, *, most: int | None = None, until: bytes = b"") -> None:
        """Receive up to `most` bytes, or until `until` has come, or until the client ends its sending."""
        received = bytearray()
        while most is None or len(received) < most:
            piece = connection.recv(
                1 if until else min(65536, (most or 65536 + len(received)) - len(received))
            )
            received += piece
            self.received[-1] += piece
            if not piece or (until and received.endswith(until)):
                return


def _finish(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)


def _close_notify(connection: socket.socket) -> None:
    assert isinstance(connection, ssl.SSLSocket)
    connection.unwrap()


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _drip(connection: socket.socket) -> None:
    for _ in range(400):
        connection.sendall(b"x")
        readable, _, _ = select.select([connection], [], [], 0.01)
        if readable:
            return


_ENDINGS = {"finish": _finish, "close_notify": _close_notify, "reset": _reset, "drip": _drip}


Serve = Callable[..., Endpoint]


@pytest.fixture
def servers() -> Iterator[list[ScriptedServer]]:
    running: list[ScriptedServer] = []
    yield running
    for server in running:
        server.close()


@pytest.fixture
def serve(servers: list[ScriptedServer]) -> Serve:
    """Start a server that plays one script on each connection; return its endpoint."""

    def start(
        *scripts: Script, context: ssl.SSLContext | None = None, security: Security | None = None
    ) -> Endpoint:
        servers.append(ScriptedServer(scripts, context))
        return Endpoint("127.0.0.1", servers[-1].port, security)

    return start


@pytest.fixture
def received(servers: list[ScriptedServer]) -> Callable[[], list[bytes]]:
    """Wait until the server is done; return what it received on each connection."""

    def join_server() -> list[bytes]:
        servers[-1].join()
        return [bytes(connection) for connection in servers[-1].received]

    return join_server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def security(certificates: Certificates) -> Security:
    """How a client begins TLS with the server, with every identity."""
    return make_security(
        "localhost",
        authority=certificates.authority,
        client=certificates.client,
        untrusted_client=certificates.untrusted_client,
    )


@pytest.fixture(scope="session")
def server_context(certificates: Certificates) -> ssl.SSLContext:
    return context_of(certificates.server)


@pytest.fixture(scope="session")
def demanding_context(certificates: Certificates) -> ssl.SSLContext:
    """The context of a server that requires a client certificate from the known authority."""
    context = context_of(certificates.server)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.authority)
    return context


def context_of(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def closed_port() -> Iterator[Endpoint]:
    """A port that is taken, but on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield Endpoint("127.0.0.1", taken.getsockname()[1])
