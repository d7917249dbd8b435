"""Mutants that keep or close the wrong connections, or mix up the requests of one."""

import socket
import struct
from functools import partial

from reference_server.basestream import Callback
from reference_server.connection import HTTPConnection
from reference_server.httputil import split_tokens
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.http11 import CONNECTION, HTTP11
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.patience import Phase
from reference_server.request import HTTPRequest

# The Connection field


class ConnectionFieldNeeded(HTTP11):
    """Answers 500 to an HTTP/1.1 request without Connection."""

    def persists(self, version: str, fields: Fields) -> bool:
        if version == "HTTP/1.1" and not fields.values(CONNECTION):
            raise Refusal(500, "there is no Connection field")
        return super().persists(version, fields)


class CloseIgnored(HTTP11):
    """Ignores Connection: close."""

    def persists(self, version: str, fields: Fields) -> bool:
        return super().persists(version, fields) or b"close" in split_tokens(fields.values(CONNECTION))


class ConnectionComparedWhole(HTTP11):
    """Recognises Connection: close only in this spelling and without other options."""

    def persists(self, version: str, fields: Fields) -> bool:
        if version == "HTTP/1.0":
            return super().persists(version, fields)
        return b"\r\nConnection: close\r\n" not in fields.raw or len(fields.values(CONNECTION)) > 1


class CloseSearchedInOptions(HTTP11):
    """Closes the connection for any option with "close" in its name."""

    def persists(self, version: str, fields: Fields) -> bool:
        options = split_tokens(fields.values(CONNECTION))
        return super().persists(version, fields) and not any(b"close" in option for option in options)


class ConnectionFieldMeansClose(HTTP11):
    """Closes the connection for any Connection field."""

    def persists(self, version: str, fields: Fields) -> bool:
        return super().persists(version, fields) and (version == "HTTP/1.0" or not fields.values(CONNECTION))


class CloseSearchedInHead(HTTP11):
    """Closes the connection if "connection: close" is anywhere in the head."""

    def persists(self, version: str, fields: Fields) -> bool:
        return super().persists(version, fields) and b"connection: close" not in fields.raw.lower()


class KeepAliveFieldObeyed(HTTP11):
    """Closes the connection for Keep-Alive: max=0."""

    def persists(self, version: str, fields: Fields) -> bool:
        values = fields.values(b"\r\nkeep-alive:")
        return super().persists(version, fields) and not any(b"max=0" in value for value in values)


class ProtocolSwitchMeansClose(HTTP11):
    """Closes the connection for Connection: upgrade."""

    def persists(self, version: str, fields: Fields) -> bool:
        return super().persists(version, fields) and b"upgrade" not in split_tokens(fields.values(CONNECTION))


# HTTP/1.0


class AnyOptionKeepsHTTP10(HTTP11):
    """Keeps an HTTP/1.0 connection open for any Connection field."""

    def persists(self, version: str, fields: Fields) -> bool:
        keeps = version == "HTTP/1.0" and bool(fields.values(CONNECTION))
        return keeps or super().persists(version, fields)


class HTTP10KeptOpen(HTTP11):
    """Keeps an HTTP/1.0 connection open unless the client asks for close."""

    def persists(self, version: str, fields: Fields) -> bool:
        return super().persists("HTTP/1.1", fields)


class KeepAliveUnsaid(HTTPConnection):
    """Keeps an HTTP/1.0 connection open, as requested, without sending Connection: keep-alive."""

    def write(self, chunk: bytes, callback: Callback | None = None) -> None:
        super().write(chunk.replace(b"\r\nConnection: keep-alive\r\n", b"\r\n", 1), callback)


# Whether the connection is closed


class CloseUnsaid(HTTPConnection):
    """Closes a connection without sending Connection: close in the last response."""

    def write(self, chunk: bytes, callback: Callback | None = None) -> None:
        super().write(chunk.replace(b"\r\nConnection: close\r\n", b"\r\n", 1), callback)


