"""Whether a scenario applies to a target: what it needs, and whether its control passed."""

from conformance.judging.model import Need, Scenario, Verdict
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
