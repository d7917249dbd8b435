"""Mutants that misread the boundary of a multipart form in Content-Type, or search for another one."""

import re

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.forms import Form
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Fields
from reference_server.parsing.multipart import boundary_of
from reference_server.request import HTTPRequest


class BoundaryIsAPattern(HTTPRequest):
    """Searches for the boundary as a regular expression."""

    def read_multipart(self, boundary: bytes) -> Form:
        return super().read_multipart(boundary) if re.search(b"--" + boundary, self.body) else Form()


class BoundaryLosesItsHyphens(HTTPRequest):
    """Strips the hyphens that a boundary begins with."""

    def read_multipart(self, boundary: bytes) -> Form:
        return super().read_multipart(boundary.lstrip(b"-"))


class BoundaryHasToBeLonger(HTTPRequest):
    """Rejects a boundary of one character as if it were empty."""

    def read_multipart(self, boundary: bytes) -> Form:
        return super().read_multipart(boundary) if len(boundary) > 1 else Form()


class BoundaryIsCutAt64(HTTPRequest):
    """Reads a form as empty if its boundary is longer than 64 characters."""

    def read_multipart(self, boundary: bytes) -> Form:
        return super().read_multipart(boundary) if len(boundary) <= 64 else Form()


class BoundaryOfAnyLengthIsRead(HTTP11):
    """Reads a form with a boundary of more than 70 characters."""

    def boundary(self, content_type: str) -> bytes:
        return boundary_of(content_type)


class RewritingType(HTTP11):
    """Reads the boundary from a Content-Type changed by ``rewritten``."""

    def rewritten(self, content_type: str) -> str:
        """Return the value to read instead of the received one."""
        return content_type

    def content_type(self, fields: Fields) -> str:
        return self.rewritten(super().content_type(fields))


class QuotesBelongToBoundary(RewritingType):
    """Takes the quotes around a boundary as part of it."""

    def rewritten(self, content_type: str) -> str:
        return content_type.replace('"', "'")


class QuotedBoundaryEndsWithToken(RewritingType):
    """Ends a quoted boundary at the first character that is not allowed in a token."""

    def rewritten(self, content_type: str) -> str:
        return re.sub(r"""boundary="([\w.'+-]+)[^"\\]*\"""", r'boundary="\1"', content_type)


class BoundaryEndsAtEqualsSign(RewritingType):
    """Ends a boundary at an equals sign."""

    def rewritten(self, content_type: str) -> str:
        return re.sub(r'boundary="([^="]*)=[^"]*"', r'boundary="\1"', content_type)


class ContentTypeEndsAtComma(RewritingType):
    """Splits Content-Type at commas and reads only the first member."""

    def rewritten(self, content_type: str) -> str:
        return content_type.partition(",")[0]


class BackslashStaysInBoundary(RewritingType):
    """Takes the backslash of a quoted pair as part of the boundary."""

    def rewritten(self, content_type: str) -> str:
        return re.sub(r"\\(?!\")", r"\\\\", content_type)


class SemicolonEndsQuotedString(RewritingType):
    """Splits the parameters of Content-Type at every semicolon, even in quoted strings."""

    def rewritten(self, content_type: str) -> str:
        parts = [part.strip().replace('"', "") for part in content_type.split(";")]
        return "; ".join([parts[0], *(re.sub("=(.*)", r'="\1"', part) for part in parts[1:])])


class BoundaryHasToComeFirst(RewritingType):
    """Looks for the boundary in the first parameter only."""

    def rewritten(self, content_type: str) -> str:
        return ";".join(content_type.split(";")[:2])


class BoundaryHasToComeLast(RewritingType):
    """Takes everything after boundary= as the boundary."""

    def rewritten(self, content_type: str) -> str:
        return re.sub(r'(boundary="\w+)"(;.*)', r'\1\2"', content_type)


class SpaceIsNeededBeforeParameter(RewritingType):
    """Recognises a parameter only after a space."""

    def rewritten(self, content_type: str) -> str:
        return content_type.replace(";boundary", ",boundary")


class BoundaryIsMatchedByCase(RewritingType):
    """Recognises the boundary parameter only if its name is in lower case."""

    def rewritten(self, content_type: str) -> str:
        return content_type.replace("BOUNDARY", "x")


MUTANTS = (
    Mutant(BoundaryIsAPattern, ("multipart.boundary-punctuation", "multipart.quoted-boundary-question-mark")),
    Mutant(BoundaryLosesItsHyphens, ("multipart.boundary-hyphens",)),
    Mutant(BoundaryHasToBeLonger, ("multipart.boundary-one-character",)),
    Mutant(BoundaryIsCutAt64, ("multipart.boundary-seventy-characters",)),
    Mutant(BoundaryOfAnyLengthIsRead, ("multipart.boundary-of-71-octets",)),
    Mutant(
        QuotesBelongToBoundary,
        (
            "multipart.quoted-boundary-be*-a-parameter",
            "multipart.quoted-boundary-c*",
            "multipart.quoted-boundary-equals-sign",
            "multipart.quoted-boundary-p*",
            "multipart.quoted-boundary-question-mark",
            "multipart.quoted-boundary-space",
            "multipart.quoted-boundary-without-space-before",
        ),
    ),
    Mutant(
        QuotedBoundaryEndsWithToken,
        (
            "multipart.quoted-boundary-colon",
            "multipart.quoted-boundary-comma",
            "multipart.quoted-boundary-equals-sign",
            "multipart.quoted-boundary-question-mark",
            "multipart.quoted-boundary-space",
        ),
    ),
    Mutant(BoundaryEndsAtEqualsSign, ("multipart.quoted-boundary-equals-sign",)),
    Mutant(ContentTypeEndsAtComma, ("multipart.quoted-boundary-comma",)),
    Mutant(BackslashStaysInBoundary, ("multipart.quoted-boundary-quoted-pair",)),
    Mutant(SemicolonEndsQuotedString, ("multipart.quoted-boundary-behind-a-quoted-semicolon",)),
    Mutant(
        BoundaryHasToComeFirst,
        ("multipart.quoted-boundary-behind-*", "multipart.quoted-boundary-without-space-before"),
    ),
    Mutant(BoundaryHasToComeLast, ("multipart.quoted-boundary-before-a-parameter",)),
    Mutant(SpaceIsNeededBeforeParameter, ("multipart.quoted-boundary-without-space-before",)),
    Mutant(BoundaryIsMatchedByCase, ("multipart.quoted-boundary-parameter-name-case",)),
)
