"""The bad network carries everything as it came, octets and ends: only later, in pieces, or in turn."""

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import pytest

from clients.tcp import abort
from tests.conformance.scripted_server import free_port
from tests.network.proxy import End, Proxy, Side, Way
from tests.network.shapes import SHAPES, Shape

# Longer than any network here takes; no test that passes waits for it.
PATIENCE = 20.0

DESCRIPTORS = Path("/proc/self/fd")

# Systems hold some megabytes for a connection of their own accord.
MORE_THAN_BUFFERS = 32_000_000

SWIFT = {
    "as it comes": Shape(),
    "late": Shape(latency=0.01, jitter=0.01),
    "in pieces": Shape(largest=100, cuts=200),
    "in octets": Shape(largest=1, cuts=200),
    "in bursts": Shape(burst=0.02),
}
EVERY_SHAPE = pytest.mark.parametrize("shape", SWIFT.values(), ids=list(SWIFT))


@contextmanager
def carried(shape: Shape) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give both ends of a carried connection: the client's and the server's."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        Proxy(shape, listening.getsockname()) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), PATIENCE) as client,
    ):
        listening.settimeout(PATIENCE)
        server, _ = listening.accept()
        with server:
            server.settimeout(PATIENCE)
            yield client, server


def read_to_end(connection: socket.socket) -> tuple[bytes, End]:
    """Read all that comes, and say how it ended."""
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except ConnectionResetError:
        return data, End.RST
    return data, End.FIN


@EVERY_SHAPE
def test_octets_pass_both_ways_and_each_side_ends_by_itself(shape: Shape) -> None:
    with carried(shape) as (client, server):
        client.sendall(b"request")
        client.shutdown(socket.SHUT_WR)
        assert read_to_end(server) == (b"request", End.FIN)
        server.sendall(b"response")
        server.shutdown(socket.SHUT_WR)
        assert read_to_end(client) == (b"response", End.FIN)


@EVERY_SHAPE
def test_a_side_that_has_ended_goes_on_reading(shape: Shape) -> None:
    with carried(shape) as (client, server):
        server.shutdown(socket.SHUT_WR)
        assert read_to_end(client) == (b"", End.FIN)
        client.sendall(b"more")
        assert server.recv(1) == b"m"


@EVERY_SHAPE
@pytest.mark.parametrize("by_server", [True, False], ids=["of the server", "of the client"])
def test_a_reset_comes_after_what_was_sent_before_it(shape: Shape, by_server: bool) -> None:
    with carried(shape) as ends:
        one, other = reversed(ends) if by_server else ends
        one.sendall(b"a" * 10_000)
        other.settimeout(PATIENCE)
        abort(one)
        assert read_to_end(other) == (b"a" * 10_000, End.RST)


@EVERY_SHAPE
def test_a_reset_may_follow_a_fin(shape: Shape) -> None:
    with carried(shape) as (client, server):
        server.sendall(b"response")
        server.shutdown(socket.SHUT_WR)
        assert read_to_end(client) == (b"response", End.FIN)
        abort(server)
        hangs_up = select.poll()
        hangs_up.register(client, 0)
        ((_, events),) = hangs_up.poll(PATIENCE * 1000)
        assert events & select.POLLERR


def test_what_comes_for_a_server_that_has_closed_brings_a_reset() -> None:
    with carried(Shape()) as (client, server):
        server.close()
        assert read_to_end(client) == (b"", End.FIN)
        with suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(b"late")
            hangs_up = select.poll()
            hangs_up.register(client, 0)
            ((_, events),) = hangs_up.poll(PATIENCE * 1000)
            assert events & select.POLLERR


def test_without_a_server_a_client_is_reset() -> None:
    with (
        Proxy(Shape(), ("127.0.0.1", free_port())) as proxy,
        pytest.raises(ConnectionResetError),  # perhaps before connect() has returned
        socket.create_connection(("127.0.0.1", proxy.port), PATIENCE) as client,
    ):
        client.recv(1)


@EVERY_SHAPE
def test_megabytes_pass_unchanged_and_wait_for_a_slow_reader(shape: Shape) -> None:
    data = Random(1).randbytes(MORE_THAN_BUFFERS)
    with carried(shape) as (client, server):
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        client.setblocking(False)
        sent, received = 0, bytearray()
        while sent < len(data) and select.select([], [client], [], 0.2)[1]:
            sent += client.send(data[sent : sent + 65536])
        assert sent < len(data)
        while len(received) < len(data):
            waiting = [client] if sent < len(data) else []
            readable, writable, _ = select.select([server], waiting, [], PATIENCE)
            assert readable or writable
            if writable:
                sent += client.send(data[sent : sent + 65536])
            if readable:
                received += server.recv(65536)
        assert received == data


