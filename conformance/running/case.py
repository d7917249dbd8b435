"""What is known of one pair in a run, and what is to be done with it next.

A pair is played once beside the others. That stands where it shows what cannot have come of haste or of a
crash; all else is played again. Everything here is a value or a pure function: nothing is played, and no time
passes. Which pair has its turn, and how it is played, is the business of the runner.

The rules of `next_step`, in their order:

- A crash of the target is the worst that a pair can show, and ends it. So does an error of our own.
- What was not played yet is played, whatever its control shows: the target may crash of it.
- What is settled stands as soon as its control has passed (`is_settled`). All else waits until everything was
  played once, and the causes of crashes were looked for (`TargetState.inquired`).
- A suspect is played alone, to see whether the target crashes; this comes before anything else that could
  decide it, for a crash is a failure whatever else is true. A suspect that is cleared is a pair like the
  others.
- A pair whose control did not pass says nothing of the target.
- What ended without a byte, as it also does when a server crashes, stands where the target did not crash
  then.
- A target that is lost can show no more; and one that crashes of everything is not asked for more of the
  same.
- The rest is confirmed. What was answered wrongly is played alone. What was silent is waited for together
  with all else that was, longest where silence is a failure, for to be late is not to be silent. What was cut
  short is played several times more, for some targets cut their answers by chance.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto

from conformance.judging.model import Finding, Scenario, Verdict
from conformance.judging.verdict import Judgement
from conformance.running.applicability import rule_out
from conformance.running.findings import (
    crashed,
    fails_by_silence,
    is_cut,
    is_settled,
    is_silent,
    settles_if_alive,
    unjudged,
    unplayed,
    waits,
)
from conformance.running.pairs import Pair

# How often a deviation is played in all that rests on an answer cut short: on any target, and on one that was
# seen to cut by chance.
_PLAYS_OF_WHAT_IS_CUT = 3
_PLAYS_ON_A_TARGET_THAT_CUTS = 8

MOST_VOID = 3
"""So often a play may be void, because the target was away, before it is not repeated any more."""


class Step(Enum):
    """What is to be done with a pair next."""

    PLAY = auto()
    """Play it beside the others."""
    WAIT = auto()
    """Nothing, until all was played once and the causes of crashes were looked for."""
    ACCUSE = auto()
    """Play it while nothing else is played, to see whether the target crashes."""
    CONFIRM_ALONE = auto()
    """Play it again while nothing else is played."""
    CONFIRM_TOGETHER = auto()
    """Play it again together with all else that has to be waited for."""
    OUTWAIT = auto()
    """Play it with the last patience, together with all else whose silence is a failure."""
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
    crashes: int = 0
    """How many pairs were seen to crash it."""
    exhausted: bool = False
    """Whether that is enough, so that no more suspects are played."""
    cuts: bool = False
    """Whether it was seen to cut an answer short that it gave whole to the same requests another time."""


@dataclass(frozen=True)
class Case:
    """One pair, with all that its plays have shown so far."""

    pair: Pair
    plays: tuple[Finding, ...] = ()
    """What each play shows: beside the others, again, and with the last patience."""
    suspected: bool = False
    """Whether it was under way when the target crashed, and has not been cleared since."""
    cleared: bool = False
    """Whether it was played alone since, and the target lived."""
    void: int = 0
    """How many plays are not counted, because the target was away meanwhile."""
    alike: bool = False
    """Whether it sends the same kind of request as what crashed the target."""
    crash: str | None = None
    """How the target crashed when this was played alone, as a phrase that follows "the target"."""
    error: Finding | None = None
    """What ended it before it was judged: an error of our own, or the end of the run's time."""

    def played(self, finding: Finding) -> "Case":
        """Return the case with one more play."""
        return replace(self, plays=(*self.plays, finding))


def next_step(case: Case, control: Verdict | None, target: TargetState) -> Step:  # noqa: PLR0911  (a table)
    """Return what is to be done next.

    control: the verdict on its control, if it has one and that is decided.
    """
    if case.crash is not None or case.error is not None:
        return Step.DECIDED
    if _is_given_up(case, target):
        return Step.DECIDED if target.inquired else Step.WAIT
    if not case.plays:
        return Step.PLAY
    if is_settled(case.plays[0]):
        return Step.DECIDED
    if not target.inquired:
        return Step.WAIT
    if case.suspected:
        return Step.ACCUSE
    if control not in (None, Verdict.PASS):
        return Step.DECIDED
    return _confirmation(case.plays, target)


