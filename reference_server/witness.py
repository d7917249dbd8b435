"""The witness: a small application that tells how the server understood a request.

Status codes cannot show what a server made of the octets it got; this can. It is mounted under a prefix, and
each endpoint is a method of ``Witness``. Outside the prefix the document's example answers.

It knows the documented API and nothing below it, so it can be mounted on any server that has that API.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from reference_server.ioloop import IOLoop
from reference_server.request import HTTPRequest
from reference_server.responses import Field, connection_fields, render_head, respond

PREFIX = "/witness"

JSON = "application/json"
OCTETS = "application/octet-stream"

SHOWN_BODY = 64 * 1024
"""Octets of a body that the echo shows in full."""

LARGEST_SIZE = 64 * 1024 * 1024
MOST_PARTS = 10_000
LONGEST_WAIT = 60_000

STATIC_BODY = b"This text never changes.\n"
STATIC_ETAG = '"wirecheck-1"'
STATIC_MODIFIED = "Mon, 02 Jan 2023 03:04:05 GMT"

KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ALLOW = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


class Witness:
    """The application of the command: the witness under ``prefix``, the document's example elsewhere.

    ``io_loop`` returns the loop that late answers wait in; it is asked when one is needed.
    """

    def __init__(self, prefix: str = PREFIX, io_loop: Callable[[], IOLoop] = IOLoop.instance) -> None:
        self._prefix = prefix
        self._io_loop = io_loop
        self._endpoints: dict[str, Callable[[HTTPRequest, str], None]] = {
            "echo": self.echo,
            "status": self.status,
            "stream": self.stream,
            "slow": self.slow,
            "size": self.size,
            "static": self.static,
            "ignore": self.ignore,
        }

    def __call__(self, request: HTTPRequest) -> None:
        """Answer one request."""
        if not (request.path + "/").startswith(self._prefix + "/"):
            greet(request)
            return
        name, _, rest = request.path[len(self._prefix) + 1 :].partition("/")
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            say(request, 404, "no such endpoint")
        else:
            endpoint(request, rest)

    def answers_early(self, request: HTTPRequest) -> bool:
        """Tell that ``ignore`` wants no body."""
        return request.path == f"{self._prefix}/ignore"

    # The endpoints. Each gets what follows its name in the path.

    def echo(self, request: HTTPRequest, rest: str) -> None:
        """Tell what was understood."""
        if rest:
            say(request, 404, "no such endpoint")
            return
        respond(request, 200, json.dumps(describe(request)).encode(), content_type=JSON)

    def status(self, request: HTTPRequest, rest: str) -> None:
        """Answer with a status code. Interim ones are no answer."""
        if not (rest.isascii() and rest.isdigit() and 200 <= int(rest[:4]) <= 599):
            say(request, 400, "a final status code is needed, 200 to 599")
            return
        status = int(rest)
        fields: list[Field] = []
        if status == 401:
            fields.append(("WWW-Authenticate", 'Basic realm="witness"'))
        if status == 405:
            fields.append(("Allow", ALLOW))
        if status == 426:
            fields += [("Upgrade", "HTTP/2.0"), ("Connection", "upgrade")]
        respond(request, status, b"" if status == 205 else f"{status}\n".encode(), fields=fields)

    def stream(self, request: HTTPRequest, _rest: str) -> None:
        """Send parts whose number is not announced: chunked, or to HTTP/1.0 until the connection closes."""
        parts = number(request, "parts", 3, MOST_PARTS)
        size = number(request, "size", 10, LARGEST_SIZE)
        if parts is None or size is None or parts * size > LARGEST_SIZE:
            say(request, 400, "parts and size are numbers, and not too large")
            return
        chunked = request.version != "HTTP/1.0"
        if not chunked:
            request.persistent = False
        framing = [("Transfer-Encoding", "chunked")] if chunked else []
        request.write(render_head(200, [("Content-Type", OCTETS), *framing, *connection_fields(request)]))
        if request.method != "HEAD":
            for index in range(parts if size else 0):
                part = bytes([ord("a") + index % 26]) * size
                request.write(b"%x\r\n%b\r\n" % (size, part) if chunked else part)
            if chunked:
                request.write(b"0\r\n\r\n")
        request.finish()

    def slow(self, request: HTTPRequest, _rest: str) -> None:
        """Answer after so many milliseconds, while others are served."""
        milliseconds = number(request, "ms", 100, LONGEST_WAIT)
        if milliseconds is None:
            say(request, 400, "ms is a number, and not too large")
            return
        wait = timedelta(milliseconds=milliseconds)
        self._io_loop().add_timeout(wait, lambda: say(request, 200, f"after {milliseconds} ms"))

    def size(self, request: HTTPRequest, rest: str) -> None:
        """Answer with so many octets."""
        if not (rest.isascii() and rest.isdigit() and len(rest) < 10 and int(rest) <= LARGEST_SIZE):
            say(request, 400, f"a size is needed, up to {LARGEST_SIZE}")
            return
        respond(request, 200, b"x" * int(rest), content_type=OCTETS)

    def static(self, request: HTTPRequest, _rest: str) -> None:
        """Answer with the same octets and validators each time."""
        fields = [("ETag", STATIC_ETAG), ("Last-Modified", STATIC_MODIFIED)]
        respond(request, 200, STATIC_BODY, fields=fields)

    def ignore(self, request: HTTPRequest, _rest: str) -> None:
        """Answer without having read the body."""
        say(request, 200, "the body was not read")


def greet(request: HTTPRequest) -> None:
    """Answer as the document's example does; refuse the methods that have no meaning here."""
    if request.method == "TRACE":
        respond(request, 405, b"TRACE is not served\n", fields=[("Allow", ALLOW)])
    elif request.method not in KNOWN_METHODS:
        say(request, 501, "this method is not known here")
    elif request.method == "OPTIONS":
        respond(request, 204, fields=[("Allow", ALLOW)])
    else:
        respond(request, 200, b"You requested %s\n" % request.uri.encode())


def say(request: HTTPRequest, status: int, sentence: str) -> None:
    """Answer with one line of text."""
    respond(request, status, f"{sentence}\n".encode())


def number(request: HTTPRequest, name: str, default: int, largest: int) -> int | None:
    """Return a numeric argument of the query, None when it is no number or too large."""
    text = request.arguments.get(name, [b"%d" % default])[0]
    if not text.isdigit() or len(text) > 9 or int(text) > largest:
        return None
    return int(text)


def describe(request: HTTPRequest) -> dict[str, Any]:
    """Return the echo of a request: its head as latin-1 text, its body by digest, its forms as UTF-8."""
    shown = {"base64": base64.b64encode(request.body).decode()} if len(request.body) <= SHOWN_BODY else {}
    return {
        "witness": 1,
        "method": request.method,
        "target": request.uri,
        "version": request.version,
        "headers": [list(field) for field in request.headers.get_all()],
        "body": {"length": len(request.body), "sha256": digest(request.body), **shown},
        "host": request.host,
        "remote_ip": request.remote_ip,
        "protocol": request.protocol,
        "path": request.path,
        "query": request.query,
        "arguments": {
            name: [value.decode("utf-8", "replace") for value in values]
            for name, values in request.arguments.items()
        },
        "files": {
            name: [
                {
                    "filename": file.filename,
                    "content_type": file.content_type,
                    "length": len(file.body),
                    "sha256": digest(file.body),
                }
                for file in files
            ]
            for name, files in request.files.items()
        },
        "trailers": [list(field) for field in request.trailers.get_all()],
    }


def digest(content: bytes) -> str:
    """Return the SHA-256 of some octets, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
