"""Mutants that confuse messages with TCP segments: they rely on what arrives together.

Each applies to short messages only. These arrive in one segment unless the client divides them, so it makes
no difference where the network divides longer ones.
"""

from functools import partial
from io import BytesIO
from typing import ClassVar

from reference_server.connection import HTTPConnection
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.bodies import ChunkedReader, Expect, LengthReader
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Head, Refusal
from reference_server.parsing.parser import HEAD_END, RequestParser
from reference_server.parsing.profile import Progress
from reference_server.patience import Phase
from reference_server.request import HTTPRequest

SHORT = 1024
"""Number of bytes below which a message is short."""

# Heads


class HeadMustComeWhole(HTTP11):
    """Rejects a short head that does not arrive in one segment."""

    def check_unfinished_head(self, block: bytes | bytearray, since: int, progress: Progress) -> None:
        super().check_unfinished_head(block, since, progress)
        if len(block) < SHORT and not block.endswith(HEAD_END):
            raise Refusal(400, "the head is incomplete")


class CutEmptyLineMissed(RequestParser):
    """Misses the empty line at the end of a head or a trailer section if segments divide it."""

    def feed(self, data: bytes) -> None:
        super().feed(data)
        if self._searched:
            self._searched += 3


class CutOffHeadServed(HTTPConnection):
    """Serves a head that is cut off by the end of the connection."""

    def _end_of_input(self) -> None:
        if not self._parser.between_requests and self._parser.body_received is None:
            self._parser.feed(HEAD_END)
            event = self._parser.next_event()
            if event is not None:
                self._handle(event)
                self._end()
                return
        super()._end_of_input()


class EndBeforeAnyRequestIgnored(HTTPConnection):
    """Does not notice that the peer closes its side before it has sent anything."""

    def _received(self, data: bytes) -> None:
        if data or self.phase is not Phase.HEAD or not self._parser.between_requests:
            super()._received(data)


class CutOffRequestIsServerError(HTTPConnection):
    """Answers 500 to a request that is cut off by the end of the connection."""

    def refuse(self, refusal: Refusal) -> None:
        super().refuse(Refusal(500, refusal.reason) if self._peer_ended else refusal)


# Bodies


class LateBodyTakenForNone(HTTPConnection):
    """Serves a request without its body if the body does not begin within 0.2 seconds."""

    def _begin_body(self, head: Head, request: HTTPRequest) -> None:
        super()._begin_body(head, request)
        if self._incomplete is request and not self._parser.body_received:
            self.stream.io_loop.call_later(0.2, partial(self._give_up_waiting, request))

    def _give_up_waiting(self, request: HTTPRequest) -> None:
        if self._incomplete is request and not self._parser.body_received:
            self._incomplete = None
            self._parser = self.parser_class(self.profile)
            self._serve(request)


class LaterSegmentReplacesBody(LengthReader):
    """Keeps only the last segment of a short body that arrives in several."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        if self.received + self._missing < SHORT and position < len(buffer):
            self.content = BytesIO()
        return super().read(buffer, position, since)


class RestOfSegmentLost(LengthReader):
    """Loses bytes that arrive with the end of a short body, unless its head is in the same segment."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self._segments = 0
        self._short = length < SHORT

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        end = super().read(buffer, position, since)
        self._segments += 1
        return len(buffer) if self.complete and self._short and self._segments > 1 else end


class CutOffBodyServed(HTTPConnection):
    """Serves a request without its body if the body is cut off by the end of the connection."""

    def _end_of_input(self) -> None:
        request = self._incomplete
        if request is not None:
            self._incomplete = None
            request.persistent = False
            self._serve(request)
        else:
            super()._end_of_input()


class GivenUpUploadAwaited(HTTPConnection):
    """Does not notice the end of the connection while it discards a body."""

    def _received(self, data: bytes) -> None:
        if data or not self._discards_body:
            super()._received(data)


# Chunks


class ChunkMustComeWhole(ChunkedReader):
    """Rejects a short chunk that does not arrive in one segment."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        there, received = len(buffer) - position, self.received
        end = super().read(buffer, position, since)
        cut = 0 < there < SHORT and received < SHORT and not self.complete
        if cut and self._expect is not Expect.TRAILERS:
            raise Refusal(400, "a chunk is incomplete")
        return end


class TrailersMustComeWhole(ChunkedReader):
    """Rejects a short trailer section, even an empty one, that does not arrive in one segment."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        end = super().read(buffer, position, since)
        if self._expect is Expect.TRAILERS and not self.complete and len(buffer) - end < SHORT:
            raise Refusal(400, "the trailer section is incomplete")
        return end


# The end of a connection


class ResetTakesTheNextConnection(HTTPConnection):
    """Closes the next connection that sends something after one that was reset."""

    _resets: ClassVar[list[str]] = []
    """The peers of connections that were reset, shared by all connections."""

    def _closed(self) -> None:
        if not self._ended:
            self._resets.append(self.wire.remote_ip)
        super()._closed()

    def _received(self, data: bytes) -> None:
        if data and self._resets and self.phase is Phase.HEAD:
            self._resets.clear()
            self._ended = True
            self.stream.close()
        else:
            super()._received(data)


