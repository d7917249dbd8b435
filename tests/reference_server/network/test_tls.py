"""The server over TLS."""

import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reference_server.connection import RequestCallback
from reference_server.httpserver import HTTPServer
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest
from tests.reference_server.network.tls_records import RecordClient

Serve = Callable[..., Any]

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


def answer(request: HTTPRequest, body: bytes = b"fine") -> None:
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    request.finish()


def test_tls_serves_and_ends_with_close_notify(
    serve: Serve, hello: RequestCallback, profile: Profile, certificates: Any
) -> None:
    """DOC-SRV-10, DOC-REQ-3."""
    server = serve(hello, profile=profile, ssl_options={"certfile": str(certificates.server)})
    client = server.connect(certificates.client_context())
    client.send(GET * 20)
    assert [client.response().status for _ in range(20)] == [200] * 20
    client.send(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert client.read_to_end().startswith(b"HTTP/1.1 200 ")


def test_a_large_body_and_response_over_tls(serve: Serve, certificates: Any) -> None:
    """DOC-IO-3."""
    server = serve(lambda r: answer(r, r.body), ssl_options={"certfile": str(certificates.server)})
    client = server.connect(certificates.client_context())
    body = bytes(range(256)) * 8000
    client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    assert client.response().body == body


def test_a_stalled_handshake_delays_nobody_and_ends(
    serve: Serve, hello: RequestCallback, certificates: Any
) -> None:
    """DOC-IO-3, DOC-SRV-10."""
    server = serve(hello, ssl_options={"certfile": str(certificates.server)})
    stalled, gone = server.connect(), server.connect()
    stalled.send(b"\x16\x03\x01")
    gone.socket.close()
    client = server.connect(certificates.client_context())
    assert client.ask(GET).status == 200
    server.sweep(time.monotonic() + 10_000)
    assert stalled.read_to_end() == b""


def test_plain_http_on_a_tls_port_gets_no_answer(
    serve: Serve, hello: RequestCallback, certificates: Any
) -> None:
    """DOC-SRV-10."""
    server = serve(hello, ssl_options={"certfile": str(certificates.server)})
    client = server.connect()
    client.send(GET)
    client.half_close()
    assert not client.read_to_end().startswith(b"HTTP")
    assert server.connect(certificates.client_context()).ask(GET).status == 200


def test_client_certificates(serve: Serve, certificates: Any) -> None:
    """DOC-REQ-8, DOC-SRV-10."""

    def callback(request: HTTPRequest) -> None:
        certificate = request.get_ssl_certificate() or {}
        answer(request, repr(certificate.get("subjectAltName")).encode())

    options = {"certfile": str(certificates.server), "cert_reqs": ssl.CERT_REQUIRED}
    server = serve(callback, ssl_options=options | {"ca_certs": str(certificates.authority)})
    known = server.connect(certificates.client_context(certificates.client))
    assert b"ann@example.org" in known.ask(GET).body
    for certificate in (None, certificates.foreign_client):
        with pytest.raises(ssl.SSLError):
            server.connect(certificates.client_context(certificate)).ask(GET)
    assert b"ann@example.org" in known.ask(GET).body


def test_there_is_no_certificate_where_none_was_asked_for(serve: Serve, certificates: Any) -> None:
    """DOC-REQ-8."""
    callback = lambda request: answer(request, repr(request.get_ssl_certificate()).encode())  # noqa: E731
    plain = serve(callback).connect()
    secure = serve(callback, ssl_options={"certfile": str(certificates.server)})
    assert plain.ask(GET).body == b"None"
    assert secure.connect(certificates.client_context()).ask(GET).body == b"None"


def test_a_bad_certificate_is_an_error_at_once(hello: RequestCallback, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        HTTPServer(hello, ssl_options={"certfile": str(tmp_path / "none.pem")})


# Peers that do not mean well


def phases(server: Any) -> list[str]:
    found: list[str] = server.in_loop(lambda: [each.phase.name for each in server.server._connections])
    return found


@pytest.mark.parametrize("received", [b"\0" * 100, b"GET / HTTP/1.1\r\n\r\n"], ids=["zeros", "plain"])
def test_a_handshake_that_fails_ends_the_connection(
    received: bytes, serve: Serve, hello: RequestCallback, certificates: Any
) -> None:
    """DOC-IO-3: its peer has the time that each has to end its side, and no more."""
    server = serve(hello, ssl_options={"certfile": str(certificates.server)})
    client = server.connect()
    client.send(received)
    client.read_to_end()
    assert phases(server) == ["END"]
    server.sweep(time.monotonic() + Limits().linger_seconds + 1)
    server.in_loop(lambda: None)
    assert phases(server) == []


def test_what_comes_after_a_failure_is_bounded(
    serve: Serve, hello: RequestCallback, certificates: Any
) -> None:
    options = {"certfile": str(certificates.server)}
    client = serve(hello, ssl_options=options, profile=HTTP11(Limits(linger_octets=1000))).connect()
    with pytest.raises(OSError, match=r"reset|[Bb]roken"):
        client.send(b"\0" * 100_000_000)


class Held:
    """An application that keeps its requests."""

    def __init__(self) -> None:
        self.requests: list[HTTPRequest] = []
        self.arrived = threading.Event()

    def __call__(self, request: HTTPRequest) -> None:
        self.requests.append(request)
        self.arrived.set()


def shaken_hands(server: Any, certificates: Any, tmp_path: Path) -> tuple[Any, RecordClient]:
    """Return a connection, and the one that makes its records."""
    client, records = server.connect(), RecordClient(certificates.authority, tmp_path)
    client.send(records.shake_hands(b""))
    while not records.established:
        client.send(records.shake_hands(client.socket.recv(65536)))
    return client, records


def test_a_failure_while_an_answer_is_awaited_disturbs_nobody(
    serve: Serve, certificates: Any, tmp_path: Path
) -> None:
    """DOC-CONN-7: the answer is dropped."""
    application = Held()
    server = serve(application, ssl_options={"certfile": str(certificates.server)})
    client, records = shaken_hands(server, certificates, tmp_path)
    client.send(records.data(GET))
    assert application.arrived.wait(10)
    client.send(b"\x17\x03\x03\x00\x20" + bytes(32))
    while phases(server):
        pass
    server.in_loop(lambda: answer(application.requests[0]))


def test_keys_may_be_renewed(serve: Serve, hello: RequestCallback, certificates: Any, tmp_path: Path) -> None:
    """RFC 8446, section 4.6.3."""
    server = serve(hello, ssl_options={"certfile": str(certificates.server)})
    client, records = shaken_hands(server, certificates, tmp_path)
    client.send(records.key_update() + records.data(GET))
    while server.in_loop(lambda: [each._served for each in server.server._connections]) != [1]:
        pass


def test_keys_renewed_without_end_are_not_waited_for(
    serve: Serve, hello: RequestCallback, certificates: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    server = serve(hello, ssl_options={"certfile": str(certificates.server)})
    client, records = shaken_hands(server, certificates, tmp_path)
    client.send(b"".join(records.key_update() for _ in range(3000)))
    while phases(server) != ["END"]:
        pass
    assert "TLS failure: too many records without content" in caplog.text
    assert server.connect(certificates.client_context()).ask(GET).status == 200


@pytest.mark.parametrize("pieces", [1, 1000])
def test_a_client_that_speaks_only_another_protocol_is_told_so(
    pieces: int, serve: Serve, hello: RequestCallback, certificates: Any
) -> None:
    """RFC 7301, section 3.2: by an alert, however its ClientHello is cut."""
    server = serve(hello, ssl_options={"certfile": str(certificates.server)})
    context = certificates.client_context()
    context.set_alpn_protocols(["h2", "wirecheck/1"])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    first = outgoing.read()
    size = max(1, len(first) // pieces)
    client = server.connect()
    for start in range(0, len(first), size):
        client.send(first[start : start + size])
    incoming.write(client.read_to_end())
    with pytest.raises(ssl.SSLError, match=r"(?i)alert.no.application.protocol"):
        session.do_handshake()


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [(["h2", "http/1.1"], "http/1.1"), (["http/1.0", "http/1.1"], "http/1.1"), (["http/1.0"], "http/1.0")],
)
def test_what_is_spoken_is_agreed_on(
    offered: list[str], agreed: str, serve: Serve, hello: RequestCallback, certificates: Any
) -> None:
    """RFC 7301, section 3.2."""
    server = serve(hello, ssl_options={"certfile": str(certificates.server)})
    context = certificates.client_context()
    context.set_alpn_protocols(offered)
    client = server.connect(context)
    assert client.socket.selected_alpn_protocol() == agreed
    assert client.ask(GET).status == 200
