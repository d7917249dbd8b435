"""Canned conversations: what servers of known behaviour would say to a scenario, without a server.

A naive reader takes the scenario's bytes apart, leniently and without any care for the rules, and answers as
the witness would; around that stand refusals, hang-ups and silence. It shares no code with the reference
server, and knows nothing of what a scenario accepts.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from clients.endpoint import Endpoint
from clients.steps import Action, last_connection
from clients.transcript import Ending, Event, Kind, Transcript
from conformance.judging.model import Need, Scenario
from conformance.running.pairs import converse
from conformance.targets.target import Target

TARGET = Target(
    name="canned",
    url="http://a.example/",
    endpoint=Endpoint("a.example", 80),
    authority=b"a.example",
    path=b"/",
    witness=b"/witness",
    offers=frozenset(Need),
)

REFUSALS = (301, 400, 405, 413, 414, 417, 501, 505)


@dataclass(frozen=True)
class Request:
    """A request as the naive reader takes it; documented: by what the documented server's page says."""

    method: bytes
    target: bytes
    version: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes
    documented: bool = False

    def field(self, name: bytes) -> bytes:
        return b", ".join(value for field, value in self.fields if field.lower() == name)

    @property
    def persists(self) -> bool:
        options = self.field(b"connection").lower()
        if self.version == b"HTTP/1.1":
            return re.search(rb"(^|[, ])close($|[, ])", options) is None
        return b"keep-alive" in options


def naive_requests(data: bytes, *, documented: bool = False) -> Iterator[Request]:
    """Take all requests out of the bytes; whatever makes no sense ends the reading."""
    while match := re.match(
        rb"\s*(\S+)[ \t]+(\S+)[ \t]+(HTTP/\S*)[ \t]*(|\r?\n.*?)\r?\n\r?\n", data, re.DOTALL
    ):
        fields = tuple(
            (name.strip(), value.strip())
            for name, _, value in (line.partition(b":") for line in re.split(rb"\r?\n", match[4]))
            if name.strip()
        )
        request = Request(match[1], match[2], match[3], fields, b"", documented)
        body, data = naive_body(request, data[match.end() :])
        yield replace(request, body=body)


SIZE_LINE = re.compile(rb"([0-9A-Fa-f]++)[^\r\n]*+\r\n")


def naive_body(request: Request, data: bytes) -> tuple[bytes, bytes]:
    """Split the bytes behind a head into the body and what follows it."""
    if b"chunked" in request.field(b"transfer-encoding").lower() and not request.documented:
        pieces: list[bytes] = []
        position = 0
        while chunk := SIZE_LINE.match(data, position):
            size, position = int(chunk[1], 16), chunk.end()
            if not size:
                return b"".join(pieces), data[position:].partition(b"\r\n")[2]
            pieces.append(data[position : position + size])
            position = min(position + size + 2, len(data))
        return b"".join(pieces), data[position:]
    length = re.match(rb"\d+", request.field(b"content-length"))
    size = min(int(length[0][:4000]), len(data)) if length else 0
    return data[:size], data[size:]


def answer(request: Request, protocol: str) -> bytes:
    """Answer as the witness would."""
    kind, _, argument = request.target.partition(b"/witness/")[2].partition(b"?")[0].partition(b"/")
    content = echo(request, protocol)
    if request.documented and b"/witness/" not in request.target:
        content = b"You requested " + request.target + b"\n"
    status = b"200 OK"
    if kind in (b"status", b"size"):
        status = argument + b" Chosen" if kind == b"status" else status
        content = b"" if kind == b"status" else b"x" * int(argument)
    elif kind == b"stream":
        content = b"x" * 30
    options = b"" if request.persists else b"Connection: close\r\n"
    if request.version != b"HTTP/1.1" and request.persists:
        options = b"Connection: Keep-Alive\r\n"
    bodiless = status[:3] in (b"204", b"304") or status.startswith(b"1")
    length = b"" if bodiless else b"Content-Length: %d\r\n" % len(content)
    head = b"HTTP/1.1 " + status + b"\r\n" + options + length + b"\r\n"
    return head if request.method == b"HEAD" else head + content


def echo(request: Request, protocol: str) -> bytes:
    authority = re.match(rb"https?://([^/]*)", request.target)
    host = authority[1] if authority else request.field(b"host") or b"127.0.0.1"
    if request.documented:
        host = request.field(b"host").replace(b", ", b",") or b"127.0.0.1"
    seen: dict[str, Any] = {
        "witness": 1,
        "method": request.method.decode("latin-1"),
        "target": request.target.decode("latin-1"),
        "version": request.version.decode("latin-1"),
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.fields],
        "body": described(request.body),
        "host": host.decode("latin-1"),
        "protocol": protocol,
    }
    arguments, files = form(request)
    return json.dumps(seen | {"arguments": arguments, "files": files}).encode()


def described(data: bytes) -> dict[str, Any]:
    return {
        "length": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "base64": base64.b64encode(data[:65536]).decode(),
    }


def form(request: Request) -> tuple[dict[str, list[str]], dict[str, list[dict[str, Any]]]]:
    """Take forms apart with the standard library."""
    query = request.target.partition(b"?")[2].decode("latin-1")
    arguments, files = parse_qs(query), dict[str, list[dict[str, Any]]]()
    kind = request.field(b"content-type")
    urlencoded = b"urlencoded" in (kind if request.documented else kind.lower())
    if request.method in (b"POST", b"PUT") and urlencoded:
        for name, values in parse_qs(request.body.decode("latin-1"), encoding="utf-8").items():
            arguments.setdefault(name, []).extend(values)
    if request.method in (b"POST", b"PUT") and kind.startswith(b"multipart/form-data"):
        for part in parts(request.body, parameter(kind, "boundary"), documented=request.documented):
            add_part(part, arguments, files)
    return arguments, files


