"""What the witness answers: from a request as a value to an answer as a value.

Status codes cannot show what a server made of the octets it got; the witness can. It is mounted under a
prefix, and each endpoint is a function. Outside the prefix the documented server's example answers.

No server interface is known here, and nothing is read, written or waited for.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from urllib.parse import parse_qs

PREFIX = "/witness"

JSON = "application/json"
OCTETS = "application/octet-stream"
PLAIN_TEXT = "text/plain; charset=utf-8"

SHOWN_BODY = 64 * 1024
"""Octets of a body that the echo shows in full."""

LARGEST_BODY = 16 * 1024 * 1024
"""Octets of a body that an adapter keeps: some servers hand over one without end."""

LARGEST_SIZE = 64 * 1024 * 1024
MOST_PARTS = 10_000
LONGEST_WAIT = 60_000

STATIC_BODY = b"This text never changes.\n"
STATIC_ETAG = '"wirecheck-1"'
STATIC_MODIFIED = "Mon, 02 Jan 2023 03:04:05 GMT"

KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ALLOW = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

Field = tuple[str, str]


class File(TypedDict):
    """A file of a form, however it was parsed: its name and type as the form says, and its content."""

    filename: str
    content_type: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as a server interface hands it over.

    ``mount`` is the beginning of ``path`` under which the application is mounted. Octets above ASCII stand as
    latin-1 code points. What the interface cannot tell is None, never a guess. ``headers_as_received`` is
    False where it joins field lines of one name, or writes the names in other letters.
    """

    method: str
    path: str
    query: str
    body: bytes | None = b""
    mount: str = ""
    target: str | None = None
    version: str | None = None
    headers: Sequence[Field] = ()
    headers_as_received: bool = True
    trailers: Sequence[Field] | None = None
    host: str | None = None
    remote_ip: str | None = None
    protocol: str | None = None
    arguments: Mapping[str, Sequence[bytes]] | None = None
    files: Mapping[str, Sequence[File]] | None = None


@dataclass(frozen=True)
class Parts:
    """Content in parts, whose number is not announced."""

    count: int
    size: int

    def __iter__(self) -> Iterator[bytes]:
        for index in range(self.count if self.size else 0):
            yield bytes([ord("a") + index % 26]) * self.size


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is to be answered: framing and HEAD are left to who sends it.

    ``fields`` come besides Content-Type and Content-Length. ``delay`` is the seconds to wait before.
    """

    status: int
    content: bytes | Parts = b""
    content_type: str = PLAIN_TEXT
    fields: tuple[Field, ...] = ()
    delay: float = 0

    def head(self) -> list[Field]:
        """Return all fields, with the length where there is one (RFC 9110, section 8.6)."""
        if self.status in (204, 304):
            return list(self.fields)
        length = [] if isinstance(self.content, Parts) else [("Content-Length", str(len(self.content)))]
        return [("Content-Type", self.content_type), *self.fields, *length]

    def pieces(self, method: str) -> Iterator[bytes]:
        """Yield the content, none to HEAD and none with a status that has none (RFC 9112, section 6.3)."""
        if method == "HEAD" or self.status in (204, 304):
            return
        yield from self.content if isinstance(self.content, Parts) else (self.content,)


class Refused(Exception):
    """A body that cannot be had. It carries the answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.answer = say(status, sentence)


def incomplete(why: str = "it ended too soon") -> Refused:
    """Refuse a body that ended before it was complete, or is framed wrongly."""
    return Refused(400, f"the body is not complete: {why}")


def too_large() -> Refused:
    """Refuse a body that is larger than is kept."""
    return Refused(413, f"the body is larger than {LARGEST_BODY} octets")


def answer(request: Request, prefix: str = PREFIX) -> Answer:
    """Answer a request: the witness's under the prefix, the documented server's example elsewhere.

    To CONNECT, any success would say that a tunnel begins (RFC 9110, section 9.3.6).
    """
    place = find(request.path, request.mount, prefix)
    if place is None or request.method == "CONNECT":
        return greet(request)
    name, rest = place
    endpoint = ENDPOINTS.get(name)
    return say(404, "no such endpoint") if endpoint is None else endpoint(request, rest)


def ignores_body(path: str, mount: str = "", prefix: str = PREFIX) -> bool:
    """Tell whether the request at this path is to be answered without reading its body."""
    place = find(path, mount, prefix)
    return place is not None and place[0] == "ignore"


def find(path: str, mount: str, prefix: str) -> tuple[str, str] | None:
    """Return the endpoint's name and what follows it in the path; None outside the witness.

    The application may be mounted at the root, under some path, or as the witness itself.
    """
    below = path.removeprefix(mount)
    if mount.endswith(prefix):
        below = prefix + below
    if not f"{below}/".startswith(f"{prefix}/"):
        return None
    name, _, rest = below[len(prefix) + 1 :].partition("/")
    return name, rest


# The endpoints. Each gets what follows its name in the path.


def echo(request: Request, rest: str) -> Answer:
    """Tell what was understood."""
    if rest:
        return say(404, "no such endpoint")
    return Answer(status=200, content=json.dumps(describe(request)).encode(), content_type=JSON)


