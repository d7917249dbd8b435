"""The verdict: a pure function of a scenario and what was observed.

It holds the table of verdicts and nothing else: no sockets, no time, no knowledge of single scenarios. What
decides between a server's right and its wrong for the whole suite is decided here, once.
"""

from dataclasses import dataclass

from clients.transcript import Ending
from conformance.clauses import Level
from conformance.judging.model import Scenario, Verdict
from conformance.judging.observation import Observation

DEVIATION = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.INFO}
TOLERATED = {Level.MUST: Verdict.WARN, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.PASS}


@dataclass(frozen=True)
class Judgement:
    """A verdict, and why it is no plain pass or fail."""

    verdict: Verdict
    reason: str = ""


def judge(scenario: Scenario, seen: Observation) -> Judgement:
    """Judge what was seen, given that nothing rules the scenario out."""
    # A server that accepts no connection after we aborted one may have died of it, which is a finding.
    if seen.transcript.ending is Ending.REFUSED and not seen.transcript.was_reset:
        return Judgement(Verdict.ERROR, f"the target accepted no connection: {seen.transcript.note}")
    accepted = scenario.accept.holds(seen)
    if accepted:
        return Judgement(Verdict.PASS)
    if scenario.tolerate is not None and scenario.tolerate.holds(seen):
        return Judgement(TOLERATED[scenario.level], f"tolerated: the server {scenario.tolerate}")
    # A server may close a connection at any time (RFC 9112, 9.5), so hanging up where an error status is due,
    # or between pipelined requests, is impolite rather than wrong. A clause that asks for a close lists it in
    # `accept`.
    tolerated = scenario.tolerate is not None and scenario.tolerate.excuse(seen)
    if scenario.accept.excuse(seen) or tolerated:
        return Judgement(
            TOLERATED[scenario.level], "tolerated: a server may close at any time (RFC 9112, 9.5)"
        )
    if accepted is None:
        missing = "does not report what" if seen.witness else "is not mounted, and nothing else"
        return Judgement(Verdict.NOT_APPLICABLE, f"the witness {missing} could show how this was understood")
    return Judgement(DEVIATION[scenario.level])
