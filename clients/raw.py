"""The raw-socket driver: plays the steps of one conversation and returns its transcript.

It reads while it writes, because a server may answer and close while a request is still on its way. It waits
only for events: an answer, an end, or a second answer; time runs out only where silence is the finding. When
the wanted answers have come and the connection seems to persist, a follow-up request proves whether it does.
It knows what is needed to delimit responses, and nothing of what they should be. No socket error leaves it.
"""

import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

from clients.conversation import Conversation, Patience
from clients.endpoint import Endpoint
from clients.inbox import Inbox
from clients.slicing import MOST_CUTS
from clients.steps import Action, Await, Handshake, Step, join_writes, with_handshakes
from clients.tcp import abort, arrived, connect
from clients.tls import State, TLSStream
from clients.transcript import Ending, Event, Kind, Transcript

__all__ = ["Conversation", "Patience", "play"]

# What one read takes from the socket.
_READ_SIZE = 65536

# What one conversation takes before it is called a flood: bytes, and responses besides those it is about.
# Of a flood only the beginning is kept, for there may be many.
_MOST_RECEIVED = 16 * 1024 * 1024
_MOST_RESPONSES = 1000
_KEPT_OF_A_FLOOD = 64 * 1024


# A half-close travels in one segment with what was written before it, where the system can do that: else it
# would be chance whether a server that is woken by a request finds its end there already.
_WITH_WHAT_FOLLOWS: int = getattr(socket, "MSG_MORE", 0)

# How often a wait looks up whether it was called off, in seconds.
_ATTENTION = 0.2

# A connection that found the queue of a server full is tried again by the system, after a second.
_CONNECTING = 1.5

# How long a piece may take to arrive before the next one follows it, in seconds. A server on this machine
# mostly acknowledges a piece by reading it; without the wait it would find many pieces in one read.
_UNDER_WAY = 0.002


