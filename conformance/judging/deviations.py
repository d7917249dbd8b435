"""Outcomes that break a clause of their own: what a server may do in place of what it should.

Scenarios name them in their breaches. They read an observation and know neither scenarios nor verdicts.
"""

from dataclasses import replace

from clients.transcript import Ending
from conformance.judging.observation import Observation
from conformance.judging.outcomes import Outcome, in_step

does_not_close = Outcome(
    "does not close the connection",
    lambda seen: not seen.transcript.ending.closed,
    answers=0,
)


def leaves_unanswered(requests: int) -> Outcome:
    """The server keeps the connection open, but has answered fewer requests than that."""

    def holds(seen: Observation) -> bool:
        fewer = len(seen.answers) < requests and not (seen.rest or seen.partial)
        return fewer and seen.transcript.ending is Ending.SILENCE

    answers = "an answer" if requests == 1 else f"{requests} answers"
    return Outcome(f"keeps the connection open without {answers}", holds, answers=0)


def out_of_step(requests: int = 1) -> Outcome:
    """The server answers more than that many requests, or does not understand the one that follows."""

    def holds(seen: Observation) -> bool:
        # Bytes that are not a response do not show how the request was read.
        return in_step.holds(replace(seen.at(requests - 1), rest=b"", partial=None)) is False

    return Outcome("treats some of these bytes as another request", holds, answers=0)
