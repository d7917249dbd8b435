"""All responses of a run, each with its request, and how they are checked against an invariant.

Nothing is sent for an invariant: it is checked on the responses to all scenarios. This module does not know
which invariants there are, nor who plays the scenarios.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat

from clients.response import Flaw, Framing, Response, read_responses
from clients.transcript import Ending, Kind, Transcript
from conformance.clauses import Level
from conformance.invariants.model import Exchange, Invariant
from conformance.judging.model import Verdict
from conformance.judging.observation import requests_in
from conformance.judging.verdict import DEVIATION, Judgement

# Events after which a server may close without notice: the client ended its side, or kept it waiting.
_REASONS_TO_CLOSE = (Kind.HALF_CLOSED, Kind.CLOSE_NOTIFY_SENT, Kind.PAUSED)


def exchanges_in(transcript: Transcript) -> Iterator[Exchange]:
    """Yield all responses of the last connection, interim ones included, each with its request."""
    requests = requests_in(transcript.sent)
    orderly = transcript.ending in (Ending.FIN, Ending.CLOSE_NOTIFY)
    received = transcript.received
    reading = read_responses(received, [method for method, _ in requests], ended=orderly)
    # A response that broke its own framing never ends, but has to be judged.
    readable = [
        response
        for response in reading.responses
        if response.complete or Flaw.CHUNK in response.flaws or _left_unended(response, transcript)
    ]
    left_alone = not any(event.kind in _REASONS_TO_CLOSE for event in transcript.last_connection)
    requested = chain(requests, repeat((b"GET", b"HTTP/1.1")))
    method, version = next(requested)
    for response in readable:
        last = response is reading.responses[-1]
        closed = last and left_alone and transcript.ending.closed and not reading.rest
        yield Exchange(
            response,
            method,
            version,
            last=last,
            unannounced_close=closed,
            left_unended=_left_unended(response, transcript),
            field_lines=_field_lines(received, response),
        )
        if not response.interim:
            method, version = next(requested)


def _left_unended(response: Response, transcript: Transcript) -> bool:
    unended = response.framing is Framing.CLOSE and not response.complete
    return unended and transcript.ending is Ending.SILENCE


def _field_lines(received: bytes, response: Response) -> tuple[bytes, ...]:
    """Return the field lines of a head whose lines all end in CRLF, and none of any other head."""
    if Flaw.BARE_LF in response.flaws:
        return ()
    end = received.find(b"\r\n\r\n", response.start)
    return tuple(received[response.start : end].split(b"\r\n")[1:])


@dataclass(frozen=True)
class Alike:
    """Responses that no invariant can tell apart."""

    exchange: Exchange
    count: int
    example: Transcript  # the conversation in which the first of them was received


def gather(conversations: Iterable[Transcript]) -> tuple[Alike, ...]:
    """Return all responses of some conversations, in order, equal ones together: a server repeats itself."""
    seen: dict[Exchange, list[Transcript]] = {}
    for transcript in conversations:
        for exchange in exchanges_in(transcript):
            seen.setdefault(exchange, []).append(transcript)
    return tuple(Alike(exchange, len(examples), examples[0]) for exchange, examples in seen.items())


@dataclass(frozen=True)
class Look:
    """What checking all responses against one invariant showed."""

    applicable: int  # the number of responses to which the rule applies
    broken: int  # the number of these that break it
    how: str  # what the first of them does, as a phrase that follows "A response"; "" if there is none
    example: Transcript | None  # the conversation in which that one was received


def look(invariant: Invariant, responses: Iterable[Alike]) -> Look:
    """Check all responses of a run, as `gather` returns them, against an invariant."""
    applicable = broken = 0
    example: Transcript | None = None
    how = ""
    for alike in responses:
        if not invariant.applies(alike.exchange):
            continue
        applicable += alike.count
        if wrong := invariant.wrong(alike.exchange):
            broken += alike.count
            if example is None:
                example, how = alike.example, wrong
    return Look(applicable, broken, how, example)


def judge_look(level: Level, looked: Look) -> Judgement:
    """Judge an invariant of a level by what checking all responses showed."""
    if not looked.applicable:
        return Judgement(Verdict.NOT_APPLICABLE, "the run has no response to which the rule applies")
    if looked.broken:
        verb = "breaks" if looked.broken == 1 else "break"
        return Judgement(DEVIATION[level], f"{looked.broken} of {looked.applicable} responses {verb} it")
    return Judgement(Verdict.PASS)
