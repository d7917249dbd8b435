"""Servers that understand nothing: each behaves the same for any request, and none may look conforming."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behaviour = Callable[[socket.socket], None]


def answering(status: bytes, *, close: bool) -> Behaviour:
    """Send the same response to anything, then close or wait for more."""
    response = (
        b"HTTP/1.1 " + status + b"\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\nContent-Length: 5\r\n"
        b"Connection: " + (b"close" if close else b"keep-alive") + b"\r\n\r\nhello"
    )

    def behave(connection: socket.socket) -> None:
        while connection.recv(65536):
            connection.sendall(response)
            if close:
                connection.shutdown(socket.SHUT_WR)

    return behave


def silent(connection: socket.socket) -> None:
    """Read everything and send nothing."""
    while connection.recv(65536):
        pass


def closing(connection: socket.socket) -> None:
    """Close at once; bytes still under way cause a reset."""


def babbling(connection: socket.socket) -> None:
    """Send bytes that are not a response to anything."""
    while connection.recv(65536):
        connection.sendall(b"\x00\xff\r\n\r\nHTTP/9 nonsense\r\n\r\n")


NULL_SERVERS: dict[str, Behaviour] = {
    "always-400": answering(b"400 Bad Request", close=False),
    "always-400-and-close": answering(b"400 Bad Request", close=True),
    "always-200": answering(b"200 OK", close=False),
    "always-200-and-close": answering(b"200 OK", close=True),
    "silent": silent,
    "closing": closing,
    "garbage": babbling,
}


@contextmanager
def null_server(behave: Behaviour) -> Iterator[str]:
    """Serve on a free loopback port until the block ends; yields the URL."""
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:

        def handle(connection: socket.socket) -> None:
            # A client that left, or sends nothing for ten seconds, has ended the conversation.
            with connection, suppress(OSError):
                connection.settimeout(10)
                behave(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    threads.append(threading.Thread(target=handle, args=(connection,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()
