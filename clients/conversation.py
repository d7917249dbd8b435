"""What a driver is given to play, and how long it is to wait; nothing is played here."""

from dataclasses import dataclass

from clients.delivery import Delivery, whole
from clients.steps import Step


@dataclass(frozen=True)
class Patience:
    """How long a driver waits, in seconds.

    quiet: the window after which "sends nothing" may be said. silence: without any byte for so long, an
    awaited answer or end is given up. whole: the bound on one conversation, however busy the server keeps us.
    """

    quiet: float = 0.25
    silence: float = 2.0
    whole: float = 15.0


@dataclass(frozen=True)
class Conversation:
    """What to play.

    steps: in order. methods: of the requests on the last connection, to delimit its responses. answers: how
    many final responses are wanted before the end is looked at. follow_up: the plain request that then proves
    that the connection is open; it asks for the connection to be closed. Empty: none is sent. delivery: the
    pieces in which the bytes of each step are sent, which are segments, and over TLS records, of their own.
    room: for the bytes of one response; a longer one is a flood.
    """

    steps: tuple[Step, ...]
    methods: tuple[bytes, ...] = ()
    answers: int = 1
    follow_up: bytes = b""
    delivery: Delivery = whole
    room: int = 2 * 1024 * 1024
