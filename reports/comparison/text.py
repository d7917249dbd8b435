"""A comparison of two runs as a terminal, the page of a job and a program read it.

From `changes` to lines, Markdown and JSON, which `compare.schema.json` describes; `compare_page` makes the
page of it. What got worse comes first everywhere.
"""

import json
from collections.abc import Iterator
from typing import Any

from conformance.record import Run
from reports.comparison.value import Change, Comparison, Finding, Kind
from reports.matrix.value import brief, named, short
from reports.rendering.terminal import INDENT, Line, wrapped
from reports.rendering.text import counted
from reports.run.markdown import code, link, prose, table
from reports.run.result import Tone, is_complete, result

FORMAT = 1

# More of a kind would push those of the others out of sight; the page and the JSON have them all.
MOST_SHOWN = 20

_MARKUP = {Kind.WORSE: ("red",), Kind.BETTER: ("green",), Kind.CHANGED: ("yellow",)}
_MARKUP_OF_TONE = {Tone.GOOD: ("green", "bold"), Tone.BAD: ("red", "bold"), Tone.UNSURE: ("yellow", "bold")}


def title(run: Run) -> str:
    """Return a run in a few words: its servers, and when it began."""
    servers = ", ".join(dict.fromkeys(named(target) for target in run.header["targets"]))
    return f"{servers}, {run.header['started'][:16].replace('T', ' ')}"


def remarks(made: Comparison) -> Iterator[str]:
    """Say what keeps the comparison from being the whole truth."""
    for which, run in (("old", made.old), ("new", made.new)):
        if not is_complete(run):
            yield f"The {which} run: {result(run).sentence}"
    if made.old.header["wirecheck"] != made.new.header["wirecheck"]:
        versions = f"{made.old.header['wirecheck']} and {made.new.header['wirecheck']}"
        yield f"The runs are of different versions of wirecheck: {versions}."
    for name, is_new in made.alone:
        yield f"Only the {'new' if is_new else 'old'} run has the target {name}."


def verdicts(change: Change) -> str:
    """Return both verdicts, the old one first."""
    return " → ".join(
        "none" if finding is None else short(finding["verdict"]) for finding in (change.old, change.new)
    )


def lines(made: Comparison, *, width: int) -> Iterator[Line]:
    """Return the comparison for a terminal."""
    yield from wrapped(f"old  {title(made.old)}", width)
    yield from wrapped(f"new  {title(made.new)}", width)
    for kind in Kind:
        changes = [change for change in made.changes if change.kind is kind]
        if changes:
            yield Line()
            yield Line(f"{len(changes)} {kind.value}", ("bold",))
        for change in changes[:MOST_SHOWN]:
            yield from _change(change, width, several=len(made.pairs) > 1)
        if len(changes) > MOST_SHOWN:
            yield Line(f"{INDENT}and {len(changes) - MOST_SHOWN} more")
    yield Line()
    for remark in remarks(made):
        yield from wrapped(remark, width, markup=("yellow",))
    yield from wrapped(made.sentence, width, markup=_MARKUP_OF_TONE[made.tone])


def _change(change: Change, width: int, *, several: bool) -> Iterator[Line]:
    finding = change.finding
    where = f" on {finding['target']}" if several else ""
    heading = f"{verdicts(change)}  {finding['scenario']}{where}: {finding['title']}"
    yield from wrapped(heading, width, first="  ", markup=_MARKUP.get(change.kind, ()), most=2)
    if change.kind in (Kind.WORSE, Kind.CHANGED):
        for label, side in (("was", change.old), ("is ", change.new)):
            text = said(side)
            if text:
                yield from wrapped(text, width, first=f"{INDENT}{label}  ", indent=f"{INDENT}     ", most=2)


def said(finding: Finding | None) -> str:
    """Return the sentence that says most of a finding: why it is none, or else what was observed."""
    if finding is None:
        return ""
    text: str = finding["reason"] or finding["observed"]
    return text


def as_markdown(made: Comparison) -> str:
    """Return the comparison as Markdown."""
    return "\n".join(_markdown(made)) + "\n"


def _markdown(made: Comparison) -> Iterator[str]:
    yield f"### {made.sentence}"
    yield ""
    yield f"- old: {prose(title(made.old))}"
    yield f"- new: {prose(title(made.new))}"
    for remark in remarks(made):
        yield f"- {prose(remark)}"
    for kind in Kind:
        changes = [change for change in made.changes if change.kind is kind]
        if changes:
            yield ""
            yield f"**{len(changes)} {kind.value}**"
            yield ""
            heads = ["scenario", "clause", "verdict", "was", "is"]
            yield from table(heads, map(_row, changes[:MOST_SHOWN]))
        if len(changes) > MOST_SHOWN:
            yield ""
            yield f"… and {counted(len(changes) - MOST_SHOWN, 'more', 'more')}."


def _row(change: Change) -> list[str]:
    finding = change.finding
    clause = finding["clauses"][0]
    return [
        code(finding["scenario"]),
        link(f"{clause['source']}, {clause['section']}", clause["link"]),
        " → ".join(prose(verdict) for verdict in verdicts(change).split(" → ")),
        prose(said(change.old)),
        prose(said(change.new)),
    ]


def as_json(made: Comparison) -> str:
    """Return the comparison as JSON."""
    return json.dumps(
        {
            "type": "comparison",
            "format": FORMAT,
            "old": _run(made.old),
            "new": _run(made.new),
            "sentence": made.sentence,
            "worse": made.is_worse,
            "counts": {kind.name.lower(): made.counts[kind] for kind in Kind} | {"same": made.same},
            "targets": [{"old": old, "new": new} for old, new in made.pairs]
            + [
                {"old": None if is_new else name, "new": name if is_new else None}
                for name, is_new in made.alone
            ],
            "changes": [_json(change) for change in made.changes],
        },
    )


def _run(run: Run) -> dict[str, Any]:
    return {
        "wirecheck": run.header["wirecheck"],
        "started": run.header["started"],
        "targets": [
            {key: target[key] for key in ("name", "url", "server")} for target in run.header["targets"]
        ],
        "complete": is_complete(run),
    }


def _json(change: Change) -> dict[str, Any]:
    finding = change.finding
    return {
        "change": change.kind.name.lower(),
        "scenario": finding["scenario"],
        "target": finding["target"],
        "title": finding["title"],
        "topic": finding["topic"],
        "level": finding["level"],
        "clause": finding["clauses"][0]["id"],
        "old": brief(change.old),
        "new": brief(change.new),
    }
