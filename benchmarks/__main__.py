"""The command ``python -m benchmarks``: it measures all servers in turn, round after round."""

import argparse
import platform
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.loads import LOADS, Load
from benchmarks.measure import Failure, Sample, Setting, measure
from benchmarks.peers import PEERS, Peer, checkout, program_version
from benchmarks.report import goals, table

TOOLS = ("wrk", "taskset")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the processor time per request of the reference server and of other servers.",
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="measurements of each server (default: %(default)s)"
    )
    parser.add_argument(
        "--seconds", type=int, default=2, help="length of one measurement (default: %(default)s)"
    )
    parser.add_argument(
        "--server-cpu", type=int, default=0, metavar="N", help="the servers' processor (default: %(default)s)"
    )
    parser.add_argument(
        "--client-cpu", type=int, default=1, metavar="N", help="wrk's processor (default: %(default)s)"
    )
    parser.add_argument(
        "--load", action="append", choices=[load.name for load in LOADS], help="a load (default: all)"
    )
    parser.add_argument(
        "--peer", action="append", metavar="TEXT", help="servers whose name contains this (default: all)"
    )
    parser.add_argument(
        "--checkout",
        action="append",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="measure the reference server of another checkout as well, such as that of the version before",
    )
    return parser


def say(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def installed_peers(names: Sequence[str] | None, checkouts: Sequence[Path]) -> list[Peer]:
    """Return the selected servers that are installed; print the version of each, or that it is missing."""
    installed = []
    for peer in (*PEERS, *(checkout(folder.resolve()) for folder in checkouts)):
        if names and not any(name in peer.name for name in names):
            continue
        version = peer.version()
        say(f"- {peer.name}: {version or 'not installed, left out'}")
        if version:
            installed.append(peer)
    return installed


def run(peers: Sequence[Peer], loads: Sequence[Load], setting: Setting, rounds: int) -> int:
    """Measure everything, round after round, and print the tables; return the exit code."""
    samples: dict[tuple[Load, Peer], list[Sample]] = {}
    failures: list[str] = []
    for number in range(rounds):
        for load in loads:
            for peer in peers:
                if not peer.answers(load):
                    continue
                try:
                    samples.setdefault((load, peer), []).append(measure(peer, load, setting))
                except Failure as failure:
                    failures.append(f"{peer.name}, {load.name}, round {number + 1}: {failure}")
    complete = {key: of_one for key, of_one in samples.items() if of_one}
    for lines in table(complete), goals(complete), failures:
        say()
        for line in lines:
            say(line)
    return 1 if failures else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; return the exit code: 1 when a server failed, 2 when a tool is missing."""
    arguments = build_parser().parse_args(argv)
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        sys.stderr.write(f"{' and '.join(missing)} must be installed (Debian: wrk, util-linux)\n")
        return 2
    setting = Setting(
        seconds=arguments.seconds, server_cpu=arguments.server_cpu, client_cpu=arguments.client_cpu
    )
    say(f"{datetime.now(UTC):%Y-%m-%d}, {platform.platform()}, {program_version('wrk', '-v')}")
    say(f"{arguments.rounds} rounds of {setting.seconds} s, {setting.connections} connections")
    loads = [load for load in LOADS if not arguments.load or load.name in arguments.load]
    return run(installed_peers(arguments.peer, arguments.checkout), loads, setting, arguments.rounds)


if __name__ == "__main__":
    sys.exit(main())
