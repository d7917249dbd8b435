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

# After this many crashes, nothing is begun until their causes were looked for.
_MOST_CRASHES = 3


class Overdue(Exception):
    """The run has taken all the time that it may."""


class Lost(Exception):
    """The target has ended for good."""


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
        self._limits = Limits(long_heads=Semaphore(_MOST_LONG_HEADS))
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="wirecheck")
        self._called_off = Event()
        self._liveness: dict[str, Liveness] = {}
        self._known_crashes: dict[str, int] = {}  # by target: how many were looked into
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
            made = Liveness(target, self._pace.asking, self._pace.last, self._supervisor)
            liveness = self._liveness.setdefault(target.name, made)
        return liveness

    def look_into_crashes(self, target: Target) -> None:
        """Regard all crashes of a target so far as looked into, so that more may be begun with it."""
        self._known_crashes[target.name] = len(self.liveness(target).crashes)

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
        return drive(self._playing(target, scenario, patience))

    def _playing(self, target: Target, scenario: Scenario, patience: Patience) -> Waits[Transcript]:
        """Play, and look after the target where it did not answer; again, if it was not there and is back."""
        transcript = yield from self._playing_once(target, scenario, patience)
        doubtful = transcript.ending in (Ending.SILENCE, Ending.REFUSED) and not transcript.was_reset
        if doubtful:
            lives = self._looking.submit(self.liveness(target).look_after, transcript)
            yield from wait_until_done(lives, self._called_off)
            if transcript.nobody_there and lives.done() and lives.result():
                transcript = yield from self._playing_once(target, scenario, patience)
        if time.monotonic() > self._last_moment:
            raise Overdue  # it may be ours that it ended as it did
        return transcript

    def _playing_once(self, target: Target, scenario: Scenario, patience: Patience) -> Waits[Transcript]:
        left = self._last_moment - time.monotonic()
        if left <= 0:
            raise Overdue
        liveness = self.liveness(target)
        if liveness.lost is not None:
            raise Lost
        if len(liveness.crashes) - self._known_crashes.get(target.name, 0) >= _MOST_CRASHES:
            raise Postponed
        conversation = converse(target, scenario, self._delivery)
        patience = replace(patience, whole=min(patience.whole, left))
        return (
            yield from playing(target.endpoint, conversation, patience, self._called_off, limits=self._limits)
        )


def _judging(judge: Callable[[Transcript], Result], play: Waits[Transcript]) -> Waits[Result]:
    return judge((yield from play))
