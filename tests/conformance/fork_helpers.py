"""Runs the command in a process of its own without starting an interpreter for it: many runs, little time.

A server of processes has the command imported and is forked for each run, which has its own folder, its own
environment, its own output and its own exit code, as if it had been typed.
"""

import multiprocessing
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 60

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["conformance.command.command", "reports.run.publish"])


class Typed:
    """A run of the command.

    output: the file for what it prints. mistake: a function of ours to go wrong. room: the most bytes that a
    file can have.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        folder: Path,
        output: Path,
        *,
        environment: Mapping[str, str],
        mistake: str = "",
        room: int | None = None,
    ) -> None:
        self._output = output
        self._process = _CONTEXT.Process(
            target=_run,
            args=(list(arguments), folder, output, dict(environment)),
            kwargs={"mistake": mistake, "room": room},
        )
        self._process.start()

    def send(self, signal: int) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, signal)

    def ended(self) -> tuple[int | None, str]:
        """Wait for its end; return its exit code and all that it printed."""
        self._process.join(PATIENCE)
        self._process.kill()
        return self._process.exitcode, self._output.read_text(encoding="utf-8")


def _run(
    arguments: list[str],
    folder: Path,
    output: Path,
    environment: dict[str, str],
    *,
    mistake: str,
    room: int | None,
) -> None:
    os.chdir(folder)
    os.environ.update(environment)
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    from conformance.command.command import main  # noqa: PLC0415  (it is there already, in the process that forks)

    if mistake:
        module, _, name = mistake.rpartition(".")
        setattr(sys.modules[module], name, _mistaken)
    if room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    sys.exit(main(arguments))


def _mistaken(*_: object, **__: object) -> None:
    raise ZeroDivisionError
