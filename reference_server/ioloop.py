"""The event loop: file descriptors, timeouts and callbacks, in one thread (DOC-IO-1).

It knows descriptors and functions, and nothing of sockets, streams or HTTP. Everything runs in the thread
that called ``start``; only ``add_callback`` may be called from elsewhere, a signal handler included.
"""

import contextlib
import heapq
import itertools
import os
import select
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar, Protocol

from reference_server.logs import safe_logger

logger = safe_logger(__name__)

Handler = Callable[[int, int], None]
"""Called with a file descriptor and the events that happened there."""

FOREVER = 3600.0
"""Seconds to sleep when nothing is due. Any long time does."""

EVENTS = 16
"""Events handled in one round of the loop: no more handlers delay what ``add_last`` does, usually to send."""


class Poller(Protocol):
    """What the loop asks of the operating system: ``select.epoll`` is one."""

    def register(self, fd: int, eventmask: int, /) -> None: ...  # noqa: D102 - as in select.epoll

    def modify(self, fd: int, eventmask: int, /) -> None: ...  # noqa: D102

    def unregister(self, fd: int, /) -> None: ...  # noqa: D102

    def poll(self, timeout: float, maxevents: int, /) -> list[tuple[int, int]]: ...  # noqa: D102 - seconds

    def close(self) -> None: ...  # noqa: D102


