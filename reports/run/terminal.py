"""The end of a run in the terminal: failures, counts, reasons, where the reports are, and the result.

From a record to lines of text with the names of their colours; no escape code is written here, and no
terminal is known. Every word of the record is made visible.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from conformance.record import Run
from conformance.record_lines import FindingLine
from conformance.text import visible
from reports.rendering.finding import crash_sentence, risk_phrase
from reports.rendering.terminal import INDENT, Line, wrapped
from reports.rendering.text import quantity
from reports.rendering.verdicts import ERROR, FAIL, NOT_APPLICABLE, VERDICTS, WARN, closing_verdicts
from reports.run.controls import failed_controls
from reports.run.reproduce import reproduction
from reports.run.result import (
    Result,
    baseline_sentences,
    counts_by,
    crashes,
    failures,
    known_failures,
    result_of,
)

# More warnings or reasons than these would push the failures off the screen; the page has them all.
MOST_WARNINGS = 10
MOST_REASONS = 8
MOST_NOT_RUN = 5
MOST_CRASHES = 10
# Errors with the same reason, such as a target that no longer answers.
MOST_ALIKE = 3


def summary_lines(run: Run, *, width: int = 80, places: Mapping[str, str] | None = None) -> list[Line]:
    """Return the summary of a run. width: of the terminal. places: where the reports are, by their names."""
    result = result_of(run)
    parts = (
        _failures(run, width),
        _known_failures(run, width),
        _warnings(run, width),
        _failed_controls(run, width),
        _counts(run, width),
        _not_applicable(run, width),
        _not_run(run, width),
        _baseline(run, width),
        _places(places or {}),
        _result(run, result, width),
    )
    lines: list[Line] = []
    for part in parts:
        block = list(part)
        lines += [Line(), *block] if block else []
    return lines


def _failures(run: Run, width: int) -> Iterator[Line]:
    alike: Counter[str] = Counter()
    is_first = True
    for finding in failures(run):
        if finding["verdict"] == ERROR:
            alike[finding["reason"]] += 1
            if alike[finding["reason"]] > MOST_ALIKE:
                continue
        if not is_first:
            yield Line()
        is_first = False
        yield from _failure(finding, width)
    yield from _reproduction(run)
    more = sum(number - MOST_ALIKE for number in alike.values() if number > MOST_ALIKE)
    if more:
        yield Line()
        yield Line(
            f"and {quantity(more, 'more ERROR')} for the same reasons; see the report", ("red", "bold")
        )


def _failure(finding: FindingLine, width: int) -> Iterator[Line]:
    text = f"{finding['verdict']}  {finding['scenario']} on {finding['target']}: {finding['title']}"
    yield from wrapped(text, width, markup=("red", "bold"))
    clause = finding["clauses"][0]
    yield from _labelled("requirement", f"{clause['id']} {clause['keyword']}: {clause['text']}", width)
    yield from _labelled("expected", finding["expected"], width)
    yield from _labelled("observed", finding["observed"], width)
    if finding["risk"] is not None:
        yield from _labelled("risk", risk_phrase(finding), width)
    if finding["crash"] is not None:
        yield from _labelled("crash", crash_sentence(finding), width, markup=("red",))
    if finding["verdict"] == ERROR:
        yield from _labelled("reason", finding["reason"], width)


def _reproduction(run: Run) -> Iterator[Line]:
    """Say how to see every byte of the first failure; not wrapped, so that it can be copied."""
    finding = next((finding for finding in failures(run) if finding["verdict"] == FAIL), None)
    if finding is None:
        return
    target = next((one for one in run.header["targets"] if one["name"] == finding["target"]), None)
    command = reproduction(finding, target, run.header["options"]).command
    if command:
        yield Line()
        yield Line(f"To see the bytes: {visible(command)}")


def _known_failures(run: Run, width: int) -> Iterator[Line]:
    known = known_failures(run)
    for finding, reason in known[:MOST_WARNINGS]:
        crash = f" ({crash_sentence(finding).removesuffix('.')})" if finding["crash"] is not None else ""
        text = f"KNOWN {finding['scenario']} on {finding['target']}: {reason}{crash}"
        yield from wrapped(text, width, markup=("yellow",), most=2)
    if len(known) > MOST_WARNINGS:
        more = quantity(len(known) - MOST_WARNINGS, "more known failure")
        yield Line(f"{INDENT}and {more}; see the report", ("yellow",))


def _warnings(run: Run, width: int) -> Iterator[Line]:
    # Warnings that close the gate are among the failures.
    warnings = _having(run, WARN) if WARN not in closing_verdicts(run.header["options"]) else []
    for finding in warnings[:MOST_WARNINGS]:
        text = f"WARN  {finding['scenario']} on {finding['target']}: {finding['observed']}"
        yield from wrapped(text, width, markup=("yellow",), most=2)
    if len(warnings) > MOST_WARNINGS:
        more = quantity(len(warnings) - MOST_WARNINGS, "more warning")
        yield Line(f"{INDENT}and {more}; see the report", ("yellow",))


def _failed_controls(run: Run, width: int) -> Iterator[Line]:
    for control in failed_controls(run):
        text = f"CONTROL  {control.line['scenario']} {control.what}"
        yield from wrapped(text, width, markup=("yellow", "bold"))
        yield from _labelled("expected", control.line["expected"], width)
        yield from _labelled("observed", control.line["observed"], width)


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
    reasons = Counter(finding["reason"] for finding in _having(run, NOT_APPLICABLE)).most_common()
    for reason, number in reasons[:MOST_REASONS]:
        yield from wrapped(f"{number} not applicable: {reason}", width, most=2)
    if len(reasons) > MOST_REASONS:
        rest = sum(number for _, number in reasons[MOST_REASONS:])
        yield Line(f"{rest} not applicable for {len(reasons) - MOST_REASONS} other reasons; see the report")


def _not_run(run: Run, width: int) -> Iterator[Line]:
    names = run.not_run
    for name in names[:MOST_NOT_RUN]:
        yield from wrapped(f"not run: {name}", width, most=1)
    if len(names) > MOST_NOT_RUN:
        yield Line(f"not run: {len(names) - MOST_NOT_RUN} more; see the report")


def _baseline(run: Run, width: int) -> Iterator[Line]:
    for sentence in baseline_sentences(run):
        yield from wrapped(sentence, width, markup=("yellow",))


def _places(places: Mapping[str, str]) -> Iterator[Line]:
    longest = max((len(name) for name in places), default=0)
    for name, place in places.items():
        # Not wrapped, so that the path can be copied.
        yield Line(f"{visible(name):<{longest}}  {visible(place)}")


def _result(run: Run, result: Result, width: int) -> Iterator[Line]:
    if run.footer and run.footer["note"]:
        yield from wrapped(run.footer["note"], width)
    for target in run.header["targets"]:
        if target["verified"] is False:
            text = f"The certificate of {target['name']} ({target['url']}) was not verified."
            yield from wrapped(text, width, markup=("yellow",))
    found = crashes(run)
    for crash in found[:MOST_CRASHES]:
        yield from wrapped(crash.sentence, width, markup=("red", "bold"))
    if len(found) > MOST_CRASHES:
        more = quantity(len(found) - MOST_CRASHES, "more crash", "more crashes")
        yield Line(f"and {more}; see the report", ("red", "bold"))
    yield from wrapped(result.sentence, width, markup=result.tone.markup)


def _having(run: Run, verdict: str) -> list[FindingLine]:
    return [finding for finding in run.findings if finding["verdict"] == verdict]


def _labelled(label: str, text: str, width: int, markup: tuple[str, ...] = ()) -> Iterable[Line]:
    indent = INDENT + " " * len("requirement  ")
    return wrapped(text, width, first=f"{INDENT}{label:<11}  ", indent=indent, markup=markup)
