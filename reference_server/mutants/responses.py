"""Mutants whose responses are not written as the grammar has it: status lines, fields and their values."""

import re

from reference_server.mutants.altering import AlteringConnection, AlteringHTTP11, status_of, with_line
from reference_server.mutants.mutant import Mutant


class MissingReasonTakesItsSpace(AlteringConnection):
    """A status line has no reason phrase, and no space where it would begin."""

    def altered(self, response: bytes) -> bytes:
        """End the line behind the status."""
        return response[:12] + response[response.index(b"\r\n") :]


class EmptyLineBeforeResponse(AlteringHTTP11):
    """The response to a bad request begins with an empty line."""

    def altered(self, response: bytes) -> bytes:
        """Add the line."""
        return b"\r\n" + response


class ResponseLinesEndInLF(AlteringConnection):
    """The lines of a response end in LF alone."""

    def altered(self, response: bytes) -> bytes:
        """Leave out every CR of the head."""
        head, end, content = response.partition(b"\r\n\r\n")
        return (head + end).replace(b"\r\n", b"\n") + content


class ResponsesIndentFirstField(AlteringConnection):
    """The first field line of a response begins with a space."""

    def altered(self, response: bytes) -> bytes:
        """Indent it."""
        return response.replace(b"\r\n", b"\r\n ", 1)


class LongFieldsAreFolded(AlteringConnection):
    """A field line with parameters is folded behind the semicolon."""

    def altered(self, response: bytes) -> bytes:
        """Fold Content-Type."""
        return response.replace(b"plain; charset", b"plain;\r\n charset", 1)


class SpaceBeforeColonSent(AlteringConnection):
    """A field name is sent with a space behind it."""

    def altered(self, response: bytes) -> bytes:
        """Add the space to the name of Server."""
        return response.replace(b"\r\nServer:", b"\r\nServer :", 1)


class NoSpaceBehindColonSent(AlteringConnection):
    """A field value follows its colon without a space."""

    def altered(self, response: bytes) -> bytes:
        """Leave the space out of Server."""
        return response.replace(b"\r\nServer: ", b"\r\nServer:", 1)


class ServerWordsAreParted(AlteringConnection):
    """The words of Server are parted by two spaces."""

    def altered(self, response: bytes) -> bytes:
        """Name the platform."""
        return response.replace(b"wirecheck-reference", b"wirecheck-reference  Python/3", 1)


class ServerEscapesNeedlessly(AlteringConnection):
    """The slashes in the comment of Server are escaped."""

    def altered(self, response: bytes) -> bytes:
        """Name the platform, escaped as JSON may be."""
        return response.replace(b"wirecheck-reference", rb"wirecheck-reference (GNU\/Linux)", 1)


class DatesEndInNumericZone(AlteringConnection):
    """Dates end in -0000, as in mail, and not in GMT."""

    def altered(self, response: bytes) -> bytes:
        """Write the zone of Date as a number."""
        return response.replace(b" GMT\r\n", b" -0000\r\n", 1)


class RefusalsHaveNoDate(AlteringHTTP11):
    """The response to a bad request has no Date."""

    def altered(self, response: bytes) -> bytes:
        """Leave out the second line, which is Date."""
        status_line, date, rest = response.split(b"\r\n", 2)
        del date
        return status_line + b"\r\n" + rest


class StaticFilesAreFromTheFuture(AlteringConnection):
    """Last-Modified is in the server's time zone, and so it may be later than Date."""

    def altered(self, response: bytes) -> bytes:
        """Move it into a year to come."""
        return response.replace(b"Last-Modified: Mon, 02 Jan 2023", b"Last-Modified: Sat, 02 Jan 2123", 1)


class ServerNamedTwice(AlteringConnection):
    """Server is sent by the server, and again by its framework."""

    def altered(self, response: bytes) -> bytes:
        """Add the second."""
        return with_line(response, b"Server: framework")


class AllowEndsInComma(AlteringConnection):
    """The list of methods in Allow ends in a comma."""

    def altered(self, response: bytes) -> bytes:
        """Add the comma."""
        return response.replace(b"DELETE, OPTIONS\r\n", b"DELETE, OPTIONS,\r\n", 1)


class AllowIsPartedBySpaces(AlteringConnection):
    """The methods in Allow are parted by spaces."""

    def altered(self, response: bytes) -> bytes:
        """Leave out the commas."""
        return re.sub(rb"(?<=\r\n)Allow: [^\r]*", lambda allow: allow[0].replace(b",", b""), response)


