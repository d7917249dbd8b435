"""The page of a matrix: one HTML file with a table whose every cell opens its conversation.

From the matrix to text. `document` makes it harmless; how the table is made is not decided here.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from reports.matrix.value import Column, Matrix, Row, cut_off, short
from reports.rendering.document import document
from reports.rendering.finding import asked, told
from reports.run.result import VERDICTS, passes, result
from reports.run.tables import Part, bar


@dataclass(frozen=True)
class Group:
    """The rows of a topic. shares: for each column, how many of its verdicts there pass, as text."""

    topic: str
    rows: tuple[Row, ...]
    shares: tuple[str, ...]


@dataclass(frozen=True)
class Head:
    """What stands above a column."""

    column: Column
    share: str
    bar: tuple[Part, ...]


def render(made: Matrix) -> str:
    """Return the page of a matrix."""
    groups = [_group(topic, rows, made) for topic, rows in made.topics.items()]
    ordered = [row for group in groups for row in group.rows]
    return document(
        "matrix.html",
        styles=("base.css", "finding.css", "matrix.css"),
        scripts=("document.js", "transcript.js", "filter.js", "finding.js", "matrix.js"),
        data={
            "matrix": {
                "columns": [column.label for column in made.columns],
                "rows": [_data(row) for row in ordered],
            }
        },
        matrix=made,
        heads=[Head(c, "{} of {}".format(*passes(c.counts)), bar(c.counts)) for c in made.columns],
        groups=groups,
        cut_off=[(column.label, result(column.run).sentence) for column in cut_off(made)],
        verdicts=[v for v in VERDICTS if any(column.counts[v] for column in made.columns)],
        levels=[v for v in ("MUST", "SHOULD", "MAY") if any(row.finding["level"] == v for row in ordered)],
        short=short,
    )


def _group(topic: str, rows: list[Row], made: Matrix) -> Group:
    shares = []
    for place in range(len(made.columns)):
        counts = Counter(row.verdicts[place] or "" for row in rows)
        passed, verified = passes(counts)
        shares.append(f"{passed} of {verified}" if verified else "")
    return Group(topic, tuple(rows), tuple(shares))


def _data(row: Row) -> dict[str, Any]:
    return asked(row.finding) | {"cells": [cell and told(cell) for cell in row.cells]}
