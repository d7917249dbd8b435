"""Bodies that have not arrived: interim responses, and answers that do not wait."""

from collections.abc import Callable
from typing import Any

import pytest

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


EXPECT = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"


@pytest.mark.parametrize(
    ("profile", "interim"),
    [(HTTP11(), b"HTTP/1.1 100 Continue\r\n\r\n"), (Documented(), b"HTTP/1.1 100 (Continue)\r\n\r\n")],
    ids=["http11", "documented"],
)
def test_an_expected_interim_response_comes_before_the_body(
    profile: Profile, interim: bytes, serve: Serve
) -> None:
    """DOC-LEN-6."""
    client = serve(echo_body, profile=profile).connect()
    client.send(EXPECT)
    assert client.read_octets(len(interim)) == interim
    assert client.ask(b"abc").body == b"abc"


def test_an_interim_response_is_left_out_when_the_body_is_there(serve: Serve) -> None:
    """DOC-LEN-6: the http11 profile."""
    client = serve(echo_body).connect()
    assert client.ask(EXPECT + b"abc").status == 200
    chunked = EXPECT.replace(b"Content-Length: 3", b"Transfer-Encoding: chunked")
    client.send(chunked)
    assert client.response().status == 100
    assert client.ask(b"1\r\na\r\n0\r\n\r\n").body == b"a"
    assert client.ask(chunked + b"1\r\na\r\n0\r\n\r\n").body == b"a"
    assert client.ask(EXPECT.replace(b"3", b"0")).status == 200


def test_the_documented_interim_response_comes_always(serve: Serve) -> None:
    """DOC-LEN-6: the documented profile."""
    client = serve(echo_body, profile=Documented()).connect()
    for request in (EXPECT + b"abc", EXPECT.replace(b": 3", b": 0")):
        client.send(request)
        assert client.response().status == 100
        assert client.response().status == 200


class Early:
    """An application that wants no bodies."""

    def __call__(self, request: HTTPRequest) -> None:
        answer(request, b"early" if request.persistent else b"last")

    def answers_early(self, request: HTTPRequest) -> bool:
        return request.path == "/early"


POST_EARLY = b"POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n"


def test_an_early_answer_does_not_wait_for_the_body(serve: Serve) -> None:
    client = serve(Early()).connect()
    body = GET % b"not/a/request"
    assert client.ask(POST_EARLY % len(body)).body == b"early"
    assert client.ask(body + GET % b"next").body == b"early"
    client.send(CLOSE)
    assert client.response().body == b"last"
    assert client.read_to_end() == b""


def test_an_early_answer_to_a_chunked_body(serve: Serve) -> None:
    client = serve(Early()).connect()
    head = b"POST /early HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert client.ask(head).body == b"early"
    assert client.ask(b"5\r\nabcde\r\n0\r\n\r\n" + GET % b"next").body == b"early"


def test_a_long_body_that_is_not_read_ends_the_connection(serve: Serve) -> None:
    client = serve(Early()).connect()
    assert client.ask(POST_EARLY % 2_000_000).body == b"last"
    assert client.read_to_end() == b""


def test_a_chunked_body_that_is_not_read_ends_the_connection_when_it_is_long(serve: Serve) -> None:
    client = serve(Early(), profile=HTTP11(Limits(discarded_body=10))).connect()
    head = b"POST /early HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert client.ask(head).body == b"early"
    client.send(b"9\r\n123456789\r\n2\r\n")
    assert client.read_to_end() == b""


def test_an_early_answer_to_an_expectation_ends_the_connection(serve: Serve) -> None:
    """DOC-LEN-6: no interim response; whether the body comes cannot be known."""
    client = serve(Early()).connect()
    request = (POST_EARLY % 3).replace(b"Host", b"Expect: 100-continue\r\nHost")
    assert client.ask(request).body == b"last"
    assert client.read_to_end() == b""
