"""A target's limit on requests: answers of 429, or of 503 with Retry-After, because it is asked too often.

Such an answer says nothing about a scenario where a plain GET meets it too, or where scenarios of several
topics do. Then the waits that the target asks for are obeyed, as long as they are short. What is played is
not known here.
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from email.utils import parsedate_to_datetime

from clients.response import Response
from clients.transcript import Transcript
from conformance.judging.observation import observe
from conformance.targets.pace import MOST_WAITED
from conformance.targets.preflight import PATIENCE, ask_plainly
from conformance.targets.target import Target

TOO_OFTEN = (
    f"limits how often it is asked, and wants us to wait for more than {MOST_WAITED:g} s in all; "
    "use --rate to send fewer requests per second"
)
"""What is to be said of a target whose waits are too many, as a phrase that follows "the target"."""

_TOO_MANY_REQUESTS = 429
_UNAVAILABLE = 503
_SIGNS = tuple(b" %d" % status for status in (_TOO_MANY_REQUESTS, _UNAVAILABLE))

# The wait where the target does not say, or does not say in a valid way, how long it is to be.
_USUAL = 1.0

# Scenarios of so many topics that meet the limit have nothing in common but that they came too early.
_UNRELATED = 3


def limits(transcript: Transcript) -> bool:
    """Whether an answer in a conversation is one that a limit gives."""
    return _wait_in(transcript) is not None


def _wait_in(transcript: Transcript) -> float | None:
    """Return how long the answers in a conversation ask to wait, in seconds; None where none does."""
    if not any(status in transcript.received for status in _SIGNS):
        return None  # most conversations need not be read for this
    seen = observe(transcript, filled={})
    return wait_in((*seen.answers, *seen.later), time.time())


def wait_in(responses: Iterable[Response], now: float) -> float | None:
    """Return how long the responses ask to wait, in seconds; None where none of them is that of a limit.

    now: the time in seconds since the epoch, for a Retry-After that is a date.
    """
    waits = []
    for response in responses:
        values = response.values(b"retry-after")
        if response.status == _TOO_MANY_REQUESTS or (response.status == _UNAVAILABLE and values):
            waits.append(_seconds(values[0], now) if values else _USUAL)
    return max(waits, default=None)


def _seconds(value: bytes, now: float) -> float:
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except ValueError:
        return _USUAL


class Limit:
    """What is known of the limit of one target. May be used by many threads.

    left: for how many more seconds its waits are obeyed.
    """

    def __init__(self, target: Target, left: float = MOST_WAITED) -> None:
        # A turn that is waited for would come when the limit is over.
        self._target = replace(target, endpoint=replace(target.endpoint, rate=None))
        self._asking = threading.Lock()
        self._topics: set[str] = set()
        self._obeyed_until = 0.0  # by time.monotonic()
        self.left = left
        self.is_met = False
        """Whether answers were seen that are the limit's."""
        self.is_exhausted = False
        """Whether the target asked for more waits than are obeyed."""

    def obey(self, transcript: Transcript, topic: str = "") -> bool:
        """Wait as the answers in a conversation ask, if they are the limit's.

        topic: of the scenario; empty for a plain GET. Return whether they were the limit's, and it is of use
        to ask again. Of many threads, one waits for all.
        """
        wait = _wait_in(transcript)
        if wait is None:
            return False
        with self._asking:
            if self.is_met and transcript.began < self._obeyed_until:
                return True
            asked: float | None = wait
            if topic:
                asked = self._asked_plainly()
                self._topics.add(topic)
            if asked is None and len(self._topics) < _UNRELATED:
                return False
            self.is_met = True
            asked = wait if asked is None else asked
            while asked is not None and not self.is_exhausted:
                self._wait(asked)
                asked = self._asked_plainly()
            self._obeyed_until = time.monotonic()
            return not self.is_exhausted

    def _asked_plainly(self) -> float | None:
        return _wait_in(ask_plainly(self._target, PATIENCE))

    def _wait(self, seconds: float) -> None:
        if seconds > self.left:
            self.is_exhausted = True
            return
        self.left -= max(seconds, _USUAL / 10)  # no endless loop of waits of nothing
        time.sleep(seconds)
