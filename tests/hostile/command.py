"""The command as a process: what it says, how it ends, and how much memory it took at its peak."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from conformance.record import Run, read
from tests.paths import ROOT

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


# A process begins with the peak of the one that started it, and a test's may be large. So a small one stands
# between them, and leaves word of the code and the peak.
_BETWEEN = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as word:
    print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=word)
"""


def command(*arguments: str, output: Path) -> Ended:
    """Run the command with these arguments to its end, which is not waited for without end."""
    output.mkdir(exist_ok=True)
    stdout, stderr, word = output / "stdout", output / "stderr", output / "word"
    between = [sys.executable, "-c", _BETWEEN, str(word)]
    with stdout.open("wb") as said, stderr.open("wb") as complained:
        process = subprocess.Popen(
            [*between, sys.executable, "-m", "conformance", *arguments, "--output", str(output)],
            cwd=ROOT,
            stdout=said,
            stderr=complained,
            start_new_session=True,
        )
    astray = threading.Timer(_DEADLINE, os.killpg, (process.pid, signal.SIGKILL))
    astray.start()
    try:
        process.wait()
    finally:
        astray.cancel()
    code, peak = map(int, word.read_text().split())
    return Ended(code, stdout.read_text(), stderr.read_text(), peak * 1024, output)
