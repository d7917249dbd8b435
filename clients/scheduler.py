"""Runs many conversations on one thread, which waits for all of their connections together.

A task is a generator of its waits (see `clients.waits`): it never blocks, it yields what it waits for. The
scheduler hands all of these waits to one poll(), resumes each task whose connection has something to report
or whose time is over, and completes a future with the result. What tasks do, and what comes of it, is not
known here.

Why one thread. A run plays about a thousand conversations, many of them at once, and most are over in a few
milliseconds. To start a thread costs more than that. Threads also contend for the interpreter lock, so that a
conversation would notice late what has come, and might take our own delay for a silence of the server. One
thread resumes tasks in the order in which poll() reports them, and counts only the time in which it listened.

Why generators. An event loop such as asyncio's would serve too, at the price of a future and callbacks for
each wait. A generator that yields its waits needs neither, and the same code runs without a scheduler:
`drive` plays one conversation in the caller's thread.

Why poll(). It takes any descriptor (select() takes those below 1024), it exists wherever Python has sockets
and pipes of POSIX (epoll does not), and it is given the numbers of the descriptors anew each time. So a task
may close its connection and open another of the same number before it waits again; epoll would silently drop
the closed one, and never report the new one.

What breaks if this is changed:

- A task that blocks stops all others, and they see silence where nobody listened. So another thread's work is
  waited for with `wait_until_done`, and host names are looked up once and remembered (`clients.tcp`).
- No two tasks may wait for the same connection: poll() and the table here have one entry for each descriptor.
- A task that changes its connection must be unwatched by the old number before any other task runs, which may
  open a connection of that number. `_wait_for` and `_retire` see to it.
- Another thread may queue a task just as this one falls asleep. So the thread sets `_asleep` before it looks
at
  the queues for the last time, and the other queues first and reads `_asleep` afterwards. In any other order
  a wake-up could be lost.
- Most waits end by an event long before their time is over, so they are not kept in order of time.
  `_next_timeout` is only a lower bound, and all tasks are looked at when it has come, not before.
"""

import math
import os
import select
import threading
import time
from collections import deque
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from itertools import chain
from types import TracebackType
from typing import Any, Self

from clients.waits import Result, Wait, Waits

# How long a task counts as connecting if it hears nothing, in seconds.
_CONNECTING = 0.005


@dataclass(eq=False)
class _Task:
    """One generator of waits, queued or running."""

    waits: Waits[Any]

    group: "_Group"

    future: Future[Any] = field(default_factory=Future)

    descriptor: int = -1
    """Of the connection that it waits for; below 0 it waits for none."""

    events: int = 0
    """What it waits for on that connection, as poll() names it."""

    timeout: float = math.inf
    """When its wait is over."""

    started: float = 0.0
    """When it was started."""

    silent: bool = True
    """Whether it has heard nothing yet."""


@dataclass
class _Group:
    """Tasks with a limit on how many of them run at once."""

    room: int
    """How many more may be started now."""

    queue: deque[_Task] = field(default_factory=deque)
    """Tasks that have not been started, in order."""

    @property
    def can_start(self) -> bool:
        """Whether a task waits, and there is room for it."""
        return bool(self.room and self.queue)


