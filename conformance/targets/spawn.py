"""A server that the suite starts itself: `--spawn 'COMMAND'`, with the URL that it will listen at.

A server that ends on its own has crashed: that is noted, and the server is started again, so that the rest of
the run can be judged. Its output goes to a file. What is played against the server is not known here.
"""

import os
import shlex
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clients.tcp import Address, listens
from conformance.errors import BadUsage, Untestable
from conformance.targets.liveness import Crash
from conformance.targets.process import STARTS_WITHIN, Process, how_it_ended, start_guarded
from conformance.text import visible

_BETWEEN_LOOKS = 0.05

# After this many crashes a server is not started again; it has failed often enough.
_MOST_CRASHES = 50

_LAST_LINES = 10
_LAST_BYTES = 4096


class SpawnedServer:
    """A command that is started again whenever it ends, until `end` is called.

    Any thread may call its methods.
    """

    def __init__(self, command: str, log: Path) -> None:
        """Start it. command: as in a shell. log: the file for its output. Raises BadUsage."""
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise BadUsage(f"--spawn {command!r} is not a command: {error}") from error
        if not self._command:
            raise BadUsage("--spawn needs a command")
        self._log = log
        self._crashes: list[Crash] = []
        self._killed_by_us = False
        self._ending = threading.Event()
        self._replacing = threading.Lock()  # the process is replaced only under this lock
        self._process = self._start("wb")
        self._supervision = threading.Thread(target=self._supervise, name="wirecheck-spawn")
        self._supervision.start()

    @property
    def crashes(self) -> tuple[Crash, ...]:
        """Each time that it ended on its own, in order."""
        return tuple(self._crashes)

    def start_again(self) -> None:
        """Kill it, because it no longer answers, and have it started again; that is not noted as a crash."""
        self._killed_by_us = True
        self._process.kill()

    @property
    def last_output(self) -> str:
        """The last lines of its output, safe to print."""
        with self._log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_BYTES))
            lines = log.read().decode("utf-8", "replace").splitlines()
        return "\n".join(map(visible, lines[-_LAST_LINES:]))

    def wait_for(self, address: Address, within: float = STARTS_WITHIN) -> None:
        """Wait until it listens. Raises Untestable if it ends first, or does not listen in time (seconds)."""
        last_moment = time.monotonic() + within
        while not listens(address):
            if self._crashes or time.monotonic() > last_moment:
                how = (
                    f"{self._crashes[0].how} before it listened at the URL"
                    if self._crashes
                    else f"did not listen at the URL within {within:.0f} s"
                )
                raise Untestable(f"the server that --spawn started {how}; its output is in {self._log}")
            self._ending.wait(_BETWEEN_LOOKS)

    def end(self) -> None:
        """End it and its descendants for good."""
        self._ending.set()
        with self._replacing:
            self._process.end()
        self._supervision.join()

    def _start(self, mode: str) -> Process:
        with self._log.open(mode) as log:
            try:
                return start_guarded(self._command, log)
            except OSError as error:
                raise BadUsage(f"--spawn cannot start {self._command[0]}: {error.strerror}") from error

    def _supervise(self) -> None:
        """Start it again whenever it ends."""
        while True:
            code = self._process.wait()
            if self._ending.is_set():
                return
            if not self._killed_by_us:
                self._crashes.append(Crash(time.monotonic(), how_it_ended(code)))
            self._killed_by_us = False
            if len(self._crashes) >= _MOST_CRASHES or not self._replaced():
                return

    def _replaced(self) -> bool:
        """Start the next process in place of one that has ended; return whether there is one."""
        with self._replacing:
            self._process.end()  # its descendants may hold the port
            if self._ending.wait(_BETWEEN_LOOKS):
                return False
            try:
                self._process = self._start("ab")
            except BadUsage:  # it could be started once, so this is no error of the user's; it stays down
                return False
            return True


@contextmanager
def spawn_server(command: str, log: Path, address: Address) -> Iterator[SpawnedServer]:
    """Run a command during the block, which begins once it listens. log: the file for its output.

    Raises BadUsage if it cannot be started or the address is in use, Untestable if it does not listen.
    """
    if listens(address):
        raise BadUsage("another server already listens at the URL; stop it, or leave out --spawn")
    server = SpawnedServer(command, log)
    try:
        server.wait_for(address)
        yield server
    finally:
        server.end()
