"""The tables of a page: how many findings of each verdict a topic, a level or a target has.

Each row carries the measures of its bar, in per cent of the row, so that the template computes nothing.
"""

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlencode

from conformance.record import Run
from reports.rendering.text import visible
from reports.run.page_data import ORDER
from reports.run.result import VERDICTS, counts_by


@dataclass(frozen=True)
class Part:
    """A verdict's part of a bar, in per cent."""

    verdict: str
    start: float
    width: float


@dataclass(frozen=True)
class Row:
    """The counts of one value of a property.

    query: what filters the page by it. cells: in the order of the table's verdicts.
    """

    name: str
    query: str
    cells: tuple[int, ...]
    total: int
    bar: tuple[Part, ...]


@dataclass(frozen=True)
class Table:
    """Counts by one property of findings; `key` names it."""

    key: str
    verdicts: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(run: Run) -> tuple[Table, ...]:
    """Return the tables of a run: by topic, by level and, when there are several, by target."""
    keys = ["topic", "level"] + (["target"] if len(run.header["targets"]) > 1 else [])
    return tuple(_table(run, key) for key in keys)


def _table(run: Run, key: str) -> Table:
    totals = run.counts
    verdicts = tuple(verdict for verdict in VERDICTS if totals[verdict])
    counts = counts_by(run.findings, key)
    names = (
        [level for level in ("MUST", "SHOULD", "MAY") if level in counts]
        if key == "level"
        else sorted(counts)
    )
    return Table(key, verdicts, tuple(_row(key, name, counts[name], verdicts) for name in names))


def _row(key: str, name: str, counts: Counter[str], verdicts: tuple[str, ...]) -> Row:
    query = "?" + urlencode({key: visible(name)})  # visible, as the page has it
    return Row(name, query, tuple(counts[verdict] for verdict in verdicts), counts.total(), bar(counts))


def bar(counts: Counter[str]) -> tuple[Part, ...]:
    """Return the parts of a bar of these counts."""
    parts: list[Part] = []
    start = 0.0
    for verdict in reversed(ORDER):  # what is well comes first, as in a progress bar
        if counts[verdict]:
            width = 100 * counts[verdict] / counts.total()
            parts.append(Part(verdict, round(start, 2), round(width, 2)))
            start += width
    return tuple(parts)