class CloseObeyedOnlyOnce(HTTPConnection):
    """Decides by the first request whether a connection will be closed."""

    _decided = False

    def _serve(self, request: HTTPRequest) -> None:
        request.persistent = request.persistent or self._decided
        self._decided = True
        super()._serve(request)


class RequestBehindCloseServed(HTTPConnection):
    """Serves requests pipelined after a request with Connection: close."""

    def finish(self) -> None:
        if self.request is not None and self._parser.buffered:
            self.request.persistent = True
        super().finish()


class ConnectionClosedAfterEachRequest(HTTPConnection):
    """Closes the connection after each request without announcing it."""

    def finish(self) -> None:
        if self.request is not None:
            self.request.persistent = False
        super().finish()


class FiveRequestsPerConnection(HTTPConnection):
    """Closes a connection after five requests."""

    def _serve(self, request: HTTPRequest) -> None:
        request.persistent = request.persistent and self._served < 4
        super()._serve(request)


class EndOfPeerIgnored(HTTPConnection):
    """Does not notice that the peer has closed its side."""

    def _received(self, data: bytes) -> None:
        if data:
            super()._received(data)


class EndOfPeerAbortsAnswer(HTTPConnection):
    """Abandons the request in progress when the peer closes its side."""

    def _received(self, data: bytes) -> None:
        if not data and self.request is not None:
            self.stream.close()
        else:
            super()._received(data)


class IdleConnectionReset(HTTPConnection):
    """Resets a connection that is idle for more than 0.35 seconds."""

    _times_idle = 0

    def _advance(self) -> None:
        super()._advance()
        if self.phase is Phase.IDLE:
            self._times_idle += 1
            self.stream.io_loop.call_later(0.35, partial(self._reset_if_idle_since, self._times_idle))

    def _reset_if_idle_since(self, times: int) -> None:
        if self.phase is Phase.IDLE and self._times_idle == times and not self.stream.closed():
            self.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.stream.close()


# State that leaks from one request into the next


class BodyLeftToTheNextRequest(HTTPConnection):
    """Gives a request without a body the body of the request before it."""

    _body = b""

    def _serve(self, request: HTTPRequest) -> None:
        request.body = self._body = request.body or self._body
        super()._serve(request)


class SimilarHeadTakenForTheSame(HTTP11):
    """Takes a request with the same fields as the one before it for the same request."""

    def read_similar_head(self, block: bytes, previous: Head) -> Head | None:
        similar = super().read_similar_head(block, previous)
        return None if similar is None else previous.again(previous.method, previous.target)


