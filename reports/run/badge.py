"""The badge of a run: what shields.io's endpoint badge reads, two words and a colour.

It is green only for a complete run that conforms, because a badge is seen without its run.
"""

import json

from conformance.record import Run
from reports.rendering.verdicts import Tone
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
    return f"{passed} of {verified}" if verified else "nothing verified"
