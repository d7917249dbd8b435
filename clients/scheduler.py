"""Many who converse at once, driven by one thread that waits for all of their connections together.

A thread for each would cost more than most conversations do. No two may wait for the same connection. What
they do, and what comes of it, is not known here.
"""

import math
import os
import select
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain
from types import TracebackType
from typing import Any, Self

from clients.waits import Result, Wait, Waits

# How long one is new that hears nothing, in seconds.
_NEW = 0.005


@dataclass(eq=False)
class _Member:
    """One of many.

    connection: the number of the one that it waits for; below 0 it waits for none. over: when the wait is.
    new: whether it has heard nothing yet.
    """

    waits: Waits[Any]
    group: "_Group"
    result: Future[Any] = field(default_factory=Future)
    connection: int = -1
    events: int = 0
    over: float = math.inf
    begun: float = 0.0
    new: bool = True


@dataclass
class _Group:
    """Those of whom so many may be under way at once. room: for how many more. queue: who waits for it."""

    room: int
    queue: deque[_Member] = field(default_factory=deque)

    @property
    def waiting(self) -> bool:
        """Whether there is somebody in the queue, and room."""
        return bool(self.room and self.queue)


class Ensemble:
    """Drives many in a thread of its own, of each group so many at once.

    room: for each group. newcomers: how many may be new at once, who have heard nothing for some milliseconds
    since they began; None for any number.
    """

    def __init__(self, *room: int, newcomers: int | None = None) -> None:
        self._groups = [_Group(each) for each in room]
        self._most_newcomers = math.inf if newcomers is None else newcomers
        self._newcomers: deque[_Member] = deque()
        self._members: set[_Member] = set()  # that are under way
        self._by_connection: dict[int, _Member] = {}
        self._first_over = math.inf  # no wait is over before; it may be that none is even then
        self._ends = False
        self._asleep = False
        self._woken, self._waker = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._woken, select.POLLIN)
        self._thread = threading.Thread(target=self._run, name="wirecheck ensemble")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancel those that have not begun; for all others every wait is over at once, until they end."""
        self._ends = True
        os.write(self._waker, b"!")  # whatever is believed of its sleep: an interrupt may have come between
        self._thread.join()
        os.close(self._woken)
        os.close(self._waker)

    def submit(self, waits: Waits[Result], *, group: int = 0) -> Future[Result]:
        """Drive one when its turn has come; the future has its result, or what it raised."""
        member = _Member(waits, self._groups[group])
        member.group.queue.append(member)
        if self._ends:
            member.result.cancel()
        self._wake()
        return member.result

    def _wake(self) -> None:
        if self._asleep:
            self._asleep = False
            os.write(self._waker, b"!")

    # In the thread

    def _run(self) -> None:
        try:
            while not self._ends:
                self._admit()
                self._heed(self._sleep())
            while self._members:
                for member in tuple(self._members):
                    self._go_on(member, 0)
        finally:
            # Nobody is to wait for ever, whatever has gone wrong here.
            self._ends = True
            for member in chain(self._members, *(group.queue for group in self._groups)):
                member.result.cancel()

    def _admit(self) -> None:
        """Let begin whom there is room for, of each group in turn."""
        while waiting := [group for group in self._groups if group.waiting]:
            for group in waiting:
                if len(self._newcomers) >= self._most_newcomers:
                    return
                self._begin(group.queue.popleft())

    def _sleep(self) -> list[tuple[int, int]]:
        """Wait until there is something to do, and return which events of which connections came."""
        self._asleep = True  # from here on, whoever has something for us wakes us; it may have come before
        seconds: float | None = None
        first_over = self._first_over
        if any(group.waiting for group in self._groups):
            begun = self._newcomers[0].begun if self._newcomers else -math.inf
            first_over = min(first_over, begun + _NEW)
        if self._ends:
            seconds = 0
        elif first_over < math.inf:
            seconds = max(0.0, first_over - time.monotonic())
        found = self._poll.poll(None if seconds is None else math.ceil(seconds * 1000))
        self._asleep = False
        return found

    def _begin(self, member: _Member) -> None:
        member.group.room -= 1
        member.begun = time.monotonic()
        self._members.add(member)
        self._newcomers.append(member)
        self._go_on(member, None)

    def _heed(self, found: list[tuple[int, int]]) -> None:
        """Let those go on for whom events came, and those whose wait was over before they were looked for."""
        now = time.monotonic()
        for connection, events in found:
            if connection == self._woken:
                os.read(self._woken, 1)
            else:
                member = self._by_connection[connection]
                member.new = member.new and not events & ~select.POLLOUT
                self._go_on(member, events)
        while self._newcomers and not (self._newcomers[0].new and now < self._newcomers[0].begun + _NEW):
            self._newcomers.popleft()
        if now < self._first_over:
            return
        for member in [member for member in self._members if member.over <= now]:
            self._go_on(member, 0)
        self._first_over = min((member.over for member in self._members), default=math.inf)

    def _go_on(self, member: _Member, found: int | None) -> None:
        """Tell a member what was found, and learn what it waits for next. None: it begins."""
        try:
            self._expect(member, next(member.waits) if found is None else member.waits.send(found))
        except StopIteration as end:
            self._leave(member)
            member.result.set_result(end.value)
        except Exception as error:  # noqa: BLE001  (it is told to who asked for the result)
            self._leave(member)
            member.result.set_exception(error)

    def _expect(self, member: _Member, wait: Wait) -> None:
        member.over = time.monotonic() + wait.seconds
        self._first_over = min(self._first_over, member.over)
        connection = -1 if wait.connection is None else wait.connection.fileno()
        if (connection, wait.events) == (member.connection, member.events):
            return
        if connection != member.connection:
            self._forget(member)
        if connection >= 0:
            self._poll.register(connection, wait.events)
            self._by_connection[connection] = member
        member.connection, member.events = connection, wait.events

    def _forget(self, member: _Member) -> None:
        """Look no more at the connection that a member waited for, which may be closed by now."""
        if member.connection >= 0:
            self._poll.unregister(member.connection)
            del self._by_connection[member.connection]

    def _leave(self, member: _Member) -> None:
        member.new = False
        self._forget(member)
        self._members.remove(member)
        member.group.room += 1
