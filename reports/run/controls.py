"""Controls that did not pass, and how many scenarios each of them left unjudged.

A control that leaves many unjudged hides a large part of what a run is for, so every report warns of it and
says what was expected of the control and what came. How the warning is shown is not known here.
"""

from dataclasses import dataclass

from conformance.record import Run
from conformance.record_lines import FailedControlLine
from reports.rendering.text import quantity

MOST_UNJUDGED = 10
"""A control that leaves more scenarios unjudged than this is a warning of its own."""


@dataclass(frozen=True)
class FailedControl:
    """A control that did not pass on a target."""

    target: str
    line: FailedControlLine  # what was expected of it, and what came
    unjudged: int  # how many scenarios it left unjudged

    @property
    def what(self) -> str:
        """What follows from it, as a phrase that follows the id of the control."""
        scenarios = quantity(self.unjudged, "scenario that depends", "scenarios that depend")
        return (
            f"did not pass on {self.target} ({self.line['verdict']}), "
            f"so {scenarios} on it could not be judged."
        )


def failed_controls(run: Run) -> list[FailedControl]:
    """Return the controls that left more than a few scenarios unjudged, those that left most first."""
    lines: dict[tuple[str, str], FailedControlLine] = {}
    unjudged: dict[tuple[str, str], int] = {}
    for finding in run.findings:
        if (line := finding.get("failed_control")) is not None:
            key = (finding["target"], line["scenario"])
            lines[key] = line
            unjudged[key] = unjudged.get(key, 0) + 1
    found = [FailedControl(key[0], line, unjudged[key]) for key, line in lines.items()]
    return sorted(
        (control for control in found if control.unjudged > MOST_UNJUDGED),
        key=lambda control: -control.unjudged,
    )
