"""Mutants that end a head, or a line, a name or a value in it, where it does not end.

Where nothing odd is found, the right reader goes on, so that what is well-formed is read as ever.
"""

import re
from typing import ClassVar

from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.grammar import TOKEN
from reference_server.parsing.http11 import CRLF, HTTP11, RequestLine
from reference_server.parsing.message import Head, Refusal
from reference_server.parsing.parser import HEAD_END, RequestParser

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


class NULIsServerError(RewritingHTTP11):
    """Answers 500 to a NUL in a head."""

    def rewritten(self, block: bytes) -> bytes:
        if b"\0" in block:
            raise Refusal(500, "the head cannot be decoded")
        return block


# The request line


class MixedLineEndsLeaveAnOctet(OddHeadEnd):
    """Ends a head that ends in LF CR LF before its last octet."""

    end = re.compile(rb"(?<!\r)\n\r(?=\n)")


class SimpleRequestInLFServed(RewritingHTTP11):
    """Serves a request line without a version that ends in LF alone, with the fields after it."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\A([A-Z]++ [^ \r\n]++)\n", rb"\1 HTTP/1.1\r\n", block)


class RequestLineUnchecked(HTTP11):
    """Takes any three words for a request line."""

    def request_line(self, line: bytes) -> RequestLine:
        words = line.split(b" ", 2)
        if len(words) < 3 or b"" in words or not line.isascii():
            return super().request_line(line)
        return RequestLine(words[0], words[1], b"HTTP/1.1")


class WordBeforeMethodSkipped(RewritingHTTP11):
    """Skips a word in small letters before the method."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\A[a-z]++ (?=[A-Z]++ /)", b"", block)


class AsteriskBeginsTarget(HTTP11):
    """Takes any target that begins with an asterisk for the asterisk-form, whatever the method."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        return (b"", b"") if target.startswith(b"*") else super().request_target(method, target)


class BareCRInRequestLineIsServerError(RewritingHTTP11):
    """Answers 500 to a bare CR in a request line."""

    def rewritten(self, block: bytes) -> bytes:
        if re.match(rb"[^\r\n]++\r(?!\n)", block):
            raise Refusal(500, "the request line cannot be decoded")
        return block


class AnySchemeServed(HTTP11):
    """Serves a target of any scheme."""

    def check_scheme(self, scheme: bytes, *, secure: bool) -> None:
        if scheme in {b"http", b"https"}:
            super().check_scheme(scheme, secure=secure)


class SchemeMatchedByCase(HTTP11):
    """Recognises the scheme of a target only in lower case."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        scheme = target.partition(b"://")[0]
        if scheme != scheme.lower() and scheme.isalpha():
            raise Refusal(400, "the scheme is not known here")
        return super().request_target(method, target)


MUTANTS = (
    Mutant(BareCREndsLine, ()),
    Mutant(CRAndAnyOctetEndLine, ()),
    Mutant(BlankLineEndsHead, ()),
    Mutant(LinesSkippedBeforeRequest, ()),
    Mutant(NameCutAtNUL, ()),
    Mutant(NameCutAtOddOctet, ()),
    Mutant(ValueCutAtNUL, ()),
    Mutant(VersionCutAtNUL, ()),
    Mutant(NULIsServerError, ()),
    Mutant(MixedLineEndsLeaveAnOctet, ()),
    Mutant(SimpleRequestInLFServed, ()),
    Mutant(RequestLineUnchecked, ()),
    Mutant(WordBeforeMethodSkipped, ()),
    Mutant(AsteriskBeginsTarget, ()),
    Mutant(BareCRInRequestLineIsServerError, ()),
    Mutant(AnySchemeServed, ()),
    Mutant(SchemeMatchedByCase, ()),
)
