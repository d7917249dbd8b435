"""The page of a run: one HTML file that needs nothing else and runs nothing but its own script.

From a record to text. Every value goes through `text.visible` and then through jinja2's escaping, both set in
the environment so that no expression of the template can forget them. Transcripts are data for the script, in
a block that a browser does not execute. The content security policy names the style and the script by their
hashes and forbids everything else. Where the file is written is not known here.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance.model import Verdict
from conformance.record import Run
from reports.result import VERDICTS, result
from reports.scenarios import FAILURES, ORDER, Entry, entries
from reports.tables import tables
from reports.text import visible
from reports.transcripts import transcript

# Failures up to this many are open when the page is; more would bury the list.
MOST_OPEN = 5

_EXPLAINED = {
    Verdict.PASS.value: "The server did what the clause asks for or allows.",
    Verdict.WARN.value: "The server broke a recommendation, or a rule in a way that is known to harm nobody.",
    Verdict.INFO.value: "The server does otherwise where the clause leaves it the choice.",
    Verdict.FAIL.value: "The server broke a rule that it must keep.",
    Verdict.NOT_APPLICABLE.value: "Not judged: the target lacks a capability, or the well-formed twin fails.",
    Verdict.ERROR.value: "Not judged: the target was out of reach, or wirecheck itself went wrong.",
}


@dataclass(frozen=True)
class Section:
    """The scenarios of one verdict."""

    verdict: str
    explained: str
    entries: tuple[Entry, ...]


def render(run: Run) -> str:
    """Return the page of a run."""
    shown = entries(run)
    failures = sum(run.counts[verdict] for verdict in FAILURES)
    style, script = _inline("report.css"), _inline("report.js")
    return (
        _environment()
        .get_template("report.html")
        .render(
            run=run,
            result=result(run),
            options=_options(run.header["options"]),
            started=_moment(run.header["started"]),
            took=_took(run),
            sections=_sections(shown),
            tables=tables(run),
            choices=_choices(run),
            open_failures=failures <= MOST_OPEN,
            failures=FAILURES,
            transcripts=_data([transcript(entry.finding) for entry in shown]),
            style=style,
            script=script,
            policy=_policy(style, script),
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _harmless(value: object) -> object:
    """Make text visible before it is escaped, but not what the template itself made or calls safe."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _inline(name: str) -> str:
    environment = _environment()
    assert environment.loader  # noqa: S101  (for the type checker: it was given above)
    source, _, _ = environment.loader.get_source(environment, name)
    return source


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(value: Any) -> str:
    """Return JSON that cannot end the block it stands in: ASCII without angle brackets and ampersands."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _sections(shown: tuple[Entry, ...]) -> tuple[Section, ...]:
    members = {verdict: tuple(e for e in shown if e.finding["verdict"] == verdict) for verdict in ORDER}
    return tuple(Section(verdict, _EXPLAINED[verdict], found) for verdict, found in members.items() if found)


def _choices(run: Run) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return what the page can be filtered by: each property's values, and how many findings have them."""
    wanted = {"verdict": VERDICTS, "level": ("MUST", "SHOULD", "MAY")}
    choices = {}
    for key in ("verdict", "level", "topic", "target"):
        found = [finding[key] for finding in run.findings]
        values = [value for value in wanted.get(key, sorted(set(found))) if value in found]
        choices[key] = tuple((value, found.count(value)) for value in values)
    return choices


def _options(options: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the options that were set, with their values as text."""
    return tuple(
        (name, "" if value is True else value if isinstance(value, str) else json.dumps(value))
        for name, value in options.items()
        if value not in (None, False, "", [], {})
    )


def _moment(moment: str) -> str:
    try:
        return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M:%S %Z}"
    except ValueError:
        return moment


def _took(run: Run) -> str:
    """Return how long the run took, or nothing when it does not say."""
    try:
        ended = datetime.fromisoformat(run.footer["ended"]) if run.footer else None
        seconds = (ended - datetime.fromisoformat(run.header["started"])).total_seconds() if ended else None
    except (ValueError, TypeError):
        return ""
    return "" if seconds is None else f"{seconds:.1f} s"
