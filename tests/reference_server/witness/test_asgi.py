"""The witness under ASGI: what it tells of a scope, bodies that do not come, and uvicorn."""

import asyncio
import base64
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
import uvicorn

from reference_server.witness import asgi, core

DISCONNECT = {"type": "http.disconnect"}


class Exchange:
    """Runs the application on a scope, with these messages to receive, and keeps what it sends."""

    def __init__(self, scope: dict[str, Any], *messages: dict[str, Any]) -> None:
        self.sent: list[Any] = []
        self.received = 0
        self._messages = messages or ({"type": "http.request", "body": b"", "more_body": False},)
        asyncio.run(asgi.app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        message = self._messages[self.received]
        self.received += 1
        return message

    async def _send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        code: int = self.sent[0]["status"]
        return code

    @property
    def fields(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def body(self) -> bytes:
        assert [message.get("more_body", False) for message in self.sent[1:]] == [
            True for _ in self.sent[2:]
        ] + [False]
        return b"".join(message["body"] for message in self.sent[1:])

    @property
    def echo(self) -> Any:
        assert (self.status, self.fields[b"content-type"]) == (200, b"application/json")
        return json.loads(self.body)


def scope(path: str = "/witness/echo", **changes: Any) -> dict[str, Any]:
    """As a server makes it; what is None is not there."""
    given = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"h:1")],
        "client": ("127.0.0.1", 5),
    } | changes
    return {name: value for name, value in given.items() if value is not None}


def piece(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_echo_tells_what_asgi_tells() -> None:
    given = scope(
        "/witness/echo",
        method="PUT",
        query_string=b"a=%20\xe9",
        headers=[(b"host", b"h:1"), (b"x-test", b"\xe9"), (b"x-test", b"2")],
    )
    assert Exchange(given, piece(b"he", more=True), piece(b"llo", more=False)).echo == {
        "witness": 1,
        "method": "PUT",
        "version": "HTTP/1.1",
        "headers": [["host", "h:1"], ["x-test", "\xe9"], ["x-test", "2"]],
        "body": {
            "length": 5,
            "sha256": hashlib.sha256(b"hello").hexdigest(),
            "base64": base64.b64encode(b"hello").decode(),
        },
        "remote_ip": "127.0.0.1",
        "protocol": "http",
        "path": "/witness/echo",
        "query": "a=%20\xe9",
    }


def test_what_the_server_leaves_out_is_left_out() -> None:
    echo = Exchange(scope(scheme=None, client=None, root_path=None, raw_path=None)).echo
    assert (
        echo.keys() & {"protocol", "remote_ip", "target", "host", "trailers", "arguments", "files"} == set()
    )


@pytest.mark.parametrize(("given", "told"), [("1.0", "HTTP/1.0"), ("1.1", "HTTP/1.1"), ("1", None)])
def test_a_version_that_is_none_is_left_out(given: str, told: str | None) -> None:
    assert Exchange(scope(http_version=given)).echo.get("version") == told


def test_a_message_may_leave_out_its_members() -> None:
    assert Exchange(scope(), {"type": "http.request"}).echo["body"]["length"] == 0


@pytest.mark.parametrize("path", ["/witness/echo", "/", "/witness/slow"])
def test_a_body_that_does_not_come_whole_is_refused(path: str) -> None:
    assert Exchange(scope(path), piece(b"he", more=True), DISCONNECT).status == 400


def test_a_body_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "LARGEST_BODY", 10)
    exchange = Exchange(scope(), *[piece(b"hello", more=True)] * 9)
    assert (exchange.status, exchange.received) == (413, 3)


def test_a_client_that_is_gone_harms_nobody() -> None:
    async def receive() -> dict[str, Any]:
        return DISCONNECT

    async def send(_message: Any) -> None:
        raise OSError("gone")

    asyncio.run(asgi.app(scope(), receive, send))


def test_ignore_does_not_touch_the_body() -> None:
    exchange = Exchange(scope("/witness/ignore"), DISCONNECT)
    assert (exchange.status, exchange.received) == (200, 0)


@pytest.mark.parametrize(
    ("root", "path", "status"),
    [
        ("", "/witness/static", 200),
        ("/api", "/api/witness/static", 200),
        ("/api", "/witness/static", 200),
        ("/witness", "/witness/static", 200),
        ("/api/witness", "/api/witness/static", 200),
        ("/witness", "/witness/none", 404),
        ("/witness", "/witness", 404),
    ],
    ids=["root", "path is whole", "path is the rest", "itself", "itself, below", "nothing", "nothing at all"],
)
def test_it_can_be_mounted_below(root: str, path: str, status: int) -> None:
    assert Exchange(scope(path, root_path=root)).status == status


def test_elsewhere_it_says_what_was_requested() -> None:
    assert Exchange(scope("/b")).body == b"You requested /b\n"
    assert Exchange(scope("/b", method="BREW")).status == 501
    assert b"allow" in Exchange(scope("/b", method="OPTIONS")).fields


def test_stream_has_no_length_and_its_parts() -> None:
    exchange = Exchange(scope("/witness/stream", query_string=b"parts=2&size=3"))
    assert [message["body"] for message in exchange.sent[1:]] == [b"aaa", b"bbb", b""]
    assert exchange.fields == {b"content-type": b"application/octet-stream"}


def test_slow_lets_others_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    assert Exchange(scope("/witness/slow", query_string=b"ms=250")).body == b"after 250 ms\n"
    assert slept == [0.25]


@pytest.mark.parametrize(
    "target",
    ["/", "/witness/echo", "/witness/static", "/witness/size/9", "/witness/stream", "/witness/status/204"],
)
def test_head_has_the_fields_of_get_and_no_body(target: str) -> None:
    head, get = (Exchange(scope(target, method=method)) for method in ("HEAD", "GET"))
    assert head.body == b""
    assert head.status == get.status
    assert head.fields.keys() == get.fields.keys()
    assert (b"content-length" in head.fields) is (target not in ("/witness/stream", "/witness/status/204"))


def test_the_server_may_start_and_end() -> None:
    exchange = Exchange({"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert [message["type"] for message in exchange.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_a_websocket_is_refused() -> None:
    exchange = Exchange(scope(type="websocket"), {"type": "websocket.connect"})
    assert exchange.sent == [{"type": "websocket.close"}]


def test_another_protocol_is_not_answered() -> None:
    assert Exchange({"type": "another"}).sent == []


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(asgi.app, http="h11", log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("POST", b"hello"), ("POST", iter([b"he", b"llo"])), ("HEAD", None)]
)
def test_uvicorn_runs_it(port: int, method: str, body: Any) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, "/witness/echo?a", body)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert response.status == 200
    if method == "HEAD":
        assert content == b""
    else:
        seen = json.loads(content)
        assert (seen["method"], seen["query"], seen["version"]) == (method, "a", "HTTP/1.1")
        assert seen["body"]["length"] == (5 if body else 0)
