"""The verdict: a pure function of a scenario and what was observed.

It holds the table of verdicts and nothing else: no sockets, no time, no knowledge of single scenarios. What
decides between a server's right and its wrong for the whole suite is decided here, once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clients.response import Response
from clients.transcript import Ending
from conformance.added_fields import names_any, takes_fields
from conformance.clauses import Level
from conformance.model import Need, Scenario, Verdict
from conformance.observation import Observation, fill
from conformance.responses import Look
from conformance.words import show

_DEVIATION = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.INFO}
_TOLERATED = {Level.MUST: Verdict.WARN, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.PASS}


@dataclass(frozen=True)
class Judgement:
    """A verdict, and why it is no plain pass or fail."""

    verdict: Verdict
    reason: str = ""


def rule_out(
    scenario: Scenario, offered: frozenset[Need], control: Judgement | None, *, fields: bytes = b""
) -> Judgement | None:
    """Judge without having looked, where nothing that could be seen would say anything of the server.

    offered: what the target has. control: what was judged of the scenario's control; None when it has none.
    fields: what has to be added to every request.
    """
    missing = sorted((need for need in scenario.all_needs if need not in offered), key=lambda need: need.name)
    if missing:
        return Judgement(Verdict.NOT_APPLICABLE, missing[0].value)
    if fields and not takes_fields(scenario.send, scenario.accept.answers):
        return Judgement(Verdict.NOT_APPLICABLE, "its requests have no place for the fields of --header")
    if fields and names_any(fields, scenario.bytes_sent, str(scenario.accept), str(scenario.tolerate)):
        return Judgement(Verdict.NOT_APPLICABLE, "it is about a field that --header adds")
    if control is None or control.verdict is Verdict.PASS:
        return None
    if control.verdict is Verdict.NOT_APPLICABLE:
        return control
    return Judgement(
        Verdict.NOT_APPLICABLE, f"its control {scenario.control} did not pass ({control.verdict.value})"
    )


def judge(scenario: Scenario, seen: Observation) -> Judgement:
    """Judge what was seen, given that nothing rules the scenario out."""
    # A server that accepts no connection after we aborted one may have died of it, which is a finding.
    if seen.transcript.ending is Ending.REFUSED and not seen.transcript.was_reset:
        return Judgement(Verdict.ERROR, f"the target accepted no connection: {seen.transcript.note}")
    accepted = scenario.accept.holds(seen)
    if accepted:
        return Judgement(Verdict.PASS)
    if scenario.tolerate is not None and scenario.tolerate.holds(seen):
        return Judgement(_TOLERATED[scenario.level], f"tolerated: the server {scenario.tolerate}")
    # A server may close a connection at any time (RFC 9112, 9.5), so hanging up where an error status is due,
    # or between pipelined requests, is impolite rather than wrong. A clause that asks for a close lists it in
    # `accept`.
    tolerated = scenario.tolerate is not None and scenario.tolerate.excuse(seen)
    if scenario.accept.excuse(seen) or tolerated:
        return Judgement(
            _TOLERATED[scenario.level], "tolerated: a server may close at any time (RFC 9112, 9.5)"
        )
    if accepted is None:
        missing = "does not report what" if seen.witness else "is not mounted, and nothing else"
        return Judgement(Verdict.NOT_APPLICABLE, f"the witness {missing} could show how this was understood")
    return Judgement(_DEVIATION[scenario.level])


def judge_look(level: Level, looked: Look) -> Judgement:
    """Judge a rule for every response by what a look at all of them showed."""
    if not looked.applicable:
        return Judgement(Verdict.NOT_APPLICABLE, "no response of the run was of this kind")
    if looked.broken:
        return Judgement(_DEVIATION[level], f"{looked.broken} of {looked.applicable} responses are so")
    return Judgement(Verdict.PASS)


def expected(scenario: Scenario, filled: Mapping[bytes, bytes]) -> str:
    """Say what the clause allows, as a sentence about the server; its placeholders are filled in."""
    return f"The server {fill(scenario.accept.text.encode(), filled).decode()}."


def observed(scenario: Scenario, seen: Observation) -> str:
    """Say what the server did, as a sentence about it."""
    ending = seen.transcript.ending
    what = [f"sent {_statuses(seen.interims)}"] if seen.interims else []
    if seen.answers:
        what.append(f"answered {_statuses(seen.answers)}")
    if seen.partial is not None:
        what.append(f"began a {seen.partial.status} response that it did not finish")
    if seen.rest and seen.partial is None:
        what.append(f"sent what is no HTTP response ({show(seen.rest)})")
    if seen.silent and ending.closed:
        what.append("answered nothing")
    if len(seen.later) > 1:
        what.append(f"answered a follow-up request {len(seen.later)} times")
    what.append("kept the connection open" if seen.later else ending.value)
    note = f" ({seen.transcript.note})" if seen.transcript.note and not seen.later else ""
    detail = scenario.accept.detail(seen)
    return f"The server {_series(what)}{note}{'; ' + detail if detail else ''}."


# A server that answers without end must not make a sentence without end.
_MOST_STATUSES = 12


def _statuses(responses: Sequence[Response]) -> str:
    shown = ", then ".join(str(response.status) for response in responses[:_MOST_STATUSES])
    more = len(responses) - _MOST_STATUSES
    return f"{shown}, and {more} more" if more > 0 else shown


def _series(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
