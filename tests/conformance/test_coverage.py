"""Coverage by requirement: every rule that can be observed has a check, or a reason why not."""

from collections.abc import Iterable

import pytest

from conformance.clauses import RFC9110, RFC9112
from conformance.coverage import Gap, Row, Status, coverage, gaps, table, uncovered
from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Scenario
from conformance.scenarios import SCENARIOS
from tests.conformance.builders import scenario

ROWS = tuple(coverage((*SCENARIOS, *INVARIANTS)))


def ids(rows: Iterable[Row]) -> list[str]:
    return [row.clause.id for row in rows]


def test_no_requirement_is_left_out_without_a_reason() -> None:
    assert ids(row for row in ROWS if row.status is Status.MISSING) == []


def test_no_requirement_is_both_covered_and_left_out() -> None:
    assert ids(row for row in ROWS if row.checks and row.gap) == []


def test_what_is_left_out_exists_and_could_be_observed() -> None:
    assert set(gaps()) <= set(ids(ROWS))


def test_every_reason_says_something() -> None:
    assert [clause for clause, gap in gaps().items() if len(gap.reason.split()) < 3] == []


def test_a_planned_rule_says_so() -> None:
    planned = {name for name, gap in gaps().items() if gap.status is Status.PLANNED}
    assert planned == {name for name, gap in gaps().items() if gap.reason.endswith("not tested yet")}


def test_the_reasons_alone_are_those_of_the_gaps() -> None:
    assert uncovered() == {name: gap.reason for name, gap in gaps().items()}


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
        ((), "- no check names it"),
    ],
    ids=["two checks", "a second clause", "none"],
)
def test_the_table_has_a_line_for_each(checks: tuple[Scenario, ...], line: str) -> None:
    lines = list(table(coverage(checks)))
    assert f"{'RFC9112-6.1-13':22} {'MUST':11} {line}" in lines


def test_the_last_line_counts_them() -> None:
    clause = RFC9112["6.1-13"]
    rows = [
        Row(clause, ("a.b",)),
        Row(clause, (), Gap(Status.PLANNED, "range requests are not tested yet")),
        Row(clause, (), Gap(Status.LEFT_OUT, "nobody can see it")),
        Row(clause, ()),
    ]
    assert list(table(rows))[-1] == (
        "of 4 observable requirements: 1 covered, 1 not tested yet, 1 left out for a stated reason, 1 missing"
    )
