"""Streams over sockets, plain and over TLS."""

import contextlib
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reference_server.ioloop import IOLoop
from reference_server.iostream import IOStream, SSLIOStream
from reference_server.network.tls import server_context


class Pair:
    """A stream, the loop it lives in, and the socket at the other end."""

    def __init__(self, make: Callable[[socket.socket, IOLoop], IOStream]) -> None:
        self.loop = IOLoop()
        ours, self.peer = socket.socketpair()
        self.peer.settimeout(10)
        self.stream = make(ours, self.loop)
        self.loop.call_later(10, self.loop.stop)

    def run(self) -> None:
        """Run the loop until somebody stops it."""
        self.loop.start()

    def close(self) -> None:
        self.stream.close()
        self.peer.close()
        self.loop.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    with contextlib.closing(Pair(IOStream)) as pair:
        yield pair


def collect(pair: Pair, count: int) -> tuple[list[bytes], Callable[[bytes], None]]:
    """Return a list and a callback that puts what it gets there, and stops the loop after ``count``."""
    got: list[bytes] = []

    def callback(data: bytes) -> None:
        got.append(data)
        if len(got) == count:
            pair.loop.stop()

    return got, callback


def test_read_until_and_read_bytes_give_what_was_asked_for(pair: Pair) -> None:
    """DOC-IO-2."""
    got, callback = collect(pair, 3)

    def then(data: bytes) -> None:
        callback(data)
        pair.stream.read_bytes(3, last)

    def last(data: bytes) -> None:
        callback(data)
        pair.stream.read_bytes(0, callback)

    pair.stream.read_until(b"\r\n", then)
    assert pair.stream.reading()
    pair.peer.sendall(b"line\r\nabcd")
    pair.run()
    assert got == [b"line\r\n", b"abc", b""]
    assert not pair.stream.reading()


def test_a_delimiter_may_come_in_pieces(pair: Pair) -> None:
    """DOC-IO-2."""
    got, callback = collect(pair, 1)
    pair.stream.read_until(b"\r\n\r\n", callback)
    for piece in b"a\r\n\r", b"b\r\n":
        pair.peer.sendall(piece)
        pair.loop.add_callback(pair.loop.stop)
        pair.run()
    assert got == []
    pair.peer.sendall(b"\r\n")
    pair.run()
    assert got == [b"a\r\n\rb\r\n\r\n"]


def test_one_read_at_a_time(pair: Pair) -> None:
    """DOC-IO-2."""
    pair.stream.read_bytes(1, print)
    with pytest.raises(AssertionError, match="Already reading"):
        pair.stream.read_bytes(1, print)


def test_the_buffer_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """DOC-LEN-7, DOC-IO-2."""
    with contextlib.closing(Pair(lambda sock, loop: IOStream(sock, loop, max_buffer_size=100))) as pair:
        pair.stream.set_close_callback(pair.loop.stop)
        pair.stream.read_until(b"never", print)
        pair.peer.sendall(b"x" * 101)
        pair.run()
        assert pair.stream.closed()
        assert "maximum read buffer size" in caplog.text


def test_writes_arrive_in_order_and_tell_when_they_are_out(pair: Pair) -> None:
    """DOC-IO-2."""
    size = 3_000_000
    reader = threading.Thread(target=lambda: received.append(read_exactly(pair.peer, size + 3)))
    received: list[bytes] = []
    pair.stream.write(b"x" * size)
    assert pair.stream.writing()
    pair.stream.write(b"end", pair.loop.stop)
    reader.start()
    pair.run()
    reader.join(10)
    assert not pair.stream.writing()
    assert pair.stream.backlog == 0
    assert received == [b"x" * size + b"end"]


