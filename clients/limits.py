"""How much a server may send, and how much of it is kept: memory is bounded by us, never by what is sent.

What is done with it is not known here.
"""

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much a server may send before it is called a flood, and how much is kept of what it sends."""

    received: int = 16 * 1024 * 1024
    """Bytes on one connection."""

    responses: int = 1000
    """Responses on one connection beyond those that the conversation asks for."""

    kept: int = 64 * 1024
    """Bytes that stay in the transcript, as they came; a run has many transcripts. Some more are kept while
    they come: the last read, for it may be the last of all."""

    events: int = 1000
    """Events after which pieces that come one after another are joined, for a server may send octets."""

    head: int = 64 * 1024
    """Bytes of one head, from which on it is a long one."""

    long_heads: threading.Semaphore | None = None
    """What all conversations of a run share that may take in long heads at once; None for any number."""


LIMITS = Limits()


class Turn:
    """The turn of one conversation to take in long heads, of which a run can keep only some at once.

    It is taken once, over all connections of the conversation: one that waits for a turn holds none.
    """

    def __init__(self, shared: threading.Semaphore | None) -> None:
        self._shared = shared
        self._is_taken = shared is None

    def take(self) -> bool:
        """Take the turn if it can be had now; return whether it was taken, now or before."""
        if self._shared is not None and not self._is_taken:
            self._is_taken = self._shared.acquire(blocking=False)
        return self._is_taken

    def give_back(self) -> None:
        """Let another conversation have it. To be called once the conversation is over."""
        if self._shared is not None and self._is_taken:
            self._shared.release()
            self._is_taken = False
