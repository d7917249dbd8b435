"""A matrix as lines for a terminal, as Markdown for the page of a job, and as JSON for programs.

`matrix.schema.json` describes the JSON.
"""

import json
from collections.abc import Iterator
from typing import Any

from reports.matrix.value import Matrix, Row
from reports.rendering.finding import brief_data
from reports.rendering.markdown import code, link, prose, table
from reports.rendering.terminal import Line, wrapped
from reports.rendering.verdicts import FAILURES, VERDICTS, short_verdict
from reports.run.result import is_complete, passes, result_of

FORMAT = 3


def lines(matrix: Matrix, *, width: int) -> Iterator[Line]:
    """Return the totals for a terminal. width: of the terminal."""
    longest = max((len(column.label) for column in matrix.columns), default=0)
    for column in matrix.columns:
        counts = ", ".join(f"{column.counts[name]} {name}" for name in VERDICTS if column.counts[name])
        yield from wrapped(f"{column.label:<{longest}}  {counts}", width)
    for column in matrix.cut_off:
        yield from wrapped(f"{column.label}: {result_of(column.run).sentence}", width, markup=("yellow",))
    yield from wrapped(matrix.sentence, width, markup=("bold",))


def as_markdown(matrix: Matrix) -> str:
    """Return the totals, and the rows in which servers disagree or one fails."""
    return "\n".join(_markdown(matrix)) + "\n"


def as_json(matrix: Matrix) -> str:
    """Return the whole matrix as JSON."""
    columns = [
        {
            "label": column.label,
            "record": str(column.path),
            "target": column.target["name"],
            "url": column.target["url"],
            "server": column.target["server"],
            "wirecheck": column.run.header["wirecheck"],
            "started": column.run.header["started"],
            "complete": is_complete(column.run),
            "counts": dict(column.counts),
        }
        for column in matrix.columns
    ]
    rows = [_row_data(row) for row in matrix.rows]
    return json.dumps({"type": "matrix", "format": FORMAT, "columns": columns, "rows": rows})


def _row_data(row: Row) -> dict[str, Any]:
    return {
        "scenario": row.scenario,
        "title": row.finding["title"],
        "topic": row.finding["topic"],
        "level": row.finding["level"],
        "risk": row.finding["risk"],
        "clause": row.finding["clauses"][0]["id"],
        "disagree": row.disagree,
        "cells": [brief_data(cell) for cell in row.cells],
    }


def _markdown(matrix: Matrix) -> Iterator[str]:
    yield f"### {matrix.sentence}"
    yield ""
    shown = [verdict for verdict in VERDICTS if any(column.counts[verdict] for column in matrix.columns)]
    rows = (
        [
            prose(column.label),
            code(column.target["url"]),
            "{} of {}".format(*passes(column.counts)),
            *(str(column.counts[verdict]) for verdict in shown),
        ]
        for column in matrix.columns
    )
    yield from table(["server", "URL", "passed", *shown], rows, numbers=len(shown) + 1)
    yield ""
    for column in matrix.cut_off:
        yield f"- {prose(column.label)}: {prose(result_of(column.run).sentence)}"
    telling = [row for row in matrix.rows if row.is_telling]
    if telling:
        yield ""
        heads = ["scenario", "level", "clause", *(prose(column.label) for column in matrix.columns)]
        yield from table(heads, map(_cells, telling))


def _cells(row: Row) -> list[str]:
    clause = row.finding["clauses"][0]
    rule = link(f"{clause['source']}, {clause['section']}", clause["link"])
    level = ", ".join(filter(None, (row.finding["level"], row.finding["risk"])))
    return [code(row.scenario), prose(level), rule, *map(_verdict, row.verdicts)]


def _verdict(verdict: str | None) -> str:
    shown = prose(short_verdict(verdict)) if verdict else "-"
    return f"**{shown}**" if verdict in FAILURES else shown
