"""Whether a target lives through its run: its crashes are noticed here, and waited for until it is back.

A server that crashes takes with it all that is under way, and whatever comes next finds no server. Nothing
can be said of either until it is running again. What is played, and what caused a crash, is not known here.
"""

import math
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from clients.conversation import Patience
from clients.transcript import Kind, Transcript
from conformance.targets.preflight import ask_plainly, is_answered
from conformance.targets.target import Target

# How long a target may take to come back, in seconds: one that others may start again; and one that we start
# again, which may have much to load.
_RETURNS_WITHIN = 3.0
_RESTARTS_WITHIN = 30.0
_BETWEEN_LOOKS = 0.05

NOTICED_WITHIN = 1.0
"""Seconds that may pass between a crash and its notice, on a machine with much to do."""

STOPPED_ANSWERING = "stopped answering"
NOT_THERE = "stopped accepting connections"


@dataclass(frozen=True)
class Crash:
    """An end that was not asked for: a process that ended, or a server that answers nothing."""

    moment: float
    """When it was noticed, or last seen alive, by time.monotonic()."""
    how: str
    """A phrase that follows "the target"."""


class Supervisor(Protocol):
    """Keeps a target running: starts it again when it ends."""

    @property
    def crashes(self) -> tuple[Crash, ...]:
        """Each time that it ended by itself."""

    def start_again(self) -> None:
        """End it, because it no longer does anything, and start it again."""


class Liveness:
    """Watches over one target. May be used by many threads.

    patience: for a plain GET. supervisor: what starts the target again, if anything does.
    """

    def __init__(self, target: Target, patience: Patience, supervisor: Supervisor | None = None) -> None:
        self._target = target
        self._patience = patience
        self._supervisor = supervisor
        self._asking = threading.Lock()
        self._last_answered = -math.inf
        self._noticed: list[Crash] = []
        self.lost: str | None = None
        """How it ended for good, as a phrase that follows "the target"; None while it can be asked."""

    @property
    def crashes(self) -> tuple[Crash, ...]:
        """All crashes so far, in order: those that the supervisor saw, and those that were noticed here."""
        known = self._supervisor.crashes if self._supervisor else ()
        return tuple(sorted((*known, *self._noticed), key=lambda crash: crash.moment))

    def look_after(self, transcript: Transcript) -> bool:
        """Find out whether the target lives, where a conversation makes that doubtful; wait until it does.

        Return whether it does. Of many threads that are in doubt, one asks for all.
        """
        with self._asking:
            doubtful = self.lost is None and self._last_answered < transcript.began
            if doubtful and not transcript.nobody_there:
                self.probe(transcript.last(Kind.CONNECTED, Kind.SENT, Kind.RECEIVED) or transcript.began)
            elif doubtful:
                self.recover()
            return self.lost is None

    def crash_since(self, moment: float) -> str | None:
        """Return how it crashed at that moment or later, as far as that was noticed; None when it did not."""
        return next((crash.how for crash in reversed(self.crashes) if crash.moment >= moment), None)

    def probe(self, since: float) -> None:
        """Ask plainly. Where no answer comes, note a crash, and have it started again; else it is lost.

        since: when it was last seen alive, by time.monotonic(). Afterwards `crash_since` and `lost` are true.
        """
        transcript = ask_plainly(self._target, self._patience)
        if is_answered(self._target, transcript):
            self._last_answered = transcript.began
            return
        if transcript.ending.closed or transcript.nobody_there:
            self._wait_for_notice(Crash(since, NOT_THERE if transcript.nobody_there else STOPPED_ANSWERING))
            self.recover()
            return
        self._noticed.append(Crash(since, STOPPED_ANSWERING))
        if self._supervisor:
            self._supervisor.start_again()
            self.recover()
        else:
            self.lost = STOPPED_ANSWERING  # it was given all the time that there is

    def recover(self) -> bool:
        """Wait until it answers, and return whether it does. If it does not in time, it is lost."""
        last_moment = time.monotonic() + (_RESTARTS_WITHIN if self._supervisor else _RETURNS_WITHIN)
        while self.lost is None and not self._answers():
            if time.monotonic() > last_moment:
                self.lost = self.crashes[-1].how if self.crashes else NOT_THERE
            time.sleep(_BETWEEN_LOOKS)
        return self.lost is None

    def _wait_for_notice(self, seen: Crash) -> None:
        """Let the supervisor notice a crash, for it knows how it came; else note what was seen of it."""
        last_moment = time.monotonic() + (NOTICED_WITHIN if self._supervisor else 0)
        while all(crash.moment < seen.moment for crash in self.crashes):
            if time.monotonic() > last_moment:
                self._noticed.append(seen)
            time.sleep(_BETWEEN_LOOKS)

    def _answers(self) -> bool:
        transcript = ask_plainly(self._target, self._patience)
        answers = is_answered(self._target, transcript)
        if answers:
            self._last_answered = transcript.began
        return answers