class RefusalsHaveTypeWithoutSubtype(AlteringHTTP11):
    """The type of the response to a bad request is text, without a subtype."""

    def altered(self, response: bytes) -> bytes:
        """Cut it off."""
        return response.replace(b"text/plain; charset=utf-8", b"text", 1)


class EntityTagIsNotQuoted(AlteringConnection):
    """An entity tag is sent without its quotes."""

    def altered(self, response: bytes) -> bytes:
        """Take the quotes away."""
        return response.replace(b'ETag: "wirecheck-1"', b"ETag: wirecheck-1", 1)


class IdentityIsSentAsCoding(AlteringConnection):
    """Content that is not encoded is said to be in the coding identity."""

    def altered(self, response: bytes) -> bytes:
        """Add Content-Encoding."""
        return with_line(response, b"Content-Encoding: identity") if status_of(response) == 200 else response


class RequestFieldsAreSentBack(AlteringConnection):
    """Host is sent back in the response."""

    def altered(self, response: bytes) -> bytes:
        """Add it."""
        return with_line(response, b"Host: localhost")


class RefusalsHaveNoType(AlteringHTTP11):
    """The response to a bad request has content of no type."""

    def altered(self, response: bytes) -> bytes:
        """Leave out Content-Type."""
        return response.replace(b"Content-Type: text/plain; charset=utf-8\r\n", b"", 1)


class UnavailableIsOwnStatus(AlteringConnection):
    """A server that is not available answers with a status of its own, beyond 599."""

    def altered(self, response: bytes) -> bytes:
        """Make it of 503."""
        return response.replace(b"HTTP/1.1 503 ", b"HTTP/1.1 999 ", 1)


class RefusalsClaimNextVersion(AlteringHTTP11):
    """The response to a bad request is labelled HTTP/2.0."""

    def altered(self, response: bytes) -> bytes:
        """Relabel it."""
        return response.replace(b"HTTP/1.1", b"HTTP/2.0", 1)


MUTANTS = (
    Mutant(
        MissingReasonTakesItsSpace,
        (
            "basics.grammar",
            "chunked.te-*",
            "expect.interim-response",
            "invariant.status-line",
        ),
    ),
    Mutant(
        EmptyLineBeforeResponse,
        ("invariant.status-line",),
    ),
    Mutant(
        ResponseLinesEndInLF,
        (
            "basics.grammar",
            "chunked.te-*",
            "expect.interim-response",
            "invariant.line-ends",
        ),
    ),
    Mutant(
        ResponsesIndentFirstField,
        (
            "basics.grammar",
            "chunked.te-*",
            "expect.interim-response",
            "invariant.date",
            "invariant.folded-lines",
            "invariant.white-space-after-status-line",
        ),
    ),
    Mutant(LongFieldsAreFolded, ("invariant.folded-lines",)),
    Mutant(
        SpaceBeforeColonSent,
        (
            "basics.grammar",
            "chunked.te-*",
            "expect.interim-response",
            "invariant.field-grammar",
        ),
    ),
    Mutant(NoSpaceBehindColonSent, ("invariant.white-space",)),
    Mutant(ServerWordsAreParted, ("invariant.words-of-server",)),
    Mutant(ServerEscapesNeedlessly, ("invariant.needless-backslashes",)),
    Mutant(DatesEndInNumericZone, ("basics.date", "invariant.date-grammar")),
    Mutant(RefusalsHaveNoDate, ("invariant.date",)),
    Mutant(StaticFilesAreFromTheFuture, ("invariant.last-modified",)),
    Mutant(ServerNamedTwice, ("invariant.repeated-fields",)),
    Mutant(AllowEndsInComma, ("invariant.empty-members",)),
    Mutant(AllowIsPartedBySpaces, ("invariant.tokens",)),
    Mutant(RefusalsHaveTypeWithoutSubtype, ("invariant.media-type",)),
    Mutant(EntityTagIsNotQuoted, ("invariant.entity-tag",)),
    Mutant(IdentityIsSentAsCoding, ("invariant.no-identity-coding",)),
    Mutant(RequestFieldsAreSentBack, ("invariant.roles",)),
    Mutant(RefusalsHaveNoType, ("invariant.content-type",)),
    Mutant(UnavailableIsOwnStatus, ("invariant.status-code", "unread.body-of-a-request-answered-503")),
    Mutant(RefusalsClaimNextVersion, ("invariant.version", "request-line.major-version-*")),
)
