"""Mutants that end a head, or a line, a name or a value in it, where it does not end.

Where nothing odd is found, the right reader goes on, so that what is well-formed is read as ever.
"""

import re
from typing import ClassVar

from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.grammar import TOKEN
from reference_server.parsing.http11 import CRLF
from reference_server.parsing.message import Head, Refusal
from reference_server.parsing.parser import HEAD_END, RequestParser

# Lines and the end of a head


class OddHeadEnd(RequestParser):
    """Ends a head at what ``end`` matches, and a line in it at what ``line_end`` matches."""

    end: ClassVar[re.Pattern[bytes]]
    line_end: ClassVar[re.Pattern[bytes]] = re.compile(CRLF)

    def _read_another_head(self) -> Head | None:
        position = self._position
        while self._buffer.startswith(CRLF, position):
            position += len(CRLF)
        found = self.end.search(self._buffer, position)
        usual = self._buffer.find(HEAD_END, position)
        if found is None or 0 <= usual < found.start():
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
        return re.sub(rb"(\r\n[^\0\r\n:]*+:[^\0\r\n]*+)\0[^\r\n]*+", rb"\1", block)


class VersionCutAtNUL(RewritingHTTP11):
    """Ends the version at a NUL, like a string in C."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\A([^\r\n\0]*+)\0[^\r\n]*+", rb"\1", block)


class NULIsServerError(RewritingHTTP11):
    """Answers 500 to a NUL in a head."""

    def rewritten(self, block: bytes) -> bytes:
        if b"\0" in block:
            raise Refusal(500, "the head cannot be decoded")
        return block


class MixedLineEndsLeaveAnOctet(OddHeadEnd):
    """Ends a head that ends in LF CR LF before its last octet."""

    end = re.compile(rb"(?<!\r)\n\r(?=\n)")


MUTANTS = (
    Mutant(
        BareCREndsLine,
        (
            "content-length.hidden-behind-cr",
            "fields.*-and-octet",
            "fields.*-two-crs",
            "fields.bare-cr-before-a-value-cr",
            "fields.bare-cr-begins-a-line",
            "fields.bare-cr-like-a-field",
            "fields.body-behind-a-bare-cr",
            "fields.end-of-head-cr-*",
            "fields.two-crs-before-lf",
            "framing.coding-hidden-behind-cr",
            "framing.coding-hidden-behind-cr-in-an-empty-value",
            "request-line.bare-cr",
        ),
    ),
    Mutant(
        CRAndAnyOctetEndLine,
        (
            "content-length.hidden-behind-cr-and-octet",
            "fields.bare-cr-before-*",
            "fields.bare-cr-begins-a-line",
            "fields.bare-cr-like-a-field",
            "fields.bare-cr-within-*",
            "fields.body-behind-a-bare-cr",
            "fields.end-of-head-cr-*",
            "framing.coding-hidden-behind-cr-and-*",
            "request-line.cr-*",
        ),
    ),
    Mutant(
        BlankLineEndsHead,
        (
            "fields.end-*-line",
            "fields.folded-blank-line",
        ),
    ),
    Mutant(
        LinesSkippedBeforeRequest,
        (
            "request-line.garbage",
            "request-line.simple-request-with-fields-post",
            "request-line.white-space-line-first",
        ),
    ),
    Mutant(
        NameCutAtNUL,
        (
            "fields.malformed-line-nul-in-name",
            "fields.name-cut-at-nul-connection",
            "fields.name-cut-at-nul-credentials",
            "framing.octet-*-nul",
        ),
    ),
    Mutant(
        NameCutAtOddOctet,
        (
            "fields.malformed-line-above-ascii-in-name",
            "fields.malformed-line-at-sign-in-name",
            "fields.malformed-line-bracket-in-name",
            "fields.malformed-line-comma-in-name",
            "fields.malformed-line-control-in-name",
            "fields.malformed-line-delete-in-name",
            "fields.malformed-line-no-break-space-in-name",
            "fields.malformed-line-nul-in-name",
            "fields.malformed-line-parenthesis-in-name",
            "fields.malformed-line-quote-in-name",
            "fields.malformed-line-semicolon-in-name",
            "fields.malformed-line-slash-in-name",
            "fields.malformed-line-vertical-tab-behind-name",
            "fields.name-cut-at-nul-connection",
            "fields.name-cut-at-nul-credentials",
            "framing.octet-*-nul",
            "framing.octet-behind-the-name-*-separator",
            "framing.octet-behind-the-name-*-space",
            "framing.octet-behind-the-name-*-tab",
            "framing.octet-behind-the-name-backspace",
            "framing.octet-behind-the-name-delete",
            "framing.octet-behind-the-name-form-feed",
            "framing.octet-behind-the-name-last-octet",
            "framing.octet-behind-the-name-next-line",
            "framing.octet-behind-the-name-soft-hyphen",
            "framing.octet-behind-the-name-start-of-heading",
        ),
    ),
    Mutant(
        ValueCutAtNUL,
        (
            "content-length.nul-before-more-digits",
            "fields.value-nul",
            "host.refused-nul",
        ),
    ),
    Mutant(
        VersionCutAtNUL,
        (
            "request-line.version-nul-behind",
            "request-line.words-behind-a-nul",
        ),
    ),
    Mutant(
        NULIsServerError,
        (
            "content-length.nul-*",
            "fields.bare-cr-within-cr-and-nul",
            "fields.end-of-head-nul-line",
            "fields.malformed-line-nul-in-name",
            "fields.name-cut-*",
            "fields.value-nul",
            "framing.nul-*",
            "framing.octet-*-nul",
            "host.refused-nul",
            "pipelining.malformed-behind-a-slow-one",
            "pipelining.malformed-second",
            "request-line.absolute-form-malformed-nul-in-the-port",
            "request-line.absolute-form-nul-*",
            "request-line.cr-and-octet-nul",
            "request-line.garbage",
            "request-line.method-character-nul",
            "request-line.nul-in-target",
            "request-line.version-nul-behind",
            "request-line.words-behind-a-nul",
        ),
        tolerated=True,
    ),
    Mutant(MixedLineEndsLeaveAnOctet, ("fields.bare-lf-before-*",)),
)
