"""Scenarios by servers: what several runs say of the same scenario, side by side.

A column is a target of a run, a row is a scenario, in the order in which the runs have them. Here the table
is made, as a value, as JSON, as Markdown and as lines for a terminal; `matrix_page` makes the page of it.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.judging.model import Verdict
from conformance.record import Run
from reports.rendering.terminal import Line, wrapped
from reports.rendering.text import clipped, counted, visible
from reports.run.markdown import code, link, prose, table
from reports.run.page_data import FAILURES
from reports.run.result import VERDICTS, VERIFIED, is_complete, passes, result

FORMAT = 1

_LONGEST_LABEL = 40


@dataclass(frozen=True)
class Given:
    """A run to show. path: of its record. label: what the user calls it, if anything."""

    path: Path
    run: Run
    label: str = ""


@dataclass(frozen=True)
class Column:
    """A target of a run. label: of its own among the columns. findings: by their scenarios."""

    label: str
    path: Path
    run: Run
    target: Mapping[str, Any]
    findings: Mapping[str, dict[str, Any]]

    @cached_property
    def counts(self) -> Counter[str]:
        """How many findings there are of each verdict."""
        return Counter(finding["verdict"] for finding in self.findings.values())


@dataclass(frozen=True)
class Row:
    """A scenario. cells: its finding in each column, None where a run has none."""

    scenario: str
    cells: tuple[dict[str, Any] | None, ...]

    @cached_property
    def finding(self) -> dict[str, Any]:
        """The first finding, which says what the scenario is."""
        return next(cell for cell in self.cells if cell is not None)

    @cached_property
    def verdicts(self) -> tuple[str | None, ...]:
        """The verdict of each cell."""
        return tuple(cell["verdict"] if cell else None for cell in self.cells)

    @property
    def disagree(self) -> bool:
        """Whether servers that were judged were not judged alike."""
        return len({verdict for verdict in self.verdicts if verdict in VERIFIED}) > 1

    @property
    def is_telling(self) -> bool:
        """Whether servers disagree, or one fails it or could not be judged."""
        return self.disagree or any(verdict in FAILURES for verdict in self.verdicts)


@dataclass(frozen=True)
class Matrix:
    """The table. topics: of the rows, in their order."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @cached_property
    def topics(self) -> dict[str, list[Row]]:
        """The rows of each topic."""
        grouped: dict[str, list[Row]] = {}
        for row in self.rows:
            grouped.setdefault(row.finding["topic"], []).append(row)
        return grouped

    @property
    def sentence(self) -> str:
        """What it comes to."""
        disagree = sum(row.disagree for row in self.rows)
        extent = f"{counted(len(self.rows), 'scenario')} on {counted(len(self.columns), 'server')}"
        failed = sum(Verdict.FAIL.value in row.verdicts for row in self.rows)
        return f"{extent}: {disagree} judged differently, {failed} failed by some."


def matrix(runs: Sequence[Given]) -> Matrix:
    """Return the table of the runs."""
    columns = _columns(runs)
    scenarios = dict.fromkeys(scenario for column in columns for scenario in column.findings)
    return Matrix(
        columns,
        tuple(Row(name, tuple(column.findings.get(name) for column in columns)) for name in scenarios),
    )


def _columns(runs: Sequence[Given]) -> tuple[Column, ...]:
    found: list[Column] = []
    for given in runs:
        targets = [target for target in given.run.header["targets"] if _is_of_the_run(target, given.run)]
        for target in targets:
            label = given.label or named(target)
            if len(targets) > 1:
                label = f"{label} {target['name']}"
            findings = {f["scenario"]: f for f in given.run.findings if f["target"] == target["name"]}
            found.append(Column(visible(label), given.path, given.run, target, findings))
    return tuple(
        Column(label, column.path, column.run, column.target, column.findings)
        for label, column in zip(_told_apart(found), found, strict=True)
    )


def named(target: Mapping[str, Any]) -> str:
    """Return what people call a target: its Server field, or else where it is."""
    _, _, address = target["url"].partition("://")
    return clipped(visible(target["server"] or address.strip("/") or target["name"]), _LONGEST_LABEL)