MUTANTS = (
    Mutant(ConnectionFieldNeeded, ("basics.get",)),
    Mutant(
        CloseIgnored,
        (
            "http10.no-keep-alive-option-close-beside-keep-alive",
            "persistence.close",
            "persistence.close-announced",
            "pipelining.close-on-the-last",
            "tls.clean-close",
        ),
        clause="RFC9112-9.6-4",
    ),
    Mutant(
        ConnectionComparedWhole,
        (
            "fields.empty-list-members-first",
            "fields.empty-list-members-last",
            "fields.empty-list-members-with-tabs",
            "persistence.close-option-*",
        ),
        clause="RFC9112-9.6-4",
    ),
    Mutant(
        CloseSearchedInOptions,
        (
            "persistence.no-close-option-hyphenated",
            "persistence.no-close-option-longer",
            "persistence.no-close-option-underscored",
            "persistence.no-close-option-with-a-prefix",
        ),
    ),
    Mutant(
        ConnectionFieldMeansClose,
        (
            "persistence.coding-named-as-option",
            "persistence.length-named-as-option",
            "persistence.no-*",
            "upgrade.request-*",
        ),
        clause="RFC9112-9.5-3",
    ),
    Mutant(
        CloseSearchedInHead,
        (
            "persistence.*-a-value",
            "persistence.*-x-connection",
            "persistence.no-close-option-hyphenated",
            "persistence.no-close-option-longer",
            "persistence.no-close-option-underscored",
            "persistence.proxy-connection",
        ),
    ),
    Mutant(KeepAliveFieldObeyed, ("persistence.*-field-keep-alive",)),
    Mutant(ProtocolSwitchMeansClose, ("upgrade.request-*",)),
    Mutant(AnyOptionKeepsHTTP10, ("http10.no-keep-alive-option-*",)),
    Mutant(HTTP10KeptOpen, ("http10.get", "http10.post", "http10.without-host")),
    Mutant(
        KeepAliveUnsaid,
        (
            "http10.keep-alive",
            "http10.keep-alive-pipelined",
        ),
    ),
    Mutant(CloseUnsaid, ("invariant.close-announced", "persistence.close-announced")),
    Mutant(CloseObeyedOnlyOnce, ("pipelining.close-on-the-last",)),
    Mutant(
        RequestBehindCloseServed,
        (
            "http10.second-request",
            "invariant.close-carried-out",
            "methods.request-behind-connect",
            "persistence.*-after-close",
            "pipelining.garbage-behind-a-slow-last",
            "unread.malformed-*",
            "unread.request-in-the-trailer",
        ),
    ),
    Mutant(
        ConnectionClosedAfterEachRequest,
        (
            "request-line.escaped-line-ends",
            "request-line.escaped-nul",
            "request-line.escaped-percent-sign",
            "request-line.slashes-*",
            "chunked.framing-*",
            "chunked.post-kept-open",
            "chunked.trailer-that-*",
            "fragmentation.every-*",
            "invariant.close-announced",
            "persistence.half-close-behind-two",
            "persistence.kept-open",
            "pipelining.get-after-chunked-post",
            "tls.pipelining",
            "tls.requests-across-records",
            "tls.several-requests-in-a-record",
            "unread.end-of-a-large-body",
            "upgrade.request-behind-the-*",
        ),
        clause="RFC9112-9.3-1",
    ),
    Mutant(
        FiveRequestsPerConnection,
        (
            "fragmentation.every-offset-in-*",
            "persistence.thirty-in-turn",
            "pipelining.hundred-mixed",
            "pipelining.ten",
            "tls.several-requests-in-a-record",
        ),
        clause="RFC9112-9.5-4",
    ),
    Mutant(
        EndOfPeerIgnored,
        (
            "chunked.cut-*",
            "content-length.cut-short",
            "fragmentation.half-close-before-*",
            "fragmentation.half-close-behind-the-request-line",
            "fragmentation.half-close-in-a-value",
            "fragmentation.half-close-in-the-*",
            "persistence.close-noticed",
            "persistence.half-close",
            "persistence.half-close-before-a-late-answer",
            "tls.close-notify-first",
            "tls.close-notify-in-answer",
            "tls.half-close",
            "unread.body-never-sent",
            "unread.upload-given-up",
        ),
        clause="RFC9112-6.3-8",
    ),
    Mutant(EndOfPeerAbortsAnswer, ("persistence.half-close-before-a-late-answer",)),
    Mutant(IdleConnectionReset, ("persistence.left-idle",)),
    Mutant(
        BodyLeftToTheNextRequest,
        (
            "chunked.framing-*",
            "chunked.trailer-that-*",
            "content-length.on-*",
            "persistence.length-named-as-option",
            "persistence.nothing-left-over",
            "pipelining.get-after-chunked-post",
            "pipelining.get-after-post",
            "pipelining.hundred-mixed",
            "pipelining.large-bodies",
            "unread.body-of-a-*",
            "unread.end-of-a-large-body",
            "upgrade.request-behind-the-*",
        ),
    ),
    Mutant(
        SimilarHeadTakenForTheSame,
        (
            "basics.head-then-get",
            "basics.stream",
            "http10.keep-alive-pipelined",
            "methods.head-fields-*",
            "persistence.second-request",
            "pipelining.two",
            "request-line.escaped-line-ends",
            "request-line.escaped-nul",
            "request-line.escaped-percent-sign",
            "request-line.slashes-*",
            "tls.requests-across-records",
            "tls.several-requests-in-a-record",
        ),
    ),
)
