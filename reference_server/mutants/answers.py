"""Mutants whose responses say the wrong thing: of their content, their connection, and what to do next."""

import re

from reference_server.mutants.altering import (
    AlteringConnection,
    AlteringHTTP11,
    status_of,
    with_line,
    without_field,
)
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.responses import error_response


class LengthIsListedTwice(AlteringConnection):
    """Content-Length has the same number twice, as two lines that were joined."""

    def altered(self, response: bytes) -> bytes:
        """Double it."""
        return re.sub(rb"Content-Length: (\d+)", rb"Content-Length: \1, \1", response, count=1)


class ChunkedResponseHasLength(AlteringConnection):
    """A chunked response has a Content-Length, too."""

    def altered(self, response: bytes) -> bytes:
        """Add the length that the content has by default."""
        return response.replace(b"\r\nTransfer-Encoding:", b"\r\nContent-Length: 30\r\nTransfer-Encoding:", 1)


class NoContentIsChunked(AlteringConnection):
    """A 204 has a Transfer-Encoding."""

    def altered(self, response: bytes) -> bytes:
        """Add it."""
        return with_line(response, b"Transfer-Encoding: chunked") if status_of(response) == 204 else response


class NoContentHasLength(AlteringConnection):
    """A 204 has a Content-Length."""

    def altered(self, response: bytes) -> bytes:
        """Add it."""
        return with_line(response, b"Content-Length: 0") if status_of(response) == 204 else response


class ChunkSizeIsPadded(AlteringConnection):
    """A chunk-size is padded with spaces, so that its line can be written before the size is known."""

    def write(self, chunk: bytes) -> None:
        """Pad it."""
        super().write(re.sub(rb"\A([0-9a-f]+)\r\n(?=.)", rb"\1  \r\n", chunk, flags=re.DOTALL))


