"""What was seen on the wire: the record that a driver leaves, from which every verdict is drawn.

A transcript holds each event with its time, and how the conversation ended. The endings are kept apart on
purpose: FIN, RST, TLS close_notify, a truncated TLS stream, a fatal alert and silence are different facts
about a server. Of what is long, only the ends are kept, and it is said how much is left out; so the driver
leaves a reading of it beside it. Nothing else here knows HTTP, except at which offset of the stream the
driver did something.
"""

import errno
import os
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Self

from clients.response import Reading


class Direction(Enum):
    """Whose doing an event is; the value is the arrow that shows it."""

    OURS = "→"
    THEIRS = "←"
    NEITHER = "·"


class Kind(Enum):
    """What happened in one event, as a phrase; `data` or `note` say more."""

    CONNECTED = "connected"
    SECURED = "TLS established"
    SENT = "sent"
    SEND_FAILED = "could not send"
    RECEIVED = "received"
    PAUSED = "sent nothing for a quiet window"
    AWAITED_IN_VAIN = "waited in vain for a response"
    HALF_CLOSED = "closed our sending side"
    CLOSE_NOTIFY_SENT = "sent close_notify"
    RESET_SENT = "reset the connection"
    LEFT_ASIDE = "left the connection open and made another"
    FOLLOWED_UP = "sent a follow-up request"
    ENDED = "the end"

    @property
    def direction(self) -> Direction:
        """Whose doing such an event is: ours, unless it is named below."""
        if self is Kind.RECEIVED:
            return Direction.THEIRS
        return Direction.NEITHER if self in _OF_NEITHER_SIDE else Direction.OURS


# Both sides establish TLS, either may end the conversation, and it is nobody's doing that nothing came.
_OF_NEITHER_SIDE = frozenset({Kind.SECURED, Kind.AWAITED_IN_VAIN, Kind.ENDED})


class Ending(Enum):
    """How a conversation ended, as what the server did."""

    FIN = "closed the connection"
    RESET = "reset the connection"
    CLOSE_NOTIFY = "closed TLS with close_notify"
    TRUNCATED = "closed the connection without close_notify"
    ALERT = "ended TLS with a fatal alert"
    TLS_BROKEN = "did not speak TLS that we could accept"
    SILENCE = "fell silent without closing the connection"
    LEFT = "kept the connection open until we left"
    FLOOD = "sent more than we were willing to read"
    REFUSED = "did not accept the connection"

    @property
    def closed(self) -> bool:
        """Whether the server itself ended the connection."""
        return self in _CLOSED

    @property
    def orderly(self) -> bool:
        """Whether the end is that of what the server had to send: it delimits a response."""
        return self in _ORDERLY


# The reasons for which the system refuses a connection when no server listens, over TCP or on a Unix socket.
_NOBODY_LISTENS = frozenset(map(os.strerror, (errno.ECONNREFUSED, errno.ENOENT)))

# Of a longer event, its two ends are kept in the end, in bytes: they prove more than either alone.
_FIRST_KEPT = 3584
_LAST_KEPT = 512

_CLOSED = frozenset({Ending.FIN, Ending.RESET, Ending.CLOSE_NOTIFY, Ending.TRUNCATED, Ending.ALERT})
_ORDERLY = frozenset({Ending.FIN, Ending.CLOSE_NOTIFY})


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    at: float
    """Seconds since the conversation began."""

    kind: Kind

    data: bytes = b""
    """The bytes that were sent or received, decrypted if they came over TLS, or the first of them."""

    note: str = ""
    """What the kind leaves open, in words: the TLS version, or why sending failed."""

    cut: int = 0
    """How many bytes are left out between `data` and `tail`."""

    tail: bytes = b""
    """The last of the bytes, if some are left out."""

    @property
    def size(self) -> int:
        """How many bytes were sent or received."""
        return len(self.data) + self.cut + len(self.tail)

    def shortened(self, first: int = _FIRST_KEPT, last: int = _LAST_KEPT) -> "Event":
        """Return the event with no more than its first and its last bytes, and what is left out counted."""
        if len(self.data) <= first + last and len(self.tail) <= last:
            return self
        end = self.tail or self.data
        tail = end[max(len(end) - last, 0) :]
        data = self.data[:first]
        return replace(self, data=data, cut=self.size - len(data) - len(tail), tail=tail)


