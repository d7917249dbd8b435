"""How long a run of the suite takes, compared with other suites and with pytest items that do nothing.

The command is `python -m benchmarks.suite`. Every run is a process of its own, timed from start to end. The
servers take turns, round after round. The first round does not count: in it, Python compiles the code of all
suites, which is compiled when they are installed. Servers that are not installed are named and left out. The
other suites are in no package index, so options name their checkouts.
"""

import argparse
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from statistics import mean, median

from conformance.scenarios import SCENARIOS

ROOT = Path(__file__).parent.parent

PATIENCE = 20.0
"""How long a server may take to start, in seconds."""

FLOOR = "pytest, items that do nothing"

SERVERS: Mapping[str, tuple[str, Sequence[str], str]] = {
    "reference_server": ("reference_server", ["reference_server", "--port", "{port}"], "/"),
    "http.server": ("http.server", ["http.server", "{port}", "--bind", "127.0.0.1"], "/README.md"),
    "uvicorn, h11": (
        "uvicorn",
        ["uvicorn", "benchmarks.servers.asgi:application", "--http", "h11", "--port", "{port}"],
        "/hello",
    ),
}
"""By name: the package that must be installed, the module with its arguments, and the path to request."""

QUARTER = "reference_server, a quarter of the corpus"

# Variables that slow Python down, and that a user's environment does not have.
_OF_DEVELOPERS = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"})

GOALS = {"reference_server": 4.0, "http.server": 20.0}
"""The most wall time per scenario, in milliseconds."""


@dataclass(frozen=True)
class Sample:
    """One run."""

    items: int
    """How many items it had."""

    wall: float
    """The wall time that it took, in seconds."""

    processor: float
    """The processor time that it took, in seconds."""

    @property
    def each(self) -> float:
        """The wall time per item, in milliseconds."""
        return 1000 * self.wall / self.items


