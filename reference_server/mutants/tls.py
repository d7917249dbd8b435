"""Mutants that go wrong over TLS, and with clients that break off or are not who they should be."""

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
from reference_server.request import HTTPRequest

RECORD = 16384
"""Octets that a record of TLS holds at most."""


NAMES = re.compile(rb"(?=\0\0\0.\0(.)\0\0(.))", re.DOTALL)
PROTOCOLS = re.compile(rb"(?=\0\x10\0(.)\0(.))", re.DOTALL)
"""How two extensions of a ClientHello begin, with the lengths of a list and of what is in or around it."""


def holds(client_hello: bytes, extension: re.Pattern[bytes], difference: int) -> bool:
    """Tell whether a ClientHello has an extension whose lengths differ by so much."""
    return any(found[1][0] - found[2][0] == difference for found in extension.finditer(client_hello))


class QueryIsLostOverTLS(HTTPRequest):
    """Over TLS a target is given without its query."""

    def __init__(self, head: Head, connection: HTTPConnection) -> None:
        super().__init__(head, connection)
        if self.protocol == "https":
            self.uri = self.uri.partition("?")[0]


class SchemeIsAlwaysHTTP(HTTPRequest):
    """The application is told the scheme http, over TLS as well."""

    def __init__(self, head: Head, connection: HTTPConnection) -> None:
        super().__init__(head, connection)
        self.protocol = "http"


class HTTPSTargetIsRefused(HTTP11):
    """A target with the scheme https is refused over TLS, too."""

    def check_scheme(self, scheme: bytes, *, secure: bool) -> None:
        """Take every connection for one in clear."""
        super().check_scheme(scheme, secure=secure and scheme != b"https")


class MethodIsLostWithCertificate(HTTPRequest):
    """The request of a client with a certificate is taken for one of another method."""

    def __init__(self, head: Head, connection: HTTPConnection) -> None:
        super().__init__(head, connection)
        if self.get_ssl_certificate() is not None:
            self.method = "PUT"


class ClientCertificateIsNotAskedFor(HTTPServer):
    """Clients are not asked for the certificate that was to be required."""

    @staticmethod
    def tls_context(ssl_options: Mapping[str, Any]) -> ssl.SSLContext:
        """Require nothing."""
        return server_context({**ssl_options, "cert_reqs": ssl.CERT_NONE})


class ClientCertificateIsOptional(HTTPServer):
    """A client without a certificate is served where one is required."""

    @staticmethod
    def tls_context(ssl_options: Mapping[str, Any]) -> ssl.SSLContext:
        """Ask for a certificate, and do without."""
        return server_context({**ssl_options, "cert_reqs": ssl.CERT_OPTIONAL})


class OneRecordOfEachReadIsKept(Session):
    """Of several records that arrive in one read only the first is given to the server."""

    def receive(self, ciphertext: bytes) -> bytes:
        """Leave out the others."""
        return super().receive(ciphertext)[:RECORD]


class OnlyFirstWriteIsEncrypted(SSLIOStream):
    """Of a response that is too large for one write only the first piece is sent over TLS."""

    def _take(self) -> bytes:
        """Leave out the others."""
        output = super()._take()
        self._pending.clear()
        return output


class HeadHasToBeOneRecord(RequestParser):
    """Over TLS a head that does not come in one record is refused."""

    def _check_unfinished_head(self) -> None:
        if self._secure:
            raise Refusal(400, "the head is incomplete")
        super()._check_unfinished_head()


class OneRequestOfEachRecordIsRead(RequestParser):
    """What follows a request in its record of TLS is thrown away."""

    def _read_head(self) -> Head | None:
        head = super()._read_head()
        if self._secure and head is not None:
            self._buffer = self._buffer[: self._position + (head.body_length or 0)]
        return head


class HTTP2IsAnsweredWhenOffered(Session):
    """A client that offers protocols is answered in another than it was told."""

    def send(self, plaintext: bytes | memoryview) -> None:
        """Send the first frame of HTTP/2."""
        super().send(b"\0\0\0\4\0\0\0\0\0" if self._tls.selected_alpn_protocol() else plaintext)


class UnwelcomingSession(Session):
    """Ends a handshake that is ``unwelcome`` without an alert."""

    def unwelcome(self, client_hello: bytes) -> bool:
        """Tell whether it is."""
        raise NotImplementedError

    def receive(self, ciphertext: bytes) -> bytes:
        """Look at the first message."""
        if not self.established and self.unwelcome(ciphertext):
            self.failure = "the handshake is unwelcome"
            return b""
        return super().receive(ciphertext)


class UnknownProtocolGetsNoAlert(UnwelcomingSession):
    """A client that offers protocols, and not ours, is closed without an alert."""

    def unwelcome(self, client_hello: bytes) -> bool:
        """Look at the offer."""
        return holds(client_hello, PROTOCOLS, 2) and b"http/1.1" not in client_hello


class UnknownNameGetsNoAlert(UnwelcomingSession):
    """A client that asks for a name which the server does not have is closed without an alert."""

    def unwelcome(self, client_hello: bytes) -> bool:
        """Know no name at all."""
        return holds(client_hello, NAMES, 3)


class CloseNotifyIsNotSent(Session):
    """A connection over TLS is closed without close_notify."""

    def close(self) -> None:
        """Say nothing."""
        self.closed = True


