"""The matrix: what several runs say of the same scenarios, side by side.

A column is a target of a run, a row is a scenario, in the order in which the runs have them. How the matrix
is shown is not known here.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from conformance.record import Run
from conformance.record_lines import FindingLine, TargetLine
from conformance.text import visible
from reports.rendering.text import quantity, server_name
from reports.rendering.verdicts import FAIL, FAILURES, RISK, VERIFIED
from reports.run.result import is_complete


@dataclass(frozen=True)
class LabelledRun:
    """A run, where its record is, and what the user calls it."""

    path: Path
    run: Run
    label: str = ""  # "" when the user gave it no name


@dataclass(frozen=True)
class Column:
    """A target of a run."""

    label: str  # no other column has the same
    path: Path
    run: Run
    target: TargetLine
    findings: Mapping[str, FindingLine]  # by scenario

    @cached_property
    def counts(self) -> Counter[str]:
        """How many findings there are of each verdict."""
        return Counter(finding["verdict"] for finding in self.findings.values())


@dataclass(frozen=True)
class Row:
    """A scenario."""

    scenario: str
    cells: tuple[FindingLine | None, ...]  # its finding in each column, None where a run has none

    @cached_property
    def finding(self) -> FindingLine:
        """The first finding, which says what the scenario is."""
        return next(cell for cell in self.cells if cell is not None)

    @cached_property
    def verdicts(self) -> tuple[str | None, ...]:
        """The verdict of each cell."""
        return tuple(cell["verdict"] if cell else None for cell in self.cells)

    @property
    def disagree(self) -> bool:
        """Whether the servers that were judged got different verdicts."""
        return len({verdict for verdict in self.verdicts if verdict in VERIFIED}) > 1

    @property
    def is_telling(self) -> bool:
        """Whether servers disagree, or one fails the scenario or could not be judged."""
        return self.disagree or any(verdict in FAILURES for verdict in self.verdicts)


@dataclass(frozen=True)
class Matrix:
    """Scenarios by servers."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @cached_property
    def topics(self) -> dict[str, list[Row]]:
        """The rows of each topic, in their order."""
        topics: dict[str, list[Row]] = {}
        for row in self.rows:
            topics.setdefault(row.finding["topic"], []).append(row)
        return topics

    @property
    def cut_off(self) -> list[Column]:
        """The columns whose runs are incomplete."""
        return [column for column in self.columns if not is_complete(column.run)]

    @property
    def sentence(self) -> str:
        """What the matrix shows."""
        disagree = sum(row.disagree for row in self.rows)
        extent = f"{quantity(len(self.rows), 'scenario')} on {quantity(len(self.columns), 'server')}"
        failed = sum(FAIL in row.verdicts for row in self.rows)
        risks = sum(RISK in row.verdicts for row in self.rows)
        at_risk = f", {risks} with risks" if risks else ""
        return f"{extent}: {disagree} with different verdicts, {failed} with failures{at_risk}."


def build_matrix(runs: Sequence[LabelledRun]) -> Matrix:
    """Return the matrix of the runs."""
    columns = _columns(runs)
    scenarios = dict.fromkeys(scenario for column in columns for scenario in column.findings)
    return Matrix(
        columns,
        tuple(Row(name, tuple(column.findings.get(name) for column in columns)) for name in scenarios),
    )


def _columns(runs: Sequence[LabelledRun]) -> tuple[Column, ...]:
    columns: list[Column] = []
    for labelled in runs:
        run = labelled.run
        targets = [target for target in run.header["targets"] if _has_findings(target, run)]
        for target in targets:
            label = labelled.label or server_name(target)
            if len(targets) > 1:
                label = f"{label} {target['name']}"
            findings = {f["scenario"]: f for f in run.findings if f["target"] == target["name"]}
            columns.append(Column(visible(label), labelled.path, run, target, findings))
    labels = _unique_labels(columns)
    return tuple(replace(column, label=label) for column, label in zip(columns, labels, strict=True))


def _has_findings(target: TargetLine, run: Run) -> bool:
    """Return whether a target has findings, or was to have some; a selection may leave none for it."""
    return any(finding["target"] == target["name"] for finding in run.findings) or any(
        name.rpartition("/")[0] == target["name"] for name in run.not_run
    )


def _unique_labels(columns: Sequence[Column]) -> list[str]:
    """Return the labels, no two of them the same: with the run's folder where needed, else with a number."""
    labels = [column.label for column in columns]
    labels = [
        f"{label} ({visible(column.path.resolve().parent.name)})" if labels.count(label) > 1 else label
        for label, column in zip(labels, columns, strict=True)
    ]
    return [
        f"{label} #{labels[: place + 1].count(label)}" if labels.count(label) > 1 else label
        for place, label in enumerate(labels)
    ]
