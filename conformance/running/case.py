"""What is known of one pair in a run, and what is to be done with it next.

A pair is played once beside the others. That stands, where it shows what cannot have come of haste or of a
crash; all else is played again. Everything here is a value or a pure function: nothing is played, and no time
passes. Which pair has its turn, and how it is played, is the business of the runner.

The rules of `next_step`, in their order:

- A crash of the target is the worst that a pair can show, and ends it. So does an error of our own.
- A pair whose control did not pass says nothing of the target.
- What is settled stands at once (`is_settled`). All else waits until everything was played once, and the
  causes of crashes were looked for (`TargetState.inquired`).
- What ended without a byte, as it also does when a server crashes, stands where the target did not crash
  then.
- A target that is lost for good can show no more.
- The rest is confirmed by a second play; and one that fails by silence once more is waited for with our last
  patience, for to be late is not to be silent.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto

from conformance.judging.model import Finding, Scenario, Verdict
from conformance.judging.verdict import Judgement
from conformance.running.applicability import rule_out
from conformance.running.findings import (
    crashed,
    fails_by_silence,
    is_settled,
    settles_if_alive,
    unjudged,
    unplayed,
)
from conformance.running.pairs import Pair


class Step(Enum):
    """What is to be done with a pair next."""

    PLAY = auto()
    """Play it beside the others."""
    WAIT = auto()
    """Nothing, until all was played once and the causes of crashes were looked for."""
    CONFIRM_ALONE = auto()
    """Play it again while nothing else is played."""
    OUTWAIT = auto()
    """Play it with the last patience, together with all else that is silent."""
    DECIDED = auto()
    """Nothing more: `decide` has the finding."""


@dataclass(frozen=True)
class TargetState:
    """What is known of a target as a whole, and matters to each of its pairs."""

    inquired: bool = False
    """Whether all was played once, and the causes of crashes were looked for."""
    lost: str | None = None
    """How it ended for good, as a phrase that follows "the target"; None while it can be asked."""
    cause: str | None = None
    """The id of the pair that it was lost to, if that is known."""
    under_way: tuple[str, ...] = ()
    """The ids of the pairs that were under way when it was lost, where the cause is not known."""


@dataclass(frozen=True)
class Case:
    """One pair, with all that its plays have shown so far."""

    pair: Pair
    plays: tuple[Finding, ...] = ()
    """What each play shows: beside the others, again, and with the last patience."""
    suspected: bool = False
    """Whether it was under way when the target crashed."""
    crash: str | None = None
    """How the target crashed when this was played alone, as a phrase that follows "the target"."""
    error: Finding | None = None
    """What ended it before it was judged: an error of our own, or the end of the run's time."""

    def played(self, finding: Finding) -> "Case":
        """Return the case with one more play."""
        return replace(self, plays=(*self.plays, finding))


def next_step(case: Case, control: Verdict | None, target: TargetState) -> Step:  # noqa: C901, PLR0911  (a table)
    """Return what is to be done next.

    control: the verdict on its control, if it has one and that is decided.
    """
    if case.crash is not None or case.error is not None or control not in (None, Verdict.PASS):
        return Step.DECIDED
    match case.plays:
        case () if target.lost is None:
            return Step.PLAY
        case () if target.inquired:
            return Step.DECIDED
        case ():
            return Step.WAIT
        case (first,) if is_settled(first):
            return Step.DECIDED
        case (_,) if not target.inquired:
            return Step.WAIT
        case (first,) if settles_if_alive(first) and not case.suspected:
            return Step.DECIDED
        case _ if target.lost is not None:
            return Step.DECIDED
        case (_,):
            return Step.CONFIRM_ALONE
        case (_, again) if fails_by_silence(again):
            return Step.OUTWAIT
    return Step.DECIDED


def begin(pair: Pair, scenario: Scenario) -> Case:
    """Make the case of a pair; it is decided at once where the target offers too little for the scenario."""
    ruled_out = rule_out(scenario, pair.target.offers, None, fields=pair.target.fields)
    return Case(pair, error=None if ruled_out is None else unplayed(pair, ruled_out))


def decide(case: Case, control: Finding | None, target: TargetState) -> Finding:
    """Return the finding of a case that is decided. control: the finding of its control, if it has one."""
    pair, scenario = case.pair, case.pair.scenario
    if case.error is not None:
        return case.error
    if case.crash is not None:
        return crashed(case.plays[-1], case.crash)
    if control is not None and isinstance(scenario, Scenario):
        judgement = Judgement(control.verdict, control.reason)
        ruled_out = rule_out(scenario, pair.target.offers, judgement, fields=pair.target.fields)
        if ruled_out is not None:
            return unplayed(pair, ruled_out)
    verdict = None if control is None else control.verdict
    if target.lost is not None and next_step(case, verdict, replace(target, lost=None)) is not Step.DECIDED:
        first = case.plays[0] if case.plays else None
        return unjudged(pair, first, target.lost, target.cause, target.under_way)
    return case.plays[-1]
