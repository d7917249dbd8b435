"""Where a server listens, and how to connect to it: with TLS or without, and how often.

Nothing is connected to here. A `Rate` gives turns; it does not know what waits for them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from clients.tcp import Address
from clients.tls import Security


class Rate:
    """A limit on how often requests are sent, for servers that count them.

    A conversation takes the turns of all its requests when it begins, and then sends them as it likes: a wait
    between them would be part of what is judged. All threads may share one rate.
    """

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second = per_second
        """The most turns in a second; the first turn comes at once."""

        self._clock = clock
        self._gap = 1 / per_second
        self._lock = Lock()
        self._next = 0.0

    def turn(self, requests: int = 1) -> float:
        """Take the next turns, one for each request; return the seconds until the first of them comes.

        The caller waits for it.
        """
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + requests * self._gap
        return turn - now


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens, and how to connect to it."""

    host: str
    """A host name or an IP address."""

    port: int

    security: Security | None = None
    """How to begin TLS; None if the server does not speak it."""

    unix_socket: str = ""
    """The path of the socket that the server listens on instead of the port; empty if there is none."""

    rate: Rate | None = None
    """How often requests are sent; None for any number at any time."""

    @property
    def address(self) -> Address:
        """What to connect to."""
        return self.unix_socket or (self.host, self.port)
