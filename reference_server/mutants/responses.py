"""Mutants whose responses break the grammar of status lines, fields or their values."""

import re

from reference_server.mutants.altering import AlteringConnection, AlteringHTTP11, status_of, with_line
from reference_server.mutants.mutant import Mutant


class MissingReasonTakesItsSpace(AlteringConnection):
    """Sends a status line without a reason phrase and without the space before it."""

    def altered(self, response: bytes) -> bytes:
        return response[:12] + response[response.index(b"\r\n") :]


class EmptyLineBeforeResponse(AlteringHTTP11):
    """Sends an empty line before the response to a bad request."""

    def altered(self, response: bytes) -> bytes:
        return b"\r\n" + response


class ResponseLinesEndInLF(AlteringConnection):
    """Ends the lines of a response in bare LF."""

    def altered(self, response: bytes) -> bytes:
        head, end, content = response.partition(b"\r\n\r\n")
        return (head + end).replace(b"\r\n", b"\n") + content


class ResponsesIndentFirstField(AlteringConnection):
    """Sends a space before the first field line of a response."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"\r\n", b"\r\n ", 1)


class LongFieldsAreFolded(AlteringConnection):
    """Folds a field line after the semicolon."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"plain; charset", b"plain;\r\n charset", 1)


class SpaceBeforeColonSent(AlteringConnection):
    """Sends a space after a field name."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"\r\nServer:", b"\r\nServer :", 1)


class NoSpaceBehindColonSent(AlteringConnection):
    """Sends a field value without a space after the colon."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"\r\nServer: ", b"\r\nServer:", 1)


class ServerWordsAreParted(AlteringConnection):
    """Separates the products in Server by two spaces."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"wirecheck-reference", b"wirecheck-reference  Python/3", 1)


class ServerEscapesNeedlessly(AlteringConnection):
    """Escapes the slash in the comment of Server."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"wirecheck-reference", rb"wirecheck-reference (GNU\/Linux)", 1)


class DatesEndInNumericZone(AlteringConnection):
    """Ends dates in -0000, as in mail, instead of GMT."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b" GMT\r\n", b" -0000\r\n", 1)


class RefusalsHaveNoDate(AlteringHTTP11):
    """Sends the response to a bad request without Date."""

    def altered(self, response: bytes) -> bytes:
        status_line, _date, rest = response.split(b"\r\n", 2)
        return status_line + b"\r\n" + rest


class StaticFilesAreFromTheFuture(AlteringConnection):
    """Sends a Last-Modified later than Date."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"Last-Modified: Mon, 02 Jan 2023", b"Last-Modified: Sat, 02 Jan 2123", 1)


class ServerNamedTwice(AlteringConnection):
    """Sends Server twice, once for the server and once for its framework."""

    def altered(self, response: bytes) -> bytes:
        return with_line(response, b"Server: framework")


class AllowEndsInComma(AlteringConnection):
    """Sends Allow with a comma after the last method."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"DELETE, OPTIONS\r\n", b"DELETE, OPTIONS,\r\n", 1)


class AllowIsPartedBySpaces(AlteringConnection):
    """Separates the methods in Allow by spaces."""

    def altered(self, response: bytes) -> bytes:
        return re.sub(rb"(?<=\r\n)Allow: [^\r]*", lambda allow: allow[0].replace(b",", b""), response)


class RefusalsHaveTypeWithoutSubtype(AlteringHTTP11):
    """Sends the response to a bad request with a media type without a subtype."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"text/plain; charset=utf-8", b"text", 1)


class EntityTagIsNotQuoted(AlteringConnection):
    """Sends an entity tag without quotes."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b'ETag: "wirecheck-1"', b"ETag: wirecheck-1", 1)


class IdentityIsSentAsCoding(AlteringConnection):
    """Sends Content-Encoding: identity."""

    def altered(self, response: bytes) -> bytes:
        return with_line(response, b"Content-Encoding: identity") if status_of(response) == 200 else response


class RequestFieldsAreSentBack(AlteringConnection):
    """Sends Host in a response."""

    def altered(self, response: bytes) -> bytes:
        return with_line(response, b"Host: localhost")


class RefusalsHaveNoType(AlteringHTTP11):
    """Sends the response to a bad request without Content-Type."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"Content-Type: text/plain; charset=utf-8\r\n", b"", 1)


class UnavailableIsOwnStatus(AlteringConnection):
    """Sends the status 999 instead of 503."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"HTTP/1.1 503 ", b"HTTP/1.1 999 ", 1)


class RefusalsClaimNextVersion(AlteringHTTP11):
    """Labels the response to a bad request HTTP/2.0."""

    def altered(self, response: bytes) -> bytes:
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
        clause="RFC9112-4-4",
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
        clause="RFC9112-2.2-8",
    ),
    Mutant(
        LongFieldsAreFolded,
        (
            "fields.charset-that-does-not-exist",
            "invariant.folded-lines",
        ),
    ),
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
