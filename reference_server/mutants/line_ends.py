"""Mutants that misread line ends in a head."""

import re
from dataclasses import replace

from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import LineByLine, RewritingHTTP11
from reference_server.parsing.grammar import STRICT
from reference_server.parsing.parser import HEAD_END
from reference_server.parsing.profile import Progress


class FoldedLineDropped(RewritingHTTP11):
    """Drops a folded field line completely."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\r\n[^\r\n]*(?:\r\n[ \t][^\r\n]*)+", b"", block)


class FoldedLineIsField(RewritingHTTP11):
    """Takes the continuation of a folded field line as a field line of its own."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\r\n[ \t]+", b"\r\n", block)


class WhiteSpaceLineEndsHead(RewritingHTTP11):
    """Ends the head at a line of white space."""

    def rewritten(self, block: bytes) -> bytes:
        head, line, _ = block.partition(b"\r\n \r\n")
        return head + b"\r\n\r\n" if line else block


class BareLFInValueAccepted(RewritingHTTP11):
    """Accepts a bare LF in a field value."""

    grammar = replace(STRICT, field_value=rb"(?:[\t\x20-\x7e\x80-\xff]|(?<!\r)\n)*+")

    fields_class = LineByLine

    def check_unfinished_head(self, block: bytes | bytearray, since: int, progress: Progress) -> None:
        if block.endswith(HEAD_END) or len(block) > self.limits.head:
            super().check_unfinished_head(block, since, progress)


class LinesSplitAsText(RewritingHTTP11):
    """Splits a head into lines as text, at form feeds and the like as well."""

    def rewritten(self, block: bytes) -> bytes:
        return "\r\n".join([*block.decode("latin-1").splitlines(), ""]).encode("latin-1")


class LinesSplitAsUTF8(RewritingHTTP11):
    """Decodes a head as UTF-8 and splits it into lines at Unicode line ends as well."""

    def rewritten(self, block: bytes) -> bytes:
        lines = block.decode("utf-8", "surrogateescape")
        return re.sub("[\x85\u2028\u2029]", "\r\n", lines).encode("utf-8", "surrogateescape")


class CharactersCutToOctets(RewritingHTTP11):
    """Decodes a head as UTF-8, even overlong forms, and cuts its characters to eight bits."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(
            rb"([\xc0-\xdf])([\x80-\xbf])",
            lambda match: bytes([(match[1][0] << 6 | match[2][0] & 0x3F) & 0xFF]),
            block,
        )


class CharacterSpansLineEnd(RewritingHTTP11):
    """Drops the line end after a byte above ASCII, as part of the same character."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"([\x80-\xff])\r\n", rb"\1", block)


MUTANTS = (
    Mutant(
        FoldedLineDropped,
        (
            "fields.broken-name-line-end-and-space",
            "fields.folded-*",
            "framing.te-with-length-folded",
        ),
    ),
    Mutant(
        FoldedLineIsField,
        (
            "fields.folded-like-a-field",
            "host.refused-folded",
            "request-line.white-space-before-first-field",
        ),
    ),
    Mutant(WhiteSpaceLineEndsHead, ("fields.folded-blank-line",)),
    Mutant(
        BareLFInValueAccepted,
        (
            "content-length.hidden-behind-lf",
            "fields.bare-lf",
            "fields.bare-lf-before-the-*",
            "fields.bare-lf-ends-the-head",
            "framing.coding-hidden-behind-lf",
            "request-line.bare-lf-throughout",
        ),
    ),
    Mutant(
        LinesSplitAsText,
        (
            "content-length.hidden-behind-cr",
            "content-length.malformed-form-feed-behind",
            "fields.*-form-feed",
            "fields.*-next-line",
            "fields.*-vertical-tab",
            "fields.bare-*-octet",
            "fields.bare-cr-before-a-value-cr",
            "fields.bare-cr-begins-a-line",
            "fields.bare-cr-like-a-field",
            "fields.bare-cr-within-two-crs",
            "fields.not-a-line-end-file-separator",
            "fields.not-a-line-end-next-line-in-utf-8",
            "fields.not-a-line-end-record-separator",
            "framing.coding-hidden-behind-cr",
            "framing.coding-hidden-behind-cr-in-an-empty-value",
            "framing.octet-behind-the-coding-file-separator",
            "framing.octet-behind-the-coding-form-feed",
            "framing.octet-behind-the-coding-next-line",
            "framing.octet-behind-the-coding-vertical-tab",
            "framing.odd-coding-next-line",
            "request-line.bare-cr",
            "request-line.cr-and-octet-cr",
        ),
    ),
    Mutant(
        LinesSplitAsUTF8,
        (
            "fields.not-a-line-end-line-separator",
            "fields.not-a-line-end-next-line-in-utf-8",
        ),
    ),
    Mutant(
        CharactersCutToOctets,
        (
            "fields.above-ascii",
            "fields.not-a-line-end-cut-to-cr-lf",
            "fields.not-a-line-end-overlong-cr-lf",
            "fragmentation.head-*",
            "fragmentation.octet-by-octet",
            "request-line.target-character-overlong-utf-8",
        ),
        clause="RFC9112-2.2-1",
    ),
    Mutant(
        CharacterSpansLineEnd,
        (
            "fields.malformed-utf-*",
            "framing.octet-behind-the-coding-last-octet",
            "framing.octet-behind-the-coding-next-line",
            "framing.octet-behind-the-coding-no-break-space",
            "framing.octet-behind-the-coding-soft-hyphen",
            "framing.odd-coding-next-line",
        ),
    ),
)
