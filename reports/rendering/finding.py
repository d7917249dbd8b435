"""A finding as data for a page that shows findings one by one: what was asked, and what became of it.

Words are made visible here; bytes stay as they are, the script shows each as what it is. Nothing here knows
HTML.
"""

from collections.abc import Mapping
from typing import Any

from reports.rendering.text import of_the_web, visible
from reports.rendering.transcripts import transcript


def asked(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Return what there is to tell of a finding's scenario, whoever was asked."""
    clauses = [
        _words(clause, "source", "section", "keyword", "text")
        | {"link": visible(of_the_web(clause["link"]) or "")}
        for clause in finding["clauses"]
    ]
    return _words(finding, "scenario", "title", "why") | {"clauses": clauses}


def told(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Return what became of it."""
    words = _words(finding, "verdict", "expected", "observed", "reason")
    return words | {"events": transcript(dict(finding))}


def _words(values: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: visible(values[key]) for key in keys}
