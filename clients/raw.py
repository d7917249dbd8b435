"""The raw-socket driver: plays one conversation and returns its transcript.

What a conversation consists of is the business of `playing`, and what a transcript means is not known here.
"""

import threading

from clients.conversation import Conversation, Patience
from clients.driver import Playing
from clients.endpoint import Endpoint
from clients.transcript import Transcript
from clients.waits import Waits, drive

__all__ = ["Conversation", "Patience", "play", "playing"]


def play(
    endpoint: Endpoint,
    conversation: Conversation,
    patience: Patience,
    called_off: threading.Event | None = None,
) -> Transcript:
    """Play one conversation on a new connection. Never raises for anything that a peer or a network does.

    called_off: when set, from another thread, the conversation is left as it stands.
    """
    return drive(playing(endpoint, conversation, patience, called_off or threading.Event()))


def playing(
    endpoint: Endpoint, conversation: Conversation, patience: Patience, called_off: threading.Event
) -> Waits[Transcript]:
    """Play as `play` does, and leave the waiting to whoever drives it."""
    with Playing(endpoint, conversation, patience, called_off) as under_way:
        yield from under_way.course()
        return under_way.transcript()
