"""No scenario is vacuous: each passes on one canned conversation, and not on another."""

import pytest

from clients.transcript import Transcript
from conformance.judging.model import Scenario, Verdict
from conformance.judging.observation import observe
from conformance.judging.verdict import judge
from conformance.scenarios import SCENARIOS
from tests.conformance.canned_responses import TARGET, conversations, nothing_said

EVERY_SCENARIO = pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.id for scenario in SCENARIOS])


def verdict(scenario: Scenario, transcript: Transcript) -> Verdict:
    seen = observe(transcript, filled=TARGET.placeholders, witness=True, forms=True)
    return judge(scenario, seen).verdict


@EVERY_SCENARIO
def test_a_scenario_passes_on_one_conversation_and_not_on_another(scenario: Scenario) -> None:
    verdicts = {name: verdict(scenario, said) for name, said in conversations(scenario)}
    assert Verdict.PASS in verdicts.values(), verdicts
    assert set(verdicts.values()) != {Verdict.PASS}


@EVERY_SCENARIO
def test_a_scenario_never_passes_if_the_server_sends_nothing(scenario: Scenario) -> None:
    assert [name for name, said in nothing_said(scenario) if verdict(scenario, said) is Verdict.PASS] == []
