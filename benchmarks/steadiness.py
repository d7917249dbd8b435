"""Whether the same server gets the same verdicts, run after run, with and without a load beside it.

The command is `python -m benchmarks.steadiness LABEL=URL …`. Each server is judged so many times by a run of
its own; half of the runs have every processor kept busy beside them. Then every scenario that did not get the
same verdict in all runs is named. How long a run takes is no matter here.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import cpu_count
from pathlib import Path

from benchmarks.suite import ROOT
from conformance.record import read

_BUSY = "while True: pass"

Verdicts = Mapping[str, str]


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep so many processes busy while the block lasts."""
    started = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(processes)]  # noqa: S603
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def verdicts(url: str, folder: Path) -> Verdicts:
    """Judge a server; return the verdict on each scenario. Raises RuntimeError when the run had no result."""
    command = [sys.executable, "-m", "conformance", url, "--output", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode not in (0, 1):
        raise RuntimeError(f"the run against {url} ended with {ended.returncode}: {ended.stdout[-1000:]}")
    return {finding["scenario"]: finding["verdict"] for finding in read(folder / "run.jsonl").findings}


def differences(runs: Sequence[Verdicts]) -> Iterator[str]:
    """Name each scenario that did not get one verdict in all runs, with those that it got and how often."""
    seen: defaultdict[str, list[str]] = defaultdict(list)
    for run in runs:
        for scenario, verdict in run.items():
            seen[scenario].append(verdict)
    for scenario, found in sorted(seen.items()):
        if len(set(found)) > 1 or len(found) != len(runs):
            counts = ", ".join(f"{found.count(verdict)} {verdict}" for verdict in sorted(set(found)))
            yield f"{scenario}: {counts}"


def main(argv: Sequence[str] | None = None) -> int:
    """Judge each server again and again; end with 1 if a verdict differed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steadiness", description=__doc__)
    parser.add_argument("servers", nargs="+", metavar="LABEL=URL")
    parser.add_argument("--runs", type=int, default=20, help="default: %(default)s; half of them under load")
    options = parser.parse_args(argv)
    found: dict[str, list[Verdicts]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="wirecheck-") as folder:
        for number in range(options.runs):
            with busy(cpu_count() if number % 2 else 0):
                for server in options.servers:
                    label, _, url = server.partition("=")
                    found[label].append(verdicts(url, Path(folder)))
    wrong = 0
    for label, runs in found.items():
        differing = list(differences(runs))
        wrong += len(differing)
        sys.stdout.write(
            f"| {label} | {len(runs)} runs | {len(runs[0])} scenarios | {len(differing)} differ |\n"
        )
        sys.stdout.writelines(f"    {line}\n" for line in differing)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
