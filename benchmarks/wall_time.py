"""How long whole runs take against real servers, with one version of the suite beside another.

The command is `python -m benchmarks.wall_time --suite LABEL=PYTHON … LABEL=COMMAND …`. A suite is a Python
that has wirecheck installed, or that finds it from the folder it is started in. A server is a command in
which {port} is replaced; it is started anew for each run. Where its label ends in +, it may crash, and the
suite starts it itself. The suites take turns, server by server, so that a slow minute affects all of them.
"""

import argparse
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import free_port
from benchmarks.suite import ROOT
from clients.tcp import listens
from conformance.record import read

PATIENCE = 20.0
"""Seconds that a server may take to start, or to end."""

LONGEST = 900.0
"""Seconds after which a run is ended."""


@dataclass(frozen=True)
class Server:
    """A server to run against."""

    label: str
    command: str
    """As in a shell; {port} stands for its port."""
    spawned: bool
    """Whether the suite starts it."""


@contextmanager
def running(server: Server, port: int) -> Iterator[None]:
    """Run a server during the block, unless the suite does. Raises RuntimeError where it does not listen."""
    if server.spawned:
        yield
        return
    command = shlex.split(server.command.format(port=port))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        last_moment = time.monotonic() + PATIENCE
        while not listens(("127.0.0.1", port)):
            if process.poll() is not None or time.monotonic() > last_moment:
                raise RuntimeError(f"{server.label} does not listen")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def is_ours(python: str) -> bool:
    """Whether a Python is the one that runs this; virtual environments may be links to the same file."""
    return Path(python).absolute() == Path(sys.executable).absolute()


def timed(python: str, server: Server, folder: Path) -> float:
    """Run a suite against a server; return the seconds that it took. LONGEST where it had to be ended."""
    port = free_port()
    command = [python, "-m", "conformance", f"http://127.0.0.1:{port}/", "--output", str(folder)]
    if server.spawned:
        command += ["--spawn", server.command.format(port=port)]
    # What is installed is not to be found in the checkout, and the other way round.
    where = ROOT if is_ours(python) else folder
    with running(server, port):
        began = time.monotonic()
        try:
            ended = subprocess.run(  # noqa: S603
                command, cwd=where, capture_output=True, text=True, check=False, timeout=LONGEST
            )
        except subprocess.TimeoutExpired:
            return LONGEST
        seconds = time.monotonic() - began
    if ended.returncode not in (0, 1):
        raise RuntimeError(f"the run against {server.label} ended with {ended.returncode}: {ended.stderr}")
    return seconds


def main(argv: Sequence[str] | None = None) -> int:
    """Run each suite against each server, and print a table of medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wall_time", description=__doc__)
    parser.add_argument("--suite", action="append", required=True, metavar="LABEL=PYTHON")
    parser.add_argument("--rounds", type=int, default=1, help="default: %(default)s")
    parser.add_argument("servers", nargs="+", metavar="LABEL=COMMAND")
    options = parser.parse_args(argv)
    suites = dict(suite.split("=", 1) for suite in options.suite)
    sys.stdout.write(f"| server | checks | {' | '.join(f'{label}, s' for label in suites)} |\n")
    sys.stdout.write(f"|---|---:|{'---:|' * len(suites)}\n")
    for given in options.servers:
        label, command = given.split("=", 1)
        server = Server(label.removesuffix("+"), command, spawned=label.endswith("+"))
        seconds: dict[str, list[float]] = {label: [] for label in suites}
        checks = 0
        for _ in range(options.rounds):
            for suite, python in suites.items():
                with tempfile.TemporaryDirectory(prefix="wirecheck-") as folder:
                    seconds[suite].append(timed(python, server, Path(folder)))
                    if is_ours(python):
                        checks = len(read(Path(folder) / "run.jsonl").findings)
        figures = " | ".join(f"{median(seconds[suite]):.1f}" for suite in suites)
        sys.stdout.write(f"| {server.label} | {checks} | {figures} |\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
