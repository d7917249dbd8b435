"""Whole responses: what must not be in their fields."""

from collections.abc import Callable
from typing import Any

import pytest

from reference_server.httputil import reason_phrase
from reference_server.request import HTTPRequest
from reference_server.responses import render_head, respond

Serve = Callable[..., Any]

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"

SPLITTING = ["a\r\nSet-Cookie: b", "a\n", "\rb", "a\r\n\r\nHTTP/1.1 200 OK", "\0"]


@pytest.mark.parametrize("text", SPLITTING)
@pytest.mark.parametrize("where", ["name", "value", "type"])
def test_nothing_in_a_field_ends_its_line(where: str, text: str, serve: Serve) -> None:
    """RFC 9110, section 5.5: neither another field nor another response comes of it."""

    def callback(request: HTTPRequest) -> None:
        field = (text, "value") if where == "name" else ("Location", text if where == "value" else "/")
        respond(request, 302, content_type=text if where == "type" else "text/plain", fields=[field])

    client = serve(callback).connect()
    client.send(GET)
    assert client.response().status == 500
    assert client.read_to_end() == b""


def test_an_application_that_catches_it_may_answer(serve: Serve) -> None:
    def callback(request: HTTPRequest) -> None:
        with pytest.raises(ValueError, match="CR, LF or NUL in a field: 'X: a"):
            respond(request, 200, fields=[("X", "a\r\nb")])
        respond(request, 200, fields=[("X", "a\tb \xe9")])

    response = serve(callback).connect().ask(GET)
    assert (response.status, response.fields["x"]) == (200, "a\tb \xe9")


def test_a_head_is_what_it_is_made_of() -> None:
    first, date, server, *rest = render_head(404, [("A", "b"), ("A", "c")]).split(b"\r\n")
    assert first == f"HTTP/1.1 404 {reason_phrase(404)}".encode()
    assert (date[:6], server[:8], rest) == (b"Date: ", b"Server: ", [b"A: b", b"A: c", b"", b""])
