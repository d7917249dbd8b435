"""Small pieces of sentences: bytes as people read them, lists of alternatives.

Whatever a server sent passes through `show` before it stands in a sentence, so that no control byte does.
"""

_LONGEST_SHOWN = 60


def show(data: bytes) -> str:
    """Bytes in a sentence: printable ASCII, escapes for the rest, a long middle left out."""
    if len(data) > _LONGEST_SHOWN:
        return f"{show(data[:40])}… ({len(data)} bytes)"
    return repr(data)[2:-1] if data else "(empty)"


def either(names: list[str]) -> str:
    """Join alternatives: `a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