def test_octets_are_read_one_by_one() -> None:
    with carried(Shape(largest=1, cuts=20, gap=0.01)) as (client, server):
        client.sendall(b"a" * 20)
        reads: list[int] = []
        while sum(reads) < 20:
            reads.append(len(server.recv(100)))
        assert len(reads) > 10  # a busy machine may read two at once


def test_others_wait_while_two_connections_are_carried() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        Proxy(Shape(connections=2), listening.getsockname()) as proxy,
    ):
        listening.settimeout(PATIENCE)
        clients = [socket.create_connection(("127.0.0.1", proxy.port), PATIENCE) for _ in range(3)]
        servers = [listening.accept()[0] for _ in range(2)]
        servers[0].sendall(b"there")
        assert clients[0].recv(5) == b"there"  # the network has looked at everything since
        assert proxy.carried == 2
        abort(clients[1])
        servers.append(listening.accept()[0])
        servers[2].sendall(b"last")
        assert clients[2].recv(4) == b"last"
        for each in (*clients, *servers):
            each.close()


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="there is no such folder on this system")
def test_no_descriptors_are_left() -> None:
    def descriptors() -> int:
        return len(list(DESCRIPTORS.iterdir()))

    before = descriptors()
    for _ in range(3):
        with carried(Shape()) as (client, server):
            client.sendall(b"a")
            assert server.recv(1) == b"a"
    assert descriptors() == before


# One way, by a clock of our own


@contextmanager
def way(shape: Shape) -> Iterator[tuple[Way, socket.socket, socket.socket]]:
    """Give a way, the peer at its source, and the peer at its sink."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        pairs = []
        for _ in range(2):
            connection = socket.create_connection(listening.getsockname())
            pairs.append((connection, listening.accept()[0]))
    (sender, source), (sink, receiver) = pairs
    receiver.setblocking(False)
    with sender, source, sink, receiver:
        yield Way(Side(source), Side(sink), shape, Random(1)), sender, receiver


def arrivals(moving: Way, receiver: socket.socket, moments: list[float]) -> list[bytes]:
    """Return what arrives at each moment."""
    came = []
    for moment in moments:
        moving.deliver(moment)
        came.append(receiver.recv(100) if select.select([receiver], [], [], 0)[0] else b"")
    return came


def sent(moving: Way, sender: socket.socket, data: bytes, now: float) -> None:
    sender.sendall(data)
    assert select.select([moving.source.socket], [], [], PATIENCE)[0]
    moving.take(now)


def test_latency_holds_everything_for_its_time() -> None:
    with way(Shape(latency=1.0)) as (moving, sender, receiver):
        sent(moving, sender, b"one", 10.0)
        sent(moving, sender, b"two", 10.5)
        assert moving.due == 11.0
        assert arrivals(moving, receiver, [10.9, 11.0, 11.4, 11.5]) == [b"", b"one", b"", b"two"]


def test_jitter_lets_nothing_overtake() -> None:
    with way(Shape(jitter=5.0)) as (moving, sender, receiver):
        for number in range(10):
            sent(moving, sender, b"%d" % number, 10.0 + number / 10)
        came = arrivals(moving, receiver, [10 + tenth / 10 for tenth in range(70)])
        assert b"".join(came) == b"0123456789"
        assert came[0] == b""


def test_a_burst_brings_all_that_came_since_the_last() -> None:
    with way(Shape(burst=1.0)) as (moving, sender, receiver):
        sent(moving, sender, b"one", 10.1)
        sent(moving, sender, b"two", 10.8)
        sent(moving, sender, b"three", 11.2)
        assert arrivals(moving, receiver, [10.9, 11.0, 12.0]) == [b"", b"onetwo", b"three"]


def test_pieces_are_cut_as_often_as_the_shape_says() -> None:
    with way(Shape(largest=3, cuts=4, gap=1.0)) as (moving, sender, receiver):
        sent(moving, sender, b"a" * 30, 10.0)
        came = arrivals(moving, receiver, [10.0, 11.0, 12.0, 13.0, 14.0])
        assert [1 <= len(piece) <= 3 for piece in came] == [True] * 4 + [False]
        assert len(b"".join(came)) == 30


def test_every_shape_is_bad_in_a_way() -> None:
    assert all(shape != Shape() for shape in SHAPES.values())
