"""Mutants whose responses are wrong about their content, the connection, or what to do next."""

import re

from reference_server.basestream import Callback
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
    """Sends Content-Length twice in one value, as if two field lines had been joined."""

    def altered(self, response: bytes) -> bytes:
        return re.sub(rb"Content-Length: (\d+)", rb"Content-Length: \1, \1", response, count=1)


class ChunkedResponseHasLength(AlteringConnection):
    """Sends Content-Length with a chunked response."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"\r\nTransfer-Encoding:", b"\r\nContent-Length: 30\r\nTransfer-Encoding:", 1)


class NoContentIsChunked(AlteringConnection):
    """Sends Transfer-Encoding with a 204."""

    def altered(self, response: bytes) -> bytes:
        return with_line(response, b"Transfer-Encoding: chunked") if status_of(response) == 204 else response


class NoContentHasLength(AlteringConnection):
    """Sends Content-Length with a 204."""

    def altered(self, response: bytes) -> bytes:
        return with_line(response, b"Content-Length: 0") if status_of(response) == 204 else response


class ChunkSizeIsPadded(AlteringConnection):
    """Pads each chunk-size with spaces, as a server does that writes its line before it knows the size."""

    def write(self, chunk: bytes, callback: Callback | None = None) -> None:
        super().write(re.sub(rb"\A([0-9a-f]+)\r\n(?=.)", rb"\1  \r\n", chunk, flags=re.DOTALL), callback)


class ChunkedIsAppliedTwice(AlteringConnection):
    """Lists chunked twice in Transfer-Encoding for content that is chunked once."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked, chunked", 1)


class StreamIsNotChunked(AlteringConnection):
    """Sends content of unknown length as Transfer-Encoding: identity and keeps the connection open."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", 1)


class TrailersHoldALength(AlteringConnection):
    """Sends Content-Length as a trailer field of a chunked response."""

    def write(self, chunk: bytes, callback: Callback | None = None) -> None:
        super().write(b"0\r\nContent-Length: 30\r\n\r\n" if chunk == b"0\r\n\r\n" else chunk, callback)

    def altered(self, response: bytes) -> bytes:
        return response.replace(
            b"\r\nTransfer-Encoding:", b"\r\nTrailer: Content-Length\r\nTransfer-Encoding:", 1
        )


class TrailersAreNotAnnounced(AlteringConnection):
    """Sends a trailer field that Trailer does not name."""

    def write(self, chunk: bytes, callback: Callback | None = None) -> None:
        super().write(b"0\r\nX-Digest: none\r\n\r\n" if chunk == b"0\r\n\r\n" else chunk, callback)


class RefusalsHaveNoLength(AlteringHTTP11):
    """Sends the response to a bad request without Content-Length, so that the close ends it."""

    def altered(self, response: bytes) -> bytes:
        return without_field(response, b"Content-Length")


class RefusalsAreEmpty(AlteringHTTP11):
    """Sends the response to a bad request without content."""

    def altered(self, response: bytes) -> bytes:
        head, end, _ = response.partition(b"\r\n\r\n")
        return re.sub(rb"Content-Length: \d+", b"Content-Length: 0", head) + end


class UnknownVersionIsNotExplained(HTTP11):
    """Answers 505 without saying which versions it supports."""

    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:
        if refusal.status == 505:
            return error_response(505, "error", to_head=to_head)
        return super().refusal_response(refusal, to_head=to_head)


class RefusalsDoNotAnnounceClose(AlteringHTTP11):
    """Closes the connection after a bad request without sending Connection: close."""

    def altered(self, response: bytes) -> bytes:
        return without_field(response, b"Connection")


class CloseIsNotCarriedOut(AlteringConnection):
    """Sends Connection: close with a 304 and keeps the connection open."""

    def altered(self, response: bytes) -> bytes:
        return with_line(response, b"Connection: close") if status_of(response) == 304 else response


class KeepAliveIsNotListed(AlteringConnection):
    """Sends Keep-Alive without listing it in Connection."""

    def altered(self, response: bytes) -> bytes:
        return with_line(response, b"Keep-Alive: timeout=5")


class UpgradeIsNotListed(AlteringConnection):
    """Sends Upgrade without listing it in Connection."""

    def altered(self, response: bytes) -> bytes:
        return with_line(response, b"Upgrade: h2c")


class EndToEndFieldIsListed(AlteringConnection):
    """Lists Server, an end-to-end field, in Connection."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"Connection: close", b"Connection: close, Server", 1)


class InterimResponseToHTTP10(HTTP11):
    """Sends an interim response to an HTTP/1.0 request with an expectation."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        return super().expects_continue("HTTP/1.1", fields)

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        body_arrived = body_arrived and head.version != "HTTP/1.0"
        return super().interim_response(head, body_arrived=body_arrived)


class MethodNotAllowedLacksAllow(AlteringConnection):
    """Sends 405 without Allow."""

    def altered(self, response: bytes) -> bytes:
        return without_field(response, b"Allow") if status_of(response) == 405 else response


class UnauthorizedLacksChallenge(AlteringConnection):
    """Sends 401 without WWW-Authenticate."""

    def altered(self, response: bytes) -> bytes:
        return without_field(response, b"WWW-Authenticate")


class UpgradeRequiredLacksUpgrade(AlteringConnection):
    """Sends 426 without Upgrade instead of 503."""

    def altered(self, response: bytes) -> bytes:
        return response.replace(b"HTTP/1.1 503 Service Unavailable", b"HTTP/1.1 426 Upgrade Required", 1)


class SwitchedProtocolIsNotNamed(AlteringConnection):
    """Sends 101 without Upgrade instead of 503."""

    def altered(self, response: bytes) -> bytes:
        if status_of(response) != 503:
            return response
        return b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n"


class ResetContentHasContent(AlteringConnection):
    """Sends content with a 205."""

    def altered(self, response: bytes) -> bytes:
        if status_of(response) != 205:
            return response
        return with_line(without_field(response, b"Content-Length"), b"Content-Length: 5") + b"hello"


class RedirectLacksLocation(AlteringConnection):
    """Redirects an unauthorized client without Location."""

    def altered(self, response: bytes) -> bytes:
        response = without_field(response, b"WWW-Authenticate")
        return response.replace(b"HTTP/1.1 401 Unauthorized", b"HTTP/1.1 303 See Other", 1)


class RedirectNamesEmptyHost(AlteringConnection):
    """Redirects an unauthorized client to a URI with an empty host."""

    def altered(self, response: bytes) -> bytes:
        if status_of(response) != 401:
            return response
        response = with_line(without_field(response, b"WWW-Authenticate"), b"Location: http:///login")
        return response.replace(b"HTTP/1.1 401 Unauthorized", b"HTTP/1.1 303 See Other", 1)


class RetryAfterIsAFraction(AlteringConnection):
    """Sends Retry-After with a fraction of a second."""

    def altered(self, response: bytes) -> bytes:
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
        (
            "invariant.no-end-to-end-option",
            "persistence.*-a-value",
        ),
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
