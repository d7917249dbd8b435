"""Coverage by requirement: which rules of RFC 9112 and RFC 9110 have a check, and why the others have none.

Every rule that binds an origin server and can be observed is either named by a scenario or an invariant, or
listed in `clauses/uncovered.csv` with a reason. Nothing is run for it.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from conformance import clauses
from conformance.clauses import RFC9110, RFC9112, Clause
from conformance.judging.model import Check


@dataclass(frozen=True)
class Row:
    """A requirement, the ids of the checks that name it, and the reason when there is none."""

    clause: Clause
    checks: tuple[str, ...]
    reason: str


def uncovered() -> Mapping[str, str]:
    """The rules that are left out on purpose, by id, each with its reason."""
    table = resources.files(clauses).joinpath("uncovered.csv").read_text(encoding="utf-8")
    return {row["id"]: row["reason"] for row in csv.DictReader(table.splitlines())}


def coverage(checks: Iterable[Check]) -> Iterator[Row]:
    """Make a row of every observable requirement, in the order of the registry."""
    named: dict[str, list[str]] = {}
    for check in checks:
        for clause in check.clauses:
            named.setdefault(clause.id, []).append(check.id)
    reasons = uncovered()
    for clause in (*RFC9112.values(), *RFC9110.values()):
        if clause.observable:
            yield Row(clause, tuple(named.get(clause.id, ())), reasons.get(clause.id, ""))


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Print rows as text, a line each, and at the end how many are covered, and why the rest is not."""
    kinds = Counter[str]()
    for row in rows:
        kinds[_kind(row)] += 1
        shown = ", ".join(row.checks) or f"- {row.reason or 'nothing names it'}"
        yield f"{row.clause.id:22} {row.clause.keyword:11} {shown}"
    counts = ", ".join(f"{kinds[kind]} {kind}" for kind in (COVERED, LATER, LEFT_OUT, MISSING) if kinds[kind])
    yield f"of {kinds.total()} observable requirements: {counts}"


COVERED = "covered"
LATER = "waiting for a later issue"
LEFT_OUT = "left out, each for its reason"
MISSING = "missing"


def _kind(row: Row) -> str:
    if row.checks:
        return COVERED
    if row.reason.endswith("for a later issue"):
        return LATER
    return LEFT_OUT if row.reason else MISSING
