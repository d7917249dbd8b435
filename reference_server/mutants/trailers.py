"""Mutants that misread the trailer section of a chunked body, or give it too much meaning."""

from reference_server.httputil import HTTPHeaders
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.bodies import CRLF, ChunkedReader
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Body, Event, Fields, Refusal
from reference_server.parsing.parser import RequestParser
from reference_server.request import HTTPRequest

KNOWN = frozenset({"Host", "Authorization", "Content-Encoding", "Content-Type", "Cookie", "X-Forwarded-For"})


class TrailersMerged(HTTPRequest):
    """Merges trailer fields into the header fields."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        super().receive_body(content, trailers)
        for name, value in self.trailers.get_all():
            self.headers.add(name, value)


class TrailersJoinedToHeaders(HTTPRequest):
    """Joins a trailer field to a header field of the same name."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        super().receive_body(content, trailers)
        for name, value in self.trailers.get_all():
            if name in self.headers:
                self.headers.add(name, value)


class WellKnownTrailersMerged(HTTPRequest):
    """Merges well-known trailer fields into the header fields."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        super().receive_body(content, trailers)
        for name, value in self.trailers.get_all():
            if name in KNOWN:
                self.headers.add(name, value)


class TrailersFrameTheNextBody(RequestParser):
    """Reads another body after a trailer section with framing fields."""

    def next_event(self) -> Event | None:
        event = super().next_event()
        if isinstance(event, Body) and event.trailers:
            lines = "".join(f"\r\n{name}: {value}" for name, value in event.trailers.get_all())
            length = HTTP11().body_length("HTTP/1.1", Fields(f"{lines}\r\n".encode("latin-1")))
            self._body = None if length == 0 else self._new_body(length)
        return event


class TrailersCloseConnection(HTTPRequest):
    """Closes the connection if a trailer field says so."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        super().receive_body(content, trailers)
        self.persistent = self.persistent and self.trailers.get("Connection") != "close"


class TrailersNameMethodAndTarget(HTTPRequest):
    """Lets trailer fields replace the method and the target."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        super().receive_body(content, trailers)
        self.method = self.trailers.get("X-HTTP-Method-Override") or self.method
        self.uri = self.trailers.get("X-Original-URL") or self.uri


class TrailersAreExpectations(HTTP11):
    """Answers 417 to an unknown expectation in a trailer section."""

    def read_trailers(self, block: bytes) -> HTTPHeaders:
        trailers = super().read_trailers(block)
        if "Expect" in trailers:
            raise Refusal(417, "100-continue is the only expectation met here")
        return trailers


class TrailersOfferProtocols(HTTP11):
    """Answers 426 to an offer of an unknown protocol in a trailer section."""

    def read_trailers(self, block: bytes) -> HTTPHeaders:
        trailers = super().read_trailers(block)
        if "Upgrade" in trailers:
            raise Refusal(426, "the protocol is not spoken here")
        return trailers


class TrailersKeepWhiteSpace(HTTP11):
    """Keeps white space around the value of a trailer field."""

    def read_trailers(self, block: bytes) -> HTTPHeaders:
        super().read_trailers(block)
        trailers = HTTPHeaders()
        for line in block.decode("latin-1").split("\r\n"):
            name, _, value = line.partition(":")
            trailers.add(name, value)
        return trailers


class FoldedTrailerIsServerError(HTTP11):
    """Answers 500 to a folded line in a trailer section."""

    def read_trailers(self, block: bytes) -> HTTPHeaders:
        if b"\r\n " in block:
            raise Refusal(500, "the line belongs to no field")
        return super().read_trailers(block)


class TrailersSkipped(ChunkedReader):
    """Skips a trailer section up to the empty line without checking it."""

    def _read_trailers(self, buffer: bytes | bytearray, position: int, since: int) -> int | None:
        if buffer.startswith(CRLF, position):
            return super()._read_trailers(buffer, position, since)
        end = buffer.find(CRLF + CRLF, position)
        self.complete = end >= 0
        return end + 4 if self.complete else None


MUTANTS = (
    Mutant(
        TrailersMerged,
        (
            "chunked.forbidden-*",
            "chunked.trailer-of-a-header",
            "chunked.trailers",
            "chunked.trailers-kept-or-dropped",
            "fragmentation.trailers-*",
        ),
    ),
    Mutant(TrailersJoinedToHeaders, ("chunked.forbidden-trailer-host", "chunked.trailer-of-a-header")),
    Mutant(WellKnownTrailersMerged, ("chunked.forbidden-trailer-*",)),
    Mutant(
        TrailersFrameTheNextBody,
        (
            "chunked.framing-in-a-trailer-content-length",
            "chunked.framing-in-a-trailer-transfer-encoding",
        ),
    ),
    Mutant(TrailersKeepWhiteSpace, ("chunked.trailers-kept-or-dropped",)),
    Mutant(FoldedTrailerIsServerError, ("chunked.folded-trailer",), tolerated=True),
    Mutant(
        TrailersSkipped,
        (
            "chunked.malformed-last-*-end",
            "chunked.malformed-trailer-*",
            "chunked.request-*",
            "chunked.trailer-section-*",
            "limits.endless-chunk-trailer-line",
            "limits.endless-chunk-trailers",
            "unread.malformed-chunks-bad-trailer",
            "unread.request-in-the-trailer",
        ),
        clause="RFC9112-2.2-10",
    ),
    Mutant(TrailersCloseConnection, ("chunked.trailer-that-controls-connection",), tolerated=True),
    Mutant(
        TrailersNameMethodAndTarget,
        (
            "chunked.trailer-that-controls-method",
            "chunked.trailer-that-controls-target",
        ),
    ),
    Mutant(TrailersAreExpectations, ("chunked.trailer-that-controls-expect",)),
    Mutant(
        TrailersOfferProtocols,
        (
            "chunked.trailer-that-controls-upgrade",
            "invariant.upgrade-required",
        ),
    ),
)
