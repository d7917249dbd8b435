"""The witness on the documented server: what it keeps of a body, and what is left on the connection."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from reference_server.witness import core
from reference_server.witness.callback import Witness

Serve = Callable[..., Any]

HEAD = b"POST /witness/%b HTTP/1.1\r\nHost: h\r\n%b\r\n\r\n"


def test_a_body_larger_than_is_kept_is_refused_with_413(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "LARGEST_BODY", 10)
    client = serve(Witness()).connect()
    client.send(HEAD % (b"echo", b"Content-Length: 11") + b"hello world")
    assert client.response().status == 413
    client.send(HEAD % (b"echo", b"Content-Length: 10") + b"hello worl")
    assert json.loads(client.response().body)["body"]["length"] == 10


def test_a_response_to_a_request_with_broken_chunks_announces_the_close(serve: Serve) -> None:
    client = serve(Witness()).connect()
    client.send(
        HEAD % (b"ignore", b"Transfer-Encoding: chunked")
        + b"5\r\nhelloXX0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"
    )
    response = client.response()
    assert (response.status, response.fields["connection"]) == (200, "close")
    assert client.read_to_end() == b""


@pytest.mark.parametrize("chunks", [b"5\r\nhello\r\n0\r\n\r\n", b"0\r\nX-T: 1\r\n\r\n"])
def test_whole_chunks_that_nobody_reads_leave_the_connection_open(serve: Serve, chunks: bytes) -> None:
    client = serve(Witness()).connect()
    client.send(HEAD % (b"ignore", b"Transfer-Encoding: chunked") + chunks)
    assert client.response().status == 200
    client.send(b"GET /witness/echo?n=1 HTTP/1.1\r\nHost: h\r\n\r\n")
    assert json.loads(client.response().body)["target"] == "/witness/echo?n=1"


def test_nothing_that_follows_a_refused_connect_is_a_request(serve: Serve) -> None:
    client = serve(Witness()).connect()
    client.send(
        b"CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"
    )
    response = client.response()
    assert (response.status, response.fields["connection"]) == (501, "close")
    assert client.read_to_end() == b""
