"""For those who write mutants and scenarios: what notices a mutant, and what no mutant has proved yet.

`python -m tests.mutants NAME…` plays all checks against mutants, and compares with what they name;
`--unproved` lists the checks that no mutant names; `--table` writes docs/mutants.md.
"""

import argparse
import sys
import tempfile
from collections.abc import Set as AbstractSet
from pathlib import Path

from reference_server.mutants import MUTANTS, Mutant
from tests.mutants.matrix import CHECKS, Match, expanded, mutant_targets
from tests.mutants.table import table


def compare(mutant: Mutant) -> str:
    """Play all checks, and say what the mutant's own list lacks and has too much."""
    named = {name for pattern in mutant.noticed_by for name in matching(pattern)}
    with (
        tempfile.TemporaryDirectory() as folder,
        mutant_targets(mutant, Path(folder) / "said.log") as targets,
    ):
        noticed = Match(targets).noticed()
    lines = [f"{mutant.name}: noticed by {len(noticed)}"]
    lines += [f"  {name}" for name in sorted(noticed & named)]
    lines += [f"+ {name}" for name in sorted(noticed - named)]
    lines += [f"- {name}" for name in sorted(named - noticed)]
    return "\n".join(lines)


def matching(pattern: str) -> AbstractSet[str]:
    """The ids that a pattern names; one that names none is told of, and names none."""
    try:
        return expanded((pattern,))
    except AssertionError:
        sys.stderr.write(f"{pattern} names no check\n")
        return frozenset()


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="What notices the mutants.")
    parser.add_argument("names", nargs="*", choices=[*MUTANTS, []], metavar="NAME")
    parser.add_argument("--unproved", action="store_true")
    parser.add_argument("--table", action="store_true")
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