def _is_of_the_run(target: Mapping[str, Any], run: Run) -> bool:
    """Return whether anything was to be asked of the target; a selection may leave it out."""
    return any(finding["target"] == target["name"] for finding in run.findings) or any(
        name.rpartition("/")[0] == target["name"] for name in run.not_run
    )


def _told_apart(columns: Sequence[Column]) -> list[str]:
    """Return the labels, of which no two are the same: the folder of the run tells more than a number."""
    labels = [column.label for column in columns]
    labels = [
        f"{label} ({visible(column.path.resolve().parent.name)})" if labels.count(label) > 1 else label
        for label, column in zip(labels, columns, strict=True)
    ]
    return [
        f"{label} #{labels[: place + 1].count(label)}" if labels.count(label) > 1 else label
        for place, label in enumerate(labels)
    ]


def as_json(made: Matrix) -> str:
    """Return the table as JSON, which `matrix.schema.json` describes."""
    return json.dumps(
        {
            "type": "matrix",
            "format": FORMAT,
            "columns": [
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
                for column in made.columns
            ],
            "rows": [_row(row) for row in made.rows],
        },
    )


def _row(row: Row) -> dict[str, Any]:
    return {
        "scenario": row.scenario,
        "title": row.finding["title"],
        "topic": row.finding["topic"],
        "level": row.finding["level"],
        "clause": row.finding["clauses"][0]["id"],
        "disagree": row.disagree,
        "cells": [brief(cell) for cell in row.cells],
    }


def brief(finding: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what there is to say of a finding without its bytes."""
    keys = ("verdict", "expected", "observed", "reason")
    return None if finding is None else {key: finding[key] for key in keys}


def as_markdown(made: Matrix) -> str:
    """Return the totals, and the rows in which the servers differ or one fails."""
    return "\n".join(_markdown(made)) + "\n"


def _markdown(made: Matrix) -> Iterator[str]:
    yield f"### {made.sentence}"
    yield ""
    shown = [verdict for verdict in VERDICTS if any(column.counts[verdict] for column in made.columns)]
    rows = (
        [
            prose(column.label),
            code(column.target["url"]),
            "{} of {}".format(*passes(column.counts)),
            *(str(column.counts[verdict]) for verdict in shown),
        ]
        for column in made.columns
    )
    yield from table(["server", "URL", "passed", *shown], rows, numbers=len(shown) + 1)
    yield ""
    for column in cut_off(made):
        yield f"- {prose(column.label)}: {prose(result(column.run).sentence)}"
    telling = [row for row in made.rows if row.is_telling]
    if telling:
        yield ""
        yield from table(
            ["scenario", "level", "clause", *(prose(column.label) for column in made.columns)],
            map(_cells, telling),
        )


def _cells(row: Row) -> list[str]:
    clause = row.finding["clauses"][0]
    rule = link(f"{clause['source']}, {clause['section']}", clause["link"])
    return [code(row.scenario), prose(row.finding["level"]), rule, *map(_verdict, row.verdicts)]


def _verdict(verdict: str | None) -> str:
    shown = prose(short(verdict)) if verdict else "-"
    return f"**{shown}**" if verdict in FAILURES else shown


def short(verdict: str) -> str:
    """Return a verdict as a narrow column has it."""
    return "N/A" if verdict == Verdict.NOT_APPLICABLE.value else verdict


def cut_off(made: Matrix) -> list[Column]:
    """Return the columns whose run did not come to its end."""
    return [column for column in made.columns if not is_complete(column.run)]


def lines(made: Matrix, *, width: int) -> Iterator[Line]:
    """Return the totals for a terminal."""
    longest = max((len(column.label) for column in made.columns), default=0)
    for column in made.columns:
        counts = ", ".join(f"{column.counts[name]} {name}" for name in VERDICTS if column.counts[name])
        yield from wrapped(f"{column.label:<{longest}}  {counts}", width)
    for column in cut_off(made):
        yield from wrapped(f"{column.label}: {result(column.run).sentence}", width, markup=("yellow",))
    yield from wrapped(made.sentence, width, markup=("bold",))
