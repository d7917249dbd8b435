"""Coverage by requirement: which rules of RFC 9112 and RFC 9110 have a check, and why the others have none.

Every rule that binds an origin server and can be observed is either named by a scenario or an invariant, or
listed in `clauses/uncovered.csv` with its status and a reason. Nothing is run for it.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib import resources

from conformance import clauses
from conformance.clauses import RFC9110, RFC9112, Clause
from conformance.judging.model import Check


class Status(Enum):
    """Whether a rule has a check, and if not, whether it is to have one."""

    COVERED = "covered"
    PLANNED = "not tested yet"
    LEFT_OUT = "left out for a stated reason"
    MISSING = "missing"


@dataclass(frozen=True)
class Gap:
    """A rule that is known to have no check."""

    status: Status  # PLANNED or LEFT_OUT
    reason: str  # why it has none, as a clause of a sentence


# How the table names the statuses of gaps.
_STATUSES = {"planned": Status.PLANNED, "left-out": Status.LEFT_OUT}


@dataclass(frozen=True)
class Row:
    """A requirement, the ids of the checks that name it, and the known gap if there are none."""

    clause: Clause
    checks: tuple[str, ...]
    gap: Gap | None = None

    @property
    def status(self) -> Status:
        """Whether the requirement has a check, and if not, whether it is to have one."""
        if self.checks:
            return Status.COVERED
        return self.gap.status if self.gap else Status.MISSING


def gaps() -> Mapping[str, Gap]:
    """Return the known gaps by the id of their clause."""
    table = resources.files(clauses).joinpath("uncovered.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    return {row["id"]: Gap(_STATUSES[row["status"]], row["reason"]) for row in rows}


def uncovered() -> Mapping[str, str]:
    """Return the reason of each known gap by the id of its clause."""
    return {name: gap.reason for name, gap in gaps().items()}


def coverage(checks: Iterable[Check]) -> Iterator[Row]:
    """Make a row of every observable requirement, in the order of the registry."""
    named: dict[str, list[str]] = {}
    for check in checks:
        for clause in check.clauses:
            named.setdefault(clause.id, []).append(check.id)
    known = gaps()
    for clause in (*RFC9112.values(), *RFC9110.values()):
        if clause.observable:
            yield Row(clause, tuple(named.get(clause.id, ())), known.get(clause.id))


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a line of text for each row, and at the end how many requirements have which status."""
    counts = Counter[Status]()
    for row in rows:
        counts[row.status] += 1
        names = ", ".join(row.checks) or f"- {row.gap.reason if row.gap else 'no check names it'}"
        yield f"{row.clause.id:22} {row.clause.keyword:11} {names}"
    shown = ", ".join(f"{counts[status]} {status.value}" for status in Status if counts[status])
    yield f"of {counts.total()} observable requirements: {shown}"
