"""A client that makes its own TLS 1.3 records, to send what no library sends."""

import hashlib
import hmac
import ssl
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CIPHER = "TLS_AES_256_GCM_SHA384"

HANDSHAKE = 22
APPLICATION_DATA = 23
KEY_UPDATE = 24


def expand_label(secret: bytes, label: bytes, length: int) -> bytes:
    """RFC 8446, section 7.1, for an output of one block of the hash, and no context."""
    info = length.to_bytes(2) + bytes([6 + len(label)]) + b"tls13 " + label + b"\0"
    return hmac.new(secret, info + b"\1", hashlib.sha384).digest()[:length]


class RecordClient:
    """Shakes hands by way of the library; after that, its records are made here. It reads nothing then."""

    def __init__(self, authority: Path, folder: Path) -> None:
        context = ssl.create_default_context(cafile=str(authority))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._keys = folder / f"keys-{id(self)}.log"
        context.keylog_filename = str(self._keys)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname="localhost")
        self.established = False

    def shake_hands(self, received: bytes) -> bytes:
        """Take what the server sent; return what is to be sent."""
        self._incoming.write(received)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return self._outgoing.read()
        assert (self._tls.cipher() or ("",))[0] == CIPHER
        self.established = True
        lines = (line.split() for line in self._keys.read_text().splitlines())
        self._renew(next(bytes.fromhex(line[2]) for line in lines if line[0] == "CLIENT_TRAFFIC_SECRET_0"))
        return self._outgoing.read()

    def data(self, octets: bytes) -> bytes:
        """Return a record of content."""
        return self._record(octets, APPLICATION_DATA)

    def key_update(self, *, ask: bool = False) -> bytes:
        """Return a record that says that the next one has other keys; it may ask for the same in return."""
        record = self._record(bytes([KEY_UPDATE, 0, 0, 1, ask]), HANDSHAKE)
        self._renew(expand_label(self._secret, b"traffic upd", 48))
        return record

    def _record(self, content: bytes, kind: int) -> bytes:
        inner = content + bytes([kind])
        head = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2)
        nonce = (self._iv ^ self._sequence).to_bytes(12)
        self._sequence += 1
        return head + self._key.encrypt(nonce, inner, head)

    def _renew(self, secret: bytes) -> None:
        self._secret = secret
        self._key = AESGCM(expand_label(secret, b"key", 32))
        self._iv = int.from_bytes(expand_label(secret, b"iv", 12))
        self._sequence = 0
