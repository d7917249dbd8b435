"""How long a run of the suite takes, beside pytest with items that do nothing, and beside other suites.

The command is `python -m benchmarks.suite`. Every run is a process of its own, timed from start to end.
The servers take turns, round after round; the first does not count, for it compiles the code of all suites
alike, as it is when they are installed. What is not installed is named and left out; the other suites are not
on any index, so their checkouts are named by who wants to see them.
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
"""Seconds that a server may take to start."""

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
"""By its name: what must be installed, the module to run with its arguments, and the path to ask for."""

QUARTER = "reference_server, a quarter of the corpus"

# What a user's environment does not have, and what slows Python down.
_OF_DEVELOPERS = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"})

GOALS = {"reference_server": 4.0, "http.server": 20.0}
"""Milliseconds of wall time for each scenario."""


@dataclass(frozen=True)
class Sample:
    """One run: how many items it had, and the seconds of wall and processor time that it took."""

    items: int
    wall: float
    processor: float

    @property
    def each(self) -> float:
        """Milliseconds of wall time for each item."""
        return 1000 * self.wall / self.items


def timed(command: Sequence[str], folder: Path, *, within: Path = ROOT) -> tuple[float, float]:
    """Run a command to its end; return the seconds of wall and processor time that it took."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_DEVELOPERS}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    began = time.monotonic()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (commands of our own making)
            command, cwd=within, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{command} ended with {process.returncode}: {(folder / 'output').read_text()}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime


def run_of_the_suite(url: str, folder: Path, *selection: str) -> Sample:
    """Run the corpus of the http11 profile, or what is selected of it, against a server."""
    (folder / "run.jsonl").unlink(missing_ok=True)  # that of the run before
    command = [sys.executable, "-m", "conformance", url, "--output", str(folder), *selection]
    wall, processor = timed(command, folder)
    lines = (folder / "run.jsonl").read_text().splitlines()
    items = sum(json.loads(line)["type"] == "finding" for line in lines)
    return Sample(items, wall, processor)


def run_of_nothing(items: int, folder: Path) -> Sample:
    """Run pytest with so many items that do nothing."""
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
    """A suite that somebody else wrote.

    checkout: where it lies. command: without host and port, which `joined` joins. checks: how many it makes.
    """

    name: str
    checkout: Path
    command: Sequence[str]
    joined: str
    checks: int

    def run(self, port: int, folder: Path, seconds: float) -> Sample:
        """Run all of it against a server on this machine, over and over for so long; return the mean run.

        A run of a few checks is over so soon that it is chance what else the machine does meanwhile.
        """
        where = [f"127.0.0.1{self.joined}{port}"] if self.joined else ["127.0.0.1", str(port)]
        runs: list[tuple[float, float]] = []
        while sum(wall for wall, _ in runs) < seconds:
            runs.append(timed([*self.command, *where], folder, within=self.checkout))
        return Sample(self.checks, *map(mean, zip(*runs, strict=True)))


def other_suites(options: argparse.Namespace) -> Iterator[OtherSuite]:
    """The other suites that the options name the checkouts of."""
    if options.dropseed:
        start = [sys.executable, "-c", "from h1spec import main; main()"]
        yield OtherSuite("h1spec of dropseed", options.dropseed, start, ":", 32)
    if options.unetworking:
        start = [options.deno, "run", "--allow-net", "http_test.ts"]
        yield OtherSuite("h1spec of uNetworking", options.unetworking, start, "", 33)


@contextmanager
def serving(name: str) -> Iterator[int]:
    """Start a server and give its port."""
    _, command, _ = SERVERS[name]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = [part.format(port=port) for part in command]
    process = subprocess.Popen(  # noqa: S603  (commands of our own making)
        [sys.executable, "-m", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def wait_for(port: int) -> None:
    """Wait until something listens. Raises RuntimeError when nothing does in time."""
    last_moment = time.monotonic() + PATIENCE
    while time.monotonic() < last_moment:
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        select.select([], [], [], 0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def table(samples: Mapping[str, Sequence[Sample]]) -> Iterator[str]:
    """The medians, the spread, and the goals, as lines of a table."""
    yield "| against | items | wall s | ms each | spread | processor s | goal |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for name, found in samples.items():
        each = sorted(sample.each for sample in found)
        wall, processor = (
            median(values) for values in zip(*((s.wall, s.processor) for s in found), strict=True)
        )
        goal = GOALS.get(name)
        verdict = "" if goal is None else f"{goal:g}, {'met' if median(each) <= goal else 'missed'}"
        yield (
            f"| {name} | {found[0].items} | {wall:.1f} | {median(each):.2f} "
            f"| {each[0]:.2f} to {each[-1]:.2f} | {processor:.1f} | {verdict} |"
        )


def ratios(
    names: Sequence[str], others: Sequence[OtherSuite], samples: Mapping[str, Sequence[Sample]]
) -> Iterator[str]:
    """How many times as long each other suite takes for a check, on each server: the median of the rounds."""
    for name, other in product(names, others):
        both = zip(samples[row_of(name, other)], samples[name], strict=True)
        times = [theirs.each / ours.each for theirs, ours in both]
        yield (
            f"On {name}, a check takes {other.name} {median(times):.2f} times as long "
            f"({min(times):.2f} to {max(times):.2f})"
        )


def row_of(name: str, other: OtherSuite) -> str:
    """The name of the row of another suite against a server."""
    return f"{name}, {other.name}"


def measured(
    names: Sequence[str], others: Sequence[OtherSuite], folder: Path
) -> Iterator[tuple[str, Sample]]:
    """One round: each suite against each server, and what does nothing; each with the name of its row."""
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
    """The parser of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--dropseed", type=Path, metavar="DIR", help="a checkout of dropseed/h1spec")
    parser.add_argument("--unetworking", type=Path, metavar="DIR", help="a checkout of uNetworking/h1spec")
    parser.add_argument("--deno", default="deno", help="what runs the latter (default: %(default)s)")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Measure everything, round after round, and print the table."""
    options = arguments().parse_args(argv)
    names = [name for name, (module, _, _) in SERVERS.items() if find_spec(module) is not None]
    for name in SERVERS.keys() - names:
        sys.stdout.write(f"{name} is not installed and left out\n")
    others = list(other_suites(options))
    samples: dict[str, list[Sample]] = {}
    with tempfile.TemporaryDirectory(prefix="wirecheck-") as folder:
        for number in range(options.rounds + 1):
            for row, sample in measured(names, others, Path(folder)):
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
