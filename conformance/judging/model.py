"""The words of the suite: what a scenario is, what a verdict can be, what a finding says.

All are values. A scenario says what is sent and which outcomes are allowed; it does not know targets, sockets
or reports. A mistake in a scenario is refused when it is made, in a sentence that begins with its id.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from clients.steps import Action, Handshake, Step
from clients.transcript import Transcript
from conformance.clauses import Clause, Level
from conformance.judging.observation import fill, placeholders_in
from conformance.judging.outcomes import Outcome


class Verdict(Enum):
    """What a run says of a server about one scenario."""

    PASS = "PASS"  # noqa: S105  (a verdict, not a password)
    WARN = "WARN"
    INFO = "INFO"
    FAIL = "FAIL"
    NOT_APPLICABLE = "NOT APPLICABLE"
    ERROR = "ERROR"


class Need(Enum):
    """A capability of the target that a scenario depends on; the value says what is missing without it."""

    WITNESS = "the witness is not mounted"
    FORMS = "the witness does not report form arguments and files"
    TLS = "the target is not reached over TLS"
    CLIENT_CERTIFICATE = "the target is not known to ask for a client certificate"


_ID = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9]+(-[a-z0-9]+)*")

# Placeholders that stand for a resource of the witness. The others are filled in for every target: <host>,
# <origin>, <path> (the URL's), <witness> (its echo, or else the path), <length> (how many octets follow the
# first head) and <date> (now).
# They have angle brackets, so that nothing in a request needs escaping.
_OF_THE_WITNESS = frozenset({b"<status>", b"<size>", b"<stream>", b"<slow>", b"<static>", b"<ignore>"})


@dataclass(frozen=True, kw_only=True)
class Check:
    """Something that is judged of a server, and reported as a finding of its own.

    id: a stable slug, `topic.what-is-odd`. clause: the rule that is judged; more may follow, which the check
    exercises too. why: what goes wrong for a user when the rule is broken.
    """

    id: str
    title: str
    clause: Clause | tuple[Clause, ...]
    why: str

    def __post_init__(self) -> None:
        """Refuse a mistake in a sentence that begins with the id."""
        for wrong, problem in self.mistakes():
            if wrong:
                raise ValueError(f"{self.id}: {problem}")

    def mistakes(self) -> Iterator[tuple[bool, str]]:
        """What can be wrong with it, and whether it is."""
        yield not _ID.fullmatch(self.id), "the id is not a slug of the form topic.what-is-odd"
        yield not self.clauses, "it names no clause"
        yield not self.title or not self.why, "the title or the why is empty"
        yield len({clause.profile for clause in self.clauses}) > 1, "its clauses are of several profiles"

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses that it exercises, the judged one first."""
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
    def topic(self) -> str:
        """What stands before the dot of the id."""
        return self.id.partition(".")[0]

    @property
    def profile(self) -> str:
        """The profile that the judged clause belongs to."""
        return self.judged.profile

    @cached_property
    def all_needs(self) -> frozenset[Need]:
        """The capabilities of a target that it depends on."""
        return frozenset()

    @property
    def control_id(self) -> str | None:
        """The id of the well-formed twin that must pass first, if there is one."""
        return None


@dataclass(frozen=True, kw_only=True)
class Scenario(Check):
    """One conversation with a server, and what the server may do in it.

    send: the steps. accept: every outcome that the clause allows. tolerate: outcomes that it forbids but
    that harm nobody. control: the id of the well-formed twin that must pass first. needs: capabilities
    beyond those that follow from the placeholders and steps.
    """

    send: tuple[Step, ...]
    accept: Outcome
    tolerate: Outcome | None = None
    control: str | None = None
    needs: frozenset[Need] = frozenset()

    def mistakes(self) -> Iterator[tuple[bool, str]]:
        """What can be wrong with it, and whether it is."""
        yield from super().mistakes()
        yield not isinstance(self.send, tuple), "send is not a tuple of steps; is a comma missing?"
        yield not self.send, "it sends nothing"
        yield self.control == self.id, "it is its own control"

    @property
    def bytes_sent(self) -> bytes:
        """All bytes of all steps, placeholders unfilled."""
        return b"".join(step for step in self.send if isinstance(step, bytes))

    @cached_property
    def placeholders(self) -> frozenset[bytes]:
        """What stands in angle brackets in the bytes, some of which are megabytes: looked for once."""
        writes = (step for step in self.send if isinstance(step, bytes))
        return frozenset[bytes]().union(*map(placeholders_in, writes))

    @cached_property
    def all_needs(self) -> frozenset[Need]:
        """The capabilities named, and those that follow from the placeholders and the steps."""
        needs = set(self.needs)
        if self.placeholders & _OF_THE_WITNESS:
            needs.add(Need.WITNESS)
        if any(isinstance(step, Handshake) or step in _TLS_ACTIONS for step in self.send):
            needs.add(Need.TLS)
        return frozenset(needs)

    @property
    def control_id(self) -> str | None:
        """The id of its control."""
        return self.control


_TLS_ACTIONS = (Action.CLEARTEXT, Action.CLOSE_NOTIFY)


def family(shape: Scenario, values: Mapping[str, bytes | Mapping[bytes, bytes]]) -> tuple[Scenario, ...]:
    """Make one scenario of each value, named and titled after it.

    A value replaces `<value>` in the bytes; a mapping replaces each of its placeholders. The members share
    clause, outcome and why; a value that needs another outcome is not of the family.
    """
    members = []
    for name, value in values.items():
        replaced = {b"<value>": value} if isinstance(value, bytes) else value
        send = tuple(fill(step, replaced) if isinstance(step, bytes) else step for step in shape.send)
        title = f"{shape.title}: {name.replace('-', ' ')}"
        members.append(replace(shape, id=f"{shape.id}-{name}", title=title, send=send))
    return tuple(members)


@dataclass(frozen=True)
class Finding:
    """What was found for one check, a scenario or an invariant, on one target.

    expected, observed: sentences about the server. reason: why the verdict is no plain pass or fail.
    transcript: None when nothing was played. replayed: whether the scenario was played again, alone, to
    confirm it. seconds: how long the conversation took. own_error: whether the verdict is an ERROR of
    wirecheck rather than of the target. crash: how the scenario crashed the target, a phrase that follows
    "the target" ("exited with code 7"); None when it did not. added: whether the scenario was not selected,
    and was added to the run because it crashed the target.
    """

    scenario: Check
    target: str
    verdict: Verdict
    expected: str
    observed: str
    reason: str
    transcript: Transcript | None
    replayed: bool = False
    seconds: float = 0.0
    own_error: bool = False
    crash: str | None = None
    added: bool = False
