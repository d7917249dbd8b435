"""Findings: what is made of a pair and of what was played of it, and when that stands.

A first look is not always believed: what says nothing, or fails, is to be seen a second time. Who plays, and
how often, is the business of the runner.
"""

from dataclasses import replace

from clients.transcript import Ending, Transcript
from conformance.invariants.model import Invariant
from conformance.judging.model import Finding, Need, Scenario, Verdict
from conformance.judging.observation import observe
from conformance.judging.sentences import expected, observed
from conformance.judging.verdict import Judgement, judge
from conformance.running.pairs import Pair
from conformance.targets.liveness import Loss

# Verdicts that stand without a second look, unless they rest on silence.
SETTLED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


def is_settled(finding: Finding) -> bool:
    """Whether a first finding stands. That a server said nothing is not believed at once, even where it may.

    A pause is another matter: it is there to be kept silent, and its length follows the target's answers.
    """
    return finding.verdict in SETTLED and not is_silent(finding) and not is_cut_off(finding)


def is_silent(finding: Finding) -> bool:
    """Whether the server said nothing for as long as it was listened to."""
    said = finding.transcript
    return said is not None and (said.ending is Ending.SILENCE or said.awaited_in_vain)


def is_cut_off(finding: Finding) -> bool:
    """Whether the connection ended without a word, as it does as well when a server dies."""
    said = finding.transcript
    return said is not None and said.ending.closed and not said.received


def fails_by_silence(finding: Finding) -> bool:
    """Whether it is a failure that the server might have escaped by being quicker."""
    said = finding.transcript
    return finding.verdict is Verdict.FAIL and said is not None and said.ending is Ending.SILENCE


UNSEEN = Judgement(Verdict.ERROR)

# More names say no more.
_MOST_NAMED = 5


def unjudged(first: Finding, gone: str, losses: tuple[Loss, ...]) -> Finding:
    """The finding where the target has died for good, and nothing can be confirmed any more."""
    suspects = losses[-1].suspects if losses and not losses[-1].culprit else ()
    names = ", ".join(suspects[:_MOST_NAMED])
    more = f" and {len(suspects) - _MOST_NAMED} more" if len(suspects) > _MOST_NAMED else ""
    who = losses[-1].culprit if losses else ""
    while_playing = f", of {who}" if who else f", while we played {names}{more}" if names else ""
    why = f"not judged: the target {gone} in the run and did not come back{while_playing}"
    return replace(first, verdict=Verdict.ERROR, reason=why)


def judged(pair: Pair, scenario: Scenario, transcript: Transcript, first: Finding | None = None) -> Finding:
    """Judge what was played. first: what an earlier play showed, if this is one of confirmation."""
    target = pair.target
    seen = observe(
        transcript,
        filled=target.placeholders,
        witness=Need.WITNESS in target.offers,
        forms=Need.FORMS in target.offers,
    )
    judgement = judge(scenario, seen)
    if first is not None and first.verdict is not judgement.verdict:
        said = f"played again alone, since at first it was {first.verdict.value}: {first.observed}"
        judgement = Judgement(judgement.verdict, "; ".join(filter(None, (judgement.reason, said))))
    return make_finding(pair, judgement, transcript, observed(scenario, seen), replayed=first is not None)


def make_finding(
    pair: Pair,
    judgement: Judgement,
    transcript: Transcript | None,
    what_was_observed: str = "Not played.",
    *,
    replayed: bool = False,
    own_error: bool = False,
) -> Finding:
    """Make a finding of a judgement and what it rests on; see `Finding`."""
    return Finding(
        scenario=pair.scenario,
        target=pair.target.name,
        verdict=judgement.verdict,
        expected=_expected(pair),
        observed=what_was_observed,
        reason=judgement.reason,
        transcript=transcript,
        replayed=replayed,
        seconds=transcript.events[-1].at if transcript and transcript.events else 0.0,
        own_error=own_error,
    )


def _expected(pair: Pair) -> str:
    if isinstance(pair.scenario, Invariant):
        return f"Every response {pair.scenario.rule}."
    return expected(pair.scenario, pair.target.placeholders)