def read_exactly(sock: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        data += sock.recv(1_000_000)
    return bytes(data)


def test_many_pieces_that_wait_are_not_held_twice(pair: Pair) -> None:
    """Nobody reads; they are joined a few at a time."""
    pieces = [bytes([number]) * 100_000 for number in range(250)]
    for piece in pieces:
        pair.stream.write(piece)
    pair.loop.add_callback(pair.loop.stop)
    tracemalloc.start()
    pair.run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert pair.stream.blocked
    assert peak < 2_000_000
    backlog = pair.stream.backlog
    assert len(pair.peer.recv(100_000_000)) + backlog == pair.stream._sent + backlog == 25_000_000


def test_tiny_pieces_count_for_more_than_their_octets(pair: Pair) -> None:
    """Each takes memory of its own."""
    pair.stream.max_unsent = 1_000_000
    refused = 0
    for _ in range(20_000):
        try:
            pair.stream.write(b"ab")
        except BufferError:
            refused += 1
    assert 0 < refused < 10_000


def test_what_is_too_much_is_not_sent_in_part(pair: Pair) -> None:
    pair.stream.max_unsent = 1000
    pair.stream.write(b"a" * 600)
    with pytest.raises(BufferError, match="more than 1000 octets"):
        pair.stream.write(b"b" * 600)
    pair.stream.write(b"c", pair.loop.stop)
    pair.run()
    assert pair.peer.recv(10_000) == b"a" * 600 + b"c"


def test_each_callback_of_a_write_comes_once(pair: Pair) -> None:
    """DOC-IO-2."""
    told: list[int] = []
    pair.stream.write(b"a", lambda: told.append(1))
    pair.stream.write(b"b", lambda: told.append(2))
    pair.stream.write(b"c", pair.loop.stop)
    pair.run()
    assert told == [1, 2]


def test_the_end_of_a_peer_that_is_not_read_is_seen(pair: Pair) -> None:
    """After octets that wait in the kernel: they are still to be read."""
    got, callback = collect(pair, 2)
    pair.stream.read_all(callback)
    pair.stream.pause()
    pair.peer.sendall(b"unread")
    pair.loop.add_callback(pair.loop.stop)
    pair.run()
    looks = [pair.stream.hung_up, pair.stream.unread()]
    pair.peer.shutdown(socket.SHUT_WR)
    while not pair.stream.hung_up:
        pair.loop.add_callback(pair.loop.stop)
        pair.run()
    assert looks == [False, 6]
    pair.stream.resume()
    pair.run()
    assert got == [b"unread", b""]


def test_a_closed_stream_is_not_behind(pair: Pair) -> None:
    pair.stream.write(bytes(10_000_000))
    pair.loop.add_callback(pair.loop.stop)
    pair.run()
    looks = [pair.stream.blocked]
    pair.stream.close()
    looks.append(pair.stream.blocked)
    assert looks == [True, False]


def test_it_is_known_what_the_peer_has_taken() -> None:
    """What waits in our own kernel is not taken."""
    octets = 20_000_000
    listening = socket.create_server(("127.0.0.1", 0))
    peer = socket.create_connection(listening.getsockname(), timeout=10)
    loop = IOLoop()
    stream = IOStream(listening.accept()[0], loop)
    with listening, peer, contextlib.closing(loop), contextlib.closing(stream):
        stream.write(bytes(octets), loop.stop)
        loop.add_callback(loop.stop)
        loop.start()
        looks = [stream.blocked]
        assert stream.taken() < stream._sent < octets

        def read() -> None:
            left = octets
            while left:
                left -= len(peer.recv(left))

        reader = threading.Thread(target=read)
        reader.start()
        loop.start()
        reader.join(10)
        looks.append(stream.blocked)
        assert looks == [True, False]
        give_up = time.monotonic() + 10  # the last acknowledgement may be on its way
        while stream.taken() < octets:
            assert time.monotonic() < give_up


def test_closing_tells_the_callback_once(pair: Pair) -> None:
    """DOC-IO-2."""
    closed: list[bool] = []
    pair.stream.set_close_callback(lambda: closed.append(pair.stream.closed()))
    pair.stream.close()
    pair.stream.close()
    pair.stream.write(b"dropped")
    pair.loop.add_callback(pair.loop.stop)
    pair.run()
    assert closed == [True]
    assert pair.peer.recv(10) == b""


def test_a_peer_that_closes_closes_the_stream_of_a_reader(pair: Pair) -> None:
    """DOC-IO-2."""
    pair.stream.set_close_callback(pair.loop.stop)
    pair.stream.read_bytes(10, print)
    pair.peer.sendall(b"short")
    pair.peer.close()
    pair.run()
    assert pair.stream.closed()


def test_an_exception_in_a_reader_closes_the_stream(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """DOC-IO-1, DOC-IO-2."""

    def broken(data: bytes) -> None:
        raise ValueError(data)

    pair.stream.set_close_callback(pair.loop.stop)
    pair.stream.read_bytes(1, broken)
    pair.peer.sendall(b"a")
    pair.run()
    assert pair.stream.closed()
    assert "ValueError" in caplog.text


def test_the_end_of_what_arrives_is_not_the_end_of_what_is_sent(pair: Pair) -> None:
    got: list[bytes] = []

    def consume(data: bytes) -> None:
        got.append(data)
        if not data:
            pair.stream.write(b"answer", pair.loop.stop)

    pair.stream.read_all(consume)
    pair.peer.sendall(b"question")
    pair.peer.shutdown(socket.SHUT_WR)
    pair.run()
    assert (b"".join(got), got[-1]) == (b"question", b"")
    assert pair.peer.recv(100) == b"answer"


def test_what_is_not_read_waits_with_the_peer(pair: Pair) -> None:
    got, callback = collect(pair, 1)
    pair.stream.read_all(callback)
    pair.stream.pause()
    pair.peer.sendall(b"early")
    pair.loop.add_callback(pair.loop.stop)
    pair.run()
    assert got == []
    pair.stream.resume()
    pair.run()
    assert got == [b"early"]


def test_a_reset_closes_a_stream_that_does_not_read(pair: Pair) -> None:
    pair.stream.set_close_callback(pair.loop.stop)
    pair.stream.read_all(print)
    pair.stream.pause()
    pair.peer.close()
    pair.run()
    assert pair.stream.closed()


# TLS: the peer is the standard library's own client, in a thread


class Handshake(threading.Thread):
    """A TLS client at the other end: shakes hands, then plays."""

    def __init__(
        self, peer: socket.socket, context: ssl.SSLContext, play: Callable[[ssl.SSLSocket], Any]
    ) -> None:
        super().__init__()
        self.result: Any = None
        self._peer, self._context, self._play = peer, context, play
        self.start()

    def run(self) -> None:
        try:
            # an end without close_notify is then an error
            with self._context.wrap_socket(
                self._peer, server_hostname="localhost", suppress_ragged_eofs=False
            ) as secure:
                self.result = self._play(secure)
        except OSError as error:
            self.result = error


@pytest.fixture
def tls(certificates: Any) -> Iterator[Pair]:
    options = {"certfile": str(certificates.server)}
    with contextlib.closing(Pair(lambda sock, loop: SSLIOStream(sock, loop, ssl_options=options))) as pair:
        yield pair


def test_tls_is_the_same_stream(tls: Pair, certificates: Any) -> None:
    """DOC-IO-3."""

    def play(secure: ssl.SSLSocket) -> bytes:
        secure.sendall(b"line\r\n" + b"y" * 1_000_000)
        return read_exactly(secure, 2_000_000) + secure.recv(10)

    def read_rest(line: bytes) -> None:
        assert line == b"line\r\n"
        tls.stream.read_bytes(1_000_000, answer)

    def answer(data: bytes) -> None:
        tls.stream.write(data)
        tls.stream.write(data)
        tls.stream.end()

    tls.stream.set_close_callback(tls.loop.stop)
    tls.stream.read_until(b"\r\n", read_rest)
    client = Handshake(tls.peer, certificates.client_context(), play)
    tls.run()
    client.join(10)
    assert client.result == b"y" * 2_000_000


def test_close_notify_is_sent_before_closing(tls: Pair, certificates: Any) -> None:
    """RFC 9112, section 9.8: without it, reading raises an error at the end."""

    def play(secure: ssl.SSLSocket) -> bytes:
        secure.sendall(b"a")
        return secure.recv(10)

    tls.stream.set_close_callback(tls.loop.stop)
    tls.stream.read_bytes(1, lambda _: tls.stream.close())
    client = Handshake(tls.peer, certificates.client_context(), play)
    tls.run()
    client.join(10)
    assert client.result == b""


def test_the_peers_close_notify_is_its_end(tls: Pair, certificates: Any) -> None:
    """DOC-IO-3: and we may still answer."""
    got: list[bytes] = []

    def play(secure: ssl.SSLSocket) -> bytes:
        secure.sendall(b"question")
        plain = secure.unwrap()
        return plain.recv(1000)

    def consume(data: bytes) -> None:
        got.append(data)
        if not data:
            tls.stream.write(b"answer")
            tls.stream.end()

    tls.stream.set_close_callback(tls.loop.stop)
    tls.stream.read_all(consume)
    client = Handshake(tls.peer, certificates.client_context(), play)
    tls.run()
    client.join(10)
    assert got == [b"question", b""]


def test_no_version_before_1_2_is_spoken(tls: Pair, certificates: Any) -> None:
    context = certificates.client_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.deprecated_call():
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.deprecated_call():
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    tls.stream.set_close_callback(tls.loop.stop)
    tls.stream.read_all(lambda _: None)
    client = Handshake(tls.peer, context, lambda secure: secure.version())
    tls.run()
    client.join(10)
    assert isinstance(client.result, ssl.SSLError)


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b"\x00" * 100])
def test_a_garbage_handshake_is_ended_with_an_alert(
    garbage: bytes, tls: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-IO-3."""
    caplog.set_level("INFO")
    tls.stream.set_close_callback(tls.loop.stop)
    tls.stream.read_all(lambda data: pytest.fail(f"got {data!r}") if data else None)
    tls.peer.sendall(garbage)
    tls.peer.shutdown(socket.SHUT_WR)
    tls.run()
    assert "TLS failure" in caplog.text
    answer = b"".join(iter(lambda: tls.peer.recv(1000), b""))
    assert answer[:1] in (b"", b"\x15")


def test_a_reader_whose_peer_speaks_no_tls_is_closed(tls: Pair) -> None:
    """DOC-IO-3: after the alert, and though the peer goes on."""
    tls.stream.set_close_callback(tls.loop.stop)
    tls.stream.read_until(b"\r\n", lambda data: pytest.fail(f"got {data!r}"))
    tls.peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
    tls.run()
    assert tls.stream.closed()
    assert tls.peer.recv(100)[:1] in (b"", b"\x15")


def test_unknown_options_and_bad_files_are_refused(certificates: Any, tmp_path: Any) -> None:
    with pytest.raises(TypeError, match="cert_file"):
        server_context({"cert_file": "x"})
    with pytest.raises(OSError, match="No such file"):
        server_context({"certfile": str(tmp_path / "none.pem")})
    with pytest.raises(ssl.SSLError):
        server_context({"certfile": str(certificates.authority)})
    with pytest.raises(ssl.SSLError):
        server_context({"certfile": str(certificates.server), "ciphers": "NONSENSE"})
