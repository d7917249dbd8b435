"""The record of a run: JSON lines, written as the run goes, from which every report is made.

The first line is the header, each finding is a line, and the last line is the footer; a record without a
footer comes from a run that was cut off. Every line is on disk before the next one is begun, so a run that
is killed keeps what it has. Bytes are text, one latin-1 character each, so that they survive unchanged and
can be read. `record.schema.json` describes every line, and so do the TypedDicts here. Records of older
formats are read as if they had today's. How a run is shown is not known here.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NotRequired, Self, TypedDict, cast

from clients.transcript import Event
from conformance.errors import BadUsage
from conformance.judging.model import Finding, Verdict
from conformance.old_records import OLDER_FORMATS, upgrade
from conformance.tags import tags

FORMAT = 2


class MeasuredLine(TypedDict):
    """What was measured of a target before the run, by plain requests."""

    median: float  # seconds that an answer usually took
    slowest: float  # seconds that the slowest answer took, with many requests at once
    connections: int  # how many connections it was seen to serve at once
    newcomers: NotRequired[int | None]  # how many connections may be opened at once; None when any number may


class TargetLine(TypedDict):
    """A target, in the header."""

    name: str
    url: str
    profile: str
    witness: str | None  # the path at which the witness was found; None without one
    capabilities: list[str]
    server: str  # the Server field of its answer to a plain GET
    verified: bool | None  # whether its certificate was verified; None without TLS
    embedded: bool  # whether it was started for the run, and ended with it
    second_opinion: str
    """How h11 and our own reader disagree about its answer to a plain GET; "" when they agree."""
    measured: NotRequired[MeasuredLine | None]


class RunHeader(TypedDict):
    """The first line: what was tested, and with which options."""

    type: Literal["header"]
    format: int
    wirecheck: str  # the version of wirecheck
    started: str
    targets: list[TargetLine]
    options: dict[str, Any]
    """The options given, the defaults of the others, and the seed that was drawn if one was."""
    planned: int  # how many findings a complete run has
    plan: list[str]
    """What a complete run has findings of, each as target/scenario; it may name fewer than are planned."""


class ClauseLine(TypedDict):
    """A clause that a finding names."""

    id: str
    source: str
    section: str
    keyword: str
    text: str
    link: str


class FailedControlLine(TypedDict):
    """The control that did not pass, and so left a scenario unjudged."""

    scenario: str
    verdict: str
    expected: str
    observed: str


class EventLine(TypedDict):
    """One event of a conversation."""

    at: float  # seconds since the conversation began
    kind: str  # the name of a `clients.transcript.Kind`
    size: NotRequired[int]  # how many bytes were sent or received
    data: NotRequired[str]  # the bytes, or the first of them; empty where none of them was kept
    cut: NotRequired[int]  # how many bytes are left out between `data` and `tail`
    tail: NotRequired[str]  # the last bytes, when some are left out
    note: NotRequired[str]


class FindingLine(TypedDict):
    """What was found for one scenario or invariant on one target."""

    type: Literal["finding"]
    scenario: str
    title: str
    topic: str
    tags: list[str]  # what makes it unsafe on a shared server
    target: str  # the name of one of the header's targets
    level: str
    clauses: list[ClauseLine]  # the first one is judged
    why: str
    control: str | None
    verdict: str
    expected: str
    observed: str
    reason: str
    replayed: bool  # whether it was played again to confirm it
    crash: str | None
    """How it crashed the target, as a phrase that follows "the target"; None when it did not."""
    added: bool  # whether it was not selected, and was added to the run because it crashed the target
    seconds: float
    ending: str  # the name of a `clients.transcript.Ending`; "" when nothing was played
    events: list[EventLine]
    failed_control: NotRequired[FailedControlLine]  # only where one left it unjudged


class CrashLine(TypedDict):
    """A crash of a target during the run."""

    target: str
    how: str  # a phrase that follows "the target"
    scenario: str | None  # what caused it; None when no cause could be shown


class ExcusedLine(TypedDict):
    """A baseline entry that excuses what was found for its scenario, a crash included."""

    scenario: str
    reason: str
    expires: str | None


class BaselineLine(TypedDict):
    """What the run has shown of its baseline."""

    file: str
    excused: list[ExcusedLine]
    stale: list[str]  # listed scenarios that pass
    unknown: list[str]  # listed ids that do not exist
    reasonless: list[str]
    expired: list[str]
    sentences: list[str]  # the same in words, with what to do about it


class Footer(TypedDict):
    """The last line: how the run ended."""

    type: Literal["footer"]
    ended: str
    counts: dict[str, int]  # how many findings there are of each verdict
    exit_code: int
    note: str  # what else there is to say of the run as a whole; its crashes are not repeated here
    complete: bool  # whether everything that was planned was judged
    crashes: list[CrashLine]
    baseline: NotRequired[BaselineLine]


class Unrecorded(BadUsage):
    """A record cannot be written, as on a full disk; the message says which and why, in one sentence."""


class BadRecord(Exception):
    """A file is not a record of a run; the message says where and why, in one sentence."""


@dataclass(frozen=True)
class Run:
    """A record as read, in today's format."""

    header: RunHeader
    findings: tuple[FindingLine, ...]  # in the order of the plan, whichever was judged first
    footer: Footer | None  # None when the run was cut off

    @property
    def not_run(self) -> tuple[str, ...]:
        """What was planned and not judged, each as target/scenario."""
        judged = {f"{finding['target']}/{finding['scenario']}" for finding in self.findings}
        return tuple(name for name in self.header["plan"] if name not in judged)

    @property
    def counts(self) -> Counter[str]:
        """How many findings there are of each verdict."""
        return Counter(finding["verdict"] for finding in self.findings)


