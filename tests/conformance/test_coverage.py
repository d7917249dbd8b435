"""Coverage by requirement: every rule that can be observed has a check, or a reason why not."""

from collections.abc import Iterable

import pytest

from conformance.clauses import RFC9110, RFC9112
from conformance.coverage import Row, coverage, table, uncovered
from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Scenario
from conformance.scenarios import SCENARIOS
from tests.conformance.builders import scenario

ROWS = tuple(coverage((*SCENARIOS, *INVARIANTS)))


def ids(rows: Iterable[Row]) -> list[str]:
    return [row.clause.id for row in rows]


def test_no_requirement_is_left_out_without_a_reason() -> None:
    assert ids(row for row in ROWS if not row.checks and not row.reason) == []


def test_no_requirement_is_both_covered_and_left_out() -> None:
    assert ids(row for row in ROWS if row.checks and row.reason) == []


def test_what_is_left_out_exists_and_could_be_observed() -> None:
    assert set(uncovered()) <= set(ids(ROWS))


def test_every_reason_says_something() -> None:
    assert [clause for clause, reason in uncovered().items() if len(reason.split()) < 3] == []


def test_only_what_a_client_can_see_of_an_origin_server_is_counted() -> None:
    observable = {clause.id for clause in (*RFC9112.values(), *RFC9110.values()) if clause.observable}
    assert observable == set(ids(ROWS))
    assert not RFC9110["2.4-1"].observable  # binds a server, and cannot be seen
    assert RFC9112["6.1-13"].observable


@pytest.mark.parametrize(
    ("checks", "line"),
    [
        ((scenario("a.b", clause=RFC9112["6.1-13"]), scenario("a.c", clause=RFC9112["6.1-13"])), "a.b, a.c"),
        ((scenario("a.b", clause=(RFC9112["6.1-12"], RFC9112["6.1-13"])),), "a.b"),
        ((), "- nothing names it"),
    ],
    ids=["two checks", "a second clause", "none"],
)
def test_the_table_has_a_line_for_each(checks: tuple[Scenario, ...], line: str) -> None:
    lines = list(table(coverage(checks)))
    assert f"{'RFC9112-6.1-13':22} {'MUST':11} {line}" in lines


def test_the_last_line_counts_them() -> None:
    clause = RFC9112["6.1-13"]
    rows = [
        Row(clause, ("a.b",), ""),
        Row(clause, (), "range requests wait for a later issue"),
        Row(clause, (), "nobody can see it"),
        Row(clause, (), ""),
    ]
    assert list(table(rows))[-1] == (
        "of 4 observable requirements: 1 covered, 1 waiting for a later issue, "
        "1 left out, each for its reason, 1 missing"
    )
