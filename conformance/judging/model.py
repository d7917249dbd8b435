"""The vocabulary of the suite: scenarios, verdicts and findings.

All are values. A scenario holds what is sent and which outcomes are allowed; it does not know targets,
sockets or reports. A scenario with a mistake cannot be made: the error is a sentence that begins with its id.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from clients.steps import Action, Handshake, Step
from clients.transcript import Transcript
from conformance.clauses import Clause, Level
from conformance.judging.outcomes import Outcome
from conformance.judging.placeholders import NEED_WITNESS, fill, placeholders_in


class Verdict(Enum):
    """What a run concludes about a server from one check."""

    PASS = "PASS"  # noqa: S105  (a verdict, not a password)
    WARN = "WARN"
    INFO = "INFO"
    RISK = "RISK"
    FAIL = "FAIL"
    NOT_APPLICABLE = "NOT APPLICABLE"
    ERROR = "ERROR"


class Need(Enum):
    """A capability of the target that a scenario depends on; the value is the reason when it is missing."""

    WITNESS = "the witness is not mounted"
    FORMS = "the witness does not report form arguments and files"
    TLS = "the target is not reached over TLS"
    CLIENT_CERTIFICATE = "the target is not known to ask for a client certificate"


class Risk(Enum):
    """What a deviation has been exploited for; the value says how it does harm."""

    SMUGGLING = (
        "two readers may disagree about where a request ends, so that one of them sees another request"
    )
    SPLITTING = "octets that a client chose may be read as a response, or as the next one"
    ROUTING = "two readers may disagree about what a request is for, so that a check is passed by"
    EXHAUSTION = "one client may take what all the others need"
    CORRUPTION = "two readers may disagree about what the data are, or part of them may be lost"
    DISCLOSURE = "something may be shown to those it is not meant for"


_ID = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Check:
    """A rule that a server is judged by, and that is reported as a finding of its own."""

    id: str  # a slug, `topic.what-is-odd`, that never changes
    title: str
    clause: Clause | tuple[Clause, ...]  # the judged clause, then others that the check exercises too
    risk: Risk | None = None  # what a deviation from it has been exploited for
    why: str  # what goes wrong for a user when the rule is broken

    def __post_init__(self) -> None:
        """Raise ValueError for the first mistake, in a sentence that begins with the id."""
        for wrong, problem in self.mistakes():
            if wrong:
                raise ValueError(f"{self.id}: {problem}")

    def mistakes(self) -> Iterator[tuple[bool, str]]:
        """Yield each mistake that can be made, and whether it was made."""
        yield not _ID.fullmatch(self.id), "the id is not a slug of the form topic.what-is-odd"
        yield not self.clauses, "it names no clause"
        yield not self.title or not self.why, "the title or the why is empty"
        yield len({clause.profile for clause in self.clauses}) > 1, "its clauses belong to several profiles"
        permitted = self.risk is not None and self.level is Level.MAY
        yield permitted, "its clause permits the deviation, so it has no risk"

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses that the check exercises, the judged one first."""
        return self.clause if isinstance(self.clause, tuple) else (self.clause,)

    @property
    def judged(self) -> Clause:
        """The clause whose level grades a deviation."""
        return self.clauses[0]

    @property
    def level(self) -> Level:
        """The judged clause's level."""
        return self.judged.level

    @property
    def deviation(self) -> Verdict:
        """The verdict on what is neither accepted nor tolerated."""
        return deviation(self.level, self.risk)

    @property
    def topic(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]

    @property
    def profile(self) -> str:
        """The profile that the judged clause belongs to."""
        return self.judged.profile

    @cached_property
    def all_needs(self) -> frozenset[Need]:
        """The capabilities of a target that the check depends on."""
        return frozenset()

    @property
    def control_id(self) -> str | None:
        """The id of the well-formed twin that must pass first, if the check has one."""
        return None


@dataclass(frozen=True)
class Breach:
    """What may be seen in place of what is accepted, where it breaks another clause than the judged one.

    It has a risk of its own: the scenario's is that of the judged clause.
    """

    seen: Outcome
    clause: Clause
    risk: Risk | None = None

    @property
    def deviation(self) -> Verdict:
        """The verdict on it."""
        return deviation(self.clause.level, self.risk)


def deviation(level: Level, risk: Risk | None) -> Verdict:
    """Return the verdict on a deviation from a clause of a level."""
    if risk is not None and level is Level.SHOULD:
        return Verdict.RISK
    return _DEVIATION[level]


_DEVIATION = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.INFO}


