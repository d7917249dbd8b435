"""The scenarios of a page: each finding with its address there, its control's and the line that replays it.

In the order in which they are read: what is wrong first. How they look is the template's.
"""

import shlex
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from conformance.model import Verdict
from conformance.record import Run
from reports.text import of_the_web

FAILURES = (Verdict.FAIL.value, Verdict.ERROR.value)
ORDER = (
    *FAILURES,
    Verdict.WARN.value,
    Verdict.INFO.value,
    Verdict.NOT_APPLICABLE.value,
    Verdict.PASS.value,
)


@dataclass(frozen=True)
class Entry:
    """A finding on the page.

    number: where its transcript is in the data. control: the anchor of its control, if that is on the page.
    links: for each clause its address, if that is one of the web.
    """

    number: int
    finding: dict[str, Any]
    anchor: str
    control: str | None
    replay: str
    links: tuple[str | None, ...]


def entries(run: Run) -> tuple[Entry, ...]:
    """Return the findings of a run in the order in which they are read."""
    anchors = {anchor(finding["target"], finding["scenario"]) for finding in run.findings}
    targets = {target["name"]: target for target in run.header["targets"]}
    ordered = sorted(run.findings, key=lambda finding: ORDER.index(finding["verdict"]))
    return tuple(
        _entry(number, finding, anchors, targets.get(finding["target"]), run.header["options"])
        for number, finding in enumerate(ordered)
    )


def anchor(target: str, scenario: str) -> str:
    """Return the part of the page's address that leads to a scenario: `target/scenario`, as URLs spell it."""
    return "/".join(quote(part.encode("utf-8", "backslashreplace"), safe="") for part in (target, scenario))


def _entry(
    number: int,
    finding: dict[str, Any],
    anchors: set[str],
    target: dict[str, Any] | None,
    options: dict[str, Any],
) -> Entry:
    control = anchor(finding["target"], finding["control"]) if finding["control"] else None
    return Entry(
        number=number,
        finding=finding,
        anchor=anchor(finding["target"], finding["scenario"]),
        control=control if control in anchors else None,
        replay=_replay(finding["scenario"], target, options),
        links=tuple(of_the_web(clause["link"]) for clause in finding["clauses"]),
    )


def _replay(scenario: str, target: dict[str, Any] | None, options: dict[str, Any]) -> str:
    words = ["python", "-m", "conformance", "-k", scenario]
    for name in ("delivery", "seed"):
        words += [f"--{name}", str(options[name])] if options.get(name, "whole") != "whole" else []
    if target:
        words += ["--profile", target["profile"]] if target["profile"] != "http11" else []
        words += ["--insecure"] if target["verified"] is False else []
        words += [] if target["embedded"] else [target["url"]]
    return shlex.join(words)
