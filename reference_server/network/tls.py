"""TLS without sockets: ciphertext in, plaintext out, and the other way round.

A ``Session`` is fed what the peer sent and asked what is to be sent; nothing here reads or writes a socket,
so nothing here can block, and a handshake that stalls holds up nobody (DOC-IO-3). Failures are a state, not
an exception: the session then still has its alert to send.
"""

import contextlib
import ssl
from collections.abc import Mapping
from typing import Any

from reference_server.network.client_hello import ClientHello

PROTOCOLS = ("http/1.1", "http/1.0")
"""What is spoken here, by the names that ALPN has for it (RFC 7301, section 6)."""

NO_APPLICATION_PROTOCOL = b"\x15\x03\x03\x00\x02\x02\x78"
"""A fatal alert in a record of its own: nothing that is offered is spoken here (RFC 7301, section 3.2)."""

READ_SIZE = 64 * 1024
"""Octets of ciphertext, and of plaintext, that are looked at in one go."""

OCTET_COST = 128
"""Octets that one octet of content may take. In a record of its own it takes 22 to 85."""

MOST_EMPTY = 64 * 1024
"""Octets that may come without any content, such as the beginning of a record, or renewed keys."""

MOST_UNSENT = 64 * 1024
"""Octets of our own handshake messages that may wait for a peer to take them."""


def server_context(options: Mapping[str, Any]) -> ssl.SSLContext:
    """Make a context from the documented ``ssl_options`` dictionary (DOC-SRV-1, DOC-SRV-10).

    Keys: ``certfile`` (needed), ``keyfile``, ``cert_reqs`` (``ssl.CERT_NONE``, ``CERT_OPTIONAL``,
    ``CERT_REQUIRED``), ``ca_certs``, ``ciphers``. TLS 1.2 is the oldest version spoken. Raises ``OSError``
    (of which ``ssl.SSLError`` is one) when a file cannot be read or does not fit, ``TypeError`` for an
    unknown key.
    """
    unknown = options.keys() - {"certfile", "keyfile", "cert_reqs", "ca_certs", "ciphers"}
    if unknown:
        raise TypeError(f"unknown ssl_options: {', '.join(sorted(unknown))}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(options["certfile"], options.get("keyfile"))
    if options.get("ca_certs") is not None:
        context.load_verify_locations(options["ca_certs"])
    if options.get("ciphers") is not None:
        context.set_ciphers(options["ciphers"])
    context.verify_mode = options.get("cert_reqs", ssl.CERT_NONE)
    context.set_alpn_protocols(PROTOCOLS)
    return context


class Session:
    """The server's side of one TLS connection.

    ``established`` tells whether the handshake is over, ``ended`` whether the peer has said that it sends no
    more, ``failure`` is a sentence once the session is of no more use.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._client_hello: ClientHello | None = ClientHello()
        self._empty = 0
        self.established = False
        self.ended = False
        self.closed = False
        self.failure: str | None = None

    def receive(self, ciphertext: bytes) -> bytes:
        """Take what the peer sent; return the plaintext that has become readable, or nothing yet.

        The session fails when the peer offers only protocols that are not spoken here, and when it sends much
        with next to no content in it: keys that are renewed without end would keep the processor busy.
        """
        if self._client_hello is not None and not self._can_agree(self._client_hello, ciphertext):
            return b""
        if len(ciphertext) <= READ_SIZE:
            return self._receive(ciphertext)
        positions = range(0, len(ciphertext), READ_SIZE)
        return b"".join(self._receive(ciphertext[start : start + READ_SIZE]) for start in positions)

    def _can_agree(self, client_hello: ClientHello, ciphertext: bytes) -> bool:
        """Look at the protocols that the client offers. If none is spoken here, send an alert and fail."""
        offered = client_hello.feed(ciphertext)
        if offered is not None:
            self._client_hello = None
        if not offered or any(name.encode() in offered for name in PROTOCOLS):
            return True
        self._outgoing.write(NO_APPLICATION_PROTOCOL)
        self.failure = "NO_APPLICATION_PROTOCOL"
        return False

    def _receive(self, ciphertext: bytes) -> bytes:
        """Take a piece of what the peer sent. After a failure, and after the peer's end, it is left alone."""
        if self.failure is not None or self.ended:
            return b""
        self._incoming.write(ciphertext)
        counted = self.established
        pieces = []
        try:
            if not self.established:
                self._tls.do_handshake()
                self.established = True
            while piece := self._tls.read(READ_SIZE):
                pieces.append(piece)
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        except ssl.SSLError as error:
            self.failure = error.reason or str(error)
        plaintext = b"".join(pieces)
        if counted:
            self._count(len(ciphertext), len(plaintext))
        return plaintext

    def _count(self, received: int, content: int) -> None:
        """Fail when there is next to no content in what is received, or our answers are not taken."""
        self._empty = max(0, self._empty + received - OCTET_COST * content)
        if self._empty > MOST_EMPTY:
            self.failure = "too many records without content"
        elif self._outgoing.pending > MOST_UNSENT:
            self.failure = "the peer does not take handshake messages"

    def send(self, plaintext: bytes | memoryview) -> int:
        """Encrypt, and return how many octets; ``output`` has the result. The handshake must be over."""
        try:
            return self._tls.write(plaintext)
        except ssl.SSLError as error:
            self.failure = error.reason or str(error)
            return len(plaintext)

    def close(self) -> None:
        """Say that we send no more (close_notify), once."""
        if self.closed or not self.established or self.failure:
            return
        self.closed = True
        with contextlib.suppress(ssl.SSLError):  # the peer's own close_notify may come later, or never
            self._tls.unwrap()

    def output(self) -> bytes:
        """Return the ciphertext that is to be sent, and forget it."""
        return self._outgoing.read()

    def peer_certificate(self) -> dict[str, Any] | None:
        """Return the client's certificate as ``ssl.SSLSocket.getpeercert`` shapes it, or None (DOC-REQ-8)."""
        return self._tls.getpeercert() or None
