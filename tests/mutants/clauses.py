"""Which clause a mutant breaks, and with which verdict the suite therefore has to notice it.

Both are derived from the checks that notice it: neither is written for each mutant. Only where most of the
strictest of these checks are judged by another clause does the mutant name its own.
"""

from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase

from conformance.clauses import Clause, Level
from conformance.judging.model import Check, Verdict, deviation
from conformance.judging.verdict import TOLERATED
from reference_server.mutants import Mutant
from tests.mutants.matrix import CHECKS

_STRICTEST_FIRST = (Level.MUST, Level.SHOULD, Level.MAY)

CLAUSES: Mapping[str, Clause] = {clause.id: clause for check in CHECKS.values() for clause in check.clauses}


def broken_clause(mutant: Mutant) -> Clause:
    """Return the clause that a mutant breaks: its own, or the one that most of its strictest checks judge."""
    if mutant.clause:
        return CLAUSES[mutant.clause]
    named = named_checks(mutant)
    strictest = min((check.level for check in named), key=_STRICTEST_FIRST.index)
    judged = Counter(check.judged for check in named if check.level is strictest)
    return judged.most_common(1)[0][0]


def due_verdict(mutant: Mutant) -> Verdict:
    """Return the verdict that the broken clause asks for: its level, and the risk of what it judges."""
    clause = broken_clause(mutant)
    if mutant.tolerated:
        return TOLERATED[clause.level]
    risks = (check.risk for check in named_checks(mutant) if check.judged == clause)
    return deviation(clause.level, next(filter(None, risks), None))


def proving_checks(mutant: Mutant) -> list[str]:
    """The checks that exercise the broken clause; at least one has to have the verdict that is due."""
    clause = broken_clause(mutant)
    return [check.id for check in named_checks(mutant) if clause in check.clauses]


def named_checks(mutant: Mutant) -> list[Check]:
    """The checks that a mutant names, in the order of its list."""
    return [
        check for pattern in mutant.noticed_by for name, check in CHECKS.items() if fnmatchcase(name, pattern)
    ]
