"""The witness as a WSGI application (PEP 3333): ``gunicorn reference_server.witness.wsgi:app``.

WSGI hands over one value a field name, in other letters, with ``_`` for ``-``: the echo says so. It has no
place for trailers. A server that does not keep the request-target has the echo go without it.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from reference_server.witness import core

Environ = Mapping[str, Any]
StartResponse = Callable[[str, list[core.Field]], object]

PIECE = 64 * 1024
"""Octets of a body to ask for at once."""

LONGEST_LENGTH = 1000
"""Digits of a Content-Length that are made a number of: Python refuses to for some thousand."""


def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request."""
    answer = answer_to(environ)
    if answer.delay:
        time.sleep(answer.delay)
    start_response(f"{answer.status} {reason_phrase(answer.status)}", answer.head())
    return answer.pieces(environ["REQUEST_METHOD"])


def answer_to(environ: Environ) -> core.Answer:
    """Return the answer to a request, whose body is read where it is wanted."""
    request = read(environ)
    if not core.ignores_body(request.path, request.mount):
        try:
            request = replace(request, body=read_body(environ))
        except core.Refused as refused:
            return refused.answer
    answer = core.answer(request)
    if any(name == "Connection" for name, _ in answer.fields):
        # PEP 3333 leaves the connection to the server, and an assertion of wsgiref's enforces it.
        return core.say(501, "WSGI cannot answer so")
    return answer


def read(environ: Environ) -> core.Request:
    """Return what WSGI tells of a request, without its body."""
    mount = environ.get("SCRIPT_NAME", "")
    return core.Request(
        method=environ["REQUEST_METHOD"],
        path=mount + environ.get("PATH_INFO", ""),
        mount=mount,
        query=environ.get("QUERY_STRING", ""),
        target=target(environ),
        version=environ.get("SERVER_PROTOCOL"),
        headers=list(fields(environ)),
        headers_as_received=False,
        remote_ip=environ.get("REMOTE_ADDR"),
        protocol=environ["wsgi.url_scheme"],
    )


def target(environ: Environ) -> str | None:
    """Return the request-target under one of the names that servers keep it under, if it is whole."""
    query = environ.get("QUERY_STRING", "")
    for name in ("RAW_URI", "REQUEST_URI"):
        kept = environ.get(name)
        if isinstance(kept, str) and kept.partition("?")[2] == query:
            return kept
    return None


def fields(environ: Environ) -> Iterable[core.Field]:
    """Yield the header fields, under names as they are usually written."""
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key.removeprefix("HTTP_").replace("_", "-").title(), value
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield key.replace("_", "-").title(), value


def read_body(environ: Environ) -> bytes | None:
    """Return the body; None if there is one whose end WSGI does not tell. Raises ``Refused``."""
    length = environ.get("CONTENT_LENGTH", "").strip(" \t")
    coded = "HTTP_TRANSFER_ENCODING" in environ
    if environ.get("wsgi.input_terminated") and (not length or coded):
        return read_at_most(environ["wsgi.input"], core.LARGEST_BODY + 1)
    if coded and not length:
        return None
    if length and not (length.isascii() and length.isdigit() and len(length) <= LONGEST_LENGTH):
        raise core.incomplete("Content-Length is not a number, or too long")
    wanted = int(length or "0")
    body = read_at_most(environ["wsgi.input"], min(wanted, core.LARGEST_BODY + 1))
    if len(body) < wanted:
        raise core.incomplete(f"{len(body)} octets of {wanted} came")
    return body


def read_at_most(stream: Any, most: int) -> bytes:
    """Return the octets of a stream up to its end, or so many. Raises ``Refused``."""
    body = bytearray()
    while len(body) < most:
        try:
            piece = stream.read(min(most - len(body), PIECE))
        except Exception as error:  # each server raises its own
            raise core.incomplete(type(error).__name__) from error
        if not piece:
            break
        body += piece
    if len(body) > core.LARGEST_BODY:
        raise core.too_large()
    return bytes(body)


def reason_phrase(status: int) -> str:
    """Return the reason phrase, which WSGI wants to be there."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
