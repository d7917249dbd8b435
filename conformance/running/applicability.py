"""Whether a scenario applies to a target: what it needs, and whether its control passed."""

from conformance.clauses import Clause
from conformance.judging.model import Need, Scenario, Verdict
from conformance.judging.observation import Observation
from conformance.judging.verdict import Judgement
from conformance.targets.extra_fields import names_any, takes_fields


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
    if control.verdict in (Verdict.NOT_APPLICABLE, Verdict.ERROR):
        return control  # its reason is the reason for this, too
    return Judgement(
        Verdict.NOT_APPLICABLE, f"its control {scenario.control} did not pass ({control.verdict.value})"
    )


_SINCE_HTTP11 = "1.1"
NEW_IN_HTTP11 = "the server labels its responses HTTP/1.0, and HTTP/1.1 added this rule"


def release(judgement: Judgement, judged: Clause, seen: Observation, *, labels_http10: bool) -> Judgement:
    """Judge a server of HTTP/1.0 by what HTTP/1.0 has: what HTTP/1.1 added does not bind it.

    judged: the clause that the judgement is by, unless it names a breach. labels_http10: whether the server
    labelled its responses so before the run. One that labels any response in the conversation HTTP/1.1 is
    still held to it, and so is one that answers what is not a request.
    """
    if judgement.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.ERROR):
        return judgement
    held = not labels_http10 or seen.labels_http11 or seen.has_more_answers_than_requests
    clause = judged if judgement.breach is None else judgement.breach.clause
    if held or clause.since != _SINCE_HTTP11:
        return judgement
    return Judgement(Verdict.NOT_APPLICABLE, NEW_IN_HTTP11)
