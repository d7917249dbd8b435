"""Every clause of the contract is named by what implements it, and by a test."""

import csv
import re
from pathlib import Path

import pytest

from tests.paths import ROOT

CLAUSE = re.compile(r"(DOC-[A-Z]+)-(\d+)(?: to \1-(\d+))?")


def clauses_in(folder: Path) -> set[str]:
    """Return the ids that the sources in a folder name; ``DOC-MP-4 to DOC-MP-6`` names three."""
    named: set[str] = set()
    for source in folder.rglob("*.py"):
        if source.parent.name == "mutants":
            continue  # a mutant names what it breaks
        for theme, first, last in CLAUSE.findall(source.read_text()):
            named.update(f"{theme}-{number}" for number in range(int(first), int(last or first) + 1))
    return named


@pytest.mark.parametrize("folder", ["reference_server", "tests/reference_server"])
def test_no_clause_is_forgotten(folder: str) -> None:
    with (ROOT / "conformance/clauses/documented.csv").open(newline="") as table:
        clauses = {row["id"] for row in csv.DictReader(table)}
    assert clauses
    assert clauses <= clauses_in(ROOT / folder)


def test_each_module_is_short() -> None:
    lengths = {
        source.name: len(source.read_text().splitlines())
        for source in (ROOT / "reference_server").glob("*.py")
    }
    assert max(lengths.values()) < 400, lengths
