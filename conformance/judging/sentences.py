"""What a clause allows and what a server did, as sentences about the server; no verdict depends on them."""

from collections.abc import Mapping, Sequence

from clients.response import Response
from conformance.judging.model import Scenario
from conformance.judging.observation import Observation
from conformance.judging.outcomes import join_and
from conformance.judging.placeholders import fill
from conformance.text import show


def expected(scenario: Scenario, filled: Mapping[bytes, bytes]) -> str:
    """Return what the clause allows, as a sentence about the server with the placeholders filled in."""
    return f"The server {fill(scenario.accept.text.encode(), filled).decode()}."


def observed(scenario: Scenario, seen: Observation) -> str:
    """Return what the server did, as a sentence about it."""
    ending = seen.transcript.ending
    what = [f"sent {_statuses(seen.interims)}"] if seen.interims else []
    if seen.answers:
        what.append(f"answered {_statuses(seen.answers)}")
    if seen.partial is not None:
        what.append(f"began a {seen.partial.status} response that it did not finish")
    if seen.rest and seen.partial is None:
        what.append(f"sent bytes that are not an HTTP response ({show(seen.rest, seen.rest_size)})")
    if seen.silent and ending.closed:
        what.append("sent no response")
    if len(seen.later) > 1:
        what.append(f"answered a follow-up request {len(seen.later)} times")
    what.append("kept the connection open" if seen.later else ending.value)
    note = f" ({seen.transcript.note})" if seen.transcript.note and not seen.later else ""
    detail = scenario.accept.detail(seen)
    return f"The server {join_and(what)}{note}{'; ' + detail if detail else ''}."


# However many responses a server sends, the sentence stays short.
_MOST_STATUSES = 12


def _statuses(responses: Sequence[Response]) -> str:
    shown = ", then ".join(str(response.status) for response in responses[:_MOST_STATUSES])
    more = len(responses) - _MOST_STATUSES
    return f"{shown}, and {more} more" if more > 0 else shown
