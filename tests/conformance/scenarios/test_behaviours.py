"""The map of behaviours that other suites test: each is covered by checks that exist, or has a reason."""

import csv
from fnmatch import filter as matching

import pytest

from conformance.invariants.rules import INVARIANTS
from conformance.scenarios import SCENARIOS
from tests.paths import DOCS

MAP = DOCS / "behaviours.csv"

COLUMNS = ["behaviour", "anchors", "covered_by", "reason"]

IDS = [check.id for check in (*SCENARIOS, *INVARIANTS)]

with MAP.open(encoding="utf-8", newline="") as table:
    ROWS = list(csv.DictReader(table))

EVERY_ROW = pytest.mark.parametrize("row", ROWS, ids=[row["behaviour"] for row in ROWS])


def test_the_map_has_its_columns_and_rows() -> None:
    assert {tuple(row) for row in ROWS} == {tuple(COLUMNS)}


def test_no_behaviour_is_listed_twice() -> None:
    behaviours = [row["behaviour"] for row in ROWS]
    assert sorted(behaviours) == sorted(set(behaviours))


@EVERY_ROW
def test_a_behaviour_is_covered_or_has_a_reason(row: dict[str, str]) -> None:
    assert row["anchors"]
    assert row["covered_by"] or row["reason"].endswith(".")


@EVERY_ROW
def test_the_checks_that_cover_a_behaviour_exist(row: dict[str, str]) -> None:
    patterns = row["covered_by"].split(";") if row["covered_by"] else []
    assert [pattern for pattern in patterns if not matching(IDS, pattern)] == []
