r"""Markdown for the page of a job: hostile text made harmless, links and tables.

What a server chose stands in code spans, where GitHub and GitLab read no markup, HTML, mention, reference or
address; only words that can be nothing else stand as they are. In tables, where even a code span ends at a
pipe, that is an escape such as \x7c. Records, files and terminals are not known here.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from conformance.text import clipped, visible
from reports.rendering.text import LONGEST_TEXT

# Words that no reader of Markdown takes for anything else, nor for the number of a list, wherever they stand.
_PLAIN = re.compile(r"(?!\d+[.)])[A-Za-z0-9]+(?:(?:[.:]? |[,;'\"/()-])+[A-Za-z0-9]+|\.[0-9]+)*[.)]*")
_LOOKS_LIKE_A_LINK = re.compile(r"www\.|gh-", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~/#?=&%:-]+")


def code(text: str) -> str:
    """Return a text as a code span."""
    shown = visible(clipped(text, LONGEST_TEXT))
    if not shown:
        return ""
    fence = "`" * (max((len(ticks) for ticks in re.findall("`+", shown)), default=0) + 1)
    # A space on both sides, which readers take away again, keeps ticks and spaces at the ends.
    edge = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def prose(text: str) -> str:
    """Return a text as it is when its words are harmless, else as a code span."""
    return text if _PLAIN.fullmatch(text) and not _LOOKS_LIKE_A_LINK.search(text) else code(text)


def link(text: str, address: str) -> str:
    """Return a link; or the text alone, unless the address is one of the web."""
    shown = prose(text)
    return f"[{shown}]({address})" if _ADDRESS.fullmatch(address) else shown


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> Iterator[str]:
    """Return the lines of a table.

    heads, rows: cells, which are Markdown already. numbers: how many columns at the end hold numbers.
    """
    words = len(heads) - numbers
    yield _row(heads)
    yield _row([":--"] * words + ["--:"] * numbers)
    for row in rows:
        yield _row(row)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\x7c") for cell in cells) + " |"