def parts(body: bytes, boundary: str, *, documented: bool) -> Iterator[bytes]:
    """Split a multipart body at its delimiters, and drop what stands before the first and behind the last."""
    if not boundary:
        return
    if documented:
        # The document's delimiter is --boundary alone; a part that does not end a line before it is skipped.
        pieces = re.split(rb"--" + re.escape(boundary.encode("latin-1")) + rb"(?:--)?(?=\r\n|$)", body)
        yield from (piece[2:-2] for piece in pieces[1:-1] if piece.endswith(b"\r\n"))
        return
    delimiter = b"\r\n--" + re.escape(boundary.encode("latin-1"))
    pieces = re.split(delimiter + rb"(?:--)?[ \t]*(?=\r\n|$)", b"\r\n" + body)
    yield from (piece.removeprefix(b"\r\n") for piece in pieces[1:-1])


PARAMETER = re.compile(rb";\s*([^=;\s]+)=(?:\"((?:[^\"\\]|\\.)*)\"|([^;\s]*))")


def parameter(value: bytes, name: str) -> str:
    """Find a parameter of a field value, and take its quotes off."""
    for found in PARAMETER.finditer(value):
        if found[1].lower() == name.encode():
            quoted = re.sub(rb"\\(.)", rb"\1", found[2]) if found[2] is not None else found[3]
            return quoted.decode("latin-1")
    return ""


def add_part(part: bytes, arguments: dict[str, list[str]], files: dict[str, list[dict[str, Any]]]) -> None:
    head, _, content = part.partition(b"\r\n\r\n")
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n"))
    }
    disposition = fields.get(b"content-disposition", b"")
    name, filename = (
        parameter(disposition, wanted).encode("latin-1").decode("utf-8", "replace")
        for wanted in ("name", "filename")
    )
    if not disposition.startswith(b"form-data") or not name:
        return
    if filename:
        kind = fields.get(b"content-type", b"application/unknown").decode()
        files.setdefault(name, []).append({"filename": filename, "content_type": kind} | described(content))
    else:
        arguments.setdefault(name, []).append(content.decode("utf-8", "replace"))


def conversations(scenario: Scenario) -> Iterator[tuple[str, Transcript]]:
    """What servers of known behaviour would say to the scenario, by the name of the behaviour."""
    played = converse(TARGET, scenario)
    # Only what is said over the last connection is answered on it.
    sent = b"".join(step for step in last_connection(played.steps) if isinstance(step, bytes))
    protocol = "https" if Need.TLS in scenario.all_needs else "http"
    requests = list(naive_requests(sent, documented=scenario.profile == "documented"))
    answers = [answer(request, protocol) for request in requests]
    follow_up = answer(next(naive_requests(played.follow_up)), protocol)
    up_to_close = next((n for n, request in enumerate(requests, 1) if not request.persists), len(requests))
    whole = b"".join(answers[:up_to_close])
    paused = Action.PAUSE in scenario.send

    def said(
        received: bytes, ending: Ending, later: bytes = b"", early: bytes = b"", *, secured: bool = True
    ) -> Transcript:
        kinds = [(Kind.CONNECTED, b""), *([(Kind.SECURED, b"")] if secured else []), (Kind.SENT, sent)]
        kinds += [(Kind.RECEIVED, early), (Kind.PAUSED, b"")] if paused else []
        kinds += [(Kind.RECEIVED, received)]
        kinds += [(Kind.FOLLOWED_UP, played.follow_up), (Kind.RECEIVED, later)] if later else []
        return Transcript(tuple(Event(0.0, kind, data) for kind, data in kinds), ending)

    yield "understands and keeps open", said(b"".join(answers), Ending.FIN, follow_up)
    yield "understands and closes", said(whole, Ending.FIN)
    yield "understands and closes TLS", said(whole, Ending.CLOSE_NOTIFY)
    yield "answers the first and closes", said(b"".join(answers[:1]), Ending.FIN)
    yield "answers before the pause", said(b"", Ending.FIN, follow_up, early=whole)
    yield "continues and understands", said(b"HTTP/1.1 100 Continue\r\n\r\n" + whole, Ending.FIN)
    for status in REFUSALS:
        refusal = b"HTTP/1.1 %d Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % status
        yield f"answers {status} and closes", said(refusal, Ending.FIN)
        yield f"answers {status} and closes TLS", said(refusal, Ending.CLOSE_NOTIFY)
        yield f"answers and then {status}", said(b"".join(answers[:1]) + refusal, Ending.FIN)
    yield "hangs up", said(b"", Ending.FIN)
    yield "ends TLS with an alert", said(b"", Ending.ALERT)


def nothing_said(scenario: Scenario) -> Iterator[tuple[str, Transcript]]:
    """What says nothing of a server's conformance, whatever the scenario."""
    sent = scenario.bytes_sent
    begun = (Event(0.0, Kind.CONNECTED), Event(0.0, Kind.SENT, sent))
    yield "silence", Transcript(begun, Ending.SILENCE)
    yield "no bytes until we left", Transcript(begun, Ending.LEFT)
    yield "garbage", Transcript((*begun, Event(0.0, Kind.RECEIVED, b"\x00\xff no HTTP")), Ending.SILENCE)
    yield "a flood", Transcript((*begun, Event(0.0, Kind.RECEIVED, b"x" * 1000)), Ending.FLOOD)
    yield (
        "half a response",
        Transcript((*begun, Event(0.0, Kind.RECEIVED, b"HTTP/1.1 200 O")), Ending.SILENCE),
    )
