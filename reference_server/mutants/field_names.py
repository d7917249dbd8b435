"""Mutants that misread the names of fields."""

import re
from collections.abc import Sequence
from dataclasses import replace

from reference_server.httputil import HTTPHeaders
from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.grammar import STRICT
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Fields


class SpaceBeforeColonDropped(RewritingHTTP11):
    """Drops white space between a field name and its colon."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"(\r\n[^\s:]+)[ \t]+:", rb"\1:", block)


class FieldNameUnchecked(HTTP11):
    """Accepts any bytes in a field name but colons and line ends."""

    grammar = replace(STRICT, field_name=rb"[^:\r\n \t][^:\r\n]*+(?<![ \t])")


class EmptyFieldNameAccepted(HTTP11):
    """Accepts an empty field name."""

    grammar = replace(STRICT, field_name=STRICT.field_name + rb"|")


class LineWithoutColonSkipped(RewritingHTTP11):
    """Skips a field line without a colon."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\r\n[^\r\n: \t]+(?=\r\n)", b"", block)


class FieldNameOfLettersOnly(HTTP11):
    """Rejects a field name with anything but letters, digits and hyphens."""

    grammar = replace(STRICT, field_name=rb"[A-Za-z0-9\-]++")


class FieldsOfUsualCase(Fields):
    """Fields found only in their usual spelling."""

    def values(self, start: bytes) -> Sequence[bytes]:
        found = re.findall(re.escape(start.title()) + rb"([^\r]*)", self.raw)
        return [value.strip(b" \t") for value in found]


class NamesMatchedByCase(HTTP11):
    """Recognises a field only in the usual spelling of its name."""

    fields_class = FieldsOfUsualCase


class FieldsOfCGI(Fields):
    """Fields found with underscores or with hyphens in their names."""

    def values(self, start: bytes) -> Sequence[bytes]:
        return super().values(start.replace(b"-", b"_")) or super().values(start)

    @property
    def headers(self) -> HTTPHeaders:
        headers = HTTPHeaders()
        for name, value in super().headers.get_all():
            headers.add(name.replace("_", "-"), value)
        return headers


class UnderscoreTakenForHyphen(HTTP11):
    """Reads underscores in field names as hyphens, as CGI does, and prefers such fields."""

    fields_class = FieldsOfCGI


MUTANTS = (
    Mutant(
        SpaceBeforeColonDropped,
        (
            "fields.*-before-colon",
            "fields.before-*",
            "framing.connection-before-colon",
        ),
    ),
    Mutant(
        FieldNameUnchecked,
        (
            "chunked.malformed-trailer-bracket-in-the-name",
            "expect.beside-a-malformed-field",
            "fields.*-in-name",
            "fields.broken-name-tab",
            "fields.malformed-line-vertical-tab-behind-name",
            "fields.name-cut-*",
            "fields.odd-*",
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
    Mutant(EmptyFieldNameAccepted, ("chunked.malformed-trailer-no-name", "fields.malformed-line-empty-name")),
    Mutant(
        LineWithoutColonSkipped,
        (
            "fields.broken-name-line-end",
            "fields.malformed-line-equals-sign-for-colon",
            "fields.malformed-line-no-colon",
        ),
    ),
    Mutant(FieldNameOfLettersOnly, ("fields.unknown", "framing.field-like-transfer-encoding-underscore")),
    Mutant(
        NamesMatchedByCase,
        (
            "content-length.zero-and-another-in-another-case",
            "fields.name-case",
            "host.two-lines-of-other-case",
        ),
    ),
    Mutant(
        UnderscoreTakenForHyphen,
        (
            "fields.underscore",
            "fields.underscore-framing-length",
            "fields.unknown",
            "framing.field-like-transfer-encoding-underscore",
        ),
    ),
)
