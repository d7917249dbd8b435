"""How those who converse wait: they say what for, and whoever drives them does the waiting.

So that one thread may drive many, each is a generator of its waits. It is sent what poll() has found, which
is 0 when the time is over, and in the end it returns its result. What they wait for, and why, is not known
here.
"""

import select
import socket
import threading
import time
from collections.abc import Generator
from concurrent.futures import Future
from typing import NamedTuple, TypeVar

Result = TypeVar("Result")


class Wait(NamedTuple):
    """What is waited for: events of a connection, as poll() names them, or without one that time passes.

    seconds: how long at most.
    """

    seconds: float
    connection: socket.socket | None = None
    events: int = 0


Waits = Generator[Wait, int, Result]


# No wait of a conversation lasts longer, in seconds: then it looks up whether it is still to go on.
ATTENTION = 0.2

# How long a wait is for what nobody tells of, in seconds.
_GLANCE = 0.01


def drive(waits: Waits[Result]) -> Result:
    """Do all the waiting of one, in this thread; return its result."""
    found = None
    while True:
        try:
            wait = next(waits) if found is None else waits.send(found)
        except StopIteration as end:
            result: Result = end.value
            return result
        if wait.connection is None:
            time.sleep(wait.seconds)
            found = 0
        else:
            poll = select.poll()
            poll.register(wait.connection, wait.events)
            found = next((events for _, events in poll.poll(wait.seconds * 1000)), 0)


def wait_until_done(work: Future[Result], called_off: threading.Event) -> Waits[None]:
    """Wait for another thread's work, or until it is called off."""
    while not work.done() and not called_off.is_set():
        yield Wait(_GLANCE)