class PollPoller:
    """``select.poll`` in the shape of ``select.epoll``, for systems without the latter."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self.register = self._poll.register
        self.modify = self._poll.modify
        self.unregister = self._poll.unregister

    def poll(self, timeout: float, maxevents: int, /) -> list[tuple[int, int]]:  # noqa: ARG002
        """Wait at most ``timeout`` seconds; return pairs of descriptor and events, all that there are."""
        return self._poll.poll(timeout * 1000)

    def close(self) -> None:
        """Nothing is held."""


def new_poller() -> Poller:
    """Return the best poller of this system."""
    return select.epoll() if hasattr(select, "epoll") else PollPoller()


@dataclass(order=True, slots=True)
class Timeout:
    """A callback that is due at a moment of the monotonic clock. What ``add_timeout`` returns."""

    moment: float
    sequence: int
    callback: Callable[[], None] | None = field(compare=False)


class IOLoop:
    """A loop over the events of file descriptors (DOC-IO-1).

    ``add_handler`` and its sisters take a descriptor and a mask of ``READ``, ``WRITE`` and ``ERROR``; errors
    and hang-ups are always reported, asked for or not.
    """

    READ = 0x001
    WRITE = 0x004
    ERROR = 0x008 | 0x010

    _instance: ClassVar["IOLoop | None"] = None

    def __init__(self) -> None:
        self._poller = new_poller()
        self._handlers: dict[int, Handler] = {}
        self._callbacks: deque[Callable[[], None]] = deque()
        self._last: list[Callable[[], None]] = []
        self._timeouts: list[Timeout] = []
        self._sequence = itertools.count()
        self._running = False
        self._stopped = False
        self._waker, self._wake_end = os.pipe()
        os.set_blocking(self._waker, False)
        os.set_blocking(self._wake_end, False)
        self.add_handler(self._waker, self._woken, self.READ)

    @classmethod
    def instance(cls) -> "IOLoop":
        """Return the loop of this process, made on first use (DOC-IO-1)."""
        if IOLoop._instance is None:
            IOLoop._instance = cls()
        return IOLoop._instance

    @classmethod
    def initialized(cls) -> bool:
        """Tell whether the loop of this process has been made (DOC-IO-1)."""
        return IOLoop._instance is not None

    # Descriptors

    def add_handler(self, fd: int, handler: Handler, events: int) -> None:
        """Call ``handler(fd, events)`` whenever one of ``events`` happens on ``fd``."""
        self._handlers[fd] = handler
        self._poller.register(fd, events | self.ERROR)

    def update_handler(self, fd: int, events: int) -> None:
        """Listen for other events on a descriptor that has a handler."""
        self._poller.modify(fd, events | self.ERROR)

    def remove_handler(self, fd: int) -> None:
        """Forget ``fd``. A descriptor that nobody knows is ignored."""
        if self._handlers.pop(fd, None) is not None:
            try:
                self._poller.unregister(fd)
            except OSError:
                logger.debug("descriptor %d was closed before its handler was removed", fd)

    # Callbacks and timeouts

    def add_callback(self, callback: Callable[[], None]) -> None:
        """Call ``callback()`` in the next round of the loop. Any thread and any signal handler may."""
        self._callbacks.append(callback)
        with contextlib.suppress(BlockingIOError):  # the pipe is full: the loop will wake up anyhow
            os.write(self._wake_end, b"!")

    def add_last(self, callback: Callable[[], None]) -> None:
        """Call ``callback()`` at the end of this round of the loop, whose thread this must be."""
        self._last.append(callback)

    def add_timeout(self, deadline: float | timedelta, callback: Callable[[], None]) -> Timeout:
        """Call ``callback()`` at ``deadline``: a moment of ``time.time()``, or a ``timedelta`` from now."""
        if isinstance(deadline, timedelta):
            return self.call_later(deadline.total_seconds(), callback)
        return self.call_later(deadline - time.time(), callback)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timeout:
        """Call ``callback()`` after so many seconds, whatever happens to the wall clock meanwhile."""
        timeout = Timeout(time.monotonic() + seconds, next(self._sequence), callback)
        heapq.heappush(self._timeouts, timeout)
        return timeout

    def remove_timeout(self, timeout: Timeout) -> None:
        """Take back what ``add_timeout`` returned. It may already have happened."""
        timeout.callback = None

    # Running

    def start(self) -> None:
        """Run until ``stop`` is called. A ``stop`` that came before ends the loop at once (DOC-IO-1)."""
        self._running = not self._stopped
        poll, handlers = self._poller.poll, self._handlers
        while self._running:
            for fd, events in poll(self._patience(), EVENTS):
                handler = handlers.get(fd)
                if handler is None:
                    continue  # removed by a handler of the same round
                try:
                    handler(fd, events)
                except Exception:
                    logger.exception("Exception in I/O handler for fd %d", fd)
            if self._callbacks:
                self._run_callbacks()
            if self._timeouts:
                self._run_timeouts()
            if self._last:
                self._run_last()
        self._running = self._stopped = False

    def stop(self) -> None:
        """Let ``start`` return after the current round. From another thread: ``add_callback(loop.stop)``."""
        self._running = False
        self._stopped = True

    def running(self) -> bool:
        """Tell whether ``start`` is running."""
        return self._running

    def close(self) -> None:
        """Give back the loop's own descriptors. The loop must not be running."""
        self._poller.close()
        os.close(self._waker)
        os.close(self._wake_end)

    def _patience(self) -> float:
        """Return the seconds until something is due."""
        if self._callbacks or self._last:
            return 0.0
        if self._timeouts:
            return min(max(0.0, self._timeouts[0].moment - time.monotonic()), FOREVER)
        return FOREVER

    def _run_callbacks(self) -> None:
        """Run the callbacks that are waiting now; what they add waits for the next round."""
        for _ in range(len(self._callbacks)):
            self._run(self._callbacks.popleft())

    def _run_timeouts(self) -> None:
        now = time.monotonic()
        while self._timeouts and self._timeouts[0].moment <= now:
            callback = heapq.heappop(self._timeouts).callback
            if callback is not None:
                self._run(callback)

    def _run_last(self) -> None:
        last, self._last = self._last, []
        for callback in last:
            self._run(callback)

    def _run(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception:
            logger.exception("Exception in callback %r", callback)

    def _woken(self, fd: int, _events: int) -> None:
        """Empty the pipe that ``add_callback`` writes to."""
        with contextlib.suppress(BlockingIOError):
            os.read(fd, 4096)
