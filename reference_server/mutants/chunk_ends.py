"""Mutants that end a line of a chunked body, or the data of a chunk, where it does not end.

Most replace the pattern of one piece. Where the pattern does not match, the right reader goes on, so that
what is well-formed is read as ever, in pieces too.
"""

import re
from typing import ClassVar

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.bodies import BAD_SPACE, CHUNK_SIZE, CRLF, EXTENSION, ChunkedReader, Expect
from reference_server.parsing.grammar import TOKEN
from reference_server.parsing.parser import CR

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

    line = re.compile(CHUNK_SIZE + EXTENSIONS + rb"\r\n?+")

    def _read_trailers(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        self.complete = buffer[position] == CR and buffer[position + 1 : position + 2] not in (b"", b"\n")
        return position + 1 if self.complete else super()._read_trailers(buffer, position, since)


class RepeatedCREndsChunkLine(OddChunkLine):
    """Accepts any number of CRs, or none, before the LF at the end of a chunk line."""

    line = re.compile(CHUNK_SIZE + EXTENSIONS + rb"\r*+\n")


class CRAndAnyOctetEndChunkLine(OddChunkLine):
    """Takes CR and any octet for the end of a chunk line."""

    line = re.compile(CHUNK_SIZE + EXTENSIONS + rb"\r[\x00-\xff]")


class ExtensionsUnchecked(OddChunkLine):
    """Skips everything between the semicolon after a chunk-size and the next CRLF."""

    line = re.compile(CHUNK_SIZE + rb"(?:[ \t\r]*+;(?:(?!\r\n)[\x00-\xff])*+)?+\r\n")


class QuotesHideLineEnds(OddChunkLine):
    """Looks for the end of a quoted value of a chunk extension in the lines that follow, too."""

    line = re.compile(
        CHUNK_SIZE + rb"(?:%b;%b%b(?:=(?:%b|\"[^\"]*+\"))?+)*+\r\n" % (BAD_SPACE, BAD_SPACE, TOKEN, TOKEN)
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


class RepeatedCREndsChunkData(OddDataEnd):
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


# Data


class EndOfChunksSearched(ChunkedReader):
    """Looks for the line of a last chunk in the data, too."""

    def _read_data(self, buffer: bytes | bytearray, position: int) -> int | None:
        end = buffer.find(b"\r\n0\r\n\r\n", position, position + self._missing)
        if end < 0:
            return super()._read_data(buffer, position)
        self.content.write(buffer[position:end])
        self.complete = True
        return end + 7


class HalfALineEndEndsChunkData(ChunkedReader):
    """Accepts a bare CR or a bare LF after chunk data."""

    def _read_data_end(self, buffer: bytes | bytearray, position: int) -> int | None:
        found = buffer[position : position + 2]
        if len(found) < 2 or found[0] not in CRLF or found == CRLF:
            return super()._read_data_end(buffer, position)
        self._expect = Expect.SIZE
        return position + 1


MUTANTS = (
    Mutant(
        HalfALineEndEndsChunkData,
        (
            "chunked.bare-lf-behind-data",
            "chunked.malformed-bare-cr-behind-data",
            "chunked.malformed-data-too-short",
        ),
    ),
    Mutant(
        BareCREndsChunkLine,
        (
            "chunked.malformed-bare-cr-behind-extension",
            "chunked.malformed-bare-cr-behind-size",
            "chunked.malformed-last-*-end",
            "chunked.malformed-last-bare-cr-behind",
            "chunked.malformed-last-bare-crs-throughout",
            "fragmentation.chunked-before-the-empty-line",
            "fragmentation.every-offset-in-the-chunks",
            "fragmentation.trailers-before-the-first",
            "invariant.close-announced",
        ),
    ),
    Mutant(
        RepeatedCREndsChunkLine,
        (
            "chunked.*-lf-behind-extension",
            "chunked.malformed-bare-lf-behind-size",
            "chunked.malformed-last-bare-*-behind",
            "chunked.malformed-two-crs-behind-extension",
            "chunked.malformed-two-crs-behind-size",
        ),
    ),
    Mutant(
        CRAndAnyOctetEndChunkLine,
        (
            "chunked.malformed-cr-and-octet-behind-extension",
            "chunked.malformed-cr-and-octet-behind-size",
            "chunked.malformed-last-bare-cr-behind",
            "chunked.malformed-last-cr-and-octet-behind",
            "chunked.malformed-two-crs-for-line-end-of-size",
            "unread.malformed-chunks-cr-and-octet-behind-size",
        ),
    ),
    Mutant(
        ExtensionsUnchecked,
        (
            "chunked.*-in-extension",
            "chunked.*-open-quote",
            "chunked.*-without-name",
            "chunked.hidden-behind-an-lf-in-an-extension",
            "chunked.malformed-bare-cr-before-extension",
            "chunked.malformed-bare-lf-behind-extension",
            "chunked.malformed-empty-extension-between",
            "chunked.malformed-escaped-quote",
            "chunked.malformed-extension-*-value",
            "chunked.malformed-octets-behind-quotes",
            "chunked.malformed-two-crs-behind-extension",
            "unread.malformed-chunks-open-quote",
        ),
    ),
    Mutant(
        QuotesHideLineEnds,
        (
            "chunked.hidden-behind-an-open-quote",
            "chunked.malformed-escaped-quote",
        ),
    ),
    Mutant(
        ChunkSizeOf64Bits,
        (
            "chunked.size-overflow-two-to-the-64-and-5",
            "chunked.size-wraps-to-none-two-to-the-128",
            "chunked.size-wraps-to-none-two-to-the-64",
        ),
    ),
    Mutant(
        AnyTwoOctetsEndChunkData,
        (
            "chunked.malformed-*-lf-behind-data",
            "chunked.malformed-cr-and-octet-behind-data",
            "chunked.malformed-lf-*",
            "chunked.malformed-nuls-behind-data",
            "chunked.malformed-two-crs-for-line-end-of-data",
            "chunked.malformed-two-octets-behind-data",
            "unread.*-behind-data",
        ),
    ),
    Mutant(
        CRAndAnyOctetEndChunkData,
        (
            "chunked.malformed-cr-and-octet-behind-data",
            "chunked.malformed-two-crs-for-line-end-of-data",
            "unread.malformed-chunks-cr-and-octet-behind-data",
        ),
    ),
    Mutant(
        RepeatedCREndsChunkData,
        (
            "chunked.bare-lf-behind-data",
            "chunked.malformed-data-too-short",
            "chunked.malformed-two-crs-behind-data",
        ),
    ),
    Mutant(NothingEndsChunkData, ("chunked.malformed-nothing-behind-data",)),
    Mutant(EmptyLinesBehindChunkDataSkipped, ("chunked.malformed-empty-line-behind-data",)),
    Mutant(
        CRAndAnyOctetEndTrailerLine,
        (
            "chunked.*-at-the-end",
            "chunked.malformed-trailer-cr-and-octet-behind",
        ),
    ),
    Mutant(
        TrailersLeftToTheNextRequest,
        (
            "chunked.trailer-that-controls-*",
            "chunked.*-at-the-end",
            "chunked.cut-off-in-the-trailers",
            "chunked.folded-trailer",
            "chunked.framing-*",
            "chunked.malformed-trailer-*",
            "chunked.trailers-before-a-get",
            "fragmentation.every-offset-in-the-chunks",
            "fragmentation.trailers-*",
            "limits.endless-chunk-trailer-line",
            "limits.endless-chunk-trailers",
            "unread.ignored-trailers",
            "unread.request-in-the-trailer",
        ),
    ),
    Mutant(
        LineWithoutColonEndsTrailers,
        (
            "chunked.malformed-trailer-no-colon",
            "chunked.malformed-trailer-two-letters",
            "chunked.request-*",
            "unread.request-in-the-trailer",
        ),
    ),
    Mutant(EndOfChunksSearched, ("chunked.data-like-the-end",)),
)