@dataclass
class Writer:
    """Writes a record, line by line, within a `with` block; only one thread at a time may use it.

    Its methods raise Unrecorded when a line cannot be written.
    """

    path: Path
    _counts: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8")
        except OSError as error:
            raise self._unrecorded(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # of what could not be written; that was raised then
            self._file.close()

    def header(
        self,
        *,
        version: str,
        targets: Sequence[TargetLine],
        options: Mapping[str, Any],
        planned: int,
        plan: Sequence[str] = (),
    ) -> None:
        """Begin the record; see `RunHeader`. version: of wirecheck."""
        self._write(
            {
                "type": "header",
                "format": FORMAT,
                "wirecheck": version,
                "started": _now(),
                "targets": list(targets),
                "options": dict(options),
                "planned": planned,
                "plan": list(plan),
            }
        )

    def finding(self, finding: Finding) -> None:
        """Add a finding."""
        scenario, transcript = finding.check, finding.transcript
        self._counts[finding.verdict.value] += 1
        line: FindingLine = {
            "type": "finding",
            "scenario": scenario.id,
            "title": scenario.title,
            "topic": scenario.topic,
            "tags": sorted(tag.name.lower() for tag in tags(scenario)),
            "target": finding.target,
            "level": scenario.level.value,
            "clauses": [
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
            "why": scenario.why,
            "control": scenario.control_id,
            "verdict": finding.verdict.value,
            "expected": finding.expected,
            "observed": finding.observed,
            "reason": finding.reason,
            "replayed": finding.replayed,
            "crash": finding.crash,
            "added": finding.added,
            "seconds": round(finding.seconds, 6),
            "ending": transcript.ending.name if transcript else "",
            "events": [_event(event) for event in transcript.events] if transcript else [],
        }
        if (control := finding.failed_control) is not None:
            line["failed_control"] = {
                "scenario": control.check.id,
                "verdict": control.verdict.value,
                "expected": control.expected,
                "observed": control.observed,
            }
        self._write(line)

    def footer(
        self,
        *,
        exit_code: int,
        note: str = "",
        complete: bool,
        crashes: Sequence[CrashLine] = (),
        baseline: BaselineLine | None = None,
    ) -> None:
        """End the record; see `Footer`. baseline: None when the run has none."""
        line: Footer = {
            "type": "footer",
            "ended": _now(),
            "counts": dict(self._counts),
            "exit_code": exit_code,
            "note": note,
            "complete": complete,
            "crashes": list(crashes),
        }
        if baseline is not None:
            line["baseline"] = baseline
        self._write(line)

    @property
    def counts(self) -> Counter[Verdict]:
        """How many findings of each verdict were written."""
        return Counter({Verdict(name): count for name, count in self._counts.items()})

    def _write(self, line: RunHeader | FindingLine | Footer) -> None:
        try:
            self._file.write(_as_json(line))
            self._file.flush()
        except OSError as error:
            raise self._unrecorded(error) from error

    def _unrecorded(self, error: OSError) -> Unrecorded:
        count = sum(self._counts.values())
        judged = f"{count} {'finding' if count == 1 else 'findings'}"
        return Unrecorded(f"the record {self.path} cannot be written: {error.strerror}, after {judged}")


def read(path: Path) -> Run:
    """Read a record of this format or an older one; half a last line, left by a killed run, is ignored.

    Raises BadRecord when the file is not a record.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRecord(f"{path} cannot be read: {error}") from error
    values = [value for value in (_parse(path, number, lines) for number in range(len(lines))) if value]
    _check(path, values)
    if values[0]["format"] != FORMAT:
        try:
            values = upgrade(values, FORMAT)
        except (AttributeError, LookupError, TypeError) as error:
            raise BadRecord(f"{path} is not a record of format {values[0]['format']}: {error!r}") from error
    header = cast("RunHeader", values[0])
    findings = cast("list[FindingLine]", [value for value in values if value["type"] == "finding"])
    footer = cast("Footer", values[-1]) if values[-1]["type"] == "footer" else None
    places = {name: place for place, name in enumerate(header["plan"])}
    findings.sort(key=lambda found: places.get(f"{found['target']}/{found['scenario']}", len(places)))
    return Run(header, tuple(findings), footer)


def write(run: Run, path: Path) -> None:
    """Write a record that was read, or merged from others. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines: list[RunHeader | FindingLine | Footer] = [run.header, *run.findings]
    lines += [run.footer] if run.footer else []
    path.write_text("".join(_as_json(line) for line in lines), encoding="utf-8")


def _check(path: Path, values: Sequence[Mapping[str, Any]]) -> None:
    """Check what every reader relies on. Raises BadRecord."""
    if not values or values[0]["type"] != "header":
        raise BadRecord(f"{path} is not a wirecheck record: it does not begin with a header")
    header = values[0]
    if header.get("format") not in (*OLDER_FORMATS, FORMAT):
        known = f"{', '.join(map(str, OLDER_FORMATS))} and {FORMAT}"
        raise BadRecord(f"{path} has format {header.get('format')}; this wirecheck reads formats {known}")
    required = {"wirecheck", "started", "targets", "options", "planned", "plan"}
    missing = required - header.keys() - ({"plan"} if header["format"] != FORMAT else set())
    if missing:
        raise BadRecord(f"{path} is not a wirecheck record: its header lacks {', '.join(sorted(missing))}")
    findings = (value for value in values if value["type"] == "finding")
    if any(not {"scenario", "target", "verdict"} <= finding.keys() for finding in findings):
        raise BadRecord(f"{path} is not a wirecheck record: a finding lacks its scenario, target or verdict")


def _parse(path: Path, number: int, lines: Sequence[str]) -> dict[str, Any] | None:
    """Return the value of a line; None when it is empty, or half a line at the end."""
    if not lines[number]:
        return None
    try:
        value = json.loads(lines[number])
    except (ValueError, RecursionError) as error:
        if number == len(lines) - 1:
            return None
        raise BadRecord(f"{path}, line {number + 1}: {error}") from error
    if not isinstance(value, dict) or value.get("type") not in ("header", "finding", "footer"):
        raise BadRecord(f"{path}, line {number + 1}: neither a header, a finding nor a footer")
    return value


def _event(event: Event) -> EventLine:
    event = event.shortened()
    line: EventLine = {"at": round(event.at, 6), "kind": event.kind.name}
    if event.size:
        line["size"] = event.size
        line["data"] = event.data.decode("latin-1")
    if event.cut:
        line["cut"] = event.cut
    if event.tail:
        line["tail"] = event.tail.decode("latin-1")
    if event.note:
        line["note"] = event.note
    return line


def _as_json(line: RunHeader | FindingLine | Footer) -> str:
    return json.dumps(line, ensure_ascii=True) + "\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
