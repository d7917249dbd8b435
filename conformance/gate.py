"""The gate: what the counts of a run mean for a program that waits for an exit code.

It knows verdicts and numbers, not how they came about.
"""

from collections.abc import Mapping
from enum import IntEnum

from conformance.model import Verdict


class Exit(IntEnum):
    """The exit codes of the command."""

    CONFORMING = 0
    FAILURES = 1
    INTERRUPTED = 2
    OWN_ERROR = 3
    USAGE = 4
    NOTHING_VERIFIED = 5
    UNTESTABLE = 6


_VERIFIED = (Verdict.PASS, Verdict.WARN, Verdict.INFO, Verdict.FAIL)


def exit_code(
    counts: Mapping[Verdict, int], *, interrupted: bool = False, own_errors: int = 0, alive: bool = True
) -> Exit:
    """Decide the exit code of a run.

    own_errors: how many of the ERRORs are wirecheck's. alive: whether the targets still answered at the end.
    """
    if interrupted:
        return Exit.INTERRUPTED
    if own_errors:
        return Exit.OWN_ERROR
    if counts.get(Verdict.FAIL):
        return Exit.FAILURES
    if counts.get(Verdict.ERROR) or not alive:
        return Exit.UNTESTABLE
    if not any(counts.get(verdict) for verdict in _VERIFIED):
        return Exit.NOTHING_VERIFIED
    return Exit.CONFORMING
