"""The witness under WSGI: what it tells of an environ, the bodies it refuses, and the library's server."""

import base64
import hashlib
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import pytest

from reference_server.witness import core, wsgi


class Answer:
    """What the application answered."""

    def __init__(self, environ: dict[str, Any], app: Any = wsgi.app) -> None:
        self.status, self.fields = "", dict[str, str]()
        self.body = b"".join(app(environ, self._start))

    def _start(self, status: str, fields: list[tuple[str, str]]) -> None:
        self.status, self.fields = status, dict(fields)

    @property
    def code(self) -> int:
        return int(self.status.split()[0])

    @property
    def echo(self) -> Any:
        assert self.code == 200
        assert self.fields["Content-Type"] == "application/json"
        return json.loads(self.body)


def environ(path: str = "/witness/echo", body: Any = b"", **changes: Any) -> dict[str, Any]:
    """As a server makes it; what is None is not there."""
    given = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "h:1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)) if body else "",
    } | changes
    return {name: value for name, value in given.items() if value is not None}


def test_echo_tells_what_wsgi_tells() -> None:
    request = environ(
        body=b"hello", REQUEST_METHOD="PUT", QUERY_STRING="a=%20", RAW_URI="/witness/%65cho?a=%20",
        HTTP_X_TEST="\xe9,2", CONTENT_TYPE="text/plain",
    )  # fmt: skip
    assert Answer(request).echo == {
        "witness": 1,
        "method": "PUT",
        "target": "/witness/%65cho?a=%20",
        "version": "HTTP/1.1",
        "headers": [
            ["Host", "h:1"],
            ["Content-Length", "5"],
            ["X-Test", "\xe9,2"],
            ["Content-Type", "text/plain"],
        ],
        "headers_as_received": False,
        "body": {
            "length": 5,
            "sha256": hashlib.sha256(b"hello").hexdigest(),
            "base64": base64.b64encode(b"hello").decode(),
        },
        "remote_ip": "127.0.0.1",
        "protocol": "http",
        "path": "/witness/echo",
        "query": "a=%20",
    }


@pytest.mark.parametrize(
    ("kept", "target"),
    [
        ({}, None),
        ({"RAW_URI": "/witness/echo?a"}, "/witness/echo?a"),
        ({"REQUEST_URI": "/witness/echo?a"}, "/witness/echo?a"),
        ({"REQUEST_URI": "http://h/witness/echo?a"}, "http://h/witness/echo?a"),
        ({"REQUEST_URI": "/witness/echo"}, None),
        ({"REQUEST_URI": "/witness/echo", "RAW_URI": "/witness/echo?a"}, "/witness/echo?a"),
        ({"REQUEST_URI": None}, None),
    ],
    ids=["none", "gunicorn's name", "the usual name", "absolute", "without the query", "the better", "null"],
)
def test_a_target_is_told_only_where_the_server_keeps_it(kept: dict[str, Any], target: str | None) -> None:
    assert Answer(environ(QUERY_STRING="a", **kept)).echo.get("target") == target


def test_what_the_server_leaves_out_is_left_out() -> None:
    echo = Answer(environ(SERVER_PROTOCOL=None, REMOTE_ADDR=None, QUERY_STRING=None)).echo
    assert echo.keys() & {"version", "remote_ip", "target", "host", "trailers", "arguments", "files"} == set()
    assert echo["query"] == ""


def test_a_body_whose_end_wsgi_does_not_tell_is_left_out() -> None:
    chunked = environ(HTTP_TRANSFER_ENCODING="chunked") | {"wsgi.input": io.BytesIO(b"hello")}
    assert "body" not in Answer(chunked).echo
    assert "body" in Answer(chunked | {"wsgi.input_terminated": True}).echo


