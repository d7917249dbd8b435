"""Mutants that misread Content-Length, or lose some of the body that it announces."""

import re
from collections.abc import Sequence
from typing import ClassVar

from reference_server.httputil import split_tokens
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.bodies import LengthReader
from reference_server.parsing.http11 import CONNECTION, CONTENT_LENGTH, HTTP11, TRANSFER_ENCODING, RequestLine
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.witness.core import PREFIX

# The number


class LengthReadAsInC(HTTP11):
    """Content-Length is read up to what is no digit, its sign overlooked."""

    def content_length(self, values: Sequence[bytes]) -> int:
        """Take what atoi would."""
        if len(values) == 1:
            values = [re.sub(rb"^[+-]?([0-9]*).*", rb"\1", values[0]) or b"0"]
        return super().content_length(values)


class LengthReadAsInPython(HTTP11):
    """Content-Length is whatever Python's int() takes for a number."""

    def content_length(self, values: Sequence[bytes]) -> int:
        """Let int() decide, but for what is below zero."""
        try:
            return super().content_length([b"%d" % int(value.decode("latin-1")) for value in values])
        except ValueError:
            return super().content_length(values)


class LengthInAnyBase(HTTP11):
    """Content-Length may be hexadecimal, octal or binary, with a prefix that says so."""

    def content_length(self, values: Sequence[bytes]) -> int:
        """Let int() decide by the prefix."""
        try:
            return super().content_length([b"%d" % int(value, 0) for value in values])
        except ValueError:
            return super().content_length(values)


class LeadingZerosMeanOctal(HTTP11):
    """A Content-Length that begins with a zero is read as an octal number."""

    def content_length(self, values: Sequence[bytes]) -> int:
        """Read it as in C."""
        if re.fullmatch(rb"0[0-7]+", values[0]):
            values = [b"%d" % int(values[0], 8), *values[1:]]
        return super().content_length(values)


class WrappingHTTP11(HTTP11):
    """Reads Content-Length into an integer of so many bits."""

    bits: ClassVar[int]

    def content_length(self, values: Sequence[bytes]) -> int:
        """Add digit by digit, and drop what does not fit."""
        if len(values) == 1 and values[0].isdigit():
            length = 0
            for digit in values[0]:
                length = (10 * length + digit - ord("0")) % (1 << self.bits)
            values = [b"%d" % length]
        return super().content_length(values)


class LengthOf32Bits(WrappingHTTP11):
    """Content-Length wraps around at 32 bits."""

    bits = 32


class LengthOf64Bits(WrappingHTTP11):
    """Content-Length wraps around at 64 bits."""

    bits = 64


class OversizedLengthIsServerError(HTTP11):
    """A Content-Length beyond the limit is an error of the server's."""

    def content_length(self, values: Sequence[bytes]) -> int:
        """Fail where it is refused."""
        try:
            return super().content_length(values)
        except Refusal as refusal:
            raise Refusal(500 if refusal.status == 413 else refusal.status, refusal.reason) from refusal


class MalformedLengthIsServerError(HTTP11):
    """A Content-Length that is no number is an error of the server's."""

    def content_length(self, values: Sequence[bytes]) -> int:
        """Fail where it is refused."""
        try:
            return super().content_length(values)
        except Refusal as refusal:
            raise Refusal(500 if refusal.status == 400 else refusal.status, refusal.reason) from refusal


