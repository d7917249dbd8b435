"""Builds pages of comparisons and matrices for the browser, from records written by hand."""

from pathlib import Path
from typing import Any

from conformance.record import Run, read
from reports.comparison import page as compare_page
from reports.comparison.value import compare
from reports.matrix import page as matrix_page
from reports.matrix.value import LabelledRun, build_matrix
from tests.reports.conftest import as_text, lines

Values = dict[str, Any]


def a_run(folder: Path, *findings: Values, valid: bool = True, **header: Any) -> Run:
    """Return a run as read from a record. valid: whether it is as the schema says."""
    path = folder / "run.jsonl"
    path.write_text(as_text(lines(findings, valid=valid, header=header)))
    return read(path)


def a_matrix(folder: Path, *runs: Run) -> Path:
    """Write the page of a matrix, and return where it is."""
    path = folder / "matrix.html"
    matrix = build_matrix([LabelledRun(folder / "run.jsonl", run) for run in runs])
    path.write_text(matrix_page.render(matrix), encoding="utf-8")
    return path


def a_comparison(folder: Path, old: Run, new: Run) -> Path:
    """Write the page of a comparison, and return where it is."""
    path = folder / "compare.html"
    path.write_text(compare_page.render(compare(old, new)), encoding="utf-8")
    return path
