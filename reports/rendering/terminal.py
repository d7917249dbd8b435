"""Lines for a terminal: text of a record, made visible and wrapped to the terminal's width.

A line is text with the names of its colours; no escape code is written here, and no terminal is known.
"""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.text import clipped, visible
from reports.rendering.text import LONGEST_TEXT

INDENT = "      "

_NARROWEST = 40
_WIDEST = 120


@dataclass(frozen=True)
class Line:
    """A line for the terminal. markup: keywords of pytest's TerminalReporter.write_line, such as red."""

    text: str = ""
    markup: tuple[str, ...] = ()


def wrapped(
    text: str,
    width: int,
    *,
    first: str = "",
    indent: str = INDENT,
    markup: tuple[str, ...] = (),
    most: int | None = None,
) -> Iterable[Line]:
    """Wrap a text of a record, made visible, into lines.

    width: of the terminal, in columns. first, indent: what the first line and the others begin with. most:
    the number of lines after which the text is cut.
    """
    lines = textwrap.wrap(
        visible(clipped(text, LONGEST_TEXT)),
        max(_NARROWEST, min(width, _WIDEST)) - 1,  # some terminals wrap once more at their last column
        initial_indent=first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        max_lines=most,
        placeholder=" …",
    )
    return [Line(line, markup) for line in lines or [first.rstrip()]]
