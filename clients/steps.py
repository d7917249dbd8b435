"""The closed set of steps a conversation is made of.

A conversation is a tuple of steps, and this is the whole vocabulary: bytes (write them), an `Await`, one of
the constants, or a `Handshake`. Neighbouring bytes are one write, so requests written side by side are
pipelined. The module knows neither sockets nor verdicts.
"""

from dataclasses import dataclass
from enum import Enum
from itertools import groupby


class Await(Enum):
    """Read until the server has said something, for as long as patience allows, then go on."""

    INTERIM = "an interim response (1xx), or a final one in its place"
    RESPONSE = "one more final response"


class Action(Enum):
    """A step without parameters."""

    HALF_CLOSE = "close our sending side, over TLS in good order, and go on reading"
    RESET = "abort the connection (RST); what follows is played on a new one"
    PAUSE = "send nothing for one quiet window, and go on reading"
    SEGMENT = "let what was sent arrive: what follows is a segment, and over TLS a record, of its own"
    ASIDE = "leave the connection open as it stands; what follows is played on a new one"
    CLEARTEXT = "do not begin TLS: what follows goes to the TLS port as it is"
    CLOSE_NOTIFY = "close our sending side of TLS, and go on reading"


HALF_CLOSE = Action.HALF_CLOSE
RESET = Action.RESET
PAUSE = Action.PAUSE
SEGMENT = Action.SEGMENT
ASIDE = Action.ASIDE
CLEARTEXT = Action.CLEARTEXT
CLOSE_NOTIFY = Action.CLOSE_NOTIFY


class Identity(Enum):
    """The client certificate that a handshake offers."""

    USUAL = "the client certificate that the target is known to accept, if there is one"
    ANONYMOUS = "no client certificate"
    UNTRUSTED = "a client certificate from an authority that the server does not know"


class ServerName(Enum):
    """The name of the server that a handshake asks for (SNI)."""

    USUAL = "the target's own name, unless that is an address"
    ABSENT = "no name"
    UNKNOWN = "a name that no server has"


@dataclass(frozen=True)
class Handshake:
    """Begin TLS. A conversation with a TLS target that does not say how TLS begins has this one in front.

    protocols: the names of the protocols that are offered (ALPN); none: no offer is made.
    """

    identity: Identity = Identity.USUAL
    name: ServerName = ServerName.USUAL
    protocols: tuple[str, ...] = ()


Step = bytes | Await | Action | Handshake

_ENDING_A_CONNECTION = (RESET, ASIDE)


def with_handshakes(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Begin TLS on each connection of the conversation that does not say itself how TLS is to begin."""
    opened: list[Step] = []
    connection_begins = True
    for step in steps:
        if connection_begins and step is not CLEARTEXT and not isinstance(step, Handshake):
            opened.append(Handshake())
        opened.append(step)
        connection_begins = step in _ENDING_A_CONNECTION
    return (*opened, Handshake()) if connection_begins else tuple(opened)


def last_connection(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps that are played on the last connection: those behind the last RESET or ASIDE."""
    ends = [index for index, step in enumerate(steps, 1) if step in _ENDING_A_CONNECTION]
    return steps[ends[-1] :] if ends else steps


def join_writes(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Make one write of each run of neighbouring bytes."""
    joined: list[Step] = []
    for are_bytes, run in groupby(steps, key=lambda step: isinstance(step, bytes)):
        members = tuple(run)
        if are_bytes:
            joined.append(b"".join(step for step in members if isinstance(step, bytes)))
        else:
            joined.extend(members)
    return tuple(joined)
