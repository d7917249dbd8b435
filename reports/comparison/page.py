"""The page of a comparison: one HTML file in which each change opens to both conversations, side by side.

From the comparison to text. `document` makes it harmless; what is a change is not decided here.
"""

from reports.comparison.text import remarks, title
from reports.comparison.value import Comparison, Kind
from reports.rendering.document import document
from reports.rendering.finding import asked, told
from reports.run.page_data import anchor


def render(made: Comparison) -> str:
    """Return the page of a comparison."""
    kinds = [kind for kind in Kind if made.counts[kind]]
    return document(
        "compare.html",
        styles=("base.css", "finding.css", "compare.css"),
        scripts=("document.js", "transcript.js", "filter.js", "finding.js", "compare.js"),
        data={
            "findings": [
                asked(change.finding) | {"sides": [side and told(side) for side in (change.old, change.new)]}
                for change in made.changes
            ]
        },
        made=made,
        sides=(("Old", title(made.old), made.old), ("New", title(made.new), made.new)),
        remarks=list(remarks(made)),
        groups=[
            (kind, [(n, change) for n, change in enumerate(made.changes) if change.kind is kind])
            for kind in kinds
        ],
        several=len(made.pairs) > 1,
        anchor=anchor,
    )
