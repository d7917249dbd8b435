"""A finding as data for the script of a page that shows findings one by one: its words and its events.

Words are made visible here; bytes stay as they are, the script shows each as what it is. Nothing here knows
HTML.
"""

from collections.abc import Mapping
from typing import Any

from reports.scenarios import web_address
from reports.text import visible
from reports.transcripts import transcript

_WORDS = ("scenario", "title", "why", "verdict", "expected", "observed", "reason")


def told(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Return what there is to tell of a finding, its clauses with their links if those are of the web."""
    words: dict[str, Any] = {key: visible(finding[key]) for key in _WORDS}
    clauses = [_clause(clause) for clause in finding["clauses"]]
    return words | {"clauses": clauses, "events": transcript(dict(finding))}


def _clause(clause: Mapping[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = {key: visible(clause[key]) for key in ("source", "section", "keyword", "text")}
    return words | {"link": web_address(clause["link"])}
