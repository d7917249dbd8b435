"""The summary of a run as Markdown, for the page of a job: the result, crashes, counts, failures, reasons.

Markdown's primitives make every text harmless; files and terminals are not known here.
"""

from collections import Counter
from collections.abc import Iterator

from conformance.record import Run
from conformance.record_lines import FindingLine
from reports.rendering.finding import crash_sentence, risk_phrase
from reports.rendering.markdown import code, link, prose, table
from reports.rendering.text import quantity
from reports.rendering.verdicts import ERROR, NOT_APPLICABLE, VERDICTS, severity
from reports.run.controls import failed_controls
from reports.run.result import (
    baseline_sentences,
    counts_by,
    crashes,
    failures,
    known_failures,
    result_of,
)

# More would make the page of a job one long list; the report has them all.
MOST_CRASHES = 10
MOST_FAILURES = 50
MOST_REASONS = 5


def render(run: Run) -> str:
    """Return the summary of a run."""
    return "\n".join(_summary(run)) + "\n"


def _summary(run: Run) -> Iterator[str]:
    yield f"### wirecheck: {result_of(run).sentence}"
    yield ""
    yield from _crashes(run)
    if run.footer and run.footer["note"]:
        yield from (prose(run.footer["note"]), "")
    yield from _failed_controls(run)
    yield from _counts(run)
    yield from _not_run(run)
    yield from _failures(run)
    yield from _baseline(run)
    yield from _reasons(run)


def _crashes(run: Run) -> Iterator[str]:
    found = crashes(run)
    for crash in found[:MOST_CRASHES]:
        scenario = f"{code(crash.scenario)} " if crash.scenario is not None else ""
        yield f"- **Crash:** {scenario}{prose(crash.what)}"
    if len(found) > MOST_CRASHES:
        yield f"- and {quantity(len(found) - MOST_CRASHES, 'more crash', 'more crashes')}; see the report"
    if found:
        yield ""


def _failed_controls(run: Run) -> Iterator[str]:
    found = failed_controls(run)
    for control in found:
        line = control.line
        yield f"- **Control:** {code(line['scenario'])} {prose(control.what)}"
        yield f"  Expected: {prose(line['expected'])} Observed: {prose(line['observed'])}"
    if found:
        yield ""


def _counts(run: Run) -> Iterator[str]:
    """A row for each target with its counts, and below the table what else there is to know of it."""
    totals = run.counts
    verdicts = [verdict for verdict in VERDICTS if totals[verdict]]
    counts = counts_by(run.findings, "target")
    rows = []
    for target in run.header["targets"]:
        of_target = counts.get(target["name"], Counter())
        words = [prose(target["name"]), code(target["url"]), code(target["server"])]
        rows.append([*words, *(str(of_target.get(verdict, 0)) for verdict in verdicts)])
    yield from table(["target", "URL", "Server", *verdicts], rows, numbers=len(verdicts))
    yield ""
    opinions = [target for target in run.header["targets"] if target["second_opinion"]]
    for target in opinions:
        yield f"- second opinion on {prose(target['name'])}: {prose(target['second_opinion'])}"
    if opinions:
        yield ""


def _not_run(run: Run) -> Iterator[str]:
    if run.not_run:
        names = ", ".join(code(name) for name in run.not_run[:MOST_REASONS])
        more = len(run.not_run) - MOST_REASONS
        yield f"Not run: {names}{f' and {more} more' if more > 0 else ''}."
        yield ""


def _failures(run: Run) -> Iterator[str]:
    listed = sorted(failures(run), key=severity)
    alike: dict[tuple[str | None, ...], list[FindingLine]] = {}
    for finding in listed[:MOST_FAILURES]:
        key = (
            finding["target"],
            finding["verdict"],
            finding["clauses"][0]["id"],
            finding["expected"],
            _observed(finding),
            finding["crash"],
        )
        alike.setdefault(key, []).append(finding)
    for group in alike.values():
        yield from _group(group, several_targets=len(run.header["targets"]) > 1)
    if len(listed) > MOST_FAILURES:
        yield f"… and {len(listed) - MOST_FAILURES} more; see the report."
    if listed:
        yield ""


def _group(findings: list[FindingLine], *, several_targets: bool) -> Iterator[str]:
    """Failures that differ only in what was sent."""
    first = findings[0]
    names = ", ".join(code(finding["scenario"]) for finding in findings)
    where = f" on {prose(first['target'])}" if several_targets else ""
    title = f": {prose(first['title'])}" if len(findings) == 1 else ""
    clause = first["clauses"][0]
    rule = link(f"{clause['source']}, {clause['section']}", clause["link"])
    yield f"- **{first['verdict']}** {names}{where}{title}"
    yield f"  - {rule}, {prose(clause['keyword'])}: {prose(clause['text'])}"
    yield f"  - expected: {prose(first['expected'])}"
    yield f"  - observed: {prose(_observed(first))}"
    if first["risk"] is not None:
        yield f"  - risk: {prose(risk_phrase(first))}"
    if first["crash"] is not None:
        yield f"  - crash: {prose(crash_sentence(first))}"


def _observed(finding: FindingLine) -> str:
    return finding["reason"] if finding["verdict"] == ERROR else finding["observed"]


def _baseline(run: Run) -> Iterator[str]:
    known = {finding["scenario"]: reason for finding, reason in known_failures(run)}
    for scenario, reason in known.items():
        yield f"- known: {code(scenario)}: {prose(reason)}"
    for sentence in baseline_sentences(run):
        yield f"- {prose(sentence)}"


def _reasons(run: Run) -> Iterator[str]:
    """Why scenarios are not applicable."""
    reasons = Counter(f["reason"] for f in run.findings if f["verdict"] == NOT_APPLICABLE).most_common()
    for reason, number in reasons[:MOST_REASONS]:
        yield f"- {number} not applicable: {prose(reason)}"
    if len(reasons) > MOST_REASONS:
        yield f"- and {quantity(len(reasons) - MOST_REASONS, 'other reason')}; see the report"
