"""The chunked transfer coding as a strict reader takes it apart (RFC 9112, 7.1).

Reads one chunked body from given bytes. It never raises and never guesses: where the grammar is broken it
stops and says so.
"""

import re
from dataclasses import dataclass

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]+)((?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?)")


@dataclass(frozen=True)
class Chunked:
    """What was read: the content so far, the offset behind it, and whether it was all, or broken.

    trailer_lines: the field lines of the trailer section, without their line ends.
    """

    content: bytes
    end: int
    complete: bool
    broken: bool
    trailer_lines: tuple[bytes, ...] = ()


def read_chunked(data: bytes, start: int) -> Chunked:
    """Read the chunked body that begins at offset `start`."""
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
