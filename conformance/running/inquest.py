"""Crashes of a target, and the scenarios that may have caused them: pure functions over what was played.

A server that crashes takes with it all that is under way, and whatever comes next finds no server. When that
happened, and which conversations are suspects, is read from transcripts here. Nothing is played.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clients.response import TOKEN
from clients.steps import Action
from clients.transcript import Kind, Transcript
from conformance.judging.model import Scenario
from conformance.judging.observation import methods_in, observe
from conformance.targets.liveness import NOT_THERE, NOTICED_WITHIN, Crash, Outage

# A conversation that did nothing within a second of a crash is not a suspect. Of the others, those nearest to
# the moment are enough.
_MOST_SUSPECTS = 60


@dataclass(frozen=True)
class CrashReport:
    """A crash in a run, and what is known of its cause."""

    crash: Crash
    cause: str | None
    """The id of the pair that caused it; None where no pair caused it again, alone."""
    suspects: tuple[str, ...]
    """The ids of the pairs that were under way, the most suspicious first."""


def refusals(transcripts: Iterable[Transcript]) -> tuple[Crash, ...]:
    """Return the crashes that conversations show: each time that connections began to be refused."""
    signs = []
    for transcript in transcripts:
        if transcript.nobody_there:
            signs.append((transcript.ended, True))
        connected = transcript.last(Kind.CONNECTED)
        if connected is not None:
            signs.append((connected, False))
    crashes, down = [], False
    for moment, refused in sorted(signs):
        if refused and not down:
            crashes.append(Crash(moment, NOT_THERE))
        down = refused
    return tuple(crashes)


def last_heard(transcripts: Iterable[Transcript]) -> float:
    """Return when the last byte came, by time.monotonic(); 0 when none came."""
    return max(
        (transcript.last(Kind.RECEIVED) or transcript.began for transcript in transcripts), default=0.0
    )


def suspects(crash: Crash, conversations: Mapping[str, Transcript]) -> tuple[str, ...]:
    """Return the names of the conversations that were under way at a crash, the most suspicious first.

    These are the ones that got no answer; and among them, those that sent something nearest to the moment.
    """

    def innocence(name: str) -> tuple[bool, float]:
        transcript = conversations[name]
        sent = transcript.last(Kind.SENT, Kind.RESET_SENT, Kind.HALF_CLOSED, Kind.FOLLOWED_UP)
        return bool(transcript.received), abs((transcript.began if sent is None else sent) - crash.moment)

    under_way = [
        name
        for name, transcript in conversations.items()
        if transcript.began <= crash.moment + NOTICED_WITHIN
        and transcript.ended >= crash.moment - NOTICED_WITHIN
        and transcript.last(Kind.CONNECTED) is not None
    ]
    return tuple(sorted(under_way, key=innocence)[:_MOST_SUSPECTS])


def is_hit(transcript: Transcript, crashes: Iterable[Crash], outages: Iterable[Outage]) -> bool:
    """Whether a crash or an outage fell into a conversation, or came very soon after it."""
    spans = [
        *((crash.moment, crash.moment) for crash in crashes),
        *((each.moment, each.ended) for each in outages),
    ]
    latest = transcript.ended + NOTICED_WITHIN
    return any(began <= latest and ended >= transcript.began for began, ended in spans)


def ban_after(transcript: Transcript, outage: Outage) -> str:
    """Return what an outage after a conversation shows, as a phrase that follows "the target"."""
    answers = observe(transcript, filled={}).answers
    refused = any(400 <= answer.status < 500 for answer in answers)
    kind = "malformed" if refused else "some"
    return f"refuses new connections for {outage.seconds:.1f} s after {kind} requests"


def controls_first(names: Sequence[str], controls: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names in their order, but each after those of its controls that are among them.

    controls: of each name, the name of its control, if it has one.
    """
    ordered: dict[str, None] = {}
    for name in names:
        chain = [name]
        while (control := controls.get(chain[-1])) is not None:
            chain.append(control)
        ordered |= dict.fromkeys(each for each in reversed(chain) if each in names)
    return tuple(ordered)


_FIELD_NAME = re.compile(rb"^(%b):" % TOKEN, re.MULTILINE)

# Of a longer write, the beginning tells what kind of request it is.
_TELLING = 65536

Trait = bytes | Action


def traits(scenario: Scenario) -> frozenset[Trait]:
    """Return what makes a scenario's requests of a kind: methods, names of field lines, and what is done."""
    sent = b"".join(step[:_TELLING] for step in scenario.send if isinstance(step, bytes))
    names = {name.lower() for name in _FIELD_NAME.findall(sent)}
    actions = {step for step in scenario.send if isinstance(step, Action)}
    return frozenset({*methods_in(sent), *names, *actions})


def telling_traits(crashed: Sequence[Scenario], survived: Iterable[Scenario]) -> frozenset[Trait]:
    """Return the traits that all scenarios share that crashed the target, and none that it survived."""
    if not crashed:
        return frozenset()
    shared = frozenset.intersection(*map(traits, crashed))
    return shared.difference(*map(traits, survived))
