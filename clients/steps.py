"""The closed set of steps that a conversation is made of.

A conversation is a tuple of steps, and this is the whole vocabulary: bytes (write them), an `Await`, an
`Action` or a `Handshake`. Neighbouring bytes are one write, so requests written side by side are pipelined.
The module knows neither sockets nor verdicts.
"""

from dataclasses import dataclass
from enum import Enum
from itertools import groupby


class Await(Enum):
    """Read until this response has come, for as long as patience allows, then go on."""

    INTERIM = "an interim response (1xx), or a final one instead"
    RESPONSE = "one more final response"


class Action(Enum):
    """A step without parameters. The value says what the client does."""

    HALF_CLOSE = "close our sending side, over TLS with close_notify, and go on reading"
    RESET = "abort the connection (RST) and go on over a new one"
    PAUSE = "send nothing for one quiet window, and go on reading"
    SEGMENT = "let everything arrive: the next bytes are a segment (over TLS a record) of their own"
    ASIDE = "leave the connection open as it stands and go on over a new one"
    CLEARTEXT = "do not begin TLS: send the next bytes to the TLS port as they are"
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

    USUAL = "the client certificate that the target accepts, if there is one"
    ANONYMOUS = "no client certificate"
    UNTRUSTED = "a client certificate from an authority that the server does not know"


class ServerName(Enum):
    """The server name that a handshake sends (SNI)."""

    USUAL = "the target's own name, unless that is an IP address"
    ABSENT = "no name"
    UNKNOWN = "a name that no server has"


@dataclass(frozen=True)
class Handshake:
    """Begin TLS. If the steps for a TLS target do not say how, the default handshake comes first."""

    identity: Identity = Identity.USUAL

    name: ServerName = ServerName.USUAL

    protocols: tuple[str, ...] = ()
    """The names of the protocols that are offered (ALPN); if empty, the extension is not sent."""


Step = bytes | Await | Action | Handshake

_ENDING_A_CONNECTION = (RESET, ASIDE)


def with_handshakes(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps with a handshake on each connection that does not say itself how TLS begins."""
    complete: list[Step] = []
    connection_begins = True
    for step in steps:
        if connection_begins and step is not CLEARTEXT and not isinstance(step, Handshake):
            complete.append(Handshake())
        complete.append(step)
        connection_begins = step in _ENDING_A_CONNECTION
    return (*complete, Handshake()) if connection_begins else tuple(complete)


def last_connection(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps that are played on the last connection: those after the last RESET or ASIDE."""
    ends = [index for index, step in enumerate(steps, 1) if step in _ENDING_A_CONNECTION]
    return steps[ends[-1] :] if ends else steps


def join_writes(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps with each run of neighbouring bytes as one write."""
    joined: list[Step] = []
    for are_bytes, run in groupby(steps, key=lambda step: isinstance(step, bytes)):
        members = tuple(run)
        if are_bytes:
            joined.append(b"".join(step for step in members if isinstance(step, bytes)))
        else:
            joined.extend(members)
    return tuple(joined)
