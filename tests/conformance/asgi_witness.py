"""The witness as an ASGI application, to judge ASGI servers that we did not write by what they understood."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer /witness/… as DESIGN section 5 says, and 200 elsewhere."""
    if scope["type"] != "http":
        return
    kind, _, argument = scope["path"].removeprefix("/witness/").partition("/")
    if not scope["path"].startswith("/witness/"):
        await answer(scope, send, 200, b"hello\n")
    elif kind == "ignore":
        await answer(scope, send, 200, b"not read\n")
    elif kind == "echo":
        await answer(scope, send, 200, json.dumps(await echo(scope, receive)).encode())
    elif kind == "status":
        await answer(scope, send, int(argument), b"")
    elif kind == "size":
        await answer(scope, send, 200, b"x" * int(argument))
    elif kind == "slow":
        await asyncio.sleep(0.1)
        await answer(scope, send, 200, b"late\n")
    elif kind == "stream":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(3):
            await send({"type": "http.response.body", "body": b"x" * 10, "more_body": True})
        await send({"type": "http.response.body"})


async def echo(scope: Scope, receive: Receive) -> dict[str, Any]:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    query = scope["query_string"]
    return {
        "witness": 1,
        "method": scope["method"],
        "target": (scope["raw_path"] + (b"?" + query if query else b"")).decode("latin-1"),
        "version": f"HTTP/{scope['http_version']}",
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
        "body": {
            "length": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "base64": base64.b64encode(body[:65536]).decode(),
        },
        "protocol": scope["scheme"],
    }


async def answer(scope: Scope, send: Send, status: int, content: bytes) -> None:
    fields = [] if status in (204, 304) else [(b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})