@dataclass(frozen=True, kw_only=True)
class Scenario(Check):
    """One conversation with a server, and what the server may do in it."""

    send: tuple[Step, ...]  # the client's steps, in order
    accept: Outcome  # every outcome that the judged clause allows
    tolerate: Outcome | None = None  # outcomes that the clause forbids but that harm nobody
    breaches: tuple[Breach, ...] = ()  # of other clauses; the first that was seen is judged
    control: str | None = None  # the id of the well-formed twin that must pass first
    needs: frozenset[Need] = frozenset()  # beyond those that follow from the placeholders and steps

    def mistakes(self) -> Iterator[tuple[bool, str]]:
        """Yield each mistake that can be made, and whether it was made."""
        yield not isinstance(self.breaches, tuple), "breaches is not a tuple; is a comma missing?"
        yield from super().mistakes()
        permitted = any(breach.risk and breach.clause.level is Level.MAY for breach in self.breaches)
        yield permitted, "the clause of a breach permits it, so it has no risk"
        yield not isinstance(self.send, tuple), "send is not a tuple of steps; is a comma missing?"
        yield not self.send, "it sends nothing"
        yield self.control == self.id, "it is its own control"

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses that the scenario exercises: the judged one first, those of its breaches last."""
        return tuple(dict.fromkeys((*super().clauses, *(breach.clause for breach in self.breaches))))

    @property
    def close_due(self) -> bool:
        """Whether the server is to close the connection."""
        return "close" in self.accept.asks

    @property
    def bytes_sent(self) -> bytes:
        """The bytes of all steps together, with the placeholders not filled in."""
        return b"".join(step for step in self.send if isinstance(step, bytes))

    @cached_property
    def placeholders(self) -> frozenset[bytes]:
        """The names in angle brackets in the bytes; searched for once, since some bytes are megabytes."""
        writes = (step for step in self.send if isinstance(step, bytes))
        return frozenset[bytes]().union(*map(placeholders_in, writes))

    @cached_property
    def all_needs(self) -> frozenset[Need]:
        """The needs given, and those that follow from the placeholders and the steps."""
        needs = set(self.needs)
        if self.placeholders & NEED_WITNESS:
            needs.add(Need.WITNESS)
        if any(isinstance(step, Handshake) or step in _TLS_ACTIONS for step in self.send):
            needs.add(Need.TLS)
        return frozenset(needs)

    @property
    def control_id(self) -> str | None:
        """The id of the scenario's control."""
        return self.control


_TLS_ACTIONS = (Action.CLEARTEXT, Action.CLOSE_NOTIFY)


def family(
    shape: Scenario,
    values: Mapping[str, bytes | Mapping[bytes, bytes]],
    *,
    without_risk: Collection[str] = (),
) -> tuple[Scenario, ...]:
    """Make one scenario of each value, with the value's name added to id and title.

    A value replaces `<value>` in the bytes; a mapping replaces each of its placeholders. The members share
    clause, outcomes and why; a value that needs another outcome does not belong to the family. without_risk
    names the values that have not been exploited as the others have. Raises ValueError if it names another.
    """
    if unknown := set(without_risk) - values.keys():
        raise ValueError(f"{shape.id}: without_risk names no value: {', '.join(sorted(unknown))}")
    members = []
    for name, value in values.items():
        replaced = {b"<value>": value} if isinstance(value, bytes) else value
        send = tuple(fill(step, replaced) if isinstance(step, bytes) else step for step in shape.send)
        title = f"{shape.title}: {_title(name)}"
        risk = None if name in without_risk else shape.risk
        members.append(replace(shape, id=f"{shape.id}-{name}", title=title, send=send, risk=risk))
    return tuple(members)


# An id never changes; a title spells its words as the specifications do.
_IN_TITLES = {
    "behind": "after", "ascii": "ASCII", "cr": "CR", "crs": "CRs", "ipv4": "IPv4", "ipv6": "IPv6", "lf": "LF",
    "nul": "NUL", "utf": "UTF",
}  # fmt: skip


def _title(name: str) -> str:
    return " ".join(_IN_TITLES.get(word, word) for word in name.split("-"))


@dataclass(frozen=True)
class Finding:
    """The result of one check, a scenario or an invariant, on one target."""

    check: Check
    target: str  # its name
    verdict: Verdict
    expected: str  # a sentence about what the server should do
    observed: str  # a sentence about what it did
    reason: str  # why the verdict is not a plain PASS or FAIL; else ""
    transcript: Transcript | None  # None if nothing was played
    replayed: bool = False  # whether the scenario was played again, alone, to confirm the verdict
    seconds: float = 0.0  # how long the conversation took
    own_error: bool = False  # whether the verdict is an ERROR of wirecheck itself
    crash: str | None = None  # how it crashed the target, as a phrase that follows "the target"
    added: bool = False  # whether it was not selected, and joined the run because it crashed the target
    failed_control: "Finding | None" = None  # the control that did not pass and leaves it unjudged
    breach: Breach | None = None  # what was seen, where it is judged by another clause than the check's first

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses that the check exercises, the one that it was judged by first."""
        if self.breach is None:
            return self.check.clauses
        return tuple(dict.fromkeys((self.breach.clause, *self.check.clauses)))

    @property
    def risk(self) -> Risk | None:
        """What a deviation from the judged clause has been exploited for."""
        return self.check.risk if self.breach is None else self.breach.risk
