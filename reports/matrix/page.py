"""The page of a matrix: one HTML file with a table, each cell of which opens its conversation.

From the matrix to text. `document` makes it harmless; what the matrix is about is not decided here.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from reports.matrix.value import Column, Matrix, Row
from reports.rendering.document import render_document
from reports.rendering.finding import finding_data, scenario_data
from reports.rendering.verdicts import LEVELS, VERDICTS, short_verdict
from reports.run.result import passes, result_of
from reports.run.tables import Part, bar


@dataclass(frozen=True)
class Group:
    """The rows of a topic."""

    topic: str
    rows: tuple[Row, ...]
    shares: tuple[str, ...]  # for each column, how many of its verdicts in this topic are passes


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    column: Column
    share: str  # how many of its verdicts are passes
    bar: tuple[Part, ...]


def render(matrix: Matrix) -> str:
    """Return the page of a matrix."""
    groups = [_group(topic, rows, matrix) for topic, rows in matrix.topics.items()]
    ordered = [row for group in groups for row in group.rows]
    return render_document(
        "matrix.html",
        styles=("base.css", "finding.css", "matrix.css"),
        scripts=("document.js", "transcript.js", "filter.js", "finding.js", "matrix.js"),
        data={
            "matrix": {
                "columns": [column.label for column in matrix.columns],
                "rows": [_row_data(row) for row in ordered],
            }
        },
        matrix=matrix,
        heads=[Head(c, "{} of {}".format(*passes(c.counts)), bar(c.counts)) for c in matrix.columns],
        groups=groups,
        cut_off=[(column.label, result_of(column.run).sentence) for column in matrix.cut_off],
        verdicts=[v for v in VERDICTS if any(column.counts[v] for column in matrix.columns)],
        levels=[level for level in LEVELS if any(row.finding["level"] == level for row in ordered)],
        short_verdict=short_verdict,
    )


def _group(topic: str, rows: list[Row], matrix: Matrix) -> Group:
    shares = []
    for place in range(len(matrix.columns)):
        counts = Counter(row.verdicts[place] or "" for row in rows)
        passed, verified = passes(counts)
        shares.append(f"{passed} of {verified}" if verified else "")
    return Group(topic, tuple(rows), tuple(shares))


def _row_data(row: Row) -> dict[str, Any]:
    return scenario_data(row.finding) | {"cells": [cell and finding_data(cell) for cell in row.cells]}
