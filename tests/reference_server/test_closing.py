"""How connections end, and what is still said then."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from reference_server.connection import RequestCallback
from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest

Serve = Callable[..., Any]

GET = b"GET /%b HTTP/1.1\r\nHost: h\r\n\r\n"
CLOSE = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def answer(request: HTTPRequest, body: bytes) -> None:
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    request.finish()


def echo_body(request: HTTPRequest) -> None:
    answer(request, request.body)


def test_a_request_that_says_close_is_the_last(
    serve: Serve, hello: RequestCallback, profile: Profile
) -> None:
    """DOC-KA-2."""
    client = serve(hello, profile=profile).connect()
    client.send(CLOSE + GET % b"next")
    assert client.response().body == b"You requested /\n"
    assert client.read_to_end() == b""


def test_no_keep_alive_closes_after_every_response(
    serve: Serve, hello: RequestCallback, profile: Profile
) -> None:
    """DOC-KA-1."""
    client = serve(hello, profile=profile, no_keep_alive=True).connect()
    client.send(GET % b"")
    assert client.response().status == 200
    assert client.read_to_end() == b""


def test_an_application_may_end_the_connection(serve: Serve) -> None:
    def callback(request: HTTPRequest) -> None:
        request.persistent = False
        request.write(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")
        request.finish()

    client = serve(callback).connect()
    client.send(GET % b"")
    assert client.read_to_end().endswith(b"\r\n\r\nuntil the end")


def test_a_half_closed_client_gets_all_its_responses(
    serve: Serve, hello: RequestCallback, profile: Profile
) -> None:
    """DOC-KA-6."""
    client = serve(hello, profile=profile).connect()
    client.send(GET % b"one" + GET % b"two")
    client.half_close()
    assert client.read_to_end().count(b"You requested") == 2


def test_a_client_that_half_closes_while_a_handler_is_pending_gets_its_response(serve: Serve) -> None:
    """DOC-KA-6."""
    waiting: list[HTTPRequest] = []
    arrived = threading.Event()

    def callback(request: HTTPRequest) -> None:
        waiting.append(request)
        arrived.set()

    server = serve(callback)
    client = server.connect()
    client.send(GET % b"")
    assert arrived.wait(10)
    client.half_close()
    server.in_loop(lambda: None)
    server.in_loop(lambda: answer(waiting[0], b"late"))
    assert client.read_to_end().endswith(b"late")


@pytest.mark.parametrize("data", [b"GET / HT", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab"])
def test_a_request_that_is_cut_off_is_never_served(
    data: bytes, serve: Serve, hello: RequestCallback, profile: Profile
) -> None:
    """DOC-CONN-1, DOC-LEN-1."""
    client = serve(hello, profile=profile).connect()
    client.send(data)
    client.half_close()
    received = client.read_to_end()
    assert received[:13] == (b"" if profile.name == "documented" else b"HTTP/1.1 400 ")


def test_a_client_that_sends_nothing_gets_nothing(
    serve: Serve, hello: RequestCallback, profile: Profile
) -> None:
    client = serve(hello, profile=profile).connect()
    client.half_close()
    assert client.read_to_end() == b""


def test_a_malformed_request_is_dropped_without_an_answer(
    serve: Serve, hello: RequestCallback, caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-LINE-3: the documented profile."""
    caplog.set_level("INFO")
    client = serve(hello, profile=Documented()).connect()
    client.send(b"GET /\r\n\r\n" + GET % b"next")
    assert client.read_to_end() == b""
    assert "Malformed HTTP request from 127.0.0.1: " in caplog.text


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_a_malformed_request_gets_a_complete_error(
    method: bytes, serve: Serve, hello: RequestCallback
) -> None:
    """DOC-LINE-3: the http11 profile."""
    client = serve(hello).connect()
    client.send(method + b" / HTTP/2.0\r\nHost: h\r\n\r\n" + GET % b"next")
    response = client.response(to_head=method == b"HEAD")
    assert response.status_line == "HTTP/1.1 505 HTTP Version Not Supported"
    assert response.fields["connection"] == "close"
    assert response.fields["content-type"].startswith("text/plain")
    assert response.fields["server"] == "wirecheck-reference"
    assert "GMT" in response.fields["date"]
    assert (b"HTTP/1.1" in response.body) is (method == b"GET")
    assert client.read_to_end() == b""


def test_an_error_survives_what_the_client_still_sends(serve: Serve, hello: RequestCallback) -> None:
    """RFC 9112, section 9.6: a reset would destroy it."""
    client = serve(hello).connect()
    client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n")
    client.send(b"x" * 3_000_000)
    assert client.response().status == 400
    client.half_close()
    assert client.read_to_end() == b""


def test_throwing_away_has_an_end(serve: Serve, hello: RequestCallback) -> None:
    client = serve(hello, profile=HTTP11(Limits(linger_octets=1000))).connect()
    with pytest.raises(OSError, match=r"reset|[Bb]roken"):
        client.send(b"\x00" * 100_000_000)
