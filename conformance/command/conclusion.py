"""What a run comes to: its exit code, and what the end of the record says.

It is a pure function of what was found; neither pytest nor a target is asked here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.baseline import Review
from conformance.gate import Exit, Gate, exit_code
from conformance.judging.model import Finding, Verdict
from conformance.record_lines import CrashLine
from conformance.running.inquest import CrashReport
from conformance.running.pairs import Pair


@dataclass
class Results:
    """What a run has found so far. A later finding of the same pair replaces an earlier one."""

    gate: Gate
    planned: Sequence[Pair] = ()
    findings: dict[str, Finding] = field(default_factory=dict)
    """By the id of the pair."""

    def add(self, finding: Finding) -> None:
        """Add a finding."""
        self.findings[f"{finding.target}/{finding.check.id}"] = finding

    @property
    def counts(self) -> Counter[Verdict]:
        """How many findings there are of each verdict."""
        return Counter(finding.verdict for finding in self.findings.values())

    @property
    def excused(self) -> int:
        """How many of them do not close the gate, though by their verdict they would."""
        return sum(
            self.gate.excuse(finding.check.id, finding.verdict, crashed=finding.crash is not None) is not None
            for finding in self.findings.values()
        )

    @property
    def own_errors(self) -> int:
        """How many of them are errors of ours."""
        return sum(finding.own_error for finding in self.findings.values())

    @property
    def complete(self) -> bool:
        """Whether all that was planned has a finding."""
        return all(pair.id in self.findings for pair in self.planned)

    def review(self) -> Review | None:
        """Compare the gate's baseline, if there is one, with what was found."""
        verdicts: dict[str, list[Verdict | None]] = {}
        for pair in self.planned:
            finding = self.findings.get(pair.id)
            verdicts.setdefault(pair.check.id, []).append(finding.verdict if finding else None)
        crashed = {finding.check.id for finding in self.findings.values() if finding.crash is not None}
        return self.gate.review({name: tuple(found) for name, found in verdicts.items()}, crashed)


@dataclass(frozen=True)
class Conclusion:
    """The end of a run."""

    exit_code: Exit
    note: str
    """What is to be said of the run as a whole; empty when there is nothing."""
    complete: bool
    crashes: tuple[CrashLine, ...]
    """Each crash of a target, once for each cause."""


def conclude(
    results: Results,
    review: Review | None,
    crashes: Mapping[str, Iterable[CrashReport]],
    lost: Sequence[str],
    notes: Sequence[str] = (),
    *,
    interrupted: bool,
) -> Conclusion:
    """Draw the conclusion of a run.

    review: of the baseline, if there is one. crashes: of each target, by name. lost: the URLs of targets that
    no longer answer. interrupted: whether it ended before its time.
    """
    lines = tuple(_line(name, report) for name, reports in crashes.items() for report in reports)
    if lost:
        notes = [*notes, f"After the run, {', '.join(lost)} no longer answers a plain GET."]
    code = exit_code(
        results.counts,
        gate=results.gate,
        excused=results.excused,
        baseline_holds=review is None or review.holds,
        interrupted=interrupted,
        own_errors=results.own_errors,
        alive=not lost,
        unexplained_crashes=sum(line["scenario"] is None for line in lines),
    )
    return Conclusion(code, " ".join(notes), not interrupted and results.complete, lines)


def _line(target: str, report: CrashReport) -> CrashLine:
    scenario = None if report.cause is None else report.cause.partition("/")[2]
    return {"target": target, "how": report.crash.how, "scenario": scenario}
