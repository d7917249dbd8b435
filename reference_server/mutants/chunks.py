"""Mutants that misread chunked bodies: sizes, extensions, line ends and data.

Most replace the pattern of a chunk line or one step of the reader.
"""

import re
from dataclasses import replace

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.bodies import BAD_SPACE, CHUNK_SIZE, CRLF, EXTENSION, ChunkedReader, Expect
from reference_server.parsing.grammar import TOKEN
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Refusal

EXTENSIONS = rb"(?:" + EXTENSION + rb")*+"

# The size


class ChunkSizeReadAsInPython(ChunkedReader):
    """Accepts any chunk-size that Python's int() accepts as hexadecimal."""

    chunk_line = re.compile(
        rb"[\s\xa0]*(?:-(?=0))?(\+?(?:0[xX]_?)?[0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*)\s*" + EXTENSIONS
    )


class ChunkSizeSignIgnored(ChunkedReader):
    """Ignores a sign before a chunk-size."""

    chunk_line = re.compile(rb"[+-]?" + CHUNK_SIZE + EXTENSIONS)


class ChunkSizeReadAsInC(ChunkedReader):
    """Reads a chunk-size up to the first character that is not a digit and skips the rest of the line."""

    chunk_line = re.compile(CHUNK_SIZE + rb".*+")


class ChunkSizeDecimal(ChunkedReader):
    """Reads a chunk-size as a decimal number."""

    chunk_line = re.compile(rb"([0-9]{1,16})" + EXTENSIONS)

    def _begin_chunk(self, size: int) -> None:
        super()._begin_chunk(int(f"{size:x}"))


class ChunkSizeInLowerCaseAlone(ChunkedReader):
    """Rejects a chunk-size with upper-case digits."""

    chunk_line = re.compile(rb"(0*+[0-9a-f]{1,16}|0++)" + EXTENSIONS)


class LeadingZeroOfChunkSizeRefused(ChunkedReader):
    """Rejects a chunk-size with leading zeros."""

    chunk_line = re.compile(rb"(0|(?!0)[0-9A-Fa-f]{1,16})" + EXTENSIONS)


class ChunkSizeOf32Bits(ChunkedReader):
    """Wraps a chunk-size around at 32 bits."""

    chunk_line = re.compile(rb"([0-9A-Fa-f]++)" + EXTENSIONS)

    def _begin_chunk(self, size: int) -> None:
        super()._begin_chunk(size & 0xFFFF_FFFF)


class OversizedChunkIsServerError(ChunkedReader):
    """Answers 500 to a chunk-size above the limit or with too many digits."""

    chunk_line = re.compile(rb"([0-9A-Fa-f]++)" + EXTENSIONS)

    def _begin_chunk(self, size: int) -> None:
        try:
            super()._begin_chunk(size)
        except Refusal as refusal:
            raise Refusal(500, refusal.reason) from refusal


