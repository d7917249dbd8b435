"""Mutants that go wrong over TLS, or with clients that break off or have the wrong certificate."""

import re
import socket
import ssl
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from reference_server.connection import HTTPConnection
from reference_server.httpserver import HTTPServer
from reference_server.iostream import IOStream, SSLIOStream
from reference_server.mutants.mutant import Mutant
from reference_server.network.tls import Session, server_context
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Head, Refusal
from reference_server.parsing.parser import RequestParser
from reference_server.request import Connection, HTTPRequest, Wire

RECORD = 16384
"""Maximum number of bytes in a TLS record."""


NAMES = re.compile(rb"(?=\0\0\0.\0(.)\0\0(.))", re.DOTALL)
PROTOCOLS = re.compile(rb"(?=\0\x10\0(.)\0(.))", re.DOTALL)
"""How two extensions of a ClientHello begin; the groups are the length of a list and one around or in it."""


def holds(client_hello: bytes, extension: re.Pattern[bytes], difference: int) -> bool:
    """Whether a ClientHello has an extension whose two lengths differ by ``difference``."""
    return any(found[1][0] - found[2][0] == difference for found in extension.finditer(client_hello))


class QueryIsLostOverTLS(HTTPRequest):
    """Loses the query of a target over TLS."""

    def receive_head(self, head: Head, connection: Connection, wire: Wire) -> None:
        super().receive_head(head, connection, wire)
        if self.protocol == "https":
            self.uri = self.uri.partition("?")[0]


class SchemeIsAlwaysHTTP(HTTPRequest):
    """Reports http as the protocol of a request over TLS."""

    def receive_head(self, head: Head, connection: Connection, wire: Wire) -> None:
        super().receive_head(head, connection, wire)
        self.protocol = "http"


class HTTPSTargetIsRefused(HTTP11):
    """Rejects an https target over TLS."""

    def check_scheme(self, scheme: bytes, *, secure: bool) -> None:
        super().check_scheme(scheme, secure=secure and scheme != b"https")


class MethodIsLostWithCertificate(HTTPRequest):
    """Reports another method for requests of a client with a certificate."""

    def receive_head(self, head: Head, connection: Connection, wire: Wire) -> None:
        super().receive_head(head, connection, wire)
        if self.get_ssl_certificate() is not None:
            self.method = "PUT"


class ClientCertificateIsNotAskedFor(HTTPServer):
    """Does not request the client certificate that it is told to require."""

    @staticmethod
    def tls_context(ssl_options: Mapping[str, Any]) -> ssl.SSLContext:
        return server_context({**ssl_options, "cert_reqs": ssl.CERT_NONE})


class ClientCertificateIsOptional(HTTPServer):
    """Serves a client without a certificate where one is required."""

    @staticmethod
    def tls_context(ssl_options: Mapping[str, Any]) -> ssl.SSLContext:
        return server_context({**ssl_options, "cert_reqs": ssl.CERT_OPTIONAL})


class OneRecordOfEachReadIsKept(Session):
    """Loses all TLS records of one read but the first."""

    def receive(self, ciphertext: bytes) -> bytes:
        return super().receive(ciphertext)[:RECORD]


class OnlyFirstWriteIsEncrypted(SSLIOStream):
    """Sends only the first part of a response that is too large for one write over TLS."""

    def _take(self) -> bytes:
        output = super()._take()
        self._pending.clear()
        return output


class HeadHasToBeOneRecord(RequestParser):
    """Rejects a head that does not arrive in one TLS record."""

    def _check_unfinished_head(self) -> None:
        if self._secure:
            raise Refusal(400, "the head is incomplete")
        super()._check_unfinished_head()


class OneRequestOfEachRecordIsRead(RequestParser):
    """Discards bytes that follow a request in the same TLS record."""

    def _read_head(self) -> Head | None:
        head = super()._read_head()
        if self._secure and head is not None:
            self._buffer = self._buffer[: self._position + (head.body_length or 0)]
        return head


class HTTP2IsAnsweredWhenOffered(Session):
    """Sends HTTP/2 to a client with which it has negotiated HTTP/1.1."""

    def send(self, plaintext: bytes | memoryview) -> int:
        return super().send(b"\0\0\0\4\0\0\0\0\0" if self._tls.selected_alpn_protocol() else plaintext)


