"""The chunked transfer coding, read strictly (RFC 9112, 7.1).

It reads one chunked body from given bytes. It never raises and never guesses: where the grammar is broken, it
stops and says so.
"""

import re
from dataclasses import dataclass

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]+)((?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?)")


@dataclass(frozen=True)
class Chunked:
    """A chunked body, as far as it could be read. It is complete or broken, or the rest has not come."""

    content: bytes
    """Decoded, as far as it has come and the grammar holds."""

    end: int
    """The offset after the body; that of the end of the data if the body is not complete."""

    complete: bool

    broken: bool

    trailer_lines: tuple[bytes, ...] = ()
    """The field lines of the trailer section, without their line ends."""


def read_chunked(data: bytes, start: int) -> Chunked:
    """Read the chunked body that begins at offset `start` of the data."""
    pieces: list[bytes] = []
    position = start

    def stopped(*, broken: bool) -> Chunked:
        return Chunked(b"".join(pieces), len(data), complete=False, broken=broken)

    while True:
        line_end = data.find(b"\n", position)
        if line_end < 0:
            return stopped(broken=False)
        size_line = _SIZE_LINE.fullmatch(data, position, line_end - 1)
        if not size_line or not data.startswith(b"\r", line_end - 1):
            return stopped(broken=True)
        size = int(size_line[1], 16)
        position = line_end + 1
        if size == 0:
            return _read_trailers(data, position, b"".join(pieces))
        pieces.append(data[position : position + size])
        position += size
        line_end_after = data[position : position + 2]
        if not b"\r\n".startswith(line_end_after):
            return stopped(broken=True)
        if len(line_end_after) < len(b"\r\n"):
            return stopped(broken=False)
        position += 2


def _read_trailers(data: bytes, position: int, content: bytes) -> Chunked:
    lines: list[bytes] = []
    while (line_end := data.find(b"\n", position)) >= 0:
        line = data[position:line_end]
        position = line_end + 1
        if not line.endswith(b"\r"):
            return Chunked(content, len(data), complete=False, broken=True)
        if line == b"\r":
            return Chunked(content, position, complete=True, broken=False, trailer_lines=tuple(lines))
        lines.append(line[:-1])
    return Chunked(content, len(data), complete=False, broken=False)
