"""How much memory a run takes, by what its target sends: a page, a field line or chunks, of several sizes.

    python -m benchmarks.memory run [CHECKOUT]

Each row is a whole run of a process of its own against a server of `benchmarks.servers.page`, or the embedded
servers; the peak is the resident memory of the command (ru_maxrss), its reports included. A row of another
checkout is run with its code, side by side with ours.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

MEBIBYTE = 1024 * 1024

# What a target sends, and how many octets of it. The first is what the others are compared with.
SMALL = ("page", 1000)
SENDERS = (
    SMALL,
    ("page", 1_000_000),
    ("page", 2_000_000),
    ("page", 12_000_000),
    ("field", 1_000_000),
    ("chunks", 100_000),
    ("chunks", 330_000),
)


@dataclass(frozen=True)
class Peak:
    """What a run took."""

    resident: int
    """The highest resident memory, in bytes."""
    seconds: float
    exit_code: int


@contextmanager
def serving(kind: str, octets: int) -> Iterator[str]:
    """Serve during the block; yield the URL."""
    command = [sys.executable, "-m", "benchmarks.servers.page", kind, str(octets)]
    with subprocess.Popen(  # noqa: S603  (our own)
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield server.stdout.readline().split()[-1] if server.stdout else ""
        server.communicate()


def peak_of_run(arguments: Sequence[str], checkout: Path = ROOT) -> Peak:
    """Run the command with these arguments, in a process of its own."""
    with tempfile.TemporaryDirectory() as output:
        command = [sys.executable, "-m", "conformance", *arguments, "--output", output, "--quiet"]
        began = time.monotonic()
        child = subprocess.Popen(command, cwd=checkout, stdout=subprocess.DEVNULL)  # noqa: S603  (our own)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        return Peak(usage.ru_maxrss * 1024, time.monotonic() - began, child.returncode)


def main(checkout: Path) -> None:
    """Print the table."""
    sys.stdout.write(f"{'what a target sends':<28}{'peak':>12}{'above':>12}{'seconds':>10}{'exit':>6}\n")
    small = 0
    for kind, octets in SENDERS:
        with serving(kind, octets) as url:
            peak = peak_of_run([url], checkout)
        small = small or peak.resident
        _write(f"{kind} of {octets:,}", peak, f"{(peak.resident - small) / MEBIBYTE:>+8.0f} MiB")
    _write("the embedded servers", peak_of_run([], checkout), "")


def _write(name: str, peak: Peak, above: str) -> None:
    row = f"{peak.resident / MEBIBYTE:>8.0f} MiB{above:>12}{peak.seconds:>10.1f}{peak.exit_code:>6}"
    sys.stdout.write(f"{name:<28}{row}\n")
    sys.stdout.flush()
