"""The matrix of mutants and checks: a broken rule is noticed by exactly the checks that are about it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from conformance.judging.model import Verdict
from conformance.scenarios import CORPUS
from reference_server.mutants import MUTANTS, Mutant
from tests.mutants.clauses import broken_clause, due_verdict, proving_checks
from tests.mutants.matrix import CHECKS, MISSED, Match, expanded, mutant_targets, proof, some_others
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
    due, proving = due_verdict(mutant), set(proving_checks(mutant))
    with mutant_targets(mutant, folder / "said.log", played) as targets:
        match = Match(targets, played)
        noticed = match.noticed()
        if (noticed.keys() ^ wanted) - CORPUS.keys():
            noticed = settled(noticed, match.noticed(), wanted)
        # On a busy machine a scenario may be late, or what it sends separately may arrive together.
        doubtful = (noticed.keys() ^ wanted) & CORPUS.keys()
        if not any(noticed.get(check) is due for check in proving):
            doubtful |= proving & CORPUS.keys()
        for check in doubtful:
            noticed.pop(check, None)
            verdicts = [match.alone(check) for _ in range(TRIES if check in wanted else 1)]
            if missed := [verdict for verdict in verdicts if verdict in MISSED]:
                noticed[check] = due if due in missed else missed[0]
        hidden = match.hidden(broken_clause(mutant), due)
    assert sorted(noticed.keys() - wanted) == [], "these notice the mutant, but it does not name them"
    assert sorted(wanted - noticed.keys()) == [], "the mutant names these, but they do not notice it"
    shown = {check: verdict.value for check, verdict in noticed.items() if check in proving}
    assert due.value in shown.values(), f"{broken_clause(mutant).id} asks for another verdict: {shown}"
    assert hidden == {}, "these are about the broken clause, but their controls hide it"


def settled(
    noticed: Mapping[str, Verdict], again: Mapping[str, Verdict], wanted: AbstractSet[str]
) -> dict[str, Verdict]:
    """Believe an expected notice if one of two plays had it, and an unexpected one if both had it."""
    believed = (noticed.keys() & again.keys()) | ((noticed.keys() | again.keys()) & wanted)
    return {check: verdict for check, verdict in ({**noticed, **again}).items() if check in believed}


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_fails_on_a_mutant(check: str) -> None:
    assert [mutant.name for mutant in MUTANTS.values() if check in expanded(mutant.noticed_by)]


@EVERY_MUTANT
def test_a_mutant_names_a_check_that_is_about_the_broken_clause(mutant: Mutant) -> None:
    assert proving_checks(mutant), f"no check that it names is about {broken_clause(mutant).id}"


@EVERY_MUTANT
def test_a_mutant_breaks_a_clause_of_its_own_profile(mutant: Mutant) -> None:
    assert broken_clause(mutant).profile == mutant.profile.name


@EVERY_MUTANT
def test_a_mutant_says_what_it_breaks(mutant: Mutant) -> None:
    assert mutant.breaks.endswith(".")
    assert "\n" not in mutant.breaks


def test_there_are_many_mutants() -> None:
    assert len(MUTANTS) >= 60


def test_the_page_of_mutants_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == table(MUTANTS.values()), "python -m tests.mutants --table"
