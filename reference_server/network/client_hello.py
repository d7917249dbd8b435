"""The first message of a TLS handshake, read for one thing: the protocols that the client offers (RFC 7301).

Python's ``ssl`` tells which protocol both sides have agreed on. It does not tell that the client has offered
some and that none of them fits, which has to end the handshake. So the ClientHello is read here, too. What is
malformed is left to the library: it will refuse it.
"""

from functools import partial
from io import BytesIO

HANDSHAKE = b"\x16"
"""The type of a record that holds handshake messages (RFC 8446, section 5.1)."""

CLIENT_HELLO = b"\x01"
"""The type of the message (RFC 8446, section 4)."""

PROTOCOLS = b"\x00\x10"
"""The type of the extension that offers protocols (RFC 7301, section 3.1)."""

LONGEST = 64 * 1024
"""Octets of a ClientHello that are looked at. Real ones have less than 3000."""


class ClientHello:
    """The ClientHello as it arrives, in however many pieces and records."""

    def __init__(self) -> None:
        self._records = bytearray()
        self._message = bytearray()

    def feed(self, octets: bytes) -> list[bytes] | None:
        """Take what has arrived; return the protocols that are offered, in the client's order.

        They are none when nothing is offered, or when this is not a ClientHello; None means that it is not
        complete.
        """
        self._records += octets
        while len(self._records) >= 5 and self._records[:1] == HANDSHAKE:
            end = 5 + int.from_bytes(self._records[3:5])
            if len(self._records) < end:
                break
            self._message += self._records[5:end]
            del self._records[:end]
        if not self._may_be_one():
            return []
        end = 4 + int.from_bytes(self._message[1:4])
        return offered_protocols(bytes(self._message[4:end])) if 4 < end <= len(self._message) else None

    def _may_be_one(self) -> bool:
        return (
            self._records[:1] in (b"", HANDSHAKE)
            and self._message[:1] in (b"", CLIENT_HELLO)
            and len(self._records) + len(self._message) <= LONGEST
        )


def offered_protocols(hello: bytes) -> list[bytes]:
    """Return the protocols that the body of a ClientHello offers (RFC 8446, section 4.1.2)."""
    stream = BytesIO(hello)
    stream.read(2 + 32)  # legacy_version and random
    for size in (1, 2, 1):  # legacy_session_id, cipher_suites and legacy_compression_methods
        read_vector(stream, size)
    extensions = BytesIO(read_vector(stream, 2))
    while kind := extensions.read(2):
        content = read_vector(extensions, 2)
        if kind == PROTOCOLS:
            names = BytesIO(read_vector(BytesIO(content), 2))
            return list(iter(partial(read_vector, names, 1), b""))
    return []


def read_vector(stream: BytesIO, size: int) -> bytes:
    """Read octets that stand after their number, which has ``size`` octets itself."""
    return stream.read(int.from_bytes(stream.read(size)))