class WhiteSpaceAroundFramingRefused(HTTP11):
    """White space around Content-Length or Transfer-Encoding is malformed, but for one space before it."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        """Ask for the usual."""
        if re.search(rb"(?i)\r\n(?:content-length|transfer-encoding):(?:[ \t]{2}|\t|.*[ \t]\r)", fields.raw):
            raise Refusal(400, "too much white space")
        return super().body_length(version, fields)


class FirstOfSeveralLengthsCounts(HTTP11):
    """Of several Content-Length lines the first counts."""

    def content_length(self, values: Sequence[bytes]) -> int:
        """Look at the first alone."""
        return super().content_length(values[:1])


class EmptyLengthIgnored(HTTP11):
    """A Content-Length line without a value is ignored."""

    def content_length(self, values: Sequence[bytes]) -> int:
        """Leave it out."""
        values = [value for value in values if value]
        return super().content_length(values) if values else 0


# Whether there is one


class LengthOfZeroTakenForNone(HTTP11):
    """Content-Length: 0 is taken for no length, and a length is asked for."""

    def content_length(self, values: Sequence[bytes]) -> int:
        """Ask for one."""
        length = super().content_length(values)
        if not length:
            raise Refusal(411, "a length is needed")
        return length


class PostWithoutLengthRefused(HTTP11):
    """A POST without Content-Length and Transfer-Encoding is malformed."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        """Ask for one of them."""
        if line.method == b"POST" and not (fields.values(CONTENT_LENGTH) or fields.values(TRANSFER_ENCODING)):
            raise Refusal(400, "a POST needs a body")
        return super().understand(line, fields, secure=secure)


class LengthIgnoredInHTTP10(HTTP11):
    """In HTTP/1.0 nothing has a body."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        """Look at the version first."""
        return 0 if version == "HTTP/1.0" else super().body_length(version, fields)


class LengthNamedByConnectionDropped(HTTP11):
    """A Content-Length that Connection names is dropped before the body is read."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        """Look at Connection first."""
        named = b"content-length" in split_tokens(fields.values(CONNECTION))
        return 0 if named else super().body_length(version, fields)


# The octets


class BodyReadByEchoAlone(HTTP11):
    """Only what wants to know the body reads it; elsewhere it is taken for the next request."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        """Leave it on the connection."""
        head = super().understand(line, fields, secure=secure)
        if not head.target.startswith(f"{PREFIX}/echo"):
            head.body_length = 0
        return head


class LastOctetLost(LengthReader):
    """The last octet of a body is lost."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        """Count from one."""
        end = super().read(buffer, position, since)
        if self.complete:
            self.content.truncate(self.received - 1)
        return end


class BodyCutAtBufferSize(LengthReader):
    """Of a body no more is kept than the 4094 octets that a buffer holds."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        """Keep a buffer of it."""
        end = super().read(buffer, position, since)
        self.content.truncate(4094)
        return end


class BodyOfOneOctetIgnored(HTTP11):
    """A body of one octet is taken for none."""

    def content_length(self, values: Sequence[bytes]) -> int:
        """Ask for more than one."""
        length = super().content_length(values)
        return length if length > 1 else 0


MUTANTS = (
    Mutant(
        LengthReadAsInC,
        (
            "content-length.malformed-empty",
            "content-length.malformed-exponent",
            "content-length.malformed-fraction",
            "content-length.malformed-hexadecimal",
            "content-length.malformed-letters",
            "content-length.malformed-letters-behind",
            "content-length.malformed-list-with-letters",
            "content-length.malformed-minus",
            "content-length.malformed-minus-nothing",
            "content-length.malformed-no-break-space-before",
            "content-length.malformed-octal",
            "content-length.malformed-plus",
            "content-length.malformed-quoted",
            "content-length.malformed-semicolon",
            "content-length.malformed-superscript",
            "content-length.malformed-two-numbers",
            "content-length.malformed-underscore",
            "content-length.malformed-unequal-list",
            "persistence.request-after-an-error",
        ),
    ),
    Mutant(
        LengthReadAsInPython,
        (
            "content-length.malformed-minus-nothing",
            "content-length.malformed-no-break-space-before",
            "content-length.malformed-plus",
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
    Mutant(OversizedLengthIsServerError, ("content-length.oversized-*",)),
    Mutant(
        MalformedLengthIsServerError,
        (
            "content-length.equal-*",
            "content-length.malformed-empty",
            "content-length.malformed-empty-line-before",
            "content-length.malformed-empty-line-behind",
            "content-length.malformed-exponent",
            "content-length.malformed-fraction",
            "content-length.malformed-hexadecimal",
            "content-length.malformed-letters",
            "content-length.malformed-letters-behind",
            "content-length.malformed-list-with-letters",
            "content-length.malformed-minus",
            "content-length.malformed-minus-nothing",
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
            "persistence.request-after-an-error",
        ),
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
    Mutant(
        FirstOfSeveralLengthsCounts,
        ("content-length.malformed-empty-line-behind", "content-length.unequal-lines"),
    ),
    Mutant(
        EmptyLengthIgnored,
        (
            "content-length.malformed-empty",
            "content-length.malformed-empty-line-before",
            "content-length.malformed-empty-line-behind",
        ),
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
    Mutant(PostWithoutLengthRefused, ("basics.post-without-length", "pipelining.get-after-bodiless-post")),
    Mutant(LengthIgnoredInHTTP10, ("http10.post",)),
    Mutant(LengthNamedByConnectionDropped, ("persistence.length-named-as-option",)),
    Mutant(
        BodyReadByEchoAlone,
        (
            "unread.answered-during-the-upload",
            "unread.body-of-a-request-answered-*",
            "unread.body-on-*",
            "unread.chunked-body-on-*",
            "unread.ignored-body",
            "unread.ignored-chunked-body",
        ),
    ),
    Mutant(
        LastOctetLost,
        (
            "basics.post",
            "persistence.half-close-behind-two",
            "persistence.nothing-left-over",
            "pipelining.get-after-post",
            "pipelining.hundred-mixed",
            "pipelining.large-bodies",
            "pipelining.slow-between",
            "tls.large-body",
            "tls.pipelining",
            "tls.records-of-one-octet",
            "tls.request-in-two-records",
        ),
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
            "tls.large-body",
        ),
    ),
    Mutant(BodyOfOneOctetIgnored, ("content-length.body-of-1-octets",)),
)
