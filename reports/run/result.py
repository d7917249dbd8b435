"""What a run comes to: its counts, whether it is whole, and one honest sentence.

The sentence is made here once, for the terminal and for the page. A run that was cut off, that verified
nothing or that could not judge a scenario is never called conforming. How the sentence is shown is not known
here.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import Any

from conformance.judging.model import Verdict
from conformance.record import Run
from reports.rendering.text import counted

VERDICTS = tuple(verdict.value for verdict in Verdict)

# What closes the gate besides a FAIL, by the option that asks for it.
_CLOSING = {
    "should": (Verdict.FAIL.value, Verdict.WARN.value),
    "may": (Verdict.FAIL.value, Verdict.WARN.value, Verdict.INFO.value),
}

# A verdict of these says something about the server; the others say why nothing can be said.
VERIFIED = (Verdict.PASS.value, Verdict.WARN.value, Verdict.INFO.value, Verdict.FAIL.value)


class Tone(Enum):
    """How the result is to be taken."""

    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Result:
    """What the run comes to, in one sentence."""

    tone: Tone
    sentence: str


def is_complete(run: Run) -> bool:
    """Return whether every planned scenario was judged, and the run came to its end and says so."""
    judged_all = len(run.findings) >= run.header["planned"]
    return judged_all and run.footer is not None and bool(run.footer["complete"])


def reasons_to_excuse(run: Run) -> dict[str, str]:
    """Return the reasons of the scenarios that the run's baseline excuses, by id."""
    baseline = (run.footer or {}).get("baseline", {})
    return {entry["scenario"]: entry["reason"] for entry in baseline.get("excused", ())}


def closing(run: Run) -> tuple[str, ...]:
    """Return the verdicts that close the gate, as the run was asked."""
    return _CLOSING.get(run.header["options"].get("gate"), (Verdict.FAIL.value,))


def failures(run: Run) -> list[dict[str, Any]]:
    """Return the findings that keep a run from being good: what closes the gate, and what was not judged."""
    excused, unwanted = reasons_to_excuse(run), closing(run)
    return [
        finding
        for finding in run.findings
        if finding["verdict"] == Verdict.ERROR.value
        or (finding["verdict"] in unwanted and finding["scenario"] not in excused)
    ]


def known(run: Run) -> list[dict[str, Any]]:
    """Return the findings that would close the gate, were they not in the baseline."""
    excused, unwanted = reasons_to_excuse(run), closing(run)
    return [
        finding
        for finding in run.findings
        if finding["verdict"] in unwanted and finding["scenario"] in excused
    ]


def result(run: Run) -> Result:
    """Return what the run comes to."""
    counts = run.counts
    excused = len(known(run))
    failed = sum(counts[verdict] for verdict in closing(run)) - excused
    if not is_complete(run):
        return Result(Tone.BAD if failed else Tone.UNSURE, _cut_off(run))
    _, verified = passes(counts)
    if not verified:
        return Result(Tone.UNSURE, _nothing_verified(counts))
    where = f" on {len(run.header['targets'])} targets" if len(run.header["targets"]) > 1 else ""
    extent = f"{verified} verified {'scenario' if verified == 1 else 'scenarios'}{where}"
    if failed:
        errors = counts[Verdict.ERROR.value]
        besides = f", besides {excused} that {'is' if excused == 1 else 'are'} known" if excused else ""
        undecided = f", and {errors} could not be judged" if errors else ""
        return Result(
            Tone.BAD, f"Not conforming: {failed} of {extent} {_fails(run, failed)}{besides}{undecided}."
        )
    return _without_failures(run, extent, excused)


def _without_failures(run: Run, extent: str, excused: int) -> Result:
    """Return what a whole run comes to in which no scenario failed, or only such as are known to."""
    counts = run.counts
    passed, errors = counts[Verdict.PASS.value], counts[Verdict.ERROR.value]
    good = f"{passed} of {extent} {'passes' if passed == 1 else 'pass'}{_besides(counts)}."
    if errors:
        return Result(Tone.UNSURE, f"Undecided: {counted(errors, 'scenario')} could not be judged; {good}")
    code = run.footer["exit_code"] if run.footer else 0
    if excused:
        ended = f"; the run ended with exit code {code}" if code else ""
        said = f"{excused} of {extent} {_fails(run, excused)}, as the baseline says{ended}"
        return Result(Tone.UNSURE, f"Not conforming, but nothing new: {said}.")
    if code:
        return Result(Tone.UNSURE, f"No scenario fails, but the run ended with exit code {code}; {good}")
    return Result(Tone.GOOD, f"Conforming: {good}")


def passes(counts: Counter[str]) -> tuple[int, int]:
    """Return how many passes there are, and of how many verdicts that say something about the server."""
    return counts[Verdict.PASS.value], sum(counts[verdict] for verdict in VERIFIED)


def counts_by(findings: tuple[dict[str, Any], ...], key: str) -> dict[str, Counter[str]]:
    """Return the counts of verdicts for each value that findings have under a key, in order of appearance."""
    counts: dict[str, Counter[str]] = {}
    for finding in findings:
        counts.setdefault(finding[key], Counter())[finding["verdict"]] += 1
    return counts


def _fails(run: Run, number: int) -> str:
    gate = run.header["options"].get("gate")
    if gate in _CLOSING:
        return f"{'does' if number == 1 else 'do'} not pass the gate (--gate {gate})"
    return "fails" if number == 1 else "fail"


def _cut_off(run: Run) -> str:
    judged, planned, counts = len(run.findings), run.header["planned"], run.counts
    says_so = run.footer is not None and judged >= planned
    extent = "it says it is not complete" if says_so else f"{judged} of {planned} scenarios were judged"
    failed, errors = counts[Verdict.FAIL.value], counts[Verdict.ERROR.value]
    fails = f", {failed} of them {'fails' if failed == 1 else 'fail'}" if failed else ""
    undecided = f", {errors} could not be judged" if errors else ""
    return f"The run was cut off: {extent}{fails}{undecided}."


def _nothing_verified(counts: Counter[str]) -> str:
    absent, errors = counts[Verdict.NOT_APPLICABLE.value], counts[Verdict.ERROR.value]
    reasons = [f"{counted(errors, 'scenario')} could not be judged"] if errors else []
    reasons += [f"{counted(absent, 'scenario is', 'scenarios are')} not applicable"] if absent else []
    return f"Nothing was verified{': ' if reasons else ''}{' and '.join(reasons)}."


def _besides(counts: Counter[str]) -> str:
    parts = (
        (counts[Verdict.WARN.value], "warning", "warnings"),
        (counts[Verdict.INFO.value], "informational", "informational"),
        (counts[Verdict.NOT_APPLICABLE.value], "not applicable", "not applicable"),
    )
    shown = ", ".join(counted(number, one, many) for number, one, many in parts if number)
    return f"; {shown}" if shown else ""
