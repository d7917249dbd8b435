"""The lines of a record: what each of them holds, and a finding as such a line.

Bytes are text, one latin-1 character each, so that they survive unchanged and can be read. Files are not
known here; `record.schema.json` says the same to other programs.
"""

from typing import Any, Literal, NotRequired, TypedDict

from clients.transcript import Event
from conformance.judging.model import Finding
from conformance.tags import tags


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
    risk: str | None  # what a deviation has been exploited for: the name of a `Risk`, in small letters
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


def finding_line(finding: Finding) -> FindingLine:
    """Return a finding as a line of the record."""
    scenario, transcript = finding.check, finding.transcript
    line: FindingLine = {
        "type": "finding",
        "scenario": scenario.id,
        "title": scenario.title,
        "topic": scenario.topic,
        "tags": sorted(tag.name.lower() for tag in tags(scenario)),
        "target": finding.target,
        "level": finding.clauses[0].level.value,
        "clauses": [
            {
                "id": clause.id,
                "source": clause.source.name,
                "section": clause.section,
                "keyword": clause.keyword,
                "text": clause.text,
                "link": clause.link,
            }
            for clause in finding.clauses
        ],
        "risk": finding.risk.name.lower() if finding.risk else None,
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
    return line


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
