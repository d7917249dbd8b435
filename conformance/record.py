"""The record of a run: JSON lines, written as the run goes, from which every report is made.

The first line is the header, each finding is a line, and the last line is the footer; a record without a
footer comes from a run that was cut off. Every line is on disk before the next one is begun, so a run that
is killed keeps what it has. Bytes are text, one latin-1 character each, so that they survive unchanged and
can be read. `record_lines` has what each line holds. Records of older formats are read as if they had
today's. How a run is shown is not known here.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from conformance.errors import BadUsage
from conformance.judging.model import Finding, Verdict
from conformance.old_records import OLDER_FORMATS, upgrade
from conformance.record_lines import (
    BaselineLine,
    CrashLine,
    FindingLine,
    Footer,
    RunHeader,
    TargetLine,
    finding_line,
)

FORMAT = 3


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
        self._counts[finding.verdict.value] += 1
        self._write(finding_line(finding))

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
    # In format 1 there may be no plan.
    missing = required - header.keys() - ({"plan"} if header["format"] == 1 else set())
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


def _as_json(line: RunHeader | FindingLine | Footer) -> str:
    return json.dumps(line, ensure_ascii=True) + "\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
