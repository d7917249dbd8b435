"""How fast and how patiently a run goes: measured on its target beforehand, with nothing but plain requests.

A slow server is not a silent one, and a server that serves few connections at once breaks no rule by it. So
the waits are as long as the target's own answers make them, and no more connections are open than it was seen
to serve. Scenarios and verdicts are not known here.
"""

import math
import time
from collections.abc import Iterable
from concurrent.futures import wait
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from statistics import median
from threading import Event

from clients.ensemble import Ensemble
from clients.raw import Conversation, Patience, playing
from clients.tcp import connect, connecting
from clients.transcript import Kind, Transcript
from clients.waiting import Waits, drive
from conformance.observation import observe
from conformance.target import Target, Untestable

# As many connections as a run makes use of; more are not looked for.
MOST_CONNECTIONS = 256

# More quick conversations at once are no quicker, while of the others the more the better.
_MOST_QUICK = 24

# What suits a target whose answers take a tenth of a second at most. The first play is hasty, among others;
# the second is played alone; and the third, where the second ended in silence, waits for the late.
HASTY = Patience(quiet=0.25, silence=1.0, whole=10.0)
FULL = Patience(quiet=0.5, silence=3.0, whole=15.0)
UTMOST = Patience(quiet=0.5, silence=12.0, whole=30.0)
_SUITED = 0.1

# The bound on a whole run, in seconds, for the same target.
_DEADLINE = 1800.0

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

# How long those who have sent half a request are given to be taken up, in seconds, before another asks. Where
# many are served at once, it does no harm to believe in twice as many.
_SETTLING = 0.005
_FEW_ENOUGH_TO_MATTER = 16

_WHILE_MEASURING = Patience(silence=5.0, whole=10.0)


@dataclass(frozen=True)
class Measured:
    """What was measured of a target.

    median, slowest: of its answers to plain requests, in seconds, the slowest also among those that were
    asked at once. connections: how many it was seen to serve at once. newcomers: how many are to come at
    once at most; None where any number may.
    """

    median: float
    slowest: float
    connections: int
    newcomers: int | None = None

    def __str__(self) -> str:
        """The figures in words."""
        return (
            f"answers plain requests in {self.median * 1000:.1f} ms, {self.slowest * 1000:.1f} ms at the "
            f"slowest, and serves {self.connections} connections at once"
        )


@dataclass(frozen=True)
class Pace:
    """How a run goes.

    connections: how many may be open at once. hasty, full: the patience of the first play, among others, and
    that of the second, alone. utmost: that of a third, where the second fails by silence, for to be late is
    not to say nothing. deadline: the bound on the whole run, in seconds. newcomers: how many conversations
    may begin at once; None for any number.
    """

    connections: int = MOST_CONNECTIONS
    hasty: Patience = HASTY
    full: Patience = FULL
    utmost: Patience = UTMOST
    deadline: float = _DEADLINE
    newcomers: int | None = None

    @property
    def conversations(self) -> int:
        """How many conversations may be played at once; any of them may need two connections."""
        return max(1, self.connections // 2)

    @property
    def quick(self) -> int:
        """How many of the conversations are for those that do not pause."""
        return min(_MOST_QUICK, max(1, self.conversations // 3))

    def __str__(self) -> str:
        """The pace in words."""
        return (
            f"conversations at once: {self.conversations}; quiet is {self.hasty.quiet:.3g} s, silence "
            f"{self.hasty.silence:.3g} s, and when confirmed {self.full.silence:.3g} s, then "
            f"{self.utmost.silence:.3g} s"
        )


def pace_for(measured: Iterable[Measured], factor: float = 1.0) -> Pace:
    """Return the pace that suits all that were measured. factor: what all patience is scaled by."""
    everything = tuple(measured)
    slowest = max(each.slowest for each in everything)
    scale = factor * max(1.0, slowest / _SUITED)
    full = _scaled(FULL, scale)
    return Pace(
        connections=min(each.connections for each in everything),
        hasty=_scaled(HASTY, scale),
        full=full,
        utmost=_longer(full, _scaled(UTMOST, factor)),
        deadline=_DEADLINE * scale,
        newcomers=min((each.newcomers for each in everything if each.newcomers), default=None),
    )


def measure(target: Target, *, factor: float = 1.0, most: int = MOST_CONNECTIONS) -> Measured:
    """Measure how fast a target answers and how many connections it serves at once.

    factor: what all patience is scaled by. most: how many connections are tried at most.
    Raises Untestable when one plain request after the other is too much for it.
    """
    rate = target.endpoint.rate
    if rate is not None:
        most = min(most, max(1, math.ceil(_USEFUL * rate.per_second)))
    patience = _scaled(_WHILE_MEASURING, factor)
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
    patience_beside = factor * max(_PROMPT, 10 * slowest)
    connections = _served_at_once(target, status, most, newcomers, patience_beside)
    _plain(target, patience)  # once it answers, it has got over the end of the connections
    quick = Pace(connections).quick
    with Ensemble(quick, newcomers=newcomers) as ensemble:
        asked = [ensemble.submit(_asking(target, patience)) for _ in range(quick)]
        rush = [_seconds(said.result()) for said in asked]
    return Measured(usual, max(slowest, *rush), connections, newcomers)


def _are_accepted_at_once(target: Target, number: int, patience: float) -> bool:
    """Whether so many connections can be made at once, of which not one has to be tried again."""
    with Ensemble(number) as ensemble, ExitStack() as stack:
        made = [ensemble.submit(connecting(target.endpoint.address, patience)) for _ in range(number)]
        wait(made)
        connected = [each.result() for each in made if each.exception() is None]
        for connection in connected:
            stack.enter_context(connection)
        return len(connected) == number


def _served_at_once(
    target: Target, status: int | None, most: int, newcomers: int | None, patience: float
) -> int:
    """Ask beside ever more connections that have sent half a request, until that status is no answer in time.

    Over TLS nothing is sent.
    """
    half = b"" if target.endpoint.security else target.request(_PLAIN).removesuffix(b"\r\n")
    rate = target.endpoint.rate
    connections, stalled = 1, 0
    with ExitStack() as stack:
        while connections < most:
            tried = min(2 * connections, most)
            for _ in range(stalled + 1, tried):
                if pause := _gap(stalled, newcomers) if rate is None else rate.turn():
                    time.sleep(pause)
                try:
                    connection = stack.enter_context(connect(target.endpoint.address, patience))
                    connection.send(half)
                except OSError:
                    return connections
                stalled += 1
            if tried <= _FEW_ENOUGH_TO_MATTER:
                time.sleep(_SETTLING)  # else it would be chance who of them is served
            if _status(_plain(target, Patience(silence=patience, whole=patience)), target) != status:
                return connections
            connections = tried
    return connections


def _gap(made: int, newcomers: int | None) -> float:
    """How long to wait before another connection, for a target that is to get few at once, in seconds."""
    return 0.0 if newcomers is None or made % newcomers else _GAP


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


def _scaled(patience: Patience, scale: float) -> Patience:
    return Patience(*(scale * seconds for seconds in astuple(patience)))


def _longer(one: Patience, other: Patience) -> Patience:
    return Patience(*map(max, astuple(one), astuple(other)))
