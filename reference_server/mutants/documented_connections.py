"""Mutants of the documented server that keep, close or read connections wrongly."""

from datetime import timedelta
from functools import partial

from reference_server.connection import HTTPConnection
from reference_server.httputil import HTTPHeaders
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.documented import Documented
from reference_server.parsing.message import Head
from reference_server.parsing.parser import RequestParser
from reference_server.request import Connection, HTTPRequest, Wire
from reference_server.witness import core
from reference_server.witness.callback import Witness, read


class NothingIsKeptOpen(Documented):
    """Closes every connection after its first response."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        return False


class EverythingIsKeptOpen(Documented):
    """Never closes a connection after a response."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        return True


class ConnectionIsAList(Documented):
    """Reads Connection as a list of options, in any case."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        options = [option.strip().lower() for option in (headers.get("Connection") or "").split(",")]
        return super().persists(method, version, headers) and "close" not in options


class OnlyKeepAliveIsKeptOpen(Documented):
    """Closes an HTTP/1.1 connection for any Connection value but keep-alive."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        option = headers.get("Connection", "keep-alive")
        return super().persists(method, version, headers) and option.lower() == "keep-alive"


class AnyConnectionHeaderCloses(Documented):
    """Closes an HTTP/1.1 connection for any Connection header."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        named = version == "HTTP/1.1" and "Connection" in headers
        return super().persists(method, version, headers) and not named


class CloseIsPutOff(HTTPConnection):
    """Serves requests pipelined after one with Connection: close."""

    def finish(self) -> None:
        if self.request is not None and self._parser.buffered:
            self.request.persistent = True
        super().finish()


class OldVersionIsKeptOpen(Documented):
    """Keeps an HTTP/1.0 connection open as in HTTP/1.1."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        return super().persists(method, "HTTP/1.1" if version == "HTTP/1.0" else version, headers)


class AnyConnectionHeaderKeepsOldVersion(Documented):
    """Keeps an HTTP/1.0 connection open for any Connection header."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        return super().persists(method, version, headers) or (
            version == "HTTP/1.0" and method == "GET" and "Connection" in headers
        )


class OldVersionIsNotKeptOpen(Documented):
    """Closes an HTTP/1.0 connection despite Connection: Keep-Alive."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        return version != "HTTP/1.0" and super().persists(method, version, headers)


class KeepAliveIgnoresCase(Documented):
    """Recognises Keep-Alive in any case."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        if (headers.get("Connection") or "").lower() == "keep-alive":
            headers["Connection"] = "Keep-Alive"
        return super().persists(method, version, headers)


class KeepAliveIsFoundInList(Documented):
    """Recognises Keep-Alive in a list of options."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        if "Keep-Alive" in (headers.get("Connection") or "").split(", "):
            headers["Connection"] = "Keep-Alive"
        return super().persists(method, version, headers)


class OldHeadIsNotKeptOpen(Documented):
    """Closes the connection after an HTTP/1.0 HEAD despite Connection: Keep-Alive."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        return super().persists("HEAD?" if method == "HEAD" else method, version, headers)


class OldPostIsNotKeptOpen(Documented):
    """Closes the connection after an HTTP/1.0 POST with Content-Length and Connection: Keep-Alive."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        return super().persists(method, version, headers) and (
            version == "HTTP/1.1" or method in ("GET", "HEAD")
        )


class OldMethodNeedsNoLength(Documented):
    """Keeps an HTTP/1.0 connection open after any method without Content-Length."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        return super().persists("GET", version, headers)


class OnlyOldVersionIsKeptOpen(Documented):
    """Closes a connection of an unknown version despite Connection: Keep-Alive."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        return version in ("HTTP/1.0", "HTTP/1.1") and super().persists(method, version, headers)


class EarlyRequestsAreLost(RequestParser):
    """Discards bytes that arrive together with a request after its end."""

    def _read_head(self) -> Head | None:
        head = super()._read_head()
        if head is not None:
            self._buffer = self._buffer[: self._position + (head.body_length or 0)]
        return head


class BeginningOfHeadIsLost(RequestParser):
    """Discards the beginning of a head that arrives together with the request before it."""

    def _check_unfinished_head(self) -> None:
        if self._previous is not None:
            self._position = len(self._buffer)
        super()._check_unfinished_head()


class LateAnswerEndsReading(HTTPConnection):
    """Discards bytes that arrive while a response is pending."""

    def finish(self) -> None:
        if not self._advancing:
            self._parser = self.parser_class(self.profile, secure=self.wire.protocol == "https")
        super().finish()


class BodyIsLeftToNextRequest(HTTPRequest):
    """Gives a request without a body the body of the request before it."""

    def receive_head(self, head: Head, connection: Connection, wire: Wire) -> None:
        super().receive_head(head, connection, wire)
        self.body = getattr(connection, "left_over", b"")

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        super().receive_body(content, trailers)
        self.connection.left_over = content  # type: ignore[union-attr]


class HalfClosedConnectionIsKept(HTTPConnection):
    """Keeps a connection open after its client has half-closed it and received its response."""

    def _end_of_input(self) -> None:
        if not self._parser.between_requests:
            super()._end_of_input()


