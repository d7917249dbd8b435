"""The matrix as people read it: `docs/mutants.md`."""

from collections.abc import Iterable

from reference_server.mutants import Mutant
from tests.mutants.matrix import expanded

_OPENING = """# Mutants

A suite that has never been seen to fail proves nothing. These are variants of the reference server with one
rule broken each. All checks are played against each of them: just the checks named beside a mutant notice
it, no other does, and there is no check that notices none. See it:

    python -m reference_server --port 8888 --mutant missing-host-accepted
    python -m conformance http://127.0.0.1:8888/

The page is written by `python -m tests.mutants --table`; `*` stands for any characters.

| mutant | what is wrong with it | checks | noticed by |
| --- | --- | ---: | --- |
"""


def table(mutants: Iterable[Mutant]) -> str:
    """Write the page."""
    return _OPENING + "".join(
        f"| {mutant.name} | {mutant.breaks} | {len(expanded(mutant.noticed_by))} "
        f"| {' '.join(f'`{pattern}`' for pattern in mutant.noticed_by)} |\n"
        for mutant in mutants
    )
