"""A server that understands nothing passes almost nothing, even if all its claims are believed."""

from dataclasses import replace

import pytest

from clients.conversation import Patience
from conformance.judging.model import Need, Verdict
from conformance.running.pairs import Pair
from conformance.running.runner import Runner
from conformance.scenarios import CORPUS, SCENARIOS
from conformance.targets.pace import Pace
from conformance.targets.target import locate
from tests.conformance.scenarios.null_servers import NULL_SERVERS, null_server
from tests.conformance.staged_server import Immortal

MOST_PASSED = 0.02

BRIEF = Patience(quiet=0.02, silence=0.2, whole=2.0)
HURRIED = Pace(first=BRIEF, confirming=BRIEF, last=BRIEF)


@pytest.mark.parametrize("name", NULL_SERVERS)
def test_a_null_server_passes_at_most_one_in_fifty(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "conformance.running.player.Liveness", Immortal
    )  # who answers no plain GET counts as dead
    with (
        null_server(NULL_SERVERS[name]) as url,
        Runner(CORPUS, pace=HURRIED) as runner,
    ):
        # As if it had the witness; without one, most scenarios would not apply.
        target = replace(locate(url), witness=b"/witness", offers=frozenset({Need.WITNESS, Need.FORMS}))
        pairs = [Pair(target, scenario) for scenario in SCENARIOS]
        findings = list(runner.findings(pairs))
    passed = [finding.check.id for finding in findings if finding.verdict is Verdict.PASS]
    assert not [finding for finding in findings if finding.verdict is Verdict.ERROR]
    assert len(passed) <= MOST_PASSED * len(SCENARIOS), passed
