"""The matrix of mutants and checks: a broken rule is noticed by exactly the checks that are about it."""

from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from conformance.scenarios import CORPUS
from reference_server.mutants import MUTANTS, Mutant
from tests.mutants.matrix import CHECKS, Match, expanded, mutant_targets, proof, some_others
from tests.mutants.table import table
from tests.paths import DOCS

PAGE = DOCS / "mutants.md"

TRIES = 3

# Each needs a server of its own, and about a hundred break the same rule as another.
PROOF = proof(MUTANTS.values())

EVERY_MUTANT = pytest.mark.parametrize("mutant", MUTANTS.values(), ids=list(MUTANTS))


@pytest.mark.parametrize("mutant", PROOF, ids=[mutant.name for mutant in PROOF])
def test_a_mutant_is_noticed_by_the_checks_it_names_and_by_none_of_some_others(
    mutant: Mutant, tmp_path: Path
) -> None:
    wanted = expanded(mutant.noticed_by)
    # Any response may break an invariant.
    invariants = any(name.startswith("invariant.") for name in wanted)
    hold(mutant, wanted, None if invariants else wanted | some_others(mutant, wanted), tmp_path)


@pytest.mark.whole_matrix
@EVERY_MUTANT
def test_a_mutant_is_noticed_by_the_checks_it_names_and_by_no_other(mutant: Mutant, tmp_path: Path) -> None:
    hold(mutant, expanded(mutant.noticed_by), None, tmp_path)


def hold(mutant: Mutant, wanted: AbstractSet[str], played: AbstractSet[str] | None, folder: Path) -> None:
    """Play scenarios against a mutant, and compare those that notice it with those that should."""
    with mutant_targets(mutant, folder / "said.log", played) as targets:
        match = Match(targets, played)
        noticed = match.noticed()
        if (noticed ^ wanted) - CORPUS.keys():
            noticed = settled(noticed, match.noticed(), wanted)
        # On a busy machine a scenario may be late, or what it sends separately may arrive together.
        doubtful = (noticed ^ wanted) & CORPUS.keys()
        tries = {check: TRIES if check in wanted else 1 for check in doubtful}
        noticed -= doubtful
        noticed |= {
            check for check in doubtful if any(match.missed_alone(check) for _ in range(tries[check]))
        }
    assert sorted(noticed - wanted) == [], "these notice the mutant, but it does not name them"
    assert sorted(wanted - noticed) == [], "the mutant names these, but they do not notice it"


def settled(noticed: set[str], again: set[str], wanted: AbstractSet[str]) -> set[str]:
    """Believe an expected notice if one of two plays had it, and an unexpected one if both had it."""
    return (noticed & again) | ((noticed | again) & wanted)


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_fails_on_a_mutant(check: str) -> None:
    assert [mutant.name for mutant in MUTANTS.values() if check in expanded(mutant.noticed_by)]


@EVERY_MUTANT
def test_a_mutant_says_what_it_breaks(mutant: Mutant) -> None:
    assert mutant.breaks.endswith(".")
    assert "\n" not in mutant.breaks


def test_there_are_many_mutants() -> None:
    assert len(MUTANTS) >= 60


def test_the_page_of_mutants_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == table(MUTANTS.values()), "python -m tests.mutants --table"
