"""The findings of a page: their rows in the order of reading, and everything else about them as data.

In the data, what several findings share is there once, as one scenario is played on many targets. Words are
made visible here; bytes stay as the record has them. How all this looks is not known here.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from clients.transcript import Kind
from conformance.record import Run
from conformance.record_lines import FindingLine
from conformance.text import visible
from reports.rendering.finding import (
    clause_data,
    crash_sentence,
    ending_phrase,
    events_data,
    scenario_data,
    verdict_data,
)
from reports.rendering.verdicts import READING_ORDER
from reports.run.reproduce import reproduction

Values = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A finding on the page."""

    number: int  # its place in the data
    finding: FindingLine
    anchor: str
    crash: str  # how it crashed the target, in a sentence; "" when it did not


def entries(run: Run) -> tuple[Entry, ...]:
    """Return the findings of a run in the order of reading."""
    listed = [
        Entry(number, finding, anchor(finding["target"], finding["scenario"]), crash_sentence(finding))
        for number, finding in enumerate(_in_order_of_data(run))
    ]
    places = {id(finding): place for place, finding in enumerate(run.findings)}

    def key(entry: Entry) -> tuple[int, bool, int]:
        finding = entry.finding
        return READING_ORDER.index(finding["verdict"]), finding["crash"] is None, places[id(finding)]

    return tuple(sorted(listed, key=key))


def anchor(target: str, scenario: str) -> str:
    """Return the part of the page's address that leads to a finding: `target/scenario`, as URLs spell it."""
    return "/".join(quote(part.encode("utf-8", "backslashreplace"), safe="") for part in (target, scenario))


def data(run: Run) -> Values:
    """Return what the page's script needs of clauses, scenarios and findings, without the conversations."""
    clauses, scenarios = _Shared(), _Shared()
    targets = {target["name"]: target for target in run.header["targets"]}
    ordered = _in_order_of_data(run)
    numbers = {(finding["target"], finding["scenario"]): number for number, finding in enumerate(ordered)}
    findings = []
    for finding in ordered:
        scenario = _scenario(finding, [clauses.number(clause_data(clause)) for clause in finding["clauses"]])
        again = reproduction(finding, targets.get(finding["target"]), run.header["options"])
        control = finding["control"]
        findings.append(
            verdict_data(finding)
            | {
                "scenario": scenarios.number(scenario),
                "target": visible(finding["target"]),
                "ending": visible(_ending(finding)),
                "control": None if control is None else numbers.get((finding["target"], control)),
                "command": visible(again.command),
                "shell": visible(again.shell),
                "notes": [visible(note) for note in again.notes],
            }
        )
    return {"clauses": clauses.values, "scenarios": scenarios.values, "findings": findings}


def conversations(run: Run) -> list[list[Values]]:
    """Return the events of each finding, in the order of the data."""
    return [events_data(finding) for finding in _in_order_of_data(run)]


def _in_order_of_data(run: Run) -> list[FindingLine]:
    """Return the findings with those of a scenario side by side: what is alike is packed well together."""
    return sorted(run.findings, key=lambda finding: str(finding["scenario"]))


@dataclass
class _Shared:
    """Values that several others refer to by number; each is kept once."""

    values: list[Values] = field(default_factory=list)
    _numbers: dict[Hashable, int] = field(default_factory=dict)

    def number(self, value: Values) -> int:
        key = repr(value)
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(value)
        return self._numbers[key]


def _scenario(finding: FindingLine, clauses: list[int]) -> Values:
    return scenario_data(finding) | {
        "topic": visible(finding["topic"]),
        "level": visible(finding["level"]),
        "control": visible(finding["control"] or ""),
        "tags": [visible(tag) for tag in finding["tags"]],
        "clauses": clauses,
    }


def _ending(finding: FindingLine) -> str:
    """Return how the conversation ended, as a sentence; "" when there was none."""
    if not finding["events"]:
        return ""
    followed = any(event["kind"] == Kind.FOLLOWED_UP.name for event in finding["events"])
    follow_up = " and a follow-up request that asks it to close" if followed else ""
    confirmed = " The scenario was played again to confirm this." if finding["replayed"] else ""
    ending = ending_phrase(finding["ending"])
    return f"After {finding['seconds']:.3f} s{follow_up}, the server {ending}.{confirmed}"
