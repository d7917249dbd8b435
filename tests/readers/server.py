"""A server that is built on a reader, without sockets: what it would have said to a scenario.

It answers each request that the reader takes out of the bytes with 200 and the witness's echo. It knows
nothing of what a scenario accepts.
"""

from clients.steps import Action, last_connection
from clients.transcript import Ending, Event, Kind, Transcript
from conformance.judging.model import Scenario
from conformance.running.pairs import converse
from tests.conformance.canned_responses import TARGET, Request, answer
from tests.readers.reader import Reader


def bytes_of(scenario: Scenario) -> bytes:
    """What is sent over the last connection of the scenario, its placeholders filled in."""
    steps = last_connection(converse(TARGET, scenario).steps)
    return b"".join(step for step in steps if isinstance(step, bytes))


def conversation(scenario: Scenario, reader: Reader) -> Transcript:
    """What a server that reads so would have said. Raises `Refused` if it takes the bytes for no requests."""
    played = converse(TARGET, scenario)
    sent = bytes_of(scenario)
    answered = _up_to_close(reader.read(sent))
    follow_up = reader.read(played.follow_up)
    said = b"".join(answer(request, "http") for request in answered)
    kinds = [(Kind.CONNECTED, b""), (Kind.SENT, sent)]
    kinds += [(Kind.PAUSED, b"")] if Action.PAUSE in scenario.send else []
    kinds += [(Kind.RECEIVED, said)]
    closes = not answered[-1].persists
    if not closes and Action.HALF_CLOSE not in scenario.send:
        later = b"".join(answer(request, "http") for request in follow_up)
        kinds += [(Kind.FOLLOWED_UP, played.follow_up), (Kind.RECEIVED, later)]
    ending = Ending.FIN if closes or Action.HALF_CLOSE in scenario.send else Ending.LEFT
    return Transcript(tuple(Event(0.0, kind, data) for kind, data in kinds), ending)


def _up_to_close(requests: list[Request]) -> list[Request]:
    """The requests up to the first that asks for the end of the connection."""
    last = next((n for n, request in enumerate(requests, 1) if not request.persists), len(requests))
    return requests[:last]
