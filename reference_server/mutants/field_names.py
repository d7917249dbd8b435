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
    """White space between a field name and its colon is dropped."""

    def rewritten(self, block: bytes) -> bytes:
        """Leave it out."""
        return re.sub(rb"(\r\n[^\s:]+)[ \t]+:", rb"\1:", block)


class FieldNameUnchecked(HTTP11):
    """A field name may hold any octets but the colon and line ends."""

    grammar = replace(STRICT, field_name=rb"[^:\r\n \t][^:\r\n]*+(?<![ \t])")


class EmptyFieldNameAccepted(HTTP11):
    """A field name may be empty."""

    grammar = replace(STRICT, field_name=STRICT.field_name + rb"|")


class LineWithoutColonSkipped(RewritingHTTP11):
    """A field line without a colon is skipped."""

    def rewritten(self, block: bytes) -> bytes:
        """Leave it out."""
        return re.sub(rb"\r\n[^\r\n: \t]+(?=\r\n)", b"", block)


class FieldNameOfLettersOnly(HTTP11):
    """A field name of more than letters, digits and hyphens is refused."""

    grammar = replace(STRICT, field_name=rb"[A-Za-z0-9\-]++")


class FieldsOfUsualCase(Fields):
    """Fields whose other spellings are overlooked."""

    def values(self, start: bytes) -> Sequence[bytes]:
        """Look for the usual spelling."""
        found = re.findall(re.escape(start.title()) + rb"([^\r]*)", self.raw)
        return [value.strip(b" \t") for value in found]


class NamesMatchedByCase(HTTP11):
    """A field is found only in the usual spelling of its name."""

    fields_class = FieldsOfUsualCase


class FieldsOfCGI(Fields):
    """Fields that are found under either name."""

    def values(self, start: bytes) -> Sequence[bytes]:
        """Look for the name with underscores before the one with hyphens."""
        return super().values(start.replace(b"-", b"_")) or super().values(start)

    @property
    def headers(self) -> HTTPHeaders:
        """All fields, without underscores in their names."""
        headers = HTTPHeaders()
        for name, value in super().headers.get_all():
            headers.add(name.replace("_", "-"), value)
        return headers


class UnderscoreTakenForHyphen(HTTP11):
    """An underscore in a field name is taken for a hyphen, as CGI cannot tell them apart, and comes first."""

    fields_class = FieldsOfCGI


MUTANTS = (
    Mutant(
        SpaceBeforeColonDropped,
        (
            "fields.before-*",
            "fields.content-length-before-colon",
            "fields.transfer-encoding-before-colon",
            "tls.clean-close-behind-a-refusal",
        ),
    ),
    Mutant(
        FieldNameUnchecked,
        (
            "chunked.malformed-trailer-bracket-in-the-name",
            "fields.broken-name-tab",
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
            "fields.malformed-line-space-in-name",
            "fields.malformed-line-vertical-tab-behind-name",
            "fields.odd-*",
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
