"""The matrix as a page: `docs/mutants.md`."""

from collections.abc import Iterable

from reference_server.mutants import Mutant
from tests.mutants.clauses import broken_clause, due_verdict
from tests.mutants.matrix import expanded

_OPENING = """# Mutants

A suite that has never been seen to fail proves nothing. Each mutant is a variant of the reference server
with one broken rule. All checks are played against each of them: exactly the checks listed beside a mutant
notice it, and every check notices at least one mutant. A mutant counts as noticed only if a check about the
broken clause has the verdict that the level of the clause asks for. See it:

    python -m reference_server --port 8888 --mutant missing-host-accepted
    python -m conformance http://127.0.0.1:8888/

`python -m tests.mutants --table` writes this page; `*` stands for any characters.

| mutant | what it does wrong | clause | verdict | checks | noticed by |
| --- | --- | --- | --- | ---: | --- |
"""


def table(mutants: Iterable[Mutant]) -> str:
    """Return the page."""
    return _OPENING + "".join(
        f"| {mutant.name} | {mutant.breaks} | {broken_clause(mutant).id} | {due_verdict(mutant).value} "
        f"| {len(expanded(mutant.noticed_by))} "
        f"| {' '.join(f'`{pattern}`' for pattern in mutant.noticed_by)} |\n"
        for mutant in mutants
    )
