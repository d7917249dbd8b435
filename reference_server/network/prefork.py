"""Several processes that share a listening socket (DOC-SRV-5, DOC-SRV-7).

The parent forks, looks after its children and ends with them. It knows nothing of what the children do; it
only needs that they return from ``fork_and_supervise``, and that SIGTERM ends them.

The parent runs no signal handlers. It holds its signals back and takes them one at a time with ``sigwait``,
so that none can come at a bad moment, not even between a fork and the note of it.
"""

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from reference_server.logs import safe_logger

logger = safe_logger(__name__)

RESTARTS = 20
RESTART_SECONDS = 60.0
"""So many children may be replaced in so many seconds. Above that the next one would die too: we give up."""

END_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})
AWAITED = frozenset({*END_SIGNALS, signal.SIGCHLD, signal.SIGALRM})


def process_count(asked: int | None) -> int:
    """Return how many processes are meant: None, 0 and less mean one for each CPU (DOC-SRV-5)."""
    if asked is None or asked <= 0:
        return os.cpu_count() or 1
    return asked


@dataclass(frozen=True, kw_only=True)
class Family:
    """What is known of a family of processes before it is forked.

    ``set_up_child()`` is called in each child, before any signal can reach it. ``wind_up()`` is called in the
    parent when its children are told to end; those that have not ended ``patience`` seconds later are killed.
    A child that ends before is replaced, however that comes.
    """

    count: int
    patience: float
    set_up_child: Callable[[], None]
    wind_up: Callable[[], None]


def fork_and_supervise(family: Family) -> None:
    """Fork the children and return in each of them; the parent ends with ``SystemExit`` (DOC-SRV-7).

    A child whose parent vanishes, however that comes, gets SIGTERM, so that no orphan goes on serving. Python
    itself reseeds ``random`` in each child.
    """
    supervisor = Supervisor(family)
    if supervisor.run():
        sys.exit(supervisor.exit_code)
    threading.Thread(target=follow_parent, args=(supervisor.lifeline, family.patience), daemon=True).start()


def follow_parent(lifeline: int, patience: float) -> None:
    """Wait until the parent has ended, which closes its end of the pipe; then end this process."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience)  # a callback that hangs keeps the signal from being handled
    os.kill(os.getpid(), signal.SIGKILL)


class Supervisor:
    """The parent of a family: replaces children that end, and passes on the signals that end them all."""

    def __init__(self, family: Family) -> None:
        self.exit_code = 0
        self.lifeline, self._held_by_parent = os.pipe()
        self._family = family
        self._children: set[int] = set()
        self._restarted: deque[float] = deque(maxlen=RESTARTS)
        self._ending = False
        self._interrupted = False

    def run(self) -> bool:
        """Fork and wait. Returns False in each child, and True in the parent when all have ended."""
        blocked_before = signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
        # where SIGCHLD is ignored, as some parents leave it to us, no child could be waited for
        handler_before = signal.signal(signal.SIGCHLD, lambda *_: None)
        for _ in range(self._family.count):
            if not self._fork():
                break
        else:
            if self._supervise():
                return True
        os.close(self._held_by_parent)
        signal.signal(signal.SIGCHLD, handler_before)
        self._family.set_up_child()
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked_before)
        return False

    def _supervise(self) -> bool:
        """Do what the signals say, until no child is left. Returns False in a child."""
        while self._children:
            number = signal.sigwait(AWAITED)
            if number == signal.SIGALRM:
                self._send(signal.SIGKILL)
            elif number == signal.SIGINT and self._interrupted:
                self.exit_code = 128 + number
                self._send(signal.SIGKILL)
            elif number in END_SIGNALS:
                self._interrupted = self._interrupted or number == signal.SIGINT
                self._end()
            else:
                for _ in range(self._count_ended()):
                    if self._may_restart() and not self._fork():
                        return False
        return True

    def _fork(self) -> bool:
        """Fork; return whether this is the parent."""
        child = os.fork()
        if child:
            self._children.add(child)
        return bool(child)

    def _count_ended(self) -> int:
        """Bury the children that have ended; return how many of them are to be replaced.

        Other processes that the application has started are left to it.
        """
        missing = 0
        for child in list(self._children):
            ended, status = os.waitpid(child, os.WNOHANG)
            if not ended:
                continue
            self._children.discard(child)
            if not self._ending:
                logger.error("Child %d ended with %d", child, os.waitstatus_to_exitcode(status))
                missing += 1
        return missing

    def _may_restart(self) -> bool:
        """Tell whether a child that ended is replaced; give up when that happens too often."""
        if self._ending:
            return False
        now = time.monotonic()
        if len(self._restarted) == RESTARTS and now - self._restarted[0] < RESTART_SECONDS:
            logger.error("Children have ended more than %d times in %g seconds", RESTARTS, RESTART_SECONDS)
            self.exit_code = 1
            self._end()
            return False
        self._restarted.append(now)
        logger.info("Another child takes its place")
        return True

    def _end(self) -> None:
        """Tell the children to end; SIGALRM will tell that they have had the time for it."""
        self._send(signal.SIGTERM)
        if not self._ending:
            self._ending = True
            self._family.wind_up()
            signal.setitimer(signal.ITIMER_REAL, self._family.patience)

    def _send(self, number: signal.Signals) -> None:
        for child in self._children:
            os.kill(child, number)
