"""The record of a run: JSON lines, written as the run goes and read by whoever shows it.

The first line is the header, each finding is a line, the last line is the footer; a record without a footer
is one of a run that was cut off, and says so. Bytes stand as text, one latin-1 character each, so that they
survive unchanged and can be read. `record.schema.json` describes every line. How a run is shown is not known
here.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clients.transcript import Event
from conformance.judging.model import Finding, Verdict
from conformance.tags import tags

FORMAT = 1

# Longer data is cut in the middle; both ends of it prove more than either alone.
_LONGEST_DATA = 4096
_KEPT_AT_THE_END = 512


class BadRecord(Exception):
    """A file is not a record of a run; the message says where and why, in one sentence."""


@dataclass(frozen=True)
class Run:
    """A record as read: plain JSON values, as `record.schema.json` describes them.

    findings: in the order of the plan, whatever was judged first. footer: None when the run was cut off.
    """

    header: dict[str, Any]
    findings: tuple[dict[str, Any], ...]
    footer: dict[str, Any] | None

    @property
    def not_run(self) -> tuple[str, ...]:
        """What was planned and not judged, each as target/scenario."""
        judged = {f"{finding['target']}/{finding['scenario']}" for finding in self.findings}
        return tuple(name for name in self.header.get("plan", ()) if name not in judged)

    @property
    def counts(self) -> Counter[str]:
        """How many findings there are of each verdict."""
        return Counter(finding["verdict"] for finding in self.findings)


@dataclass
class Writer:
    """Writes a record, a line at a time, each on disk before the next is begun."""

    path: Path
    _counts: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def header(
        self,
        *,
        version: str,
        targets: list[dict[str, Any]],
        options: dict[str, Any],
        planned: int,
        plan: Sequence[str] = (),
    ) -> None:
        """Begin the record. planned: how many findings a whole run has. plan: each, as target/scenario."""
        self._line(
            type="header",
            format=FORMAT,
            wirecheck=version,
            started=_now(),
            targets=targets,
            options=options,
            planned=planned,
            plan=list(plan),
        )

    def finding(self, finding: Finding) -> None:
        """Add a finding."""
        scenario = finding.scenario
        self._counts[finding.verdict.value] += 1
        self._line(
            type="finding",
            scenario=scenario.id,
            title=scenario.title,
            topic=scenario.topic,
            tags=sorted(tag.name.lower() for tag in tags(scenario)),
            target=finding.target,
            level=scenario.level.value,
            clauses=[
                {
                    "id": clause.id,
                    "source": clause.source.name,
                    "section": clause.section,
                    "keyword": clause.keyword,
                    "text": clause.text,
                    "link": clause.link,
                }
                for clause in scenario.clauses
            ],
            why=scenario.why,
            control=scenario.control_id,
            verdict=finding.verdict.value,
            expected=finding.expected,
            observed=finding.observed,
            reason=finding.reason,
            replayed=finding.replayed,
            seconds=round(finding.seconds, 6),
            ending=finding.transcript.ending.value if finding.transcript else "",
            events=[_event(event) for event in finding.transcript.events] if finding.transcript else [],
        )

    def footer(
        self,
        *,
        exit_code: int,
        note: str = "",
        complete: bool,
        deaths: Sequence[Mapping[str, str]] = (),
        baseline: dict[str, Any] | None = None,
    ) -> None:
        """End the record. note: what is to be said of the run as a whole. complete: nothing was left out.

        deaths: of targets in the run, each with its target, how it came, and the scenario that it came of.
        baseline: what the run has shown of it, if there is one.
        """
        self._line(
            type="footer",
            ended=_now(),
            counts=dict(self._counts),
            exit_code=exit_code,
            note=note,
            complete=complete,
            deaths=list(deaths),
            **({} if baseline is None else {"baseline": baseline}),
        )

    @property
    def counts(self) -> Counter[Verdict]:
        """How many findings of each verdict were written."""
        return Counter({Verdict(name): count for name, count in self._counts.items()})

    def _line(self, **values: Any) -> None:
        self._file.write(json.dumps(values, ensure_ascii=True) + "\n")
        self._file.flush()


def read(path: Path) -> Run:
    """Read a record; what a killed run left unfinished is left out. Raises BadRecord when it is none."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRecord(f"{path} cannot be read: {error}") from error
    values = [value for value in (_parsed(path, number, lines) for number in range(len(lines))) if value]
    if not values or values[0].get("type") != "header":
        raise BadRecord(f"{path} is not a wirecheck record: it does not begin with a header")
    if values[0].get("format") != FORMAT:
        raise BadRecord(f"{path} has format {values[0].get('format')}, this wirecheck reads format {FORMAT}")
    missing = {"wirecheck", "started", "targets", "options", "planned"} - values[0].keys()
    if missing:
        raise BadRecord(f"{path} is not a wirecheck record: its header lacks {', '.join(sorted(missing))}")
    findings = tuple(value for value in values if value["type"] == "finding")
    if any(not {"scenario", "target", "verdict"} <= finding.keys() for finding in findings):
        raise BadRecord(f"{path} is not a wirecheck record: a finding lacks its scenario, target or verdict")
    footer = values[-1] if values[-1]["type"] == "footer" else None
    places = {name: place for place, name in enumerate(values[0].get("plan", ()))}
    return Run(values[0], tuple(sorted(findings, key=lambda found: _place(found, places))), footer)


def _place(finding: Mapping[str, Any], places: Mapping[str, int]) -> int:
    return places.get(f"{finding['target']}/{finding['scenario']}", len(places))


def write(run: Run, path: Path) -> None:
    """Write a record that was read, or made of others. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = (run.header, *run.findings, *([run.footer] if run.footer else []))
    path.write_text(
        "".join(json.dumps(value, ensure_ascii=True) + "\n" for value in values), encoding="utf-8"
    )


def _parsed(path: Path, number: int, lines: list[str]) -> dict[str, Any] | None:
    if not lines[number]:
        return None
    try:
        value = json.loads(lines[number])
    except (ValueError, RecursionError) as error:
        if number == len(lines) - 1:  # a run that was killed may leave half a line
            return None
        raise BadRecord(f"{path}, line {number + 1}: {error}") from error
    if not isinstance(value, dict) or value.get("type") not in ("header", "finding", "footer"):
        raise BadRecord(f"{path}, line {number + 1}: neither a header, a finding nor a footer")
    return value


def _event(event: Event) -> dict[str, Any]:
    shown: dict[str, Any] = {"at": round(event.at, 6), "kind": event.kind.value}
    if event.data:
        shown["size"] = len(event.data)
        data = event.data
        if len(data) > _LONGEST_DATA:
            shown["cut"] = len(data) - _LONGEST_DATA
            shown["tail"] = data[-_KEPT_AT_THE_END:].decode("latin-1")
            data = data[: _LONGEST_DATA - _KEPT_AT_THE_END]
        shown["data"] = data.decode("latin-1")
    if event.note:
        shown["note"] = event.note
    return shown


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
