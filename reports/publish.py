"""From the file of a record to what people see: the page is written, the lines of the summary are returned.

The last thing a run does, so nothing that goes wrong here may hide the run: a page that cannot be made is one
clear line among the others, and the record stays as it is. Where the lines are printed is not known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance import record
from reports import page, summary
from reports.summary import Line
from reports.text import clipped, visible


@dataclass(frozen=True)
class Published:
    """The lines of the summary, and what went wrong, a line for each."""

    lines: tuple[Line, ...]
    problems: tuple[Line, ...]


def page_beside(path: Path) -> Path:
    """Return where the page of a record lies when nobody says otherwise."""
    return path.with_name("report.html")


def publish(path: Path, html: Path, *, width: int, places: Mapping[str, str] | None = None) -> Published:
    """Write the page of a record and return its summary. places: other reports of the run, by name.

    Raises BadRecord when the file is no record; whatever else goes wrong is among the problems.
    """
    run = record.read(path)
    problems = []
    known = {"record": str(path), **(places or {})}
    try:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(page.render(run), encoding="utf-8")
        known = {"report": str(html), **known}
    except Exception as error:  # noqa: BLE001  (a report must never take the run down with it)
        problems.append(_problem(f"The report {html} could not be written", error))
    lines: list[Line] = []
    try:
        lines = summary.lines(run, width=width, places=known)
    except Exception as error:  # noqa: BLE001  (the same)
        problems.append(_problem(f"The summary of {path} could not be made", error))
    return Published(tuple(lines), tuple(problems))


def _problem(what: str, error: Exception) -> Line:
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Line(visible(clipped(f"{what}: {reason}", summary.LONGEST_TEXT)), ("red", "bold"))
