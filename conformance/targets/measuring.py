"""Measures a target before a run, with nothing but plain requests.

It finds out how fast the target answers, and how many connections it serves at once. What follows from that
for the run is decided in `pace`. Scenarios and verdicts are not known here.
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
from conformance.targets.limit import TOO_OFTEN, Limit
from conformance.targets.pace import MOST_CONNECTIONS, MOST_WAITED, Measured, Pace, scaled
from conformance.targets.preflight import in_drips
from conformance.targets.target import Target

_PLAIN = b"GET <witness> HTTP/1.1\r\nHost: <host>\r\n\r\n"
_LOOKS = 5

# A connection that is served within this time counts as served at once, in seconds. It is less than the
# second after which the system asks again for a connection that a server had no room for.
_PROMPT = 0.7

# With --rate, more connections than can begin within this time are of no use, in seconds.
_USEFUL = 2.0

# Some servers let no more than five connections wait to be accepted. The system drops those beyond, and tries
# them again after a second. So these servers never get more than a few at once, or one after a gap.
_MANY = 16
_FEW = 2
_GAP = 0.001
_MOST_ONE_BY_ONE = 64
_NOT_DROPPED = 0.03

# From this number on, it does no harm to try twice as many.
_MANY_ENOUGH = 16

# How long a server is given to accept connections, or to notice that they have ended, in seconds.
_SETTLING = 0.02

_WHILE_MEASURING = Patience(silence=5.0, whole=10.0)


def measure(target: Target, *, factor: float = 1.0, most: int = MOST_CONNECTIONS) -> Measured:
    """Measure how fast a target answers and how many connections it serves at once.

    factor: multiplies all patience. most: the number of connections to try at most.
    Raises Untestable if it does not answer several plain requests, one after the other.
    """
    rate = target.endpoint.rate
    if rate is not None:
        most = min(most, max(1, math.ceil(_USEFUL * rate.per_second)))
    patience = scaled(_WHILE_MEASURING, factor)
    limit = Limit(target)
    looks = [_look(target, patience, limit, number) for number in range(1, _LOOKS + 1)]
    status = _status(looks[-1], target)
    times = [_seconds(transcript) for transcript in looks]
    usual, slowest = median(times), max(times)
    at_once = None
    if rate is None:
        if not _are_accepted_at_once(target, min(_MANY, most), max(_NOT_DROPPED, 10 * usual)):
            at_once, most = _FEW, min(most, _MOST_ONE_BY_ONE)
        _plain(target, patience)  # once it answers, it has noticed that these have ended
    beside = factor * max(_PROMPT, 10 * slowest)
    count = _Count(
        target,
        status,
        at_once,
        beside=Patience(silence=beside, whole=beside),
        patience=patience,
        settling=factor * max(_SETTLING, 2 * usual),
        limit=limit,
    )
    connections = count.up_to(most)
    quick = Pace(connections).quick
    with Scheduler(quick, connecting=at_once) as scheduler:
        asked = [scheduler.submit(_asking(target, patience)) for _ in range(quick)]
        rush = [transcript.result() for transcript in asked]
    for transcript in rush:
        limit.obey(transcript)
    # What did not answer is not a time.
    answered = [transcript for transcript in rush if _status(transcript, target) is not None]
    return Measured(
        usual,
        max(slowest, *map(_seconds, answered)) if answered else slowest,
        connections,
        at_once,
        unanswered=len(rush) - len(answered),
        drips=any(map(in_drips, (*looks, *answered))),
        waited=MOST_WAITED - limit.left,
    )


def _look(target: Target, patience: Patience, limit: Limit, number: int) -> Transcript:
    """Ask plainly, one of several times. Raises Untestable if there is no answer."""
    transcript = _plain(target, patience)
    while limit.obey(transcript):
        transcript = _plain(target, patience)
    if limit.is_exhausted:
        raise Untestable(f"{target.url} cannot be tested: it {TOO_OFTEN}")
    if _status(transcript, target) is None:
        raise Untestable(
            f"{target.url} cannot be tested: to plain request {number} of {_LOOKS} "
            f"it sent nothing in response and {transcript.ending.value}"
        )
    return transcript


def _are_accepted_at_once(target: Target, number: int, patience: float) -> bool:
    """Whether this number of connections can be made at once, without one that has to be tried again."""
    with Scheduler(number) as scheduler, ExitStack() as stack:
        made = [scheduler.submit(connecting(target.endpoint.address, patience)) for _ in range(number)]
        wait(made)
        connected = [each.result() for each in made if each.exception() is None]
        for connection in connected:
            stack.enter_context(connection)
        return len(connected) == number


@dataclass(frozen=True)
class _Count:
    """Counts how many connections a target serves at once."""

    target: Target
    status: int | None
    """Of its responses to plain requests."""
    at_once: int | None
    """How many connections may be opened at once; None for any number."""
    beside: Patience
    """The patience of a plain request while other connections are open."""
    patience: Patience
    """The patience of one after these have ended."""
    settling: float
    """How long it is given to accept connections, or to notice that they have ended, in seconds."""
    limit: Limit
    """What is known of its limit on requests."""

    def up_to(self, most: int) -> int:
        """Return how many it serves, up to `most`: each time, twice as many are tried.

        Where a few are too many, fewer are tried with care: otherwise chance would decide which are served.
        """
        numbers = [min(2**power, most) for power in range(1, (most - 1).bit_length() + 1)]
        many = [number for number in numbers if number >= min(_MANY_ENOUGH, most)]
        few = [number for number in numbers if number not in many]
        return self._served_of(many, 0) or self._served_of(few, self.settling) or 1

    def _served_of(self, numbers: Sequence[int], settling: float) -> int:
        """Ask while more and more connections are open, until there is no such answer in time.

        Return the last number that was served; 0 if none was.
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
                transcript = _plain(self.target, self.beside)
                while self.limit.obey(transcript):
                    transcript = _plain(self.target, self.beside)
                if _status(transcript, self.target) != self.status:
                    break
                served = number
        _plain(self.target, self.patience)  # once it answers, it has noticed that the others have ended
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
        """Return how long to wait before another connection, in seconds."""
        return 0.0 if self.at_once is None or others % self.at_once else _GAP


def _plain(target: Target, patience: Patience) -> Transcript:
    return drive(_asking(target, patience))


def _asking(target: Target, patience: Patience) -> Waits[Transcript]:
    return playing(target.endpoint, Conversation((target.request(_PLAIN),)), patience, Event())


def _status(transcript: Transcript, target: Target) -> int | None:
    answer = observe(transcript, filled=target.placeholders).answer
    return None if answer is None else answer.status


def _seconds(transcript: Transcript) -> float:
    """Return how long the response took after the connection was made. There must be one."""
    made = next(event.at for event in transcript.events if event.kind is Kind.CONNECTED)
    return next(event.at for event in reversed(transcript.events) if event.kind is Kind.RECEIVED) - made
