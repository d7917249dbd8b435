"""Whether the same server gets the same verdicts, run after run, with and without a load on the machine.

The command is `python -m benchmarks.steadiness LABEL=URL …`. It judges each server several times, and keeps
every processor busy during half of the runs. Then it names every scenario that did not get the same verdict
in all runs. How long a run takes does not matter here.
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
    """Keep this many processes busy while the block lasts."""
    started = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(processes)]  # noqa: S603
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def verdicts(url: str, folder: Path) -> Verdicts:
    """Judge a server; return the verdict on each scenario. Raises RuntimeError if the run has no result."""
    command = [sys.executable, "-m", "conformance", url, "--output", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode not in (0, 1):
        raise RuntimeError(f"the run against {url} ended with {ended.returncode}: {ended.stdout[-1000:]}")
    return {finding["scenario"]: finding["verdict"] for finding in read(folder / "run.jsonl").findings}


def differences(runs: Sequence[Verdicts]) -> Iterator[str]:
    """Name each scenario whose verdict was not the same in all runs, with how often it got each verdict."""
    seen: defaultdict[str, list[str]] = defaultdict(list)
    for run in runs:
        for scenario, verdict in run.items():
            seen[scenario].append(verdict)
    for scenario, its in sorted(seen.items()):
        if len(set(its)) > 1 or len(its) != len(runs):
            counts = ", ".join(f"{its.count(verdict)} {verdict}" for verdict in sorted(set(its)))
            yield f"{scenario}: {counts}"


def main(argv: Sequence[str] | None = None) -> int:
    """Judge each server again and again; return 1 if a verdict differed, and 0 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steadiness", description=__doc__)
    parser.add_argument("servers", nargs="+", metavar="LABEL=URL")
    parser.add_argument("--runs", type=int, default=20, help="default: %(default)s; half of them under load")
    options = parser.parse_args(argv)
    runs_by_server: dict[str, list[Verdicts]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="wirecheck-") as folder:
        for number in range(options.runs):
            with busy(cpu_count() if number % 2 else 0):
                for server in options.servers:
                    label, _, url = server.partition("=")
                    runs_by_server[label].append(verdicts(url, Path(folder)))
    total = 0
    for label, runs in runs_by_server.items():
        differing = list(differences(runs))
        total += len(differing)
        sys.stdout.write(
            f"| {label} | {len(runs)} runs | {len(runs[0])} scenarios | {len(differing)} differ |\n"
        )
        sys.stdout.writelines(f"    {line}\n" for line in differing)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
