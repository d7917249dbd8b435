"""What was seen on the wire: the record that a driver leaves and that every verdict is drawn from.

A transcript holds each event with its time, and how the conversation ended. The endings are kept apart on
purpose: FIN, RST, TLS close_notify, a truncated TLS stream, a fatal alert and plain silence are different
facts about a server. Nothing here knows HTTP beyond the offsets at which the driver did something.
"""

import errno
import os
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property


class Kind(Enum):
    """What happened in one event; `data` or `note` say more."""

    CONNECTED = "connected"
    SECURED = "TLS established"
    SENT = "sent"
    SEND_FAILED = "could not send"
    RECEIVED = "received"
    PAUSED = "sent nothing for a quiet window"
    AWAITED_IN_VAIN = "awaited in vain"
    HALF_CLOSED = "closed our sending side"
    CLOSE_NOTIFY_SENT = "sent close_notify"
    RESET_SENT = "reset the connection"
    LEFT_ASIDE = "left the connection open and made another"
    FOLLOWED_UP = "sent a follow-up request"
    ENDED = "the end"


class Ending(Enum):
    """How a conversation ended, as a sentence about the server."""

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


# How the system refuses where there is no server, of TCP or of a Unix socket.
_NOBODY_LISTENS = frozenset(map(os.strerror, (errno.ECONNREFUSED, errno.ENOENT)))

_CLOSED = frozenset({Ending.FIN, Ending.RESET, Ending.CLOSE_NOTIFY, Ending.TRUNCATED, Ending.ALERT})


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    at: seconds since the conversation began.
    data: the bytes sent or received, decrypted if TLS carries them.
    note: what the event's kind leaves open, in words (the TLS version, why sending failed).
    """

    at: float
    kind: Kind
    data: bytes = b""
    note: str = ""


@dataclass(frozen=True)
class Transcript:
    """One conversation: its events in order of time, and its ending.

    `note` says more about the ending: the name of the alert, the reason of a refusal. After a RESET or ASIDE
    step the conversation goes on over a new connection; the offsets below count the bytes of the last one.
    began: the moment that the times of the events count from, by time.monotonic().
    """

    events: tuple[Event, ...]
    ending: Ending
    note: str = ""
    began: float = field(default=0.0, compare=False)

    @cached_property
    def last_connection(self) -> tuple[Event, ...]:
        """The events since the last connection was made."""
        starts = [index for index, event in enumerate(self.events) if event.kind is Kind.CONNECTED]
        return self.events[starts[-1] :] if starts else self.events

    @cached_property
    def received(self) -> bytes:
        """All that the server sent over the last connection."""
        return _joined(self.last_connection, Kind.RECEIVED)

    @cached_property
    def sent(self) -> bytes:
        """All that we sent over the last connection before the follow-up."""
        return _joined(self.last_connection, Kind.SENT)

    @property
    def received_before_follow_up(self) -> int | None:
        """How many bytes had come when the follow-up request was sent; None when none was sent."""
        return self._received_before_first(Kind.FOLLOWED_UP)

    @property
    def answered_follow_up(self) -> bool:
        """Whether a follow-up request was sent, and something came behind it."""
        before = self.received_before_follow_up
        return before is not None and len(self.received) > before

    @property
    def received_before_pause_ended(self) -> int | None:
        """How many bytes had come when the first pause was over; None when there was no pause."""
        return self._received_before_first(Kind.PAUSED)

    @property
    def ended(self) -> float:
        """When it ended, by the same clock as `began`."""
        return self.began + (self.events[-1].at if self.events else 0.0)

    def last(self, *kinds: Kind) -> float | None:
        """When the last event of one of these kinds happened, by the same clock; None without any."""
        return next((self.began + event.at for event in reversed(self.events) if event.kind in kinds), None)

    @property
    def nobody_there(self) -> bool:
        """Whether the connection was refused because nothing listens; a full queue is another matter."""
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
        """Whether the server let an awaited response be waited for until patience was over."""
        return any(event.kind is Kind.AWAITED_IN_VAIN for event in self.last_connection)

    def _received_before_first(self, kind: Kind) -> int | None:
        events = self.last_connection
        for index, event in enumerate(events):
            if event.kind is kind:
                return len(_joined(events[:index], Kind.RECEIVED))
        return None


def _joined(events: tuple[Event, ...], kind: Kind) -> bytes:
    return b"".join(event.data for event in events if event.kind is kind)
