"""Mutants that lose track between requests: pipelined ones, and bodies that nobody reads."""

import re

from reference_server.basestream import Callback
from reference_server.connection import HTTPConnection
from reference_server.mutants.altering import AlteringConnection, status_of
from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.bodies import LengthReader
from reference_server.parsing.http11 import HTTP11, RequestLine
from reference_server.parsing.message import Event, Head, Refusal
from reference_server.parsing.parser import RequestParser
from reference_server.request import HTTPRequest

# Pipelining


class PipelinedRequestCloses(HTTPConnection):
    """Closes the connection after a request if the next one has already arrived."""

    def _serve(self, request: HTTPRequest) -> None:
        request.persistent = request.persistent and not self._parser.buffered
        super()._serve(request)


class OtherOptionClosesUnsaid(HTTPConnection):
    """Closes the connection for any Connection field but close, and does not announce it."""

    _unsaid = False

    def _serve(self, request: HTTPRequest) -> None:
        options = request.headers.get("Connection")
        self._unsaid = options is not None and "close" not in options.lower().split(", ")
        request.persistent = request.persistent and not self._unsaid
        super()._serve(request)

    def write(self, chunk: bytes, callback: Callback | None = None) -> None:
        if self._unsaid:
            chunk = chunk.replace(b"\r\nConnection: close\r\n", b"\r\n", 1)
        super().write(chunk, callback)


class LateAnswerCloses(HTTPConnection):
    """Closes the connection after a late response, whatever was pipelined."""

    def finish(self) -> None:
        if self.request is not None and not self._advancing:
            self.request.persistent = False
        super().finish()


class BodyBehindLateAnswerLost(HTTPConnection):
    """Loses bodies that arrive while a response is pending."""

    _late = False

    def finish(self) -> None:
        self._late = not self._advancing
        super().finish()

    def _serve(self, request: HTTPRequest) -> None:
        if self._late:
            request.body = b""
        super()._serve(request)


class RefusalBehindAnswerUnsaid(HTTPConnection):
    """Closes the connection without a response on a malformed request after a valid one."""

    _answered = False

    def _serve(self, request: HTTPRequest) -> None:
        super()._serve(request)
        self._answered = True

    def refuse(self, refusal: Refusal) -> None:
        if self._answered:
            self._end()
        else:
            super().refuse(refusal)


class ForesightedParser(RequestParser):
    """A parser that can be asked what comes next."""

    @property
    def begins_with_nul(self) -> bool:
        """Whether a NUL stands where the next request begins."""
        return self._buffer.startswith(b"\0", self._position)


class MalformedRequestEndsAnswer(HTTPConnection):
    """Refuses a malformed request while the one before it is still being answered, and closes."""

    parser_class = ForesightedParser
    _parser: ForesightedParser

    def _serve(self, request: HTTPRequest) -> None:
        super()._serve(request)
        if self.request is not None and self._parser.begins_with_nul:
            self.refuse(Refusal(400, "the head is malformed"))


class RefusalOfHeadHasContent(HTTPConnection):
    """Sends content in response to a HEAD that it refuses."""

    def send_refusal(self, refusal: Refusal) -> None:
        self.stream.write(self.profile.refusal_response(refusal, to_head=False))


class ContentBehindEmptyResponse(AlteringConnection):
    """Sends content after a 204 or a 304."""

    def altered(self, response: bytes) -> bytes:
        return response + b"nothing\n" if status_of(response) in {204, 304} else response


