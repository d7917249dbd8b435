"""The verdict: a pure function of a scenario and what was observed.

It holds the rules that are the same for every scenario: accepted comes before tolerated, a close may be
excused, what else was seen may break another clause than the judged one, and an unknown outcome is never a
pass. It knows no sockets, no time and no single scenario. `conformance.running.applicability` decides whether
a scenario applies to a target at all; `conformance.judging.sentences` writes the sentences of a finding.
"""

from dataclasses import dataclass

from clients.transcript import Ending
from conformance.clauses import Level
from conformance.judging.model import Breach, Scenario, Verdict
from conformance.judging.observation import Observation
from conformance.judging.refusals import serves_garbled

# The verdict on an outcome that is tolerated, or excused because a server may close at any time.
TOLERATED = {Level.MUST: Verdict.WARN, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.PASS}

# The verdict on a refusal with another status than the one that is due: the request was not served.
_OTHER_STATUS = {Level.MUST: Verdict.WARN, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.INFO}
OTHER_STATUS = "refused with another status than the one that is due"

# Why what closes the connection is not excused: the request was served.
GARBLED = "answered with what is not an HTTP response"

# Why an outcome that only the witness could show is not judged.
_UNSEEN = "without a witness, how the server understood this cannot be seen"
_UNREPORTED = "the witness does not report how the server understood this"


@dataclass(frozen=True)
class Judgement:
    """A verdict, and the reason for it if it is not a plain pass or fail."""

    verdict: Verdict
    reason: str = ""
    breach: Breach | None = None  # what was seen, where it breaks another clause than the judged one


def judge(scenario: Scenario, seen: Observation) -> Judgement:
    """Judge an observation of a scenario that applies to the target, and whose control passed."""
    # If the target refuses a connection after we reset one, the reset may have crashed it: that is a finding.
    if seen.transcript.ending is Ending.REFUSED and not seen.transcript.was_reset:
        return Judgement(Verdict.ERROR, f"the target accepted no connection: {seen.transcript.note}")
    accepted = scenario.accept.holds(seen)
    if accepted:
        return Judgement(Verdict.PASS)
    lenient = _judge_leniently(scenario, seen)
    if lenient is not None:
        return lenient
    if accepted is None:
        return Judgement(Verdict.NOT_APPLICABLE, _UNREPORTED if seen.witness else _UNSEEN)
    breach = next((breach for breach in scenario.breaches if breach.seen.holds(seen)), None)
    closed_unanswered = seen.transcript.ending.closed and not (seen.answers or seen.later)
    reason = GARBLED if closed_unanswered and serves_garbled(seen) else ""
    return Judgement((breach or scenario).deviation, reason, breach)


def _judge_leniently(scenario: Scenario, seen: Observation) -> Judgement | None:
    """Judge what is not accepted, but is not the deviation that the clause is about; None if it is."""
    accept, tolerate, level = scenario.accept, scenario.tolerate, scenario.level
    if tolerate is not None and tolerate.holds(seen):
        return Judgement(TOLERATED[level], f"tolerated: the server {tolerate}")
    if accept.holds(seen) is False and accept.refuses(seen):
        return Judgement(_OTHER_STATUS[level], OTHER_STATUS)
    # A server may close a connection at any time (RFC 9112, 9.5), so a close instead of an error status, or
    # between pipelined requests, is impolite rather than wrong. If the clause wants a close, `accept` has it.
    if accept.excuse(seen) or (tolerate is not None and tolerate.excuse(seen)):
        return Judgement(TOLERATED[level], "tolerated: a server may close at any time (RFC 9112, 9.5)")
    return None
