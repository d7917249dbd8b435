"""A bad network: a TCP proxy that carries connections to a server late, in pieces, or few at once.

The ends of a connection pass as they came: FIN as FIN, of one side alone; RST as RST, after all that was sent
before it. What passes is not looked at, so TLS goes through. Only the making of a connection does not take
its time: the system does that before the proxy knows of it. The module knows neither HTTP nor the suite.
"""

import math
import os
import select
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from enum import Enum
from random import Random
from types import TracebackType
from typing import Self

from clients.tcp import abort, arrived
from tests.network.shapes import Shape

# The most that is under way in one direction of a connection, in octets; more waits at its sender.
_ROOM = 1024 * 1024
_BLOCK = 65536
_BACKLOG = 512

# A reset destroys what its sink has not acknowledged. So it waits for that, looking often, but not for ever.
_BEFORE_A_RESET = 2.0
_BETWEEN_LOOKS = 0.005

_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


class End(Enum):
    """How a peer ended what it sends."""

    FIN = "FIN"
    RST = "RST"


class Side:
    """The socket to one peer of a carried connection: to the client, or to the server."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = connection
        self.descriptor = connection.fileno()
        self.ended: End | None = None
        """How the peer ended what it sends, as far as we have read."""
        self.shut = False
        """Whether we have ended what we send."""
        self.gone = False
        """Whether a send has shown that the peer has reset the connection: the system says so only once."""

    def read(self) -> bytes | End | None:
        """Return what has come, or how that ended; None if there is nothing yet."""
        if self.ended is End.FIN:
            self.ended = End.RST  # after a FIN, nothing else can come
            return End.RST
        try:
            data = self.socket.recv(_BLOCK)
        except BlockingIOError:
            return None
        except OSError:
            self.gone, data = True, b""
        if not data:
            self.ended = End.RST if self.gone else End.FIN
        return data or self.ended

    def send(self, data: bytes) -> int | None:
        """Return how much was sent; None if nothing can be sent for now."""
        try:
            return self.socket.send(data)
        except BlockingIOError:
            return None
        except OSError:
            self.gone = True  # what it sent before can still be read
            return len(data)

    def end(self, end: End) -> None:
        """End what we send."""
        self.shut = True
        with suppress(OSError):
            if end is End.RST:
                abort(self.socket)
            else:
                self.socket.shutdown(socket.SHUT_WR)


class Way:
    """One direction of a connection: what was read at its source and is on its way to its sink."""

    def __init__(self, source: Side, sink: Side, shape: Shape, chance: Random) -> None:
        self.source = source
        self.sink = sink
        self.blocked = False
        """Whether the sink takes no more for now."""
        self._shape = shape
        self._chance = chance
        self._under_way: deque[tuple[float, bytes | End]] = deque()
        self._size = 0
        self._cuts = shape.cuts
        self._not_before = 0.0

    @property
    def due(self) -> float:
        """When something is to be done next; infinity when nothing is."""
        if not self._under_way or self.blocked:
            return math.inf
        return max(self._under_way[0][0], self._not_before)

    @property
    def wanted(self) -> int | None:
        """The events of poll() at the source that bring more to carry; None if nothing more can come.

        A reset may follow a FIN, and poll() reports it unasked. But it reports without end what is closed
        both ways.
        """
        if self.source.ended is End.RST or (self.source.ended and self.source.shut):
            return None
        return select.POLLIN if self._size < _ROOM and not self.source.ended else 0

    def take(self, now: float) -> None:
        """Read at the source, and send what has come on its way."""
        what = self.source.read()
        if what is None:
            return
        arrives = now + self._shape.latency + self._chance.uniform(0, self._shape.jitter)
        if self._shape.burst:
            arrives = math.ceil(arrives / self._shape.burst) * self._shape.burst
        if self._under_way:
            arrives = max(arrives, self._under_way[-1][0])
        self._under_way.append((arrives, what))
        self._size += len(what) if isinstance(what, bytes) else 0

    def deliver(self, now: float) -> None:
        """Pass on what is due, as far as the sink takes it."""
        while self.due <= now:
            arrives, what = self._under_way.popleft()
            rest = self._passed(what, now, arrives)
            if isinstance(what, bytes):
                self._size -= len(what) - (len(rest) if isinstance(rest, bytes) else 0)
            if rest:
                self._under_way.appendleft((arrives, rest))

    def _passed(self, what: bytes | End, now: float, arrived_at: float) -> bytes | End | None:
        """Pass on as much as can be passed on now; return what is left."""
        if isinstance(what, End):
            if what is End.RST and now < arrived_at + _BEFORE_A_RESET and not arrived(self.sink.socket):
                self._not_before = now + _BETWEEN_LOOKS
                return what
            self.sink.end(what)
            return None
        if self.sink.gone:
            return None
        most = self._chance.randint(1, self._shape.largest) if self._cuts else len(what)
        sent = self.sink.send(what[:most])
        self.blocked = sent is None
        if self._cuts and sent:
            self._cuts -= 1
            self._not_before = now + self._shape.gap
        return what[sent or 0 :]


class Connection:
    """A carried connection: its two sides, and the two ways between them."""

    def __init__(self, client: Side, server: Side, shape: Shape, chance: Random) -> None:
        self.sides = (client, server)
        self.ways = (Way(client, server, shape, chance), Way(server, client, shape, chance))

    @property
    def over(self) -> bool:
        """Whether both ways have ended, or one by a reset."""
        return all(side.shut for side in self.sides) or any(side.socket.fileno() < 0 for side in self.sides)

    @property
    def due(self) -> float:
        """When something is to be done next; infinity when nothing is."""
        return min(way.due for way in self.ways)

    def wanted(self) -> dict[int, int]:
        """Return the events to wait for, as poll() names them, by descriptor."""
        there, back = self.ways
        events: dict[int, int] = {}
        for way, other in ((there, back), (back, there)):
            if way.wanted is not None:
                events[way.source.descriptor] = way.wanted | (select.POLLOUT if other.blocked else 0)
        return events

    def happened(self, descriptor: int, events: int, now: float) -> None:
        """Do what an event of poll() makes possible."""
        for way in self.ways:
            if way.source.descriptor == descriptor and events & _READABLE:
                way.take(now)
            if way.sink.descriptor == descriptor and events & ~select.POLLIN:
                way.blocked = False

    def deliver(self, now: float) -> None:
        """Pass on what is due."""
        for way in self.ways:
            if not self.over:
                way.deliver(now)

    def close(self) -> None:
        """Close both sides."""
        for side in self.sides:
            side.socket.close()


class Proxy:
    """Carries connections to a server while its block lasts, in a thread of its own.

    server: its host and port.
    """

    def __init__(self, shape: Shape, server: tuple[str, int]) -> None:
        self.carried = 0
        """How many connections were carried so far."""
        self._shape = shape
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self._listening.setblocking(False)
        self._by_descriptor: dict[int, Connection] = {}
        self._connections: set[Connection] = set()
        self._wake_end, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._run, name="bad network")

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        port: int = self._listening.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections and wait until the thread has ended."""
        os.write(self._waker, b"!")
        self._thread.join()
        for descriptor in (self._wake_end, self._waker):
            os.close(descriptor)
        self._listening.close()

    # In the thread

    def _run(self) -> None:
        while True:
            due = min((connection.due for connection in self._connections), default=math.inf)
            found = dict(self._waiting_for().poll(_milliseconds(due - time.monotonic())))
            if self._wake_end in found:
                break
            now = time.monotonic()
            if found.pop(self._listening.fileno(), 0):
                self._accept()
            for descriptor, events in found.items():
                self._by_descriptor[descriptor].happened(descriptor, events, now)
            for connection in tuple(self._connections):
                connection.deliver(now)
                if connection.over:
                    self._forget(connection)
        for connection in tuple(self._connections):
            self._forget(connection)

    def _waiting_for(self) -> select.poll:
        poll = select.poll()
        poll.register(self._wake_end, select.POLLIN)
        if not self._shape.connections or len(self._connections) < self._shape.connections:
            poll.register(self._listening, select.POLLIN)
        for connection in self._connections:
            for descriptor, events in connection.wanted().items():
                poll.register(descriptor, events)
        return poll

    def _accept(self) -> None:
        try:
            accepted, _ = self._listening.accept()
        except OSError:
            return  # it has gone already
        client, server = Side(accepted), Side(socket.socket())
        server.socket.connect_ex(self._server)  # if there is no server, reading says so
        connection = Connection(client, server, self._shape, Random(self.carried))
        self.carried += 1
        self._connections.add(connection)
        self._by_descriptor |= {side.descriptor: connection for side in connection.sides}

    def _forget(self, connection: Connection) -> None:
        self._connections.remove(connection)
        for side in connection.sides:
            del self._by_descriptor[side.descriptor]
        connection.close()


def _milliseconds(seconds: float) -> float | None:
    return None if seconds == math.inf else max(0.0, seconds * 1000)
