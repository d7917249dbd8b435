"""Makes conversations, observations, scenarios, targets and findings by hand, without a server."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from clients.endpoint import Endpoint
from clients.tls import make_security
from clients.transcript import Ending, Event, Kind, Transcript
from conformance.clauses import Clause, Level, Source
from conformance.judging.model import Finding, Scenario, Verdict
from conformance.judging.observation import Observation, observe
from conformance.judging.outcomes import answers
from conformance.targets.target import Target

# What no sentence may hold, whatever a server sends.
RAW = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")

HOSTILE = b"\x1b[2J\r\n\x00\x07\x7f\x9b31m<script>"

EVERY_ENDING = tuple(Ending)
ENDINGS_BY_THE_SERVER = tuple(ending for ending in Ending if ending.closed)
OTHER_ENDINGS = tuple(ending for ending in Ending if not ending.closed)

CONNECTED = Event(0.0, Kind.CONNECTED)
RESET_SENT = Event(0.2, Kind.RESET_SENT)
PAUSED = Event(0.3, Kind.PAUSED)
IN_VAIN = Event(0.3, Kind.AWAITED_IN_VAIN)
FOLLOWED_UP = Event(0.5, Kind.FOLLOWED_UP, b"GET /echo?follow-up HTTP/1.1\r\nHost: a\r\n\r\n")

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def sent(data: bytes) -> Event:
    return Event(0.1, Kind.SENT, data)


def received(data: bytes) -> Event:
    return Event(0.4, Kind.RECEIVED, data)


def response(
    status: int = 200, content: bytes = b"", *fields: bytes, version: bytes = b"HTTP/1.1", length: int = -1
) -> bytes:
    """A response on the wire; `length` stands in Content-Length in place of the truth."""
    announced = () if status < 200 or status in (204, 304) else (len(content) if length < 0 else length,)
    lines = [b"%s %d Any" % (version, status), *fields, *(b"Content-Length: %d" % size for size in announced)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + content


OK = response(200, b"ok")
BAD_REQUEST = response(400, b"no")
CONTINUE = response(100)
HALF = response(200, b"half", length=99)
HALF_REFUSAL = response(400, b"half", length=99)


def transcript(*events: Event, ending: Ending = Ending.FIN, note: str = "") -> Transcript:
    return Transcript((CONNECTED, *events), ending, note)


def observed(
    *events: Event,
    ending: Ending = Ending.FIN,
    note: str = "",
    witness: bool = False,
    forms: bool = False,
    filled: dict[bytes, bytes] | None = None,
) -> Observation:
    return observe(
        transcript(*events, ending=ending, note=note), filled=filled or {}, witness=witness, forms=forms
    )


def said(data: bytes, later: bytes | None = None, *, ending: Ending = Ending.FIN, **how: Any) -> Observation:
    """A server that said `data` to a GET and, if a follow-up was sent, `later`."""
    events = [sent(GET), *([received(data)] if data else [])]
    if later is not None:
        events += [FOLLOWED_UP, *([received(later)] if later else [])]
    return observed(*events, ending=ending, **how)


SILENCE = observed(sent(GET), ending=Ending.SILENCE)
HANG_UP = observed(sent(GET), ending=Ending.FIN)
GARBAGE = said(b"\x00\x01 garbage\r\n\r\n")


def echo(**members: Any) -> bytes:
    """A response that is the witness's echo, with these members."""
    return response(200, json.dumps({"witness": 1} | members).encode("ascii"))


def described(content: bytes) -> dict[str, Any]:
    return {"length": len(content), "sha256": hashlib.sha256(content).hexdigest()}


_SOURCE = Source("Example", "EX-", "", "https://example.test/{section}")

KEYWORDS = {Level.MUST: "MUST", Level.SHOULD: "SHOULD", Level.MAY: "MAY"}


def clause(level: Level = Level.MUST, *, profile: str = "http11") -> Clause:
    return Clause("EX-1", replace(_SOURCE, profile=profile), "1", KEYWORDS[level], "Answer what is asked")


def scenario(scenario_id: str = "example.plain", **changes: Any) -> Scenario:
    given: dict[str, Any] = {
        "title": "A plain GET",
        "clause": clause(),
        "send": (b"GET <witness> HTTP/1.1\r\nHost: <host>\r\n\r\n",),
        "accept": answers(200),
        "why": "Without it, nothing works.",
    }
    return Scenario(id=scenario_id, **(given | changes))


def target(**changes: Any) -> Target:
    given: dict[str, Any] = {
        "name": "plain",
        "url": "http://a.test/",
        "endpoint": Endpoint("127.0.0.1", 1),
        "authority": b"a.test",
        "path": b"/",
    }
    return Target(**(given | changes))


def secured_endpoint() -> Endpoint:
    return Endpoint("127.0.0.1", 1, make_security("a.test", insecure=True))


def finding(**changes: Any) -> Finding:
    given: dict[str, Any] = {
        "check": scenario(),
        "target": "plain",
        "verdict": Verdict.PASS,
        "expected": "The server answers 200.",
        "observed": "The server answered 200 and kept the connection open.",
        "reason": "",
        "transcript": transcript(sent(GET), received(OK)),
        "seconds": 0.25,
    }
    return Finding(**(given | changes))


def every_shape() -> Iterator[tuple[str, Observation]]:
    """One observation of each shape that a conversation can have, by name."""
    for ending in EVERY_ENDING:
        for name, data in {
            "nothing": b"",
            "an answer": OK,
            "a refusal": BAD_REQUEST,
            "two answers": OK + BAD_REQUEST,
            "an interim response": CONTINUE,
            "an interim response and an answer": CONTINUE + OK,
            "half an answer": HALF,
            "an answer and a half": OK + HALF,
            "garbage": b"\x00garbage\r\n\r\n",
            "an answer and garbage": OK + b"\x00garbage",
            "an alert": b"\x15\x03\x03\x00\x02\x02\x28",
        }.items():
            yield f"{name}, {ending.name}", said(data, ending=ending)
            yield f"{name}, follow-up answered, {ending.name}", said(data, OK, ending=ending)
