"""For authors of mutants and scenarios: which checks notice a mutant, and which checks no mutant proves yet.

`python -m tests.mutants NAME…` plays all checks against mutants and compares the result with their lists;
`--unproved` lists the checks that no mutant names; `--table` prints docs/mutants.md.
"""

import argparse
import sys
import tempfile
from collections.abc import Set as AbstractSet
from pathlib import Path

from reference_server.mutants import MUTANTS, Mutant
from tests.mutants.clauses import broken_clause, due_verdict
from tests.mutants.matrix import CHECKS, Match, expanded, mutant_targets
from tests.mutants.table import table


def compare(mutant: Mutant) -> str:
    """Play all checks; say which ones the mutant's own list lacks (+) and which it should not name (-).

    An exclamation mark is before each scenario about the broken clause that is hidden by its control.
    """
    named = {name for pattern in mutant.noticed_by for name in matching(pattern)}
    clause = broken_clause(mutant)
    with (
        tempfile.TemporaryDirectory() as folder,
        mutant_targets(mutant, Path(folder) / "said.log") as targets,
    ):
        match = Match(targets)
        noticed = match.noticed()
        hidden = match.hidden(clause, due_verdict(mutant))
    lines = [
        f"{mutant.name}: breaks {clause.id}, due: {due_verdict(mutant).value}, noticed by {len(noticed)}"
    ]
    lines += [f"  {name}: {noticed[name].value}" for name in sorted(noticed.keys() & named)]
    lines += [f"+ {name}: {noticed[name].value}" for name in sorted(noticed.keys() - named)]
    lines += [f"- {name}" for name in sorted(named - noticed.keys())]
    lines += [
        f"! {name} is about the clause, but {control} hides it" for name, control in sorted(hidden.items())
    ]
    return "\n".join(lines)


def matching(pattern: str) -> AbstractSet[str]:
    """The ids that a pattern matches. A pattern that matches none is reported."""
    try:
        return expanded((pattern,))
    except AssertionError:
        sys.stderr.write(f"{pattern} matches no check\n")
        return frozenset()


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description="Compare mutants with the checks that notice them."
    )
    parser.add_argument(
        "names", nargs="*", choices=[*MUTANTS, []], metavar="NAME", help="mutant to play all checks against"
    )
    parser.add_argument("--unproved", action="store_true", help="list the checks that no mutant names")
    parser.add_argument("--table", action="store_true", help="print docs/mutants.md")
    options = parser.parse_args()
    if options.unproved:
        patterns = {pattern for mutant in MUTANTS.values() for pattern in mutant.noticed_by}
        proved = {name for pattern in patterns for name in matching(pattern)}
        sys.stdout.writelines(f"{name}\n" for name in sorted(CHECKS.keys() - proved))
    elif options.table:
        sys.stdout.write(table(MUTANTS.values()))
    for name in options.names:
        sys.stdout.write(compare(MUTANTS[name]) + "\n")


if __name__ == "__main__":
    main()