class MalformedChunkSizeEndsBody(ChunkedReader):
    """Ends the body at a malformed chunk-size, as if it were zero."""

    def _read_size(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        try:
            return super()._read_size(buffer, position, since)
        except Refusal as refusal:
            if refusal.status != 400:
                raise
            self.complete = True
            return buffer.find(CRLF, position) + 2


# Extensions


class ChunkExtensionRefused(ChunkedReader):
    """Rejects chunk extensions."""

    chunk_line = re.compile(CHUNK_SIZE)


class ChunkExtensionUnquoted(ChunkedReader):
    """Rejects a chunk extension whose value is a quoted string."""

    chunk_line = re.compile(CHUNK_SIZE + rb"(?:;%b(?:=%b)?+)*+" % (TOKEN, TOKEN))


class WhiteSpaceInExtensionRefused(ChunkedReader):
    """Rejects white space in a chunk extension."""

    chunk_line = re.compile(CHUNK_SIZE + EXTENSIONS.replace(BAD_SPACE, b""))


class ChunkExtensionUnlimited(HTTP11):
    """Accepts chunk extensions of any length."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or Limits(), chunk_extensions=1 << 32))


# Line ends


class LoneLFEndsChunkLine(ChunkedReader):
    """Accepts a bare LF at the end of a chunk line."""

    def _read_size(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        end = buffer.find(b"\n", position)
        if end > 0 and buffer[end - 1] != CRLF[0]:
            return super()._read_size(buffer[position:end] + CRLF, 0, 0) and end + 1
        return super()._read_size(buffer, position, since)


class RestOfLineBehindDataSkipped(ChunkedReader):
    """Skips everything between chunk data and the next line end."""

    def _read_data_end(self, buffer: bytes | bytearray, position: int) -> int | None:
        end = buffer.find(CRLF, position)
        if end < 0:
            return None
        self._expect = Expect.SIZE
        return end + 2


# Data


class ChunkReadByLine(ChunkedReader):
    """Reads chunk data up to the next line end, whatever the chunk-size says."""

    def _read_data(self, buffer: bytes | bytearray, position: int) -> int | None:
        end = buffer.find(CRLF, position)
        if end < 0:
            return None
        self.content.write(buffer[position:end])
        self._expect = Expect.SIZE
        return end + 2


class ChunkOfOneOctetDropped(ChunkedReader):
    """Drops the data of a chunk of one byte."""

    def _begin_chunk(self, size: int) -> None:
        super()._begin_chunk(size)
        self._keep = size != 1


class ChunksWithoutDataRefused(ChunkedReader):
    """Rejects a chunked body without data."""

    def _begin_chunk(self, size: int) -> None:
        super()._begin_chunk(size)
        if not size and not self.received:
            raise Refusal(400, "the last chunk is the first")


MUTANTS = (
    Mutant(
        ChunkSizeReadAsInPython,
        (
            "chunked.*-space-before",
            "chunked.malformed-last-minus",
            "chunked.malformed-last-plus",
            "chunked.malformed-last-prefix",
            "chunked.malformed-last-space-behind",
            "chunked.malformed-last-underscore",
            "chunked.malformed-plus",
            "chunked.malformed-prefix",
            "chunked.malformed-space-behind-size",
            "chunked.malformed-tab-behind-size",
            "chunked.malformed-underscore",
        ),
    ),
    Mutant(
        ChunkSizeSignIgnored,
        (
            "chunked.malformed-last-minus",
            "chunked.malformed-last-plus",
            "chunked.malformed-minus",
            "chunked.malformed-plus",
        ),
    ),
    Mutant(
        ChunkSizeReadAsInC,
        (
            "chunked.*-open-quote",
            "chunked.*-without-name",
            "chunked.malformed-bracket-in-extension",
            "chunked.malformed-empty-extension-between",
            "chunked.malformed-escaped-quote",
            "chunked.malformed-extension-*-value",
            "chunked.malformed-fraction",
            "chunked.malformed-last-letters-behind",
            "chunked.malformed-last-prefix",
            "chunked.malformed-last-space-behind",
            "chunked.malformed-last-underscore",
            "chunked.malformed-letters-behind-size",
            "chunked.malformed-octets-behind-quotes",
            "chunked.malformed-space-behind-size",
            "chunked.malformed-tab-behind-size",
            "unread.malformed-chunks-bad-last-size",
            "unread.malformed-chunks-open-quote",
        ),
    ),
    Mutant(
        ChunkSizeDecimal,
        (
            "chunked.chunk-of-16383-octets",
            "chunked.chunk-of-16384-octets",
            "chunked.chunk-of-16385-octets",
            "chunked.chunk-of-4095-octets",
            "chunked.chunk-of-4096-octets",
            "chunked.chunk-of-4097-octets",
            "chunked.chunk-of-65535-octets",
            "chunked.chunk-of-65536-octets",
            "chunked.chunk-of-65537-octets",
            "chunked.chunk-of-8191-octets",
            "chunked.chunk-of-8192-octets",
            "chunked.chunk-of-8193-octets",
            "chunked.data-like-the-end",
            "chunked.many-zeros-before-a-size",
            "chunked.size-line-*",
            "fragmentation.chunked-*",
            "framing.nothing-smuggled",
            "multipart.chunked",
        ),
    ),
    Mutant(
        ChunkSizeInLowerCaseAlone,
        ("chunked.size-line-upper-case",),
    ),
    Mutant(
        LeadingZeroOfChunkSizeRefused,
        (
            "chunked.last-size-line-several-zeros",
            "chunked.many-zeros-before-a-size",
            "chunked.size-line-leading-zeros",
        ),
    ),
    Mutant(
        ChunkSizeOf32Bits,
        (
            "chunked.size-overflow-two-to-the-32-and-5",
            "chunked.size-overflow-two-to-the-64-and-5",
            "chunked.size-wraps-to-none-two-to-the-*",
        ),
    ),
    Mutant(
        OversizedChunkIsServerError,
        ("chunked.size-overflow-*", "chunked.size-wraps-to-none-two-to-the-*"),
        tolerated=True,
    ),
    Mutant(
        MalformedChunkSizeEndsBody,
        (
            "chunked.*-open-quote",
            "chunked.*-space-before",
            "chunked.hidden-behind-an-lf-in-an-extension",
            "chunked.malformed-*-extension",
            "chunked.malformed-*-size",
            "chunked.malformed-digits-beyond-ascii",
            "chunked.malformed-empty-*",
            "chunked.malformed-escaped-quote",
            "chunked.malformed-extension-*",
            "chunked.malformed-fraction",
            "chunked.malformed-last-*-behind",
            "chunked.malformed-last-bare-crs-throughout",
            "chunked.malformed-last-extension-without-name",
            "chunked.malformed-last-letters",
            "chunked.malformed-last-minus",
            "chunked.malformed-last-plus",
            "chunked.malformed-last-prefix",
            "chunked.malformed-last-underscore",
            "chunked.malformed-letters",
            "chunked.malformed-minus",
            "chunked.malformed-octets-behind-quotes",
            "chunked.malformed-plus",
            "chunked.malformed-prefix",
            "chunked.malformed-underscore",
            "chunked.size-overflow-forty-digits",
            "chunked.size-overflow-two-to-the-64-and-5",
            "chunked.size-wraps-to-none-two-to-the-128",
            "chunked.size-wraps-to-none-two-to-the-64",
            "pipelining.malformed-chunk-before-a-get",
            "unread.malformed-chunks-bad-last-size",
            "unread.malformed-chunks-bad-size",
        ),
    ),
    Mutant(
        ChunkExtensionRefused,
        (
            "chunked.*-line-extension",
            "chunked.*-quoted-extension",
            "chunked.size-*-quotes",
            "chunked.size-line-extension-without-value",
            "chunked.size-line-several-extensions",
        ),
    ),
    Mutant(
        ChunkExtensionUnquoted,
        (
            "chunked.*-quoted-extension",
            "chunked.bad-*",
            "chunked.size-*-quotes",
            "chunked.size-line-several-extensions",
        ),
        clause="RFC9112-7.1.1-1",
    ),
    Mutant(WhiteSpaceInExtensionRefused, ("chunked.bad-white-space-*",)),
    Mutant(
        ChunkExtensionUnlimited,
        (
            "chunked.megabyte-of-extensions",
            "limits.endless-chunk-extension-name",
            "limits.endless-chunk-extension-value",
            "limits.endless-chunk-extensions",
            "limits.endless-chunk-size",
            "limits.extension-on-each-of-20000-chunks",
        ),
    ),
    Mutant(
        LoneLFEndsChunkLine,
        (
            "chunked.malformed-bare-lf-behind-extension",
            "chunked.malformed-bare-lf-behind-size",
            "chunked.malformed-last-bare-lf-*",
        ),
    ),
    Mutant(
        RestOfLineBehindDataSkipped,
        (
            "chunked.malformed-data-too-long",
            "chunked.malformed-no-line-end-behind-data",
            "chunked.malformed-octet-before-line-end",
            "chunked.malformed-two-crs-behind-data",
        ),
    ),
    Mutant(
        ChunkReadByLine,
        (
            "chunked.data-like-the-end",
            "chunked.malformed-data-*",
            "chunked.malformed-no-line-end-behind-data",
            "chunked.malformed-octet-before-line-end",
            "chunked.malformed-two-crs-behind-data",
            "framing.nothing-smuggled",
            "multipart.chunked",
        ),
        clause="RFC9112-9.3-5",
    ),
    Mutant(
        ChunkOfOneOctetDropped,
        ("chunked.chunk-of-1-octets", "chunked.thousand-small-chunks", "limits.chunks-of-one-octet"),
    ),
    Mutant(ChunksWithoutDataRefused, ("chunked.empty",)),
)
