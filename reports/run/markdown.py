r"""Markdown for the page of a job: hostile text made harmless, tables, and the summary of a run.

What a server chose stands in code spans, where GitHub and GitLab read no markup, HTML, mention, reference or
address; only words that can be nothing else stand as they are. In tables, where even a code span ends at a
pipe, that is an escape such as \x7c. Files and terminals are not known here.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from conformance.judging.model import Verdict
from conformance.record import Run
from reports.rendering.terminal import LONGEST_TEXT
from reports.rendering.text import clipped, counted, visible
from reports.run.page_data import ORDER
from reports.run.result import VERDICTS, counts_by, failures, known, reasons_to_excuse, result

# More would make the page of a job one long list; the report has them all.
MOST_FAILURES = 50
MOST_REASONS = 5

# Words that no reader of Markdown takes for anything else, nor for the number of a list, wherever they stand.
_PLAIN = re.compile(r"(?!\d+[.)])[A-Za-z0-9]+(?:(?:[.:]? |[,;'\"/()-])+[A-Za-z0-9]+|\.[0-9]+)*[.)]*")
_LED_ASTRAY = re.compile(r"www\.|gh-", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~/#?=&%:-]+")


def code(text: str) -> str:
    """Return a text as a code span."""
    shown = visible(clipped(text, LONGEST_TEXT))
    if not shown:
        return ""
    fence = "`" * (max((len(ticks) for ticks in re.findall("`+", shown)), default=0) + 1)
    # A space on both sides, which readers take away again, keeps ticks and spaces at the ends.
    edge = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def prose(text: str) -> str:
    """Return a text as it is when its words are harmless, else as a code span."""
    return text if _PLAIN.fullmatch(text) and not _LED_ASTRAY.search(text) else code(text)


def link(text: str, address: str) -> str:
    """Return a link, or the text alone when the address is none of the web."""
    shown = prose(text)
    return f"[{shown}]({address})" if _ADDRESS.fullmatch(address) else shown


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> Iterator[str]:
    """Return the lines of a table; cells are Markdown already. numbers: so many last columns are numbers."""
    words = len(heads) - numbers
    yield _row(heads)
    yield _row([":--"] * words + ["--:"] * numbers)
    for row in rows:
        yield _row(row)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\x7c") for cell in cells) + " |"


def render(run: Run) -> str:
    """Return the summary of a run."""
    return "\n".join(_summary(run)) + "\n"


def _summary(run: Run) -> Iterator[str]:
    yield f"### wirecheck: {result(run).sentence}"
    yield ""
    if run.footer and run.footer["note"]:
        yield from (prose(run.footer["note"]), "")
    yield from _counts(run)
    yield from _not_run(run)
    yield from _failures(run)
    yield from _baseline(run)
    yield from _reasons(run)


def _counts(run: Run) -> Iterator[str]:
    """A row for each target: what it is, and its counts."""
    totals = run.counts
    shown = [verdict for verdict in VERDICTS if totals[verdict]]
    counts = counts_by(run.findings, "target")
    rows = []
    for target in run.header["targets"]:
        found = counts.get(target["name"], Counter())
        what = [prose(target["name"]), code(target["url"]), code(target["server"])]
        rows.append([*what, *(str(found.get(verdict, 0)) for verdict in shown)])
    yield from table(["target", "URL", "Server", *shown], rows, numbers=len(shown))
    yield ""


def _not_run(run: Run) -> Iterator[str]:
    if run.not_run:
        names = ", ".join(code(name) for name in run.not_run[:MOST_REASONS])
        more = len(run.not_run) - MOST_REASONS
        yield f"Not run: {names}{f' and {more} more' if more > 0 else ''}."
        yield ""


def _failures(run: Run) -> Iterator[str]:
    found = failures(run)
    found.sort(key=lambda finding: ORDER.index(finding["verdict"]))
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for finding in found[:MOST_FAILURES]:
        clause, observed = finding["clauses"][0], _observed(finding)
        key = (finding["target"], finding["verdict"], clause["id"], finding["expected"], observed)
        alike.setdefault(key, []).append(finding)
    for group in alike.values():
        yield from _group(group, several=len(run.header["targets"]) > 1)
    if len(found) > MOST_FAILURES:
        yield f"… and {len(found) - MOST_FAILURES} more, see the report."
    if found:
        yield ""


def _group(findings: list[dict[str, Any]], *, several: bool) -> Iterator[str]:
    """Failures that differ in nothing but what was sent."""
    first = findings[0]
    names = ", ".join(code(finding["scenario"]) for finding in findings)
    where = f" on {prose(first['target'])}" if several else ""
    title = f": {prose(first['title'])}" if len(findings) == 1 else ""
    clause = first["clauses"][0]
    rule = link(f"{clause['source']}, {clause['section']}", clause["link"])
    yield f"- **{first['verdict']}** {names}{where}{title}"
    yield f"  - {rule}, {prose(clause['keyword'])}: {prose(clause['text'])}"
    yield f"  - expected: {prose(first['expected'])}"
    yield f"  - observed: {prose(_observed(first))}"


def _observed(finding: dict[str, Any]) -> str:
    text: str = finding["reason" if finding["verdict"] == Verdict.ERROR.value else "observed"]
    return text


def _baseline(run: Run) -> Iterator[str]:
    excused = reasons_to_excuse(run)
    for scenario in dict.fromkeys(finding["scenario"] for finding in known(run)):
        yield f"- known: {code(scenario)}: {prose(excused[scenario])}"
    for sentence in (run.footer or {}).get("baseline", {}).get("said", ()):
        yield f"- {prose(sentence)}"


def _reasons(run: Run) -> Iterator[str]:
    """Why what is not applicable is not."""
    absent = (f["reason"] for f in run.findings if f["verdict"] == Verdict.NOT_APPLICABLE.value)
    reasons = Counter(absent).most_common()
    for reason, number in reasons[:MOST_REASONS]:
        yield f"- {number} not applicable: {prose(reason)}"
    if len(reasons) > MOST_REASONS:
        yield f"- and {counted(len(reasons) - MOST_REASONS, 'other reason')}, see the report"
