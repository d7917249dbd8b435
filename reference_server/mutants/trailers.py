"""Mutants that misread the trailer section of a chunked body, or take it for more than it is."""

from reference_server.httputil import HTTPHeaders
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.bodies import CRLF, ChunkedReader
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Body, Event, Fields, Refusal
from reference_server.parsing.parser import RequestParser
from reference_server.request import HTTPRequest

KNOWN = frozenset({"Host", "Authorization", "Content-Encoding", "Content-Type", "Cookie", "X-Forwarded-For"})


class TrailersMerged(HTTPRequest):
    """Trailer fields become header fields."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        """Add them all."""
        super().receive_body(content, trailers)
        for name, value in self.trailers.get_all():
            self.headers.add(name, value)


class TrailersJoinedToHeaders(HTTPRequest):
    """A trailer field whose name the header section has, too, is joined to it."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        """Add those that are there."""
        super().receive_body(content, trailers)
        for name, value in self.trailers.get_all():
            if name in self.headers:
                self.headers.add(name, value)


class WellKnownTrailersMerged(HTTPRequest):
    """Trailer fields with a well-known name become header fields."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        """Add those that have a meaning."""
        super().receive_body(content, trailers)
        for name, value in self.trailers.get_all():
            if name in KNOWN:
                self.headers.add(name, value)


class TrailersFrameTheNextBody(RequestParser):
    """Framing fields in a trailer section announce another body behind it."""

    def next_event(self) -> Event | None:
        """Wait for that body, too."""
        event = super().next_event()
        if isinstance(event, Body) and event.trailers:
            lines = "".join(f"\r\n{name}: {value}" for name, value in event.trailers.get_all())
            length = HTTP11().body_length("HTTP/1.1", Fields(f"{lines}\r\n".encode("latin-1")))
            self._body = None if length == 0 else self._new_body(length)
        return event


class TrailersKeepWhiteSpace(HTTP11):
    """White space around the value of a trailer field belongs to it."""

    def read_trailers(self, block: bytes) -> HTTPHeaders:
        """Split at the colon alone."""
        super().read_trailers(block)
        trailers = HTTPHeaders()
        for line in block.decode("latin-1").split("\r\n"):
            name, _, value = line.partition(":")
            trailers.add(name, value)
        return trailers


class FoldedTrailerIsServerError(HTTP11):
    """A folded line in a trailer section is an error of the server's."""

    def read_trailers(self, block: bytes) -> HTTPHeaders:
        """Fail on it."""
        if b"\r\n " in block:
            raise Refusal(500, "the line belongs to no field")
        return super().read_trailers(block)


class TrailersSkipped(ChunkedReader):
    """A trailer section is skipped up to the empty line, whatever stands in it."""

    def _read_trailers(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        if buffer.startswith(CRLF, position):
            return super()._read_trailers(buffer, position, since)
        end = buffer.find(CRLF + CRLF, position)
        self.complete = end >= 0
        return end + 4 if self.complete else None


MUTANTS = (
    Mutant(TrailersMerged, ("chunked.trailers",)),
    Mutant(TrailersJoinedToHeaders, ("chunked.forbidden-trailer-host", "chunked.trailer-of-a-header")),
    Mutant(WellKnownTrailersMerged, ("chunked.forbidden-trailer-*",)),
    Mutant(
        TrailersFrameTheNextBody,
        ("chunked.framing-in-a-trailer-content-length", "chunked.framing-in-a-trailer-transfer-encoding"),
    ),
    Mutant(TrailersKeepWhiteSpace, ("chunked.trailers-kept-or-dropped",)),
    Mutant(FoldedTrailerIsServerError, ("chunked.folded-trailer",)),
    Mutant(
        TrailersSkipped,
        ("chunked.malformed-trailer-*", "limits.endless-chunk-trailer-line", "limits.endless-chunk-trailers"),
    ),
)
