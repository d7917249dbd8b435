"""Listening sockets: IPv4, IPv6, or both at once (DOC-SRV-2, DOC-SRV-3).

It knows addresses and sockets, and nothing of loops and servers.
"""

import socket

BACKLOG = 128
"""Connections that may wait to be accepted (DOC-SRV-3)."""

ALL_IPV6 = "::"

MAPPED = "::ffff:"
"""What an IPv4 address begins with that is seen through an IPv6 socket (RFC 4291, section 2.5.5.2)."""


def listening_socket(port: int, address: str, family: int | None) -> socket.socket:
    """Return a socket that listens, non-blocking and not inheritable. Raises ``OSError``.

    ``family`` None means what the address looks like: IPv6 when it has a colon, else IPv4; and both for
    ``::``, as it does for ``AF_UNSPEC``.
    """
    dual = address in ("", ALL_IPV6) and (family == socket.AF_UNSPEC or (family is None and bool(address)))
    if dual:
        address, family = ALL_IPV6, socket.AF_INET6
    elif family is None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = socket.getaddrinfo(address or None, port, family, socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, where = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not dual)
        listening.setblocking(False)
        listening.bind(where)
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


def unmapped(address: str) -> str:
    """Return the address of a peer as it would be written itself: IPv4 stays IPv4 on a socket for both."""
    return address[len(MAPPED) :] if address.startswith(MAPPED) and "." in address else address
