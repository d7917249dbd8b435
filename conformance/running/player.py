"""Plays pairs: many side by side on one thread, or one alone, and looks after the targets meanwhile.

It keeps to the time of the run, and plays nothing with a target that is lost. What is played when, and what
it means, is not known here.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Semaphore
from types import TracebackType
from typing import Self, TypeVar

from clients.conversation import Patience
from clients.delivery import Delivery, whole
from clients.driver import playing
from clients.limits import Limits
from clients.scheduler import Scheduler
from clients.transcript import Ending, Transcript
from clients.waits import Waits, drive, wait_until_done
from conformance.judging.model import Scenario
from conformance.running.pairs import converse
from conformance.targets.limit import Limit, limits
from conformance.targets.liveness import Liveness, Supervisor
from conformance.targets.pace import Pace
from conformance.targets.target import Target

Result = TypeVar("Result")

# The groups of the scheduler: the long ones, if there are enough connections for two groups, and all others.
_QUICK, _LONG = 0, 1

# A longer conversation is a long one, in quiet windows.
_LONGEST_QUICK = 0.1

# So many conversations may take in long heads at once, which are not cut before they were judged.
_MOST_LONG_HEADS = 16

# After this many crashes and outages, nothing is begun until their causes were looked for.
_MOST_CRASHES = 3

# How often a conversation is begun in all that does not reach the target: in general; and where it is known
# that new connections are refused for a moment after some requests, or that requests are limited.
_MOST_TRIES = 2
_MOST_TRIES_BETWEEN_BANS = 20


class Overdue(Exception):
    """The run has taken all the time that it may."""


class Lost(Exception):
    """The target has ended for good."""


class Limited(Exception):
    """The target limits how often it is asked, and wants us to wait for longer than we do."""


class Postponed(Exception):
    """The target has crashed so often that the causes are to be looked for first."""


class Player:
    """Plays scenarios with targets. To be used as a context, by one thread.

    pace: how many conversations are played at once. delivery: how the bytes of every scenario are sent.
    supervisor: what starts the target again when it crashes, if anything does.
    """

    def __init__(self, pace: Pace, delivery: Delivery = whole, supervisor: Supervisor | None = None) -> None:
        self._pace = pace
        self._delivery = delivery
        self._supervisor = supervisor
        self._last_moment = time.monotonic() + pace.deadline
        # Those that spend their time waiting are played beside the others, if there is room for both.
        long = pace.conversations - pace.quick
        self._scheduler = Scheduler(pace.quick, long, connecting=pace.connecting)
        self._group_of_long = _LONG if long else _QUICK
        self._room = Limits(long_heads=Semaphore(_MOST_LONG_HEADS))
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="wirecheck")
        self._called_off = Event()
        self._liveness: dict[str, Liveness] = {}
        self._limits: dict[str, Limit] = {}
        self._known_crashes: dict[str, int] = {}  # by target: how many were looked into, outages among them
        self._group_of_silent = self._scheduler.add_group(pace.together)

    def __enter__(self) -> Self:
        self._scheduler.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Call off all that is played, and wait until it has ended."""
        self._called_off.set()
        self._scheduler.__exit__(kind, error, trace)
        self._looking.shutdown(cancel_futures=True)

    def liveness(self, target: Target) -> Liveness:
        """Return what watches over a target: one for all that is played with it."""
        liveness = self._liveness.get(target.name)
        if liveness is None:
            # Another thread may ask at the same time, and there is to be one for both.
            made = Liveness(
                target, self._pace.asking, self._pace.last, self._supervisor, lasting=self._pace.crash
            )
            liveness = self._liveness.setdefault(target.name, made)
        return liveness

    def limit(self, target: Target) -> Limit:
        """Return what is known of a target's limit on requests."""
        return self._limits.get(target.name) or self._limits.setdefault(
            target.name, Limit(target, self._pace.obeyed)
        )

    def look_into_crashes(self, target: Target) -> None:
        """Regard all crashes of a target so far as looked into, so that more may be begun with it."""
        self._known_crashes[target.name] = self._interruptions(target)

    def _interruptions(self, target: Target) -> int:
        liveness = self.liveness(target)
        return len(liveness.crashes) + (0 if liveness.ban else len(liveness.outages))

    def beside(
        self,
        target: Target,
        scenario: Scenario,
        patience: Patience,
        length: float,
        judge: Callable[[Transcript], Result],
    ) -> Future[Result]:
        """Play beside others when its turn has come. length: how long it lasts, in quiet windows.

        judge: called with what was played, in the thread that plays, as soon as it is over: it may be large,
        and nothing large is to wait for the thread that takes the results.
        The future has what that returns. It raises Overdue, Lost, Postponed, or what is a mistake of ours.
        """
        group = self._group_of_long if length > _LONGEST_QUICK else _QUICK
        return self._scheduler.submit(_judging(judge, self._playing(target, scenario, patience)), group=group)

    def together(
        self, target: Target, scenario: Scenario, patience: Patience, judge: Callable[[Transcript], Result]
    ) -> Future[Result]:
        """Play with others that are waited for, as many at once as the target serves with ease.

        judge, and the future: as those of `beside`.
        """
        judging = _judging(judge, self._playing(target, scenario, patience))
        return self._scheduler.submit(judging, group=self._group_of_silent)

    def alone(self, target: Target, scenario: Scenario, patience: Patience) -> Transcript:
        """Play in this thread. Raises Overdue, Lost, or what is a mistake of ours."""
        self.look_into_crashes(target)  # what is played alone is how they are looked into
        if self.liveness(target).ban is not None:
            self.liveness(target).recover()  # what was played before may have been followed by a ban
        return drive(self._playing(target, scenario, patience))

    def _playing(self, target: Target, scenario: Scenario, patience: Patience) -> Waits[Transcript]:
        """Play; again, where that shows nothing of the scenario and is over, as far as can be told."""
        tries, in_vain = 0, True
        while in_vain and tries < self._most_tries(target):
            transcript = yield from self._playing_once(target, scenario, patience)
            tries += 1
            in_vain = shows_nothing(transcript) or limits(transcript)
            if in_vain:
                looked = self._looking.submit(self._is_in_vain, target, scenario, transcript)
                yield from wait_until_done(looked, self._called_off)
                in_vain = looked.done() and looked.result()
        if time.monotonic() > self._last_moment:
            raise Overdue  # it may be ours that it ended as it did
        return transcript

    def _is_in_vain(self, target: Target, scenario: Scenario, transcript: Transcript) -> bool:
        """Whether a conversation has shown nothing, as is known now, and the target may be asked again.

        Look after the target where it did not answer, and wait where it limits how often it is asked.
        """
        limit, liveness = self.limit(target), self.liveness(target)
        if limit.obey(transcript, scenario.topic):
            return True
        if limit.is_exhausted and limits(transcript):
            raise Limited
        if not shows_nothing(transcript) or not liveness.look_after(transcript):
            return False
        return transcript.nobody_there or (liveness.ban is not None and is_without_a_byte(transcript))

    def _most_tries(self, target: Target) -> int:
        known = self.liveness(target).ban or self.limit(target).is_met
        return _MOST_TRIES_BETWEEN_BANS if known else _MOST_TRIES

    def _playing_once(self, target: Target, scenario: Scenario, patience: Patience) -> Waits[Transcript]:
        left = self._last_moment - time.monotonic()
        if left <= 0:
            raise Overdue
        liveness = self.liveness(target)
        if liveness.lost is not None:
            raise Lost
        if self._interruptions(target) - self._known_crashes.get(target.name, 0) >= _MOST_CRASHES:
            raise Postponed
        conversation = converse(target, scenario, self._delivery)
        patience = replace(patience, whole=min(patience.whole, left))
        return (
            yield from playing(target.endpoint, conversation, patience, self._called_off, limits=self._room)
        )


def _judging(judge: Callable[[Transcript], Result], play: Waits[Transcript]) -> Waits[Result]:
    return judge((yield from play))


def shows_nothing(transcript: Transcript) -> bool:
    """Whether a conversation ended as it also does when the target crashes, or turns connections away."""
    if transcript.was_reset:
        return False
    return transcript.ending in (Ending.SILENCE, Ending.REFUSED) or is_without_a_byte(transcript)


def is_without_a_byte(transcript: Transcript) -> bool:
    """Whether the target ended a connection on which it had sent nothing."""
    return transcript.ending.closed and not transcript.received
