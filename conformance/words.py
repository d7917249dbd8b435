"""Small pieces of sentences: bytes as people read them, lists of alternatives, words that were nearly right.

Whatever a server sent passes through `show` or `plain` before it stands in a sentence, so that no control
byte does.
"""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_SHOWN = 60
_LONGEST_TEXT = 1000
_MOST_SUGGESTIONS = 3


def show(data: bytes) -> str:
    """Bytes in a sentence: printable ASCII, escapes for the rest, a long middle left out."""
    if len(data) > _LONGEST_SHOWN:
        return f"{show(data[:40])}… ({len(data)} bytes)"
    return repr(data)[2:-1] if data else "(empty)"


def either(names: list[str]) -> str:
    """Join alternatives: `a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def plain(text: str) -> str:
    """Text in one line, not without end; what cannot be seen, or a terminal would obey, as an escape."""
    left_out = len(text) - _LONGEST_TEXT
    if left_out > 0:
        return f"{plain(text[:_LONGEST_TEXT])}… ({left_out} more characters)"
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def near(word: str, words: Iterable[str]) -> str:
    """Words that a mistaken one may have been meant for, to be added to a sentence; empty without any."""
    found = get_close_matches(word, sorted(words), _MOST_SUGGESTIONS)
    return f"; near it {'are' if len(found) > 1 else 'is'} {', '.join(found)}" if found else ""
