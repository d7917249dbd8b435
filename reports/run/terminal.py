"""The end of a run in the terminal: each failure in three lines, the counts, the reports' places, the result.

From a record to lines of text with the names of their colours; no escape code is written here, no terminal is
known. Every word from the record goes through `text.visible`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.judging.model import Verdict
from conformance.record import Run
from reports.rendering.terminal import INDENT, Line, wrapped
from reports.rendering.text import counted, visible
from reports.run.reproduce import replay
from reports.run.result import (
    VERDICTS,
    Result,
    Tone,
    closing,
    counts_by,
    failures,
    known,
    reasons_to_excuse,
    result,
)

# More warnings or reasons than these would push the failures off the screen; the page has them all.
MOST_WARNINGS = 10
MOST_REASONS = 8
MOST_LEFT = 5
# Errors of one reason, such as a target that is gone.
MOST_ALIKE = 3

_MARKUP_OF_TONE = {Tone.GOOD: ("green", "bold"), Tone.BAD: ("red", "bold"), Tone.UNSURE: ("yellow", "bold")}


def lines(run: Run, *, width: int = 80, places: Mapping[str, str] | None = None) -> list[Line]:
    """Return the summary of a run. width: of the terminal. places: where the reports lie, by their names."""
    final = result(run)
    parts = (
        _failures(run, width),
        _known(run, width),
        _warnings(run, width),
        _counts(run, width),
        _not_applicable(run, width),
        _not_run(run, width),
        _baseline(run, width),
        _places(places or {}),
        _final(run, final, width),
    )
    shown: list[Line] = []
    for part in parts:
        block = list(part)
        shown += [Line(), *block] if block else []
    return shown


def _failures(run: Run, width: int) -> Iterator[Line]:
    alike: Counter[str] = Counter()
    shown = False
    for finding in failures(run):
        if finding["verdict"] == Verdict.ERROR.value:
            alike[finding["reason"]] += 1
            if alike[finding["reason"]] > MOST_ALIKE:
                continue
        if shown:
            yield Line()
        shown = True
        yield from _heading(finding, width)
        clause = finding["clauses"][0]
        yield from _labelled("requirement", f"{clause['id']} {clause['keyword']}: {clause['text']}", width)
        yield from _labelled("expected", finding["expected"], width)
        yield from _labelled("observed", finding["observed"], width)
        if finding["verdict"] == Verdict.ERROR.value:
            yield from _labelled("reason", finding["reason"], width)
    yield from _replay(run)
    more = sum(number - MOST_ALIKE for number in alike.values() if number > MOST_ALIKE)
    if more:
        yield Line()
        yield Line(f"and {counted(more, 'more ERROR')} for the same reasons, see the report", ("red", "bold"))


def _replay(run: Run) -> Iterator[Line]:
    """Say how to see every byte of the first failure; not wrapped, for it is there to be copied."""
    found = next((f for f in failures(run) if f["verdict"] == Verdict.FAIL.value), None)
    target = next((t for t in run.header["targets"] if found and t["name"] == found["target"]), None)
    command = replay(found, target, run.header["options"]).command if found else ""
    if command:
        yield Line()
        yield Line(f"The bytes: {visible(command)}")


def _heading(finding: dict[str, Any], width: int) -> Iterator[Line]:
    text = f"{finding['verdict']}  {finding['scenario']} on {finding['target']}: {finding['title']}"
    yield from wrapped(text, width, markup=("red", "bold"))


def _known(run: Run, width: int) -> Iterator[Line]:
    reasons = reasons_to_excuse(run)
    findings = known(run)
    for finding in findings[:MOST_WARNINGS]:
        text = f"KNOWN {finding['scenario']} on {finding['target']}: {reasons[finding['scenario']]}"
        yield from wrapped(text, width, markup=("yellow",), most=2)
    if len(findings) > MOST_WARNINGS:
        yield Line(
            f"{INDENT}and {len(findings) - MOST_WARNINGS} more that are known, see the report", ("yellow",)
        )


def _baseline(run: Run, width: int) -> Iterator[Line]:
    for sentence in (run.footer or {}).get("baseline", {}).get("said", ()):
        yield from wrapped(sentence, width, markup=("yellow",))


def _warnings(run: Run, width: int) -> Iterator[Line]:
    # Those that close the gate stand among the failures.
    warnings = _having(run, Verdict.WARN) if Verdict.WARN.value not in closing(run) else []
    for finding in warnings[:MOST_WARNINGS]:
        text = f"WARN  {finding['scenario']} on {finding['target']}: {finding['observed']}"
        yield from wrapped(text, width, markup=("yellow",), most=2)
    if len(warnings) > MOST_WARNINGS:
        more = counted(len(warnings) - MOST_WARNINGS, "more warning")
        yield Line(f"{INDENT}and {more}, see the report", ("yellow",))


def _counts(run: Run, width: int) -> Iterator[Line]:
    by_target = counts_by(run.findings, "target")
    rows = [*by_target.items(), ("all", run.counts)] if len(by_target) > 1 else [("", run.counts)]
    longest = max(len(visible(name)) for name, _ in rows)
    for name, counts in rows:
        text = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
        if text:
            label = f"{visible(name):<{longest}}  " if name else ""
            yield from wrapped(f"{label}{text}", width, markup=("bold",) if name in {"", "all"} else ())


def _not_applicable(run: Run, width: int) -> Iterator[Line]:
    reasons = Counter(finding["reason"] for finding in _having(run, Verdict.NOT_APPLICABLE)).most_common()
    for reason, number in reasons[:MOST_REASONS]:
        yield from wrapped(f"{number} not applicable: {reason}", width, most=2)
    if len(reasons) > MOST_REASONS:
        rest = sum(number for _, number in reasons[MOST_REASONS:])
        yield Line(f"{rest} not applicable for {len(reasons) - MOST_REASONS} other reasons, see the report")


def _not_run(run: Run, width: int) -> Iterator[Line]:
    left = run.not_run
    for name in left[:MOST_LEFT]:
        yield from wrapped(f"not run: {name}", width, most=1)
    if len(left) > MOST_LEFT:
        yield Line(f"and {len(left) - MOST_LEFT} more that were not run, see the report")


def _places(places: Mapping[str, str]) -> Iterator[Line]:
    longest = max((len(name) for name in places), default=0)
    for name, place in places.items():
        # Not wrapped: a path is there to be copied.
        yield Line(f"{visible(name):<{longest}}  {visible(place)}")


def _final(run: Run, final: Result, width: int) -> Iterator[Line]:
    if run.footer and run.footer["note"]:
        yield from wrapped(run.footer["note"], width)
    for target in run.header["targets"]:
        if target["verified"] is False:
            text = f"The certificate of {target['name']} ({target['url']}) was not verified."
            yield from wrapped(text, width, markup=("yellow",))
    yield from wrapped(final.sentence, width, markup=_MARKUP_OF_TONE[final.tone])


def _having(run: Run, *verdicts: Verdict) -> list[dict[str, Any]]:
    wanted = {verdict.value for verdict in verdicts}
    return [finding for finding in run.findings if finding["verdict"] in wanted]


def _labelled(label: str, text: str, width: int) -> Iterable[Line]:
    indent = INDENT + " " * len("requirement  ")
    return wrapped(text, width, first=f"{INDENT}{label:<11}  ", indent=indent)
