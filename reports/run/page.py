"""The page of a run: one HTML file that needs nothing else and runs nothing but its own script.

From a record to text. `document` makes it harmless; what is on the page is decided here and in the template.
Where the file is written is not known here.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conformance.judging.model import Verdict
from conformance.record import Run
from reports.rendering.document import document
from reports.rendering.text import counted
from reports.run.page_data import FAILURES, ORDER, Entry, data, entries, transcripts
from reports.run.requirements import specifications
from reports.run.result import VERDICTS, result
from reports.run.tables import tables

# Failures up to this many are open when the page is; more would bury the list.
MOST_OPEN = 5

# What of these was observed can be read without opening them.
WRONG = (*FAILURES, Verdict.WARN.value)

_SCRIPTS = (
    "document.js",
    "transcript.js",
    "difference.js",
    "details.js",
    "filter.js",
    "specification.js",
    "keys.js",
    "report.js",
)

_EXPLAINED = {
    Verdict.PASS.value: "The server did what the clause asks for or allows.",
    Verdict.WARN.value: "The server broke a recommendation, or a rule in a way that is known to harm nobody.",
    Verdict.INFO.value: "The server does otherwise where the clause leaves it the choice.",
    Verdict.FAIL.value: "The server broke a rule that it must keep.",
    Verdict.NOT_APPLICABLE.value: "Not judged: the target lacks a capability, or the well-formed twin fails.",
    Verdict.ERROR.value: "Not judged: the target was out of reach, or wirecheck itself went wrong.",
}


@dataclass(frozen=True)
class Section:
    """The scenarios of one verdict."""

    verdict: str
    explained: str
    entries: tuple[Entry, ...]


def render(run: Run) -> str:
    """Return the page of a run."""
    shown = entries(run)
    failures = sum(entry.finding["verdict"] in FAILURES for entry in shown)
    return document(
        "report.html",
        styles=("base.css", "report.css"),
        scripts=_SCRIPTS,
        data={
            "findings": data(run),
            "transcripts": transcripts(run),
            "requirements": specifications(run),
        },
        run=run,
        result=result(run),
        options=_options(run.header["options"]),
        pace=run.header["options"].get("pace", ""),
        measured=_measured(run),
        started=_moment(run.header["started"]),
        took=_took(run),
        sections=_sections(shown),
        tables=tables(run),
        choices=_choices(run),
        open_failures=failures <= MOST_OPEN,
        failures=FAILURES,
        wrong=WRONG,
    )


def _sections(shown: tuple[Entry, ...]) -> tuple[Section, ...]:
    members = {verdict: tuple(e for e in shown if e.finding["verdict"] == verdict) for verdict in ORDER}
    return tuple(Section(verdict, _EXPLAINED[verdict], found) for verdict, found in members.items() if found)


def _choices(run: Run) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return what the page can be filtered by: each property's values, and how many findings have them."""
    wanted = {"verdict": VERDICTS, "level": ("MUST", "SHOULD", "MAY")}
    choices = {}
    for key in ("verdict", "level", "topic", "target", "tag"):
        found = [value for finding in run.findings for value in _values(finding, key)]
        values = [value for value in wanted.get(key, sorted(set(found))) if value in found]
        choices[key] = tuple((value, found.count(value)) for value in values)
    return choices


def _values(finding: dict[str, Any], key: str) -> list[str]:
    return list(finding.get("tags", ())) if key == "tag" else [finding[key]]


def _measured(run: Run) -> list[str]:
    """Return for each target what was measured of it, in words; nothing when nothing was measured at all."""
    found = [target.get("measured") for target in run.header["targets"]]
    if not any(found):
        return []
    return [
        f"answers in {measured['median'] * 1000:.1f} ms, the slowest in {measured['slowest'] * 1000:.1f} ms, "
        f"{counted(measured['connections'], 'connection')} at once"
        if measured
        else "nothing"
        for measured in found
    ]


def _options(options: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the options that were set, with their values as text."""
    return tuple(
        (name, "" if value is True else value if isinstance(value, str) else json.dumps(value))
        for name, value in options.items()
        if name != "pace" and value not in (None, False, "", [], {})
    )


def _moment(moment: str) -> str:
    try:
        return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M:%S %Z}"
    except ValueError:
        return moment


def _took(run: Run) -> str:
    """Return how long the run took, or nothing when it does not say."""
    try:
        ended = datetime.fromisoformat(run.footer["ended"]) if run.footer else None
        seconds = (ended - datetime.fromisoformat(run.header["started"])).total_seconds() if ended else None
    except (ValueError, TypeError):
        return ""
    return "" if seconds is None else f"{seconds:.1f} s"
