"""What a run comes to: its failures and crashes, whether it is complete, and one honest sentence.

The sentence is made here once, for every report. A run that was cut off, that verified nothing or that could
not judge a scenario is never called conforming. How the sentence is shown is not known here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from conformance.record import Run
from conformance.record_lines import FindingLine
from reports.rendering.text import quantity
from reports.rendering.verdicts import (
    ERROR,
    FAIL,
    INFO,
    NOT_APPLICABLE,
    PASS,
    RISK,
    VERIFIED,
    WARN,
    Tone,
    closing_verdicts,
    gate_of,
)


@dataclass(frozen=True)
class Result:
    """What the run comes to, in one sentence."""

    tone: Tone
    sentence: str


@dataclass(frozen=True)
class Crash:
    """What crashed a target, once however often it did."""

    target: str
    scenario: str | None  # None when no cause could be shown
    how: str  # a phrase that follows "the target"
    several_targets: bool  # whether the run has more targets than this one

    @property
    def what(self) -> str:
        """What happened, as a phrase that follows the scenario; as a sentence when there is none."""
        target = f"the target {self.target}" if self.several_targets else "the target"
        if self.scenario is None:
            return f"T{target[1:]} {self.how}; the cause is unknown."
        return f"crashed {target}: it {self.how}."

    @property
    def sentence(self) -> str:
        """What happened."""
        return self.what if self.scenario is None else f"{self.scenario} {self.what}"


def is_complete(run: Run) -> bool:
    """Return whether everything planned was judged, and the run came to its end and says so."""
    return _judged(run) >= run.header["planned"] and run.footer is not None and bool(run.footer["complete"])


def baseline_sentences(run: Run) -> list[str]:
    """Return what there is to say of the run's baseline."""
    baseline = run.footer.get("baseline") if run.footer else None
    return baseline["sentences"] if baseline else []


def failures(run: Run) -> list[FindingLine]:
    """Return the findings that close the gate, and what could not be judged."""
    closing, reasons = closing_verdicts(run.header["options"]), _reasons_to_excuse(run)
    return [
        finding
        for finding in run.findings
        if finding["verdict"] == ERROR
        or (finding["verdict"] in closing and finding["scenario"] not in reasons)
    ]


def known_failures(run: Run) -> list[tuple[FindingLine, str]]:
    """Return the findings that would close the gate but for the baseline, each with its reason."""
    closing, reasons = closing_verdicts(run.header["options"]), _reasons_to_excuse(run)
    return [
        (finding, reasons[finding["scenario"]])
        for finding in run.findings
        if finding["verdict"] in closing and finding["scenario"] in reasons
    ]


def crashes(run: Run) -> list[Crash]:
    """Return what crashed targets, in the order of the findings; then the crashes without a cause."""
    several = len(run.header["targets"]) > 1
    found = [
        Crash(finding["target"], finding["scenario"], finding["crash"], several)
        for finding in run.findings
        if finding["crash"] is not None
    ]
    caused = {(crash.target, crash.scenario) for crash in found}
    found += [
        Crash(line["target"], line["scenario"], line["how"], several)
        for line in (run.footer["crashes"] if run.footer else ())
        if (line["target"], line["scenario"]) not in caused
    ]
    return list(dict.fromkeys(found))


def result_of(run: Run) -> Result:
    """Return what the run comes to."""
    counts = run.counts
    excused = [finding for finding, _ in known_failures(run)]
    failed = [finding for finding in failures(run) if finding["verdict"] != ERROR]
    if not is_complete(run):
        return Result(Tone.BAD if failed else Tone.UNSURE, _cut_off(run))
    _, verified = passes(counts)
    if not verified:
        return Result(Tone.UNSURE, _nothing_verified(counts))
    where = f" on {len(run.header['targets'])} targets" if len(run.header["targets"]) > 1 else ""
    extent = f"{verified} verified {'scenario' if verified == 1 else 'scenarios'}{where}"
    if failed:
        known = (
            f"; {quantity(len(excused), 'other failure is', 'other failures are')} known" if excused else ""
        )
        undecided = f"; {counts[ERROR]} could not be judged" if counts[ERROR] else ""
        return Result(Tone.BAD, f"{_what_fails(failed, extent, run)}{known}{undecided}.")
    return _without_new_failures(run, extent, excused)


def _what_fails(failed: list[FindingLine], extent: str, run: Run) -> str:
    """Say what closes the gate; scenarios that deviate from one sentence of an RFC have one cause."""
    broken = [finding for finding in failed if finding["verdict"] == FAIL]
    risks = [finding for finding in failed if finding["verdict"] == RISK]
    others = [finding for finding in failed if finding["verdict"] not in (FAIL, RISK)]
    more = f"; {len(others)} more {_fails(run, others)}" if others else ""
    if broken:
        crashed = sum(finding["crash"] is not None for finding in broken)
        requirements = _requirements(finding for finding in broken if finding["crash"] is None)
        causes = [quantity(crashed, "crash", "crashes")] if crashed else []
        causes += [f"{quantity(requirements, 'requirement')} broken"] if requirements else []
        at_risk = f", {_risks(risks)} in {len(risks)}" if risks else ""
        return f"Not conforming: {' and '.join(causes)} in {len(broken)} of {extent}{at_risk}{more}"
    if risks:
        return f"At risk: {_risks(risks)} in {len(risks)} of {extent}; no MUST is broken{more}"
    return f"Not conforming: {len(others)} of {extent} {_fails(run, others)}"


