"""Mutants that misread Transfer-Encoding, also together with Content-Length and in HTTP/1.0."""

import re
from collections.abc import Sequence
from dataclasses import replace

from reference_server.httputil import split_tokens
from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.grammar import STRICT
from reference_server.parsing.http11 import CONTENT_LENGTH, HTTP11, TRANSFER_ENCODING, RequestLine
from reference_server.parsing.message import Fields, Head, Refusal, field_start

TE = field_start("TE")
CHUNKED = [b"chunked"]

LIKE_TRANSFER_ENCODING = re.compile(rb"\r\n[^:\r]*transfer.?encoding[^:\r]*: chunked\r\n", re.IGNORECASE)

# The list of codings


class AnyCodingTakenForChunked(HTTP11):
    """Reads the body as chunked, whatever Transfer-Encoding says."""

    def check_transfer_coding(self, values: Sequence[bytes]) -> None:
        pass


class OddCodingIgnored(HTTP11):
    """Ignores any Transfer-Encoding but chunked, whatever bytes it contains."""

    grammar = replace(
        STRICT, field_value=rb"(?:(?<=(?i:Transfer-Encoding):)[^\r\n]*+|" + STRICT.field_value + rb")"
    )

    def body_length(self, version: str, fields: Fields) -> int | None:
        if split_tokens(fields.values(TRANSFER_ENCODING)) != CHUNKED:
            lengths = fields.values(CONTENT_LENGTH)
            return self.content_length(lengths) if lengths else 0
        return super().body_length(version, fields)


class EmptyCodingIgnored(HTTP11):
    """Ignores an empty Transfer-Encoding."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        if not split_tokens(fields.values(TRANSFER_ENCODING)):
            lengths = fields.values(CONTENT_LENGTH)
            return self.content_length(lengths) if lengths else 0
        return super().body_length(version, fields)


class EmptyMemberIsUnknownCoding(HTTP11):
    """Answers 501 to an empty member in the list of transfer codings."""

    def check_transfer_coding(self, values: Sequence[bytes]) -> None:
        if split_tokens(values) == CHUNKED != [value.lower() for value in values]:
            raise Refusal(501, "one of the transfer codings is not known here")
        super().check_transfer_coding(values)


class CodingMatchedByCase(HTTP11):
    """Recognises a transfer coding only in lower case."""

    def check_transfer_coding(self, values: Sequence[bytes]) -> None:
        if any(value != value.lower() for value in values):
            raise Refusal(501, "the transfer coding is not known here")
        super().check_transfer_coding(values)


class IdentityCodingDropped(HTTP11):
    """Ignores the obsolete identity coding in the list of transfer codings."""

    def check_transfer_coding(self, values: Sequence[bytes]) -> None:
        super().check_transfer_coding([coding for coding in split_tokens(values) if coding != b"identity"])


class ChunkedTwiceTakenForOnce(HTTP11):
    """Accepts chunked listed twice and decodes it once."""

    def check_transfer_coding(self, values: Sequence[bytes]) -> None:
        super().check_transfer_coding(sorted(set(split_tokens(values)), key=split_tokens(values).index))


class CodingParameterDropped(HTTP11):
    """Ignores the parameters of transfer codings."""

    def check_transfer_coding(self, values: Sequence[bytes]) -> None:
        super().check_transfer_coding([re.sub(rb";[^,]*", b"", value) for value in values])


class UnknownCodingIs400(HTTP11):
    """Answers 400 to an unknown transfer coding."""

    def check_transfer_coding(self, values: Sequence[bytes]) -> None:
        if split_tokens(values) != CHUNKED:
            raise Refusal(400, "the transfer coding is not known here")


class TENotImplemented(HTTP11):
    """Answers 501 to a request with TE."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        if fields.values(TE):
            raise Refusal(501, "no transfer coding is known here")
        return super().understand(line, fields, secure=secure)


class ChunkedUnknown(HTTP11):
    """Answers 501 to a chunked request."""

    def check_transfer_coding(self, values: Sequence[bytes]) -> None:
        super().check_transfer_coding(values)
        raise Refusal(501, "no transfer coding is known here")


class FieldLikeTransferEncodingCounts(HTTP11):
    """Takes a field whose name only resembles Transfer-Encoding as framing."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        if not fields.values(TRANSFER_ENCODING) and LIKE_TRANSFER_ENCODING.search(fields.raw):
            return None
        return super().body_length(version, fields)


class SpaceBeforeColonBelongsToName(HTTP11):
    """Takes white space before a colon as part of the field name, which makes it another field."""

    grammar = replace(STRICT, field_name=STRICT.field_name + rb"[ \t]*+")


class FoldedLineIsServerError(RewritingHTTP11):
    """Answers 500 to a folded field line."""

    def rewritten(self, block: bytes) -> bytes:
        if re.search(rb"\r\n[ \t]", block):
            raise Refusal(500, "the line belongs to no field")
        return block


# Beside Content-Length


class ConnectionKeptBehindBothLengths(HTTP11):
    """Lets Transfer-Encoding override Content-Length and keeps the connection open."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        codings = fields.values(TRANSFER_ENCODING)
        if split_tokens(codings) == CHUNKED and version != "HTTP/1.0":
            return None
        return super().body_length(version, fields)


class LengthBeforeCoding(HTTP11):
    """Lets Content-Length override Transfer-Encoding."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        lengths = fields.values(CONTENT_LENGTH)
        return self.content_length(lengths) if lengths else super().body_length(version, fields)


# In HTTP/1.0


class CodingIgnoredInHTTP10(HTTP11):
    """Ignores Transfer-Encoding in HTTP/1.0 requests."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        lengths = fields.values(CONTENT_LENGTH)
        if version == "HTTP/1.0":
            return self.content_length(lengths) if lengths else 0
        return super().body_length(version, fields)


