"""What a driver is to play, and how long it is to wait. Nothing is played here."""

from dataclasses import dataclass

from clients.delivery import Delivery, whole
from clients.steps import Action, Step

# What ends a request line. A malformed one may lack it.
_VERSION = b" HTTP/"


@dataclass(frozen=True)
class Patience:
    """How long a driver waits, in seconds."""

    quiet: float = 0.25
    """The window after which a server that sent nothing counts as quiet."""

    silence: float = 2.0
    """How long without any byte an awaited response, or the end, is waited for."""

    whole: float = 15.0
    """The limit on one conversation, however busy the server keeps us."""


@dataclass(frozen=True)
class Conversation:
    """What to play."""

    steps: tuple[Step, ...]
    """The steps, in order."""

    methods: tuple[bytes, ...] = ()
    """Of the requests on the last connection, to delimit its responses."""

    answers: int = 1
    """How many final responses must come before the driver finds out how the connection stands."""

    follow_up: bytes = b""
    """The plain request that then proves the connection open, and asks for its close; empty: none is sent."""

    delivery: Delivery = whole
    """How the bytes of a step are cut into pieces; each is a segment (over TLS a record) of its own."""

    room: int = 2 * 1024 * 1024
    """The most bytes of one response; a longer one is a flood."""

    kept: int = 192 * 1024
    """How many octets of content are kept to be judged, of all responses on a connection together; of the
    first, half of that, in which an echo of 64 KiB has room."""

    @property
    def requests(self) -> int:
        """How many requests are sent, as a server may count them: at least one over each connection."""
        number, begun = 0, False
        for step in self.steps:
            if isinstance(step, bytes):
                number += step.count(_VERSION) or (not begun)
                begun = True
            elif step in (Action.RESET, Action.ASIDE):
                begun = False
        return number + bool(self.follow_up)
