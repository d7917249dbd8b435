"""Whether a target lives through its run: its crashes are noticed here, and waited for until it is back.

A server that crashes takes with it all that is under way, and whatever comes next finds no server. Nothing
can be said of either until it is running again. A server that turns new connections away for a moment has not
crashed: that is an outage. What is played, and what caused a crash or an outage, is not known here.
"""

import math
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from clients.conversation import Patience
from clients.transcript import Ending, Kind, Transcript
from conformance.targets.preflight import ask_plainly, is_answered
from conformance.targets.target import Target

# How long a target may take to come back, in seconds: one that others may start again; and one that we start
# again, which may have much to load.
_RETURNS_WITHIN = 3.0
_RESTARTS_WITHIN = 30.0
_BETWEEN_LOOKS = 0.05

# How many plain GETs in a row have to be in vain, at least: for a crash, and for an outage. A single one that
# is reset or ignored says little.
_GETS_OF_A_CRASH = 3
_GETS_OF_AN_OUTAGE = 2

NOTICED_WITHIN = 1.0
"""Seconds that may pass between a crash and its notice, on a machine with much to do."""

STOPPED_ANSWERING = "stopped answering"
NOT_THERE = "stopped accepting connections"


@dataclass(frozen=True)
class Crash:
    """An end that was not asked for: a process that ended, or a server that answers nothing for long."""

    moment: float
    """When it was noticed, or last seen alive, by time.monotonic()."""
    how: str
    """A phrase that follows "the target"."""


@dataclass(frozen=True)
class Outage:
    """A time in which the target turned new connections away, and after which it answered by itself."""

    moment: float
    """When it was last seen alive, by time.monotonic()."""
    ended: float
    """When it answered again, by the same clock."""
    seconds: float
    """For how long plain GETs were in vain."""
    nobody: bool
    """Whether nothing listened, as when a process ends and another takes its place."""


class Supervisor(Protocol):
    """Keeps a target running: starts it again when it ends."""

    @property
    def crashes(self) -> tuple[Crash, ...]:
        """Each time that it ended by itself."""

    def start_again(self) -> None:
        """End it, because it no longer does anything, and start it again."""