class CodingTrustedInHTTP10(HTTP11):
    """Decodes Transfer-Encoding in HTTP/1.0 requests as in HTTP/1.1."""

    def body_length(self, version: str, fields: Fields) -> int | None:
        return super().body_length("HTTP/1.1", fields)


MUTANTS = (
    Mutant(
        AnyCodingTakenForChunked,
        (
            "framing.*-coding-last-octet",
            "framing.*-coding-next-line",
            "framing.*-coding-no-break-space",
            "framing.*-coding-soft-hyphen",
            "framing.chunked-twice-*",
            "framing.coding-before-*",
            "framing.coding-parameter",
            "framing.gzip-*",
            "framing.last-*",
            "framing.odd-coding-in-single-quotes",
            "framing.odd-coding-letter-behind",
            "framing.odd-coding-letters-missing",
            "framing.odd-coding-other-coding-on-a-second-line",
            "framing.odd-coding-quoted",
            "framing.odd-coding-semicolon-before",
            "framing.odd-coding-space-within",
            "framing.odd-coding-two-words",
            "framing.parameter-of-a-compression-coding",
            "framing.semicolon-behind-chunked",
            "framing.unknown-coding-before-chunked",
            "methods.head-refused-unknown-coding",
        ),
    ),
    Mutant(
        OddCodingIgnored,
        (
            "framing.chunked-twice-*",
            "framing.coding-before-*",
            "framing.coding-parameter",
            "framing.empty-coding",
            "framing.empty-coding-with-length",
            "framing.gzip-*",
            "framing.last-*",
            "framing.nul-*",
            "framing.octet-before-*",
            "framing.octet-behind-the-coding-*",
            "framing.odd-*",
            "framing.parameter-of-a-compression-coding",
            "framing.semicolon-behind-chunked",
            "framing.unknown-coding-before-chunked",
        ),
    ),
    Mutant(
        EmptyCodingIgnored,
        (
            "framing.empty-coding",
            "framing.empty-coding-with-length",
        ),
        tolerated=True,
    ),
    Mutant(
        EmptyMemberIsUnknownCoding,
        (
            "framing.empty-line-behind-coding",
            "framing.empty-members-*",
        ),
        tolerated=True,
    ),
    Mutant(CodingMatchedByCase, ("chunked.coding-name-case",)),
    Mutant(
        IdentityCodingDropped,
        (
            "framing.coding-before-chunked-identity",
            "framing.last-coding-chunked-between",
            "framing.odd-coding-other-coding-on-a-second-line",
        ),
    ),
    Mutant(
        ChunkedTwiceTakenForOnce,
        ("framing.chunked-twice-lines", "framing.chunked-twice-list", "framing.last-coding-chunked-between"),
        clause="RFC9112-6.1-9",
    ),
    Mutant(
        CodingParameterDropped,
        (
            "framing.coding-parameter",
            "framing.semicolon-behind-chunked",
        ),
    ),
    Mutant(
        UnknownCodingIs400,
        (
            "framing.coding-before-chunked-identity",
            "framing.coding-before-chunked-on-a-line-before",
            "framing.gzip-before-chunked-lines",
            "framing.gzip-before-chunked-list",
            "framing.unknown-coding-before-chunked",
        ),
    ),
    Mutant(TENotImplemented, ("chunked.te-*",)),
    Mutant(
        ChunkedUnknown,
        (
            "chunked.length-required",
            "chunked.post",
            "chunked.post-answered",
            "forms.chunked",
            "multipart.chunked",
            "pipelining.empty-*-chunked",
            "pipelining.hundred-mixed",
            "pipelining.octet-behind-a-last-chunk",
        ),
    ),
    Mutant(
        FieldLikeTransferEncodingCounts,
        ("fields.underscore-framing-coding", "framing.field-like-transfer-encoding-*"),
    ),
    Mutant(
        SpaceBeforeColonBelongsToName,
        (
            "chunked.malformed-trailer-space-before-colon",
            "fields.*-before-colon",
            "fields.before-*",
            "framing.*-before-colon",
            "host.second-line-with-a-space-before-its-colon",
        ),
    ),
    Mutant(
        FoldedLineIsServerError,
        (
            "fields.broken-name-line-end-and-space",
            "fields.folded-*",
            "framing.folded-transfer-encoding",
            "framing.te-with-length-folded",
            "host.refused-folded",
            "request-line.white-space-before-first-field",
        ),
        tolerated=True,
    ),
    Mutant(
        ConnectionKeptBehindBothLengths,
        (
            "framing.hidden-*",
            "framing.length-*",
            "framing.te-*-before",
            "framing.te-with-content-length",
            "framing.te-with-length-mixed-case",
            "framing.te-with-length-space-behind",
        ),
    ),
    Mutant(
        LengthBeforeCoding,
        (
            "framing.empty-coding-with-length",
            "framing.hidden-*-length",
            "framing.hidden-behind-a-length-of-one-more",
            "framing.length-*",
            "framing.odd-coding-with-length-identity",
            "framing.odd-coding-with-length-letter-before",
            "framing.odd-coding-with-length-no-break-space",
            "framing.odd-coding-with-length-other-*",
            "framing.odd-coding-with-length-quoted",
            "framing.odd-coding-with-length-unknown",
            "framing.te-*-before",
            "framing.te-before-content-length",
            "framing.te-with-length-mixed-case",
            "framing.te-with-length-space-behind",
            "http10.request-behind-transfer-encoding",
        ),
    ),
    Mutant(CodingIgnoredInHTTP10, ("http10.request-behind-transfer-encoding", "http10.transfer-encoding")),
    Mutant(CodingTrustedInHTTP10, ("http10.transfer-encoding",)),
)