@dataclass(frozen=True)
class Transcript:
    """One conversation: its events in order of time, and its ending.

    After a RESET or ASIDE step the conversation goes on over a new connection. All bytes and offsets below
    are those of the last connection.
    """

    events: tuple[Event, ...]

    ending: Ending

    note: str = ""
    """More about the ending: the name of the alert, or why the connection was refused."""

    began: float = field(default=0.0, compare=False)
    """When the conversation began, by time.monotonic(); the times of events count from here."""

    reading: Reading | None = field(default=None, compare=False, repr=False)
    """What was received over the last connection, as responses, where not all of its bytes were kept."""

    def shortened(self) -> Self:
        """Return what is to be kept of it once it was judged: the ends of long events, and no reading."""
        events = tuple(event.shortened() for event in self.events)
        return self if events == self.events else replace(self, events=events, reading=None)

    @cached_property
    def last_connection(self) -> tuple[Event, ...]:
        """The events since the last connection was made."""
        starts = [index for index, event in enumerate(self.events) if event.kind is Kind.CONNECTED]
        return self.events[starts[-1] :] if starts else self.events

    @cached_property
    def received(self) -> bytes:
        """All that the server sent over the last connection, as far as it is kept."""
        return _joined(self.last_connection, Kind.RECEIVED)

    @cached_property
    def sent(self) -> bytes:
        """All that we sent over the last connection, without the follow-up, as far as it is kept."""
        return _joined(self.last_connection, Kind.SENT)

    @property
    def received_before_follow_up(self) -> int | None:
        """How many bytes had come when the follow-up request was sent; None if none was sent."""
        return self._received_before_first(Kind.FOLLOWED_UP)

    @property
    def answered_follow_up(self) -> bool:
        """Whether a follow-up request was sent, and something came after it."""
        before = self.received_before_follow_up
        return before is not None and _size(self.last_connection, Kind.RECEIVED) > before

    @property
    def received_before_pause_ended(self) -> int | None:
        """How many bytes had come when the first pause was over; None if there was no pause."""
        return self._received_before_first(Kind.PAUSED)

    @property
    def ended(self) -> float:
        """When the conversation ended, by the same clock as `began`."""
        return self.began + (self.events[-1].at if self.events else 0.0)

    def last(self, *kinds: Kind) -> float | None:
        """When the last event of these kinds happened, by the same clock; None if there was none."""
        return next((self.began + event.at for event in reversed(self.events) if event.kind in kinds), None)

    @property
    def nobody_there(self) -> bool:
        """Whether the connection was refused because nothing listens there, not because a queue is full."""
        return self.ending is Ending.REFUSED and self.note in _NOBODY_LISTENS

    @property
    def was_reset(self) -> bool:
        """Whether we aborted a connection of the conversation."""
        return any(event.kind is Kind.RESET_SENT for event in self.events)

    @property
    def secured(self) -> bool:
        """Whether a TLS handshake was completed."""
        return any(event.kind is Kind.SECURED for event in self.last_connection)

    @property
    def awaited_in_vain(self) -> bool:
        """Whether an awaited response did not come before patience was over."""
        return any(event.kind is Kind.AWAITED_IN_VAIN for event in self.last_connection)

    def _received_before_first(self, kind: Kind) -> int | None:
        events = self.last_connection
        for index, event in enumerate(events):
            if event.kind is kind:
                return _size(events[:index], Kind.RECEIVED)
        return None


def _joined(events: tuple[Event, ...], kind: Kind) -> bytes:
    return b"".join(part for event in events if event.kind is kind for part in (event.data, event.tail))


def _size(events: tuple[Event, ...], kind: Kind) -> int:
    return sum(event.size for event in events if event.kind is kind)
