"""The gate: how the findings of a run become an exit code.

It knows verdicts, numbers and the baseline; where they come from is not known here.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum, IntEnum

from conformance.baseline import Baseline, Entry, Review, Verdicts, review
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
VERIFIED = (Verdict.PASS, Verdict.WARN, Verdict.INFO, Verdict.RISK, Verdict.FAIL)


class Strictness(Enum):
    """How strict a gate is; the value is the verdicts that close it.

    ERROR is never one of them: it says nothing about the server.
    """

    MUST = frozenset({Verdict.FAIL})
    RISK = MUST | {Verdict.RISK}
    SHOULD = RISK | {Verdict.WARN}
    MAY = SHOULD | {Verdict.INFO}


DEFAULT_STRICTNESS = Strictness.RISK


@dataclass(frozen=True)
class Gate:
    """What fails a run."""

    strictness: Strictness = DEFAULT_STRICTNESS
    """Which verdicts fail it."""
    baseline: Baseline | None = None
    """The failures that are excused."""

    @property
    def closing(self) -> frozenset[Verdict]:
        """The verdicts that fail it."""
        return self.strictness.value

    def excuse(self, scenario: str, verdict: Verdict, *, crashed: bool = False) -> Entry | None:
        """Return the baseline's entry that keeps a finding from failing the gate, if it would fail it.

        crashed: whether the scenario crashed the target.
        """
        if self.baseline is None or verdict not in self.closing:
            return None
        return self.baseline.excuse(scenario, crashed=crashed)

    def review(self, verdicts: Verdicts, crashed: AbstractSet[str] = frozenset()) -> Review | None:
        """Compare the baseline with a run; None without a baseline. crashed: what crashed a target."""
        return None if self.baseline is None else review(self.baseline, verdicts, self.closing, crashed)


def exit_code(
    counts: Mapping[Verdict, int],
    *,
    gate: Gate = Gate(),
    excused: int = 0,
    baseline_holds: bool = True,
    interrupted: bool = False,
    own_errors: int = 0,
    alive: bool = True,
    unexplained_crashes: int = 0,
) -> Exit:
    """Return the exit code of a run.

    counts: of its findings, by verdict. excused: how many of them the baseline keeps from failing the gate.
    baseline_holds: whether nothing is wrong with the baseline itself. own_errors: how many of the ERRORs are
    wirecheck's own. alive: whether every target still answered at the end. unexplained_crashes: how many
    times a target crashed and no scenario was shown to be the cause.
    """
    applies = {
        Exit.INTERRUPTED: interrupted,
        Exit.OWN_ERROR: own_errors > 0,
        Exit.FAILURES: sum(counts.get(verdict, 0) for verdict in gate.closing) > excused
        or not baseline_holds,
        Exit.UNTESTABLE: counts.get(Verdict.ERROR, 0) > 0 or not alive or unexplained_crashes > 0,
        Exit.CONFORMING: any(counts.get(verdict) for verdict in VERIFIED),
        Exit.NOTHING_VERIFIED: True,
    }
    return next(code for code in WORST_EXIT_FIRST if applies[code])