class UnwelcomingSession(Session):
    """Ends an ``unwelcome`` handshake without an alert."""

    def unwelcome(self, client_hello: bytes) -> bool:
        """Whether a handshake that begins with this ClientHello is to be ended."""
        raise NotImplementedError

    def receive(self, ciphertext: bytes) -> bytes:
        if not self.established and self.unwelcome(ciphertext):
            self.failure = "the handshake is unwelcome"
            return b""
        return super().receive(ciphertext)


class UnknownProtocolGetsNoAlert(UnwelcomingSession):
    """Closes a connection without an alert if the client offers only unknown protocols."""

    def unwelcome(self, client_hello: bytes) -> bool:
        return holds(client_hello, PROTOCOLS, 2) and b"http/1.1" not in client_hello


class UnknownNameGetsNoAlert(UnwelcomingSession):
    """Closes a connection without an alert if the client asks for an unknown server name."""

    def unwelcome(self, client_hello: bytes) -> bool:
        return holds(client_hello, NAMES, 3)


class CloseNotifyIsNotSent(Session):
    """Closes a TLS connection without close_notify."""

    def close(self) -> None:
        self.closed = True


class CloseNotifyIsNotSentToHTTP10(HTTPConnection):
    """Closes a TLS connection without close_notify after an HTTP/1.0 request."""

    def finish(self) -> None:
        request = self.request
        cut_off = self.wire.protocol == "https" and request is not None and request.version == "HTTP/1.0"
        if cut_off and request is not None:
            request.persistent = True
        super().finish()
        if cut_off:
            self.stream.write(b"", partial(IOStream.close, self.stream))


class CloseNotifyIsNotSentBehindRefusal(HTTPConnection):
    """Closes a TLS connection without close_notify after a bad request."""

    def refuse(self, refusal: Refusal) -> None:
        if self.wire.protocol == "https":
            response = self.profile.refusal_response(refusal, to_head=False)
            self.stream.write(response, partial(IOStream.close, self.stream))
        else:
            super().refuse(refusal)


class CloseNotifyIsNotAnswered(Session):
    """Does not answer a close_notify with its own."""

    def close(self) -> None:
        self.closed = self.closed or self.ended
        super().close()


class CloseNotifyIsOverlooked(Session):
    """Keeps a connection open after its client has sent close_notify."""

    def receive(self, ciphertext: bytes) -> bytes:
        plaintext = super().receive(ciphertext)
        self.ended = False
        return plaintext


class EndOverTLSIsOverlooked(SSLIOStream):
    """Keeps a TLS connection open after its client has closed it in any way."""

    def _reach_end(self) -> None:
        self.pause()


class FailedHandshakeStaysOpen(SSLIOStream):
    """Keeps a connection open after a TLS failure."""

    def _fail(self, failure: str) -> None:
        pass  # the alert is sent all the same


class NotingStream(SSLIOStream):
    """Records whether its handshake is unfinished and whether its client has reset the connection."""

    _reset_early = False
    _told = False

    def shakes_hands(self) -> bool:
        """Whether the handshake is unfinished."""
        return not (self._session.established or self._session.failure or self.closed() or self._has_error())

    def was_reset_early(self) -> bool:
        """Whether the connection was reset before we ended it; True only once."""
        if self._told:
            return False
        self._told = self._reset_early or (self._is_early() and not self.closed() and self._has_error())
        return self._told

    def close(self) -> None:
        self._reset_early = self._reset_early or not (self._ending or self.closed())
        super().close()

    def _handle_read(self) -> None:
        try:
            super()._handle_read()
        except ConnectionResetError:
            self._reset_early = self._is_early()
            raise

    def _is_early(self) -> bool:
        return not self._ending or self._session.failure is not None

    def _has_error(self) -> bool:
        return self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


class NotingServer(HTTPServer):
    """Serves over ``NotingStream``s."""

    secure_stream_class = NotingStream

    def streams(self) -> list[NotingStream]:
        """Return the streams of all connections."""
        streams = [connection.stream for connection in self._connections]
        return [stream for stream in streams if isinstance(stream, NotingStream)]


