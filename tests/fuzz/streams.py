"""What one client sends over a connection, and the model of what is due for it.

A stream is a few messages, sent together in pieces, and perhaps cut off. The model counts: which requests are
to be answered, whether one more answer may come, and whether the server is then to close the connection. It
follows from how the messages were made, and shares nothing with the server.
"""

from dataclasses import dataclass
from itertools import pairwise
from random import Random

from tests.fuzz.messages import Message, broken, mutated, right

_MOST_MESSAGES = 5
_MOST_PIECES = 12


@dataclass(frozen=True)
class Stream:
    """What is sent over one connection."""

    messages: tuple[Message, ...]
    """All but the last are complete."""
    pieces: tuple[bytes, ...]
    """The octets of all messages, as they are sent."""
    cut: bool
    """Whether the last message was cut off."""

    @property
    def octets(self) -> bytes:
        """All that is sent."""
        return b"".join(self.pieces)


@dataclass(frozen=True)
class Due:
    """What is to come back."""

    served: tuple[Message, ...]
    """The requests that are to be answered by the application, in order."""
    refused: bool
    """Whether an error, or the close that stands for it, is to follow."""
    closes: bool
    """Whether the server is then to close the connection by itself."""
    known: bool
    """Whether that is all. If not, any answers may follow that the rules for all streams allow."""


def draw(chance: Random, profile: str) -> Stream:
    """Make a stream by chance."""
    messages = [right(chance, profile) for _ in range(chance.randint(0, _MOST_MESSAGES))]
    kind = chance.random()
    if kind < 0.3 or not messages:
        messages.append(broken(chance, profile))
    elif kind < 0.6:
        messages.append(mutated(chance, profile))
    if kind < 0.6 and chance.random() < 0.5:
        messages.append(right(chance, profile))
    cut = chance.random() < 0.15
    if cut:
        last = messages.pop().octets
        messages.append(Message(last[: chance.randrange(len(last))] if last else b"", fault="cut off"))
    return Stream(tuple(messages), pieces(chance, b"".join(each.octets for each in messages)), cut)


def pieces(chance: Random, octets: bytes) -> tuple[bytes, ...]:
    """Cut octets into a few pieces by chance."""
    cuts = chance.randrange(_MOST_PIECES) if chance.random() < 0.7 else 0
    edges = [0, *sorted(chance.randrange(len(octets) + 1) for _ in range(cuts)), len(octets)]
    cut = (octets[start:end] for start, end in pairwise(edges))
    return tuple(piece for piece in cut if piece)


def due(stream: Stream) -> Due:
    """Return what is to come back for a stream."""
    served: list[Message] = []
    for message in stream.messages:
        if message.refused:
            return Due(tuple(served), refused=True, closes=True, known=True)
        if not message.served:
            return Due(tuple(served), refused=False, closes=False, known=False)
        served.append(message)
        if not message.persists:
            return Due(tuple(served), refused=False, closes=True, known=True)
    return Due(tuple(served), refused=False, closes=False, known=True)
