"""How fast and how patiently a run goes, by what was measured of its target.

A slow server is not a silent one, and a server that serves few connections at once breaks no rule by it. So
the waits are as long as the target's own answers make them, and no more connections are open than it was seen
to serve. How that is measured is not known here.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace

from clients.conversation import Patience

# As many connections as a run makes use of; more are not looked for.
MOST_CONNECTIONS = 256

# More quick conversations at once are no quicker, while of the others the more the better.
_MOST_QUICK = 40

# As many silent conversations are waited for together, at most: they cost a target little.
_MOST_TOGETHER = 64

# What suits a target whose answers take a tenth of a second at most: the patience of the first play, among
# others; that of a second one; and that of a last one, where silence is a failure, for to be late is not to
# be silent.
FIRST = Patience(quiet=0.25, silence=1.0, whole=10.0)
CONFIRMING = Patience(quiet=0.5, silence=3.0, whole=15.0)
LAST = Patience(quiet=0.5, silence=12.0, whole=30.0)
_SUITED = 0.1

# A target that is slower than this, in seconds, is waited for as if it were not, since a run has to end.
_SLOWEST = 2.0

# A target that serves only a few conversations at once is asked one thing after another, so that every wait
# adds to the length of the run. Where its answers come at once, the waits are shorter.
_FEW = 4
_AT_ONCE = 0.02
_FIRST_OF_FEW = Patience(quiet=0.1, silence=0.5, whole=10.0)
_CONFIRMING_OF_FEW = Patience(quiet=0.2, silence=1.5, whole=15.0)

# How long all last waits of a run may take together, in seconds, where they have to be made one after
# another.
_LAST_WAITS = 30.0

# The share of the patience of a first play that a plain GET gets, when it is asked whether the target lives.
_OF_A_PLAIN_GET = 0.5

# All plain GETs have to be in vain for so many times the silence of a first play before that is a crash.
_OF_A_CRASH = 2.0

# The bound on a whole run, in seconds, for the same target, and for any.
_DEADLINE = 1800.0
_LAST_DEADLINE = 2 * 3600.0

MOST_WAITED = 5.0
"""For how many seconds in all a run obeys the waits that a target asks for."""


@dataclass(frozen=True)
class Measured:
    """What was measured of a target, with plain requests."""

    median: float
    """How long an answer usually took, in seconds."""
    slowest: float
    """How long the slowest took, also with many requests at once."""
    connections: int
    """How many connections it was seen to serve at once."""
    connecting: int | None = None
    """How many connections may be opened at once; None for any number."""
    unanswered: int = 0
    """How many plain requests it left unanswered."""
    drips: bool = False
    """Whether its answers come a few octets at a time."""
    waited: float = 0.0
    """For how many seconds the waits that it asked for were obeyed."""

    def __str__(self) -> str:
        """The figures in words."""
        answers = (
            "answers plain requests in drips, a few octets at a time,"
            if self.drips
            else "answers plain requests"
        )
        words = (
            f"{answers} in {self.median * 1000:.1f} ms, {self.slowest * 1000:.1f} ms at the "
            f"slowest, and serves {self.connections} connections at once"
        )
        return f"{words}; it left {self.unanswered} unanswered" if self.unanswered else words


@dataclass(frozen=True)
class Pace:
    """How fast a run goes, and how patiently."""

    connections: int = MOST_CONNECTIONS
    """How many connections may be open at once."""
    first: Patience = FIRST
    """The patience of the first play, among others."""
    confirming: Patience = CONFIRMING
    """The patience of a play that confirms."""
    last: Patience = LAST
    """The patience of a last play, where silence is a failure."""
    deadline: float = _DEADLINE
    """The bound on the whole run, in seconds."""
    connecting: int | None = None
    """How many connections may be opened at once; None for any number."""
    obeyed: float = MOST_WAITED
    """For how many seconds the waits that the target asks for are obeyed."""

    @property
    def conversations(self) -> int:
        """How many conversations may be played at once; any of them may need two connections."""
        return max(1, self.connections // 2)

    @property
    def quick(self) -> int:
        """How many of the conversations are for those that do not pause: of few, most of them."""
        few = self.conversations <= _FEW
        return min(_MOST_QUICK, max(1, self.conversations * 3 // 4 if few else self.conversations // 2))

    @property
    def together(self) -> int:
        """How many silent conversations are waited for at once: as many as the target serves with ease."""
        return max(1, min(_MOST_TOGETHER, self.connections * 3 // 4))

    @property
    def asking(self) -> Patience:
        """The patience of a plain GET that asks whether the target lives, one of several."""
        return scaled(self.first, _OF_A_PLAIN_GET)

    @property
    def crash(self) -> float:
        """For how many seconds all plain GETs have to be in vain before that is a crash."""
        return _OF_A_CRASH * self.first.silence

    def last_of(self, number: int) -> Patience:
        """Return the patience of each of a number of last plays: less, if they take many turns."""
        turns = -(-number // self.together)
        scale = max(1.0, self.confirming.silence / CONFIRMING.silence)
        silence = min(self.last.silence, max(self.confirming.silence, scale * _LAST_WAITS / max(1, turns)))
        return replace(self.last, silence=silence)

    def __str__(self) -> str:
        """The pace in words."""
        return (
            f"{self.conversations} conversations at once; a pause lasts {self.first.quiet:.3g} s; silence is "
            f"{self.first.silence:.3g} s, {self.confirming.silence:.3g} s when confirmed, and up to "
            f"{self.last.silence:.3g} s before it is a failure"
        )


def pace_for(measured: Iterable[Measured], factor: float = 1.0) -> Pace:
    """Return the pace that suits all that were measured. factor: what all patience is scaled by."""
    everything = tuple(measured)
    slowest = max(each.slowest for each in everything)
    connections = min(each.connections for each in everything)
    scale = factor * max(1.0, min(slowest, _SLOWEST) / _SUITED)
    hurried = connections // 2 <= _FEW and slowest <= _AT_ONCE
    confirming = scaled(_CONFIRMING_OF_FEW if hurried else CONFIRMING, scale)
    return Pace(
        connections=connections,
        first=scaled(_FIRST_OF_FEW if hurried else FIRST, scale),
        confirming=confirming,
        last=_longer(confirming, scaled(LAST, factor)),
        deadline=min(_DEADLINE * scale, _LAST_DEADLINE),
        connecting=min((each.connecting for each in everything if each.connecting), default=None),
        obeyed=min(MOST_WAITED - each.waited for each in everything),
    )


def scaled(patience: Patience, factor: float) -> Patience:
    """Return the patience multiplied by a factor."""
    return Patience(*(factor * seconds for seconds in astuple(patience)))


def _longer(one: Patience, other: Patience) -> Patience:
    return Patience(*map(max, astuple(one), astuple(other)))
