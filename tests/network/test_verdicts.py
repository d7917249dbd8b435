"""A right server at the other end of a bad network gets the verdicts that it gets without it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from clients.conversation import Patience
from clients.steps import Action, Await, Identity, ServerName
from conformance.invariants.model import Invariant
from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Scenario, Verdict
from conformance.judging.outcomes import answers, closes, in_turn, stays_open
from conformance.scenarios import CORPUS, SCENARIOS
from conformance.targets.embedded import (
    IN_CLEAR,
    OVER_TLS,
    TRANSPORTS,
    WITH_CLIENT_CERTIFICATE,
    embedded_targets,
)
from conformance.targets.pace import MOST_CONNECTIONS, Pace
from conformance.targets.target import Target
from reference_server.mutants import MUTANTS
from tests.mutants.matrix import expanded, mutant_targets
from tests.network.runs import differences, play, through
from tests.network.sample import OUTCOMES, names, sample, traits
from tests.network.shapes import SHAPES

SAMPLE = sample(SCENARIOS)

Checks = Sequence[Scenario | Invariant]

EVERYTHING: Checks = (*SCENARIOS, *INVARIANTS)

WHOLE = "jittery"
"""The shape under which the whole corpus is played in any case."""

OTHERS = [name for name in SHAPES if name != WHOLE]


# Parts of all targets, so that they can be played side by side.
PARTS = {
    "in clear": (("http11",), [IN_CLEAR]),
    "over TLS": (("http11",), [OVER_TLS, WITH_CLIENT_CERTIFICATE]),
    "documented": (("documented",), TRANSPORTS),
}


FEW = 32
"""As many connections as a sample makes use of."""


def changed(
    shape: str, checks: Checks, targets: Sequence[Target], folder: Path, most: int = MOST_CONNECTIONS
) -> list[str]:
    """Return the verdicts that a network of that shape changes."""
    direct = play(targets, checks)
    with through(shape, targets, folder / "network.log") as carried:
        return differences(direct, play(carried, checks, most=most))


@pytest.mark.parametrize(("profiles", "transports"), PARTS.values(), ids=list(PARTS))
def test_the_whole_corpus_has_the_same_verdicts_over_a_jittery_network(
    profiles: Sequence[str], transports: Sequence[str], tmp_path: Path
) -> None:
    with embedded_targets(tmp_path / "server.log", profiles, transports=transports) as targets:
        assert changed(WHOLE, EVERYTHING, targets, tmp_path) == []


@pytest.mark.parametrize("shape", OTHERS)
def test_a_sample_has_the_same_verdicts_over_any_network(shape: str, tmp_path: Path) -> None:
    with embedded_targets(tmp_path / "server.log") as targets:
        assert changed(shape, SAMPLE, targets, tmp_path, FEW) == []


@pytest.mark.whole_network
@pytest.mark.parametrize("shape", OTHERS)
@pytest.mark.parametrize(("profiles", "transports"), PARTS.values(), ids=list(PARTS))
def test_the_whole_corpus_has_the_same_verdicts_over_any_network(
    shape: str, profiles: Sequence[str], transports: Sequence[str], tmp_path: Path
) -> None:
    with embedded_targets(tmp_path / "server.log", profiles, transports=transports) as targets:
        assert changed(shape, EVERYTHING, targets, tmp_path) == []


# What the comparison is worth


def test_waits_that_do_not_follow_the_network_change_verdicts(tmp_path: Path) -> None:
    short = Patience(quiet=0.05, silence=0.2, whole=10.0)
    pace = Pace(first=short, confirming=short, last=short)
    with (
        embedded_targets(tmp_path / "server.log", ["http11"], transports=[IN_CLEAR]) as targets,
        through("far", targets, tmp_path / "network.log") as carried,
    ):
        assert differences(play(targets, SAMPLE), play(carried, SAMPLE, pace=pace))


# What each is noticed by: an awaited response, a pause, and a segment of its own.
NOTICED = ["continue-never-sent", "late-body-taken-for-none", "later-segment-replaces-body"]


@pytest.mark.parametrize("name", NOTICED)
def test_a_wrong_server_is_noticed_over_a_bad_network(name: str, tmp_path: Path) -> None:
    noticing = [CORPUS[check] for check in expanded(MUTANTS[name].noticed_by) if check in CORPUS]
    assert noticing
    ids = {each.id for each in noticing}
    with (
        mutant_targets(MUTANTS[name], tmp_path / "mutant.log", ids) as targets,
        through("far", targets, tmp_path / "network.log") as carried,
    ):
        found = play(carried, noticing, most=FEW).findings.values()
    noticed = {finding.check.id for finding in found if finding.verdict is not Verdict.PASS}
    # Over a far network nobody knows when a segment has arrived; on a busy machine, two may arrive together.
    assert len(noticed) > len(ids) / 2


# The sample


def test_the_sample_has_every_trait_of_the_corpus() -> None:
    everything = frozenset[str]().union(*map(traits, SCENARIOS))
    assert frozenset[str]().union(*map(traits, SAMPLE)) == everything
    assert everything >= OUTCOMES
    steps = [*map(str, (*Action, *Await)), *(f"Handshake {each.name}" for each in (*Identity, *ServerName))]
    assert everything >= set(steps)


def test_the_sample_is_small_and_always_the_same() -> None:
    assert len(SAMPLE) < len(SCENARIOS) / 20
    assert sample(reversed(SCENARIOS)) == SAMPLE


def test_the_names_in_an_outcome_are_those_that_it_was_made_with() -> None:
    outcome = in_turn(answers(200), (answers(400) | stays_open) & closes)
    assert set(names(outcome)) == {"in_turn", "answers", "stays_open", "closes"}
