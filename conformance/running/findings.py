"""Findings: what is made of a pair and of what was played of it, and what a finding rests on.

A first look is not always believed: what says nothing, or fails, is to be seen a second time. When that is
played, and how, is not known here.
"""

from dataclasses import replace

from clients.response import Framing
from clients.transcript import Ending, Kind, Transcript
from conformance.invariants.model import Invariant
from conformance.judging.model import Finding, Need, Scenario, Verdict
from conformance.judging.observation import observe
from conformance.judging.sentences import expected, observed
from conformance.judging.verdict import Judgement, judge
from conformance.running.applicability import release
from conformance.running.pairs import Pair
from conformance.targets.limit import limits

# Verdicts that stand without a second look, unless they rest on silence.
_SETTLED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


def is_settled(finding: Finding) -> bool:
    """Whether a first finding stands at once. Silence is not believed at once, even where it is allowed.

    A pause is another matter: it is there to be kept silent, and its length follows the target's answers.
    """
    return settles_if_alive(finding) and not is_cut_off(finding)


def settles_if_alive(finding: Finding) -> bool:
    """Whether a first finding stands, provided that the target did not crash meanwhile."""
    return (
        finding.verdict in _SETTLED
        and not is_silent(finding)
        and not is_limited(finding)
        and (finding.verdict is Verdict.PASS or not is_cut(finding))
    )


def is_silent(finding: Finding) -> bool:
    """Whether the server sent nothing for as long as we listened."""
    transcript = finding.transcript
    return transcript is not None and (transcript.ending is Ending.SILENCE or transcript.awaited_in_vain)


def waits(finding: Finding) -> bool:
    """Whether most of its time was spent waiting: in a pause, or because the connection was left open.

    The server was asked to close it after the follow-up, and was given time to send something else.
    """
    transcript = finding.transcript
    return transcript is not None and (
        (transcript.ending is Ending.LEFT and transcript.answered_follow_up)
        or any(event.kind is Kind.PAUSED for event in transcript.events)
    )


def is_cut_off(finding: Finding) -> bool:
    """Whether the connection ended without a byte, as it also does when a server crashes."""
    transcript = finding.transcript
    return transcript is not None and transcript.ending.closed and not transcript.received


def is_cut(finding: Finding) -> bool:
    """Whether the server ended the connection before it had answered all that it was asked."""
    transcript, check = finding.transcript, finding.check
    if transcript is None or not transcript.ending.closed or not isinstance(check, Scenario):
        return False
    if transcript.received_before_follow_up is not None and not transcript.answered_follow_up:
        return True
    seen = observe(transcript, filled={})
    if seen.partial is not None or seen.rest or len(seen.answers) < max(1, check.accept.answers):
        return True
    # The end of the connection is the only sign that such an answer is complete.
    return seen.answers[-1].framing is Framing.CLOSE


def closes_unannounced(finding: Finding) -> bool:
    """Whether the server ended the connection though its last answer said that it would not."""
    transcript = finding.transcript
    if transcript is None or not transcript.ending.closed or transcript.answered_follow_up:
        return False
    answers = observe(transcript, filled={}).answers
    return bool(answers) and answers[-1].persists


def is_limited(finding: Finding) -> bool:
    """Whether an answer is one that a limit on requests gives, too."""
    transcript = finding.transcript
    return transcript is not None and limits(transcript)


def fails_by_silence(finding: Finding) -> bool:
    """Whether it is a failure that the server could have escaped by being quicker."""
    transcript = finding.transcript
    closes_the_gate = finding.verdict in (Verdict.FAIL, Verdict.RISK)
    return closes_the_gate and transcript is not None and transcript.ending is Ending.SILENCE


def judged(pair: Pair, scenario: Scenario, transcript: Transcript, first: Finding | None = None) -> Finding:
    """Judge what was played; of long conversations, the finding has only the ends of what was sent.

    first: what the first play shows, if this is one of confirmation.
    """
    target = pair.target
    seen = observe(
        transcript,
        filled=target.placeholders,
        witness=Need.WITNESS in target.offers,
        forms=Need.FORMS in target.offers,
        requests=max(1, scenario.accept.answers),
    )
    judgement = release(judge(scenario, seen), scenario.judged, seen, labels_http10=target.labels_http10)
    if first is not None and first.verdict is not judgement.verdict:
        changed = f"played again, since at first it was {first.verdict.value}: {first.observed}"
        judgement = replace(judgement, reason="; ".join(filter(None, (judgement.reason, changed))))
    kept = transcript.shortened()  # nothing more of it is judged
    return make_finding(pair, judgement, kept, observed(scenario, seen), replayed=first is not None)


def unplayed(pair: Pair, judgement: Judgement, *, own_error: bool = False) -> Finding:
    """Make the finding of a pair that was not played. own_error: whether that is a mistake of ours."""
    return make_finding(pair, judgement, None, own_error=own_error)


def unjudged(pair: Pair, first: Finding | None, why: str) -> Finding:
    """Make the finding of a pair that could not be judged.

    first: what its first play shows, if it was played. why: a phrase that follows "not judged:".
    """
    finding = first or unplayed(pair, Judgement(Verdict.ERROR))
    return replace(finding, verdict=Verdict.ERROR, reason=f"not judged: {why}")


def crashed(last: Finding, how: str) -> Finding:
    """Make the finding of a pair that crashed the target, which is a failure whatever else is true of it.

    last: what its last play shows. how: a phrase that follows "the target".
    """
    why = "this scenario crashed the target; a crash is a FAIL at every level"
    seen = f"{last.observed} Then the target {how}."
    return replace(last, verdict=Verdict.FAIL, observed=seen, reason=why, replayed=True, crash=how)


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
        check=pair.check,
        target=pair.target.name,
        verdict=judgement.verdict,
        expected=_expected(pair),
        observed=what_was_observed,
        reason=judgement.reason,
        transcript=transcript,
        replayed=replayed,
        seconds=transcript.events[-1].at if transcript and transcript.events else 0.0,
        own_error=own_error,
        breach=judgement.breach,
    )


def _expected(pair: Pair) -> str:
    if isinstance(pair.check, Invariant):
        return f"Every response {pair.check.rule}."
    return expected(pair.check, pair.target.placeholders)
