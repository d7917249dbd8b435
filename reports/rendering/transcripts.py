"""The transcript of a finding as data for the page's script: its events, each with the direction it went.

Data stays as the record has it, one latin-1 character for a byte; the script shows each byte as what it is.
Words are made visible here. Nothing here knows HTML.
"""

from typing import Any

from conformance.text import arrow
from reports.rendering.text import visible


def transcript(finding: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of a finding."""
    return [_event(event) for event in finding["events"]]


def _event(event: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "at": event["at"],
        "way": arrow(event["kind"]),
        "kind": visible(event["kind"]),
    }
    if "note" in event:
        shown["note"] = visible(event["note"])
    return shown | {key: event[key] for key in ("data", "cut", "tail") if key in event}
