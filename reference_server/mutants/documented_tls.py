"""Mutants of the documented server that go wrong over TLS; most are those of the other profile."""

from reference_server.mutants.mutant import Mutant
from reference_server.mutants.tls import (
    ClientCertificateIsNotAskedFor,
    EndOverTLSIsOverlooked,
    FailedHandshakeStaysOpen,
    NextClientIsClosedAfterReset,
    OneRecordOfEachReadIsKept,
    OnlyFirstWriteIsEncrypted,
    SchemeIsAlwaysHTTP,
)
from reference_server.parsing.documented import Documented
from reference_server.parsing.message import Head
from reference_server.request import Connection, HTTPRequest, Wire


class DocumentedSchemeIsAlwaysHTTP(SchemeIsAlwaysHTTP):
    """The documented server reports http as the protocol of a request over TLS."""


class SchemeIsLostWithCertificate(HTTPRequest):
    """The documented server reports http as the protocol of a client with a certificate."""

    def receive_head(self, head: Head, connection: Connection, wire: Wire) -> None:
        super().receive_head(head, connection, wire)
        if self.get_ssl_certificate() is not None:
            self.protocol = "http"


class DocumentedCertificateIsNotAskedFor(ClientCertificateIsNotAskedFor):
    """The documented server does not request the client certificate that it is told to require."""


class DocumentedRecordsAreLost(OneRecordOfEachReadIsKept):
    """The documented server loses all TLS records of one read but the first."""


class DocumentedWritesAreLost(OnlyFirstWriteIsEncrypted):
    """The documented server sends only the first part of a response too large for one write over TLS."""


class DocumentedEndOverTLSIsOverlooked(EndOverTLSIsOverlooked):
    """The documented server keeps a TLS connection open after its client has closed it."""


class DocumentedFailedHandshakeStaysOpen(FailedHandshakeStaysOpen):
    """The documented server keeps a connection open after a TLS failure."""


class DocumentedNextClientIsClosedAfterReset(NextClientIsClosedAfterReset):
    """The documented server closes the connection accepted after one that was reset."""


class AnybodyIsAProxy(HTTPRequest):
    """Trusts X-Scheme and X-Forwarded-Proto from any client."""

    def receive_head(self, head: Head, connection: Connection, wire: Wire) -> None:
        super().receive_head(head, connection, wire)
        self.protocol = self._forwarded_protocol()


MUTANTS = (
    Mutant(
        DocumentedSchemeIsAlwaysHTTP,
        (
            "documented-tls.client-certificate",
            "documented-tls.garbage-then-next-client",
            "documented-tls.get",
            "documented-tls.gone-before-handshake",
            "documented-tls.scheme-headers",
            "documented-tls.stalled-then-next-client",
        ),
        Documented,
    ),
    Mutant(SchemeIsLostWithCertificate, ("documented-tls.client-certificate",), Documented),
    Mutant(
        DocumentedCertificateIsNotAskedFor,
        ("documented-tls.client-certificate-missing", "documented-tls.client-certificate-of-stranger"),
        Documented,
    ),
    Mutant(DocumentedRecordsAreLost, ("documented-tls.large-request",), Documented),
    Mutant(DocumentedWritesAreLost, ("documented-tls.large-response",), Documented),
    Mutant(
        DocumentedEndOverTLSIsOverlooked,
        (
            "documented-tls.clean-close-by-client",
            "documented-tls.clean-close-when-idle",
            "documented-tls.half-a-handshake",
        ),
        Documented,
    ),
    Mutant(
        DocumentedFailedHandshakeStaysOpen,
        ("documented-tls.garbage-handshake", "documented-tls.plain-http"),
        Documented,
    ),
    Mutant(
        DocumentedNextClientIsClosedAfterReset,
        (
            "documented-tls.garbage-then-next-client",
            "documented-tls.gone-before-handshake",
            "documented-tls.stalled-then-next-client",
        ),
        Documented,
    ),
    Mutant(AnybodyIsAProxy, ("documented-tls.scheme-headers",), Documented),
)