class NextClientIsClosedAfterReset(NotingServer):
    """Closes the descriptor of a reset connection twice, and with it the next client's."""

    _closes_until = 0.0  # the next client comes at once, or has a descriptor of its own

    def _set_up(self, accepted: socket.socket, address: tuple[Any, ...]) -> None:
        were_reset = [stream.was_reset_early() for stream in self.streams()]
        if any(were_reset) or time.monotonic() < self._closes_until:
            self._closes_until = 0.0
            accepted.close()
        else:
            super()._set_up(accepted, address)

    def _forget(self, connection: HTTPConnection) -> None:
        if isinstance(connection.stream, NotingStream) and connection.stream.was_reset_early():
            self._closes_until = time.monotonic() + 0.005
        super()._forget(connection)


class OneHandshakeAtATime(NotingServer):
    """Closes a new connection while the handshake of another one is unfinished."""

    def _set_up(self, accepted: socket.socket, address: tuple[Any, ...]) -> None:
        if any(stream.shakes_hands() for stream in self.streams()):
            accepted.close()
        else:
            super()._set_up(accepted, address)


MUTANTS = (
    Mutant(
        QueryIsLostOverTLS,
        (
            "tls.close-notify-first",
            "tls.cut-*",
            "tls.get",
            "tls.half-close",
            "tls.no-server-name",
            "tls.offered-*",
            "tls.pipelining",
            "tls.records-of-one-octet",
            "tls.requests-across-records",
            "tls.several-requests-in-a-record",
            "tls.stalled-*",
            "tls.unknown-server-name",
        ),
    ),
    Mutant(SchemeIsAlwaysHTTP, ("tls.protocol",)),
    Mutant(HTTPSTargetIsRefused, ("tls.absolute-form",)),
    Mutant(MethodIsLostWithCertificate, ("tls.client-certificate",)),
    Mutant(
        ClientCertificateIsNotAskedFor, ("tls.client-certificate-missing", "tls.client-certificate-untrusted")
    ),
    Mutant(ClientCertificateIsOptional, ("tls.client-certificate-missing",)),
    Mutant(OneRecordOfEachReadIsKept, ("tls.large-body",)),
    Mutant(OnlyFirstWriteIsEncrypted, ("tls.large-answer",)),
    Mutant(
        HeadHasToBeOneRecord,
        ("tls.records-of-one-octet", "tls.request-in-two-records", "tls.requests-across-records"),
    ),
    Mutant(
        OneRequestOfEachRecordIsRead,
        ("tls.pipelining", "tls.requests-across-records", "tls.several-requests-in-a-record"),
    ),
    Mutant(HTTP2IsAnsweredWhenOffered, ("tls.offered-*",)),
    Mutant(UnknownProtocolGetsNoAlert, ("tls.unknown-protocol-alone",)),
    Mutant(UnknownNameGetsNoAlert, ("tls.unknown-server-name",)),
    Mutant(OneHandshakeAtATime, ("tls.stalled-*",)),
    Mutant(CloseNotifyIsNotSent, ("tls.clean-*", "tls.clean-close", "tls.close-notify-in-answer")),
    Mutant(CloseNotifyIsNotSentToHTTP10, ("tls.clean-close-in-http10",)),
    Mutant(CloseNotifyIsNotSentBehindRefusal, ("tls.clean-close-behind-a-refusal",)),
    Mutant(CloseNotifyIsNotAnswered, ("tls.close-notify-in-answer",)),
    Mutant(
        CloseNotifyIsOverlooked,
        ("tls.close-notify-first", "tls.close-notify-in-answer"),
        clause="RFC9112-9.5-2",
    ),
    Mutant(
        EndOverTLSIsOverlooked,
        ("tls.close-notify-first", "tls.close-notify-in-answer", "tls.half-close"),
        clause="RFC9112-9.5-2",
    ),
    Mutant(
        FailedHandshakeStaysOpen,
        (
            "tls.cleartext-request",
            "tls.garbage-handshake",
            "tls.old-version-1-0",
            "tls.old-version-1-1",
            "tls.unexpected-*",
        ),
    ),
    Mutant(NextClientIsClosedAfterReset, ("tls.cut-off-*", "tls.next-client-after-*")),
)
