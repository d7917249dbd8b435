"""Mutants that misread the values of fields."""

import re
from dataclasses import replace

from reference_server.httputil import HTTPHeaders
from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import LineByLine, RewritingHTTP11
from reference_server.parsing.grammar import STRICT
from reference_server.parsing.http11 import CONTENT_TYPE, HTTP11, RequestLine
from reference_server.parsing.message import Fields, Head, Refusal


class ObsTextRefused(HTTP11):
    """Rejects a field value with bytes above ASCII."""

    grammar = replace(STRICT, field_value=rb"[\t\x20-\x7e]*+")


class NULInValueAccepted(HTTP11):
    """Accepts NUL in a field value."""

    grammar = replace(STRICT, field_value=rb"[\t\x00\x20-\x7e\x80-\xff]*+")


class ContentTypeOfNothingIsServerError(HTTP11):
    """Answers 500 to a Content-Type that cannot be parsed, even without content."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        if any(value.count(b"/") == 1 and value.startswith(b";") for value in fields.values(CONTENT_TYPE)):
            raise Refusal(500, "the media type cannot be read")
        return super().understand(line, fields, secure=secure)


class BareCRDropped(RewritingHTTP11):
    """Drops a bare CR in a field line."""

    def rewritten(self, block: bytes) -> bytes:
        line, end, rest = block.partition(b"\r\n")
        return line + end + re.sub(rb"\r(?!\n)", b"", rest)


class BareCRInValueAccepted(RewritingHTTP11):
    """Accepts a bare CR in a field value."""

    grammar = replace(STRICT, field_value=rb"(?:[\t\x20-\x7e\x80-\xff]|\r(?!\n))*+")

    fields_class = LineByLine


class ControlCharactersDropped(RewritingHTTP11):
    """Drops control characters anywhere in a head."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", b"", block)


class ControlCharacterIsServerError(RewritingHTTP11):
    """Answers 500 to a control character in a field value."""

    def rewritten(self, block: bytes) -> bytes:
        if re.search(rb"X-Test: one[\x01\x08\x1b\x7f]", block):
            raise Refusal(500, "the field cannot be encoded")
        return block


class PaddedFields(LineByLine):
    """Fields whose values keep white space, except one space after the colon."""

    def field(self, line: str) -> tuple[str, str]:
        name, _, value = line.partition(":")
        return name, value.removeprefix(" ")


class WhiteSpaceAroundValueKept(HTTP11):
    """Keeps white space around a field value, except one space after the colon."""

    fields_class = PaddedFields


class SpaceBehindColonNeeded(HTTP11):
    """Rejects a field line without a space after its colon."""

    def check_field_line(self, line: bytes) -> None:
        super().check_field_line(line)
        if b": " not in line:
            raise Refusal(400, "no space after the colon")

    grammar = replace(STRICT, field_value=rb"(?: [\t\x20-\x7e\x80-\xff]*+)")


class StrippedFields(LineByLine):
    """Fields whose values lose all Unicode white space around them."""

    def field(self, line: str) -> tuple[str, str]:
        name, _, value = line.partition(":")
        return name, value.strip()


class WhiteSpaceOfOtherAlphabetsStripped(HTTP11):
    """Strips everything that Unicode calls white space from a field value, even no-break spaces."""

    fields_class = StrippedFields


class FilledFields(Fields):
    """Fields that have a value."""

    @property
    def headers(self) -> HTTPHeaders:
        headers = HTTPHeaders()
        for name, value in super().headers.get_all():
            if value:
                headers.add(name, value)
        return headers


class EmptyValueDropped(HTTP11):
    """Drops a field with an empty value."""

    fields_class = FilledFields


class FieldsFromTheRight(LineByLine):
    """Fields split at the last colon, unless a number follows it."""

    def field(self, line: str) -> tuple[str, str]:
        name, _, value = line.rpartition(":")
        return super().field(line) if value.isdigit() else (name, value.strip(" \t"))


class NameUpToLastColon(HTTP11):
    """Ends the field name at the last colon of a line, unless a number follows it."""

    fields_class = FieldsFromTheRight


class UnquotedFields(LineByLine):
    """Fields whose quoted strings are unquoted."""

    def field(self, line: str) -> tuple[str, str]:
        name, value = super().field(line)
        return name, re.sub(r'\\(.)|"', r"\1", value) if value.startswith('"') else value


class QuotedStringUnquoted(HTTP11):
    """Removes the quotes and backslashes of a quoted string before the application sees it."""

    fields_class = UnquotedFields


