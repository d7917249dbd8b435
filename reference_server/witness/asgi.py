"""The witness as an ASGI application: ``uvicorn reference_server.witness.asgi:app``.

ASGI has the path and the query, but not the request-target as received, and no trailers of a request: the
echo goes without them.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any

from reference_server.witness import core

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one scope: a request, the server's life, or a WebSocket, which is refused."""
    if scope["type"] == "http":
        await serve(scope, receive, send)
    elif scope["type"] == "lifespan":
        await live(receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close"})


async def live(receive: Receive, send: Send) -> None:
    """Let the server start and end: there is nothing to prepare."""
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    answer = await answer_to(read(scope), receive)
    await asyncio.sleep(answer.delay)
    head = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.head()]
    with contextlib.suppress(OSError):  # so a server may say that the client is gone
        await send({"type": "http.response.start", "status": answer.status, "headers": head})
        for piece in answer.pieces(scope["method"]):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def answer_to(request: core.Request, receive: Receive) -> core.Answer:
    """Return the answer to a request, whose body is read where it is wanted."""
    if core.ignores_body(request.path, request.mount):
        return core.answer(request)
    try:
        return core.answer(replace(request, body=await read_body(receive)))
    except core.Refused as refused:
        return refused.answer


def read(scope: Scope) -> core.Request:
    """Return what ASGI tells of a request, without its body."""
    client, version = scope.get("client"), scope["http_version"]
    return core.Request(
        method=scope["method"],
        path=octets(scope["path"].encode("utf-8", "replace")),
        mount=octets(scope.get("root_path", "").encode("utf-8", "replace")),
        query=octets(scope["query_string"]),
        version=f"HTTP/{version}" if "." in version else None,  # granian says 1 for 1.0
        headers=[(octets(name), octets(value)) for name, value in scope["headers"]],
        remote_ip=client[0] if client else None,
        protocol=scope.get("scheme"),
    )


def octets(value: bytes) -> str:
    """Return octets as text, one code point each."""
    return bytes(value).decode("latin-1")


async def read_body(receive: Receive) -> bytes:
    """Return the body. Raises ``Refused``.

    A disconnect may also mean that what comes is no body: some servers say so, and then send what we answer.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise core.incomplete()
        body += message.get("body", b"")
        if len(body) > core.LARGEST_BODY:
            raise core.too_large()
        if not message.get("more_body"):
            return bytes(body)
