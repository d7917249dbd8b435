"""The chunked transfer coding, read strictly and piece by piece (RFC 9112, 7.1).

It reads one chunked body, however it is cut, in a time that is proportional to its length. It never raises
and never guesses: where the grammar is broken, it stops and says so. Of the content it keeps no more than it
is asked to.
"""

import re
import sys

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]+)(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_LINE_END = b"\r\n"

# Chunks of at most this size, in octets, are looked for many at once if they are alike, up to this number.
_SMALL = 16
_MANY = 1024


class ChunkedReader:
    """One chunked body, as far as it has come. It is complete or broken, or the rest has not come.

    kept: how many octets of the content are kept, from the first on.
    """

    def __init__(self, kept: int = sys.maxsize) -> None:
        self.content = bytearray()
        """Decoded, as far as it has come and the grammar holds; no more than is kept."""

        self.size = 0
        """How many octets of content there were, kept or not."""

        self.complete = False
        self.broken = False

        self.trailer_lines: tuple[bytes, ...] = ()
        """The field lines of the trailer section, without their line ends; empty until it is complete."""

        self._kept = kept
        self._read_on = self._size_line
        self._line = bytearray()  # the beginning of a line whose end has not come
        self._lines: list[bytes] = []  # of the trailer section
        self._missing = 0  # octets of the chunk
        self._ended = 0  # octets of the line end after the chunk that have come
        self._before = b""  # the size line before this one

    def take(self, data: bytes, start: int = 0) -> int:
        """Read the data from an offset on; return the offset after the body, or the end of the data."""
        position = start
        while position < len(data) and not (self.complete or self.broken):
            position = self._read_on(data, position)
        return len(data) if self.broken else position

    # Each reads on from a position and returns the one after what it has read.

    def _size_line(self, data: bytes, position: int) -> int:
        line, position = self._whole_line(data, position)
        if line is None:
            return position
        size_line = _SIZE_LINE.fullmatch(line)
        if size_line is None:
            self.broken = True
            return position
        size = int(size_line[1], 16)
        end = position + size
        if size == 0:
            self._read_on = self._trailer_line
        elif data[end : end + len(_LINE_END)] == _LINE_END:  # all of the chunk is there
            self._keep(data, position, end)
            position = end + len(_LINE_END)
            if size <= _SMALL and line == self._before:
                position = self._chunks_alike(data, position, line, size)
            self._before = line
        else:
            self._missing, self._read_on = size, self._data
        return position

    def _data(self, data: bytes, position: int) -> int:
        end = min(position + self._missing, len(data))
        self._keep(data, position, end)
        self._missing -= end - position
        if not self._missing:
            self._ended, self._read_on = 0, self._line_end
        return end

    def _line_end(self, data: bytes, position: int) -> int:
        octets = data[position : position + len(_LINE_END) - self._ended]
        self.broken = not _LINE_END.startswith(octets, self._ended)
        self._ended += len(octets)
        if self._ended == len(_LINE_END):
            self._read_on = self._size_line
        return position + len(octets)

    def _trailer_line(self, data: bytes, position: int) -> int:
        line, position = self._whole_line(data, position)
        if line is None:
            return position
        if line == _LINE_END:
            self.complete, self.trailer_lines = True, tuple(self._lines)
        elif line.endswith(_LINE_END):
            self._lines.append(line.removesuffix(_LINE_END))
        else:
            self.broken = True
        return position

    def _chunks_alike(self, data: bytes, position: int, line: bytes, size: int) -> int:
        """Read all chunks that have the same size line, as many as there are one after another.

        A body in chunks of an octet has a million of them in a megabyte. They form a table, whose columns are
        looked at rather than its rows.
        """
        period = len(line) + size + len(_LINE_END)
        rows = min((len(data) - position) // period, _MANY)
        for column, octet in [*enumerate(line), *enumerate(_LINE_END, len(line) + size)]:
            octets = data[position + column : position + rows * period : period]
            rows = len(octets) - len(octets.lstrip(bytes((octet,))))
        content = bytearray(rows * size)
        for column in range(size):
            first = position + len(line) + column
            content[column::size] = data[first : position + rows * period : period]
        self._keep(content, 0, len(content))
        return position + rows * period

    def _whole_line(self, data: bytes, position: int) -> tuple[bytes | None, int]:
        """Return the next line with its line end, or None if that is missing, and the position after it."""
        end = data.find(b"\n", position) + 1
        if not end:
            self._line += data[position:]
            return None, len(data)
        line = data[position:end]
        if self._line:
            line = bytes(self._line) + line
            self._line.clear()
        return line, end

    def _keep(self, data: bytes | bytearray, start: int, end: int) -> None:
        self.size += end - start
        room = self._kept - len(self.content)
        if room > 0:
            self.content += data[start : min(end, start + room)]
