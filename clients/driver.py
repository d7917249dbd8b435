"""One conversation under way: what is sent when, what is read, and how long is waited for what.

It reads while it writes, because a server may answer and close while a request is still on its way. It waits
only for events: an answer, an end, or a second answer; time runs out only where silence is the finding. When
the wanted answers have come and the connection seems to persist, a follow-up request proves whether it does.
It knows what is needed to delimit responses, and nothing of what they should be. It never waits itself: it
says what for, and a driver does. No socket error leaves it.
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
from clients.delivery import MOST_CUTS
from clients.endpoint import Endpoint
from clients.incoming import Inbox
from clients.steps import Action, Await, Handshake, Step, join_writes, with_handshakes
from clients.tcp import abort, arrived, connecting
from clients.tls import State, TLSStream
from clients.transcript import Ending, Event, Kind, Transcript
from clients.waits import ATTENTION, Wait, Waits

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

# How a handshake ends well.
_SHAKEN = (State.OPEN, State.CLOSED)

# A connection that found the queue of a server full is tried again by the system, after a second.
_CONNECTING = 1.5

# How long a piece may take to arrive before the next one follows it, in seconds. A server on this machine
# mostly acknowledges a piece by reading it; without the wait it would find many pieces in one read.
_UNDER_WAY = 0.002


class Playing:
    """One conversation under way, on a new connection.

    called_off: when set, from another thread, the conversation is left as it stands.
    """

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

    def course(self) -> Waits[None]:
        """Play all steps, then look at how the connection stands."""
        steps = join_writes(self._conversation.steps)
        yield from self._wait_for_turn()
        yield from self._connect()
        if self._endpoint.security is not None:
            steps = with_handshakes(steps)
        for step, following in zip(steps, (*steps[1:], None), strict=True):
            if self._ending is None or step in (Action.RESET, Action.ASIDE):
                self._half_close_follows = following is Action.HALF_CLOSE
                yield from self._perform(step)
        if self._ending is None:
            yield from self._finish()
        if self._ending is not None:
            self._record(Kind.ENDED, note=self._note)

    def _wait_for_turn(self) -> Waits[None]:
        """Wait, where the endpoint has a rate; only then does the conversation begin."""
        if self._endpoint.rate is None:
            return
        seconds = self._endpoint.rate.turn()
        while seconds > 0 and not self._called_off.is_set():
            yield Wait(min(seconds, ATTENTION))
            seconds -= ATTENTION
        self._began = time.monotonic()

    def _perform(self, step: Step) -> Waits[None]:
        if isinstance(step, bytes):
            yield from self._write(Kind.SENT, *self._pieces(step))
        elif isinstance(step, Await):
            yield from self._await(step)
        elif isinstance(step, Handshake):
            yield from self._shake_hands(step)
        elif step is Action.PAUSE:
            yield from self._watch(_never, silence=self._patience.quiet)
            if self._ending is None:
                self._record(Kind.PAUSED)
        elif step is Action.HALF_CLOSE:
            yield from self._half_close()
        elif step is Action.CLOSE_NOTIFY:
            yield from self._close_notify()
        elif step is Action.SEGMENT:
            yield from self._watch(self._has_arrived, silence=_UNDER_WAY)
        elif step in (Action.RESET, Action.ASIDE):
            yield from self._begin_anew(reset=step is Action.RESET)

    def _finish(self) -> Waits[None]:
        """Wait for the wanted answers, then find out whether the connection is open or closed."""
        wanted = self._conversation.answers
        if wanted and not (yield from self._watch(lambda: self._inbox.finals >= wanted)):
            self._give_up()
            return
        if not self._inbox.persists or self._half_closed:
            yield from self._watch(_never)
        elif not self._conversation.follow_up:
            self._end(Ending.LEFT)
        if self._ending is None and self._conversation.follow_up and not self._half_closed:
            yield from self._follow_up()
        if self._ending is None:
            self._give_up()

    def _follow_up(self) -> Waits[None]:
        before = self._inbox.finals
        yield from self._write(Kind.FOLLOWED_UP, self._conversation.follow_up)
        if (yield from self._watch(lambda: self._inbox.finals > before)):
            # It was asked to close, so that whatever else it has to say comes before the end.
            yield from self._watch(_never, silence=self._patience.quiet)
            self._ending = self._ending or Ending.LEFT

    def _give_up(self) -> None:
        self._ending = self._ending or Ending.SILENCE

    # The steps

    def _connect(self) -> Waits[None]:
        self._inbox = Inbox(self._conversation.methods)
        self._unsent = memoryview(b"")
        self._half_closed = self._was_reset = False
        try:
            seconds = min(max(self._patience.silence, _CONNECTING), self._time_left)
            if seconds <= 0:
                raise TimeoutError("timed out")
            self._connection = yield from connecting(self._endpoint.address, seconds)
        except ConnectionResetError:
            self._end(Ending.RESET)  # it was accepted first
        except OSError as error:
            self._end(Ending.REFUSED, error.strerror or str(error))
        else:
            self._record(Kind.CONNECTED)

    def _shake_hands(self, step: Handshake) -> Waits[None]:
        security = self._endpoint.security
        if security is None:
            raise ValueError("a Handshake step needs an endpoint with TLS")
        tls = self._tls = TLSStream(security, step)
        self._queue(tls.outgoing())
        if (yield from self._watch(lambda: tls.state in _SHAKEN and not self._unsent)):
            self._record(Kind.SECURED, note=tls.description)
        else:
            self._give_up()

    def _write(self, kind: Kind, *pieces: bytes) -> Waits[None]:
        """Send the pieces, each when the one before it has arrived, until something is in the way."""
        self._record(kind, b"".join(pieces), f"in {len(pieces)} pieces" if len(pieces) > 1 else "")
        self._cannot_send = False
        for index, piece in enumerate(pieces):
            if index:
                yield from self._watch(self._has_arrived, silence=_UNDER_WAY)
            if self._ending is not None or self._cannot_send:
                return
            last = index == len(pieces) - 1
            self._how_to_send = _WITH_WHAT_FOLLOWS if last and self._half_close_follows else 0
            yield from self._send_piece(piece)
        self._how_to_send = 0

    def _pieces(self, data: bytes) -> tuple[bytes, ...]:
        pieces = self._conversation.delivery(data)
        small, rest = pieces[: self._cuts_left], pieces[self._cuts_left :]
        self._cuts_left -= len(small)
        return (*small, b"".join(rest)) if rest else small

    def _all_is_sent(self) -> bool:
        return not self._unsent

    def _has_arrived(self) -> bool:
        return self._connection is None or arrived(self._connection)

    def _send_piece(self, data: bytes) -> Waits[None]:
        if self._tls is not None:
            if not self._tls.send(data):
                self._send_failed("our sending side of TLS is closed")
                return
            data = self._tls.outgoing()
        self._queue(data)
        if not (yield from self._watch(self._all_is_sent)) and self._ending is None:
            self._send_failed("the server stopped reading")

    def _await(self, what: Await) -> Waits[None]:
        if not (yield from self._watch(lambda: self._inbox.heed(what))) and self._ending is None:
            self._record(Kind.AWAITED_IN_VAIN)

    def _half_close(self) -> Waits[None]:
        if self._tls is not None and not self._half_closed:
            yield from self._close_notify()  # without it, the server would see a stream that was cut off
        self._half_closed = True
        if self._connection is not None:
            try:
                self._connection.shutdown(socket.SHUT_WR)
            except OSError as error:
                self._send_failed(error.strerror or str(error))
            else:
                self._record(Kind.HALF_CLOSED)

    def _close_notify(self) -> Waits[None]:
        self._half_closed = True
        if self._tls is None:
            raise ValueError("a CLOSE_NOTIFY step needs a Handshake before it")
        self._tls.send_close_notify()
        self._queue(self._tls.outgoing())
        yield from self._watch(self._all_is_sent)
        self._record(Kind.CLOSE_NOTIFY_SENT)

    def _begin_anew(self, *, reset: bool) -> Waits[None]:
        """Abort the connection, unless the server has ended it first, or leave it aside; make a new one."""
        self._ending, self._note = None, ""
        if self._connection is not None and reset:
            abort(self._connection)
            self._record(Kind.RESET_SENT)
        elif self._connection is not None:
            self._aside.append(self._connection)
            self._record(Kind.LEFT_ASIDE)
        self._tls = self._connection = None
        yield from self._connect()

    # Reading while writing

    def _watch(self, until: Callable[[], bool], *, silence: float | None = None) -> Waits[bool]:
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
            seconds = min(patience - listened, self._time_left, ATTENTION)
            if seconds <= 0 or self._connection is None:
                return False
            yield from self._exchange(self._connection, seconds)
            listened = 0.0 if self._heard else listened + seconds
        return until()

    def _exchange(self, connection: socket.socket, seconds: float) -> Waits[None]:
        """Wait for the connection, at most so long; read what has come and write what can go."""
        self._heard = False
        found = yield Wait(seconds, connection, select.POLLIN | (select.POLLOUT if self._unsent else 0))
        if found & _READABLE:
            self._read(connection)
        if found & select.POLLOUT and self._ending is None:
            self._send(connection)

    def _queue(self, data: bytes) -> None:
        """Put data behind what is not sent yet, which over TLS may be records of its own making."""
        if data:
            self._unsent = memoryview(bytes(self._unsent) + data if self._unsent else data)

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


# What poll() says where recv() has something to tell.
_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


def _never() -> bool:
    return False


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
