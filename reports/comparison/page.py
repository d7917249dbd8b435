"""The page of a comparison: one HTML file in which each change opens to both conversations, side by side.

From the comparison to text. `document` makes it harmless; what counts as a change is not decided here.
"""

from reports.comparison.text import remarks, title
from reports.comparison.value import Comparison, Kind
from reports.rendering.document import render_document
from reports.rendering.finding import finding_data, scenario_data
from reports.run.page_data import anchor


def render(comparison: Comparison) -> str:
    """Return the page of a comparison."""
    changes = list(enumerate(comparison.changes))
    return render_document(
        "compare.html",
        styles=("base.css", "finding.css", "compare.css"),
        scripts=("document.js", "transcript.js", "filter.js", "finding.js", "compare.js"),
        data={
            "findings": [
                scenario_data(change.finding)
                | {"sides": [side and finding_data(side) for side in (change.old, change.new)]}
                for _, change in changes
            ]
        },
        comparison=comparison,
        runs=(
            ("Old", title(comparison.old), comparison.old),
            ("New", title(comparison.new), comparison.new),
        ),
        remarks=list(remarks(comparison)),
        groups=[
            (kind, [(number, change) for number, change in changes if change.kind is kind])
            for kind in Kind
            if comparison.counts[kind]
        ],
        several_targets=len(comparison.pairs) > 1,
        anchor=anchor,
    )
