"""Mutants that misread the boundary of a multipart form in its Content-Type, or look for another one."""

import re

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.forms import Form
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Fields
from reference_server.request import HTTPRequest


class BoundaryIsAPattern(HTTPRequest):
    """The boundary is looked for as a regular expression."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Find nothing where the expression does not match itself."""
        return super().read_multipart(boundary) if re.search(b"--" + boundary, self.body) else Form()


class BoundaryLosesItsHyphens(HTTPRequest):
    """The hyphens that a boundary begins with are taken for those of the delimiter."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Leave them out."""
        return super().read_multipart(boundary.lstrip(b"-"))


class BoundaryHasToBeLonger(HTTPRequest):
    """A boundary of one character is refused as an empty one is."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Read nothing."""
        return super().read_multipart(boundary) if len(boundary) > 1 else Form()


class BoundaryIsCutAt64(HTTPRequest):
    """A boundary of more than 64 characters does not fit the buffer, and the form is empty."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Read nothing."""
        return super().read_multipart(boundary) if len(boundary) <= 64 else Form()


class RewritingType(HTTP11):
    """Reads the boundary from what ``rewritten`` makes of a Content-Type."""

    def rewritten(self, content_type: str) -> str:
        """Return the value that is read in place of the one that came."""
        return content_type

    def content_type(self, fields: Fields) -> str:
        """Read another value than was sent."""
        return self.rewritten(super().content_type(fields))


class QuotesBelongToBoundary(RewritingType):
    """The quotes around a boundary are taken for a part of it."""

    def rewritten(self, content_type: str) -> str:
        """Make them ordinary characters."""
        return content_type.replace('"', "'")


class QuotedBoundaryEndsWithToken(RewritingType):
    """A boundary ends at the first character that no token has, in quotes as well."""

    def rewritten(self, content_type: str) -> str:
        """Cut it there."""
        return re.sub(r"""boundary="([\w.'+-]+)[^"\\]*\"""", r'boundary="\1"', content_type)


class BoundaryEndsAtEqualsSign(RewritingType):
    """A boundary ends at an equals sign."""

    def rewritten(self, content_type: str) -> str:
        """Cut it there."""
        return re.sub(r'boundary="([^="]*)=[^"]*"', r'boundary="\1"', content_type)


class ContentTypeEndsAtComma(RewritingType):
    """Content-Type is taken for a list, and ends at its first comma."""

    def rewritten(self, content_type: str) -> str:
        """Take the first member."""
        return content_type.partition(",")[0]


class BackslashStaysInBoundary(RewritingType):
    """A backslash in a quoted boundary is taken for a part of it."""

    def rewritten(self, content_type: str) -> str:
        """Escape it."""
        return re.sub(r"\\(?!\")", r"\\\\", content_type)


class SemicolonEndsQuotedString(RewritingType):
    """Parameters are parted at every semicolon, in quoted strings as well."""

    def rewritten(self, content_type: str) -> str:
        """Write each part as a parameter of its own."""
        parts = [part.strip().replace('"', "") for part in content_type.split(";")]
        return "; ".join([parts[0], *(re.sub("=(.*)", r'="\1"', part) for part in parts[1:])])


class BoundaryHasToComeFirst(RewritingType):
    """A boundary is looked for in the first parameter only."""

    def rewritten(self, content_type: str) -> str:
        """Take the first two of the parts."""
        return ";".join(content_type.split(";")[:2])


class BoundaryHasToComeLast(RewritingType):
    """All that follows boundary= is taken for the boundary."""

    def rewritten(self, content_type: str) -> str:
        """Make what follows a part of it."""
        return re.sub(r'(boundary="\w+)"(;.*)', r'\1\2"', content_type)


class SpaceIsNeededBeforeParameter(RewritingType):
    """A parameter is only recognised with a space before it."""

    def rewritten(self, content_type: str) -> str:
        """Make others a part of what is before them."""
        return content_type.replace(";boundary", ",boundary")


class BoundaryIsMatchedByCase(RewritingType):
    """The name of the boundary parameter is recognised in lower case only."""

    def rewritten(self, content_type: str) -> str:
        """Rename others."""
        return content_type.replace("BOUNDARY", "x")


MUTANTS = (
    Mutant(BoundaryIsAPattern, ("multipart.boundary-punctuation", "multipart.quoted-boundary-question-mark")),
    Mutant(BoundaryLosesItsHyphens, ("multipart.boundary-hyphens",)),
    Mutant(BoundaryHasToBeLonger, ("multipart.boundary-one-character",)),
    Mutant(BoundaryIsCutAt64, ("multipart.boundary-seventy-characters",)),
    Mutant(QuotesBelongToBoundary, ("multipart.quoted-boundary-*",)),
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
