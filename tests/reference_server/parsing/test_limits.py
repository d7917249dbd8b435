"""Limits and deadlines: at each of them a request is served; what goes beyond has its status."""

import dataclasses
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.request import HTTPRequest

Serve = Callable[..., Any]

GET = b"GET / HTTP/1.1\r\nHost: h\r\n%b\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%b"
FORM = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b"


def length(size: int) -> bytes:
    return b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%b" % (size, b"x" * size)


def parts(count: int) -> bytes:
    body = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * count + b"--B--\r\n"
    return FORM % (b"multipart/form-data; boundary=B", len(body), body)


def urlencoded(body: bytes) -> bytes:
    return FORM % (b"application/x-www-form-urlencoded", len(body), body)


class Size(NamedTuple):
    """A limit and its value, a request within it, one beyond, and the status of that."""

    name: str
    limit: int
    within: bytes
    beyond: bytes
    status: int


SIZES = [
    Size("method", 4, b"FOUR / HTTP/1.1\r\nHost: h\r\n\r\n", b"FIVES / HTTP/1.1\r\nHost: h\r\n\r\n", 501),
    Size(
        "request_target",
        4,
        b"GET /abc HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /abcd HTTP/1.1\r\nHost: h\r\n\r\n",
        414,
    ),
    Size("field_line", 10, GET % b"A: bcdefgh\r\n", GET % b"A: bcdefghi\r\n", 431),
    Size("head", 39, GET % b"A: bcdefgh\r\n", GET % b"A: bcdefghi\r\n", 431),
    Size("fields", 2, GET % b"A: b\r\n", GET % b"A: b\r\nC: d\r\n", 431),
    Size(
        "fields",
        2,
        CHUNKED % b"0\r\nA: b\r\nC: d\r\n\r\n",
        CHUNKED % b"0\r\nA: b\r\nC: d\r\nE: f\r\n\r\n",
        431,
    ),
    Size("blank_lines", 1, b"\r\n" + GET % b"", b"\r\n\r\n" + GET % b"", 400),
    Size("body", 3, length(3), length(4), 413),
    Size("body", 3, CHUNKED % b"3\r\nabc\r\n0\r\n\r\n", CHUNKED % b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", 413),
    Size("body", 3, CHUNKED % b"3\r\nabc\r\n0\r\n\r\n", CHUNKED % b"fffffffffffffff\r\n", 413),
    Size("chunk_extensions", 4, CHUNKED % b"0;a=b\r\n\r\n", CHUNKED % b"0;a=bc\r\n\r\n", 413),
    Size(
        "chunk_extensions",
        4,
        CHUNKED % b"1;a\r\nx\r\n0;b\r\n\r\n",
        CHUNKED % b"1;a\r\nx\r\n0;bc\r\n\r\n",
        413,
    ),
    Size(
        "chunk_extensions", 4, CHUNKED % (b"0" * 20 + b"\r\n\r\n"), CHUNKED % (b"0" * 21 + b"\r\n\r\n"), 413
    ),
    Size("trailers", 8, CHUNKED % b"0\r\nA: bcdef\r\n\r\n", CHUNKED % b"0\r\nA: bcdefg\r\n\r\n", 431),
    Size("form_fields", 2, urlencoded(b"a=1&b=2"), urlencoded(b"a=1&b=2&c=3"), 413),
    Size(
        "form_fields",
        2,
        b"GET /?a=1&b=2 HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /?a=1&b=2&c=3 HTTP/1.1\r\nHost: h\r\n\r\n",
        413,
    ),
    Size("form_fields", 2, parts(2), parts(3), 413),
    Size("form_names", 3, urlencoded(b"a=1&b%41=2&a=3"), urlencoded(b"a=1&b%41c=2"), 413),
    Size("form_names", 22, parts(1), parts(2), 413),
]


def read_all(request: HTTPRequest) -> None:
    body = repr(request.arguments).encode()
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    request.finish()


@pytest.mark.parametrize("size", SIZES)
def test_a_size_is_served_up_to_its_limit(size: Size, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(read_all, profile=HTTP11(Limits(**{size.name: size.limit})))
    client = server.connect()
    assert [client.ask(size.within).status for _ in range(2)] == [200, 200]
    refused = client.ask(size.beyond)
    assert refused.status == size.status
    assert refused.fields["connection"] == "close"
    client.half_close()
    assert client.read_to_end() == b""
    assert "Traceback" not in caplog.text


def test_a_part_with_a_long_head_is_skipped(serve: Serve) -> None:
    """DOC-MP-6."""
    head = b'Content-Disposition: form-data; name="a"\r\n\r\n'
    client = serve(read_all, profile=HTTP11(Limits(part_head=len(head)))).connect()
    body = b"--B\r\n%b1\r\n--B\r\n%b1\r\n--B--\r\n" % (head, head.replace(b'"a', b'"ab'))
    assert client.ask(FORM % (b"multipart/form-data; boundary=B", len(body), body)).body == b"{'a': [b'1']}"


def test_a_longer_body_than_the_usual_buffer_of_a_stream_can_be_allowed(serve: Serve) -> None:
    """DOC-LEN-2."""
    limits = Limits(body=1_000_000_000)
    server = serve(read_all, profile=HTTP11(limits))
    client = server.connect()
    client.send(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 200000000\r\n\r\n")
    assert client.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")


def test_connections_beyond_the_limit_are_told_so_and_the_rest_is_closed(serve: Serve) -> None:
    """Those that are turned away are held for a moment too, and so they are counted."""
    server = serve(read_all, profile=HTTP11(Limits(connections=2)))
    first = [server.connect() for _ in range(2)]
    assert [client.ask(GET % b"").status for client in first] == [200, 200]
    turned_away = [server.connect() for _ in range(100)]
    assert {client.response().status for client in turned_away} == {503}
    assert [server.connect().read_to_end() for _ in range(3)] == [b""] * 3
    assert [client.ask(GET % b"").status for client in first] == [200, 200]
    for client in turned_away:
        client.socket.close()
    first.pop().socket.close()
    wait_for(lambda: server.in_loop(lambda: len(server.server._connections)) == 1)
    assert server.connect().ask(GET % b"").status == 200


INCOMPLETE = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"

DEADLINES: list[tuple[str, bytes, str, bytes]] = [
    ("header_seconds", b"", "HEAD", b""),
    ("header_seconds", b"GET / HT", "HEAD", b"HTTP/1.1 408 "),
    ("header_seconds", GET % b"" + b"G", "HEAD", b"HTTP/1.1 200 "),
    ("idle_seconds", GET % b"", "IDLE", b"HTTP/1.1 200 "),
    ("body_seconds", INCOMPLETE, "BODY", b"HTTP/1.1 408 "),
    ("linger_seconds", GET % b"Connection: close\r\n", "END", b"HTTP/1.1 200 "),
]


@pytest.mark.parametrize(("name", "sent", "phase", "received"), DEADLINES)
def test_a_deadline_is_met_and_not_before(
    name: str, sent: bytes, phase: str, received: bytes, serve: Serve
) -> None:
    limits = Limits(**{"body_rate": 1e9, "linger_seconds": 1000, name: 500})  # type: ignore[arg-type]
    server = serve(read_all, profile=HTTP11(limits))
    client = server.connect()
    began = time.monotonic()
    client.send(sent)
    wait_for(lambda: phases(server) == [phase])
    reached = time.monotonic()
    server.sweep(began + 499)
    assert phases(server) == [phase]
    server.sweep(reached + 501)
    assert phases(server) == ([] if phase == "END" else ["END"])
    assert client.read_to_end()[:13] == received


def test_a_body_may_be_slow_but_not_slower_than_its_rate(serve: Serve) -> None:
    server = serve(read_all, profile=HTTP11(Limits(body_seconds=100, body_rate=0.1)))
    client = server.connect()
    began = time.monotonic()
    client.send(INCOMPLETE)
    wait_for(lambda: phases(server) == ["BODY"])
    server.sweep(began + 100 + 3 / 0.1 - 1)
    assert phases(server) == ["BODY"]
    server.sweep(time.monotonic() + 100 + 3 / 0.1 + 1)
    assert client.response().status == 408


def test_every_limit_has_a_meaning_and_a_test() -> None:
    tested_here = {row[0] for row in SIZES} | {row[0] for row in DEADLINES}
    tested_here |= {"part_head", "connections", "body_rate"}
    # test_bodies_to_come, test_closing, test_connection, test_deadlines, test_prefork
    tested_elsewhere = {"discarded_body", "linger_octets", "backlog", "send_seconds", "send_rate"}
    tested_elsewhere |= {"grace_seconds"}
    assert {each.name for each in dataclasses.fields(Limits)} == tested_here | tested_elsewhere
    assert all(each.metadata["meaning"] for each in dataclasses.fields(Limits))


@pytest.mark.parametrize("name", [each.name for each in dataclasses.fields(Limits)])
def test_a_limit_is_a_finite_number(name: str) -> None:
    for value in (-1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match=name):
            Limits(**{name: value})  # type: ignore[arg-type]


def phases(server: Any) -> list[str]:
    """Return what each connection waits for."""
    found: list[str] = server.in_loop(
        lambda: [connection.phase.name for connection in server.server._connections]
    )
    return found


def wait_for(condition: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and return it."""
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        if answered := condition():
            return answered
    raise AssertionError("never came true")