def status(_request: Request, rest: str) -> Answer:
    """Answer with a status code. Interim ones are no answer."""
    if not (rest.isascii() and rest.isdigit() and 200 <= int(rest[:4]) <= 599):
        return say(400, "a final status code is needed, 200 to 599")
    code = int(rest)
    fields: tuple[Field, ...] = ()
    if code == 401:
        fields = (("WWW-Authenticate", 'Basic realm="witness"'),)
    if code == 405:
        fields = (("Allow", ALLOW),)
    if code == 426:
        fields = (("Upgrade", "HTTP/2.0"), ("Connection", "upgrade"))
    return Answer(status=code, content=b"" if code in (204, 205, 304) else b"%d\n" % code, fields=fields)


def stream(request: Request, _rest: str) -> Answer:
    """Send parts whose number is not announced."""
    count = number(request, "parts", 3, MOST_PARTS)
    size = number(request, "size", 10, LARGEST_SIZE)
    if count is None or size is None or count * size > LARGEST_SIZE:
        return say(400, "parts and size are numbers, and not too large")
    return Answer(status=200, content=Parts(count, size), content_type=OCTETS)


def slow(request: Request, _rest: str) -> Answer:
    """Answer after so many milliseconds, while others are served."""
    milliseconds = number(request, "ms", 100, LONGEST_WAIT)
    if milliseconds is None:
        return say(400, "ms is a number, and not too large")
    return say(200, f"after {milliseconds} ms", delay=milliseconds / 1000)


def size(_request: Request, rest: str) -> Answer:
    """Answer with so many octets."""
    if not (rest.isascii() and rest.isdigit() and len(rest) < 10 and int(rest) <= LARGEST_SIZE):
        return say(400, f"a size is needed, up to {LARGEST_SIZE}")
    return Answer(status=200, content=b"x" * int(rest), content_type=OCTETS)


def static(_request: Request, _rest: str) -> Answer:
    """Answer with the same octets and validators each time."""
    validators = (("ETag", STATIC_ETAG), ("Last-Modified", STATIC_MODIFIED))
    return Answer(status=200, content=STATIC_BODY, fields=validators)


def ignore(_request: Request, _rest: str) -> Answer:
    """Answer without having read the body."""
    return say(200, "the body was not read")


ENDPOINTS: Mapping[str, Callable[[Request, str], Answer]] = {
    endpoint.__name__: endpoint for endpoint in (echo, status, stream, slow, size, static, ignore)
}


def greet(request: Request) -> Answer:
    """Answer as the document's example does; refuse the methods that have no meaning here."""
    if request.method == "TRACE":
        return say(405, "TRACE is not served", ("Allow", ALLOW))
    if request.method not in KNOWN_METHODS:
        return say(501, "this method is not known here")
    if request.method == "OPTIONS":
        return Answer(status=204, fields=(("Allow", ALLOW),))
    return say(200, f"You requested {request.target or request.path}")


def say(code: int, sentence: str, *fields: Field, delay: float = 0) -> Answer:
    """Return an answer of one line of text."""
    return Answer(status=code, content=f"{sentence}\n".encode(), fields=fields, delay=delay)


def number(request: Request, name: str, default: int, largest: int) -> int | None:
    """Return a numeric argument of the query, None when it is no number or too large."""
    text = parse_qs(request.query, keep_blank_values=True).get(name, [str(default)])[0]
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > largest:
        return None
    return int(text)


def describe(request: Request) -> dict[str, Any]:
    """Return the echo of a request, as ``conformance/echo.schema.json`` says: what is unknown is left out."""
    members = {
        "witness": 1,
        "method": request.method,
        "target": request.target,
        "version": request.version,
        "headers": [list(field) for field in request.headers],
        "headers_as_received": None if request.headers_as_received else False,
        "body": None if request.body is None else describe_octets(request.body) | show(request.body),
        "host": request.host,
        "remote_ip": request.remote_ip,
        "protocol": request.protocol,
        "path": request.path,
        "query": request.query,
        "arguments": None if request.arguments is None else describe_arguments(request.arguments),
        "files": None if request.files is None else describe_files(request.files),
        "trailers": None if request.trailers is None else [list(field) for field in request.trailers],
    }
    return {name: value for name, value in members.items() if value is not None}


def describe_arguments(arguments: Mapping[str, Sequence[bytes]]) -> dict[str, list[str]]:
    """Return the values of each form field as UTF-8."""
    return {
        name: [value.decode("utf-8", "replace") for value in values] for name, values in arguments.items()
    }


def describe_files(files: Mapping[str, Sequence[File]]) -> dict[str, list[dict[str, Any]]]:
    """Return name, type and digest of each file."""
    return {
        name: [
            {
                "filename": file["filename"],
                "content_type": file["content_type"],
                **describe_octets(file["body"]),
            }
            for file in listed
        ]
        for name, listed in files.items()
    }


def describe_octets(content: bytes) -> dict[str, Any]:
    """Return the length of some octets and their SHA-256, in hexadecimal."""
    return {"length": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def show(content: bytes) -> dict[str, str]:
    """Return the octets themselves, unless there are too many."""
    return {"base64": base64.b64encode(content).decode()} if len(content) <= SHOWN_BODY else {}
