"""Mutants that take more for a request line, or for a target, than there is."""

import re

from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.http11 import HTTP11, RequestLine
from reference_server.parsing.message import Refusal


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


class MissingVersionAccepted(HTTP11):
    """Reads a request line without a version as HTTP/1.1."""

    def request_line(self, line: bytes) -> RequestLine:
        return super().request_line(line + b" HTTP/1.1" if line.count(b" ") == 1 else line)


class ExtraWordsIgnored(HTTP11):
    """Ignores extra words of a request line before and after the version."""

    def request_line(self, line: bytes) -> RequestLine:
        parts = line.split(b" ")
        version = next((part for part in parts if part.startswith(b"HTTP/")), b"")
        return super().request_line(b" ".join((*parts[:2], version)) if len(parts) > 3 else line)


MUTANTS = (
    Mutant(
        MissingVersionAccepted,
        (
            "request-line.malformed-no-version",
            "request-line.simple-request-with-fields-get",
            "request-line.simple-request-with-fields-post",
        ),
    ),
    Mutant(ExtraWordsIgnored, ("request-line.malformed-extra-word", "request-line.malformed-word-behind")),
    Mutant(SimpleRequestInLFServed, ("request-line.*-in-lf",)),
    Mutant(
        RequestLineUnchecked,
        (
            "methods.options-asterisk-and-*",
            "request-line.*-with-get",
            "request-line.absolute-form-empty-host",
            "request-line.absolute-form-malformed-bracket",
            "request-line.absolute-form-malformed-escape",
            "request-line.absolute-form-malformed-fragment-behind",
            "request-line.absolute-form-malformed-no-address",
            "request-line.absolute-form-malformed-port-of-letters",
            "request-line.absolute-form-malformed-two-ports",
            "request-line.absolute-form-other-host",
            "request-line.absolute-form-user-*",
            "request-line.ftp-target",
            "request-line.https-*",
            "request-line.malformed-colon",
            "request-line.malformed-extra-word",
            "request-line.malformed-space-in-version",
            "request-line.malformed-status-line",
            "request-line.malformed-word-*",
            "request-line.method-character-at-sign",
            "request-line.method-character-comma",
            "request-line.method-character-parenthesis",
            "request-line.no-*",
            "request-line.query-*",
            "request-line.target-character-backslash",
            "request-line.target-character-double-quote",
            "request-line.target-character-fragment",
            "request-line.target-character-percent-without-hex",
            "request-line.target-character-stray-percent",
            "request-line.version-*-case",
            "request-line.version-*-digits",
            "request-line.version-beyond-eight-bits",
            "request-line.version-comma",
            "request-line.version-hexadecimal",
            "request-line.version-leading-zero",
            "request-line.version-no-*",
            "request-line.version-other-name",
            "request-line.version-sign",
            "request-line.version-three-numbers",
        ),
    ),
    Mutant(WordBeforeMethodSkipped, ("request-line.malformed-word-before",)),
    Mutant(
        AsteriskBeginsTarget,
        (
            "methods.options-asterisk-and-*",
            "request-line.asterisk-form-with-get",
        ),
    ),
    Mutant(
        BareCRInRequestLineIsServerError,
        (
            "request-line.bare-cr",
            "request-line.bare-cr-*",
            "request-line.cr-*",
            "request-line.crs-*",
        ),
        tolerated=True,
    ),
    Mutant(AnySchemeServed, ("request-line.ftp-target",)),
    Mutant(
        SchemeMatchedByCase,
        (
            "request-line.absolute-*-case",
            "tls.absolute-form",
        ),
    ),
)
