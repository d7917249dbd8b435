"""Runs of the suite with the reference server at the other end of a bad network."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from conformance.invariants.model import Invariant
from conformance.judging.model import Finding, Scenario
from conformance.running.pairs import pair_up
from conformance.running.runner import Runner
from conformance.scenarios import CORPUS
from conformance.targets.measuring import measure
from conformance.targets.pace import MOST_CONNECTIONS, Pace, pace_for
from conformance.targets.process import own_module, start_own
from conformance.targets.target import Target


@contextmanager
def through(shape: str, targets: Sequence[Target], log: Path) -> Iterator[tuple[Target, ...]]:
    """Give the same targets at the other end of a network of that shape, a process of its own."""
    command, environment = own_module("tests.network")
    ports = [str(target.endpoint.port) for target in targets]
    with log.open("wb") as output, start_own([*command, shape, *ports], output, environment) as network:
        doors = map(int, network.first_line().split())
        yield tuple(
            replace(target, endpoint=replace(target.endpoint, port=port))
            for target, port in zip(targets, doors, strict=True)
        )


@dataclass(frozen=True)
class Found:
    """What a run has found."""

    findings: Mapping[str, Finding]
    """By the ids of their pairs."""
    crashes: tuple[str, ...]
    """What the run takes for crashes of a target, as phrases that follow "the target"."""


def play(
    targets: Sequence[Target],
    checks: Iterable[Scenario | Invariant],
    *,
    most: int = MOST_CONNECTIONS,
    pace: Pace | None = None,
) -> Found:
    """Play checks as a run does, and return what it finds.

    most: the number of connections to try at most. pace: how fast and how patiently the run goes; by default,
    as suits the targets.
    """
    if pace is None:
        with ThreadPoolExecutor(len(targets)) as threads:
            pace = pace_for(threads.map(partial(measure, most=most), targets))
    with Runner(CORPUS, pace=pace) as runner:
        findings = {
            f"{finding.target}/{finding.check.id}": finding
            for finding in runner.findings(pair_up(targets, checks))
        }
        crashes = tuple(crash.crash.how for target in targets for crash in runner.crashes(target))
    return Found(findings, crashes)


def differences(direct: Found, carried: Found) -> list[str]:
    """Say of each verdict that a network has changed what was seen, and of each crash what it was.

    Raises AssertionError unless both runs have played the same.
    """
    assert direct.findings.keys() == carried.findings.keys()
    changed = [
        f"{name}: {one.verdict.value}, and over the network {other.verdict.value}: {other.observed}"
        for name, one in direct.findings.items()
        if (other := carried.findings[name]).verdict is not one.verdict
    ]
    return [*changed, *(f"the target {how}" for how in (*direct.crashes, *carried.crashes))]
