"""From the file of a record to its reports: files beside it, and the lines of the summary.

This is the last thing a run does, so nothing that goes wrong here may hide the run: a file that cannot be
made is one clear line among the others, and the record stays as it is. Where lines are printed is not known
here.
"""

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance import record
from conformance.record import Run
from conformance.text import clipped, visible
from reports.rendering.terminal import Line
from reports.rendering.text import LONGEST_TEXT
from reports.run import badge, junit, markdown, page, terminal

# The reports beside a record, by the names that the summary has for them.
NAMES: Mapping[str, str] = {
    "report": "report.html",
    "junit": "junit.xml",
    "summary": "summary.md",
    "badge": "badge.json",
}

# What the system says when there is no room for what is written; there will be none for the next file.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# The variable that names the file which GitHub shows on the page of a job.
JOB_SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True)
class Published:
    """The lines of the summary, and a line for each problem."""

    lines: tuple[Line, ...]
    problems: tuple[Line, ...]


def publish(path: Path, *, width: int, html: Path | None = None) -> Published:
    """Write the reports of a record beside it and return its summary.

    width: of the terminal. html: another place for the page.
    Raises BadRecord when the file is not a record; everything else that goes wrong is among the problems.
    """
    run = record.read(path)
    files = {name: path.with_name(file) for name, file in NAMES.items()} | ({"report": html} if html else {})
    problems = dict(_write_reports(run, files))
    places = {name: str(file) for name, file in files.items() if name not in problems}
    lines: list[Line] = []
    try:
        lines = terminal.summary_lines(run, width=width, places=places | {"record": str(path)})
    except Exception as error:  # noqa: BLE001  (a report must never take the run down with it)
        problems["lines"] = problem_line(f"The summary of {path} could not be made", error)
    return Published(tuple(lines), tuple(dict.fromkeys(problems.values())))


def write_report(file: Path, text: str, *, mode: str = "w") -> None:
    """Write a report, into a new folder if need be; leave no half of one. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open(mode, encoding="utf-8") as opened:
            opened.write(text)
    except OSError:
        if mode == "w" and file.is_file():
            file.unlink()
        raise


def problem_line(what: str, error: Exception) -> Line:
    """Return the line that says what went wrong and why."""
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Line(visible(clipped(f"{what}: {reason}", LONGEST_TEXT)), ("red", "bold"))


def _write_reports(run: Run, files: Mapping[str, Path]) -> Iterator[tuple[str, Line]]:
    """Write each report; yield the names of those that could not be written, with a line about each."""
    renderers: Mapping[str, Callable[[Run], str]] = {
        "report": page.render,
        "junit": junit.render,
        "summary": markdown.render,
        "badge": badge.render,
    }
    jobs = [(name, file, renderers[name], "w") for name, file in files.items()]
    if os.environ.get(JOB_SUMMARY):
        # Other steps of the job may have written there.
        jobs.append(("summary of the job", Path(os.environ[JOB_SUMMARY]), markdown.render, "a"))
    for name, file, render, mode in jobs:
        try:
            write_report(file, render(run), mode=mode)
        except Exception as error:  # noqa: BLE001  (a report must never take the run down with it)
            if isinstance(error, OSError) and error.errno in _NO_ROOM:
                full = problem_line("The reports could not be written", error)
                yield from ((each, full) for each, *_ in jobs[jobs.index((name, file, render, mode)) :])
                return
            yield name, problem_line(f"The {name} {file} could not be written", error)
