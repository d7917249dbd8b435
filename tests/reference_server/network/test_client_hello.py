"""The protocols of a ClientHello, however it arrives."""

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.network.client_hello import LONGEST, ClientHello


def client_hello(*protocols: str) -> bytes:
    """Return the record that a client begins with."""
    context = ssl.create_default_context()
    if protocols:
        context.set_alpn_protocols(protocols)
    outgoing = ssl.MemoryBIO()
    session = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


HELLO = client_hello("h2", "http/1.1")


def in_records_of(size: int) -> bytes:
    """Return the same message in records of this size."""
    message = HELLO[5:]
    pieces = [message[start : start + size] for start in range(0, len(message), size)]
    return b"".join(HELLO[:3] + len(piece).to_bytes(2) + piece for piece in pieces)


@pytest.mark.parametrize("protocols", [(), ("h2",), ("http/1.1",), ("h2", "http/1.1", "x" * 255)])
def test_the_protocols_are_those_that_are_offered(protocols: tuple[str, ...]) -> None:
    offered = ClientHello().feed(client_hello(*protocols))
    assert offered == [protocol.encode() for protocol in protocols]


@pytest.mark.parametrize("octets", [HELLO, in_records_of(100), in_records_of(1)], ids=["1", "few", "many"])
def test_a_message_may_come_in_any_pieces(octets: bytes) -> None:
    whole, piecemeal = ClientHello(), ClientHello()
    assert whole.feed(octets) == [b"h2", b"http/1.1"]
    for index in range(len(octets) - 1):
        assert piecemeal.feed(octets[index : index + 1]) is None
    assert piecemeal.feed(octets[-1:]) == [b"h2", b"http/1.1"]


@pytest.mark.parametrize(
    "octets", [b"GET / HTTP/1.1\r\n", b"\x15\x03\x01\0\2\2\x28", b"\x16\x03\x01\0\4\2\0\0\0"]
)
def test_what_is_not_a_client_hello_offers_nothing(octets: bytes) -> None:
    assert ClientHello().feed(octets) == []


def test_a_message_without_end_is_not_waited_for() -> None:
    hello = ClientHello()
    record = b"\x16\x03\x01\x40\0\1\xff\xff\xff" + bytes(0x4000 - 4)
    answers = [hello.feed(record) for _ in range(LONGEST // 0x4000 + 1)]
    assert answers[0] is None
    assert answers[-1] == []


@given(st.binary(max_size=300), st.integers(0, len(HELLO)))
def test_nothing_that_comes_raises(octets: bytes, kept: int) -> None:
    ClientHello().feed(HELLO[:kept] + octets)
    ClientHello().feed(b"\x16\x03\x01" + len(octets).to_bytes(2) + octets)
