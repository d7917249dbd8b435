"""How long a run of the suite takes, beside pytest with as many items that do nothing.

The command is `python -m benchmarks.suite`. Every run is a process of its own, timed from start to end.
The servers take turns, round after round. What is not installed is named and left out.
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
from pathlib import Path
from statistics import median

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


def timed(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Run a Python module to its end; return the seconds of wall and processor time that it took."""
    began = time.monotonic()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (commands of our own making)
            [sys.executable, "-m", *command], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {(folder / 'output').read_text()}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime


def run_of_the_suite(url: str, folder: Path) -> Sample:
    """Run the whole corpus of the http11 profile against a server."""
    (folder / "run.jsonl").unlink(missing_ok=True)  # that of the run before
    wall, processor = timed(["conformance", url, "--output", str(folder)], folder)
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
    wall, processor = timed(["pytest", "-qq", f"-c{os.devnull}", f"--rootdir={folder}", str(test)], folder)
    return Sample(items, wall, processor)


@contextmanager
def serving(name: str) -> Iterator[str]:
    """Start a server and give the URL that is to be tested."""
    _, command, path = SERVERS[name]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = [part.format(port=port) for part in command]
    process = subprocess.Popen(  # noqa: S603  (commands of our own making)
        [sys.executable, "-m", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}{path}"
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


def main(argv: Sequence[str] | None = None) -> int:
    """Measure everything, round after round, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    rounds = parser.parse_args(argv).rounds
    samples: dict[str, list[Sample]] = {}
    for name, (module, _, _) in SERVERS.items():
        if find_spec(module) is None:
            sys.stdout.write(f"{name} is not installed and left out\n")
        else:
            samples[name] = []
    floor: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="wirecheck-") as folder:
        for _ in range(rounds):
            for name, found in samples.items():
                with serving(name) as url:
                    found.append(run_of_the_suite(url, Path(folder)))
            floor.append(run_of_nothing(next(iter(samples.values()))[0].items, Path(folder)))
    sys.stdout.write("\n".join(table(samples | {FLOOR: floor})) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
