"""The scenarios of a page: the row of each finding, and all else that is known of it as data for the script.

Rows stand in the order in which they are read, what is wrong first. In the data everything is said once that
several findings share, as one scenario is played on many targets. Words are made visible here, bytes stay as
the record has them. How all this looks is not known here.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from conformance.judging.model import Verdict
from conformance.record import Run
from reports.rendering.text import of_the_web, visible
from reports.rendering.transcripts import transcript
from reports.run.reproduce import replay

FAILURES = (Verdict.FAIL.value, Verdict.ERROR.value)
ORDER = (
    *FAILURES,
    Verdict.WARN.value,
    Verdict.INFO.value,
    Verdict.NOT_APPLICABLE.value,
    Verdict.PASS.value,
)

Values = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A finding on the page. number: where it is in the data."""

    number: int
    finding: Values
    anchor: str


def entries(run: Run) -> tuple[Entry, ...]:
    """Return the findings of a run in the order in which they are read."""
    made = [
        Entry(number, finding, anchor(finding["target"], finding["scenario"]))
        for number, finding in enumerate(_in_order_of_data(run))
    ]
    place = {id(finding): at for at, finding in enumerate(run.findings)}
    return tuple(
        sorted(made, key=lambda entry: (ORDER.index(entry.finding["verdict"]), place[id(entry.finding)]))
    )


def _in_order_of_data(run: Run) -> list[Values]:
    """Return the findings with those of a scenario side by side: what is alike is packed well together."""
    return sorted(run.findings, key=lambda finding: str(finding["scenario"]))


def anchor(target: str, scenario: str) -> str:
    """Return the part of the page's address that leads to a scenario: `target/scenario`, as URLs spell it."""
    return "/".join(quote(part.encode("utf-8", "backslashreplace"), safe="") for part in (target, scenario))


def data(run: Run) -> Values:
    """Return what the page's script is to know, but for the transcripts: clauses, scenarios and findings."""
    clauses, scenarios = _Shared(), _Shared()
    targets = {target["name"]: target for target in run.header["targets"]}
    ordered = _in_order_of_data(run)
    numbers = {(finding["target"], finding["scenario"]): number for number, finding in enumerate(ordered)}
    findings = []
    for finding in ordered:
        scenario = _scenario(finding, [clauses.number(_clause(clause)) for clause in finding["clauses"]])
        again = replay(finding, targets.get(finding["target"]), run.header["options"])
        findings.append(
            {
                "scenario": scenarios.number(scenario),
                "target": visible(finding["target"]),
                "verdict": finding["verdict"],
                "expected": visible(finding["expected"]),
                "observed": visible(finding["observed"]),
                "reason": visible(finding["reason"]),
                "ending": _ending(finding),
                "control": numbers.get((finding["target"], finding["control"])),
                "command": visible(again.command),
                "shell": visible(again.shell),
                "notes": [visible(note) for note in again.notes],
            }
        )
    return {"clauses": clauses.values, "scenarios": scenarios.values, "findings": findings}


def transcripts(run: Run) -> list[list[Values]]:
    """Return the transcript of each finding, in the order of the data."""
    return [transcript(finding) for finding in _in_order_of_data(run)]


@dataclass
class _Shared:
    """Values that several others name by their number; each is kept once."""

    values: list[Values] = field(default_factory=list)
    _numbers: dict[Hashable, int] = field(default_factory=dict)

    def number(self, value: Values) -> int:
        key = repr(value)
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(value)
        return self._numbers[key]


def _clause(clause: Values) -> Values:
    shown = {key: visible(clause[key]) for key in ("id", "source", "section", "keyword", "text")}
    return shown | {"link": visible(of_the_web(clause["link"]) or "")}


def _scenario(finding: Values, clauses: list[int]) -> Values:
    words = {"id": "scenario", "title": "title", "topic": "topic", "level": "level", "why": "why"}
    return {
        **{name: visible(finding[key]) for name, key in words.items()},
        "control": visible(finding["control"] or ""),
        "tags": [visible(tag) for tag in finding.get("tags", ())],
        "clauses": clauses,
    }


def _ending(finding: Values) -> str:
    """Return how the conversation ended, as a sentence; nothing when there was none."""
    if not finding["events"]:
        return ""
    followed = any(event["kind"] == "sent a follow-up request" for event in finding["events"])
    follow_up = " and a follow-up request that asks for the close" if followed else ""
    confirmed = " Played again, alone, to confirm it." if finding["replayed"] else ""
    ending = visible(finding["ending"])
    return f"In the end, after {finding['seconds']:.3f} s{follow_up}, the server {ending}.{confirmed}"
