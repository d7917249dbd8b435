"""Servers that are at odds with TLS: wrong certificates, and behaviours in place of a handshake."""

import datetime as dt
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from types import MappingProxyType
from typing import Any

import trustme

from tests.conformance.builders import OK
from tests.hostile.behaviours import Behaviour, linger, read_head

_LONG_AGO = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
_NOT_SO_LONG_AGO = dt.datetime(2002, 1, 1, tzinfo=dt.UTC)

_RECORD = 16384
# A record of the handshake that is longer than what follows, a fatal alert that nobody knows, and no record.
_HALF_A_RECORD = b"\x16\x03\x03\x40\x00\x02\x00"
_ODD_ALERT = b"\x15\x03\x03\x00\x02\x02\xf0"
_SERVER_HELLO_OF_NOTHING = b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"


def with_certificate(folder: Path, *names: str, trusted: bool = True, **terms: Any) -> Behaviour:
    """Answer every request over TLS, under a certificate for these names and terms.

    The authority to trust is left in the folder; the certificate is signed by it only if it is to be trusted.
    """
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    issuer = authority if trusted else trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert(*names, **terms).configure_cert(context)

    def behave(connection: socket.socket) -> None:
        with suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secured:
            while read_head(secured):
                secured.sendall(OK)

    return behave


#: What makes a certificate wrong, and what is to be said of it.
CERTIFICATES: Mapping[str, tuple[Callable[[Path], Behaviour], str]] = MappingProxyType(
    {
        "expired": (
            lambda folder: with_certificate(
                folder, "127.0.0.1", not_before=_LONG_AGO, not_after=_NOT_SO_LONG_AGO
            ),
            "certificate has expired",
        ),
        "wrong-name": (lambda folder: with_certificate(folder, "other.example"), "mismatch"),
        "unknown-authority": (
            lambda folder: with_certificate(folder, "127.0.0.1", trusted=False),
            "use --ca to name the authority to trust",
        ),
    }
)


def saying_at_once(data: bytes) -> Behaviour:
    """Say this to a ClientHello, and keep the connection open."""

    def behave(connection: socket.socket) -> None:
        connection.recv(_RECORD)
        connection.sendall(data)
        linger(connection)

    return behave


def endless_records(connection: socket.socket) -> None:
    """Send warnings without end."""
    connection.recv(_RECORD)
    for data in repeat(b"\x15\x03\x03\x00\x02\x01\x5a" * 1000):
        connection.sendall(data)


#: By name: what is done in place of a handshake.
IN_PLACE_OF_A_HANDSHAKE: Mapping[str, Behaviour] = MappingProxyType(
    {
        "stalled": linger,
        "stalled-in-a-record": saying_at_once(_HALF_A_RECORD),
        "broken-record": saying_at_once(b"\x99\xff\xff" + bytes(100)),
        "broken-hello": saying_at_once(_SERVER_HELLO_OF_NOTHING),
        "odd-alert": saying_at_once(_ODD_ALERT),
        "plain-http": saying_at_once(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
        "endless-records": endless_records,
        "closed": lambda connection: connection.close(),
    }
)
