"""Mutants that take another field for a framing field, or one line of several for all of them."""

import re
from collections.abc import Sequence

from reference_server.httputil import HTTPHeaders, split_tokens
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.http11 import (
    CONNECTION,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    HTTP11,
    TRANSFER_ENCODING,
    RequestLine,
)
from reference_server.parsing.message import Fields, Head, Refusal, field_start

CONTENT_ENCODING = field_start("Content-Encoding")
PROXY_CONNECTION = field_start("Proxy-Connection")

LIKE_CONTENT_LENGTH = re.compile(
    rb"\r\n(?:[^:\r]+content-?length|contentlength|content-length[^:\r]+): ([0-9]+)\r\n", re.IGNORECASE
)

# Content-Length


class LengthIsFirstNumberInValue(HTTP11):
    """Takes the first number in Content-Length for its value, and 0 where there is none."""

    def content_length(self, values: Sequence[bytes]) -> int:
        if len(values) == 1:
            found = re.search(rb"[0-9]+", values[0])
            values = [found[0] if found else b"0"]
        return super().content_length(values)


class LastOfSeveralLengthsCounts(HTTP11):
    """Uses the last of several Content-Length lines."""

    def content_length(self, values: Sequence[bytes]) -> int:
        return super().content_length(values[-1:])


class PaddedLengthRefused(HTTP11):
    """Rejects a Content-Length of more than twenty digits, zeros included."""

    def content_length(self, values: Sequence[bytes]) -> int:
        if len(values[0]) > 20 and values[0].isdigit():
            raise Refusal(413, "the length has too many digits")
        return super().content_length(values)


class FieldLikeContentLengthCounts(HTTP11):
    """Takes a field whose name only resembles Content-Length as framing."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        found = LIKE_CONTENT_LENGTH.search(fields.raw)
        if found and not (fields.values(CONTENT_LENGTH) or fields.values(TRANSFER_ENCODING)):
            return int(found[1])
        return super().body_length(version, fields)


class LengthOfZeroBesideCodingIgnored(HTTP11):
    """Ignores a Content-Length of 0 beside Transfer-Encoding."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        lengths, codings = fields.values(CONTENT_LENGTH), fields.values(TRANSFER_ENCODING)
        if codings and list(lengths) == [b"0"]:
            self.check_transfer_coding(codings)
            return None
        return super().body_length(version, fields)


# Transfer-Encoding


class LastOfSeveralCodingsCounts(HTTP11):
    """Uses the last of several Transfer-Encoding lines, even if it is empty."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        codings = fields.values(TRANSFER_ENCODING)
        if len(codings) > 1 and not codings[-1]:
            return 0
        return super().body_length(version, fields)


class ContentCodingTakenForTransferCoding(HTTP11):
    """Reads a body as chunked if Content-Encoding says so."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        if list(fields.values(CONTENT_ENCODING)) == [b"chunked"]:
            return None
        return super().body_length(version, fields)


class CodingNamedByConnectionDropped(HTTP11):
    """Ignores a Transfer-Encoding that Connection lists."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        named = b"transfer-encoding" in split_tokens(fields.values(CONNECTION))
        return 0 if named else super().body_length(version, fields)


# Other fields


class FieldsWithoutNamedHost(Fields):
    """Fields without the Host that Connection lists."""

    @property
    def headers(self) -> HTTPHeaders:
        headers = super().headers
        if b"host" in split_tokens(self.values(CONNECTION)):
            headers = HTTPHeaders({name: value for name, value in headers.get_all() if name != "Host"})
        return headers


class HostNamedByConnectionDropped(HTTP11):
    """Keeps a Host that Connection lists from the application."""

    fields_class = FieldsWithoutNamedHost


class ProxyConnectionObeyed(HTTP11):
    """Closes the connection for Proxy-Connection: close."""

    def persists(self, version: str, fields: Fields) -> bool:
        named = b"close" in split_tokens(fields.values(PROXY_CONNECTION))
        return not named and super().persists(version, fields)


class UnknownCharsetIsServerError(HTTP11):
    """Answers 500 to a Content-Type with a charset that it does not know."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        for value in fields.values(CONTENT_TYPE):
            try:
                "".encode(value.lower().partition(b"charset=")[2].decode("latin-1") or "ascii")
            except LookupError as error:
                raise Refusal(500, "the charset is not known") from error
        return super().understand(line, fields, secure=secure)


# After CONNECT


class RefusedConnectGoesOn(HTTP11):
    """Reads the next request after a CONNECT that it has refused."""

    def goes_on(self, method: bytes) -> bool:
        return True


class BodyOfConnectIsRequest(RefusedConnectGoesOn):
    """Takes the body of a CONNECT that it has refused as the next request."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        head = super().understand(line, fields, secure=secure)
        head.body_length = 0 if line.method == b"CONNECT" else head.body_length
        return head


class LengthNamedByConnectionDropped(HTTP11):
    """Ignores a Content-Length that Connection lists."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        named = b"content-length" in split_tokens(fields.values(CONNECTION))
        return 0 if named else super().body_length(version, fields)


class FirstOfSeveralLengthsCounts(HTTP11):
    """Uses the first of several Content-Length lines."""

    def content_length(self, values: Sequence[bytes]) -> int:
        return super().content_length(values[:1])


MUTANTS = (
    Mutant(LengthNamedByConnectionDropped, ("persistence.length-named-as-option",)),
    Mutant(
        FirstOfSeveralLengthsCounts,
        (
            "content-length.unequal-lines",
            "content-length.zero-and-another-first",
            "content-length.zero-and-another-in-another-case",
            "content-length.zero-and-another-last",
            "expect.beside-two-lengths",
        ),
    ),
    Mutant(
        LengthIsFirstNumberInValue,
        (
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
        LastOfSeveralLengthsCounts,
        (
            "content-length.unequal-lines",
            "content-length.zero-and-another-first",
            "content-length.zero-and-another-in-another-case",
            "content-length.zero-and-another-last",
            "expect.beside-two-lengths",
        ),
    ),
    Mutant(PaddedLengthRefused, ("content-length.thirty-zeros",), tolerated=True),
    Mutant(FieldLikeContentLengthCounts, ("content-length.field-*",)),
    Mutant(LengthOfZeroBesideCodingIgnored, ("framing.length-*",)),
    Mutant(LastOfSeveralCodingsCounts, ("framing.empty-line-behind-coding",)),
    Mutant(ContentCodingTakenForTransferCoding, ("framing.chunked-as-content-coding",)),
    Mutant(CodingNamedByConnectionDropped, ("persistence.coding-named-as-option",)),
    Mutant(HostNamedByConnectionDropped, ("persistence.host-named-as-option",)),
    Mutant(ProxyConnectionObeyed, ("persistence.proxy-connection",)),
    Mutant(
        UnknownCharsetIsServerError,
        (
            "fields.charset-that-does-not-exist",
            "forms.charset-that-does-not-exist",
            "multipart.quoted-boundary-behind-a-parameter",
            "multipart.quoted-boundary-without-space-before",
        ),
    ),
    Mutant(RefusedConnectGoesOn, ("methods.request-behind-connect",)),
    Mutant(
        BodyOfConnectIsRequest,
        (
            "methods.connect-with-*",
            "methods.request-behind-connect",
        ),
    ),
)
