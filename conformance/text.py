"""Text for people: bytes, conversations and lists of words, in sentences and as lines of a terminal.

Whatever a server sent passes through here before it is shown, so that no terminal obeys a control character
in it. Lines of bytes can be pasted into a bytes literal: all that is not printable ASCII is an escape, the
backslash too. Colours and markup are not known here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TypeVar

from clients.transcript import Event, Kind, Transcript

# In characters; nobody reads a longer sentence.
LONGEST_TEXT = 1000

_LONGEST_SHOWN = 60
_MOST_SUGGESTIONS = 3


def show(data: bytes, size: int | None = None) -> str:
    """Return bytes for a sentence: printable ASCII, escapes for the rest; of many only the first.

    size: how many there were, where the data has only the first of them.
    """
    if len(data) > _LONGEST_SHOWN:
        return f"{show(data[:40])}… ({len(data) if size is None else size} bytes)"
    return repr(data)[2:-1] if data else "(empty)"


def visible(text: str) -> str:
    r"""Return the text in one line, with an escape such as \r, \x1b or \u202e for what cannot be seen."""
    # Not printable are controls, invisible formatting (bidirectional overrides too), surrogates, unassigned
    # and private characters, line separators, and spaces that only look like the plain one.
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def clipped(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return the text, or its first `longest` characters and how many more there are."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({len(text) - longest} more characters)"


def join_or(words: Sequence[str]) -> str:
    """Join alternatives: `a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return `; did you mean X?`, to end a sentence about a wrong word; empty if no word is similar."""
    similar = get_close_matches(word, sorted(words), _MOST_SUGGESTIONS)
    return f"; did you mean {join_or(similar)}?" if similar else ""


T = TypeVar("T")

_WIRE_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_ESCAPED = [
    chr(octet) if 0x20 <= octet < 0x7F and octet != ord("\\") else repr(bytes([octet]))[2:-1]
    for octet in range(256)
]

# A long line, and a list of many lines or events, is shown by its beginning and its end.
_LONGEST_LINE, _BEGINNING, _END = 200, 140, 40
_MOST, _FIRST, _LAST = 60, 40, 10

# The width of the column with the time.
_TIME = 11


def wire_lines(data: bytes) -> list[str]:
    r"""Return the bytes one wire line each: `GET / HTTP/1.1\r\n`. A line ends after LF only."""
    lines: list[bytes] = _WIRE_LINE.findall(data)
    return folded(lines, _line)


def folded(lines: Sequence[T], show: Callable[[T], str] = str) -> list[str]:
    """Return each line as `show` shows it; of very many the first, the last, and how many are left out."""
    if len(lines) <= _MOST:
        return [show(line) for line in lines]
    left_out = f"… {len(lines) - _FIRST - _LAST} more lines …"
    return [*map(show, lines[:_FIRST]), left_out, *map(show, lines[-_LAST:])]


def transcript_lines(transcript: Transcript) -> Iterator[str]:
    """Show a conversation: each event with its time and its direction, and below it the bytes."""
    events = transcript.events
    left_out = len(events) - _FIRST - _LAST if len(events) > _MOST else 0
    for number, event in enumerate(events):
        if left_out and number == _FIRST:
            yield f"{'':{_TIME}}  … {left_out} more events …"
        if not left_out or not _FIRST <= number < _FIRST + left_out:
            yield from _event_lines(event, transcript)


def _event_lines(event: Event, transcript: Transcript) -> Iterator[str]:
    ended = event.kind is Kind.ENDED
    what = f"the server {transcript.ending.value}" if ended else event.kind.value
    size = f", {event.size} bytes" if event.size else ""
    note = transcript.note if ended else event.note
    shown = f" ({visible(clipped(note))})" if note else ""
    yield f"{event.at:{_TIME - 2}.4f} s  {event.kind.direction.value} {what}{size}{shown}"
    left_out = [f"… {event.cut} bytes that were not kept …"] if event.cut else []
    lines = (*wire_lines(event.data), *left_out, *wire_lines(event.tail))
    yield from (f"{'':{_TIME}}    {line}" for line in lines)


def _line(line: bytes) -> str:
    if len(line) <= _LONGEST_LINE:
        return "".join(_ESCAPED[octet] for octet in line)
    left_out = len(line) - _BEGINNING - _END
    return f"{_line(line[:_BEGINNING])}… {left_out} more bytes …{_line(line[-_END:])}"
