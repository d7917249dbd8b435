"""TLS over memory, with a server side that is in memory, too."""

import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from clients.certificates import Certificates
from clients.steps import Handshake, Identity, ServerName
from clients.tls import Security, State, TLSStream, make_security


class MemoryServer:
    """The server's side of a TLS connection over memory."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def shake_hands(self, raw: bytes) -> bytes:
        """Go on with the handshake; return what is to be sent."""
        self._incoming.write(raw)
        with suppress(ssl.SSLError):  # it needs more, or an alert is on its way
            self.tls.do_handshake()
        return self._outgoing.read()

    def send(self, *pieces: bytes) -> bytes:
        """Encrypt each piece as a record of its own."""
        for piece in pieces:
            self.tls.write(piece)
        return self._outgoing.read()

    def receive(self, raw: bytes) -> bytes:
        self._incoming.write(raw)
        return self.tls.read()

    def close_notify(self) -> bytes:
        with pytest.raises(ssl.SSLWantReadError):
            self.tls.unwrap()
        return self._outgoing.read()


def shake_hands(stream: TLSStream, server: MemoryServer) -> None:
    """Carry bytes to and fro until neither side has more to send."""
    while raw := stream.outgoing():
        stream.feed(server.shake_hands(raw))


@pytest.fixture
def server(server_context: ssl.SSLContext) -> MemoryServer:
    return MemoryServer(server_context)


@pytest.fixture
def stream(security: Security) -> TLSStream:
    return TLSStream(security, Handshake())


@pytest.fixture
def opened(stream: TLSStream, server: MemoryServer) -> TLSStream:
    shake_hands(stream, server)
    return stream


def test_a_stream_begins_with_a_handshake(stream: TLSStream) -> None:
    assert stream.state is State.HANDSHAKE
    assert stream.outgoing()[:1] == b"\x16"
    assert stream.outgoing() == b""


def test_a_stream_without_a_session_has_a_description(stream: TLSStream) -> None:
    assert stream.description.endswith("no cipher")


def test_a_handshake_opens_the_stream(opened: TLSStream) -> None:
    assert (opened.state, opened.failure, opened.alerted) == (State.OPEN, "", False)
    assert opened.description.startswith("TLSv1.3, TLS_")


def test_a_handshake_in_single_bytes_opens_the_stream(stream: TLSStream, server: MemoryServer) -> None:
    flight = server.shake_hands(stream.outgoing())
    for position in range(len(flight)):
        assert stream.state is State.HANDSHAKE
        stream.feed(flight[position : position + 1])
    assert stream.state is State.OPEN


def test_the_server_receives_what_is_sent(opened: TLSStream, server: MemoryServer) -> None:
    assert opened.send(b"a request")
    assert server.receive(opened.outgoing()) == b"a request"


def test_several_records_are_read_at_once(opened: TLSStream, server: MemoryServer) -> None:
    assert opened.feed(server.send(b"one ", b"two ", b"three")) == b"one two three"


def test_records_of_one_byte_that_come_byte_by_byte_are_read(opened: TLSStream, server: MemoryServer) -> None:
    raw = server.send(*(bytes([byte]) for byte in b"answer"))
    assert b"".join(opened.feed(bytes([byte])) for byte in raw) == b"answer"


def test_the_largest_records_are_read(opened: TLSStream, server: MemoryServer) -> None:
    large = b"a" * 100_000
    assert opened.feed(server.send(large)) == large


def test_a_close_notify_closes_the_stream_after_the_data_before_it(
    opened: TLSStream, server: MemoryServer
) -> None:
    assert opened.feed(server.send(b"last words") + server.close_notify()) == b"last words"
    assert (opened.state, opened.failure) == (State.CLOSED, "")


def test_nothing_is_read_after_a_close_notify(opened: TLSStream, server: MemoryServer) -> None:
    opened.feed(server.close_notify())
    assert opened.feed(b"noise") == b""
    assert opened.state is State.CLOSED


def test_our_close_notify_reaches_the_server(opened: TLSStream, server: MemoryServer) -> None:
    opened.send_close_notify()
    assert server.receive(opened.outgoing()) == b""


def test_after_our_close_notify_reading_goes_on(opened: TLSStream, server: MemoryServer) -> None:
    opened.send_close_notify()
    assert opened.feed(server.send(b"last words")) == b"last words"
    assert opened.feed(server.close_notify()) == b""
    assert opened.state is State.CLOSED


def test_after_our_close_notify_nothing_is_sent_and_nothing_fails(
    opened: TLSStream, server: MemoryServer
) -> None:
    opened.send_close_notify()
    opened.outgoing()
    assert not opened.send(b"more")
    assert (opened.outgoing(), opened.state) == (b"", State.OPEN)
    assert opened.feed(server.send(b"last words")) == b"last words"


@pytest.mark.parametrize(
    "noise",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 64, b"\x16\x03\x01\x00\x05hello"],
    ids=["cleartext", "zeros", "not-a-handshake"],
)
def test_garbage_in_the_handshake_fails_and_is_not_an_alert(stream: TLSStream, noise: bytes) -> None:
    assert stream.feed(noise) == b""
    assert (stream.state, stream.alerted) == (State.FAILED, False)
    assert stream.failure


def test_garbage_in_an_open_stream_fails_after_the_data_before_it(
    opened: TLSStream, server: MemoryServer
) -> None:
    raw = server.send(b"good")
    assert opened.feed(raw + b"\x17\x03\x03\x00\x20" + b"\x00" * 32) == b"good"
    assert (opened.state, opened.alerted) == (State.FAILED, False)


def test_nothing_is_read_from_a_stream_that_failed(stream: TLSStream) -> None:
    stream.feed(b"\x00" * 64)
    failure = stream.failure
    assert stream.feed(b"more") == b""
    assert (stream.state, stream.failure) == (State.FAILED, failure)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (40, "sslv3 alert handshake failure"),
        (48, "tlsv1 alert unknown ca"),
        (70, "tlsv1 alert protocol version"),
        (80, "tlsv1 alert internal error"),
        (112, "tlsv1 unrecognized name"),
        (116, "tlsv13 alert certificate required"),
        (120, "tlsv1 alert no application protocol"),  # Python 3.11 has no name for it
    ],
)
def test_a_fatal_alert_is_reported_by_its_name(stream: TLSStream, number: int, name: str) -> None:
    stream.feed(b"\x15\x03\x03\x00\x02\x02" + bytes([number]))
    assert (stream.state, stream.alerted, stream.failure) == (State.FAILED, True, name)


def test_an_alert_that_makes_no_sense_is_not_an_alert(stream: TLSStream) -> None:
    stream.feed(b"\x15\x03\x03\x00\x02\x07\x28")
    assert (stream.state, stream.alerted) == (State.FAILED, False)


def test_a_certificate_that_cannot_be_verified_fails_the_handshake(
    certificates: Certificates, server: MemoryServer
) -> None:
    another_authority = certificates.untrusted_client
    stream = TLSStream(make_security("localhost", authority=another_authority), Handshake())
    shake_hands(stream, server)
    assert (stream.state, stream.alerted) == (State.FAILED, False)
    assert stream.failure == "unable to get local issuer certificate"


def test_a_certificate_for_another_name_fails_the_handshake(
    certificates: Certificates, server: MemoryServer
) -> None:
    security = make_security("other.example", authority=certificates.authority)
    stream = TLSStream(security, Handshake(Identity.ANONYMOUS))
    shake_hands(stream, server)
    assert stream.state is State.FAILED
    assert "other.example" in stream.failure


def test_an_insecure_client_verifies_nothing(server: MemoryServer) -> None:
    stream = TLSStream(make_security("other.example", insecure=True), Handshake())
    shake_hands(stream, server)
    assert stream.state is State.OPEN


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_the_certificate_is_valid_for_all_names_of_the_server(
    certificates: Certificates, server: MemoryServer, host: str
) -> None:
    stream = TLSStream(make_security(host, authority=certificates.authority), Handshake())
    shake_hands(stream, server)
    assert stream.state is State.OPEN


@pytest.mark.parametrize(
    ("handshake", "sent"),
    [
        pytest.param(Handshake(), "localhost", id="usual"),
        pytest.param(Handshake(name=ServerName.ABSENT), None, id="absent"),
        pytest.param(Handshake(name=ServerName.UNKNOWN), "unknown.example", id="unknown"),
    ],
)
def test_a_handshake_sends_the_chosen_server_name(
    certificates: Certificates, security: Security, handshake: Handshake, sent: str | None
) -> None:
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    stream = TLSStream(security, handshake)
    shake_hands(stream, MemoryServer(context))
    assert (names, stream.state) == ([sent], State.OPEN)


def test_protocols_are_offered_and_the_chosen_one_is_described(
    certificates: Certificates, security: Security
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    context.set_alpn_protocols(["h2", "http/1.1"])
    stream = TLSStream(security, Handshake(protocols=("wirecheck/1", "http/1.1")))
    shake_hands(stream, MemoryServer(context))
    assert stream.description.endswith(", http/1.1")


# Preparing TLS


def test_an_identity_without_its_file_has_no_context(certificates: Certificates) -> None:
    security = make_security("localhost", authority=certificates.authority, client=certificates.client)
    assert set(security.contexts) == {Identity.USUAL, Identity.ANONYMOUS}


def test_each_identity_with_its_file_has_a_context(security: Security) -> None:
    assert set(security.contexts) == set(Identity)


@pytest.mark.parametrize("option", ["authority", "client", "untrusted_client"])
@pytest.mark.parametrize("content", [None, b"", b"no certificate"], ids=["missing", "empty", "garbage"])
def test_a_file_that_cannot_be_used_is_an_os_error(
    tmp_path: Path, option: str, content: bytes | None
) -> None:
    file = tmp_path / "file.pem"
    if content is not None:
        file.write_bytes(content)
    files: dict[str, Any] = {option: file}
    with pytest.raises(OSError):  # noqa: PT011  (the words are the system's or OpenSSL's)
        make_security("localhost", **files)


def test_a_printed_security_shows_no_keys(security: Security) -> None:
    assert repr(security) == "Security(server_name='localhost')"