MUTANTS = (
    Mutant(
        HeadMustComeWhole,
        (
            "fields.head-in-two-pieces",
            "fragmentation.chunked-in-the-coding-name",
            "fragmentation.every-offset-in-the-body",
            "fragmentation.every-offset-in-the-field-lines",
            "fragmentation.every-offset-in-the-request-line",
            "fragmentation.head-*",
            "fragmentation.line-by-line",
            "fragmentation.octet-by-octet",
            "pipelining.empty-line-at-*",
            "pipelining.second-in-two-pieces",
            "tls.records-of-one-octet",
            "tls.request-in-two-records",
            "tls.requests-across-records",
        ),
    ),
    Mutant(
        CutEmptyLineMissed,
        (
            "fragmentation.every-offset-in-the-body",
            "fragmentation.every-offset-in-the-chunks",
            "fragmentation.head-before-the-empty-line",
            "fragmentation.head-in-the-empty-line",
            "fragmentation.line-by-line",
            "fragmentation.octet-by-octet",
            "fragmentation.trailers-before-the-empty-line",
            "fragmentation.trailers-in-a-line-end",
            "fragmentation.trailers-in-the-empty-line",
            "tls.records-of-one-octet",
            "tls.request-in-two-records",
        ),
    ),
    Mutant(
        CutOffHeadServed,
        (
            "fragmentation.half-close-before-the-empty-line",
            "fragmentation.half-close-in-a-value",
        ),
    ),
    Mutant(EndBeforeAnyRequestIgnored, ("fragmentation.half-close-before-anything",), tolerated=True),
    Mutant(
        CutOffRequestIsServerError,
        (
            "chunked.cut-off-*",
            "fragmentation.half-close-before-the-empty-line",
            "fragmentation.half-close-behind-the-request-line",
            "fragmentation.half-close-in-a-value",
            "fragmentation.half-close-in-the-*",
        ),
        tolerated=True,
    ),
    Mutant(
        LateBodyTakenForNone,
        (
            "fragmentation.body-behind-the-head",
            "fragmentation.chunk-extension",
            "fragmentation.chunked-behind-a-size",
            "fragmentation.chunked-behind-a-size-line",
            "fragmentation.chunked-behind-the-head",
            "fragmentation.chunked-in-a-size",
            "fragmentation.chunked-in-the-line-end-of-a-size",
            "fragmentation.line-by-line",
            "http10.expect",
        ),
    ),
    Mutant(
        LaterSegmentReplacesBody,
        (
            "content-length.body-later",
            "expect.body-in-pieces",
            "forms.in-two-pieces-*",
            "fragmentation.body-and-next-request",
            "fragmentation.body-before-the-last-octet",
            "fragmentation.body-in-a-character",
            "fragmentation.every-offset-in-the-body",
            "fragmentation.octet-by-octet",
            "multipart.in-two-pieces-*",
            "tls.records-of-one-octet",
            "tls.request-in-two-records",
        ),
        clause="RFC9112-9.3-5",
    ),
    Mutant(
        RestOfSegmentLost,
        ("expect.next-request", "fragmentation.body-and-next-request", "unread.answered-before-the-body"),
    ),
    Mutant(
        CutOffBodyServed,
        ("chunked.cut-*", "content-length.cut-short", "unread.body-never-sent"),
        tolerated=True,
    ),
    Mutant(GivenUpUploadAwaited, ("unread.upload-given-up",)),
    Mutant(
        ChunkMustComeWhole,
        (
            "chunked.in-two-pieces",
            "fragmentation.chunk-extension",
            "fragmentation.chunked-before-the-last-chunk",
            "fragmentation.chunked-behind-a-size",
            "fragmentation.chunked-behind-a-size-line",
            "fragmentation.chunked-behind-the-data",
            "fragmentation.chunked-behind-the-last-size",
            "fragmentation.chunked-between-chunks",
            "fragmentation.chunked-in-a-size",
            "fragmentation.chunked-in-the-data",
            "fragmentation.chunked-in-the-line-end-of-*",
            "fragmentation.every-offset-in-the-chunks",
        ),
    ),
    Mutant(
        TrailersMustComeWhole,
        (
            "fragmentation.chunked-before-the-empty-line",
            "fragmentation.chunked-in-the-empty-line",
            "fragmentation.every-offset-in-the-chunks",
            "fragmentation.last-chunk-and-next-request",
            "fragmentation.trailers-*",
        ),
    ),
    Mutant(
        ResetTakesTheNextConnection,
        (
            "fragmentation.reset-*",
            "tls.cut-off-*",
            "tls.next-client-after-a-record-header",
            "tls.next-client-after-half-a-client-hello",
            "tls.next-client-after-one-octet",
        ),
    ),
)
