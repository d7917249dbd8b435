"""The one parametrized test: each item is a scenario on a target. The command collects it."""

import pytest

from conformance.model import Finding, Verdict
from conformance.plugin import NotConforming


def test_conformance(finding: Finding) -> None:
    """The target does what the scenario's clause asks, or the clause does not apply to it."""
    if finding.verdict is Verdict.NOT_APPLICABLE:
        pytest.skip(finding.reason)
    if finding.verdict in (Verdict.FAIL, Verdict.ERROR):
        raise NotConforming(finding)
