"""Several processes that share a listening socket (DOC-SRV-5, DOC-SRV-7).

The parent forks, looks after its children and ends with them. It knows nothing of what the children do; it
only needs that they return from ``fork_and_supervise`` and end by themselves.
"""

import logging
import os
import random
import signal
import sys
import threading
from types import FrameType

logger = logging.getLogger(__name__)

MAX_RESTARTS = 100
"""How often a child that died is replaced, before we believe that the next one would die too."""


def process_count(asked: int | None) -> int:
    """Return how many processes are meant: None, 0 and less mean one for each CPU (DOC-SRV-5)."""
    if asked is None or asked <= 0:
        return os.cpu_count() or 1
    return asked


def fork_and_supervise(count: int) -> None:
    """Fork ``count`` children and return in each of them; the parent ends with ``SystemExit`` (DOC-SRV-7).

    A child whose parent vanishes gets SIGTERM, so that no orphan goes on serving.
    """
    supervisor = Supervisor(count)
    if supervisor.run():
        sys.exit(supervisor.exit_code)
    random.seed()
    threading.Thread(target=follow_parent, args=(supervisor.alive_read,), daemon=True).start()


def follow_parent(alive_read: int) -> None:
    """Wait until the parent has ended, which closes its end of the pipe; then end this process."""
    os.read(alive_read, 1)
    os.kill(os.getpid(), signal.SIGTERM)


class Supervisor:
    """The parent of ``count`` children: replaces those that fail, and passes on the signals that end them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.exit_code = 0
        self.alive_read, self._alive_write = os.pipe()
        self._children: set[int] = set()
        self._restarts = 0
        self._stopping = False

    def run(self) -> bool:
        """Fork and wait. Returns False in each child, and True in the parent when all have ended."""
        handlers = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        missing = self.count
        while missing or self._children:
            if missing and not self._stopping:
                missing -= 1
                if not self._fork():
                    for number, handler in handlers.items():
                        signal.signal(number, handler)
                    os.close(self._alive_write)
                    return False
            elif self._children:
                missing += self._wait()
            else:
                break
        return True

    def _fork(self) -> bool:
        """Fork; return whether this is the parent."""
        child = os.fork()
        if child:
            self._children.add(child)
        return bool(child)

    def _wait(self) -> int:
        """Wait for a child to end; return how many are to be forked in its place."""
        child, status = os.wait()
        self._children.discard(child)
        if status == 0 or self._stopping:
            return 0
        logger.error("Child %d ended with %d", child, os.waitstatus_to_exitcode(status))
        self._restarts += 1
        if self._restarts <= MAX_RESTARTS:
            return 1
        logger.error("Children have died more than %d times; no more are started", MAX_RESTARTS)
        self.exit_code = 1
        return 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        """Tell all children to end."""
        self._stopping = True
        for child in self._children:
            os.kill(child, signal.SIGTERM)
