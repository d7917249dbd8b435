"""The one parametrized test: each item is a scenario on a target. The command collects it."""

import pytest

from conformance.gate import Gate
from conformance.model import Finding, Verdict
from conformance.plugin import NotConforming


def test_conformance(finding: Finding, gate: Gate) -> None:
    """The target does what the scenario's clause asks, the clause does not apply, or the failure is known."""
    if finding.verdict is Verdict.NOT_APPLICABLE:
        pytest.skip(finding.reason)
    known = gate.excuse(finding.scenario.id, finding.verdict)
    if known is not None:
        pytest.xfail(known.reason)
    if finding.verdict is Verdict.ERROR or finding.verdict in gate.closing:
        raise NotConforming(finding)
