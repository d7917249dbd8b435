"""The command as a process: what it says, how it ends, and how much memory it took at its peak."""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from conformance.record import Run, read

ROOT = Path(__file__).parent.parent.parent

# A run that takes longer has gone astray.
_DEADLINE = 120.0


@dataclass(frozen=True)
class Ended:
    """A command that has ended. peak: of its memory, in bytes. output: its folder."""

    code: int
    stdout: str
    stderr: str
    peak: int
    output: Path

    @property
    def run(self) -> Run:
        """The record that it left."""
        return read(self.output / "run.jsonl")


def command(*arguments: str, output: Path) -> Ended:
    """Run the command with these arguments to its end, which is not waited for without end."""
    output.mkdir(exist_ok=True)
    stdout, stderr = output / "stdout", output / "stderr"
    with stdout.open("wb") as said, stderr.open("wb") as complained:
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", *arguments, "--output", str(output)],
            cwd=ROOT,
            stdout=said,
            stderr=complained,
        )
    astray = threading.Timer(_DEADLINE, process.kill)
    astray.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        astray.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(process.returncode, stdout.read_text(), stderr.read_text(), usage.ru_maxrss * 1024, output)
