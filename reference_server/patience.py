"""How long a peer is waited for: decisions from moments alone.

Nothing here looks at a clock. What is waited for is looked at now and then, and is as old as the first look
at it; so a deadline costs a request nothing. It knows no connections, and not what happens at a deadline.
"""

import math
from collections.abc import Hashable
from enum import Enum, auto

from reference_server.parsing.limits import Limits


class Phase(Enum):
    """What a connection waits for: its peer, the application, or the peer's farewell."""

    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    IDLE = auto()
    END = auto()


def patience(phase: Phase, limits: Limits, received: int, *, peer_left: bool, draining: bool) -> float:
    """Return the seconds that what is waited for may take.

    ``received`` is the octets of a body so far. ``peer_left`` tells that the peer has sent its FIN,
    ``draining`` that the server has been told to end.
    """
    match phase:
        case Phase.HEAD | Phase.IDLE if draining:
            return limits.farewell_seconds
        case Phase.HEAD:
            return limits.header_seconds
        case Phase.BODY:
            return limits.body_seconds + received / limits.body_rate
        case Phase.IDLE:
            return limits.idle_seconds
        case Phase.END:
            return limits.linger_seconds
        case Phase.ANSWER:
            return limits.abandoned_seconds if peer_left else math.inf


class Wait:
    """How long the same thing has been waited for."""

    __slots__ = ("_since", "_subject")

    def __init__(self) -> None:
        self._subject: Hashable = None
        self._since = 0.0

    def is_over(self, subject: Hashable, now: float, seconds: float) -> bool:
        """Tell whether ``subject`` has been waited for, without a break, for so long at ``now``."""
        if subject != self._subject:
            self._subject, self._since = subject, now
            return False
        return now >= self._since + seconds

    def forget(self) -> None:
        """Begin anew with the next look."""
        self._subject = None


class Taking:
    """Whether a peer takes a response quickly enough: ``rate`` octets a second, in windows of ``seconds``."""

    __slots__ = ("_began", "_rate", "_seconds", "_taken")

    def __init__(self, seconds: float, rate: float) -> None:
        self._seconds = seconds
        self._rate = rate
        self._began: float | None = None
        self._taken = 0

    def is_too_slow(self, taken: int, now: float) -> bool:
        """Tell whether a window is over at ``now`` in which too little was added to ``taken``."""
        if self._began is not None:
            if now < self._began + self._seconds:
                return False
            if taken - self._taken < self._seconds * self._rate:
                return True
        self._began, self._taken = now, taken
        return False

    def forget(self) -> None:
        """Begin a window with the next look."""
        self._began = None
