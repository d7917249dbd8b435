"""Mutants of the documented server that keep, close and read connections wrongly."""

from datetime import timedelta
from functools import partial

from reference_server.connection import HTTPConnection
from reference_server.httputil import HTTPHeaders
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.documented import Documented
from reference_server.parsing.message import Head
from reference_server.parsing.parser import RequestParser
from reference_server.request import HTTPRequest
from reference_server.witness import core
from reference_server.witness.callback import Witness, read


class NothingIsKeptOpen(Documented):
    """Every connection is closed behind its first response."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Close it."""
        del method, version, headers
        return False


class EverythingIsKeptOpen(Documented):
    """No connection is closed behind a response."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Keep it."""
        del method, version, headers
        return True


class ConnectionIsAList(Documented):
    """Connection is read as a list of options, in any case."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Look for close among them."""
        options = [option.strip().lower() for option in (headers.get("Connection") or "").split(",")]
        return super().persists(method, version, headers) and "close" not in options


class OnlyKeepAliveIsKeptOpen(Documented):
    """HTTP/1.1 with any Connection but keep-alive is closed."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Look for it."""
        option = headers.get("Connection", "keep-alive")
        return super().persists(method, version, headers) and option.lower() == "keep-alive"


class AnyConnectionHeaderCloses(Documented):
    """HTTP/1.1 with any Connection header is closed."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Look whether there is one."""
        named = version == "HTTP/1.1" and "Connection" in headers
        return super().persists(method, version, headers) and not named


class CloseIsPutOff(HTTPConnection):
    """A request that came early is served, even behind one that says close."""

    def finish(self) -> None:
        """Close only when there is no more to do."""
        if self.request is not None and self._parser.buffered:
            self.request.persistent = True
        super().finish()


class OldVersionIsKeptOpen(Documented):
    """HTTP/1.0 is kept open as HTTP/1.1 is."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Take it for HTTP/1.1."""
        return super().persists(method, "HTTP/1.1" if version == "HTTP/1.0" else version, headers)


class AnyConnectionHeaderKeepsOldVersion(Documented):
    """HTTP/1.0 is kept open whatever its Connection header says."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Look whether there is one."""
        return super().persists(method, version, headers) or (
            version == "HTTP/1.0" and method == "GET" and "Connection" in headers
        )


class OldVersionIsNotKeptOpen(Documented):
    """HTTP/1.0 is closed, Keep-Alive or not."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Keep HTTP/1.1 alone."""
        return version != "HTTP/1.0" and super().persists(method, version, headers)


class KeepAliveIgnoresCase(Documented):
    """Keep-Alive is recognised in any case."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Put it as documented."""
        if (headers.get("Connection") or "").lower() == "keep-alive":
            headers["Connection"] = "Keep-Alive"
        return super().persists(method, version, headers)


class KeepAliveIsFoundInList(Documented):
    """Keep-Alive is recognised among other options."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Look at each of them."""
        if "Keep-Alive" in (headers.get("Connection") or "").split(", "):
            headers["Connection"] = "Keep-Alive"
        return super().persists(method, version, headers)


class OldHeadIsNotKeptOpen(Documented):
    """HEAD of HTTP/1.0 is closed, Keep-Alive or not."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Keep GET alone of what has no length."""
        return super().persists("HEAD?" if method == "HEAD" else method, version, headers)


class OldPostIsNotKeptOpen(Documented):
    """POST of HTTP/1.0 is closed, with a Content-Length, too."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Keep GET and HEAD alone."""
        return super().persists(method, version, headers) and (
            version == "HTTP/1.1" or method in ("GET", "HEAD")
        )


class OldMethodNeedsNoLength(Documented):
    """HTTP/1.0 is kept open whatever the method, and without a Content-Length."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Take every method for GET."""
        del method
        return super().persists("GET", version, headers)


class OnlyOldVersionIsKeptOpen(Documented):
    """A version that is neither 1.0 nor 1.1 is closed, Keep-Alive or not."""

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Look at the version."""
        return version in ("HTTP/1.0", "HTTP/1.1") and super().persists(method, version, headers)


class EarlyRequestsAreLost(RequestParser):
    """What has come behind a request when it is served is thrown away."""

    def _read_head(self) -> Head | None:
        head = super()._read_head()
        if head is not None:
            self._buffer = self._buffer[: self._position + (head.body_length or 0)]
        return head


class BeginningOfHeadIsLost(RequestParser):
    """The beginning of a head that has come with the request before it is thrown away."""

    def _check_unfinished_head(self) -> None:
        if self._previous is not None:
            self._position = len(self._buffer)
        super()._check_unfinished_head()


class LateAnswerEndsReading(HTTPConnection):
    """What has come while an answer was made is thrown away."""

    def finish(self) -> None:
        """Begin with an empty buffer when the answer is late."""
        if not self._advancing:
            self._parser = self.parser_class(self.service.profile, secure=self.protocol == "https")
        super().finish()


class BodyIsLeftToNextRequest(HTTPRequest):
    """A request without a body is given the one of the request before it."""

    def __init__(self, head: Head, connection: HTTPConnection) -> None:
        super().__init__(head, connection)
        self.body = getattr(connection, "left_over", b"")

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        """Leave it to the next."""
        super().receive_body(content, trailers)
        self.connection.left_over = content  # type: ignore[attr-defined]


class HalfClosedConnectionIsKept(HTTPConnection):
    """A connection is kept open when its client has closed its side and has its answer."""

    def _end_of_input(self) -> None:
        if not self._parser.between_requests:
            super()._end_of_input()


class LateAnswersDieTogether(Witness):
    """A late answer to a client that has gone ends the connections of all that wait for one."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[HTTPRequest] = []

    def __call__(self, request: HTTPRequest) -> None:
        """Look after the client before it is answered."""
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
            "documented-bodies.post",
            "documented-forms.boundary-empty",
            "documented-forms.boundary-missing",
            "documented-forms.part-without-*",
            "documented-keep-alive.old-version-kept",
            "documented-keep-alive.second-request",
            "documented-tls.get",
        ),
    ),
    Mutant(
        EverythingIsKeptOpen,
        (
            "documented-keep-alive.close",
            "documented-keep-alive.nothing-after-close",
            "documented-keep-alive.old-version",
            "documented-lines.version-9-9",
            "documented-lines.version-without-number",
            "documented-tls.close",
        ),
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
    Mutant(OldVersionIsKeptOpen, ("documented-keep-alive.old-version",)),
    Mutant(AnyConnectionHeaderKeepsOldVersion, ("documented-keep-alive.old-version-with-*",), Documented),
    Mutant(OldVersionIsNotKeptOpen, ("documented-keep-alive.old-version-kept",)),
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
    Mutant(EarlyRequestsAreLost, ("documented-keep-alive.pipelined", "documented-tls.pipelined"), Documented),
    Mutant(BeginningOfHeadIsLost, ("documented-keep-alive.pipelined-in-pieces",), Documented),
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
