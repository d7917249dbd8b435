"""All responses of a run, each with its request, and what it is to check a rule on them.

Nothing is sent for such a rule: it looks at what the scenarios were answered. Which rules there are is the
business of `invariants`, and how they are graded that of `verdict`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat

from clients.response import Flaw, Framing, Response, read_responses
from clients.transcript import Ending, Kind, Transcript
from conformance.clauses import Level
from conformance.judging.model import Check, Verdict
from conformance.judging.observation import requests_in
from conformance.judging.verdict import DEVIATION, Judgement


@dataclass(frozen=True)
class Answered:
    """A response on the wire, with what has to be known to judge it.

    method, version: of the request, GET and HTTP/1.1 where the bytes sent do not tell. last: no response came
    after it on its connection. unannounced_close: the server closed after it of its own accord. left_unended:
    only a close could have ended it, and none came. field_lines: as they stood on the wire.
    """

    response: Response
    method: bytes = b"GET"
    version: bytes = b"HTTP/1.1"
    last: bool = True
    unannounced_close: bool = False
    left_unended: bool = False
    field_lines: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Invariant(Check):
    """A rule for every response.

    rule: what each response does, as a phrase that follows "every response". applies: to which responses it
    says anything. wrong: what a response does instead, as a phrase; empty when it keeps the rule.
    """

    rule: str
    applies: Callable[[Answered], bool]
    wrong: Callable[[Answered], str]


# What lets a server close a connection unannounced: the client has ended its side, or let it wait.
_REASONS_TO_CLOSE = (Kind.HALF_CLOSED, Kind.CLOSE_NOTIFY_SENT, Kind.PAUSED)


def answered_in(transcript: Transcript) -> Iterator[Answered]:
    """All responses of the last connection, interim ones included, each with its request."""
    requests = requests_in(transcript.sent)
    orderly = transcript.ending in (Ending.FIN, Ending.CLOSE_NOTIFY)
    received = transcript.received
    reading = read_responses(received, [method for method, _ in requests], ended=orderly)
    # What broke its framing never ends, and is to be seen all the same.
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
        yield Answered(
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
    """The field lines of a head that ends its lines in CRLF; none of any other."""
    if Flaw.BARE_LF in response.flaws:
        return ()
    end = received.find(b"\r\n\r\n", response.start)
    return tuple(received[response.start : end].split(b"\r\n")[1:])


@dataclass(frozen=True)
class Alike:
    """Responses that no rule can tell apart. count: how many. example: the conversation of the first."""

    answered: Answered
    count: int
    example: Transcript


def gathered(conversations: Iterable[Transcript]) -> tuple[Alike, ...]:
    """All responses of some conversations, in order; a server often repeats itself."""
    found: dict[Answered, list[Transcript]] = {}
    for transcript in conversations:
        for answered in answered_in(transcript):
            found.setdefault(answered, []).append(transcript)
    return tuple(Alike(answered, len(examples), examples[0]) for answered, examples in found.items())


@dataclass(frozen=True)
class Look:
    """What a look at all responses showed.

    applicable: to how many the rule applies. broken: how many of them break it. how: what the first of these
    does, as a phrase. example: the conversation that it is from.
    """

    applicable: int
    broken: int
    how: str
    example: Transcript | None


def look(invariant: Invariant, everything: Iterable[Alike]) -> Look:
    """Check an invariant on all that was answered, as `gathered` gives it."""
    applicable = broken = 0
    example: Transcript | None = None
    how = ""
    for alike in everything:
        if not invariant.applies(alike.answered):
            continue
        applicable += alike.count
        if wrong := invariant.wrong(alike.answered):
            broken += alike.count
            if example is None:
                example, how = alike.example, wrong
    return Look(applicable, broken, how, example)


def judge_look(level: Level, looked: Look) -> Judgement:
    """Judge a rule for every response by what a look at all of them showed."""
    if not looked.applicable:
        return Judgement(Verdict.NOT_APPLICABLE, "no response of the run was of this kind")
    if looked.broken:
        return Judgement(DEVIATION[level], f"{looked.broken} of {looked.applicable} responses are so")
    return Judgement(Verdict.PASS)
