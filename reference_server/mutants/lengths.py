"""Mutants that misread Content-Length, or lose a part of the body."""

import re
from collections.abc import Sequence
from typing import ClassVar

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.bodies import LengthReader
from reference_server.parsing.http11 import CONTENT_LENGTH, HTTP11, TRANSFER_ENCODING, RequestLine
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.witness.core import PREFIX

# The number


class LengthReadAsInC(HTTP11):
    """Ignores the sign of Content-Length and reads it up to the first character that is not a digit."""

    def content_length(self, values: Sequence[bytes]) -> int:
        if len(values) == 1:
            values = [re.sub(rb"^[+-]?([0-9]*).*", rb"\1", values[0]) or b"0"]
        return super().content_length(values)


class LengthReadAsInPython(HTTP11):
    """Accepts any Content-Length that Python's int() accepts."""

    def content_length(self, values: Sequence[bytes]) -> int:
        try:
            return super().content_length([b"%d" % int(value.decode("latin-1")) for value in values])
        except ValueError:
            return super().content_length(values)


class LengthInAnyBase(HTTP11):
    """Accepts Content-Length in hexadecimal, octal or binary, with a prefix."""

    def content_length(self, values: Sequence[bytes]) -> int:
        try:
            return super().content_length([b"%d" % int(value, 0) for value in values])
        except ValueError:
            return super().content_length(values)


class LeadingZerosMeanOctal(HTTP11):
    """Reads a Content-Length with a leading zero as octal."""

    def content_length(self, values: Sequence[bytes]) -> int:
        if re.fullmatch(rb"0[0-7]+", values[0]):
            values = [b"%d" % int(values[0], 8), *values[1:]]
        return super().content_length(values)


class WrappingHTTP11(HTTP11):
    """Reads Content-Length into an integer of ``bits`` bits."""

    bits: ClassVar[int]

    def content_length(self, values: Sequence[bytes]) -> int:
        if len(values) == 1 and values[0].isdigit():
            length = 0
            for digit in values[0]:
                length = (10 * length + digit - ord("0")) % (1 << self.bits)
            values = [b"%d" % length]
        return super().content_length(values)


class LengthOf32Bits(WrappingHTTP11):
    """Wraps Content-Length around at 32 bits."""

    bits = 32


class LengthOf64Bits(WrappingHTTP11):
    """Wraps Content-Length around at 64 bits."""

    bits = 64


class MalformedLengthIsServerError(HTTP11):
    """Answers 500 to a Content-Length that is not a number."""

    def content_length(self, values: Sequence[bytes]) -> int:
        try:
            return super().content_length(values)
        except Refusal as refusal:
            raise Refusal(500 if refusal.status == 400 else refusal.status, refusal.reason) from refusal


class WhiteSpaceAroundFramingRefused(HTTP11):
    """Rejects white space around Content-Length or Transfer-Encoding, except one space before it."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        if re.search(rb"(?i)\r\n(?:content-length|transfer-encoding):(?:[ \t]{2}|\t|.*[ \t]\r)", fields.raw):
            raise Refusal(400, "too much white space")
        return super().body_length(version, fields)


class EmptyLengthIgnored(HTTP11):
    """Ignores an empty Content-Length."""

    def content_length(self, values: Sequence[bytes]) -> int:
        values = [value for value in values if value]
        return super().content_length(values) if values else 0


class EmptyLengthTakenForZero(HTTP11):
    """Takes an empty Content-Length for zero, whatever else there is."""

    def content_length(self, values: Sequence[bytes]) -> int:
        return super().content_length(values) if all(values) else 0


# Whether there is one


class LengthOfZeroTakenForNone(HTTP11):
    """Answers 411 to Content-Length: 0."""

    def content_length(self, values: Sequence[bytes]) -> int:
        length = super().content_length(values)
        if not length:
            raise Refusal(411, "a length is needed")
        return length


class PostWithoutLengthRefused(HTTP11):
    """Answers 400 to a POST without Content-Length and Transfer-Encoding."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        if line.method == b"POST" and not (fields.values(CONTENT_LENGTH) or fields.values(TRANSFER_ENCODING)):
            raise Refusal(400, "a POST needs a body")
        return super().understand(line, fields, secure=secure)


