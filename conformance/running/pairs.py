"""Pairs: which check is played with which target, and what is sent in it. Nothing is played here."""

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate
from functools import cached_property

from clients.conversation import Conversation
from clients.delivery import Delivery, whole
from clients.steps import Action, last_connection
from conformance.invariants.model import Invariant
from conformance.judging.model import Need, Scenario
from conformance.judging.observation import methods_in
from conformance.judging.placeholders import fill, length_after_head
from conformance.targets.extra_fields import with_fields
from conformance.targets.target import Target


@dataclass(frozen=True)
class Pair:
    """A check, and a target to judge by it: a scenario to play, or an invariant to look for."""

    target: Target
    check: Scenario | Invariant

    @property
    def id(self) -> str:
        """Unique in a run."""
        return f"{self.target.name}/{self.check.id}"

    @cached_property
    def length(self) -> float:
        """Roughly how long it lasts, in quiet windows, judged by its steps."""
        if isinstance(self.check, Invariant):
            return 0.0
        steps = self.check.send
        late = b"<slow>" in self.check.placeholders
        return steps.count(Action.PAUSE) + _OF_A_SEGMENT * steps.count(Action.SEGMENT) + late


# Each segment boundary costs milliseconds, in quiet windows. A slow witness adds its delay.
_OF_A_SEGMENT = 0.01


def pair_up(targets: Iterable[Target], checks: Iterable[Scenario | Invariant]) -> tuple[Pair, ...]:
    """Pair each check with every target of its profile that offers what it needs, target by target.

    A check that no target offers enough for is paired with the first of its profile, so that it is shown as
    not applicable rather than not at all.
    """
    everything = tuple(targets)
    pairs = []
    for scenario in checks:
        candidates = [target for target in everything if target.profile == scenario.profile]
        fit = [target for target in candidates if _fits(target, scenario.all_needs)]
        pairs += [Pair(target, scenario) for target in fit or candidates[:1]]
    return tuple(sorted(pairs, key=lambda pair: everything.index(pair.target)))


def _fits(target: Target, needs: frozenset[Need]) -> bool:
    return needs <= target.offers and (target.reserved_for is None or target.reserved_for in needs)


def converse(target: Target, scenario: Scenario, delivery: Delivery = whole) -> Conversation:
    """Return the conversation of a scenario with a target: its steps, with the placeholders filled in."""
    filled = dict(target.placeholders)
    send = with_fields(scenario.send, target.fields)
    if b"<length>" in scenario.placeholders:
        template = b"".join(step for step in send if isinstance(step, bytes))
        filled[b"<length>"] = length_after_head(fill(template, filled))
    if b"<date>" in scenario.placeholders:
        filled[b"<date>"] = formatdate(usegmt=True).encode("ascii")
    steps = tuple(fill(step, filled) if isinstance(step, bytes) else step for step in send)
    sent = b"".join(step for step in last_connection(steps) if isinstance(step, bytes))
    echoed = _MOST_ESCAPED * len(sent)
    return Conversation(
        steps,
        methods_in(sent),
        scenario.accept.answers,
        target.follow_up(),
        delivery,
        room=_MUCH if b"<size>" in scenario.placeholders else Conversation.room + echoed,
        kept=Conversation.kept + echoed,
    )


# An echo may escape what was sent, which makes it several times as long. Only a scenario that asks for much
# may get much.
_MOST_ESCAPED = 8
_MUCH = 16 * 1024 * 1024
