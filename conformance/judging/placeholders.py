"""Placeholders: names in angle brackets, in a scenario's bytes, for values that only a run knows.

This is their one home: what each stands for, which need the witness, and how they are found and filled in.
The values come from elsewhere: most from the target, `<length>` and `<date>` from the conversation. The names
that `family` replaces (`<value>` and others) are not listed; none is left once its scenarios are made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Placeholder:
    """A name that a scenario's bytes may contain. Its angle brackets need no escaping in a request."""

    name: bytes  # with its brackets
    meaning: str  # a phrase that follows "<name> is"
    needs_witness: bool = False  # whether only a target with a witness has a value for it


PLACEHOLDERS: Mapping[bytes, Placeholder] = {
    placeholder.name: placeholder
    for placeholder in (
        Placeholder(b"<host>", "the target's host and port"),
        Placeholder(b"<origin>", "the target's scheme, host and port"),
        Placeholder(b"<path>", "the path of the target's URL"),
        Placeholder(b"<witness>", "the path of the witness's echo, or the URL's path without a witness"),
        Placeholder(b"<length>", "the number of octets after the first head"),
        Placeholder(b"<date>", "the current time, as in Date"),
        Placeholder(b"<status>", "where the witness answers with a given status", needs_witness=True),
        Placeholder(b"<size>", "where the witness answers with a given number of octets", needs_witness=True),
        Placeholder(b"<stream>", "where the witness streams content of unknown length", needs_witness=True),
        Placeholder(b"<slow>", "where the witness answers after a delay", needs_witness=True),
        Placeholder(b"<static>", "where the witness serves fixed content", needs_witness=True),
        Placeholder(b"<ignore>", "where the witness answers without reading the body", needs_witness=True),
    )
}

NEED_WITNESS = frozenset(name for name, placeholder in PLACEHOLDERS.items() if placeholder.needs_witness)

# Brackets further apart than this, in bytes and including themselves, do not hold a placeholder.
_LONGEST = 16

_END_OF_HEAD = b"\r\n\r\n"


def fill(data: bytes, values: Mapping[bytes, bytes]) -> bytes:
    """Replace each placeholder that has a value, literally and once; all other bytes stay."""
    view, at = memoryview(data), 0
    pieces: list[bytes | memoryview] = []
    for start, end in _bracketed(data):
        value = values.get(data[start:end])
        if value is not None:
            pieces += (view[at:start], value)
            at = end
    return b"".join((*pieces, view[at:])) if pieces else data


def placeholders_in(data: bytes) -> frozenset[bytes]:
    """Return everything in angle brackets that may be a placeholder, whether or not it is a known one."""
    return frozenset(data[start:end] for start, end in _bracketed(data))


def length_after_head(sent: bytes) -> bytes:
    """Return the value of <length> for what is sent: the number of octets after the first head."""
    head = sent.find(_END_OF_HEAD)
    return b"%d" % (0 if head < 0 else len(sent) - head - len(_END_OF_HEAD))


def _bracketed(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each bracketed name that may be a placeholder starts and ends."""
    # Some data is megabytes long: searching for one byte is faster than a pattern, and copies nothing.
    start = data.find(b"<")
    while start >= 0:
        following = data.find(b"<", start + 1)
        longest = start + 1 + _LONGEST
        end = data.find(b">", start + 1, longest if following < 0 else min(following, longest)) + 1
        if end:
            yield start, end
        start = following
