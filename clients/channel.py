"""One connection of a conversation: it reads while it writes, carries TLS, keeps time, and logs what happens.

A server may answer and close while a request is still on its way. So whatever the driver waits for, the
channel reads as soon as there is something to read: a response that came before a reset would be lost
otherwise. It waits only for events, and time runs out only where silence is the finding. It reads responses
to learn where they end, and knows nothing of what they should be. It never blocks: it yields each `Wait`, and
what drives it does the waiting. No socket error leaves it: each becomes an event or the ending.
"""

import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clients.conversation import Conversation, Patience
from clients.endpoint import Endpoint
from clients.incoming import Incoming
from clients.limits import LIMITS, Limits, Turn
from clients.log import Log
from clients.steps import Handshake
from clients.tcp import Address, abort, arrived, connecting
from clients.tls import State, TLSStream
from clients.transcript import Ending, Kind
from clients.waits import ATTENTION, Wait, Waits

# The most bytes that one read takes from the socket.
_READ_SIZE = 65536

# A half-close travels in one segment with what was written before it, where the system can do that. Otherwise
# it would be chance whether a server that a request wakes finds the end of the stream there already.
_WITH_WHAT_FOLLOWS: int = getattr(socket, "MSG_MORE", 0)

# The states in which a handshake is over and went well.
_SHAKEN = (State.OPEN, State.CLOSED)

# The least time to connect, in seconds: if the server's queue is full, the system tries again after a second.
_CONNECTING = 1.5

# How long a piece may take to arrive before the next one follows it, in seconds. A server on this machine
# mostly acknowledges a piece by reading it; without the wait it would find many pieces in one read.
_UNDER_WAY = 0.002

# How long a conversation waits until it asks again whether it may take in a long head, in seconds.
_FOR_A_TURN = 0.01

# The events of poll() on which recv() has something to report.
_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


@dataclass(frozen=True)
class System:
    """What a channel needs from the operating system; a test may give it something else."""

    connect: Callable[[Address, float], Waits[socket.socket]] = connecting
    """Makes a connection within some seconds, or raises OSError."""

    has_arrived: Callable[[socket.socket], bool] = arrived
    """Whether the peer has acknowledged everything that was sent."""

    clock: Callable[[], float] = time.monotonic
    """The time in seconds, from any moment on."""


SYSTEM = System()


