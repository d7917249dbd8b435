"""Servers that misbehave: what each does on a connection to a client who expects HTTP.

Each is a function of the server's side of a connection; it ends when the client has gone, which it learns as
an OSError. What the suite ought to make of it is not known here.
"""

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat

Behaviour = Callable[[socket.socket], None]

_STATUS_LINE = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _STATUS_LINE + b"Transfer-Encoding: chunked\r\n\r\n"
_ANSWER = _STATUS_LINE + b"Content-Length: 5\r\n\r\nhello"
_NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
_ESCAPES = b"\xff\xfe\xc3\x28\xed\xa0\x80\x1b[2J\x1b]0;owned\x07\x9b31m"
_BLOCK = 65536

# A drip is slow for a driver and quick for a test; the client leaves in the middle of it.
_BETWEEN_DROPS = 1.0


def read_head(connection: socket.socket) -> bytes:
    """Read until an empty line has come, or the client has closed."""
    read = b""
    while b"\r\n\r\n" not in read:
        more = connection.recv(_BLOCK)
        if not more:
            break
        read += more
    return read


def linger(connection: socket.socket) -> None:
    """Read all that comes until the client closes."""
    while connection.recv(_BLOCK):
        pass


def abort(connection: socket.socket) -> None:
    """Have the connection reset when it is closed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


# Behaviours


def saying(data: bytes) -> Behaviour:
    """Say this to a request, and close."""

    def behave(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(data)

    return behave


def saying_and_waiting(data: bytes) -> Behaviour:
    """Say this to a request, and keep the connection open."""

    def behave(connection: socket.socket) -> None:
        saying(data)(connection)
        linger(connection)

    return behave


def saying_and_resetting(data: bytes) -> Behaviour:
    """Say this to a request, and reset the connection."""

    def behave(connection: socket.socket) -> None:
        saying(data)(connection)
        abort(connection)

    return behave


def endlessly(first: bytes, again: bytes) -> Behaviour:
    """Say the first to a request and the other behind it, for as long as somebody takes it."""
    block = again * max(1, _BLOCK // len(again))

    def behave(connection: socket.socket) -> None:
        read_head(connection)
        for data in chain([first], repeat(block)):
            connection.sendall(data)

    return behave


def dripping(drops: Callable[[], Iterable[bytes]]) -> Behaviour:
    """Say something to a request, a drop a second."""

    def behave(connection: socket.socket) -> None:
        read_head(connection)
        gone = threading.Event()
        for drop in drops():
            connection.sendall(drop)
            gone.wait(_BETWEEN_DROPS)

    return behave


def _octets() -> Iterator[bytes]:
    for octet in _STATUS_LINE + b"Content-Length: 1000\r\n\r\n" + bytes(1000):
        yield bytes([octet])


def never_reading(connection: socket.socket) -> None:
    """Leave what comes where it is, until the client is gone."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    leaving = select.poll()
    leaving.register(connection, select.POLLRDHUP)
    leaving.poll()


def closing(connection: socket.socket) -> None:
    """Close at once."""


def half_closing(connection: socket.socket) -> None:
    """Close the sending side at once, and read on."""
    connection.shutdown(socket.SHUT_WR)
    linger(connection)


def speaking_first(connection: socket.socket) -> None:
    """Greet as a mail server does, and say nothing that is HTTP."""
    connection.sendall(b"220 mail.example ESMTP\r\n")
    while connection.recv(_BLOCK):
        connection.sendall(b"500 5.5.1 command unrecognized\r\n")