class ChunkedIsAppliedTwice(AlteringConnection):
    """What is chunked once is said to be chunked twice."""

    def altered(self, response: bytes) -> bytes:
        """Name it again."""
        return response.replace(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked, chunked", 1)


class StreamIsNotChunked(AlteringConnection):
    """Content of unknown length has a coding that does not end, on a connection that goes on."""

    def altered(self, response: bytes) -> bytes:
        """Name another coding."""
        return response.replace(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", 1)


class TrailersHoldALength(AlteringConnection):
    """A chunked response tells its length in a trailer field."""

    def write(self, chunk: bytes) -> None:
        """Add it to the last chunk."""
        super().write(b"0\r\nContent-Length: 30\r\n\r\n" if chunk == b"0\r\n\r\n" else chunk)

    def altered(self, response: bytes) -> bytes:
        """Announce it."""
        return response.replace(
            b"\r\nTransfer-Encoding:", b"\r\nTrailer: Content-Length\r\nTransfer-Encoding:", 1
        )


class TrailersAreNotAnnounced(AlteringConnection):
    """A chunked response has a trailer field that Trailer does not name."""

    def write(self, chunk: bytes) -> None:
        """Add it to the last chunk."""
        super().write(b"0\r\nX-Digest: none\r\n\r\n" if chunk == b"0\r\n\r\n" else chunk)


class RefusalsHaveNoLength(AlteringHTTP11):
    """The response to a bad request has no Content-Length, and ends with the connection."""

    def altered(self, response: bytes) -> bytes:
        """Leave it out."""
        return without_field(response, b"Content-Length")


class RefusalsAreEmpty(AlteringHTTP11):
    """The response to a bad request has no content."""

    def altered(self, response: bytes) -> bytes:
        """Leave it out."""
        head, end, _ = response.partition(b"\r\n\r\n")
        return re.sub(rb"Content-Length: \d+", b"Content-Length: 0", head) + end


class UnknownVersionIsNotExplained(HTTP11):
    """A 505 does not say which versions there are."""

    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:
        """Say only that there is an error."""
        if refusal.status == 505:
            return error_response(505, "error", to_head=to_head)
        return super().refusal_response(refusal, to_head=to_head)


class RefusalsDoNotAnnounceClose(AlteringHTTP11):
    """The response to a bad request does not say that the connection is closed behind it."""

    def altered(self, response: bytes) -> bytes:
        """Leave out Connection."""
        return without_field(response, b"Connection")


class CloseIsNotCarriedOut(AlteringConnection):
    """A 304 says close, and the connection goes on."""

    def altered(self, response: bytes) -> bytes:
        """Say so."""
        return with_line(response, b"Connection: close") if status_of(response) == 304 else response


class KeepAliveIsNotListed(AlteringConnection):
    """Keep-Alive is sent without being listed in Connection."""

    def altered(self, response: bytes) -> bytes:
        """Add it."""
        return with_line(response, b"Keep-Alive: timeout=5")


class UpgradeIsNotListed(AlteringConnection):
    """Upgrade offers another protocol without being listed in Connection."""

    def altered(self, response: bytes) -> bytes:
        """Add it."""
        return with_line(response, b"Upgrade: h2c")


class EndToEndFieldIsListed(AlteringConnection):
    """Connection lists a field that is for the client."""

    def altered(self, response: bytes) -> bytes:
        """Add Server to the list."""
        return response.replace(b"Connection: close", b"Connection: close, Server", 1)


class InterimResponseToHTTP10(HTTP11):
    """A request of HTTP/1.0 with an expectation gets an interim response."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        """Take every request for one of HTTP/1.1."""
        del version
        return super().expects_continue("HTTP/1.1", fields)

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        """Send it in any case, the body being there or not."""
        body_arrived = body_arrived and head.version != "HTTP/1.0"
        return super().interim_response(head, body_arrived=body_arrived)


class MethodNotAllowedLacksAllow(AlteringConnection):
    """A 405 has no Allow."""

    def altered(self, response: bytes) -> bytes:
        """Leave it out."""
        return without_field(response, b"Allow") if status_of(response) == 405 else response


class UnauthorizedLacksChallenge(AlteringConnection):
    """A 401 has no WWW-Authenticate."""

    def altered(self, response: bytes) -> bytes:
        """Leave it out."""
        return without_field(response, b"WWW-Authenticate")


class UpgradeRequiredLacksUpgrade(AlteringConnection):
    """A resource that is moved to another protocol answers 426 without Upgrade."""

    def altered(self, response: bytes) -> bytes:
        """Make it of 503."""
        return response.replace(b"HTTP/1.1 503 Service Unavailable", b"HTTP/1.1 426 Upgrade Required", 1)


class SwitchedProtocolIsNotNamed(AlteringConnection):
    """A server that is not available answers 101 without Upgrade."""

    def altered(self, response: bytes) -> bytes:
        """Make it of 503."""
        if status_of(response) != 503:
            return response
        return b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n"


class ResetContentHasContent(AlteringConnection):
    """A 205 has content."""

    def altered(self, response: bytes) -> bytes:
        """Put it there."""
        if status_of(response) != 205:
            return response
        return with_line(without_field(response, b"Content-Length"), b"Content-Length: 5") + b"hello"


class RedirectLacksLocation(AlteringConnection):
    """Who is not authorized is redirected, and not told where."""

    def altered(self, response: bytes) -> bytes:
        """Make it of 401."""
        response = without_field(response, b"WWW-Authenticate")
        return response.replace(b"HTTP/1.1 401 Unauthorized", b"HTTP/1.1 303 See Other", 1)


class RedirectNamesEmptyHost(AlteringConnection):
    """Who is not authorized is redirected to a URI without a host."""

    def altered(self, response: bytes) -> bytes:
        """Make it of 401."""
        if status_of(response) != 401:
            return response
        response = with_line(without_field(response, b"WWW-Authenticate"), b"Location: http:///login")
        return response.replace(b"HTTP/1.1 401 Unauthorized", b"HTTP/1.1 303 See Other", 1)


class RetryAfterIsAFraction(AlteringConnection):
    """Retry-After has a fraction of a second."""

    def altered(self, response: bytes) -> bytes:
        """Add it to a 503."""
        return with_line(response, b"Retry-After: 0.5") if status_of(response) == 503 else response


MUTANTS = (
    Mutant(
        LengthIsListedTwice,
        (
            "basics.grammar",
            "chunked.te-*",
            "expect.interim-response",
            "invariant.content-length",
        ),
    ),
    Mutant(ChunkedResponseHasLength, ("chunked.te-*", "invariant.length-and-coding")),
    Mutant(NoContentIsChunked, ("invariant.no-transfer-encoding",)),
    Mutant(NoContentHasLength, ("invariant.no-content-length",)),
    Mutant(ChunkSizeIsPadded, ("basics.stream", "chunked.te-*", "invariant.chunks")),
    Mutant(ChunkedIsAppliedTwice, ("invariant.chunked-once",)),
    Mutant(
        StreamIsNotChunked,
        ("basics.stream", "chunked.te-*", "invariant.coding-that-ends", "invariant.self-delimited"),
    ),
    Mutant(TrailersHoldALength, ("invariant.trailer-fields",)),
    Mutant(TrailersAreNotAnnounced, ("invariant.announced-trailers",)),
    Mutant(RefusalsHaveNoLength, ("invariant.self-delimited",)),
    Mutant(RefusalsAreEmpty, ("invariant.explained-errors", "invariant.explained-version")),
    Mutant(UnknownVersionIsNotExplained, ("invariant.explained-version",)),
    Mutant(RefusalsDoNotAnnounceClose, ("invariant.close-announced",)),
    Mutant(CloseIsNotCarriedOut, ("invariant.close-carried-out",)),
    Mutant(KeepAliveIsNotListed, ("invariant.keep-alive-listed",)),
    Mutant(UpgradeIsNotListed, ("invariant.upgrade-listed",)),
    Mutant(
        EndToEndFieldIsListed,
        ("invariant.no-end-to-end-option", "persistence.other-field-connection-in-a-value"),
    ),
    Mutant(InterimResponseToHTTP10, ("http10.expect", "http10.no-interim", "invariant.no-interim-to-http10")),
    Mutant(MethodNotAllowedLacksAllow, ("invariant.allow",)),
    Mutant(UnauthorizedLacksChallenge, ("invariant.challenge",)),
    Mutant(UpgradeRequiredLacksUpgrade, ("invariant.upgrade-required",)),
    Mutant(
        SwitchedProtocolIsNotNamed, ("invariant.switched-protocol", "unread.body-of-a-request-answered-503")
    ),
    Mutant(ResetContentHasContent, ("basics.reset-content", "invariant.no-content-in-205")),
    Mutant(RedirectLacksLocation, ("invariant.redirect-location",)),
    Mutant(RedirectNamesEmptyHost, ("invariant.location",)),
    Mutant(RetryAfterIsAFraction, ("invariant.retry-after",)),
)
