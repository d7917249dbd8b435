"""Mutants of the documented server that go wrong over TLS, most of them as those of the other profile."""

from reference_server.connection import HTTPConnection
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
from reference_server.request import HTTPRequest


class DocumentedSchemeIsAlwaysHTTP(SchemeIsAlwaysHTTP):
    """The documented server tells the application the scheme http, over TLS as well."""


class SchemeIsLostWithCertificate(HTTPRequest):
    """The documented server tells the scheme http of a client with a certificate."""

    def __init__(self, head: Head, connection: HTTPConnection) -> None:
        super().__init__(head, connection)
        if self.get_ssl_certificate() is not None:
            self.protocol = "http"


class DocumentedCertificateIsNotAskedFor(ClientCertificateIsNotAskedFor):
    """The documented server does not ask clients for the certificate that was to be required."""


class DocumentedRecordsAreLost(OneRecordOfEachReadIsKept):
    """The documented server keeps of several records that arrive in one read only the first."""


class DocumentedWritesAreLost(OnlyFirstWriteIsEncrypted):
    """The documented server sends of a response that is too large for one write only the first piece."""


class DocumentedEndOverTLSIsOverlooked(EndOverTLSIsOverlooked):
    """The documented server keeps a connection over TLS open when its client has closed it."""


class DocumentedFailedHandshakeStaysOpen(FailedHandshakeStaysOpen):
    """The documented server keeps a connection open when TLS has failed on it."""


class DocumentedNextClientIsClosedAfterReset(NextClientIsClosedAfterReset):
    """The documented server closes the connection that comes next when one was reset."""


class AnybodyIsAProxy(HTTPRequest):
    """What only a proxy may say of a client is believed to whoever says it."""

    def __init__(self, head: Head, connection: HTTPConnection) -> None:
        super().__init__(head, connection)
        self.protocol = self._forwarded_protocol()


MUTANTS = (
    Mutant(DocumentedSchemeIsAlwaysHTTP, ("documented-tls.get",), Documented),
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
