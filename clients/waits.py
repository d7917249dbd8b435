"""How conversations wait: they yield what they wait for, and their caller does the waiting.

A conversation is a generator of its waits, so that one thread can run many. It is sent the events that
poll() has found, or 0 when the time of the wait is over, and in the end it returns its result. What it waits
for, and why, is not known here.
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
    """One wait: for events of a connection, or only for time to pass."""

    seconds: float
    """The longest time to wait."""

    connection: socket.socket | None = None
    """The connection whose events end the wait; None to wait until the time is over."""

    events: int = 0
    """Which events of the connection end the wait, as poll() names them."""


Waits = Generator[Wait, int, Result]


# The longest wait of a conversation, in seconds: after it, the conversation checks whether it is called off.
ATTENTION = 0.2

# Polling interval, in seconds, for work without a wake-up.
_GLANCE = 0.01


def drive(waits: Waits[Result]) -> Result:
    """Do all the waiting of one conversation, in this thread; return its result, or raise what it raises."""
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
    """Wait until another thread's work is done, or until `called_off` is set."""
    while not work.done() and not called_off.is_set():
        yield Wait(_GLANCE)
