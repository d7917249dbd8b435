"""All responses of a run, each with its request, and how they are checked against the invariants.

Nothing is sent for an invariant: it is checked on the responses to all scenarios. Each conversation is looked
at as soon as it is over, for not all of it is kept. This module does not know which invariants there are, nor
how scenarios are played.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from clients.reader import read_responses
from clients.response import Flaw, Framing, Response
from clients.transcript import Ending, Kind, Transcript
from conformance.invariants.model import Exchange, Invariant
from conformance.judging.model import Verdict
from conformance.judging.observation import requests_in
from conformance.judging.verdict import Judgement

# Events after which a server may close without notice: the client ended its side, or kept it waiting.
_REASONS_TO_CLOSE = (Kind.HALF_CLOSED, Kind.CLOSE_NOTIFY_SENT, Kind.PAUSED)

_FIRST_ERROR = 400


def exchanges_in(transcript: Transcript, *, close_due: bool = False) -> Iterator[Exchange]:
    """Yield all responses of the last connection, interim ones included, each with its request.

    close_due: whether what was sent obliges the server to close. It may have found that out only after it had
    answered, when it came to the fault; an error response shows that it knew.
    """
    requests = requests_in(transcript.sent)
    reading = transcript.reading or read_responses(
        transcript.received, [method for method, _ in requests], ended=transcript.ending.orderly
    )
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
        unaware = close_due and response.status < _FIRST_ERROR
        closed = last and left_alone and transcript.ending.closed and not (reading.rest or unaware)
        yield Exchange(
            response,
            method,
            version,
            last=last,
            unannounced_close=closed,
            left_unended=_left_unended(response, transcript),
            field_lines=_field_lines(response),
        )
        if not response.interim:
            method, version = next(requested)


def _left_unended(response: Response, transcript: Transcript) -> bool:
    unended = response.framing is Framing.CLOSE and not response.complete
    return unended and transcript.ending is Ending.SILENCE


def _field_lines(response: Response) -> tuple[bytes, ...]:
    """Return the field lines of a head whose lines all end in CRLF, and none of any other head."""
    if Flaw.BARE_LF in response.flaws:
        return ()
    return tuple(response.head.split(b"\r\n")[1:-2])


# What a response shows of each of some invariants, in their order: None where the rule does not apply, ""
# where it is kept, and else what the response does instead, as a phrase that follows "A response".
Shown = tuple[str | None, ...]

# A server repeats itself, and what short responses show is remembered. In bytes.
_SHORT = 4096


@dataclass(frozen=True)
class Look:
    """What checking all responses against one invariant showed."""

    applicable: int  # the number of responses to which the rule applies
    broken: int  # the number of these that break it
    how: str  # what the first of them does, as a phrase that follows "A response"; "" if there is none
    example: Transcript | None  # the conversation in which that one was received


class Lookout:
    """Looks at the responses of one conversation after another, for all invariants at once.

    Any thread may call its methods, one at a time.
    """

    def __init__(self, invariants: Sequence[Invariant]) -> None:
        self._invariants = tuple(invariants)
        self._remembered: dict[Exchange, Shown] = {}

    def see(self, transcript: Transcript, *, close_due: bool = False) -> tuple[Shown, ...]:
        """Return what each response of a conversation shows, which is to be there as it was received.

        close_due: whether what was sent obliges the server to close.
        """
        seen = exchanges_in(transcript, close_due=close_due) if self._invariants else ()
        return tuple(map(self._shown, seen))

    def look(self, invariant: Invariant, seen: Iterable[tuple[Transcript, Sequence[Shown]]]) -> Look:
        """Say what all conversations show of one of the invariants. seen: each, and what `see` returned."""
        index = self._invariants.index(invariant)
        applicable = broken = 0
        example: Transcript | None = None
        how = ""
        for transcript, responses in seen:
            for wrong in (shown[index] for shown in responses):
                applicable += wrong is not None
                if wrong:
                    broken += 1
                    if example is None:
                        example, how = transcript, wrong
        return Look(applicable, broken, how, example)

    def _shown(self, exchange: Exchange) -> Shown:
        if exchange.response.end - exchange.response.start > _SHORT:
            return self._check(exchange)
        shown = self._remembered.get(exchange)
        if shown is None:
            shown = self._remembered[exchange] = self._check(exchange)
        return shown

    def _check(self, exchange: Exchange) -> Shown:
        return tuple(each.wrong(exchange) if each.applies(exchange) else None for each in self._invariants)


def judge_look(invariant: Invariant, looked: Look) -> Judgement:
    """Judge an invariant by what checking all responses showed."""
    if not looked.applicable:
        return Judgement(Verdict.NOT_APPLICABLE, "the run has no response to which the rule applies")
    if looked.broken:
        verb = "breaks" if looked.broken == 1 else "break"
        return Judgement(invariant.deviation, f"{looked.broken} of {looked.applicable} responses {verb} it")
    return Judgement(Verdict.PASS)