class LetterBeforeMethodDropped(RewritingHTTP11):
    """Drops an extra letter before a method."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"^X(?=(?:GET|POST) )", b"", block)


class FieldLineForRequestLineIsServerError(HTTP11):
    """Answers 500 to a field line where a request line is due."""

    def request_line(self, line: bytes) -> RequestLine:
        if re.match(rb"[A-Za-z-]+: ", line):
            raise Refusal(500, "there is no method")
        return super().request_line(line)


# Bodies


class BodyLikeARequestServed(RequestParser):
    """Takes a body that begins like a request as the next request."""

    def next_event(self) -> Event | None:
        event = super().next_event()
        like_a_request = self._buffer.startswith(b"GET /", self._position)
        if isinstance(event, Head) and event.body_length and like_a_request:
            event.body_length, self._body = 0, None
        return event


class IgnoredBodyTakenForRequest(RequestParser):
    """Takes a body that the application does not read as the next request."""

    _looked_at = True

    def discard_body(self) -> None:
        self._body = None
        self._looked_at = False

    def next_event(self) -> Event | None:
        # The connection looks for the end of the body at once; the request comes after that.
        if not self._looked_at:
            self._looked_at = True
            return None
        return super().next_event()


class IgnoredBodySkippedInPart(LengthReader):
    """Skips only the first 64 KiB of a body that the application does not read."""

    def discard(self, limit: int) -> None:
        super().discard(limit)
        self._missing = min(self._missing, 65536)


class BodyNotAskedForIsRequest(HTTPConnection):
    """Takes a body sent after a final response instead of 100 as the next request."""

    def _begin_body(self, head: Head, request: HTTPRequest) -> None:
        if head.expects_continue and self._answers_early(request):
            self._parser = self.parser_class(self.profile)
            self._serve(request)
        else:
            super()._begin_body(head, request)


class UnwantedBodyResetsConnection(HTTPConnection):
    """Resets a connection that is to be closed if the application does not read the body."""

    def _begin_body(self, head: Head, request: HTTPRequest) -> None:
        if self._answers_early(request) and not request.persistent:
            self.stream.close()
        else:
            super()._begin_body(head, request)


MUTANTS = (
    Mutant(
        OtherOptionClosesUnsaid,
        (
            "invariant.close-announced",
            "persistence.coding-named-as-option",
            "persistence.length-named-as-option",
            "persistence.no-close-option-*",
            "upgrade.request-*",
        ),
        clause="RFC9112-9.3-p1",
    ),
    Mutant(
        PipelinedRequestCloses,
        (
            "request-line.escaped-line-ends",
            "request-line.escaped-nul",
            "request-line.escaped-percent-sign",
            "request-line.slashes-*",
            "chunked.framing-*",
            "chunked.trailer-that-*",
            "chunked.trailers-before-a-get",
            "persistence.half-close-behind-two",
            "pipelining.get-after-chunked-post",
            "pipelining.malformed-behind-a-slow-one",
            "pipelining.two",
            "pipelining.two-of-the-url",
            "tls.pipelining",
            "tls.requests-across-records",
            "tls.several-requests-in-a-record",
            "unread.end-of-a-large-body",
            "upgrade.request-behind-the-*",
        ),
        clause="RFC9112-9.5-4",
    ),
    Mutant(
        LateAnswerCloses,
        (
            "invariant.close-announced",
            "pipelining.malformed-behind-a-slow-one",
            "pipelining.slow-first",
        ),
        clause="RFC9112-9.6-1",
    ),
    Mutant(BodyBehindLateAnswerLost, ("pipelining.slow-between",)),
    Mutant(
        RefusalBehindAnswerUnsaid,
        (
            "invariant.close-announced",
            "pipelining.field-line-behind-a-head",
            "pipelining.malformed-behind-a-slow-one",
            "pipelining.malformed-second",
        ),
        clause="RFC9112-2.2-10",
    ),
    Mutant(
        ContentBehindEmptyResponse,
        (
            "methods.options-absolute-form-without-path",
            "methods.options-asterisk",
            "pipelining.get-after-204",
            "pipelining.get-after-304",
            "unread.*-on-options",
            "unread.body-of-a-request-answered-204",
            "unread.body-of-a-request-answered-304",
            "unread.body-on-options-*",
        ),
        clause="RFC9112-6.3-p1",
    ),
    Mutant(LetterBeforeMethodDropped, ("pipelining.octet-behind-*",)),
    Mutant(
        FieldLineForRequestLineIsServerError,
        ("pipelining.field-line-behind-a-head", "request-line.malformed-colon"),
    ),
    Mutant(
        BodyLikeARequestServed,
        (
            "basics.get-with-body",
            "http10.body-like-a-request",
            "methods.body-like-a-request-*",
            "methods.head-with-body",
            "pipelining.body-like-a-request",
            "unread.body-*-length",
            "unread.body-on-an-unknown-method",
            "unread.body-on-delete",
            "unread.body-on-get",
            "unread.body-on-head",
            "unread.body-on-options",
            "unread.body-on-post",
            "unread.body-on-put",
            "unread.body-on-query",
            "unread.body-on-trace",
        ),
    ),
    Mutant(
        IgnoredBodyTakenForRequest,
        (
            "unread.answered-during-the-upload",
            "unread.ignored-body",
            "unread.ignored-chunked-body",
            "unread.ignored-trailers",
        ),
    ),
    Mutant(
        IgnoredBodySkippedInPart,
        ("unread.answered-during-the-upload", "unread.ignored-body-of-many-requests"),
    ),
    Mutant(BodyNotAskedForIsRequest, ("unread.answered-before-the-body-is-asked-for",)),
    Mutant(UnwantedBodyResetsConnection, ("unread.answered-and-closed",)),
    Mutant(
        MalformedRequestEndsAnswer,
        (
            "pipelining.garbage-behind-a-slow-last",
            "pipelining.malformed-behind-a-slow-one",
        ),
    ),
    Mutant(RefusalOfHeadHasContent, ("methods.head-refused-*",), tolerated=True),
)
