"""The echo's JSON Schema: it accepts what our witnesses answer, and refuses what the suite cannot read."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import conformance.judging
from reference_server.parsing.forms import HTTPFile
from reference_server.witness import asgi, core, wsgi
from tests.conformance.builders import described


@pytest.fixture(scope="session")
def schema() -> Any:
    path = Path(conformance.judging.__file__).with_name("echo.schema.json")
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def of_the_callback(body: bytes) -> Any:
    """The echo of the reference server's witness, which has every member."""
    return core.describe(
        core.Request(
            method="POST",
            path="/witness/echo",
            query="a=1",
            body=body,
            target="/witness/echo?a=1",
            version="HTTP/1.1",
            headers=[("Host", "h"), ("X-Test", "\xe9")],
            trailers=[("X-Trailer", "")],
            host="h",
            remote_ip="127.0.0.1",
            protocol="http",
            arguments={"a": [b"1", b"\xff"]},
            files={"f": [HTTPFile(filename="n\u20ac", content_type="text/plain", body=b"abc")]},
        )
    )


def of_wsgi(body: bytes) -> Any:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/witness/echo",
        "HTTP_HOST": "h",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    return json.loads(b"".join(wsgi.app(environ, lambda _status, _fields: None)))


def of_asgi(body: bytes) -> Any:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/witness/echo",
        "query_string": b"",
        "headers": [(b"host", b"h")],
    }
    asyncio.run(asgi.app(scope, receive, send))
    return json.loads(b"".join(message.get("body", b"") for message in sent))


@pytest.mark.parametrize("witness", [of_the_callback, of_wsgi, of_asgi])
@pytest.mark.parametrize("size", [0, 1, 2, 65536, 65537])
def test_our_witnesses_are_valid(schema: Any, witness: Any, size: int) -> None:
    schema.validate(witness(b"\xff" * size))


def test_the_smallest_echo_is_valid(schema: Any) -> None:
    schema.validate(SMALLEST)
    schema.validate(SMALLEST | {"query": "a"})


SMALLEST = {"witness": 1, "method": "GET", "target": "/", "headers": [], "body": described(b"")}


@pytest.mark.parametrize(
    "changes",
    [
        {"witness": 2},
        {"method": None},
        {"method": "\u20ac"},
        {"target": None},
        {"headers": {"Host": "h"}},
        {"headers": [["Host"]]},
        {"headers": [["Host", "h", "h"]]},
        {"headers": [["Host", 1]]},
        {"headers_as_received": "no"},
        {"body": None},
        {"body": {"length": 1}},
        {"body": described(b"") | {"length": -1}},
        {"body": described(b"") | {"sha256": "0" * 63}},
        {"body": described(b"") | {"base64": "*"}},
        {"body": described(b"") | {"more": 1}},
        {"protocol": "ftp"},
        {"arguments": {"a": ["1"]}},
        {"arguments": {"a": "1"}, "files": {}},
        {"arguments": {}, "files": {"f": [described(b"")]}},
        {"trailers": [["T", 1]]},
        {"trailer": []},
    ],
    ids=str,
)
def test_an_echo_that_the_suite_cannot_read_is_invalid(schema: Any, changes: dict[str, Any]) -> None:
    members = {name: value for name, value in (SMALLEST | changes).items() if value is not None}
    assert not schema.is_valid(members)
