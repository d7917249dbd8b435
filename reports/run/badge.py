"""The badge of a run: what shields.io's endpoint badge reads, two words and a colour.

Green is only who conforms and whose run came to its end; a badge is looked at without its run.
"""

import json

from conformance.record import Run
from reports.run.result import Tone, is_complete, passes, result

LABEL = "HTTP/1.1"

_COLORS = {Tone.GOOD: "brightgreen", Tone.BAD: "red", Tone.UNSURE: "lightgrey"}


def render(run: Run) -> str:
    """Return the JSON of the badge of a run."""
    return (
        json.dumps(
            {
                "schemaVersion": 1,
                "label": LABEL,
                "message": _message(run),
                "color": _COLORS[result(run).tone],
            }
        )
        + "\n"
    )


def _message(run: Run) -> str:
    passed, verified = passes(run.counts)
    if not is_complete(run):
        return "cut off"
    return f"{passed} of {verified}" if verified else "nothing verified"