def timed(command: Sequence[str], folder: Path, *, within: Path = ROOT) -> tuple[float, float]:
    """Run a command to its end; return the seconds of wall and processor time that it took."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_DEVELOPERS}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    began = time.monotonic()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own commands)
            command, cwd=within, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{command} ended with {process.returncode}: {(folder / 'output').read_text()}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime


def run_of_the_suite(url: str, folder: Path, *selection: str) -> Sample:
    """Run the corpus of the http11 profile, or the selected part of it, against a server."""
    (folder / "run.jsonl").unlink(missing_ok=True)  # from the run before
    command = [sys.executable, "-m", "conformance", url, "--output", str(folder), *selection]
    wall, processor = timed(command, folder)
    lines = (folder / "run.jsonl").read_text().splitlines()
    items = sum(json.loads(line)["type"] == "finding" for line in lines)
    return Sample(items, wall, processor)


def run_of_nothing(items: int, folder: Path) -> Sample:
    """Run pytest with this many items that do nothing."""
    test = folder / "test_nothing.py"
    test.write_text(
        "import pytest\n\n\n"
        f"@pytest.mark.parametrize('number', range({items}))\n"
        "def test_nothing(number: int) -> None:\n    pass\n"
    )
    python = [sys.executable, "-m"]
    wall, processor = timed(
        [*python, "pytest", "-qq", f"-c{os.devnull}", f"--rootdir={folder}", str(test)], folder
    )
    return Sample(items, wall, processor)


@dataclass(frozen=True)
class OtherSuite:
    """A suite that somebody else wrote."""

    name: str

    checkout: Path
    """The folder it is in."""

    command: Sequence[str]
    """Its command line without host and port."""

    separator: str
    """What stands between host and port; empty if they are two arguments."""

    checks: int
    """How many checks it makes."""

    def run(self, port: int, folder: Path, seconds: float) -> Sample:
        """Run it against a server on this machine, over and over for some seconds; return the mean run.

        A run of a few checks is so short that anything else on the machine may distort it.
        """
        where = [f"127.0.0.1{self.separator}{port}"] if self.separator else ["127.0.0.1", str(port)]
        runs: list[tuple[float, float]] = []
        while sum(wall for wall, _ in runs) < seconds:
            runs.append(timed([*self.command, *where], folder, within=self.checkout))
        return Sample(self.checks, *map(mean, zip(*runs, strict=True)))


def other_suites(options: argparse.Namespace) -> Iterator[OtherSuite]:
    """Yield the other suites whose checkouts the options name."""
    if options.dropseed:
        start = [sys.executable, "-c", "from h1spec import main; main()"]
        yield OtherSuite("h1spec of dropseed", options.dropseed, start, ":", 32)
    if options.unetworking:
        start = [options.deno, "run", "--allow-net", "http_test.ts"]
        yield OtherSuite("h1spec of uNetworking", options.unetworking, start, "", 33)


@contextmanager
def serving(name: str) -> Iterator[int]:
    """Start a server; yield its port."""
    _, command, _ = SERVERS[name]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = [part.format(port=port) for part in command]
    process = subprocess.Popen(  # noqa: S603  (our own commands)
        [sys.executable, "-m", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def wait_for(port: int) -> None:
    """Wait until something listens on a port. Raises RuntimeError if nothing does in time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        select.select([], [], [], 0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def table(samples: Mapping[str, Sequence[Sample]]) -> Iterator[str]:
    """Yield the lines of a table of medians, spreads and goals."""
    yield "| against | items | wall s | ms each | spread | processor s | goal |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for name, of_one in samples.items():
        each = sorted(sample.each for sample in of_one)
        wall, processor = (
            median(values) for values in zip(*((s.wall, s.processor) for s in of_one), strict=True)
        )
        goal = GOALS.get(name)
        verdict = "" if goal is None else f"{goal:g}, {'met' if median(each) <= goal else 'missed'}"
        yield (
            f"| {name} | {of_one[0].items} | {wall:.1f} | {median(each):.2f} "
            f"| {each[0]:.2f} to {each[-1]:.2f} | {processor:.1f} | {verdict} |"
        )


def ratios(
    names: Sequence[str], others: Sequence[OtherSuite], samples: Mapping[str, Sequence[Sample]]
) -> Iterator[str]:
    """Yield how many times as long a check of each other suite takes on each server: median and spread."""
    for name, other in product(names, others):
        both = zip(samples[row_of(name, other)], samples[name], strict=True)
        times = [theirs.each / ours.each for theirs, ours in both]
        yield (
            f"On {name}, a check of {other.name} takes {median(times):.2f} times as long "
            f"({min(times):.2f} to {max(times):.2f})"
        )


def row_of(name: str, other: OtherSuite) -> str:
    """Return the name of the row of another suite against a server."""
    return f"{name}, {other.name}"


def play_round(
    names: Sequence[str], others: Sequence[OtherSuite], folder: Path
) -> Iterator[tuple[str, Sample]]:
    """Run each suite against each server, and items that do nothing; yield each sample with its row."""
    quarter = folder / "quarter"
    quarter.write_text("\n".join(scenario.id for scenario in SCENARIOS[::4] if scenario.profile == "http11"))
    for name in names:
        with serving(name) as port:
            url = f"http://127.0.0.1:{port}{SERVERS[name][2]}"
            whole = run_of_the_suite(url, folder)
            yield name, whole
            if name == names[0]:
                yield QUARTER, run_of_the_suite(url, folder, "--only", f"@{quarter}")
                yield FLOOR, run_of_nothing(whole.items, folder)
            for other in others:
                yield row_of(name, other), other.run(port, folder, whole.wall)


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count (default: %(default)s)")
    parser.add_argument("--dropseed", type=Path, metavar="DIR", help="a checkout of dropseed/h1spec")
    parser.add_argument("--unetworking", type=Path, metavar="DIR", help="a checkout of uNetworking/h1spec")
    parser.add_argument(
        "--deno", default="deno", help="the command that runs uNetworking/h1spec (default: %(default)s)"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Measure everything, round after round, and print the tables."""
    options = arguments().parse_args(argv)
    names = [name for name, (module, _, _) in SERVERS.items() if find_spec(module) is not None]
    for name in SERVERS.keys() - names:
        sys.stdout.write(f"{name} is not installed and left out\n")
    others = list(other_suites(options))
    samples: dict[str, list[Sample]] = {}
    with tempfile.TemporaryDirectory(prefix="wirecheck-") as folder:
        for number in range(options.rounds + 1):
            for row, sample in play_round(names, others, Path(folder)):
                if number:
                    samples.setdefault(row, []).append(sample)
    sys.stdout.write("\n".join(table(samples)) + "\n")
    sys.stdout.write("\n".join(["", *ratios(names, others, samples), "", ""]))
    walls = [median(sample.wall for sample in samples[row]) for row in (names[0], QUARTER)]
    items = [samples[row][0].items for row in (names[0], QUARTER)]
    sys.stdout.write(
        f"{items[0] / items[1]:.1f} times the corpus takes {walls[0] / walls[1]:.1f} times as long\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