class LengthIgnoredInHTTP10(HTTP11):
    """Reads no body in HTTP/1.0 requests."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        return 0 if version == "HTTP/1.0" else super().body_length(version, fields)


# The bytes of the body


class BodyReadByEchoAlone(HTTP11):
    """Reads a body only for the echo; elsewhere it takes the body as the next request."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        head = super().understand(line, fields, secure=secure)
        if not head.target.startswith(f"{PREFIX}/echo"):
            head.body_length = 0
        return head


class LastOctetLost(LengthReader):
    """Loses the last byte of a body."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        end = super().read(buffer, position, since)
        if self.complete:
            self.content.truncate(self.received - 1)
        return end


class BodyCutAtBufferSize(LengthReader):
    """Keeps only the first 4094 bytes of a body, the size of a buffer."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        end = super().read(buffer, position, since)
        self.content.truncate(4094)
        return end


class BodyOfOneOctetIgnored(HTTP11):
    """Ignores a Content-Length of 1."""

    def content_length(self, values: Sequence[bytes]) -> int:
        length = super().content_length(values)
        return length if length > 1 else 0


MUTANTS = (
    Mutant(
        LengthReadAsInC,
        (
            "content-length.empty-member-before",
            "content-length.malformed-*-nothing",
            "content-length.malformed-empty",
            "content-length.malformed-exponent",
            "content-length.malformed-fraction",
            "content-length.malformed-hexadecimal",
            "content-length.malformed-letters",
            "content-length.malformed-letters-behind",
            "content-length.malformed-list-with-letters",
            "content-length.malformed-minus",
            "content-length.malformed-no-break-space-before",
            "content-length.malformed-octal",
            "content-length.malformed-plus",
            "content-length.malformed-quoted",
            "content-length.malformed-semicolon",
            "content-length.malformed-superscript",
            "content-length.malformed-two-numbers",
            "content-length.malformed-underscore",
            "content-length.malformed-unequal-list",
            "content-length.zero-and-another-in-a-list",
            "expect.beside-a-malformed-length",
            "persistence.request-after-an-error",
        ),
    ),
    Mutant(
        LengthReadAsInPython,
        (
            "content-length.malformed-minus-nothing",
            "content-length.malformed-no-break-space-before",
            "content-length.malformed-plus",
            "content-length.malformed-plus-nothing",
            "content-length.malformed-underscore",
        ),
    ),
    Mutant(
        LengthInAnyBase,
        (
            "content-length.malformed-hexadecimal",
            "content-length.malformed-minus-nothing",
            "content-length.malformed-octal",
            "content-length.malformed-plus",
            "content-length.malformed-plus-nothing",
            "persistence.request-after-an-error",
        ),
    ),
    Mutant(LeadingZerosMeanOctal, ("content-length.leading-zeros",)),
    Mutant(
        LengthOf32Bits,
        (
            "content-length.oversized-two-to-the-32",
            "content-length.oversized-two-to-the-32-and-5",
            "content-length.oversized-two-to-the-63",
            "content-length.oversized-two-to-the-64",
            "content-length.oversized-two-to-the-64-and-5",
        ),
    ),
    Mutant(
        LengthOf64Bits,
        ("content-length.oversized-two-to-the-64", "content-length.oversized-two-to-the-64-and-5"),
    ),
    Mutant(
        MalformedLengthIsServerError,
        (
            "content-length.empty-*",
            "content-length.equal-*",
            "content-length.malformed-*-nothing",
            "content-length.malformed-empty",
            "content-length.malformed-empty-*",
            "content-length.malformed-exponent",
            "content-length.malformed-fraction",
            "content-length.malformed-hexadecimal",
            "content-length.malformed-letters",
            "content-length.malformed-letters-behind",
            "content-length.malformed-list-with-letters",
            "content-length.malformed-minus",
            "content-length.malformed-no-break-space-before",
            "content-length.malformed-octal",
            "content-length.malformed-plus",
            "content-length.malformed-quoted",
            "content-length.malformed-semicolon",
            "content-length.malformed-superscript",
            "content-length.malformed-two-numbers",
            "content-length.malformed-underscore",
            "content-length.malformed-unequal-list",
            "content-length.unequal-lines",
            "content-length.zero-*",
            "expect.beside-a-malformed-length",
            "expect.beside-two-lengths",
            "methods.head-refused-malformed-length",
            "persistence.request-after-an-error",
        ),
        tolerated=True,
    ),
    Mutant(
        WhiteSpaceAroundFramingRefused,
        (
            "content-length.white-space-behind",
            "content-length.white-space-much",
            "content-length.white-space-tabs",
            "framing.empty-members-empty-line-before",
            "framing.white-space-around-coding-space-behind",
            "framing.white-space-around-coding-tab-before",
            "framing.white-space-around-coding-tab-behind",
        ),
    ),
    Mutant(EmptyLengthIgnored, ("content-length.malformed-empty",)),
    Mutant(
        EmptyLengthTakenForZero, ("content-length.malformed-empty", "content-length.malformed-empty-line-*")
    ),
    Mutant(
        LengthOfZeroTakenForNone,
        (
            "content-length.two-zeros",
            "content-length.zero",
            "expect.length-of-zero",
            "pipelining.octet-behind-no-body",
            "pipelining.post-after-empty-post",
        ),
    ),
    Mutant(
        PostWithoutLengthRefused,
        ("basics.post-without-length", "pipelining.get-after-bodiless-post"),
        tolerated=True,
    ),
    Mutant(
        LengthIgnoredInHTTP10,
        (
            "http10.body-like-a-request",
            "http10.expect",
            "http10.no-interim",
            "http10.post",
            "http10.request-behind-transfer-encoding",
            "http10.transfer-encoding",
        ),
    ),
    Mutant(
        BodyReadByEchoAlone,
        (
            "unread.answered-during-the-upload",
            "unread.body-of-*",
            "unread.body-on-*",
            "unread.chunked-*",
            "unread.ignored-body",
            "unread.ignored-chunked-body",
            "unread.ignored-trailers",
        ),
    ),
    Mutant(
        LastOctetLost,
        (
            "basics.post",
            "http10.expect",
            "http10.no-interim",
            "http10.post",
            "persistence.half-close-behind-two",
            "persistence.length-named-as-option",
            "persistence.nothing-left-over",
            "pipelining.get-after-post",
            "pipelining.hundred-mixed",
            "pipelining.large-bodies",
            "pipelining.slow-between",
            "tls.large-body",
            "tls.pipelining",
            "tls.records-of-one-octet",
            "tls.request-in-two-records",
            "unread.end-of-a-large-body",
        ),
        clause="RFC9112-6.3-p3",
    ),
    Mutant(
        BodyCutAtBufferSize,
        (
            "content-length.body-of-16383-octets",
            "content-length.body-of-16384-octets",
            "content-length.body-of-16385-octets",
            "content-length.body-of-4095-octets",
            "content-length.body-of-4096-octets",
            "content-length.body-of-4097-octets",
            "content-length.body-of-65535-octets",
            "content-length.body-of-65536-octets",
            "content-length.body-of-65537-octets",
            "content-length.body-of-8191-octets",
            "content-length.body-of-8192-octets",
            "content-length.body-of-8193-octets",
            "content-length.body-of-one-megabyte",
            "forms.many-fields",
            "limits.body-of-two-megabytes",
            "multipart.many-semicolons",
            "pipelining.large-bodies",
            "unread.end-of-a-large-body",
            "tls.large-body",
        ),
    ),
    Mutant(BodyOfOneOctetIgnored, ("content-length.body-of-1-octets",), clause="RFC9112-6.3-p3"),
)
