"""Scripted servers on loopback: each connection is handled as its script says, and every request is kept."""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from clients.endpoint import Endpoint
from tests.conformance.builders import response

# No test waits for so long; it only keeps a mistake from hanging the run.
_AT_MOST = 20.0


class Peer:
    """The server's side of one connection."""

    def __init__(self, connection: socket.socket, requests: list[bytes]) -> None:
        self.connection = connection
        self._requests = requests
        self._buffer = b""

    def request(self) -> bytes:
        """Read the next request, with what its Content-Length announces; empty when there is none."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._read():
                return b""
        head = self._buffer[: self._buffer.index(b"\r\n\r\n") + 4]
        announced = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
        size = len(head) + (int(announced[1]) if announced else 0)
        while len(self._buffer) < size:
            if not self._read():
                return b""
        request, self._buffer = self._buffer[:size], self._buffer[size:]
        self._requests.append(request)
        return request

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def reset(self) -> None:
        """Have the connection aborted when the script ends."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _read(self) -> bool:
        data = self.connection.recv(65536)
        self._buffer += data
        return bool(data)


Script = Callable[[Peer], None]
Answer = Callable[[bytes], bytes]


@dataclass
class Server:
    """Where a scripted server listens, what it was asked, and how many connections it was offered."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint("127.0.0.1", self.port)


@contextmanager
def serving(*scripts: Script) -> Iterator[Server]:
    """Serve until the block ends; the last script is for all connections that come after the others."""
    threads: list[threading.Thread] = []
    open_connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        server = Server(listening.getsockname()[1])

        def handle(connection: socket.socket, script: Script) -> None:
            with connection, suppress(OSError):
                connection.settimeout(_AT_MOST)
                script(Peer(connection, server.requests))

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    script = scripts[min(server.connections, len(scripts) - 1)]
                    server.connections += 1
                    open_connections.append(connection)
                    threads.append(threading.Thread(target=handle, args=(connection, script)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection in open_connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def free_port() -> int:
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


# Scripts


def by_request(answer: Answer) -> Script:
    """Answer each request, and close where the request asks for it."""

    def script(peer: Peer) -> None:
        while request := peer.request():
            peer.send(answer(request))
            if b"connection: close" in request.lower():
                return

    return script


def always(*pieces: bytes) -> Script:
    """Answer every request with the same bytes."""
    return by_request(lambda _: b"".join(pieces))


def then_close(data: bytes) -> Script:
    """Read one request, send these bytes and close."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(data)

    return script


def then_reset(peer: Peer) -> None:
    """Read one request and abort the connection."""
    peer.request()
    peer.reset()


def then_wait(data: bytes) -> Script:
    """Read one request, send these bytes and keep the connection open."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(data)
        while peer.request():
            pass

    return script


silent = then_wait(b"")


def witnessing(mount: bytes = b"/witness", **members: Any) -> Answer:
    """Answer as the witness does under its mount, with these members of the echo in place of the truth."""

    def answer(request: bytes) -> bytes:
        line, _, rest = request.partition(b"\r\n")
        method, target, version = line.split(b" ")
        if not target.startswith(mount + b"/echo"):
            return response(200, b"hello", b"Server: scripted")
        seen: dict[str, Any] = {
            "witness": 1,
            "method": method.decode("latin-1"),
            "target": target.decode("latin-1"),
            "version": version.decode("latin-1"),
        }
        if rest.endswith(b"\r\n\r\na=1"):
            seen["arguments"] = {"a": ["1"]}
        return response(200, json.dumps(seen | members).encode("ascii"))

    return answer
