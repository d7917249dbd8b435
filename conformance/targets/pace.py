"""How fast and how patiently a run goes, by what was measured of its target.

A slow server is not a silent one, and a server that serves few connections at once breaks no rule by it. So
the waits are as long as the target's own answers make them, and no more connections are open than it was seen
to serve. How that is measured is not known here.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from clients.conversation import Patience

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
    full = scaled(FULL, scale)
    return Pace(
        connections=min(each.connections for each in everything),
        hasty=scaled(HASTY, scale),
        full=full,
        utmost=_longer(full, scaled(UTMOST, factor)),
        deadline=_DEADLINE * scale,
        newcomers=min((each.newcomers for each in everything if each.newcomers), default=None),
    )


def scaled(patience: Patience, factor: float) -> Patience:
    """Return the patience, so many times as long."""
    return Patience(*(factor * seconds for seconds in astuple(patience)))


def _longer(one: Patience, other: Patience) -> Patience:
    return Patience(*map(max, astuple(one), astuple(other)))
