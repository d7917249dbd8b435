"""What is wrong with what came back for a stream: by the strict reader of responses, the model, and itself.

Everything here is a function of octets; nothing is sent.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest

from clients.reader import read_responses
from clients.response import Reading, Response
from tests.fuzz.messages import Message
from tests.fuzz.streams import Due, Stream

_LEAST_REQUEST = len(b"A / HTTP/\r\n\r\n")


@dataclass(frozen=True)
class Reply:
    """What came back over one connection."""

    octets: bytes
    closed_first: bool
    """Whether the server had closed the connection before we closed our sending side."""
    ended: bool
    """Whether the server closed it in the end."""


def read(stream: Stream, octets: bytes, *, ended: bool) -> Reading:
    """Read what came back as responses to the requests of a stream.

    The method of a request is not known where octets of it were changed or are missing; its response is then
    taken for one to HEAD where only that leads to the next response, or to the end.
    """
    methods = [message.method for message in takewhile(lambda message: message.known, stream.messages)]
    while True:
        reading = read_responses(octets, methods, ended=ended)
        last = reading.finals[-1] if reading.finals else None
        if last is None or (last.complete and not reading.rest) or b"HEAD" not in stream.octets:
            return reading
        if len(reading.finals) <= len(methods):
            return reading
        # The last response does not fit the others.
        methods += [b"GET"] * (len(reading.finals) - 1 - len(methods)) + [b"HEAD"]


def problems(stream: Stream, expected: Due, reply: Reply, profile: str) -> Iterator[str]:
    """Say in sentences what is wrong with a reply."""
    reading = read(stream, reply.octets, ended=reply.ended)
    finals = reading.finals
    if not reply.ended:
        yield "the server did not close the connection after we had closed ours"
    yield from _flaws(reading)
    if expected.known:
        yield from _known(expected, reply, finals, profile)
    else:
        yield from _unknown(stream, expected, finals)
    for number, (message, response) in enumerate(zip(expected.served, finals, strict=False), 1):
        yield from (f"answer {number} {what}" for what in _echo(message, response))


def _flaws(reading: Reading) -> Iterator[str]:
    if reading.rest:
        yield f"{len(reading.rest)} octets are not a response: {reading.rest[:80]!r}"
    for number, response in enumerate(reading.responses, 1):
        flaws = [flaw.value for flaw in response.flaws]
        if flaws or not response.complete:
            yield f"response {number} is not complete, or has {flaws}"
        if not response.persists and number < len(reading.responses):
            yield f"response {number} says that the connection ends, and another follows"


def _known(expected: Due, reply: Reply, finals: Sequence[Response], profile: str) -> Iterator[str]:
    refusals = int(expected.refused and profile == "http11")
    wanted = len(expected.served) + refusals
    if len(finals) != wanted:
        yield f"{wanted} answers are due, {len(finals)} came: {[each.status for each in finals]}"
    if refusals and finals and not 400 <= finals[-1].status < 600:
        yield f"the request with a fault was answered {finals[-1].status}"
    if reply.closed_first != expected.closes:
        yield "the server kept the connection open" if expected.closes else "the server closed the connection"


def _unknown(stream: Stream, expected: Due, finals: Sequence[Response]) -> Iterator[str]:
    most = len(expected.served) + len(stream.octets) // _LEAST_REQUEST + 1
    if not len(expected.served) <= len(finals) <= most:
        yield f"{len(expected.served)} to {most} answers may come, {len(finals)} came"


def _echo(message: Message, response: Response) -> Iterator[str]:
    """Compare what the application saw with what was sent."""
    if response.status != 200:
        yield f"is {response.status} to a right request"
    elif message.method == b"HEAD":
        if response.content:
            yield "has content, and the request was HEAD"
    elif (seen := _seen_by_application(response)) != (wanted := _as_sent(message)):
        yield f"shows {seen}, and {wanted} was sent"


def _as_sent(message: Message) -> tuple[object, ...]:
    digest = hashlib.sha256(message.body).hexdigest()
    return message.method.decode(), message.target.decode(), len(message.body), digest


def _seen_by_application(response: Response) -> tuple[object, ...]:
    try:
        echo = json.loads(response.content)
        return echo["method"], echo["target"], echo["body"]["length"], echo["body"]["sha256"]
    except (ValueError, KeyError, TypeError):
        return ("no echo", response.content)


def compare(stream: Stream, one: Reply, other: Reply) -> Iterator[str]:
    """Say in sentences how the replies to the same octets differ, which were cut into other pieces.

    Interim responses may differ: whether one is due depends on what has come by then. So may the moment of
    the close, since we do not know what to wait for before we close our side.
    """
    here, there = (read(stream, reply.octets, ended=reply.ended).finals for reply in (one, other))
    for number, (first, second) in enumerate(zip_longest(here, there), 1):
        if _seen(first) != _seen(second):
            yield f"answer {number} depends on the pieces: {_seen(first)} or {_seen(second)}"


def _seen(response: Response | None) -> tuple[int, bytes] | None:
    return None if response is None else (response.status, response.content)
