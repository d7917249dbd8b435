"""The figures of a run as Markdown: medians, ratios and goals."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.loads import LOADS, Load
from benchmarks.measure import Sample
from benchmarks.peers import BARE_LOOP, GRANIAN, NGINX, REFERENCE, TORNADO, UVICORN, Peer

Samples = Mapping[tuple[Load, Peer], Sequence[Sample]]


@dataclass(frozen=True)
class Goal:
    """For this load, the peer takes at least this many times the processor time of the reference server."""

    load: str
    peer: Peer
    times: float


GOALS = (
    Goal("hello", TORNADO, 8),
    Goal("browser", TORNADO, 6),
    Goal("changing", TORNADO, 6),
    Goal("form", TORNADO, 3),
    Goal("upload", TORNADO, 5),
    Goal("pipelined", TORNADO, 20),
    Goal("hello", UVICORN, 2),
    Goal("hello", GRANIAN, 1),
    Goal("hello", BARE_LOOP, 0.3),
    Goal("pipelined", NGINX, 1),
)


def median_cpu(samples: Sequence[Sample]) -> float:
    """Return the median processor time per request, in microseconds."""
    return statistics.median(sample.cpu for sample in samples)


def table(samples: Samples) -> Iterator[str]:
    """Yield the lines of the table of all figures."""
    yield "| load | server | CPU µs/request | spread | requests/s | times the reference server's CPU |"
    yield "|---|---|---:|---:|---:|---:|"
    for load in LOADS:
        by_peer = {peer: of_peer for (each, peer), of_peer in samples.items() if each == load}
        ours = by_peer.get(REFERENCE)
        for peer, of_peer in by_peer.items():
            cpu = [sample.cpu for sample in of_peer]
            spread = f"{min(cpu):.1f} to {max(cpu):.1f}"
            rate = statistics.median(sample.rate for sample in of_peer)
            times = f"{median_cpu(of_peer) / median_cpu(ours):.2f}" if ours else ""
            figures = f"{median_cpu(of_peer):.1f} | {spread} | {rate:,.0f} | {times}"
            yield f"| {load.name} | {peer.name} | {figures} |"


def goals(samples: Samples) -> Iterator[str]:
    """Yield the lines of the table of the goals that could be measured."""
    yield "| load | against | times its speed | goal |"
    yield "|---|---|---:|---:|"
    by_name = {load.name: load for load in LOADS}
    for goal in GOALS:
        theirs = samples.get((by_name[goal.load], goal.peer))
        ours = samples.get((by_name[goal.load], REFERENCE))
        if theirs and ours:
            times = median_cpu(theirs) / median_cpu(ours)
            verdict = "met" if times >= goal.times else "missed"
            yield f"| {goal.load} | {goal.peer.name} | {times:.2f} | {goal.times:g}, {verdict} |"
