"""The server over TLS."""

import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reference_server.connection import RequestCallback
from reference_server.httpserver import HTTPServer
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest

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
