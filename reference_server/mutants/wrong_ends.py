"""Mutants that end a line, a chunk or a head where it does not end, or look for its end elsewhere.

Most replace the pattern of one piece. Where the pattern does not match, the right reader goes on, so that
what is well-formed is read as ever, in pieces too.
"""

import re
from typing import ClassVar

from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.bodies import BAD_SPACE, CRLF, EXTENSION, ChunkedReader, Expect
from reference_server.parsing.grammar import TOKEN
from reference_server.parsing.message import Head
from reference_server.parsing.parser import CR, HEAD_END, RequestParser

SIZE = rb"([0-9A-Fa-f]{1,16})"
EXTENSIONS = rb"(?:" + EXTENSION + rb")*+"
VALUE = rb"[\t\x20-\x7e\x80-\xff]*+"

# Lines of chunks


class OddChunkLine(ChunkedReader):
    """Reads a line with a chunk-size as ``line`` has it: the size in a group, and its end."""

    line: ClassVar[re.Pattern[bytes]]

    def _read_size(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        found = self.line.match(buffer, position)
        if found is None or (found.end() == len(buffer) and found[0][-1] == CR):
            return super()._read_size(buffer, position, since)
        self._extensions -= found.end() - found.end(1)
        if self._extensions < 0:
            raise self._too_many_extensions()
        self._begin_chunk(int(found[1], 16))
        return found.end()


class BareCREndsChunkLine(OddChunkLine):
    """Accepts a bare CR at the end of a chunk line, and instead of the empty line after the last chunk."""

    line = re.compile(SIZE + EXTENSIONS + rb"\r\n?+")

    def _read_trailers(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        self.complete = buffer[position] == CR and buffer[position + 1 : position + 2] not in (b"", b"\n")
        return position + 1 if self.complete else super()._read_trailers(buffer, position, since)


class CRsEndChunkLine(OddChunkLine):
    """Accepts any number of CRs, or none, before the LF at the end of a chunk line."""

    line = re.compile(SIZE + EXTENSIONS + rb"\r*+\n")


class CRAndAnyOctetEndChunkLine(OddChunkLine):
    """Takes CR and any octet for the end of a chunk line."""

    line = re.compile(SIZE + EXTENSIONS + rb"\r[\x00-\xff]")


class ExtensionsUnchecked(OddChunkLine):
    """Skips everything between the semicolon after a chunk-size and the next CRLF."""

    line = re.compile(SIZE + rb"(?:[ \t\r]*+;(?:(?!\r\n)[\x00-\xff])*+)?+\r\n")


class QuotesHideLineEnds(OddChunkLine):
    """Looks for the end of a quoted value of a chunk extension in the lines that follow, too."""

    line = re.compile(
        SIZE + rb"(?:%b;%b%b(?:=(?:%b|\"[^\"]*+\"))?+)*+\r\n" % (BAD_SPACE, BAD_SPACE, TOKEN, TOKEN)
    )


class ChunkSizeOf64Bits(ChunkedReader):
    """Wraps a chunk-size around at 64 bits."""

    chunk_line = re.compile(rb"([0-9A-Fa-f]++)" + EXTENSIONS)

    def _begin_chunk(self, size: int) -> None:
        super()._begin_chunk(size & 0xFFFF_FFFF_FFFF_FFFF)


# The end of chunk data


class OddDataEnd(ChunkedReader):
    """Takes what ``data_end`` matches for the line end after chunk data."""

    data_end: ClassVar[re.Pattern[bytes]]

    def _read_data_end(self, buffer: bytes | bytearray, position: int) -> int | None:
        found = self.data_end.match(buffer, position)
        if found is None or len(buffer) - position < 2:
            return super()._read_data_end(buffer, position)
        self._expect = Expect.SIZE
        return found.end()


class AnyTwoOctetsEndChunkData(OddDataEnd):
    """Takes any two octets for the line end after chunk data."""

    data_end = re.compile(rb"[\x00-\xff]{2}")


class CRAndAnyOctetEndChunkData(OddDataEnd):
    """Takes CR and any octet for the line end after chunk data."""

    data_end = re.compile(rb"\r[\x00-\xff]")


class CRsEndChunkData(OddDataEnd):
    """Accepts any number of CRs, or none, before the LF after chunk data."""

    data_end = re.compile(rb"\r*+\n")


class NothingEndsChunkData(OddDataEnd):
    """Does without the line end after chunk data."""

    data_end = re.compile(rb"(?:\r\n)?+")


class EmptyLinesBehindChunkDataSkipped(OddDataEnd):
    """Skips empty lines after chunk data."""

    data_end = re.compile(rb"(?:\r\n)++")


# The trailer section


class CRAndAnyOctetEndTrailerLine(ChunkedReader):
    """Takes CR and any octet for the end of a line of a trailer section."""

    section = re.compile(rb"(?:%b:%b\r[\x00-\xff])*+\r[\x00-\xff]" % (TOKEN, VALUE))

    def _read_trailers(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        found = self.section.match(buffer, position)
        if found is None or not re.search(rb"\r[^\n]", found[0]):
            return super()._read_trailers(buffer, position, since)
        self.complete = True
        return found.end()


class TrailersLeftToTheNextRequest(ChunkedReader):
    """Ends the body at the line of the last chunk, and reads a trailer section as the next request."""

    def _read_trailers(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        if len(buffer) - position < 2:
            return super()._read_trailers(buffer, position, since)
        self.complete = True
        return position + 2 * buffer.startswith(CRLF, position)


class LineWithoutColonEndsTrailers(ChunkedReader):
    """Ends a trailer section before the first line without a colon."""

    fields = re.compile(rb"(?:%b:%b\r\n)*+(?=[^:\r\n]++\r\n)" % (TOKEN, VALUE))

    def _read_trailers(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        found = self.fields.match(buffer, position)
        if found is None:
            return super()._read_trailers(buffer, position, since)
        self.complete = True
        return found.end()


# Lines and the end of a head


class OddHeadEnd(RequestParser):
    """Ends a head at what ``end`` matches, and a line in it at what ``line_end`` matches."""

    end: ClassVar[re.Pattern[bytes]]
    line_end: ClassVar[re.Pattern[bytes]] = re.compile(CRLF)

    def _read_another_head(self) -> Head | None:
        position = self._skip_blank_lines()
        found = self.end.search(self._buffer, position)
        if found is None:
            return super()._read_another_head()
        head = self._understand(self.line_end.sub(CRLF, self._buffer[position : found.start()]) + HEAD_END)
        self._position = found.end()
        return head


class BareCREndsLine(OddHeadEnd):
    """Ends a line of a head at a bare CR, and the head at two of them."""

    end = re.compile(rb"\r\n?+\r(?!\Z)\n?+")
    line_end = re.compile(rb"\r\n?+")


class CRAndAnyOctetEndLine(OddHeadEnd):
    """Takes CR and any octet for the end of a line of a head."""

    end = re.compile(rb"\r[\x00-\xff]\r[\x00-\xff]")
    line_end = re.compile(rb"\r[\x00-\xff]")


class BlankLineEndsHead(OddHeadEnd):
    """Ends a head at a line of white space or NULs."""

    end = re.compile(rb"\r\n[ \t\v\f\0]*+\r\n")


class LinesSkippedBeforeRequest(RequestParser):
    """Skips all lines that are not a request line where one is due."""

    other_lines = re.compile(rb"(?:(?!%b [^ \r\n]++ HTTP/)[^\r\n]*+\r\n)++" % TOKEN)

    def _read_another_head(self) -> Head | None:
        found = self.other_lines.match(self._buffer, self._position)
        if found is not None and found.end() < len(self._buffer):
            self._position = found.end()
        return super()._read_another_head()


# NULs


class NameCutAtNUL(RewritingHTTP11):
    """Ends a field name at a NUL, like a string in C."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"(\r\n%b)\0[^:\r\n]*+:" % TOKEN, rb"\1:", block)


class NameCutAtOddOctet(RewritingHTTP11):
    """Ends a field name at the first octet that no name contains, and skips to the colon."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"(\r\n%b)(?![ \t])[^:\r\n \t]++:" % TOKEN, rb"\1:", block)


class ValueCutAtNUL(RewritingHTTP11):
    """Ends a field value at a NUL, like a string in C."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"(\r\n[^\0\r\n]*+:[^\0\r\n]*+)\0[^\r\n]*+", rb"\1", block)


class VersionCutAtNUL(RewritingHTTP11):
    """Ends the version at a NUL, like a string in C."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\A([^\r\n\0]*+)\0[^\r\n]*+", rb"\1", block)


MUTANTS: tuple[Mutant, ...] = ()
