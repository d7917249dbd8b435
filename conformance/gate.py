"""The gate: what a run means for a program that waits for an exit code.

It knows verdicts, numbers and the baseline, not how they came about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from conformance.baseline import Baseline, Entry, Found, Review, review
from conformance.clauses import Level
from conformance.judging.model import Verdict


class Exit(IntEnum):
    """The exit codes of the command."""

    CONFORMING = 0
    FAILURES = 1
    INTERRUPTED = 2
    OWN_ERROR = 3
    USAGE = 4
    NOTHING_VERIFIED = 5
    UNTESTABLE = 6


# Of all exit codes that apply to a run, the first in this order is its code; of several runs that are joined,
# the first is the code of the whole. NOTHING_VERIFIED comes last since it applies only where nothing else
# does. (A run never ends with USAGE.)
WORST_EXIT_FIRST = (
    Exit.INTERRUPTED,
    Exit.OWN_ERROR,
    Exit.FAILURES,
    Exit.UNTESTABLE,
    Exit.CONFORMING,
    Exit.NOTHING_VERIFIED,
)

# A verdict among these says something about the server; the others say why nothing can be said.
VERIFIED = (Verdict.PASS, Verdict.WARN, Verdict.INFO, Verdict.FAIL)

_CLOSING = {
    Level.MUST: frozenset({Verdict.FAIL}),
    Level.SHOULD: frozenset({Verdict.FAIL, Verdict.WARN}),
    Level.MAY: frozenset({Verdict.FAIL, Verdict.WARN, Verdict.INFO}),
}


@dataclass(frozen=True)
class Gate:
    """What closes the gate. level: how binding a broken rule has to be. baseline: what is excused."""

    level: Level = Level.MUST
    baseline: Baseline | None = None

    @property
    def closing(self) -> frozenset[Verdict]:
        """The verdicts that close it. An ERROR is none of them: it says nothing of the server."""
        return _CLOSING[self.level]

    def excuse(self, scenario: str, verdict: Verdict) -> Entry | None:
        """The entry by which a finding does not close it, though by its verdict it would."""
        if self.baseline is None or verdict not in self.closing:
            return None
        return self.baseline.excuse(scenario)

    def review(self, found: Found) -> Review | None:
        """Compare the baseline, if there is one, with what was found."""
        return None if self.baseline is None else review(self.baseline, found, self.closing)


def exit_code(
    counts: Mapping[Verdict, int],
    *,
    gate: Gate = Gate(),
    excused: int = 0,
    baseline_holds: bool = True,
    interrupted: bool = False,
    own_errors: int = 0,
    alive: bool = True,
) -> Exit:
    """Decide the exit code of a run.

    excused: how many of the findings that would close the gate do not. baseline_holds: whether nothing is
    wrong with the baseline. own_errors: how many of the ERRORs are wirecheck's. alive: whether the targets
    still answered at the end.
    """
    if interrupted:
        return Exit.INTERRUPTED
    if own_errors:
        return Exit.OWN_ERROR
    if sum(counts.get(verdict, 0) for verdict in gate.closing) > excused or not baseline_holds:
        return Exit.FAILURES
    if counts.get(Verdict.ERROR) or not alive:
        return Exit.UNTESTABLE
    if not any(counts.get(verdict) for verdict in VERIFIED):
        return Exit.NOTHING_VERIFIED
    return Exit.CONFORMING
