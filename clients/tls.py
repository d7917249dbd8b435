"""TLS over bytes in memory: what has arrived, what is to be sent, and how the stream ended.

Working on memory instead of a socket shows what a TLS socket hides: a close_notify before FIN, a stream that
is truncated without one, the name of a fatal alert. The module knows neither sockets nor HTTP.
"""

import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from clients.steps import Handshake, Identity, ServerName


@dataclass(frozen=True)
class Security:
    """How to begin TLS with a target."""

    server_name: str
    """The name that is sent (SNI) and verified."""

    contexts: Mapping[Identity, ssl.SSLContext] = field(repr=False)
    """A context for each identity that has its files."""

    fresh: Callable[[Identity], ssl.SSLContext] = field(repr=False)
    """Makes another context for an identity, to be changed for an unusual handshake."""


def make_security(
    server_name: str,
    *,
    authority: Path | None = None,
    insecure: bool = False,
    client: Path | None = None,
    client_key: Path | None = None,
    untrusted_client: Path | None = None,
) -> Security:
    """Prepare TLS contexts.

    authority: PEM file of certificates to trust instead of the system's.
    insecure: verify nothing.
    client, untrusted_client: PEM files with key and chain; an identity without its file has no context.
    client_key: PEM file of the client's key, unless it is in the same file.
    Raises OSError (ssl.SSLError is one) when a file cannot be read or holds no certificate.
    """
    files = {Identity.USUAL: client, Identity.ANONYMOUS: None}
    if untrusted_client is not None:
        files[Identity.UNTRUSTED] = untrusted_client

    def fresh(identity: Identity) -> ssl.SSLContext:
        key = client_key if identity is Identity.USUAL else None
        return _context(authority, files[identity], key, insecure=insecure)

    return Security(server_name, {identity: fresh(identity) for identity in files}, fresh)


def _context(
    authority: Path | None, identity: Path | None, key: Path | None, *, insecure: bool
) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority) if authority else None)
    # Python would read a truncated stream as a clean end; the difference is a finding here.
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if identity is not None:
        # Without this, OpenSSL would ask the terminal for the password of a key that has one.
        context.load_cert_chain(identity, key, password="")
    return context


# A name in a domain that nobody can register (RFC 2606).
_NOBODY = "unknown.example"


def _context_for(security: Security, handshake: Handshake) -> ssl.SSLContext:
    if handshake == Handshake(handshake.identity):
        return security.contexts[handshake.identity]
    context = security.fresh(handshake.identity)
    if handshake.name is not ServerName.USUAL:
        context.check_hostname = False  # the certificate is for the target's own name
    if handshake.protocols:
        context.set_alpn_protocols(list(handshake.protocols))
    return context


class State(Enum):
    """The state of a TLS stream. It only ever moves down this list."""

    HANDSHAKE = auto()  # not established yet
    OPEN = auto()  # established
    CLOSED = auto()  # close_notify has come
    FAILED = auto()  # an alert has come, or the peer's records make no sense


class TLSStream:
    """The client's side of a TLS connection, without the connection.

    `feed` takes raw bytes from the peer and returns decrypted ones. Every call may leave raw bytes to send:
    take them with `outgoing` afterwards. Nothing is raised for what a peer does.
    """

    def __init__(self, security: Security, handshake: Handshake) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        names = {ServerName.USUAL: security.server_name, ServerName.UNKNOWN: _NOBODY, ServerName.ABSENT: None}
        self._tls = _context_for(security, handshake).wrap_bio(
            self._incoming, self._outgoing, server_hostname=names[handshake.name]
        )
        self.state = State.HANDSHAKE
        self.failure = ""
        """What ended the stream, in OpenSSL's words, in State.FAILED; empty otherwise."""
        self._handshake()

    @property
    def alerted(self) -> bool:
        """Whether the failure is a fatal alert of the peer; OpenSSL puts a version of TLS before its name."""
        return self.failure.startswith(("sslv3 alert ", "tlsv1 ", "tlsv13 "))

    @property
    def description(self) -> str:
        """The negotiated version and cipher, and the protocol if one was agreed on."""
        cipher, protocol = self._tls.cipher(), self._tls.selected_alpn_protocol()
        session = f"{self._tls.version()}, {cipher[0] if cipher else 'no cipher'}"
        return f"{session}, {protocol}" if protocol else session

    def outgoing(self) -> bytes:
        """Take the raw bytes that are waiting to be sent."""
        return self._outgoing.read()

    def feed(self, raw: bytes) -> bytes:
        """Take raw bytes from the peer and update `state`; return the application data in them."""
        self._incoming.write(raw)
        if self.state is State.HANDSHAKE:
            self._handshake()
        return self._read() if self.state is State.OPEN else b""

    def send(self, data: bytes) -> bool:
        """Encrypt application data for `outgoing`; return False, and send nothing, if our side is closed."""
        try:
            self._tls.write(data)
        except ssl.SSLError:
            return False
        return True

    def send_close_notify(self) -> None:
        """Close our sending side of TLS, with an alert for `outgoing`."""
        # The alert is written at once; the error says that the peer's own has not come yet.
        with suppress(ssl.SSLError):
            self._tls.unwrap()

    def _handshake(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as error:
            self._fail(error)
        else:
            self.state = State.OPEN

    def _read(self) -> bytes:
        pieces: list[bytes] = []
        while True:
            try:
                piece = self._tls.read(_MOST_IN_A_RECORD)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                piece = b""
            except ssl.SSLError as error:
                self._fail(error)
                break
            if not piece:
                self.state = State.CLOSED
                break
            pieces.append(piece)
        return b"".join(pieces)

    def _fail(self, error: ssl.SSLError) -> None:
        self.state = State.FAILED
        self.failure = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else ""
        # Where Python has no name for the reason, its text is "[SSL] tlsv1 alert … (_ssl.c:1006)".
        reason = error.reason or re.sub(r"^\[SSL\] | \(_ssl\.c:\d+\)$", "", str(error))
        self.failure = self.failure or reason.lower().replace("_", " ")


_MOST_IN_A_RECORD = 16384
