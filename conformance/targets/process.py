"""A child process of a run, and the promise that it ends with the run.

A child leads a process group of its own, so that its descendants end with it and Ctrl-C reaches the run
alone, which then ends its children. If the run itself is killed, one of our own servers ends since its
standard input does; a command of the user's knows nothing of that, so it is started in the group of a guard,
which is there before it and kills the group. What the child serves is not known here.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

STARTS_WITHIN = 30.0
"""Seconds that a server may take until it listens."""

ENDS_WITHIN = 5.0
"""Seconds that a child may take to end after SIGTERM."""

# The folder of our packages, wherever the command is run.
_ROOT = Path(__file__).parents[2]


class Process:
    """A running child. Use it as a context manager: leaving the block ends the child and its descendants.

    Any thread may call its methods.
    """

    def __init__(
        self, child: "subprocess.Popen[bytes]", guard: "subprocess.Popen[bytes] | None" = None
    ) -> None:
        self._child = child
        self._guard = guard
        self._group = (guard or child).pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def wait(self) -> int:
        """Wait until the child has ended; return its exit code, or the number of the signal, negative."""
        return self._child.wait()

    def first_line(self, within: float = STARTS_WITHIN) -> bytes:
        """Return the first line that the child writes, or less if it ends or `within` seconds pass."""
        line, output = b"", self._child.stdout
        last_moment = time.monotonic() + within
        while output is not None and not line.endswith(b"\n"):
            ready, _, _ = select.select([output], [], [], max(0.0, last_moment - time.monotonic()))
            piece = os.read(output.fileno(), 4096) if ready else b""
            if not piece:
                break
            line += piece
        return line

    def kill(self) -> None:
        """Kill the child and its descendants; do not wait for them."""
        self._signal(signal.SIGKILL)

    def end(self, within: float = ENDS_WITHIN) -> None:
        """End the child and its descendants: by SIGTERM, and `within` seconds later by SIGKILL.

        It may have ended already. Nothing of it runs any more when this returns.
        """
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(within)
        self._signal(signal.SIGKILL)  # also for descendants that outlive the child
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
        if self._guard is not None:
            self._guard.communicate()  # it was killed with its group

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group that has ended
            os.killpg(self._group, number)


def start_own(command: Sequence[str], log: IO[bytes], environment: Mapping[str, str]) -> Process:
    """Start a server of ours, which ends at the end of its standard input; its first line can be read.

    log: for its standard error. environment: is added to ours.
    """
    return Process(
        subprocess.Popen(  # noqa: S603  (a command of our own)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    )


def start_guarded(command: Sequence[str], log: IO[bytes]) -> Process:
    """Start a command of the user's, with a guard. log: for all its output. Raises OSError."""
    module, environment = own_module("conformance.targets.guard")
    guard = subprocess.Popen(  # noqa: S603  (a command of our own)
        module,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,  # or a reader of ours would wait for its end
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
        process_group=0,
    )
    try:
        child = subprocess.Popen(  # noqa: S603  (the user asked for it)
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=guard.pid
        )
    except BaseException:  # an interrupt may come when the child is there, and is not known yet
        os.killpg(guard.pid, signal.SIGKILL)
        guard.communicate()
        raise
    return Process(child, guard)


def own_module(name: str) -> tuple[list[str], dict[str, str]]:
    """Return the command that runs a module of ours, and what must be added to the environment for it."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    # -P: a folder of the same name where the command is run must not be taken for ours.
    return [sys.executable, "-P", "-m", name], {"PYTHONPATH": path}


def how_it_ended(code: int) -> str:
    """Return a phrase that follows "the server". code: as `Process.wait` returns it."""
    if code >= 0:
        return f"exited with code {code}"
    with suppress(ValueError):
        return f"was ended by signal {-code} ({signal.Signals(-code).name})"
    return f"was ended by signal {-code}"