def _risks(findings: Iterable[FindingLine]) -> str:
    return quantity(_requirements(findings), "risk")


def _requirements(findings: Iterable[FindingLine]) -> int:
    """Return how many different requirements findings were judged by."""
    return len({finding["clauses"][0]["id"] for finding in findings})


def passes(counts: Counter[str]) -> tuple[int, int]:
    """Return how many verdicts are passes, of how many that say something about the server."""
    return counts[PASS], sum(counts[verdict] for verdict in VERIFIED)


def counts_by(
    findings: Iterable[FindingLine], key: Literal["target", "topic", "level"]
) -> dict[str, Counter[str]]:
    """Return the counts of verdicts for each value that findings have under a key, in order of appearance."""
    counts: dict[str, Counter[str]] = {}
    for finding in findings:
        counts.setdefault(finding[key], Counter())[finding["verdict"]] += 1
    return counts


def _reasons_to_excuse(run: Run) -> dict[str, str]:
    """Return the reasons of the scenarios that the run's baseline excuses, by id."""
    baseline = run.footer.get("baseline") if run.footer else None
    return {entry["scenario"]: entry["reason"] for entry in baseline["excused"]} if baseline else {}


def _judged(run: Run) -> int:
    """Return how many of the planned findings there are; what was added to the run was not planned."""
    return sum(not finding["added"] for finding in run.findings)


def _without_new_failures(run: Run, extent: str, excused: list[FindingLine]) -> Result:
    """Return what a complete run comes to in which no scenario failed but those that are known to."""
    counts = run.counts
    passed, errors = counts[PASS], counts[ERROR]
    good = f"{passed} of {extent} {'passes' if passed == 1 else 'pass'}{_other_counts(counts)}."
    if errors:
        return Result(Tone.UNSURE, f"Undecided: {quantity(errors, 'scenario')} could not be judged; {good}")
    code = run.footer["exit_code"] if run.footer else 0
    if excused:
        ended = f"; the run ended with exit code {code}" if code else ""
        known = f"{len(excused)} of {extent} {_fails(run, excused)}, as the baseline says{ended}"
        return Result(Tone.UNSURE, f"Not conforming, but nothing new: {known}.")
    if code:
        return Result(Tone.UNSURE, f"No scenario fails, but the run ended with exit code {code}; {good}")
    return Result(Tone.GOOD, f"Conforming: {good}")


def _fails(run: Run, findings: list[FindingLine]) -> str:
    """Return what such findings do, as a phrase that follows their number."""
    one = len(findings) == 1
    if all(finding["verdict"] == FAIL for finding in findings):
        return "fails" if one else "fail"
    return f"{'does' if one else 'do'} not pass the gate (--gate {gate_of(run.header['options'])})"


def _cut_off(run: Run) -> str:
    judged, planned, counts = _judged(run), run.header["planned"], run.counts
    is_marked = run.footer is not None and judged >= planned
    extent = (
        "its record is marked incomplete" if is_marked else f"{judged} of {planned} scenarios were judged"
    )
    failed, errors = counts[FAIL], counts[ERROR]
    fails = f", {failed} of them {'fails' if failed == 1 else 'fail'}" if failed else ""
    risks = f", {counts[RISK]} {'is a risk' if counts[RISK] == 1 else 'are risks'}" if counts[RISK] else ""
    undecided = f", {errors} could not be judged" if errors else ""
    return f"The run was cut off: {extent}{fails}{risks}{undecided}."


def _nothing_verified(counts: Counter[str]) -> str:
    absent, errors = counts[NOT_APPLICABLE], counts[ERROR]
    reasons = [f"{quantity(errors, 'scenario')} could not be judged"] if errors else []
    reasons += (
        [quantity(absent, "scenario is not applicable", "scenarios are not applicable")] if absent else []
    )
    return f"Nothing was verified{': ' if reasons else ''}{' and '.join(reasons)}."


def _other_counts(counts: Counter[str]) -> str:
    parts = (
        (counts[RISK], "risk", "risks"),
        (counts[WARN], "warning", "warnings"),
        (counts[INFO], "informational", "informational"),
        (counts[NOT_APPLICABLE], "not applicable", "not applicable"),
    )
    shown = ", ".join(quantity(number, one, many) for number, one, many in parts if number)
    return f"; {shown}" if shown else ""
