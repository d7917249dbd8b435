"""Bodies, sans I/O: by length, and chunked (RFC 9112, section 7.1).

A reader takes octets from a buffer until its body is complete. It knows where a body ends, and what it may
cost; it knows nothing of heads and of sockets.
"""

import re
from enum import Enum, auto
from io import BytesIO
from typing import ClassVar, Protocol

from reference_server.httputil import HTTPHeaders
from reference_server.parsing.grammar import CONTROL, CONTROL_IN_LINES, TOKEN, control_name
from reference_server.parsing.message import Refusal
from reference_server.parsing.profile import Profile

CRLF = b"\r\n"

LONGEST_SIZE = 16
"""Hexadecimal digits of a chunk-size, leading zeros not counted; it cannot overflow anything."""

QUOTED_STRING = rb'"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*+"'
BAD_SPACE = rb"[ \t]*+"
EXTENSION = (
    BAD_SPACE + rb";" + BAD_SPACE + TOKEN
    + rb"(?:" + BAD_SPACE + rb"=" + BAD_SPACE + rb"(?:" + TOKEN + rb"|" + QUOTED_STRING + rb"))?+"
)  # fmt: skip
CHUNK_SIZE = rb"(0*+[1-9A-Fa-f][0-9A-Fa-f]{0,%d}+|0++)" % (LONGEST_SIZE - 1)
CHUNK_LINE = re.compile(CHUNK_SIZE + rb"(?:%b)*+" % EXTENSION)


def undecided(buffer: bytes | bytearray) -> int:
    """Return how many octets at the end may be the beginning of a CRLF CRLF."""
    return next((count for count in (3, 2, 1) if buffer.endswith((CRLF + CRLF)[:count])), 0)


class BodyReader(Protocol):
    """Takes a body from a buffer, piece by piece.

    ``content`` is a ``BytesIO`` because it gives out what it has gathered without another copy.
    """

    content: BytesIO
    trailers: HTTPHeaders | None
    complete: bool
    received: int

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        """Take what belongs to the body from ``position`` on; return where it stopped. Raises ``Refusal``.

        It stops at the end of the body, or where it needs more than is there; it is then called again with
        what it left and more. The octets before ``since`` were there in the call before.
        """

    def discard(self, limit: int) -> None:
        """Keep no more of the body. Raises ``Refusal`` when more than ``limit`` octets are known to come."""


class LengthReader:
    """A body of a known length (DOC-LEN-1)."""

    trailers: HTTPHeaders | None = None

    def __init__(self, length: int) -> None:
        self.content = BytesIO()
        self.complete = length == 0
        self.received = 0
        self._missing = length
        self._keep = True

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:  # noqa: ARG002 - see BodyReader
        """Take what is there, up to the length."""
        taken = min(self._missing, len(buffer) - position)
        if self._keep:
            self.content.write(memoryview(buffer)[position : position + taken])
        self._missing -= taken
        self.received += taken
        self.complete = self._missing == 0
        return position + taken

    def discard(self, limit: int) -> None:
        """Keep no more of the body."""
        self._keep = False
        if self._missing > limit:
            raise Refusal(413, f"more than {limit} octets of the body are left")


class Expect(Enum):
    """What comes next in a chunked body."""

    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILERS = auto()


SIZE, DATA, DATA_END, TRAILERS = Expect  # a name is found sooner than a member, and a chunk may be small


class ChunkedReader:
    """A chunked body (DOC-LEN-5): decoded, its extensions ignored, its trailers kept apart."""

    chunk_line: ClassVar[re.Pattern[bytes]] = CHUNK_LINE

    def __init__(self, profile: Profile) -> None:
        self.content = BytesIO()
        self.trailers: HTTPHeaders | None = None
        self.complete = False
        self.received = 0
        self._profile = profile
        self._limit = profile.limits.body
        self._extensions = profile.limits.chunk_extensions
        self._expect = SIZE
        self._missing = 0
        self._keep = True

    def discard(self, limit: int) -> None:
        """Keep no more of the body."""
        self._keep = False
        self._limit = min(self._limit, self.received + limit)

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        """Decode what is there."""
        while not self.complete:
            expect = self._expect
            if expect is SIZE:
                reached = self._read_size(buffer, position, since)
            elif expect is DATA:
                reached = self._read_data(buffer, position)
            elif expect is DATA_END:
                reached = self._read_data_end(buffer, position)
            else:
                reached = self._read_trailers(buffer, position, since)
            if reached is None:
                break
            position = reached
        return position

    def _read_size(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        """Read a line with a chunk-size and maybe extensions."""
        line_end = buffer.find(CRLF, position)
        if 0 <= line_end - position <= LONGEST_SIZE:
            match = self.chunk_line.fullmatch(buffer, position, line_end)
            if match is not None and match.span(1) == (position, line_end):  # the usual line: a size alone
                self._begin_chunk(int(match[1], 16))
                return line_end + 2
        end = line_end if line_end >= 0 else len(buffer) - buffer.endswith(b"\r")
        overflow = position + LONGEST_SIZE + self._extensions
        control = CONTROL.search(buffer, max(position, since - 1), min(end, overflow + 1))
        if control is not None:
            raise Refusal(400, f"{control_name(control[0][0])} in a chunk line")
        if end > overflow:
            raise self._too_many_extensions()
        if line_end < 0:
            return None
        match = self.chunk_line.fullmatch(buffer, position, line_end)
        if match is None:
            raise Refusal(400, "a chunk line is malformed")
        self._extensions -= line_end - min(match.end(1), position + LONGEST_SIZE)
        if self._extensions < 0:
            raise self._too_many_extensions()
        self._begin_chunk(int(match[1], 16))
        return line_end + 2

    def _too_many_extensions(self) -> Refusal:
        limit = self._profile.limits.chunk_extensions
        return Refusal(413, f"chunk extensions of more than {limit} octets")

    def _begin_chunk(self, size: int) -> None:
        if size > self._limit - self.received:
            raise Refusal(413, f"the body is longer than {self._limit} octets")
        self._missing = size
        self._expect = DATA if size else TRAILERS

    def _read_data(self, buffer: bytes | bytearray, position: int) -> int | None:
        missing = self._missing
        taken = min(missing, len(buffer) - position)
        if not taken:
            return None
        if self._keep:
            self.content.write(memoryview(buffer)[position : position + taken])
        self.received += taken
        self._missing = missing - taken
        if taken == missing:
            self._expect = DATA_END
        return position + taken

    def _read_data_end(self, buffer: bytes | bytearray, position: int) -> int | None:
        found = buffer[position : position + 2]
        if not CRLF.startswith(found):
            raise Refusal(400, "a chunk is longer than its size")
        if len(found) < 2:
            return None
        self._expect = SIZE
        return position + 2

    def _read_trailers(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        """Read the trailer section, up to the empty line that ends the body."""
        if buffer.startswith(CRLF, position):
            self.complete = True
            return position + 2
        section_end = buffer.find(CRLF + CRLF, max(position, since - 3))
        end = section_end if section_end >= 0 else len(buffer) - undecided(buffer)
        overflow = position + self._profile.limits.trailers
        control = CONTROL_IN_LINES.search(buffer, max(position, since - 1), min(end, overflow + 1))
        if control is not None:
            raise Refusal(400, f"{control_name(control[0][0])} in the trailer section")
        if end > overflow:
            raise Refusal(431, f"a trailer section of more than {self._profile.limits.trailers} octets")
        if section_end < 0:
            return None
        self.trailers = self._profile.read_trailers(bytes(buffer[position:section_end]))
        self.complete = True
        return section_end + 4