def play(
    endpoint: Endpoint,
    conversation: Conversation,
    patience: Patience,
    called_off: threading.Event | None = None,
) -> Transcript:
    """Play one conversation on a new connection. Never raises for anything that a peer or a network does.

    called_off: when set, from another thread, the conversation is left as it stands.
    """
    called_off = called_off or threading.Event()
    if endpoint.rate is not None:
        endpoint.rate.take_turn(called_off)
    with _Play(endpoint, conversation, patience, called_off) as playing:
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
        self._aside: list[socket.socket] = []
        self._tls: TLSStream | None = None
        self._unsent = memoryview(b"")
        self._inbox = Inbox(conversation.methods)
        self._cuts_left = MOST_CUTS  # in all writes together, so that the whole stays within our patience
        self._heard = False  # in the last exchange, that the server is alive
        self._half_closed = False
        self._half_close_follows = False
        self._how_to_send = 0
        self._was_reset = False
        self._cannot_send = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in filter(None, (*self._aside, self._connection)):
            connection.close()

    def transcript(self) -> Transcript:
        """The record of what happened so far."""
        return Transcript(tuple(self._events), self._ending or Ending.LEFT, self._note, self._began)

    @property
    def _time_left(self) -> float:
        """The seconds that are left of the whole."""
        return self._began + self._patience.whole - time.monotonic()

    # The course of a conversation

    def run(self) -> None:
        """Play all steps, then look at how the connection stands."""
        steps = join_writes(self._conversation.steps)
        self._connect()
        if self._endpoint.security is not None:
            steps = with_handshakes(steps)
        for step, following in zip(steps, (*steps[1:], None), strict=True):
            if self._ending is None or step in (Action.RESET, Action.ASIDE):
                self._half_close_follows = following is Action.HALF_CLOSE
                self._perform(step)
        if self._ending is None:
            self._finish()
        if self._ending is not None:
            self._record(Kind.ENDED, note=self._note)

    def _perform(self, step: Step) -> None:
        if isinstance(step, bytes):
            self._write(Kind.SENT, *self._pieces(step))
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
        elif step is Action.SEGMENT:
            self._watch(self._has_arrived, silence=_UNDER_WAY)
        elif step in (Action.RESET, Action.ASIDE):
            self._begin_anew(reset=step is Action.RESET)

    def _finish(self) -> None:
        """Wait for the wanted answers, then find out whether the connection is open or closed."""
        wanted = self._conversation.answers
        if wanted and not self._watch(lambda: self._inbox.finals >= wanted):
            self._give_up()
            return
        if not self._inbox.persists or self._half_closed:
            self._watch(lambda: False)
        elif not self._conversation.follow_up:
            self._end(Ending.LEFT)
        if self._ending is None and self._conversation.follow_up and not self._half_closed:
            self._follow_up()
        if self._ending is None:
            self._give_up()

    def _follow_up(self) -> None:
        before = self._inbox.finals
        self._write(Kind.FOLLOWED_UP, self._conversation.follow_up)
        if self._watch(lambda: self._inbox.finals > before):
            # It was asked to close, so that whatever else it has to say comes before the end.
            self._watch(lambda: False, silence=self._patience.quiet)
            self._ending = self._ending or Ending.LEFT

    def _give_up(self) -> None:
        self._ending = self._ending or Ending.SILENCE

    # The steps

    def _connect(self) -> None:
        self._inbox = Inbox(self._conversation.methods)
        self._unsent = memoryview(b"")
        self._half_closed = self._was_reset = False
        try:
            seconds = min(max(self._patience.silence, _CONNECTING), self._time_left)
            if seconds <= 0:
                raise TimeoutError("timed out")
            self._connection = connect(self._endpoint.address, seconds)
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
        tls = self._tls = TLSStream(security, step)
        self._queue(tls.outgoing())
        if self._watch(lambda: tls.state in (State.OPEN, State.CLOSED) and not self._unsent):
            self._record(Kind.SECURED, note=tls.description)
        else:
            self._give_up()

    def _write(self, kind: Kind, *pieces: bytes) -> None:
        """Send the pieces, each when the one before it has arrived, until something is in the way."""
        self._record(kind, b"".join(pieces), f"in {len(pieces)} pieces" if len(pieces) > 1 else "")
        self._cannot_send = False
        for index, piece in enumerate(pieces):
            if index:
                self._watch(self._has_arrived, silence=_UNDER_WAY)
            if self._ending is not None or self._cannot_send:
                return
            last = index == len(pieces) - 1
            self._how_to_send = _WITH_WHAT_FOLLOWS if last and self._half_close_follows else 0
            self._send_piece(piece)
        self._how_to_send = 0

    def _pieces(self, data: bytes) -> tuple[bytes, ...]:
        pieces = self._conversation.delivery(data)
        small, rest = pieces[: self._cuts_left], pieces[self._cuts_left :]
        self._cuts_left -= len(small)
        return (*small, b"".join(rest)) if rest else small

    def _has_arrived(self) -> bool:
        return self._connection is None or arrived(self._connection)

    def _send_piece(self, data: bytes) -> None:
        if self._tls is not None:
            if not self._tls.send(data):
                self._send_failed("our sending side of TLS is closed")
                return
            data = self._tls.outgoing()
        self._queue(data)
        if not self._watch(lambda: not self._unsent) and self._ending is None:
            self._send_failed("the server stopped reading")

    def _await(self, what: Await) -> None:
        if not self._watch(lambda: self._inbox.heed(what)) and self._ending is None:
            self._record(Kind.AWAITED_IN_VAIN)

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

    def _begin_anew(self, *, reset: bool) -> None:
        """Abort the connection, unless the server has ended it first, or leave it aside; make a new one."""
        self._ending, self._note = None, ""
        if self._connection is not None and reset:
            abort(self._connection)
            self._record(Kind.RESET_SENT)
        elif self._connection is not None:
            self._aside.append(self._connection)
            self._record(Kind.LEFT_ASIDE)
        self._tls = self._connection = None
        self._connect()

    # Reading while writing

    def _watch(self, until: Callable[[], bool], *, silence: float | None = None) -> bool:
        """Read and write until `until` holds (True), or the conversation ends or nothing comes (False).

        silence: seconds without a byte from the server that are enough; by default, all our patience. Only
        those count in which we listened: what a busy machine keeps from us is no silence of the server's.
        """
        patience = self._patience.silence if silence is None else silence
        listened = 0.0
        while self._ending is None:
            if until():
                return True
            if self._called_off.is_set():
                self._end(Ending.LEFT, "called off")
            seconds = min(patience - listened, self._time_left, _ATTENTION)
            if seconds <= 0 or not self._exchange(seconds):
                return False
            listened = 0.0 if self._heard else listened + seconds
        return until()

    def _exchange(self, seconds: float) -> bool:
        """Wait for the socket, at most so long; read what has come and write what can go."""
        connection = self._connection
        if connection is None:
            return False
        self._heard = False
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
            self._unsent = self._unsent[connection.send(self._unsent, self._how_to_send) :]
        except BlockingIOError:
            return
        except OSError as error:
            # A reset is reported once: told here, it would look like an orderly end to recv().
            self._was_reset = self._was_reset or isinstance(error, ConnectionResetError)
            self._send_failed(error.strerror or str(error))
        else:
            self._heard = True  # the server's reading is a sign of life, too

    def _send_failed(self, reason: str) -> None:
        self._unsent = memoryview(b"")
        self._cannot_send = True
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
        self._heard = True
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
        self._inbox.take(data)
        if (
            self._inbox.size > _MOST_RECEIVED
            or self._inbox.unfinished > self._conversation.room
            or self._inbox.responses > len(self._conversation.methods) + _MOST_RESPONSES
        ):
            self._end(Ending.FLOOD)
            self._events = _beginning(self._events)

    def _end(self, ending: Ending, note: str = "") -> None:
        if self._ending is None:
            self._ending, self._note = ending, note

    def _record(self, kind: Kind, data: bytes = b"", note: str = "") -> None:
        self._events.append(Event(time.monotonic() - self._began, kind, data, note))


def _beginning(events: list[Event]) -> list[Event]:
    """Return the events of a flood with no more of what was received than is kept of one."""
    kept, room = [], _KEPT_OF_A_FLOOD
    for event in events:
        if event.kind is not Kind.RECEIVED:
            kept.append(event)
        elif room:
            kept.append(replace(event, data=event.data[:room]))
            room -= len(kept[-1].data)
    return kept
