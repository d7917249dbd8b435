"""TLS without sockets: ciphertext in, plaintext out, and the other way round.

A ``Session`` is fed what the peer sent and asked what is to be sent; nothing here reads or writes a socket,
so nothing here can block, and a handshake that stalls holds up nobody (DOC-IO-3). Failures are a state, not
an exception: the session then still has its alert to send.
"""

import contextlib
import ssl
from collections.abc import Mapping
from typing import Any

READ_SIZE = 256 * 1024
"""Octets of plaintext asked for at once; more than any ciphertext we are fed can hold."""


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
    context.set_alpn_protocols(["http/1.1"])
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
        self.established = False
        self.ended = False
        self.closed = False
        self.failure: str | None = None

    def receive(self, ciphertext: bytes) -> bytes:
        """Take what the peer sent; return the plaintext that has become readable, or nothing yet."""
        self._incoming.write(ciphertext)
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
        return b"".join(pieces)

    def send(self, plaintext: bytes | memoryview) -> None:
        """Encrypt; ``output`` has the result. The handshake must be over."""
        try:
            self._tls.write(plaintext)
        except ssl.SSLError as error:
            self.failure = error.reason or str(error)

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
