"""A second opinion on framing: how h11 reads the bytes of a response, and where our own reader differs.

Verdicts rest on `clients.response` alone. But if another reader frames a server's plain response
differently, one of the two may be wrong, and a user should know; no verdict follows. This is the only module
that knows h11, and it does so without sockets: bytes in, a value or a sentence out.
"""

import re
from dataclasses import dataclass

import h11

from clients.response import Response

# How h11 quotes bytes in its messages.
_QUOTED = re.compile(r"""bytearray\(b(['"])(.*)\1\)""", re.DOTALL)


@dataclass(frozen=True)
class Framed:
    """How h11 frames a final response."""

    status: int

    length: int
    """The bytes of its content that have come, decoded."""

    end: int
    """The offset where it ends in the bytes that were read; interim responses before it are included."""

    complete: bool
    """Whether all of it has come."""


def framing_by_h11(received: bytes, method: bytes, *, ended: bool) -> Framed | str:
    """Read the first final response in some bytes; return how h11 frames it, or why h11 refuses it.

    method: of the request that was answered.
    ended: whether the server ended the connection in good order after these bytes.
    """
    client = _client_after(method, len(received))
    if received:  # no bytes at all would mean the end of the connection
        client.receive_data(received)
    try:
        status, length, complete = _read(client)
    except h11.ProtocolError as error:
        return _QUOTED.sub(r"\2", str(error))
    if not status:
        return "there is no complete head of a final response"
    complete = complete or (ended and _is_completed_by_the_end(client))
    rest = client.trailing_data[0] if complete else b""
    return Framed(status, length, len(received) - len(rest), complete)


def _read(client: h11.Connection) -> tuple[int, int, bool]:
    """Read what a client has received: the status, the length of the content, and whether all is complete."""
    status = length = 0
    while (event := client.next_event()) is not h11.NEED_DATA:
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            length += len(event.data)
        elif not isinstance(event, h11.InformationalResponse):  # the end of the message, or a tunnel
            return status, length, True
    return status, length, False


def _is_completed_by_the_end(client: h11.Connection) -> bool:
    client.receive_data(b"")
    try:
        return isinstance(client.next_event(), h11.EndOfMessage)
    except h11.ProtocolError:
        return False


def _client_after(method: bytes, longest_head: int) -> h11.Connection:
    """Return a client that has sent a request; a head of that many bytes is not too long for it."""
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=longest_head + 1)
    # Only these two change how a response is framed, and h11 need not accept any other method.
    known = method if method in (b"HEAD", b"CONNECT") else b"GET"
    client.send(h11.Request(method=known, target=b"/", headers=[(b"Host", b"a")]))
    client.send(h11.EndOfMessage())
    return client


def differs(ours: Response, theirs: Framed | str, method: bytes = b"GET") -> str:
    """Return what h11 reads differently, as one sentence for a user; "" if both frame the response alike."""
    answer = f"the answer to a plain {method.decode('latin-1')}"
    if isinstance(theirs, str):
        content = f"{_bytes(ours.length)} of content"
        return f"h11 refuses {answer}, which wirecheck reads as {ours.status} with {content}: {theirs}."
    if theirs.status != ours.status:
        how = f"status {theirs.status}, where wirecheck reads {ours.status}"
    elif theirs.complete and not ours.complete:
        how = "a complete response, where wirecheck waits for more"
    elif ours.complete and not theirs.complete:
        how = "it waits for more, where wirecheck reads a complete response"
    elif theirs.length != ours.length:
        how = f"{_bytes(theirs.length)} of content, where wirecheck reads {ours.length}"
    elif theirs.end != ours.end:
        how = f"it ends after {_bytes(theirs.end)}, where wirecheck reads {ours.end}"
    else:
        return ""
    return f"h11 reads {answer} differently: {how}."


def _bytes(number: int) -> str:
    return "1 byte" if number == 1 else f"{number} bytes"


def disagreement(received: bytes, method: bytes, ours: Response, *, ended: bool) -> str:
    """Return how h11 and our reader differ on a response, as one sentence; "" if they frame it alike.

    received: all bytes of the connection up to and after the response, from the first on.
    method: of the request that was answered.
    ours: the first final response in these bytes, as our reader has read it.
    ended: whether the server ended the connection in good order after these bytes.
    """
    return differs(ours, framing_by_h11(received, method, ended=ended), method)