class CloseNotifyIsNotSentToHTTP10(HTTPConnection):
    """A connection over TLS that HTTP/1.0 closes is closed without close_notify."""

    def finish(self) -> None:
        """Close beneath TLS once the response is out."""
        cut_off = self.protocol == "https" and self.request is not None and self.request.version == "HTTP/1.0"
        if cut_off and self.request is not None:
            self.request.persistent = True
        super().finish()
        if cut_off:
            self.stream.write(b"", partial(IOStream.close, self.stream))


class CloseNotifyIsNotSentBehindRefusal(HTTPConnection):
    """A connection over TLS is closed without close_notify when its request was refused."""

    def refuse(self, refusal: Refusal) -> None:
        """Close beneath TLS once the response is out."""
        if self.protocol == "https":
            response = self.service.profile.refusal_response(refusal, to_head=False)
            self.stream.write(response, partial(IOStream.close, self.stream))
        else:
            super().refuse(refusal)


class CloseNotifyIsNotAnswered(Session):
    """A client that says close_notify is not answered with another."""

    def close(self) -> None:
        """Say nothing to who has said it."""
        self.closed = self.closed or self.ended
        super().close()


class CloseNotifyIsOverlooked(Session):
    """A connection is kept open when its client has said close_notify."""

    def receive(self, ciphertext: bytes) -> bytes:
        """Forget that it was said."""
        plaintext = super().receive(ciphertext)
        self.ended = False
        return plaintext


class EndOverTLSIsOverlooked(SSLIOStream):
    """A connection over TLS is kept open when its client has closed it in whatever way."""

    def _reach_end(self) -> None:
        """Tell nobody."""
        self.pause()


class FailedHandshakeStaysOpen(SSLIOStream):
    """A connection is kept open when TLS has failed on it."""

    def _fail(self, failure: str) -> None:
        """Send the alert, and no more."""


class NotingStream(SSLIOStream):
    """Tells of its client whether it still shakes hands, and whether it has reset the connection."""

    _reset_early = False
    _told = False

    def shakes_hands(self) -> bool:
        """Tell whether the handshake is unfinished."""
        return not (self._session.established or self._session.failure or self.closed() or self._has_error())

    def was_reset_early(self) -> bool:
        """Tell, once, whether the connection was reset before we had ended it."""
        if self._told:
            return False
        self._told = self._reset_early or (self._is_early() and not self.closed() and self._has_error())
        return self._told

    def close(self) -> None:
        """Note that this is too early: we may have learned of the reset when we sent."""
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
    """Knows its ``streams``, which note what happens to them."""

    secure_stream_class = NotingStream

    def streams(self) -> list[NotingStream]:
        """Return those of all connections."""
        streams = [connection.stream for connection in self._connections]
        return [stream for stream in streams if isinstance(stream, NotingStream)]


class NextClientIsClosedAfterReset(NotingServer):
    """The descriptor of a connection that was reset is closed twice, and so the next client's is closed."""

    _closes_until = 0.0  # the next client comes at once, or has a descriptor of its own

    def _set_up(self, accepted: socket.socket, remote_ip: str) -> None:
        """Close the one that has the descriptor now."""
        were_reset = [stream.was_reset_early() for stream in self.streams()]
        if any(were_reset) or time.monotonic() < self._closes_until:
            self._closes_until = 0.0
            accepted.close()
        else:
            super()._set_up(accepted, remote_ip)

    def _forget(self, connection: HTTPConnection) -> None:
        """Remember a descriptor that is to be closed again."""
        if isinstance(connection.stream, NotingStream) and connection.stream.was_reset_early():
            self._closes_until = time.monotonic() + 0.005
        super()._forget(connection)


class OneHandshakeAtATime(NotingServer):
    """A client that comes while the handshake of another one is unfinished is turned away."""

    def _set_up(self, accepted: socket.socket, remote_ip: str) -> None:
        """Look at the others."""
        if any(stream.shakes_hands() for stream in self.streams()):
            accepted.close()
        else:
            super()._set_up(accepted, remote_ip)


MUTANTS = (
    Mutant(QueryIsLostOverTLS, ("tls.get", "tls.no-server-name")),
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
    Mutant(OneRequestOfEachRecordIsRead, ("tls.pipelining",)),
    Mutant(HTTP2IsAnsweredWhenOffered, ("tls.offered-*",)),
    Mutant(UnknownProtocolGetsNoAlert, ("tls.unknown-protocol-alone",)),
    Mutant(UnknownNameGetsNoAlert, ("tls.unknown-server-name",)),
    Mutant(OneHandshakeAtATime, ("tls.stalled-*",)),
    Mutant(CloseNotifyIsNotSent, ("tls.clean-close",)),
    Mutant(CloseNotifyIsNotSentToHTTP10, ("tls.clean-close-in-http10",)),
    Mutant(CloseNotifyIsNotSentBehindRefusal, ("tls.clean-close-behind-a-refusal",)),
    Mutant(CloseNotifyIsNotAnswered, ("tls.close-notify-in-answer",)),
    Mutant(CloseNotifyIsOverlooked, ("tls.close-notify-first", "tls.close-notify-in-answer")),
    Mutant(
        EndOverTLSIsOverlooked, ("tls.close-notify-first", "tls.close-notify-in-answer", "tls.half-close")
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
