"""Deadlines looked at together: twice a second, for all connections that share a sweeper.

A timer for each request would cost every request. It knows the loop, and of a connection only that it can be
swept.
"""

import time
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from reference_server.ioloop import IOLoop

SWEEP_SECONDS = 0.5
"""How often deadlines are looked at: so much later than due a connection may end."""


class Swept(Protocol):
    """Something that has deadlines."""

    def sweep(self, now: float) -> None:
        """Do what is due at ``now``, a moment of the monotonic clock."""


SweptT = TypeVar("SweptT", bound=Swept)


class Sweeper(Generic[SweptT]):
    """A set of connections whose deadlines are looked at for as long as it is not empty.

    Only the thread of their loop may use it.
    """

    def __init__(self) -> None:
        self._swept: set[SweptT] = set()
        self._waiting = False

    def __len__(self) -> int:
        return len(self._swept)

    def __iter__(self) -> Iterator[SweptT]:
        """Return an iterator over those that are here now; they may go meanwhile."""
        return iter(list(self._swept))

    def add(self, swept: SweptT, io_loop: IOLoop) -> None:
        """Look at the deadlines of ``swept`` from now on, in timers of its loop."""
        self._swept.add(swept)
        self._wait(io_loop)

    def discard(self, swept: SweptT) -> None:
        """Look at the deadlines of ``swept`` no more. One that is not here is ignored."""
        self._swept.discard(swept)

    def _wait(self, io_loop: IOLoop) -> None:
        if self._swept and not self._waiting:
            self._waiting = True
            io_loop.call_later(SWEEP_SECONDS, lambda: self._sweep(io_loop))

    def _sweep(self, io_loop: IOLoop) -> None:
        self._waiting = False
        self._wait(io_loop)
        now = time.monotonic()
        for swept in self:
            swept.sweep(now)