class Stream:
    """An input that hands over these pieces, whatever it is asked for; an exception is raised."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self._pieces = iter(pieces)

    def read(self, _size: int) -> bytes:
        piece = next(self._pieces, b"")
        if isinstance(piece, Exception):
            raise piece
        return piece


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({"CONTENT_LENGTH": "5", "wsgi.input": io.BytesIO(b"hello and the next")}, b"hello"),
        ({"CONTENT_LENGTH": "5", "wsgi.input": Stream(b"he", b"l", b"lo")}, b"hello"),
        ({"CONTENT_LENGTH": "\t5 ", "wsgi.input": io.BytesIO(b"hello")}, b"hello"),
        ({"CONTENT_LENGTH": None, "wsgi.input": io.BytesIO(b"hello")}, b""),
        ({"wsgi.input": io.BytesIO(b"hello"), "wsgi.input_terminated": True}, b"hello"),
        (
            {
                "CONTENT_LENGTH": "+2",
                "HTTP_TRANSFER_ENCODING": "chunked",
                "wsgi.input": io.BytesIO(b"hello"),
                "wsgi.input_terminated": True,
            },
            b"hello",
        ),
    ],
    ids=[
        "length",
        "in pieces",
        "white space",
        "no length",
        "terminated",
        "coding before length",
    ],
)
def test_the_body_is_what_the_server_says(given: dict[str, Any], body: bytes) -> None:
    described = Answer(environ(**given)).echo["body"]
    assert base64.b64decode(described["base64"]) == body


@pytest.mark.parametrize(
    "given",
    [
        {"CONTENT_LENGTH": "6", "wsgi.input": io.BytesIO(b"hello")},
        {"CONTENT_LENGTH": "6", "wsgi.input": io.BytesIO(b"hello"), "wsgi.input_terminated": True},
        {"CONTENT_LENGTH": "5", "wsgi.input": Stream(b"he", OSError("reset"))},
        {"wsgi.input": Stream(b"he", ValueError("no chunk")), "wsgi.input_terminated": True},
        {"CONTENT_LENGTH": "5, 5", "wsgi.input": io.BytesIO(b"hello")},
        {"CONTENT_LENGTH": "-1", "wsgi.input": io.BytesIO(b"hello")},
        {"CONTENT_LENGTH": "\xb2", "wsgi.input": io.BytesIO(b"hello")},
        {"CONTENT_LENGTH": "9" * 5000, "wsgi.input": io.BytesIO(b"hello")},
    ],
    ids=[
        "short",
        "short and terminated",
        "an error",
        "a wrong chunk",
        "a list",
        "negative",
        "superscript",
        "five thousand digits",
    ],
)
@pytest.mark.parametrize("path", ["/witness/echo", "/", "/witness/static"])
def test_a_body_that_does_not_come_whole_is_refused(path: str, given: dict[str, Any]) -> None:
    kept = given["wsgi.input"]
    if isinstance(kept, io.BytesIO):
        kept.seek(0)
    else:
        given = given | {"wsgi.input": Stream(b"he", OSError("again"))}
    assert Answer(environ(path, **given)).code == 400


class Endless:
    """An input that never ends, and counts what it has handed over."""

    def __init__(self) -> None:
        self.handed = 0

    def read(self, size: int) -> bytes:
        self.handed += size
        return bytes(size)


@pytest.mark.parametrize(
    "given",
    [
        {"wsgi.input_terminated": True},
        {"CONTENT_LENGTH": str(2**63)},
        {"CONTENT_LENGTH": "1001"},
    ],
    ids=["no length", "a huge length", "one too many"],
)
def test_a_body_without_end_is_not_kept(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "LARGEST_BODY", 1000)
    endless = Endless()
    assert Answer(environ(**{"wsgi.input": endless, **given})).code == 413
    assert endless.handed == 1001


def test_the_largest_body_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "LARGEST_BODY", 1000)
    given: dict[str, Any] = {"CONTENT_LENGTH": "1000", "wsgi.input": Endless()}
    assert Answer(environ(**given)).code == 200


def test_ignore_does_not_touch_the_body() -> None:
    untouched = Stream(AssertionError("read"))
    request = environ("/witness/ignore", CONTENT_LENGTH="5", **{"wsgi.input": untouched})
    assert Answer(request).code == 200


@pytest.mark.parametrize(
    ("script", "path", "code"),
    [
        ("", "/witness/static", 200),
        ("/api", "/witness/static", 200),
        ("/witness", "/static", 200),
        ("/api/witness", "/static", 200),
        ("/api", "/witness/none", 404),
        ("/witness", "", 404),
        ("/witness", "/witness/static", 404),
    ],
)
def test_it_can_be_mounted_below(script: str, path: str, code: int) -> None:
    assert Answer(environ(path, SCRIPT_NAME=script)).code == code


def test_elsewhere_it_says_what_was_requested() -> None:
    assert Answer(environ("/b", SCRIPT_NAME="/a")).body == b"You requested /a/b\n"
    assert Answer(environ("/b", RAW_URI="/%62")).body == b"You requested /%62\n"
    assert Answer(environ("/", REQUEST_METHOD="BREW")).code == 501


def test_there_is_no_tunnel_through_the_witness() -> None:
    assert Answer(environ("/witness/echo", REQUEST_METHOD="CONNECT")).code == 501


def test_stream_has_no_length_and_its_parts() -> None:
    answer = Answer(environ("/witness/stream", QUERY_STRING="parts=2&size=3"))
    assert answer.body == b"aaabbb"
    assert answer.fields == {"Content-Type": "application/octet-stream"}


@pytest.mark.parametrize(
    ("code", "status"), [(204, "204 No Content"), (404, "404 Not Found"), (599, "599 Unknown")]
)
def test_the_status_has_a_phrase(code: int, status: str) -> None:
    assert Answer(environ(f"/witness/status/{code}")).status == status


def test_what_belongs_to_the_connection_cannot_be_answered() -> None:
    assert Answer(environ("/witness/status/426")).code == 501


def test_slow_sleeps_first(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    assert Answer(environ("/witness/slow", QUERY_STRING="ms=250")).body == b"after 250 ms\n"
    assert slept == [0.25]


TARGETS = [
    "/",
    "/witness/echo",
    "/witness/static",
    "/witness/size/9",
    "/witness/stream",
    "/witness/status/204",
]


@pytest.mark.parametrize("target", TARGETS)
def test_head_has_the_fields_of_get_and_no_body(target: str) -> None:
    head, get = (Answer(environ(target, REQUEST_METHOD=method)) for method in ("HEAD", "GET"))
    assert head.body == b""
    assert head.status == get.status
    assert head.fields.keys() == get.fields.keys()
    assert ("Content-Length" in head.fields) is (target not in ("/witness/stream", "/witness/status/204"))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_it_keeps_to_pep_3333(target: str, method: str) -> None:
    request = environ(
        target, REQUEST_METHOD=method, SERVER_NAME="h", SERVER_PORT="1", CONTENT_LENGTH="0",
        **{
            "wsgi.version": (1, 0), "wsgi.errors": sys.stderr, "wsgi.multithread": False,
            "wsgi.multiprocess": False, "wsgi.run_once": False,
        },
    )  # fmt: skip
    result = validator(wsgi.app)(request, started)
    list(result)
    result.close()  # type: ignore[attr-defined]


def started(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], object]:
    assert status
    assert isinstance(headers, list)
    return len


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = make_server("127.0.0.1", 0, wsgi.app, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_a_server_of_the_library_runs_it(port: int, method: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, "/witness/echo?a", b"hello")
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert response.status == 200
    if method == "POST":
        assert json.loads(content)["body"]["length"] == 5
        assert json.loads(content)["query"] == "a"


@pytest.mark.parametrize("adapter", ["wsgi", "asgi"])
def test_an_adapter_loads_nothing_of_our_server(adapter: str) -> None:
    code = f"import sys, reference_server.witness.{adapter}; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert {name for name in loaded if name.startswith("reference_server")} == {
        "reference_server",
        "reference_server.witness",
        "reference_server.witness.core",
        f"reference_server.witness.{adapter}",
    }
