"""What is measured of a target before a run, with nothing but plain requests.

It is how fast the target answers, and how many connections it serves at once. What follows from that for the
run is the business of `pace`. Scenarios and verdicts are not known here.
"""

import math
import time
from collections.abc import Sequence
from concurrent.futures import wait
from contextlib import ExitStack
from dataclasses import dataclass
from socket import socket
from statistics import median
from threading import Event

from clients.conversation import Conversation, Patience
from clients.driver import playing
from clients.scheduler import Scheduler
from clients.tcp import connect, connecting
from clients.transcript import Kind, Transcript
from clients.waits import Waits, drive
from conformance.errors import Untestable
from conformance.judging.observation import observe
from conformance.targets.pace import MOST_CONNECTIONS, Measured, Pace, scaled
from conformance.targets.target import Target

_PLAIN = b"GET <witness> HTTP/1.1\r\nHost: <host>\r\n\r\n"
_LOOKS = 5

# What counts as served at once, in seconds. It is less than the second after which the system asks once more
# for a connection that a server had no room for.
_PROMPT = 0.7

# Where conversations may only begin so often, more connections than begin in so many seconds are of no use.
_USEFUL = 2.0

# Some servers let no more than five connections wait to be accepted. What comes then is dropped by the
# system, and tried again after a second. So they are never sent more at once than a few, or one after a gap.
_MANY = 16
_FEW = 2
_GAP = 0.001
_MOST_ONE_BY_ONE = 64
_NOT_DROPPED = 0.03

# Where so many are served at once, it does no harm to believe in twice as many.
_MANY_ENOUGH = 16

# How long those who connect, or leave, are given to be taken up, in seconds, where it matters.
_SETTLING = 0.02

_WHILE_MEASURING = Patience(silence=5.0, whole=10.0)


def measure(target: Target, *, factor: float = 1.0, most: int = MOST_CONNECTIONS) -> Measured:
    """Measure how fast a target answers and how many connections it serves at once.

    factor: what all patience is scaled by. most: how many connections are tried at most.
    Raises Untestable when one plain request after the other is too much for it.
    """
    rate = target.endpoint.rate
    if rate is not None:
        most = min(most, max(1, math.ceil(_USEFUL * rate.per_second)))
    patience = scaled(_WHILE_MEASURING, factor)
    times, status = [], None
    for number in range(1, _LOOKS + 1):
        said = _plain(target, patience)
        status = _status(said, target)
        if status is None:
            raise Untestable(
                f"{target.url} cannot be tested: to plain request number {number} of {_LOOKS} "
                f"it answers nothing and {said.ending.value}"
            )
        times.append(_seconds(said))
    usual, slowest = median(times), max(times)
    newcomers = None
    if rate is None:
        if not _are_accepted_at_once(target, min(_MANY, most), max(_NOT_DROPPED, 10 * usual)):
            newcomers, most = _FEW, min(most, _MOST_ONE_BY_ONE)
        _plain(target, patience)  # once it answers, it has got over the end of these, and can be counted on
    beside = factor * max(_PROMPT, 10 * slowest)
    count = _Count(
        target,
        status,
        newcomers,
        beside=Patience(silence=beside, whole=beside),
        patience=patience,
        settling=factor * max(_SETTLING, 2 * usual),
    )
    connections = count.up_to(most)
    quick = Pace(connections).quick
    with Scheduler(quick, connecting=newcomers) as ensemble:
        asked = [ensemble.submit(_asking(target, patience)) for _ in range(quick)]
        rush = [_seconds(said.result()) for said in asked]
    return Measured(usual, max(slowest, *rush), connections, newcomers)


def _are_accepted_at_once(target: Target, number: int, patience: float) -> bool:
    """Whether so many connections can be made at once, of which not one has to be tried again."""
    with Scheduler(number) as ensemble, ExitStack() as stack:
        made = [ensemble.submit(connecting(target.endpoint.address, patience)) for _ in range(number)]
        wait(made)
        connected = [each.result() for each in made if each.exception() is None]
        for connection in connected:
            stack.enter_context(connection)
        return len(connected) == number


@dataclass(frozen=True)
class _Count:
    """How it is counted how many connections a target serves at once.

    status: of its plain answers. newcomers: how many are to come at once at most. beside: the patience with
    which it is asked beside others; patience: when these have left. settling: how long those who connect, or
    leave, are given to be taken up where it matters, in seconds.
    """

    target: Target
    status: int | None
    newcomers: int | None
    beside: Patience
    patience: Patience
    settling: float

    def up_to(self, most: int) -> int:
        """How many it serves, up to `most`: each time, twice as many are tried.

        Where a few are too many, less is tried with care: else it would be chance who of them is served.
        """
        numbers = [min(2**power, most) for power in range(1, (most - 1).bit_length() + 1)]
        many = [number for number in numbers if number >= min(_MANY_ENOUGH, most)]
        few = [number for number in numbers if number not in many]
        return self._served_of(many, 0) or self._served_of(few, self.settling) or 1

    def _served_of(self, numbers: Sequence[int], settling: float) -> int:
        """Ask beside ever more connections, until there is no such answer in time.

        Return the last of the numbers that was served; 0 when none was.
        """
        served, others = 0, 0
        if not numbers:
            return served
        with ExitStack() as stack:
            for number in numbers:
                time.sleep(settling)
                try:
                    while others < number - 1:
                        stack.enter_context(self._stalled(others))
                        others += 1
                except OSError:
                    break
                time.sleep(settling)
                if _status(_plain(self.target, self.beside), self.target) != self.status:
                    break
                served = number
        _plain(self.target, self.patience)  # once it answers, it has got over the end of the others
        return served

    def _stalled(self, others: int) -> socket:
        """Another connection that has sent half a request; over TLS nothing is sent. Raises OSError."""
        endpoint = self.target.endpoint
        if pause := self._gap(others) if endpoint.rate is None else endpoint.rate.turn():
            time.sleep(pause)
        connection = connect(endpoint.address, self.beside.silence)
        try:
            connection.send(b"" if endpoint.security else self.target.request(_PLAIN).removesuffix(b"\r\n"))
        except OSError:
            connection.close()
            raise
        return connection

    def _gap(self, others: int) -> float:
        """How long to wait before another, where few are to come at once, in seconds."""
        return 0.0 if self.newcomers is None or others % self.newcomers else _GAP


def _plain(target: Target, patience: Patience) -> Transcript:
    return drive(_asking(target, patience))


def _asking(target: Target, patience: Patience) -> Waits[Transcript]:
    return playing(target.endpoint, Conversation((target.request(_PLAIN),)), patience, Event())


def _status(said: Transcript, target: Target) -> int | None:
    answer = observe(said, filled=target.placeholders).answer
    return None if answer is None else answer.status


def _seconds(said: Transcript) -> float:
    """How long the answer took once the connection was made; all of the wait, if there was none."""
    made = next((event.at for event in said.events if event.kind is Kind.CONNECTED), 0.0)
    received = [event.at for event in said.events if event.kind is Kind.RECEIVED]
    return (received[-1] if received else said.events[-1].at) - made