class Channel:
    """One connection, from the attempt to make it until it has ended or is left.

    One thread at a time may use a channel, the one that drives the conversation. Only `called_off` may be set
    from another thread. Once `ending` is set, nothing more is read or written.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        conversation: Conversation,
        patience: Patience,
        called_off: threading.Event,
        *,
        log: Log,
        turn: Turn,
        system: System = SYSTEM,
        limits: Limits = LIMITS,
    ) -> None:
        self.ending: Ending | None = None
        """How the connection ended; None as long as it has not."""

        self.note = ""
        """More about the ending, in words."""

        self.incoming = Incoming(conversation.methods, conversation.kept)
        """What has come, read as responses."""

        self.half_closed = False
        """Whether our sending side is closed, be it of TCP or of TLS."""

        self._endpoint = endpoint
        self._conversation = conversation
        self._patience = patience
        self._called_off = called_off
        self._log = log
        self._turn = turn
        self._system = system
        self._limits = limits
        self._connection: socket.socket | None = None
        self._tls: TLSStream | None = None
        self._unsent = memoryview(b"")
        self._flags = 0  # for the next send()
        self._cannot_send = False  # since the last write began
        self._was_reset = False  # as a send has shown
        self._heard = False  # in the last exchange: a sign that the server is alive

    # Beginning and ending

    def connect(self) -> Waits[None]:
        """Make the connection. Afterwards there is one, or `ending` is set."""
        try:
            seconds = min(max(self._patience.silence, _CONNECTING), self._time_left)
            if seconds <= 0:
                raise TimeoutError("timed out")
            self._connection = yield from self._system.connect(self._endpoint.address, seconds)
        except ConnectionResetError:
            self.end(Ending.RESET)  # the server accepted it first
        except OSError as error:
            self.end(Ending.REFUSED, error.strerror or str(error))
        else:
            self._log.add(Kind.CONNECTED)

    def shake_hands(self, handshake: Handshake) -> Waits[None]:
        """Begin TLS. Afterwards TLS is established, or `ending` is set.

        Raises ValueError when the endpoint has no TLS.
        """
        security = self._endpoint.security
        if security is None:
            raise ValueError("a Handshake step needs an endpoint with TLS")
        tls = self._tls = TLSStream(security, handshake)
        self._queue(tls.outgoing())
        if (yield from self.watch(lambda: tls.state in _SHAKEN and not self._unsent)):
            self._log.add(Kind.SECURED, note=tls.description)
        else:
            self.end(Ending.SILENCE)

    def end(self, ending: Ending, note: str = "") -> None:
        """Set the ending, unless there is one already."""
        if self.ending is None:
            self.ending, self.note = ending, note

    def abort(self) -> None:
        """Reset the connection, if there is one."""
        if self._connection is not None:
            abort(self._connection)
            self._log.add(Kind.RESET_SENT)

    def leave_aside(self) -> None:
        """Leave the connection as it stands, if there is one; it stays open until `close`."""
        if self._connection is not None:
            self._log.add(Kind.LEFT_ASIDE)

    def close(self) -> None:
        """Close the socket. The channel must not be used afterwards."""
        if self._connection is not None:
            self._connection.close()

    # Writing

    def write(self, pieces: Sequence[bytes], *, half_close_follows: bool = False) -> Waits[None]:
        """Send the pieces, each when the one before it has arrived, until something is in the way."""
        self._cannot_send = False
        for index, piece in enumerate(pieces):
            if index:
                yield from self.let_arrive()
            if self.ending is not None or self._cannot_send:
                return
            last = index == len(pieces) - 1
            self._flags = _WITH_WHAT_FOLLOWS if last and half_close_follows else 0
            yield from self._send_piece(piece)
        self._flags = 0

    def let_arrive(self) -> Waits[None]:
        """Wait until the server has acknowledged everything that was sent, but not for long."""
        yield from self.watch(self._has_arrived, silence=_UNDER_WAY)

    def half_close(self) -> Waits[None]:
        """Close our sending side; over TLS, send close_notify first unless that is done."""
        if self._tls is not None and not self.half_closed:
            yield from self.close_notify()  # without it, the server would see a truncated stream
        self.half_closed = True
        if self._connection is not None:
            try:
                self._connection.shutdown(socket.SHUT_WR)
            except OSError as error:
                self._send_failed(error.strerror or str(error))
            else:
                self._log.add(Kind.HALF_CLOSED)

    def close_notify(self) -> Waits[None]:
        """Close our sending side of TLS. Raises ValueError when there is no TLS."""
        self.half_closed = True
        if self._tls is None:
            raise ValueError("a CLOSE_NOTIFY step needs a Handshake before it")
        self._tls.send_close_notify()
        self._queue(self._tls.outgoing())
        yield from self.watch(self._all_is_sent)
        self._log.add(Kind.CLOSE_NOTIFY_SENT)

    def _all_is_sent(self) -> bool:
        return not self._unsent

    def _has_arrived(self) -> bool:
        return self._connection is None or self._system.has_arrived(self._connection)

    def _send_piece(self, data: bytes) -> Waits[None]:
        if self._tls is not None:
            if not self._tls.send(data):
                self._send_failed("our sending side of TLS is closed")
                return
            data = self._tls.outgoing()
        self._queue(data)
        if not (yield from self.watch(self._all_is_sent)) and self.ending is None:
            self._send_failed("the server stopped reading")

    def _queue(self, data: bytes) -> None:
        """Put data after what is not sent yet, which over TLS may be records that TLS itself made."""
        if data:
            self._unsent = memoryview(bytes(self._unsent) + data if self._unsent else data)

    # Reading while writing

    def watch(self, until: Callable[[], bool], *, silence: float | None = None) -> Waits[bool]:
        """Read and write until `until` holds (True), or the connection ends or nothing comes (False).

        silence: seconds without a sign of the server that are enough; by default, those of our patience. Only
        the seconds in which we listened count: a pause of this busy machine is not a silence of the server.
        """
        patience = self._patience.silence if silence is None else silence
        listened = 0.0
        while self.ending is None:
            if until():
                return True
            if self._called_off.is_set():
                self.end(Ending.LEFT, "called off")
            seconds = min(patience - listened, self._time_left, ATTENTION)
            if seconds <= 0 or self._connection is None:
                return False
            yield from self._exchange(self._connection, seconds)
            listened = 0.0 if self._heard else listened + seconds
        return until()

    @property
    def _time_left(self) -> float:
        """The seconds that are left for the whole conversation."""
        return self._patience.whole - self._log.elapsed

    def _exchange(self, connection: socket.socket, seconds: float) -> Waits[None]:
        """Wait for events of the connection; read what has come and send what can be sent."""
        if self.incoming.held > self._limits.head and not self._turn.take():
            yield Wait(_FOR_A_TURN)
            self._heard = True  # the server has more for us: this is no silence of its
            return
        self._heard = False
        found = yield Wait(seconds, connection, select.POLLIN | (select.POLLOUT if self._unsent else 0))
        if found & _READABLE:
            self._read(connection)
        if found & select.POLLOUT and self.ending is None:
            self._send(connection)

    def _send(self, connection: socket.socket) -> None:
        try:
            self._unsent = self._unsent[connection.send(self._unsent, self._flags) :]
        except BlockingIOError:
            return
        except OSError as error:
            # The system reports a reset only once: after this, recv() would show an orderly end.
            self._was_reset = self._was_reset or isinstance(error, ConnectionResetError)
            self._send_failed(error.strerror or str(error))
        else:
            self._heard = True  # a server that reads is alive, too

    def _send_failed(self, reason: str) -> None:
        self._unsent = memoryview(b"")
        self._cannot_send = True
        self._log.add(Kind.SEND_FAILED, note=reason)

    def _read(self, connection: socket.socket) -> None:
        try:
            raw = connection.recv(_READ_SIZE)
        except BlockingIOError:
            return
        except ConnectionResetError:
            self.end(Ending.RESET)
            return
        except OSError as error:
            self.end(Ending.RESET, error.strerror or str(error))
            return
        self._heard = True
        if not raw and self._was_reset:
            self.end(Ending.RESET)
        elif not raw:
            self.end(Ending.FIN if self._tls is None else Ending.TRUNCATED)
        elif self._tls is None:
            self._take(raw)
        else:
            self._decrypt(self._tls, raw)

    def _decrypt(self, tls: TLSStream, raw: bytes) -> None:
        data = tls.feed(raw)
        self._queue(tls.outgoing())
        if data:
            self._take(data)
        if tls.state is State.CLOSED:
            self.end(Ending.CLOSE_NOTIFY)
        elif tls.state is State.FAILED:
            self.end(Ending.ALERT if tls.alerted else Ending.TLS_BROKEN, tls.failure)

    def _take(self, data: bytes) -> None:
        self._log.add(Kind.RECEIVED, data)
        self.incoming.take(data)
        if (
            self.incoming.size > self._limits.received
            or self.incoming.unfinished > self._conversation.room
            or self.incoming.responses > len(self._conversation.methods) + self._limits.responses
        ):
            self.end(Ending.FLOOD)
