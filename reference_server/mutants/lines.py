"""Mutants that misread the request line, its method or its version."""

import re
from dataclasses import replace

from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.grammar import STRICT
from reference_server.parsing.http11 import HTTP11, RequestLine
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.parsing.profile import Progress
from reference_server.responses import error_response


class MissingTargetAccepted(HTTP11):
    """Reads a request line without a target as one for the path /."""

    def request_line(self, line: bytes) -> RequestLine:
        method, _, version = line.partition(b" ")
        if line.isalpha() or version.startswith(b"HTTP/"):
            line = b" ".join((method, b"/", version or b"HTTP/1.1"))
        return super().request_line(line)


class OddWhiteSpaceJoinsTarget(RewritingHTTP11):
    """Takes extra white space in a request line as part of the target."""

    def rewritten(self, block: bytes) -> bytes:
        line, end, rest = block.partition(b"\r\n")
        if re.fullmatch(rb"\S+ \S+ \S+", line):
            return block
        parts = line.split()
        if len(parts) == 3:
            line = b"%b %b%%20 %b" % tuple(parts)
        return line + end + rest


class ColonBehindMethodIgnored(HTTP11):
    """Ignores a colon after the method."""

    def request_line(self, line: bytes) -> RequestLine:
        return super().request_line(re.sub(rb"\A([A-Z]+): ", rb"\1 ", line))


class VersionUnchecked(HTTP11):
    """Reads any third word of the request line as HTTP/1.1."""

    def request_line(self, line: bytes) -> RequestLine:
        front, _, _ = line.rpartition(b" ")
        return super().request_line(front + b" HTTP/1.1" if line.count(b" ") == 2 else line)


class HigherMinorVersionRefused(HTTP11):
    """Answers 505 to HTTP/1.2 and higher."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        if line.version not in {b"HTTP/1.0", b"HTTP/1.1"}:
            raise Refusal(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
        return super().understand(line, fields, secure=secure)


class HigherMinorVersionCloses(HTTP11):
    """Closes the connection after a request of HTTP/1.2 or higher."""

    def persists(self, version: str, fields: Fields) -> bool:
        return version in {"HTTP/1.0", "HTTP/1.1"} and super().persists(version, fields)


class RefusalAnsweredAsHTTP2(HTTP11):
    """Answers 505 in a response labelled HTTP/2.0."""

    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:
        response = error_response(refusal.status, refusal.reason, to_head=to_head)
        return response.replace(b"HTTP/1.1", b"HTTP/2.0", 1) if refusal.status == 505 else response


class ClientHelloIsServerError(HTTP11):
    """Answers 500 to a TLS handshake on a plain connection."""

    def check_unfinished_head(self, block: bytes | bytearray, since: int, progress: Progress) -> None:
        if block.startswith(b"\x16\x03"):
            raise Refusal(500, "the request cannot be decoded")
        super().check_unfinished_head(block, since, progress)


class BadRequestClosesSilently(HTTP11):
    """Closes the connection on a bad request without a response."""

    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:
        return b""


class MethodUnchecked(HTTP11):
    """Accepts any characters in a method."""

    grammar = replace(STRICT, method=rb"[^ \r\n]++")


class MethodInAnyCase(RewritingHTTP11):
    """Converts the method to upper case."""

    def rewritten(self, block: bytes) -> bytes:
        method, space, rest = block.partition(b" ")
        return method.upper() + space + rest


class MethodCutToEightOctets(RewritingHTTP11):
    """Cuts the method to eight bytes, the size of a buffer."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or Limits(), method=1000))

    def rewritten(self, block: bytes) -> bytes:
        method, space, rest = block.partition(b" ")
        return method[:8] + space + rest


class MethodMatchedByBeginning(RewritingHTTP11):
    """Takes any method that begins with G as GET."""

    def rewritten(self, block: bytes) -> bytes:
        method, space, rest = block.partition(b" ")
        return (b"GET" if method[:1] == b"G" else method) + space + rest


class UnknownMethodMalformed(HTTP11):
    """Answers 400 to a method with anything but letters."""

    grammar = replace(STRICT, method=rb"[A-Za-z]++")