class Scheduler:
    """Runs tasks in a thread of its own, of each group no more than a given number at once.

    Use it as a context manager: `with` starts the thread. At the end of the block, tasks that were not
    started are cancelled; for tasks that run, every wait is over at once until they return. After the block
    no task runs, and `submit` returns futures that are cancelled.

    `submit` and `add_group` may be called from any thread, before, in and after the block, also from a task
    and from a callback of a future. Only the thread that entered the block may leave it.

    room: for groups 0, 1, and so on, how many tasks of the group may run at once.
    connecting: how many tasks of all groups may be connecting at once: those that were started less than
    `connecting_for` seconds ago and have heard nothing yet. None for any number.
    """

    def __init__(
        self, *room: int, connecting: int | None = None, connecting_for: float = _CONNECTING
    ) -> None:
        self._most_connecting = math.inf if connecting is None else connecting
        self._connecting_for = connecting_for
        # Shared with other threads.
        self._lock = threading.Lock()  # for the next two, so that no task is queued that nobody cancels
        self._groups = [_Group(each) for each in room]  # only ever grows
        self._ends = False  # no task is started any more
        self._asleep = False  # in poll(), or about to look at the queues once more before it
        self._wake_end, self._waker = os.pipe()
        # Of the scheduler's thread.
        self._running: set[_Task] = set()
        self._by_descriptor: dict[int, _Task] = {}  # running tasks that wait for a connection
        self._connecting: deque[_Task] = deque()  # in the order in which they were started
        self._next_timeout = math.inf  # no wait is over before; perhaps none is over even then
        self._poll = select.poll()
        self._poll.register(self._wake_end, select.POLLIN)
        self._thread = threading.Thread(target=self._run, name="wirecheck scheduler")

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancel queued tasks, hurry running ones, and wait until the thread has ended."""
        with self._lock:
            self._ends = True
        os.write(self._waker, b"!")  # whatever `_asleep` says: an interrupt may have come between
        self._thread.join()
        os.close(self._wake_end)
        os.close(self._waker)

    def submit(self, waits: Waits[Result], *, group: int = 0) -> Future[Result]:
        """Queue a task. It is started when its group has room, in the order of the group.

        The future gets the task's result, or the exception that the task raised. A task that has not been
        started can be cancelled through its future; a running one cannot. A task that the end of the block
        finds in the queue is cancelled. Callbacks of the future run in the scheduler's thread (those of a
        cancelled future in the thread that cancels), so they must not block.
        Raises IndexError when there is no such group.
        """
        task = _Task(waits, self._groups[group])
        with self._lock:
            ends = self._ends
            if not ends:
                task.group.queue.append(task)
        if ends:
            _cancel(task.future)
        else:
            self._wake()
        return task.future

    def add_group(self, room: int) -> int:
        """Add a group of which `room` tasks may run at once; return its number, for `submit`.

        The group exists as soon as this returns, and stays until the end. Its tasks count among the
        connecting ones like all others.
        """
        with self._lock:
            self._groups.append(_Group(room))
            return len(self._groups) - 1

    def _wake(self) -> None:
        if self._asleep:
            self._asleep = False
            os.write(self._waker, b"!")

    # In the scheduler's thread

    def _run(self) -> None:
        try:
            while not self._ends:
                self._start_queued()
                self._resume_ready(self._sleep())
            while self._running:
                for task in tuple(self._running):
                    self._resume(task, 0)
        finally:
            # Whatever has gone wrong here, nobody must wait for ever.
            with self._lock:
                self._ends = True
            self._asleep = False
            for task in chain(self._running, *(group.queue for group in self._groups)):
                _cancel(task.future)

    def _start_queued(self) -> None:
        """Start queued tasks while there is room, of each group in turn."""
        while ready := [group for group in self._groups if group.can_start]:
            for group in ready:
                if len(self._connecting) >= self._most_connecting:
                    return
                self._start(group.queue.popleft())

    def _start(self, task: _Task) -> None:
        if not task.future.set_running_or_notify_cancel():
            return
        task.group.room -= 1
        task.started = time.monotonic()
        self._running.add(task)
        self._connecting.append(task)
        self._resume(task, None)

    def _sleep(self) -> list[tuple[int, int]]:
        """Wait until there is something to do; return the descriptors that have events, and the events."""
        self._asleep = True  # from here on, other threads wake us; they may have queued something before
        seconds: float | None = None
        next_timeout = self._next_timeout
        if any(group.can_start for group in self._groups):
            started = self._connecting[0].started if self._connecting else -math.inf
            next_timeout = min(next_timeout, started + self._connecting_for)
        if self._ends:
            seconds = 0
        elif next_timeout < math.inf:
            seconds = max(0.0, next_timeout - time.monotonic())
        found = self._poll.poll(None if seconds is None else math.ceil(seconds * 1000))
        self._asleep = False
        return found

    def _resume_ready(self, found: list[tuple[int, int]]) -> None:
        """Resume the tasks that have events, then those whose wait was over when poll() returned."""
        now = time.monotonic()
        for descriptor, events in found:
            if descriptor == self._wake_end:
                os.read(self._wake_end, 1)
            else:
                task = self._by_descriptor[descriptor]
                task.silent = task.silent and not events & ~select.POLLOUT
                self._resume(task, events)
        while self._connecting and not self._is_connecting(self._connecting[0], now):
            self._connecting.popleft()
        if now < self._next_timeout:
            return
        for task in [task for task in self._running if task.timeout <= now]:
            self._resume(task, 0)
        self._next_timeout = min((task.timeout for task in self._running), default=math.inf)

    def _is_connecting(self, task: _Task, now: float) -> bool:
        return task.silent and now < task.started + self._connecting_for

    def _resume(self, task: _Task, found: int | None) -> None:
        """Send a task the events that were found, and learn what it waits for next. None starts it."""
        try:
            self._wait_for(task, next(task.waits) if found is None else task.waits.send(found))
        except StopIteration as end:
            self._retire(task)
            task.future.set_result(end.value)
        except Exception as error:  # noqa: BLE001  (the reader of the future gets it)
            self._retire(task)
            task.future.set_exception(error)

    def _wait_for(self, task: _Task, wait: Wait) -> None:
        task.timeout = time.monotonic() + wait.seconds
        self._next_timeout = min(self._next_timeout, task.timeout)
        descriptor = -1 if wait.connection is None else wait.connection.fileno()
        if (descriptor, wait.events) == (task.descriptor, task.events):
            return
        if descriptor != task.descriptor:
            self._unwatch(task)
        if descriptor >= 0:
            self._poll.register(descriptor, wait.events)
            self._by_descriptor[descriptor] = task
        task.descriptor, task.events = descriptor, wait.events

    def _unwatch(self, task: _Task) -> None:
        """Leave out of poll() what a task waited for, which may be closed by now."""
        if task.descriptor >= 0:
            self._poll.unregister(task.descriptor)
            del self._by_descriptor[task.descriptor]
            task.descriptor = -1

    def _retire(self, task: _Task) -> None:
        task.silent = False
        self._unwatch(task)
        self._running.remove(task)
        task.group.room += 1


def _cancel(future: Future[Any]) -> None:
    """Cancel the future of a task; if the task runs, which no future can undo, complete it as cancelled."""
    if future.cancel():
        future.set_running_or_notify_cancel()  # also tells those who wait() for several futures
    else:
        future.set_exception(CancelledError())
