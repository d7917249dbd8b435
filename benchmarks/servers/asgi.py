"""The greeting as an ASGI application, for uvicorn and granian. ASGI parses no forms."""

from collections.abc import Awaitable, Callable
from typing import Any


async def application(
    scope: dict[str, Any],
    _receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Do what ``reference.py`` does."""
    message = b"You requested %s\n" % scope["path"].encode()
    fields = [(b"content-length", b"%d" % len(message))]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": message})