#: By name: what is said to any request, or to the requests that the server does not like.
BEHAVIOURS: dict[str, Behaviour] = {
    "never-answers": linger,
    "never-reads": never_reading,
    "closes": closing,
    "half-closes": half_closing,
    "speaks-first": speaking_first,
    "drips-octets": dripping(_octets),
    "drips-interim-responses": dripping(lambda: repeat(b"HTTP/1.1 102 Processing\r\n\r\n")),
    "endless-status-line": endlessly(b"HTTP/1.1 200 ", b"O"),
    "endless-field-line": endlessly(_STATUS_LINE + b"X-Long: ", b"a"),
    "endless-field-lines": endlessly(_STATUS_LINE, b"X-Many: a\r\n"),
    "endless-folded-line": endlessly(_STATUS_LINE + b"X-Folded: a\r\n", b" b\r\n"),
    "endless-empty-lines": endlessly(b"", b"\r\n"),
    "endless-interim-responses": endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless-content": endlessly(_STATUS_LINE + b"Connection: close\r\n\r\n", b"a"),
    "endless-chunk": endlessly(_CHUNKED + b"FFFFFFFFFFFF\r\n", b"a"),
    "endless-chunks": endlessly(_CHUNKED, b"1\r\na\r\n"),
    "endless-chunk-size": endlessly(_CHUNKED, b"0"),
    "endless-chunk-extension": endlessly(_CHUNKED + b"5", b";a=b"),
    "endless-trailers": endlessly(_CHUNKED + b"0\r\n", b"X-Trailer: a\r\n"),
    "endless-nuls": endlessly(b"", bytes(64)),
    "endless-garbage": endlessly(b"", _ESCAPES),
    "reset-at-once": abort,
    "reset-behind-a-request": saying_and_resetting(b""),
    "reset-in-a-status-line": saying_and_resetting(b"HTTP/1."),
    "reset-in-a-head": saying_and_resetting(_STATUS_LINE + b"Content-Len"),
    "reset-in-content": saying_and_resetting(_STATUS_LINE + b"Content-Length: 5\r\n\r\nhe"),
    "reset-in-a-chunk": saying_and_resetting(_CHUNKED + b"5\r\nhe"),
    "huge-status-line": saying(b"HTTP/1.1 200 " + b"O" * 1_000_000 + b"\r\nContent-Length: 0"),
    "status-without-digits": saying(b"HTTP/1.1 \xb2\xb2\xb2 OK\r\nContent-Length: 0\r\n\r\n"),
    "length-too-long-and-close": saying(_STATUS_LINE + b"Content-Length: 500\r\n\r\nhello"),
    "length-too-long-and-wait": saying_and_waiting(_STATUS_LINE + b"Content-Length: 500\r\n\r\nhello"),
    "length-of-5000-digits": saying(_STATUS_LINE + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nhello"),
    "chunk-size-of-5000-digits": saying(_CHUNKED + b"F" * 5000 + b"\r\nhello"),
    "nuls-in-the-head": saying(b"HTTP/1.1\x00200\x00OK\x00\r\n\x00\r\n"),
    "not-utf-8": saying(_ESCAPES + b"\r\n\r\n" + _ESCAPES),
    "http-2": saying(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)),
    "http-0.9": saying(b"<html>hello</html>\n"),
}

#: Those that give an answer first, which a preflight takes for one.
BEHIND_AN_ANSWER: dict[str, Behaviour] = {
    "length-too-short": saying_and_waiting(_STATUS_LINE + b"Content-Length: 2\r\n\r\nhello, this is more"),
    "two-answers": saying_and_waiting(_ANSWER * 2),
    "endless-answers": endlessly(b"", _ANSWER),
    "endless-answers-of-nothing": endlessly(b"", _NO_CONTENT),
    "endless-octets-behind-close": endlessly(
        _STATUS_LINE + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello", b"garbage"
    ),
    "hundred-thousand-field-lines": saying(
        _STATUS_LINE + b"X-Many: a\r\n" * 100_000 + b"Content-Length: 0\r\n\r\n"
    ),
    "garbage-in-the-head": saying(
        b"HTTP/1.1 200 " + _ESCAPES + b"\r\nServer: " + _ESCAPES + b"\r\n"
        b"X-\x00: \x00\r\n\xff\r\nContent-Length: 5\r\n\r\nhello"
    ),
}
