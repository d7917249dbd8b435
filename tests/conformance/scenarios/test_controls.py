"""A control asks for nothing that its scenarios do not ask for.

A scenario whose control does not pass says nothing about the server. So a control that asks for more than a
scenario needs hides what the scenario would have shown.
"""

import re
from collections.abc import Iterator

import pytest

from clients.steps import Action
from conformance.judging.model import Scenario
from conformance.judging.outcomes import SUCCESS, answers, closes, hangs_up, in_turn, interim, stays_open
from conformance.judging.witness_outcomes import sees, sees_argument
from conformance.scenarios import CORPUS, SCENARIOS

WITH_CONTROL = [scenario for scenario in SCENARIOS if scenario.control is not None]

EVERY_CONTROLLED = pytest.mark.parametrize(
    "scenario", WITH_CONTROL, ids=[scenario.id for scenario in WITH_CONTROL]
)

# What a request demands of a server beyond a plain GET, by how it shows in the bytes of a scenario. A name
# may be misspelt or hidden there: that it was written at all is what counts.
DEMANDS = {
    "content": re.compile(
        rb"content.length|transfer.encoding|^(post|put|patch)\b", re.IGNORECASE | re.MULTILINE
    ),
    "the chunked coding": re.compile(rb"transfer.encoding", re.IGNORECASE),
    "HTTP/1.0": re.compile(rb"http/1\.0", re.IGNORECASE),
    "Expect": re.compile(rb"^expect", re.IGNORECASE | re.MULTILINE),
    "Upgrade": re.compile(rb"^upgrade", re.IGNORECASE | re.MULTILINE),
    "a multipart form": re.compile(rb"multipart/form-data", re.IGNORECASE),
}

# Some scenarios send megabytes; what they demand stands in the first of them.
HEAD = 20_000


def asked(scenario: Scenario) -> frozenset[str]:
    """What a scenario is judged by beyond one final response."""
    tolerated = scenario.tolerate.asks if scenario.tolerate is not None else frozenset[str]()
    asks = scenario.accept.asks | tolerated
    # That a connection is closed shows something only where it would otherwise have stayed open.
    return asks | {"open"} if "close" in asks else asks


def demanded(scenario: Scenario) -> set[str]:
    sent = scenario.bytes_sent[:HEAD]
    demands = {name for name, pattern in DEMANDS.items() if pattern.search(sent)}
    return demands | ({"a half-close"} if Action.HALF_CLOSE in scenario.send else set())


def controls_of(scenario: Scenario) -> Iterator[Scenario]:
    while scenario.control is not None:
        scenario = CORPUS[scenario.control]
        yield scenario


@EVERY_CONTROLLED
def test_a_control_needs_no_capability_that_its_scenario_does_not_need(scenario: Scenario) -> None:
    assert CORPUS[str(scenario.control)].all_needs <= scenario.all_needs


@EVERY_CONTROLLED
def test_a_control_is_judged_by_nothing_that_its_scenario_is_not_judged_by(scenario: Scenario) -> None:
    assert sorted(CORPUS[str(scenario.control)].accept.asks - asked(scenario)) == []


@EVERY_CONTROLLED
def test_a_control_demands_nothing_of_a_server_that_its_scenario_does_not_demand(scenario: Scenario) -> None:
    assert sorted(demanded(CORPUS[str(scenario.control)]) - demanded(scenario)) == []


@EVERY_CONTROLLED
def test_what_the_wire_judges_depends_on_what_the_wire_judges(scenario: Scenario) -> None:
    if "witness" not in asked(scenario):
        assert [control.id for control in controls_of(scenario) if "witness" in control.accept.asks] == []


def test_what_an_outcome_asks_is_known_of_all_its_parts() -> None:
    seen = sees(version=b"HTTP/1.1", fields={b"X-Test": b"one"}) & stays_open
    assert seen.asks == {"witness", "version", "fields", "open"}
    assert (answers(SUCCESS) | hangs_up).asks == set()
    assert in_turn(sees(body=b"hello"), answers(SUCCESS)).asks == {"witness", "body", "open"}
    assert (sees(trailers={b"X-Test": None}) | (interim(100) & closes)).asks == {
        "witness",
        "trailers",
        "interim",
        "close",
    }
    assert sees_argument("a", "1").asks == {"witness", "forms"}