class LastFields(Fields):
    """Fields of which only the last line of each name counts."""

    @property
    def headers(self) -> HTTPHeaders:
        return HTTPHeaders(dict(super().headers.get_all()))


class LastOfSeveralLinesCounts(HTTP11):
    """Gives the application only the last of several lines of a field."""

    fields_class = LastFields


MUTANTS = (
    Mutant(
        ContentTypeOfNothingIsServerError,
        ("fields.content-type-of-nothing",),
    ),
    Mutant(
        BareCRInValueAccepted,
        (
            "fields.bare-*-octet",
            "fields.bare-cr-before-a-value-cr",
            "fields.bare-cr-like-a-field",
            "fields.bare-cr-within-cr-and-space",
            "fields.bare-cr-within-two-crs",
            "fields.two-crs-before-lf",
            "fields.value-bare-cr",
        ),
    ),
    Mutant(
        ObsTextRefused,
        (
            "fields.above-ascii",
            "fields.kept-*",
            "fragmentation.body-before-the-last-octet",
            "fragmentation.body-behind-the-head",
            "fragmentation.body-in-a-character",
            "fragmentation.head-*",
            "fragmentation.octet-by-octet",
        ),
    ),
    Mutant(NULInValueAccepted, ("fields.value-nul",)),
    Mutant(
        BareCRDropped,
        (
            "fields.bare-cr-begins-a-line",
            "fields.bare-cr-in-a-name",
            "fields.bare-cr-like-a-field",
            "fields.bare-cr-within-cr-and-octet",
            "fields.bare-cr-within-cr-and-space",
            "fields.bare-cr-within-two-crs",
            "fields.value-bare-cr",
            "framing.octet-behind-the-name-of-the-length-bare-cr",
            "host.refused-bare-cr",
        ),
    ),
    Mutant(
        ControlCharactersDropped,
        (
            "content-length.malformed-form-feed-behind",
            "content-length.malformed-vertical-tab-before",
            "content-length.nul-before-more-digits",
            "fields.malformed-line-control-in-name",
            "fields.malformed-line-delete-in-name",
            "fields.malformed-line-nul-in-name",
            "fields.malformed-line-vertical-tab-behind-name",
            "fields.name-cut-at-nul-connection",
            "fields.name-cut-at-nul-credentials",
            "fields.odd-begin-of-line-form-feed",
            "fields.odd-begin-of-line-vertical-tab",
            "fields.value-nul",
            "framing.*-form-feed",
            "framing.*-of-heading",
            "framing.octet-*-backspace",
            "framing.octet-*-delete",
            "framing.octet-*-nul",
            "framing.octet-*-separator",
            "framing.octet-*-tab",
            "framing.odd-coding-vertical-tab",
            "host.refused-nul",
            "request-line.*-character-control",
            "request-line.absolute-form-malformed-nul-in-the-port",
            "request-line.absolute-form-nul-*",
            "request-line.method-character-nul",
            "request-line.nul-in-target",
            "request-line.target-character-delete",
            "request-line.version-nul-behind",
        ),
        clause="RFC9110-5.5-4",
    ),
    Mutant(ControlCharacterIsServerError, ("fields.control-*",)),
    Mutant(
        WhiteSpaceAroundValueKept,
        (
            "fields.empty-value-spaces-and-tabs",
            "fields.optional-white-space-several",
            "fields.optional-white-space-tabs",
            "host.white-space-much",
        ),
    ),
    Mutant(
        SpaceBehindColonNeeded,
        (
            "content-length.white-space-none",
            "content-length.white-space-tabs",
            "fields.colons-in-value",
            "fields.empty-value-nothing",
            "fields.optional-white-space-none",
            "fields.optional-white-space-tabs",
            "framing.empty-line-behind-coding",
            "framing.white-space-around-coding-none",
            "framing.white-space-around-coding-tab-before",
            "host.white-space-none",
        ),
    ),
    Mutant(
        WhiteSpaceOfOtherAlphabetsStripped,
        ("fields.kept-*",),
    ),
    Mutant(EmptyValueDropped, ("fields.empty-value-*",)),
    Mutant(
        NameUpToLastColon,
        (
            "fields.colons-in-value",
            "fields.quoted-string",
            "host.white-space-much",
            "limits.referer-of-8000",
        ),
    ),
    Mutant(
        QuotedStringUnquoted,
        ("fields.quoted-string",),
    ),
    Mutant(LastOfSeveralLinesCounts, ("fields.repeated",)),
)
