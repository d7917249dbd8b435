"""A server that the suite starts itself: `--spawn 'COMMAND'`, with the URL that it will have given beside.

The command runs in a process group of its own, which is ended whole. A server that dies is started again, so
that what comes behind is judged as well; each death is noted. What the server has to say goes to a file, of
which the last lines are shown. Nothing is known of what is played.
"""

import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from clients.tcp import Address, listens
from conformance.errors import BadUsage, Untestable
from conformance.targets.liveness import Crash

_STARTING_TAKES_AT_MOST = 30.0
_ENDING_TAKES_AT_MOST = 5.0
_BETWEEN_LOOKS = 0.05

# One that dies more often is left dead; so many times is a finding enough.
_MOST_DEATHS = 50

_LAST_LINES = 10
_LAST_OCTETS = 4096


class Spawned:
    """A command that is kept running until it is ended. log: the file that takes its output."""

    def __init__(self, command: str, log: Path) -> None:
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise BadUsage(f"--spawn {command!r} is no command: {error}") from error
        if not self._command:
            raise BadUsage("--spawn names no command")
        self._log = log
        self._ending = threading.Event()
        self._crashes: list[Crash] = []
        self._asked_to_end = False
        self._process = self._start("wb")
        self._keeping = threading.Thread(target=self._keep, name="wirecheck-spawn")
        self._keeping.start()

    @property
    def crashes(self) -> tuple[Crash, ...]:
        """How it ended each time when nobody asked it to."""
        return tuple(self._crashes)

    def start_again(self) -> None:
        """End it, for it does nothing any more, and let it start again."""
        self._asked_to_end = True
        self._signal(signal.SIGKILL)

    @property
    def last_output(self) -> str:
        """The last lines of what it said, with nothing in them that a terminal would obey."""
        said = self._log.read_bytes()[-_LAST_OCTETS:].decode("utf-8", "replace")
        return "\n".join(map(_harmless, said.splitlines()[-_LAST_LINES:]))

    def wait_for(self, address: Address) -> None:
        """Wait until it listens there. Raises Untestable when it dies first, or takes too long."""
        last_moment = time.monotonic() + _STARTING_TAKES_AT_MOST
        while not listens(address):
            if self._crashes or time.monotonic() > last_moment:
                how = f"{self._crashes[0].how} before it listened" if self._crashes else "does not listen"
                raise Untestable(f"what --spawn started {how}; {self._log} has what it said")
            self._ending.wait(_BETWEEN_LOOKS)

    def end(self) -> None:
        """End it with its children: first asked, then killed."""
        self._ending.set()
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_TAKES_AT_MOST)
        self._signal(signal.SIGKILL)  # for children that have outlived it, too
        self._keeping.join()

    def _start(self, mode: str) -> "subprocess.Popen[bytes]":
        with self._log.open(mode) as log:
            try:
                return subprocess.Popen(  # noqa: S603  (the command is the user's own)
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C is for the run, which ends it itself
                )
            except OSError as error:
                raise BadUsage(f"--spawn cannot start {self._command[0]}: {error.strerror}") from error

    def _keep(self) -> None:
        """Start it again whenever it dies."""
        while True:
            code = self._process.wait()
            if self._ending.is_set():
                return
            if not self._asked_to_end:
                self._crashes.append(Crash(time.monotonic(), _how(code)))
            self._asked_to_end = False
            self._signal(signal.SIGKILL)  # what it leaves behind may hold the port
            if len(self._crashes) >= _MOST_DEATHS or self._ending.wait(_BETWEEN_LOOKS):
                return
            with suppress(BadUsage):
                self._process = self._start("ab")
            if self._ending.is_set():  # it was too late to be ended by the one who ends
                self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def _how(code: int) -> str:
    """Say how a process ended: by its exit code, or the number of the signal, negative."""
    if code >= 0:
        return f"ended with {code}"
    with suppress(ValueError):
        return f"was killed by {signal.Signals(-code).name}"
    return f"was killed by signal {-code}"


def _harmless(line: str) -> str:
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line
    )


@contextmanager
def spawned(command: str, log: Path, address: Address) -> Iterator[Spawned]:
    """Run a command while the block lasts, from the moment it listens on. log: the file for its output.

    Raises BadUsage when it cannot be started or somebody listens already, Untestable when it does not listen.
    """
    if listens(address):
        raise BadUsage("something listens at the URL already, so --spawn would not be what is tested")
    server = Spawned(command, log)
    try:
        server.wait_for(address)
        yield server
    finally:
        server.end()
