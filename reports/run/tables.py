"""The tables of a page: how many findings of each verdict a topic, a level or a target has.

Each row carries the measures of its bar, in per cent of the row, so that the template computes nothing.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from conformance.record import Run
from conformance.text import visible
from reports.rendering.verdicts import LEVELS, READING_ORDER, VERDICTS
from reports.run.result import counts_by

Key = Literal["topic", "level", "target"]


@dataclass(frozen=True)
class Part:
    """A verdict's part of a bar, in per cent."""

    verdict: str
    start: float
    width: float


@dataclass(frozen=True)
class Row:
    """The counts of the findings that have one value of the table's key."""

    name: str
    query: str  # the filter of the page that shows them
    cells: tuple[int, ...]  # in the order of the table's verdicts
    total: int
    bar: tuple[Part, ...]


@dataclass(frozen=True)
class Table:
    """Counts by one key of findings."""

    key: Key
    verdicts: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(run: Run) -> tuple[Table, ...]:
    """Return the tables of a run: by topic, by level and, when there are several, by target."""
    keys: list[Key] = ["topic", "level"]
    if len(run.header["targets"]) > 1:
        keys.append("target")
    return tuple(_table(run, key) for key in keys)


def bar(counts: Counter[str]) -> tuple[Part, ...]:
    """Return the parts of a bar of these counts, passes first, as in a progress bar."""
    parts: list[Part] = []
    start = 0.0
    for verdict in reversed(READING_ORDER):
        if counts[verdict]:
            width = 100 * counts[verdict] / counts.total()
            parts.append(Part(verdict, round(start, 2), round(width, 2)))
            start += width
    return tuple(parts)


def _table(run: Run, key: Key) -> Table:
    totals = run.counts
    verdicts = tuple(verdict for verdict in VERDICTS if totals[verdict])
    counts = counts_by(run.findings, key)
    names = [level for level in LEVELS if level in counts] if key == "level" else sorted(counts)
    return Table(key, verdicts, tuple(_row(key, name, counts[name], verdicts) for name in names))


def _row(key: Key, name: str, counts: Counter[str], verdicts: tuple[str, ...]) -> Row:
    query = "?" + urlencode([(key, visible(name))])  # visible, as the page has it
    return Row(name, query, tuple(counts[verdict] for verdict in verdicts), counts.total(), bar(counts))
