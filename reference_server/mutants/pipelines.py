"""Mutants that lose their step between requests: pipelined ones, and bodies that nobody reads."""

import re

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
    """A connection is closed after a request behind which another one has come already."""

    def _serve(self, request: HTTPRequest) -> None:
        request.persistent = request.persistent and not self._parser.buffered
        super()._serve(request)


class LateAnswerCloses(HTTPConnection):
    """A connection is closed after an answer that came late, whatever has come behind its request."""

    def finish(self) -> None:
        """Close it."""
        if self.request is not None and not self._advancing:
            self.request.persistent = False
        super().finish()


class BodyBehindLateAnswerLost(HTTPConnection):
    """Bodies that have come while an answer was late are lost."""

    _late = False

    def finish(self) -> None:
        """Notice that it was."""
        self._late = not self._advancing
        super().finish()

    def _serve(self, request: HTTPRequest) -> None:
        if self._late:
            request.body = b""
        super()._serve(request)


class RefusalBehindAnswerUnsaid(HTTPConnection):
    """A malformed request behind a good one is answered with nothing but the end of the connection."""

    _answered = False

    def _serve(self, request: HTTPRequest) -> None:
        super()._serve(request)
        self._answered = True

    def refuse(self, refusal: Refusal) -> None:
        """Say nothing."""
        if self._answered:
            self._end()
        else:
            super().refuse(refusal)


class ContentBehindEmptyResponse(AlteringConnection):
    """A 204 or a 304 is followed by content."""

    def altered(self, response: bytes) -> bytes:
        """Add some."""
        return response + b"nothing\n" if status_of(response) in {204, 304} else response


class LetterBeforeMethodDropped(RewritingHTTP11):
    """A letter too many before a method is dropped."""

    def rewritten(self, block: bytes) -> bytes:
        """Begin with the method."""
        return re.sub(rb"^X(?=(?:GET|POST) )", b"", block)


class FieldLineForRequestLineIsServerError(HTTP11):
    """A field line in the place of a request line is an error of the server's."""

    def request_line(self, line: bytes) -> RequestLine:
        """Fail on it."""
        if re.match(rb"[A-Za-z-]+: ", line):
            raise Refusal(500, "there is no method")
        return super().request_line(line)


# Bodies


class BodyLikeARequestServed(RequestParser):
    """What begins like a request is taken for one, in the place of a body, too."""

    def next_event(self) -> Event | None:
        """Look what comes."""
        event = super().next_event()
        like_a_request = self._buffer.startswith(b"GET /", self._position)
        if isinstance(event, Head) and event.body_length and like_a_request:
            event.body_length, self._body = 0, None
        return event


class IgnoredBodyTakenForRequest(RequestParser):
    """A body that the application does not want is taken for the next request."""

    def discard_body(self) -> None:
        """Forget that there is one."""
        self._body = None


class IgnoredBodySkippedInPart(LengthReader):
    """Of a body that the application does not want, no more than 64 KiB are skipped."""

    def discard(self, limit: int) -> None:
        """Skip what a buffer holds."""
        super().discard(limit)
        self._missing = min(self._missing, 65536)


class BodyNotAskedForIsRequest(HTTPConnection):
    """A body that comes though the final answer stood in the place of 100 is taken for the next request."""

    def _begin_body(self, head: Head, request: HTTPRequest) -> None:
        answers_early = self.service.answers_early
        if head.expects_continue and answers_early is not None and answers_early(request):
            self._parser = self.parser_class(self.service.profile)
            self._serve(request)
        else:
            super()._begin_body(head, request)


class UnwantedBodyResetsConnection(HTTPConnection):
    """A body that nobody wants breaks a connection that is to be closed, and no answer comes."""

    def _begin_body(self, head: Head, request: HTTPRequest) -> None:
        answers_early = self.service.answers_early
        if answers_early is not None and answers_early(request) and not request.persistent:
            self.stream.close()
        else:
            super()._begin_body(head, request)


MUTANTS = (
    Mutant(
        PipelinedRequestCloses,
        (
            "chunked.framing-in-a-trailer-content-length",
            "chunked.framing-in-a-trailer-transfer-encoding",
            "expect.behind-another-request",
            "expect.next-request",
            "persistence.half-close-behind-two",
            "pipelining.get-after-chunked-post",
            "pipelining.two",
            "pipelining.two-of-the-url",
            "tls.pipelining",
        ),
    ),
    Mutant(LateAnswerCloses, ("invariant.close-announced", "pipelining.slow-first")),
    Mutant(BodyBehindLateAnswerLost, ("pipelining.slow-between",)),
    Mutant(RefusalBehindAnswerUnsaid, ("invariant.close-announced", "pipelining.malformed-second")),
    Mutant(
        ContentBehindEmptyResponse,
        (
            "methods.options-absolute-form-without-path",
            "methods.options-asterisk",
            "pipelining.get-after-204",
            "pipelining.get-after-304",
            "unread.body-of-a-request-answered-204",
            "unread.body-of-a-request-answered-304",
            "unread.body-on-options",
            "unread.chunked-body-on-options",
        ),
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
            "unread.body-on-*",
        ),
    ),
    Mutant(IgnoredBodyTakenForRequest, ("invariant.close-announced", "unread.ignored-body")),
    Mutant(
        IgnoredBodySkippedInPart,
        ("unread.answered-during-the-upload", "unread.ignored-body-of-many-requests"),
    ),
    Mutant(BodyNotAskedForIsRequest, ("unread.answered-before-the-body-is-asked-for",)),
    Mutant(UnwantedBodyResetsConnection, ("unread.answered-and-closed",)),
)
