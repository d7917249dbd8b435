"""Complete responses as bytes, for those that need not write their own: error responses, witness, examples.

It knows how a response is framed and which fields every response should have, and nothing of connections.
"""

import re
import time
from collections.abc import Iterable
from typing import Protocol

from reference_server.httputil import format_date, reason_phrase

SERVER = "wirecheck-reference"

PLAIN_TEXT = "text/plain; charset=utf-8"

Field = tuple[str, str]

ENDS_A_LINE = re.compile(r"[\r\n\0]")


class Request(Protocol):
    """What has to be known of a request to answer it, which an ``HTTPRequest`` is."""

    method: str
    version: str
    persistent: bool

    def write(self, chunk: bytes) -> None:
        """Send a piece of the response."""

    def finish(self) -> None:
        """Say that the response is complete."""


def has_no_content(status: int) -> bool:
    """Tell whether a response with this status ends with its head (RFC 9112, section 6.3)."""
    return status < 200 or status in (204, 304)


def render_head(status: int, fields: Iterable[Field]) -> bytes:
    """Return a status line and a head with Date, Server and the given fields, the empty line included.

    Raises ``ValueError`` for a name or value with CR, LF or NUL in it: what comes after would be read as
    another field, or as another response (RFC 9110, section 5.5).
    """
    lines = [f"HTTP/1.1 {status} {reason_phrase(status)}"]
    lines.append(f"Date: {format_date(int(time.time()))}")
    lines.append(f"Server: {SERVER}")
    for name, value in fields:
        line = f"{name}: {value}"
        if ENDS_A_LINE.search(line):
            raise ValueError(f"CR, LF or NUL in a field: {line!r}")
        lines.append(line)
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def render(status: int, fields: Iterable[Field], body: bytes, *, to_head: bool) -> bytes:
    """Return a whole response with its length. To HEAD it announces the body and leaves it out."""
    if has_no_content(status):
        return render_head(status, fields)
    head = render_head(status, [*fields, ("Content-Length", str(len(body)))])
    return head if to_head else head + body


def error_response(status: int, reason: str, *, to_head: bool) -> bytes:
    """Return a response that explains in one line why the connection is about to be closed."""
    body = f"{status} {reason_phrase(status)}: {reason}\n".encode()
    return render(status, [("Content-Type", PLAIN_TEXT), ("Connection", "close")], body, to_head=to_head)


def connection_fields(request: Request) -> list[Field]:
    """Return what a response has to say of the connection (RFC 9112, sections 9.3 and 9.6)."""
    if not request.persistent:
        return [("Connection", "close")]
    return [("Connection", "keep-alive")] if request.version == "HTTP/1.0" else []


def respond(
    request: Request,
    status: int,
    body: bytes = b"",
    *,
    content_type: str = PLAIN_TEXT,
    fields: Iterable[Field] = (),
) -> None:
    """Answer a request with a whole response, and finish it.

    Raises ``ValueError`` when ``content_type``, or one of ``fields``, has CR, LF or NUL in it. Nothing is
    then sent.
    """
    described = [] if has_no_content(status) else [("Content-Type", content_type)]
    everything = [*described, *fields, *connection_fields(request)]
    request.write(render(status, everything, body, to_head=request.method == "HEAD"))
    request.finish()
