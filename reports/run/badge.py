"""The badge of a run: what shields.io's endpoint badge reads, two words and a colour.

It is green only for a complete run that conforms, because a badge is seen without its run.
"""

import json

from conformance.record import Run
from reports.rendering.text import quantity
from reports.rendering.verdicts import RISK, Tone
from reports.run.result import is_complete, passes, result_of

LABEL = "HTTP/1.1"

_COLORS = {Tone.GOOD: "brightgreen", Tone.BAD: "red", Tone.UNSURE: "lightgrey"}


def render(run: Run) -> str:
    """Return the JSON of the badge of a run."""
    badge = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": _message(run),
        "color": _COLORS[result_of(run).tone],
    }
    return json.dumps(badge) + "\n"


def _message(run: Run) -> str:
    passed, verified = passes(run.counts)
    if not is_complete(run):
        return "cut off"
    risks = run.counts[RISK]
    at_risk = f", {quantity(risks, 'risk')}" if risks else ""
    return f"{passed} of {verified}{at_risk}" if verified else "nothing verified"
