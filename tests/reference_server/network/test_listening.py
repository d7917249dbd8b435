"""Where a server listens: IPv4, IPv6, or both."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from reference_server.network.listening import listening_socket, unmapped
from reference_server.request import HTTPRequest

V4, V6, BOTH = socket.AF_INET, socket.AF_INET6, socket.AF_UNSPEC


def has_ipv6() -> bool:
    try:
        listening_socket(0, "::1", None).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")


def answers(port: int, address: str) -> bool:
    try:
        socket.create_connection((address, port), timeout=10).close()
    except ConnectionRefusedError:
        return False
    return True


@needs_ipv6
@pytest.mark.parametrize(
    ("address", "family", "on_ipv4", "on_ipv6"),
    [
        ("", None, True, False),
        ("", V4, True, False),
        ("", V6, False, True),
        ("", BOTH, True, True),
        ("::", None, True, True),
        ("::", BOTH, True, True),
        ("::", V6, False, True),
        ("0.0.0.0", None, True, False),
        ("0.0.0.0", BOTH, True, False),
        ("::1", None, False, True),
        ("::1", BOTH, False, True),
        ("127.0.0.1", None, True, False),
        ("localhost", None, True, False),
        ("localhost", V4, True, False),
    ],
)
def test_each_family(address: str, family: int | None, on_ipv4: bool, on_ipv6: bool) -> None:
    """DOC-SRV-2, DOC-SRV-3."""
    with listening_socket(0, address, family) as listening:
        assert not listening.getblocking()
        assert not listening.get_inheritable()
        assert listening.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
        port = listening.getsockname()[1]
        assert (answers(port, "127.0.0.1"), answers(port, "::1")) == (on_ipv4, on_ipv6)


@pytest.mark.parametrize(
    ("address", "family"), [("127.0.0.1", V6), ("::1", V4), ("no.such.host.invalid", None)]
)
def test_what_cannot_be_is_an_error_with_a_reason(address: str, family: int | None) -> None:
    with pytest.raises(OSError) as raised:  # noqa: PT011 - the sentence is the system's
        listening_socket(0, address, family)
    assert raised.value.strerror


@needs_ipv6
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_peer_has_the_address_it_knows_itself_by(address: str, serve: Callable[..., Any]) -> None:
    """DOC-REQ-1: an IPv4 peer of a socket for both is no IPv6 peer."""

    def callback(request: HTTPRequest) -> None:
        body = request.remote_ip.encode()
        request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        request.finish()

    server = serve(callback, address="::")
    assert server.connect(address=address).ask(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").body == address.encode()


def test_only_addresses_of_ipv4_are_unmapped() -> None:
    assert unmapped("::ffff:192.0.2.1") == "192.0.2.1"
    assert unmapped("::ffff:1") == "::ffff:1"
    assert unmapped("2001:db8::1") == "2001:db8::1"