def _is_given_up(case: Case, target: TargetState) -> bool:
    """Whether no more can be seen of a case, because of what became of its target."""
    if case.plays and (
        is_settled(case.plays[0]) or (len(case.plays) > 1 and not _needs_more(case.plays, target))
    ):
        return False
    if case.plays and settles_if_alive(case.plays[0]) and not case.suspected:
        return False
    return target.lost is not None or (target.exhausted and (case.suspected or case.alike))


def _needs_more(plays: tuple[Finding, ...], target: TargetState) -> bool:
    return _confirmation(plays, target) is not Step.DECIDED


def _confirmation(plays: tuple[Finding, ...], target: TargetState) -> Step:
    """Return how a case is confirmed whose target lives, and that is not suspected."""
    match plays:
        case (first,) if settles_if_alive(first):
            return Step.DECIDED
        case (first,) if fails_by_silence(first):
            return Step.OUTWAIT
        case (first,) if is_silent(first) or waits(first):
            return Step.CONFIRM_TOGETHER
        case (_,):
            return Step.CONFIRM_ALONE
        case (first, again) if fails_by_silence(again) and not fails_by_silence(first):
            return Step.OUTWAIT
    most = _PLAYS_ON_A_TARGET_THAT_CUTS if target.cuts else _PLAYS_OF_WHAT_IS_CUT
    return Step.CONFIRM_ALONE if len(plays) < most and _rests_on_a_cut(plays) else Step.DECIDED


def _rests_on_a_cut(plays: tuple[Finding, ...]) -> bool:
    """Whether the last play is a deviation that was cut short, and none that was not has the same verdict."""
    *before, last = plays
    if last.verdict is Verdict.PASS or not is_cut(last):
        return False
    return all(play.verdict is not last.verdict or is_cut(play) for play in before)


def begin(pair: Pair, scenario: Scenario) -> Case:
    """Make the case of a pair; it is decided at once where the target offers too little for the scenario."""
    ruled_out = rule_out(scenario, pair.target.offers, None, fields=pair.target.fields)
    return Case(pair, error=None if ruled_out is None else unplayed(pair, ruled_out))


def decide(case: Case, control: Finding | None, target: TargetState) -> Finding:
    """Return the finding of a case that is decided. control: the finding of its control, if it has one."""
    pair, scenario = case.pair, case.pair.check
    if case.error is not None:
        return case.error
    if case.crash is not None:
        return crashed(case.plays[-1], case.crash)
    first = case.plays[0] if case.plays else None
    if _is_given_up(case, target):
        return unjudged(pair, first, _why_given_up(target))
    if control is not None and isinstance(scenario, Scenario):
        judgement = Judgement(control.verdict, control.reason)
        ruled_out = rule_out(scenario, pair.target.offers, judgement, fields=pair.target.fields)
        if ruled_out is not None:
            return replace(unplayed(pair, ruled_out), failed_control=_failed(control))
    if target.cuts and _is_cut_by_chance(case.plays):
        return unjudged(pair, case.plays[-1], f"the target cuts answers short by chance, {_EACH_TIME}")
    return case.plays[-1]


_EACH_TIME = f"and cut this differently each of {_PLAYS_ON_A_TARGET_THAT_CUTS} times"


def _is_cut_by_chance(plays: tuple[Finding, ...]) -> bool:
    """Whether a deviation rests on cuts that were not the same each time."""
    return _rests_on_a_cut(plays) and len({play.observed for play in plays}) > 1


def _failed(control: Finding) -> Finding | None:
    """Return the control that did not pass; None where it could not be judged itself."""
    unjudged = control.verdict in (Verdict.NOT_APPLICABLE, Verdict.ERROR)
    return control.failed_control if unjudged else control


# More names say no more.
_MOST_NAMED = 5


def _why_given_up(target: TargetState) -> str:
    """Return a phrase that follows "not judged:"."""
    if target.lost is None:
        return (
            f"the target had crashed or hung on {target.crashes} scenarios, "
            "and this one was under way or sends the same kind of request"
        )
    names = ", ".join(target.under_way[:_MOST_NAMED])
    more = len(target.under_way) - _MOST_NAMED
    names += f" and {more} more" if more > 0 else ""
    of = f", of {target.cause}" if target.cause else f", while we played {names}" if names else ""
    return f"the target {target.lost} in the run and did not come back{of}"
