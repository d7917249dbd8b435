"""The well-behaved client: what it gets, and the ways in which a server is impolite."""

import ssl
from collections.abc import Callable

import pytest

from clients.endpoint import Endpoint
from clients.polite import Answer, Impolite, request
from clients.tls import Security

Serve = Callable[..., Endpoint]
Heard = Callable[[], list[bytes]]

FIELDS = ((b"Host", b"a"),)


def get(endpoint: Endpoint, *, timeout: float = 10) -> Answer:
    return request(endpoint, b"GET", b"/path", FIELDS, timeout=timeout)


def test_a_request_is_sent_as_it_is_given(serve: Serve, heard: Heard) -> None:
    endpoint = serve(
        (len(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"), b"HTTP/1.1 204 \r\n\r\n")
    )
    request(endpoint, b"POST", b"/", (*FIELDS, (b"Content-Length", b"2")), b"hi")
    assert heard() == [b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        pytest.param(
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A:  b \r\n\r\nhi",),
            Answer(200, ((b"content-length", b"2"), (b"x-a", b"b")), b"hi"),
            id="length",
        ),
        pytest.param(
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
                b"1\r\n!\r\n0\r\nT: x\r\n\r\n",
            ),
            Answer(200, ((b"transfer-encoding", b"chunked"),), b"hi!"),
            id="chunked",
        ),
        pytest.param((b"HTTP/1.1 200 OK\r\n\r\nto the end",), Answer(200, (), b"to the end"), id="close"),
        pytest.param(
            (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",),
            Answer(404, ((b"content-length", b"0"),), b""),
            id="interim-before-it",
        ),
        pytest.param(
            ([bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"],),
            Answer(200, ((b"content-length", b"2"),), b"hi"),
            id="byte-by-byte",
        ),
    ],
)
def test_an_answer_is_read_whole(serve: Serve, said: tuple[bytes, ...], answer: Answer) -> None:
    assert get(serve(("request", *said))) == answer


def test_an_answer_that_is_whole_needs_no_close(serve: Serve) -> None:
    answer = get(serve(("request", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "end")))
    assert answer.status == 200


def test_an_answer_is_read_over_tls(
    serve: Serve, heard: Heard, server_context: ssl.SSLContext, security: Security
) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    answer = get(serve(("request", said, "end"), context=server_context, security=security))
    assert (answer.status, answer.content) == (200, b"hi")
    assert heard() == [b"GET /path HTTP/1.1\r\nHost: a\r\n\r\n"]


def test_the_usual_identity_is_shown_over_tls(
    serve: Serve, demanding_context: ssl.SSLContext, security: Security
) -> None:
    said = b"HTTP/1.1 204 No Content\r\n\r\n"
    endpoint = serve(("request", said, "end"), context=demanding_context, security=security)
    assert get(endpoint).status == 204


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param((), "the server closed the connection without an answer", id="no-answer"),
        pytest.param(
            (b"HTTP/1.1 20",), "the server closed the connection without an answer", id="half-a-head"
        ),
        pytest.param(
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",),
            "peer closed connection without sending complete message body",
            id="half-a-body",
        ),
        pytest.param((b"noise\r\n\r\n",), "illegal status line", id="noise"),
        pytest.param(
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnoise\r\n",),
            "illegal chunk header",
            id="noise-for-a-chunk",
        ),
        pytest.param(("reset",), "Connection reset by peer", id="reset"),
    ],
)
def test_a_server_without_a_proper_answer_is_impolite(
    serve: Serve, script: tuple[bytes | str, ...], message: str
) -> None:
    with pytest.raises(Impolite, match=message):
        get(serve(("request", *script)))


def test_a_server_that_keeps_silent_is_impolite(serve: Serve) -> None:
    with pytest.raises(Impolite, match="timed out"):
        get(serve(("request", "end")), timeout=0.2)


def test_a_server_that_is_not_there_is_impolite(nobody: Endpoint) -> None:
    with pytest.raises(Impolite, match="Connection refused"):
        get(nobody)


def test_a_server_that_does_not_speak_tls_is_impolite(serve: Serve, security: Security) -> None:
    endpoint = serve((b"HTTP/1.1 400 Bad Request\r\n\r\n", "end"), security=security)
    with pytest.raises(Impolite, match="WRONG_VERSION_NUMBER"):
        get(endpoint)


def test_a_server_that_goes_on_in_another_protocol_is_impolite(serve: Serve) -> None:
    endpoint = serve(("request", b"HTTP/1.1 200 OK\r\n\r\n", "end"))
    with pytest.raises(Impolite, match="another protocol"):
        request(endpoint, b"CONNECT", b"a:1", FIELDS)