class EmptyLineFirstRefused(HTTP11):
    """Rejects an empty line before a request."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or Limits(), blank_lines=0))


class SecondEmptyLineIsServerError(HTTP11):
    """Answers 500 to a second empty line before a request."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or Limits(), blank_lines=1))

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        if block.startswith(b"\r\n"):
            raise Refusal(500, "there is no request line")
        return super().read_head(block, secure=secure)


class BareCREndsRequestLine(RewritingHTTP11):
    """Ends the request line at a bare CR."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\A([^\r\n]*)\r(?!\n)", rb"\1\r\n", block)


class BareLFJoinsLines(RewritingHTTP11):
    """Reads a bare LF as a space."""

    def rewritten(self, block: bytes) -> bytes:
        line, end, rest = block.partition(b"\r\n")
        line = re.sub(rb" HTTP/1\.1\n.*", rb"%0A HTTP/1.1\r\nHost: joined", line)
        return line + end + re.sub(rb"(?<!\r)\n", b" ", rest)


MUTANTS = (
    Mutant(ClientHelloIsServerError, ("fragmentation.half-close-in-a-client-hello",), tolerated=True),
    Mutant(
        SecondEmptyLineIsServerError,
        (
            "limits.empty-lines-100000",
            "request-line.lines-first-ten",
            "request-line.lines-first-two",
        ),
    ),
    Mutant(
        BadRequestClosesSilently,
        (
            "chunked.bare-lf-behind-data",
            "chunked.folded-trailer",
            "chunked.hidden-*",
            "chunked.host-in-a-trailer-alone",
            "chunked.malformed-*",
            "chunked.megabyte-of-extensions",
            "chunked.request-*",
            "chunked.size-overflow-*",
            "chunked.size-wraps-*",
            "chunked.trailer-section-*",
            "content-length.empty-*",
            "content-length.equal-*",
            "content-length.hidden-*",
            "content-length.malformed-*",
            "content-length.nul-*",
            "content-length.oversized-*",
            "content-length.unequal-lines",
            "content-length.zero-*",
            "expect.beside-*",
            "expect.list-*-unknown",
            "expect.list-on-a-second-line",
            "expect.without-host",
            "fields.*-before-colon",
            "fields.bare-cr-*",
            "fields.bare-lf",
            "fields.bare-lf-before-*",
            "fields.before-*",
            "fields.body-behind-a-bare-cr",
            "fields.broken-*",
            "fields.end-*",
            "fields.folded-*",
            "fields.line-of-300000",
            "fields.malformed-line-*",
            "fields.name-cut-*",
            "fields.not-a-line-end-file-separator",
            "fields.not-a-line-end-form-feed",
            "fields.not-a-line-end-record-separator",
            "fields.not-a-line-end-vertical-tab",
            "fields.odd-*",
            "fields.two-crs-before-lf",
            "fields.value-*",
            "framing.*-before-colon",
            "framing.chunked-twice-*",
            "framing.coding-*",
            "framing.empty-coding",
            "framing.empty-coding-with-length",
            "framing.folded-transfer-encoding",
            "framing.gzip-*",
            "framing.hidden-*",
            "framing.last-*",
            "framing.length-*",
            "framing.nul-*",
            "framing.octet-*",
            "framing.odd-*",
            "framing.parameter-of-a-compression-coding",
            "framing.semicolon-behind-chunked",
            "framing.te-*",
            "framing.unknown-coding-before-chunked",
            "host.empty",
            "host.malformed-in-http10",
            "host.missing-with-absolute-form",
            "host.refused-*",
            "host.second-line-with-a-space-before-its-colon",
            "host.two-*",
            "http10.request-behind-transfer-encoding",
            "http10.transfer-encoding",
            "http10.two-hosts",
            "invariant.close-announced",
            "limits.*-of-100000",
            "limits.empty-lines-100000",
            "limits.endless-*",
            "limits.equal-fields-5000",
            "limits.extension-on-each-of-20000-chunks",
            "limits.field-*",
            "limits.fields-5000",
            "limits.target-*",
            "limits.trailer-line-of-300000",
            "limits.trailers-5000",
            "methods.connect-form-*",
            "methods.connect-port-*",
            "methods.connect-without-host",
            "methods.head-refused-*",
            "methods.long",
            "methods.longer-than-known",
            "methods.options-asterisk-*",
            "persistence.request-after-an-error",
            "pipelining.field-line-behind-a-head",
            "pipelining.malformed-*",
            "request-line.*-with-get",
            "request-line.absolute-form-empty-host",
            "request-line.absolute-form-malformed-*",
            "request-line.absolute-form-nul-*",
            "request-line.absolute-form-user-*",
            "request-line.bare-cr",
            "request-line.bare-cr-*",
            "request-line.cr-*",
            "request-line.crs-*",
            "request-line.garbage",
            "request-line.https-*",
            "request-line.lf-before-version",
            "request-line.lines-first-lf-alone",
            "request-line.lines-first-ten",
            "request-line.malformed-*",
            "request-line.method-character-*",
            "request-line.no-*",
            "request-line.nul-in-target",
            "request-line.simple-*",
            "request-line.target-character-*",
            "request-line.target-of-100000",
            "request-line.version-*",
            "request-line.white-*",
            "request-line.words-behind-a-nul",
        ),
        clause="RFC9112-2.2-10",
        tolerated=True,
    ),
    Mutant(
        MissingTargetAccepted,
        (
            "request-line.malformed-method-only",
            "request-line.malformed-no-target",
        ),
    ),
    Mutant(
        OddWhiteSpaceJoinsTarget,
        (
            "request-line.bare-cr-for-*",
            "request-line.crs-*",
            "request-line.lf-before-version",
            "request-line.lines-first-lf-alone",
            "request-line.white-*-space",
            "request-line.white-*-tab",
            "request-line.white-*-target",
            "request-line.white-space-form-feed",
        ),
    ),
    Mutant(ColonBehindMethodIgnored, ("request-line.malformed-colon",)),
    Mutant(
        VersionUnchecked,
        (
            "request-line.malformed-space-for-version",
            "request-line.version-beyond-eight-bits",
            "request-line.version-comma",
            "request-line.version-digits-beyond-ascii",
            "request-line.version-hexadecimal",
            "request-line.version-leading-zero",
            "request-line.version-lower-case",
            "request-line.version-major-of-many-digits",
            "request-line.version-many-digits",
            "request-line.version-mixed-case",
            "request-line.version-no-*",
            "request-line.version-other-name",
            "request-line.version-sign",
            "request-line.version-three-numbers",
            "request-line.version-two-digits",
        ),
    ),
    Mutant(
        HigherMinorVersionRefused,
        (
            "request-line.higher-minor-version",
            "request-line.minor-version-nine",
            "request-line.minor-version-three",
            "request-line.persistent-in-a-higher-minor-version",
        ),
    ),
    Mutant(HigherMinorVersionCloses, ("request-line.persistent-in-a-higher-minor-version",)),
    Mutant(RefusalAnsweredAsHTTP2, ("invariant.version", "request-line.major-*")),
    Mutant(MethodUnchecked, ("request-line.malformed-colon", "request-line.method-character-*")),
    Mutant(
        MethodInAnyCase,
        (
            "methods.head-in-lower-case",
            "methods.post-in-mixed-case",
            "request-line.method-case",
        ),
    ),
    Mutant(
        MethodCutToEightOctets,
        (
            "methods.long",
            "methods.longer-than-known",
            "methods.unknown",
            "methods.unknown-of-all-token-characters",
        ),
    ),
    Mutant(
        MethodMatchedByBeginning,
        (
            "methods.unknown-like-get",
            "methods.unknown-of-one-letter",
            "request-line.malformed-colon",
            "request-line.method-character-above-ascii",
            "request-line.method-character-at-sign",
            "request-line.method-character-comma",
            "request-line.method-character-control",
            "request-line.method-character-nul",
            "request-line.method-character-parenthesis",
        ),
        clause="RFC9110-9.1-3",
    ),
    Mutant(UnknownMethodMalformed, ("methods.longer-than-known", "methods.unknown-of-all-token-characters")),
    Mutant(
        EmptyLineFirstRefused,
        (
            "pipelining.empty-*",
            "request-line.empty-line-first",
        ),
    ),
    Mutant(
        BareCREndsRequestLine,
        ("request-line.bare-cr",),
    ),
    Mutant(BareLFJoinsLines, ("request-line.bare-lf",)),
)
