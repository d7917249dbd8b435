"""The raw-socket driver: plays the steps of one conversation and returns its transcript.

It reads while it writes, because a server may answer and close while a request is still on its way. It waits
only for events: an answer, an end, or a second answer; time runs out only where silence is the finding. When
the wanted answers have come and the connection seems to persist, a follow-up request proves whether it does.
It knows what is needed to delimit responses, and nothing of what they should be. No socket error leaves it.
"""

import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from clients.response import Response, read_responses
from clients.steps import Action, Await, Handshake, Step, join_writes, with_handshakes
from clients.tls import Security, State, TLSStream
from clients.transcript import Ending, Event, Kind, Transcript


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens: host name or address, port, and how to meet it if it speaks TLS."""

    host: str
    port: int
    security: Security | None = None


@dataclass(frozen=True)
class Patience:
    """How long a driver waits, in seconds.

    quiet: the window after which "sends nothing" may be said. silence: without any byte for so long, an
    awaited answer or end is given up. whole: the bound on one conversation, however busy the server keeps us.
    """

    quiet: float = 0.25
    silence: float = 2.0
    whole: float = 15.0


@dataclass(frozen=True)
class Conversation:
    """What to play.

    steps: in order. methods: of the requests on the last connection, to delimit its responses. answers: how
    many final responses are wanted before the end is looked at. follow_up: the plain request that then proves
    that the connection is open; it asks for the connection to be closed. Empty: none is sent.
    """

    steps: tuple[Step, ...]
    methods: tuple[bytes, ...] = ()
    answers: int = 1
    follow_up: bytes = b""


# What one read takes from the socket, and what one conversation takes in all before it is called a flood.
_READ_SIZE = 65536
_MOST_RECEIVED = 16 * 1024 * 1024


# How often a wait looks up whether it was called off, in seconds.
_ATTENTION = 0.2


def play(
    endpoint: Endpoint,
    conversation: Conversation,
    patience: Patience,
    called_off: threading.Event | None = None,
) -> Transcript:
    """Play one conversation on a new connection. Never raises for anything that a peer or a network does.

    called_off: when set, from another thread, the conversation is left as it stands.
    """
    with _Play(endpoint, conversation, patience, called_off or threading.Event()) as playing:
        playing.run()
        return playing.transcript()


class _Play:
    """One conversation under way."""

    def __init__(
        self, endpoint: Endpoint, conversation: Conversation, patience: Patience, called_off: threading.Event
    ) -> None:
        self._called_off = called_off
        self._endpoint = endpoint
        self._conversation = conversation
        self._patience = patience
        self._began = time.monotonic()
        self._events: list[Event] = []
        self._ending: Ending | None = None
        self._note = ""
        self._connection: socket.socket | None = None
        self._tls: TLSStream | None = None
        self._unsent = memoryview(b"")
        self._received = bytearray()
        self._complete: list[Response] = []  # responses read whole from self._received
        self._heard_at = self._began
        self._half_closed = False
        self._was_reset = False
        self._heeded = 0  # how many of the complete responses were awaited already

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def transcript(self) -> Transcript:
        """The record of what happened so far."""
        return Transcript(tuple(self._events), self._ending or Ending.LEFT, self._note)

    # The course of a conversation

    def run(self) -> None:
        """Play all steps, then look at how the connection stands."""
        steps = join_writes(self._conversation.steps)
        self._connect()
        if self._endpoint.security is not None:
            steps = with_handshakes(steps)
        for step in steps:
            if self._ending is None or step is Action.RESET:
                self._perform(step)
        if self._ending is None:
            self._finish()
        if self._ending is not None:
            self._record(Kind.ENDED, note=self._note)

    def _perform(self, step: Step) -> None:
        if isinstance(step, bytes):
            self._write(step, Kind.SENT)
        elif isinstance(step, Await):
            self._await(step)
        elif isinstance(step, Handshake):
            self._shake_hands(step)
        elif step is Action.PAUSE:
            self._watch(lambda: False, silence=self._patience.quiet)
            if self._ending is None:
                self._record(Kind.PAUSED)
        elif step is Action.HALF_CLOSE:
            self._half_close()
        elif step is Action.CLOSE_NOTIFY:
            self._close_notify()
        elif step is Action.RESET:
            self._reset()

    def _finish(self) -> None:
        """Wait for the wanted answers, then find out whether the connection is open or closed."""
        wanted = self._conversation.answers
        if wanted and not self._watch(lambda: self._finals() >= wanted):
            self._give_up()
            return
        if not self._seems_to_persist():
            self._watch(lambda: False)
        elif not self._conversation.follow_up:
            self._end(Ending.LEFT)
        if self._ending is None and self._conversation.follow_up and not self._half_closed:
            self._follow_up()
        if self._ending is None:
            self._give_up()

    def _follow_up(self) -> None:
        before = self._finals()
        self._write(self._conversation.follow_up, Kind.FOLLOWED_UP)
        if self._watch(lambda: self._finals() > before):
            # It was asked to close, so that whatever else it has to say comes before the end.
            self._watch(lambda: False, silence=self._patience.quiet)
            self._ending = self._ending or Ending.LEFT

    def _give_up(self) -> None:
        self._ending = self._ending or Ending.SILENCE

    def _seems_to_persist(self) -> bool:
        finals = [response for response in self._complete if not response.interim]
        return bool(finals) and finals[-1].persists and not self._half_closed

    def _finals(self) -> int:
        return sum(not response.interim for response in self._complete)

    # The steps

    def _connect(self) -> None:
        self._received.clear()
        self._complete.clear()
        self._unsent = memoryview(b"")
        self._half_closed = self._was_reset = False
        self._heeded = 0
        try:
            self._connection = socket.create_connection(
                (self._endpoint.host, self._endpoint.port), timeout=self._patience.silence
            )
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection.setblocking(False)
        except ConnectionResetError:
            self._end(Ending.RESET)  # it was accepted first
        except OSError as error:
            self._end(Ending.REFUSED, error.strerror or str(error))
        else:
            self._record(Kind.CONNECTED)

    def _shake_hands(self, step: Handshake) -> None:
        security = self._endpoint.security
        if security is None:
            raise ValueError("a Handshake step needs an endpoint with TLS")
        tls = self._tls = TLSStream(security, step.identity)
        self._queue(tls.outgoing())
        if self._watch(lambda: tls.state in (State.OPEN, State.CLOSED) and not self._unsent):
            self._record(Kind.SECURED, note=tls.description)
        else:
            self._give_up()

    def _write(self, data: bytes, kind: Kind) -> None:
        self._record(kind, data)
        if self._tls is not None:
            if not self._tls.send(data):
                self._send_failed("our sending side of TLS is closed")
                return
            data = self._tls.outgoing()
        self._queue(data)
        if not self._watch(lambda: not self._unsent) and self._ending is None:
            self._send_failed("the server stopped reading")

    def _await(self, what: Await) -> None:
        if not self._watch(lambda: self._heed(what)) and self._ending is None:
            self._record(Kind.AWAITED_IN_VAIN)

    def _heed(self, what: Await) -> bool:
        """Look for the awaited response behind those that were awaited before; two may come in one read."""
        for index, response in enumerate(self._complete[self._heeded :], self._heeded):
            if response.interim and what is Await.INTERIM:
                self._heeded = index + 1
                return True
            if not response.interim:
                # In the place of an interim response it is still to be awaited as what it is.
                self._heeded = index + (what is Await.RESPONSE)
                return True
        return False

    def _half_close(self) -> None:
        if self._tls is not None and not self._half_closed:
            self._close_notify()  # without it, the server would see a stream that was cut off
        self._half_closed = True
        if self._connection is not None:
            try:
                self._connection.shutdown(socket.SHUT_WR)
            except OSError as error:
                self._send_failed(error.strerror or str(error))
            else:
                self._record(Kind.HALF_CLOSED)

    def _close_notify(self) -> None:
        self._half_closed = True
        if self._tls is None:
            raise ValueError("a CLOSE_NOTIFY step needs a Handshake before it")
        self._tls.send_close_notify()
        self._queue(self._tls.outgoing())
        self._watch(lambda: not self._unsent)
        self._record(Kind.CLOSE_NOTIFY_SENT)

    def _reset(self) -> None:
        """Abort the connection, if the server has not ended it first, and make a new one."""
        self._ending, self._note = None, ""
        if self._connection is not None:
            # Lingering for zero seconds makes close() abort the connection.
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._connection.close()
            self._record(Kind.RESET_SENT)
        self._tls = None
        self._connect()

    # Reading while writing

    def _watch(self, until: Callable[[], bool], *, silence: float | None = None) -> bool:
        """Read and write until `until` holds (True), or the conversation ends or nothing comes (False).

        silence: seconds without a byte from the server that are enough; by default, all our patience.
        """
        patience = self._patience.silence if silence is None else silence
        last_moment = self._began + self._patience.whole
        self._heard_at = time.monotonic()
        while self._ending is None:
            if until():
                return True
            if self._called_off.is_set():
                self._end(Ending.LEFT, "called off")
            left = min(self._heard_at + patience, last_moment) - time.monotonic()
            if left <= 0 or not self._exchange(min(left, _ATTENTION)):
                return False
        return until()

    def _exchange(self, seconds: float) -> bool:
        """Wait for the socket, at most so long; read what has come and write what can go."""
        connection = self._connection
        if connection is None:
            return False
        poll = select.poll()
        poll.register(connection, select.POLLIN | (select.POLLOUT if self._unsent else 0))
        for _, event in poll.poll(seconds * 1000):
            if event & (select.POLLIN | select.POLLHUP | select.POLLERR):
                self._read(connection)
            if event & select.POLLOUT and self._ending is None:
                self._send(connection)
        return True

    def _queue(self, data: bytes) -> None:
        """Put data behind what is not sent yet, which over TLS may be records of its own making."""
        if data:
            self._unsent = memoryview(bytes(self._unsent) + data)

    def _send(self, connection: socket.socket) -> None:
        try:
            self._unsent = self._unsent[connection.send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError as error:
            # A reset is reported once: told here, it would look like an orderly end to recv().
            self._was_reset = self._was_reset or isinstance(error, ConnectionResetError)
            self._send_failed(error.strerror or str(error))
        else:
            self._heard_at = time.monotonic()  # the server's reading is a sign of life, too

    def _send_failed(self, reason: str) -> None:
        self._unsent = memoryview(b"")
        self._record(Kind.SEND_FAILED, note=reason)

    def _read(self, connection: socket.socket) -> None:
        try:
            raw = connection.recv(_READ_SIZE)
        except BlockingIOError:
            return
        except ConnectionResetError:
            self._end(Ending.RESET)
            return
        except OSError as error:
            self._end(Ending.RESET, error.strerror or str(error))
            return
        self._heard_at = time.monotonic()
        if not raw and self._was_reset:
            self._end(Ending.RESET)
        elif not raw:
            self._end(Ending.FIN if self._tls is None else Ending.TRUNCATED)
        elif self._tls is None:
            self._take(raw)
        else:
            self._take_secured(self._tls, raw)

    def _take_secured(self, tls: TLSStream, raw: bytes) -> None:
        data = tls.feed(raw)
        self._queue(tls.outgoing())
        if data:
            self._take(data)
        if tls.state is State.CLOSED:
            self._end(Ending.CLOSE_NOTIFY)
        elif tls.state is State.FAILED:
            self._end(Ending.ALERT if tls.alerted else Ending.TLS_BROKEN, tls.failure)

    def _take(self, data: bytes) -> None:
        self._record(Kind.RECEIVED, data)
        self._received += data
        if len(self._received) > _MOST_RECEIVED:
            self._end(Ending.FLOOD)
            return
        read_so_far = self._complete[-1].end if self._complete else 0
        methods = self._conversation.methods[self._finals() :]
        reading = read_responses(bytes(self._received), methods, ended=False, start=read_so_far)
        self._complete.extend(response for response in reading.responses if response.complete)

    def _end(self, ending: Ending, note: str = "") -> None:
        if self._ending is None:
            self._ending, self._note = ending, note

    def _record(self, kind: Kind, data: bytes = b"", note: str = "") -> None:
        self._events.append(Event(time.monotonic() - self._began, kind, data, note))