class LateAnswersDieTogether(Witness):
    """Closes all connections with a pending response when one of their clients is gone."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[HTTPRequest] = []

    def __call__(self, request: HTTPRequest) -> None:
        if delay := core.answer(read(request), self._prefix).delay:
            self._waiting.append(request)
            self._io_loop().add_timeout(timedelta(seconds=delay), partial(self._look_after, request))
        super().__call__(request)

    def _look_after(self, request: HTTPRequest) -> None:
        self._waiting.remove(request)
        if request.connection.stream.closed():
            for other in self._waiting:
                other.connection.stream.close()


MUTANTS = (
    Mutant(
        NothingIsKeptOpen,
        (
            "documented-bodies.empty",
            "documented-bodies.get-with-body",
            "documented-bodies.large",
            "documented-bodies.like-a-request",
            "documented-bodies.none-without-length",
            "documented-bodies.post",
            "documented-bodies.unknown-method-with-body",
            "documented-forms.boundary-empty",
            "documented-forms.boundary-missing",
            "documented-forms.part-without-*",
            "documented-keep-alive.connection-*",
            "documented-keep-alive.nothing-left-over",
            "documented-keep-alive.old-version-head",
            "documented-keep-alive.old-version-kept",
            "documented-keep-alive.old-version-post",
            "documented-keep-alive.second-request",
            "documented-keep-alive.unknown-version-kept",
            "documented-tls.client-certificate",
            "documented-tls.garbage-then-next-client",
            "documented-tls.get",
            "documented-tls.gone-before-handshake",
            "documented-tls.in-pieces",
            "documented-tls.large-*",
            "documented-tls.pipelined",
            "documented-tls.stalled-then-next-client",
        ),
        clause="DOC-KA-2",
    ),
    Mutant(
        EverythingIsKeptOpen,
        (
            "documented-keep-alive.close",
            "documented-keep-alive.nothing-after-close",
            "documented-keep-alive.old-version",
            "documented-keep-alive.old-version-with-*",
            "documented-keep-alive.old-version-without-*",
            "documented-lines.version-9-9",
            "documented-lines.version-without-number",
            "documented-tls.close",
        ),
        clause="DOC-KA-2",
    ),
    Mutant(
        ConnectionIsAList,
        ("documented-keep-alive.connection-capitalized", "documented-keep-alive.connection-close-and-more"),
    ),
    Mutant(
        OnlyKeepAliveIsKeptOpen,
        (
            "documented-keep-alive.connection-capitalized",
            "documented-keep-alive.connection-close-and-more",
            "documented-keep-alive.connection-upgrade",
        ),
    ),
    Mutant(AnyConnectionHeaderCloses, ("documented-keep-alive.connection-*",)),
    Mutant(CloseIsPutOff, ("documented-keep-alive.nothing-after-close",), Documented),
    Mutant(
        OldVersionIsKeptOpen,
        (
            "documented-keep-alive.old-version",
            "documented-keep-alive.old-version-with-lower-case",
            "documented-keep-alive.old-version-with-more",
            "documented-keep-alive.old-version-without-*",
        ),
    ),
    Mutant(AnyConnectionHeaderKeepsOldVersion, ("documented-keep-alive.old-version-with-*",), Documented),
    Mutant(
        OldVersionIsNotKeptOpen,
        (
            "documented-keep-alive.old-version-head",
            "documented-keep-alive.old-version-kept",
            "documented-keep-alive.old-version-post",
        ),
    ),
    Mutant(KeepAliveIgnoresCase, ("documented-keep-alive.old-version-with-lower-case",)),
    Mutant(KeepAliveIsFoundInList, ("documented-keep-alive.old-version-with-more",)),
    Mutant(OldHeadIsNotKeptOpen, ("documented-keep-alive.old-version-head",)),
    Mutant(OldPostIsNotKeptOpen, ("documented-keep-alive.old-version-post",)),
    Mutant(
        OldMethodNeedsNoLength,
        (
            "documented-keep-alive.old-version-without-length-delete",
            "documented-keep-alive.old-version-without-length-post",
        ),
    ),
    Mutant(OnlyOldVersionIsKeptOpen, ("documented-keep-alive.unknown-version-kept",)),
    Mutant(
        EarlyRequestsAreLost,
        (
            "documented-keep-alive.malformed-behind-good",
            "documented-keep-alive.pipelined",
            "documented-tls.pipelined",
        ),
        Documented,
    ),
    Mutant(BeginningOfHeadIsLost, ("documented-keep-alive.pipelined-in-pieces",), Documented, tolerated=True),
    Mutant(LateAnswerEndsReading, ("documented-keep-alive.pipelined-behind-slow",), Documented),
    Mutant(
        BodyIsLeftToNextRequest,
        ("documented-keep-alive.nothing-left-over", "documented-keep-alive.pipelined-behind-body"),
        Documented,
    ),
    Mutant(
        HalfClosedConnectionIsKept,
        (
            "documented-keep-alive.half-closed",
            "documented-tls.clean-close-by-client",
            "documented-tls.clean-close-when-idle",
            "documented-tls.half-a-handshake",
        ),
        Documented,
    ),
    Mutant(LateAnswersDieTogether, ("documented-keep-alive.gone-while-pending",), Documented),
)
