"""A stage in place of the driver: what it plays is prepared, so that a runner is seen without servers."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from clients.conversation import Conversation, Patience
from clients.endpoint import Endpoint
from clients.limits import Limits
from clients.transcript import Ending, Transcript
from clients.waits import Wait, Waits
from conformance.judging.model import Finding, Scenario
from conformance.running.pairs import Pair
from conformance.running.runner import Runner
from conformance.targets.liveness import Crash, Outage
from conformance.targets.pace import Pace
from conformance.targets.target import Target
from tests.conformance.builders import (
    BAD_REQUEST,
    CONNECTED,
    FOLLOWED_UP,
    OK,
    received,
    response,
    scenario,
    sent,
    target,
)

TARGET = target()

# Each conversation may need two connections, and one in three is left to those that do not pause.
ONE_BY_ONE, TWO_AT_ONCE = Pace(connections=2), Pace(connections=12)


def transcript(answer: bytes, *, ending: Ending = Ending.FIN, note: str = "") -> Transcript:
    events = (CONNECTED, sent(b"GET / HTTP/1.1\r\n\r\n"), received(answer), FOLLOWED_UP, received(OK))
    return Transcript(events if answer else (CONNECTED,), ending, note)


GOOD, BAD, WORSE = transcript(OK), transcript(BAD_REQUEST), transcript(response(500))
SERVED = transcript(response(204))
REFUSED = Transcript((), Ending.REFUSED, "Connection refused")

Played = Transcript | Exception | Callable[[], Transcript]


class Stage:
    """Stands in for the driver: gives what is prepared for each scenario, play by play, and keeps count."""

    def __init__(self) -> None:
        self.prepared: dict[str, list[Played]] = {}
        self.plays: list[tuple[str, Patience]] = []
        self.called_off: list[threading.Event] = []

    def playing(
        self,
        endpoint: Endpoint,
        conversation: Conversation,
        patience: Patience,
        called_off: threading.Event,
        **_: Limits,
    ) -> Waits[Transcript]:
        yield Wait(0)
        assert endpoint == TARGET.endpoint
        step = conversation.steps[0]
        assert isinstance(step, bytes)
        name = step.split()[1].decode()
        self.plays.append((name, patience))
        self.called_off.append(called_off)
        count = [played for played, _ in self.plays].count(name)
        prepared = self.prepared.get(name, [GOOD])
        given = prepared[min(count, len(prepared)) - 1]
        if isinstance(given, Exception):
            raise given
        return given if isinstance(given, Transcript) else given()

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.plays]


class Immortal:
    """Stands in for the life of a target that nothing can hurt, since there is no server."""

    crashes: tuple[Crash, ...] = ()
    outages: tuple[Outage, ...] = ()
    ban: str | None = None
    lost: str | None = None

    def __init__(self, *_: object, lasting: float) -> None:
        pass

    def outage_since(self, _: float) -> Outage | None:
        return None

    def is_calm(self, _: float) -> bool:
        return True

    def look_after(self, _: Transcript) -> bool:
        return False

    def crash_since(self, _: float) -> str | None:
        return None

    def probe(self, _: float) -> None:
        pass

    def recover(self) -> bool:
        return True


def one(name: str, **changes: Any) -> Scenario:
    return scenario(name, **({"send": (f"{name} {name} HTTP/1.1\r\n\r\n".encode(),)} | changes))


def pairs_of(*scenarios: Scenario, on: Target = TARGET) -> list[Pair]:
    return [Pair(on, each) for each in scenarios]


def corpus_of(*scenarios: Scenario) -> dict[str, Scenario]:
    return {each.id: each for each in scenarios}


def found_by(runner: Runner, pairs: Sequence[Pair]) -> list[Finding]:
    """The findings of the pairs, in their order."""
    by_id = {f"{found.target}/{found.check.id}": found for found in runner.findings(pairs)}
    return [by_id[pair.id] for pair in pairs]


def run(*scenarios: Scenario, on: Target = TARGET) -> list[Finding]:
    with Runner(corpus_of(*scenarios), pace=ONE_BY_ONE) as runner:
        return found_by(runner, pairs_of(*scenarios, on=on))


def run_one(*scenarios: Scenario, on: Target = TARGET) -> Finding:
    """Find for the last scenario alone; the others are there for it."""
    with Runner(corpus_of(*scenarios), pace=ONE_BY_ONE) as runner:
        (found,) = runner.findings([Pair(on, scenarios[-1])])
        return found