class Liveness:
    """Watches over one target. May be used by many threads.

    asking: the patience of each of several plain GETs. last: that of the only one whose silence ends a run,
    where nothing starts the target again. supervisor: what starts it again, if anything does. lasting: for
    how many seconds all plain GETs have to be in vain before that is a crash.
    """

    def __init__(
        self,
        target: Target,
        asking: Patience,
        last: Patience,
        supervisor: Supervisor | None = None,
        *,
        lasting: float = 0.0,
    ) -> None:
        self._target = target
        self._asking_patience = asking
        self._last = last
        self._supervisor = supervisor
        self._lasting = lasting
        self._asking = threading.Lock()
        self._last_answered = -math.inf
        self._noticed: list[Crash] = []
        self._outages: list[Outage] = []
        self.ban: str | None = None
        """How it refuses new connections after some requests, as a phrase that follows "the target"; None as
        long as that was not seen. The inquiry sets it, which has seen which requests these are."""
        self.lost: str | None = None
        """How it ended for good, as a phrase that follows "the target"; None while it can be asked."""

    @property
    def crashes(self) -> tuple[Crash, ...]:
        """All crashes so far, in order: those that the supervisor saw, and those that were noticed here."""
        known = self._supervisor.crashes if self._supervisor else ()
        return tuple(sorted((*known, *self._noticed), key=lambda crash: crash.moment))

    @property
    def outages(self) -> tuple[Outage, ...]:
        """All outages so far, in order."""
        return tuple(self._outages)

    def look_after(self, transcript: Transcript) -> bool:
        """Find out whether the target lives, where a conversation makes that doubtful; wait until it does.

        Return whether it does. Of many threads that are in doubt, one asks for all.
        """
        with self._asking:
            if self.lost is None and self._last_answered < transcript.ended:
                self.probe(transcript.last(Kind.CONNECTED, Kind.SENT, Kind.RECEIVED) or transcript.began)
            return self.lost is None

    def crash_since(self, moment: float) -> str | None:
        """Return how it crashed at that moment or later, as far as that was noticed; None when it did not."""
        return next((crash.how for crash in reversed(self.crashes) if crash.moment >= moment), None)

    def outage_since(self, moment: float) -> Outage | None:
        """Return the last outage that was not over at that moment; None if none was noticed."""
        return next((outage for outage in reversed(self._outages) if outage.ended >= moment), None)

    def probe(self, since: float) -> None:
        """Ask plainly, until there is an answer, or so many were in vain for so long that it has crashed.

        One that has crashed is started again, or is lost. since: when it was last seen alive, by
        time.monotonic(). Afterwards `crash_since`, `outage_since` and `lost` are true.
        """
        began, last_answered = time.monotonic(), self._last_answered
        in_vain: list[Transcript] = []
        while not self._answers(self._asking_patience, in_vain):
            if self.crash_since(since) is not None:
                self.recover()
                return
            if len(in_vain) >= _GETS_OF_A_CRASH and time.monotonic() - began >= self._lasting:
                self._give_up(since, in_vain[-1])
                return
            time.sleep(_BETWEEN_LOOKS)
        nobody = any(transcript.nobody_there for transcript in in_vain)
        turned_away = all(
            transcript.nobody_there or (transcript.ending.closed and not transcript.received)
            for transcript in in_vain
        )
        if (
            turned_away
            and (nobody or len(in_vain) >= _GETS_OF_AN_OUTAGE)
            and self.crash_since(min(since, last_answered)) is None
        ):
            self._outages.append(
                Outage(since, self._last_answered, self._last_answered - in_vain[0].began, nobody)
            )

    def is_calm(self, seconds: float) -> bool:
        """Ask plainly for some time; return whether the target did not crash in it, nor had an outage."""
        before = len(self.crashes), len(self._outages)
        last_moment = time.monotonic() + seconds
        while self.lost is None and (len(self.crashes), len(self._outages)) == before:
            self.probe(time.monotonic())
            if time.monotonic() >= last_moment:
                break
            time.sleep(_BETWEEN_LOOKS)
        return self.lost is None and (len(self.crashes), len(self._outages)) == before

    def recover(self) -> bool:
        """Wait until it answers, and return whether it does. If it does not in time, it is lost."""
        last_moment = time.monotonic() + (_RESTARTS_WITHIN if self._supervisor else _RETURNS_WITHIN)
        while self.lost is None and not self._answers(self._last):
            if time.monotonic() > last_moment:
                self.lost = self.crashes[-1].how if self.crashes else NOT_THERE
            time.sleep(_BETWEEN_LOOKS)
        return self.lost is None

    def _give_up(self, since: float, transcript: Transcript) -> None:
        """Note a crash, unless a last, patient plain GET is answered; have the target started again."""
        silent = transcript.ending is Ending.SILENCE
        if silent and not self._supervisor and self._answers(self._last):
            return
        how = NOT_THERE if transcript.ending is Ending.REFUSED else STOPPED_ANSWERING
        is_starting = self._supervisor and self.crash_since(time.monotonic() - _RESTARTS_WITHIN) is not None
        if not (transcript.nobody_there and is_starting):
            self._noticed.append(Crash(since, how))
        if self._supervisor:
            if not transcript.nobody_there:
                self._supervisor.start_again()
        elif silent:
            self.lost = how  # it was given all the time that there is
        self.recover()

    def _answers(self, patience: Patience, in_vain: list[Transcript] | None = None) -> bool:
        """Whether a plain GET is answered. If it is not, its transcript is added to those in vain."""
        transcript = ask_plainly(self._target, patience)
        answers = is_answered(self._target, transcript)
        if answers:
            self._last_answered = transcript.began
        elif in_vain is not None:
            in_vain.append(transcript)
        return answers
