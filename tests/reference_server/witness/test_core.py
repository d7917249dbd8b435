"""The witness: what it tells of a request, and that its own responses are right on the wire."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.profile import Profile
from reference_server.witness.callback import Witness

Serve = Callable[..., Any]


@pytest.fixture
def witness(serve: Serve, profile: Profile) -> Any:
    return serve_witness(serve, profile)


@pytest.fixture
def modern(serve: Serve) -> Any:
    return serve_witness(serve, HTTP11())


def serve_witness(serve: Serve, profile: Profile) -> Any:
    servers: list[Any] = []
    servers.append(serve(Witness(io_loop=lambda: servers[0].loop), profile=profile))
    return servers[0]


def request(method: str, target: str, *lines: str, body: bytes = b"", version: str = "HTTP/1.1") -> bytes:
    head = [f"{method} {target} {version}", "Host: h:1", *lines]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def echo(client: Any, data: bytes) -> Any:
    response = client.ask(data)
    assert response.status == 200
    assert response.fields["content-type"] == "application/json"
    return json.loads(response.body)


def test_echo_tells_everything(witness: Any) -> None:
    body = b"a=%C3%A9&a=%ff&%ff=2"
    data = request(
        "PUT", "/witness/echo?q=1", "X-a: \xe9", "x-A: 2", "Content-Type: application/x-www-form-urlencoded",
        body=body,
    )  # fmt: skip
    assert echo(witness.connect(), data) == {
        "witness": 1,
        "method": "PUT",
        "target": "/witness/echo?q=1",
        "version": "HTTP/1.1",
        "headers": [
            ["Host", "h:1"],
            ["X-A", "\xe9"],
            ["X-A", "2"],
            ["Content-Type", "application/x-www-form-urlencoded"],
            ["Content-Length", "20"],
        ],
        "body": {
            "length": 20,
            "sha256": hashlib.sha256(body).hexdigest(),
            "base64": base64.b64encode(body).decode(),
        },
        "host": "h:1",
        "remote_ip": "127.0.0.1",
        "protocol": "http",
        "path": "/witness/echo",
        "query": "q=1",
        "arguments": {"q": ["1"], "a": ["\xe9", "\ufffd"], "\ufffd": ["2"]},
        "files": {},
        "trailers": [],
    }


def test_echo_tells_files_trailers_and_odd_methods(modern: Any) -> None:
    client = modern.connect()
    part = b'--B\r\nContent-Disposition: form-data; name="f"; filename="\xc3\xbc"\r\n\r\nabc\r\n--B--'
    seen = echo(
        client, request("POST", "/witness/echo", "Content-Type: multipart/form-data; boundary=B", body=part)
    )
    digest = hashlib.sha256(b"abc").hexdigest()
    file = {"filename": "ü", "content_type": "application/unknown", "length": 3, "sha256": digest}
    assert seen["files"] == {"f": [file]}
    chunked = (
        request("B~d", "/witness/echo", "Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\nT: 1\r\nt: 2\r\n\r\n"
    )
    seen = echo(client, chunked)
    assert (seen["method"], seen["body"]["length"]) == ("B~d", 1)
    assert seen["trailers"] == [["T", "1"], ["T", "2"]]
    assert "T" not in dict(seen["headers"])


def test_echo_shows_short_bodies_only(witness: Any) -> None:
    client = witness.connect()
    assert "base64" in echo(client, request("POST", "/witness/echo", body=b"x" * 65536))["body"]
    assert "base64" not in echo(client, request("POST", "/witness/echo", body=b"x" * 65537))["body"]


@pytest.mark.parametrize("target", ["/witness", "/witness/", "/witness/none", "/witness/echo/x"])
def test_there_is_nothing_else(target: str, witness: Any) -> None:
    assert witness.connect().ask(request("GET", target)).status == 404


@pytest.mark.parametrize("status", [200, 201, 205, 304, 204, 400, 401, 404, 405, 418, 426, 500, 599])
def test_status_answers_with_its_code(status: int, witness: Any) -> None:
    client = witness.connect()
    response = client.ask(request("GET", f"/witness/status/{status}"))
    assert response.status == status
    assert response.status_line.startswith(f"HTTP/1.1 {status} ")
    assert ("content-length" in response.fields) is (status not in (204, 304))
    assert bool(response.body) is (status not in (204, 205, 304))
    assert ("allow" in response.fields) is (status == 405)
    assert client.ask(request("GET", "/")).status == 200


@pytest.mark.parametrize("code", ["", "100", "101", "199", "600", "2000", "abc", "-1", "\xb2"])
def test_status_needs_a_final_code(code: str, serve: Serve) -> None:

    response = serve_witness(serve, Documented()).connect().ask(request("GET", f"/witness/status/{code}"))
    assert response.status == 400


def test_stream_is_chunked(witness: Any) -> None:
    client = witness.connect()
    client.send(request("GET", "/witness/stream?parts=3&size=2"))
    head = client.read_until(b"\r\n\r\n")
    assert b"\r\nTransfer-Encoding: chunked\r\n" in head
    assert b"Content-Length" not in head
    assert client.read_until(b"0\r\n\r\n") == b"2\r\naa\r\n2\r\nbb\r\n2\r\ncc\r\n0\r\n\r\n"
    client.send(request("GET", "/witness/stream?parts=0"))
    assert client.read_until(b"0\r\n\r\n").endswith(b"\r\n\r\n0\r\n\r\n")


def test_stream_ends_with_the_connection_in_http_1_0(witness: Any) -> None:
    client = witness.connect()
    client.send(
        request("GET", "/witness/stream?parts=2&size=1", "Connection: Keep-Alive", version="HTTP/1.0")
    )
    head, _, body = client.read_to_end().partition(b"\r\n\r\n")
    assert b"\r\nConnection: close" in head
    assert b"Transfer-Encoding" not in head
    assert body == b"ab"


@pytest.mark.parametrize("query", ["parts=x", "size=-1", "parts=99999", "parts=10000&size=60000000"])
def test_stream_has_limits(query: str, witness: Any) -> None:
    assert witness.connect().ask(request("GET", f"/witness/stream?{query}")).status == 400


def test_slow_lets_others_go_first(witness: Any) -> None:
    slow, other = witness.connect(), witness.connect()
    slow.send(request("GET", "/witness/slow?ms=30000"))
    assert other.ask(request("GET", "/")).status == 200
    late = witness.connect()
    assert late.ask(request("GET", "/witness/slow?ms=0") + request("GET", "/next")).body == b"after 0 ms\n"
    assert late.response().body == b"You requested /next\n"
    assert late.ask(request("GET", "/witness/slow?ms=x")).status == 400


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_size_has_so_many_octets(size: int, witness: Any) -> None:
    assert len(witness.connect().ask(request("GET", f"/witness/size/{size}")).body) == size


@pytest.mark.parametrize("size", ["", "x", "-1", "99999999999", "100000000"])
def test_size_has_a_limit(size: str, witness: Any) -> None:
    assert witness.connect().ask(request("GET", f"/witness/size/{size}")).status == 400


def test_static_is_always_the_same(witness: Any) -> None:
    client = witness.connect()
    first, second = (client.ask(request("GET", "/witness/static")) for _ in range(2))
    assert first.fields["etag"].startswith('"')
    assert first.fields["last-modified"].endswith(" GMT")
    assert first.body == second.body


def test_ignore_does_not_wait_for_the_body(modern: Any) -> None:
    client = modern.connect()
    client.send(b"POST /witness/ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n")
    assert client.response().status == 200
    assert client.ask(b"0123456789" + request("GET", "/")).body == b"You requested /\n"
    assert client.ask(request("GET", "/witness/ignore")).status == 200


def test_ignore_closes_on_a_long_body(serve: Serve) -> None:
    profile = HTTP11(Limits(discarded_body=5))
    client = serve_witness(serve, profile).connect()
    client.send(b"POST /witness/ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n")
    assert client.response().fields["connection"] == "close"
    assert client.read_to_end() == b""


TARGETS = ["/", "/witness/echo", "/witness/static", "/witness/size/9", "/witness/status/404", "/witness/none"]


@pytest.mark.parametrize("target", TARGETS)
def test_head_has_the_fields_of_get_and_no_body(target: str, witness: Any) -> None:
    client = witness.connect()
    head = client.ask(request("HEAD", target), to_head=True)
    get = client.ask(request("GET", target))
    varying = {"date", "content-length"} if target == "/witness/echo" else {"date"}
    assert head.status == get.status
    assert head.fields.keys() == get.fields.keys()
    assert {name: head.fields[name] for name in head.fields.keys() - varying} == {
        name: get.fields[name] for name in get.fields.keys() - varying
    }


def test_head_of_a_stream_has_no_body(witness: Any) -> None:
    client = witness.connect()
    response = client.ask(request("HEAD", "/witness/stream"), to_head=True)
    assert response.fields["transfer-encoding"] == "chunked"
    assert client.ask(request("GET", "/")).status == 200


def test_every_response_says_when_and_by_whom(witness: Any) -> None:
    client = witness.connect()
    for target in TARGETS:
        fields = client.ask(request("GET", target)).fields
        assert fields["server"] == "wirecheck-reference"
        assert fields["date"].endswith(" GMT")
        assert "content-type" in fields


@pytest.mark.parametrize(
    ("lines", "version", "connection"),
    [
        ([], "HTTP/1.1", None),
        (["Connection: close"], "HTTP/1.1", "close"),
        ([], "HTTP/1.0", "close"),
        (["Connection: Keep-Alive"], "HTTP/1.0", "keep-alive"),
    ],
)
def test_responses_say_whether_the_connection_goes_on(
    lines: list[str], version: str, connection: str | None, witness: Any
) -> None:
    client = witness.connect()
    response = client.ask(request("GET", "/witness/static", *lines, version=version))
    assert response.fields.get("connection") == connection
    assert response.status_line.startswith("HTTP/1.1 ")
    if connection == "close":
        assert client.read_to_end() == b""
    else:
        assert client.ask(request("GET", "/")).status == 200


def test_elsewhere_the_documents_example_answers(witness: Any) -> None:
    client = witness.connect()
    assert client.ask(request("GET", "/hello")).body == b"You requested /hello\n"
    assert client.ask(request("POST", "/witnesses", body=b"abc")).body == b"You requested /witnesses\n"


@pytest.mark.parametrize(
    ("method", "status", "allow"),
    [
        ("BREW", 501, False),
        ("get", 501, False),
        ("TRACE", 405, True),
        ("OPTIONS", 204, True),
        ("DELETE", 200, False),
    ],
)
def test_elsewhere_methods_have_their_meaning(method: str, status: int, allow: bool, witness: Any) -> None:
    response = witness.connect().ask(request(method, "/"))
    assert (response.status, "allow" in response.fields) == (status, allow)


def test_the_server_as_a_whole_can_be_asked(witness: Any) -> None:
    client = witness.connect()
    assert client.ask(request("OPTIONS", "*")).status == 204
    assert client.ask(request("CONNECT", "h:80")).status == 501


def test_the_witness_can_be_mounted_elsewhere(serve: Serve) -> None:
    client = serve(Witness("/w")).connect()
    assert client.ask(request("GET", "/w/static")).status == 200
    assert client.ask(request("GET", "/witness/static")).body.startswith(b"You requested")
