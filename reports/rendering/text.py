"""Makes hostile text visible and harmless, and prose out of numbers.

A server chooses the bytes that a report shows: control characters, escape sequences, characters that turn the
direction of writing, half a surrogate pair. All of them become escapes of plain ASCII here. Terminals and
HTML are not known here; HTML has its own escaping on top of this.
"""

_NAMED = {"\r": "\\r", "\n": "\\n", "\t": "\\t"}


def visible(text: str) -> str:
    r"""Return the text in one line, what cannot be seen as an escape such as \r, \x1b or \u202e."""
    # Not printable are controls, invisible formatting (the bidirectional overrides among it), surrogates,
    # what is unassigned or private, separators of lines, and spaces that only look like the plain one.
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def clipped(text: str, longest: int) -> str:
    """Return the text, or its beginning and how much is left out."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({len(text) - longest} more characters)"


def of_the_web(address: str) -> str | None:
    """Return the address if it is one of the web; a record is a file that anybody may have written."""
    return address if address.startswith(("https://", "http://")) else None


def counted(number: int, one: str, many: str = "") -> str:
    """Return the number with its noun: 1 scenario, 2 scenarios."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def _escaped(character: str) -> str:
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
