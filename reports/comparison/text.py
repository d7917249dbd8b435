"""A comparison as lines for a terminal, as Markdown for the page of a job, and as JSON for programs.

`compare.schema.json` describes the JSON. What got worse comes first everywhere.
"""

import json
from collections.abc import Iterator
from typing import Any

from conformance.record import Run
from conformance.record_lines import FindingLine
from reports.comparison.value import Change, Comparison, Kind
from reports.rendering.finding import brief_data
from reports.rendering.markdown import code, link, prose, table
from reports.rendering.terminal import INDENT, Line, wrapped
from reports.rendering.text import server_name
from reports.rendering.verdicts import short_verdict
from reports.run.result import is_complete, result_of

FORMAT = 3

# More of one kind would push those of the others out of sight; the page and the JSON have them all.
MOST_SHOWN = 20

_MARKUP = {Kind.WORSE: ("red",), Kind.BETTER: ("green",), Kind.CHANGED: ("yellow",)}


def title(run: Run) -> str:
    """Return a run in a few words: its servers, and when it began."""
    servers = ", ".join(dict.fromkeys(server_name(target) for target in run.header["targets"]))
    return f"{servers}, {run.header['started'][:16].replace('T', ' ')}"


def remarks(comparison: Comparison) -> Iterator[str]:
    """Say why the comparison may not be the whole truth."""
    for which, run in (("old", comparison.old), ("new", comparison.new)):
        if not is_complete(run):
            yield f"The {which} run: {result_of(run).sentence}"
    old, new = comparison.old.header["wirecheck"], comparison.new.header["wirecheck"]
    if old != new:
        yield f"The runs are of different versions of wirecheck, {old} and {new}: only verdicts are compared."
    for name, is_new in comparison.alone:
        yield f"Only the {'new' if is_new else 'old'} run has the target {name}."


def lines(comparison: Comparison, *, width: int) -> Iterator[Line]:
    """Return the comparison for a terminal. width: of the terminal."""
    yield from wrapped(f"old  {title(comparison.old)}", width)
    yield from wrapped(f"new  {title(comparison.new)}", width)
    for kind in Kind:
        changes = [change for change in comparison.changes if change.kind is kind]
        if changes:
            yield Line()
            yield Line(f"{len(changes)} {kind.value}", ("bold",))
        for change in changes[:MOST_SHOWN]:
            yield from _change_lines(change, width, several_targets=len(comparison.pairs) > 1)
        if len(changes) > MOST_SHOWN:
            yield Line(f"{INDENT}and {len(changes) - MOST_SHOWN} more")
    yield Line()
    for remark in remarks(comparison):
        yield from wrapped(remark, width, markup=("yellow",))
    yield from wrapped(comparison.sentence, width, markup=comparison.tone.markup)


def as_markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown."""
    return "\n".join(_markdown(comparison)) + "\n"


def as_json(comparison: Comparison) -> str:
    """Return the comparison as JSON."""
    return json.dumps(
        {
            "type": "comparison",
            "format": FORMAT,
            "old": _run_data(comparison.old),
            "new": _run_data(comparison.new),
            "sentence": comparison.sentence,
            "worse": comparison.is_worse,
            "counts": {kind.name.lower(): comparison.counts[kind] for kind in Kind}
            | {"same": comparison.same},
            "targets": [{"old": old, "new": new} for old, new in comparison.pairs]
            + [
                {"old": None if is_new else name, "new": name if is_new else None}
                for name, is_new in comparison.alone
            ],
            "changes": [_change_data(change) for change in comparison.changes],
        },
    )


def _change_lines(change: Change, width: int, *, several_targets: bool) -> Iterator[Line]:
    finding = change.finding
    where = f" on {finding['target']}" if several_targets else ""
    old, new = _verdicts(change)
    heading = f"{old} → {new}  {finding['scenario']}{where}: {finding['title']}"
    yield from wrapped(heading, width, first="  ", markup=_MARKUP.get(change.kind, ()), most=2)
    if change.kind in (Kind.WORSE, Kind.CHANGED):
        for label, side in (("was", change.old), ("is ", change.new)):
            text = _gist(side)
            if text:
                yield from wrapped(text, width, first=f"{INDENT}{label}  ", indent=f"{INDENT}     ", most=2)


def _verdicts(change: Change) -> tuple[str, str]:
    """Return both verdicts, the old one first."""
    old, new = (short_verdict(side["verdict"]) if side else "none" for side in (change.old, change.new))
    return old, new


def _gist(finding: FindingLine | None) -> str:
    """Return the one sentence that says most about a finding: why it was judged so, or what was observed."""
    return "" if finding is None else finding["reason"] or finding["observed"]


def _markdown(comparison: Comparison) -> Iterator[str]:
    yield f"### {comparison.sentence}"
    yield ""
    yield f"- old: {prose(title(comparison.old))}"
    yield f"- new: {prose(title(comparison.new))}"
    for remark in remarks(comparison):
        yield f"- {prose(remark)}"
    for kind in Kind:
        changes = [change for change in comparison.changes if change.kind is kind]
        if changes:
            yield ""
            yield f"**{len(changes)} {kind.value}**"
            yield ""
            heads = ["scenario", "clause", "verdict", "was", "is"]
            yield from table(heads, map(_row, changes[:MOST_SHOWN]))
        if len(changes) > MOST_SHOWN:
            yield ""
            yield f"… and {len(changes) - MOST_SHOWN} more."


def _row(change: Change) -> list[str]:
    finding = change.finding
    clause = finding["clauses"][0]
    return [
        code(finding["scenario"]),
        link(f"{clause['source']}, {clause['section']}", clause["link"]),
        " → ".join(prose(verdict) for verdict in _verdicts(change)),
        prose(_gist(change.old)),
        prose(_gist(change.new)),
    ]


def _run_data(run: Run) -> dict[str, Any]:
    return {
        "wirecheck": run.header["wirecheck"],
        "started": run.header["started"],
        "targets": [
            {"name": target["name"], "url": target["url"], "server": target["server"]}
            for target in run.header["targets"]
        ],
        "complete": is_complete(run),
    }


def _change_data(change: Change) -> dict[str, Any]:
    finding = change.finding
    return {
        "change": change.kind.name.lower(),
        "scenario": finding["scenario"],
        "target": finding["target"],
        "title": finding["title"],
        "topic": finding["topic"],
        "level": finding["level"],
        "risk": finding["risk"],
        "clause": finding["clauses"][0]["id"],
        "old": brief_data(change.old),
        "new": brief_data(change.new),
    }
