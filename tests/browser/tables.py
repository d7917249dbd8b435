"""Makes pages of comparisons and matrices for the browser, from records made by hand."""

import json
from pathlib import Path
from typing import Any

from conformance.record import Run, read
from reports.comparison import page as compare_page
from reports.comparison.value import compare
from reports.matrix import page as matrix_page
from reports.matrix.value import Given, matrix
from tests.reports.conftest import lines

Values = dict[str, Any]


def a_run(folder: Path, *findings: Values, **header: Any) -> Run:
    """Return a run as read from a record."""
    path = folder / "run.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines(findings, True, header)))
    return read(path)


def a_matrix(folder: Path, *runs: Run) -> Path:
    """Write the page of a matrix, and return where it is."""
    path = folder / "matrix.html"
    made = matrix([Given(folder / "run.jsonl", run) for run in runs])
    path.write_text(matrix_page.render(made), encoding="utf-8")
    return path


def a_comparison(folder: Path, old: Run, new: Run) -> Path:
    """Write the page of a comparison, and return where it is."""
    path = folder / "compare.html"
    path.write_text(compare_page.render(compare(old, new)), encoding="utf-8")
    return path
