"""The page of a run: one HTML file that needs nothing else and runs nothing but its own script.

From a record to text. What is on the page is decided here and in the template; `document` makes it harmless.
Where the file is written is not known here.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conformance.record import Run
from conformance.record_lines import FindingLine
from reports.rendering.document import render_document
from reports.rendering.text import quantity
from reports.rendering.verdicts import (
    ERROR,
    FAIL,
    FAILURES,
    INFO,
    LEVELS,
    NOT_APPLICABLE,
    PASS,
    READING_ORDER,
    RISK,
    RISKS,
    VERDICTS,
    VERIFIED,
    WARN,
)
from reports.run.controls import failed_controls
from reports.run.page_data import Entry, anchor, conversations, data, entries
from reports.run.requirements import specifications
from reports.run.result import Crash, crashes, result_of
from reports.run.tables import tables

# Failures up to this number are open when the page is; more would bury the list.
MOST_OPEN = 5

# More crashes than these would push everything else off the first screen.
MOST_CRASHES = 10

# Verdicts whose observations are shown without opening the scenario.
WRONG = (*FAILURES, WARN)

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

_EXPLANATIONS = {
    PASS: "The server did what the clause requires or allows.",
    WARN: "The server broke a recommendation, or a rule in a way that is known to do no harm.",
    INFO: "The server deviates where the clause leaves a choice.",
    RISK: "The server deviates where no MUST forbids it, in a way that has been exploited elsewhere.",
    FAIL: "The server broke a rule that it must keep, or crashed.",
    NOT_APPLICABLE: "Not judged: the target lacks a capability, or fails the well-formed control.",
    ERROR: "Not judged: the target could not be reached, or wirecheck itself failed.",
}


@dataclass(frozen=True)
class Section:
    """The scenarios of one verdict."""

    verdict: str
    explanation: str
    entries: tuple[Entry, ...]


def render(run: Run) -> str:
    """Return the page of a run."""
    listed = entries(run)
    failures = sum(entry.finding["verdict"] in FAILURES for entry in listed)
    crashed = crashes(run)
    return render_document(
        "report.html",
        styles=("base.css", "report.css"),
        scripts=_SCRIPTS,
        data={
            "findings": data(run),
            "conversations": conversations(run),
            "requirements": {
                "order": READING_ORDER,
                "verified": VERIFIED,
                "wrong": WRONG,
                "specifications": specifications(run),
            },
        },
        run=run,
        result=result_of(run),
        crashes=[(crash, _anchor(crash, run)) for crash in crashed[:MOST_CRASHES]],
        more_crashes=max(0, len(crashed) - MOST_CRASHES),
        failed_controls=[
            (control, _anchor_of(control.target, control.line["scenario"], run))
            for control in failed_controls(run)
        ],
        options=_options(run.header["options"]),
        pace=run.header["options"].get("pace", ""),
        measured=_measured(run),
        started=_moment(run.header["started"]),
        took=_took(run),
        sections=_sections(listed),
        tables=tables(run),
        choices=_choices(run),
        open_failures=failures <= MOST_OPEN,
        failures=FAILURES,
        wrong=WRONG,
    )


def _anchor(crash: Crash, run: Run) -> str:
    """Return where the page has the finding of a crash; "" when it has none."""
    return _anchor_of(crash.target, crash.scenario, run) if crash.scenario else ""


def _anchor_of(target: str, scenario: str, run: Run) -> str:
    """Return where the page has a finding; "" when it has none."""
    has_finding = any((f["target"], f["scenario"]) == (target, scenario) for f in run.findings)
    return anchor(target, scenario) if has_finding else ""


def _sections(listed: tuple[Entry, ...]) -> tuple[Section, ...]:
    by_verdict = {
        verdict: tuple(entry for entry in listed if entry.finding["verdict"] == verdict)
        for verdict in READING_ORDER
    }
    return tuple(Section(name, _EXPLANATIONS[name], found) for name, found in by_verdict.items() if found)


def _choices(run: Run) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return what the page can be filtered by: each property's values, and how many findings have them."""
    orders = {"verdict": VERDICTS, "level": LEVELS, "risk": RISKS}
    choices = {}
    for key in ("verdict", "level", "risk", "topic", "target", "tag"):
        values = [value for finding in run.findings for value in _values(finding, key)]
        ordered = orders.get(key, sorted(set(values)))
        choices[key] = tuple((value, values.count(value)) for value in ordered if value in values)
    return choices


def _values(finding: FindingLine, key: str) -> list[str]:
    values = {
        "verdict": [finding["verdict"]],
        "level": [finding["level"]],
        "risk": [finding["risk"]] if finding["risk"] else [],
        "topic": [finding["topic"]],
        "target": [finding["target"]],
        "tag": finding["tags"],
    }
    return values[key]


def _measured(run: Run) -> list[str]:
    """Return what was measured of each target, in words; an empty list when nothing was."""
    measured = [target.get("measured") for target in run.header["targets"]]
    if not any(measured):
        return []
    return [
        f"answers in {figures['median'] * 1000:.1f} ms, the slowest in {figures['slowest'] * 1000:.1f} ms, "
        f"{quantity(figures['connections'], 'connection')} at once"
        if figures
        else "nothing"
        for figures in measured
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
    """Return how long the run took; "" when the record does not say."""
    try:
        ended = datetime.fromisoformat(run.footer["ended"]) if run.footer else None
        seconds = (ended - datetime.fromisoformat(run.header["started"])).total_seconds() if ended else None
    except (ValueError, TypeError):
        return ""
    return "" if seconds is None else f"{seconds:.1f} s"
