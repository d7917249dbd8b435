"""The runner: plays scenarios against targets, ahead of whoever asks for the findings, and confirms failures.

Conversations are played side by side in a thread of their own; findings are made in the thread that asks, so
that a control is always judged before what depends on it. What is no pass is played again alone, with full
patience, before it counts. The runner knows neither pytest nor reports.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from queue import SimpleQueue
from threading import Event
from types import TracebackType
from typing import Self

from clients.conversation import Patience
from clients.delivery import Delivery, whole
from clients.driver import playing
from clients.scheduler import Scheduler
from clients.transcript import Ending, Transcript
from clients.waits import Waits, drive, wait_until_done
from conformance.invariants.responses import Alike, Invariant, gathered, judge_look, look
from conformance.judging.model import Finding, Scenario, Verdict
from conformance.judging.verdict import Judgement
from conformance.running.applicability import rule_out
from conformance.running.findings import (
    SETTLED,
    UNSEEN,
    fails_by_silence,
    is_settled,
    is_silent,
    judged,
    make_finding,
    unjudged,
)
from conformance.running.pairs import Pair, converse
from conformance.targets.liveness import Death, Keeper, Life, Loss, inquire
from conformance.targets.pace import Pace
from conformance.targets.target import Target

# The groups of the ensemble: the long ones, if there are enough connections for two groups, and all others.
_QUICK, _LONG = 0, 1

# What is longer is a long one, in quiet windows.
_LONGEST_QUICK = 0.1


class Overdue(Exception):
    """The run has taken all the time that it may."""


class Gone(Exception):
    """The target has ended for good."""


@dataclass(frozen=True)
class _Played:
    """What is played in the background."""

    pair: Pair
    scenario: Scenario
    transcript: Future[Transcript]

    @cached_property
    def finding(self) -> Finding:
        """What the first play shows; waits for it, and raises what it raises."""
        return judged(self.pair, self.scenario, self.transcript.result())


class Runner:
    """Plays pairs in the background, and makes a finding of each, once.

    corpus: all scenarios by id, for the controls. pace: how many conversations are played at once, and how
    patiently. delivery: how the bytes of every scenario are sent. keeper: who starts the target again when it
    dies, if anybody does.
    """

    def __init__(
        self,
        corpus: Mapping[str, Scenario],
        *,
        pace: Pace = Pace(),  # noqa: B008  (a value)
        delivery: Delivery = whole,
        keeper: Keeper | None = None,
    ) -> None:
        self._corpus = corpus
        self._pace = pace
        self._delivery = delivery
        self._keeper = keeper
        self._last_moment = time.monotonic() + pace.deadline
        # Those that spend their time waiting are played beside the others, if there is room for both.
        long = pace.conversations - pace.quick
        self._ensemble = Scheduler(pace.quick, long, connecting=pace.newcomers)
        self._group_of_long = _LONG if long else _QUICK
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="wirecheck")
        self._called_off = Event()
        self._played: dict[str, _Played] = {}
        self._ended: SimpleQueue[_Played] = SimpleQueue()
        self._alone: dict[str, Transcript] = {}
        self._late: dict[str, Transcript] = {}
        self._unsettled: set[str] = set()
        self._lives: dict[str, Life] = {}
        self._losses: dict[str, tuple[Loss, ...]] = {}
        self._killed: dict[str, str] = {}
        self._findings: dict[str, Finding] = {}
        self._answered: dict[str, tuple[Alike, ...]] = {}

    def __enter__(self) -> Self:
        self._ensemble.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._called_off.set()
        self._ensemble.__exit__(kind, error, trace)
        self._looking.shutdown(cancel_futures=True)

    def start(self, pairs: Iterable[Pair]) -> None:
        """Begin to play pairs, and their controls, where the targets offer enough; long ones first."""
        for pair in sorted(pairs, key=lambda pair: pair.length, reverse=True):
            self._start(pair)

    def finding(self, pair: Pair) -> Finding:
        """The finding for a pair; waits until it is played, and confirmed where it needs to be."""
        if pair.id not in self._findings:
            self._findings[pair.id] = self._find(pair)
        return self._findings[pair.id]

    def stands(self, pair: Pair) -> bool:
        """Whether its finding stands as soon as it is played, which is waited for.

        Others have to be confirmed, once all is played, or to look at all of it.
        """
        if isinstance(pair.scenario, Invariant):
            return False
        control, played = self._control(pair), self._played.get(pair.id)
        if played is None:
            return True  # it is ruled out
        self._judge_until(played)
        try:
            settled = is_settled(played.finding)
        except Exception:  # noqa: BLE001  (it is met again by whoever asks for the finding)
            return True
        if not settled:
            self._unsettled.add(pair.id)
        return settled and (control is None or self.stands(control))

    def _judge_until(self, awaited: _Played) -> None:
        """Wait until it is played, and meanwhile judge what is."""
        while not awaited.transcript.done():
            with suppress(Exception):  # it is met again by whoever asks for the finding
                _ = self._ended.get().finding

    def _played_with(self, target: Target) -> dict[str, _Played]:
        return {name: played for name, played in self._played.items() if played.pair.target is target}

    def _control(self, pair: Pair) -> Pair | None:
        control = pair.scenario.control_id
        return None if control is None else Pair(pair.target, self._corpus[control])

    def _start(self, pair: Pair) -> None:
        scenario, target = pair.scenario, pair.target
        if isinstance(scenario, Invariant) or pair.id in self._played:
            return
        if rule_out(scenario, target.offers, None, fields=target.fields):
            return
        control = self._control(pair)
        if control is not None:
            self._start(control)
        group = self._group_of_long if pair.length > _LONGEST_QUICK else _QUICK
        transcript = self._ensemble.submit(self._playing(target, scenario, self._pace.hasty), group=group)
        self._played[pair.id] = played = _Played(pair, scenario, transcript)
        transcript.add_done_callback(lambda _: self._ended.put(played))

    def _playing(self, target: Target, scenario: Scenario, patience: Patience) -> Waits[Transcript]:
        """Play, and look after the target where it did not answer.

        Raises Overdue when the time of the run is over, and Gone when there is no target any more.
        """
        transcript = yield from self._playing_once(target, scenario, patience)
        doubtful = transcript.ending in (Ending.SILENCE, Ending.REFUSED) and not transcript.was_reset
        if doubtful:
            lives = self._looking.submit(self._life(target).look_after, transcript)
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
        if self._life(target).gone:
            raise Gone
        conversation = converse(target, scenario, self._delivery)
        patience = replace(patience, whole=min(patience.whole, left))
        return (yield from playing(target.endpoint, conversation, patience, self._called_off))

    def _find(self, pair: Pair) -> Finding:
        try:
            if isinstance(pair.scenario, Invariant):
                return self._look(pair, pair.scenario)
            return self._judge(pair, pair.scenario)
        except Overdue:
            late = f"not judged: the run took longer than its deadline of {self._pace.deadline:.0f} s"
            return make_finding(pair, Judgement(Verdict.ERROR, late), None)
        except Gone:
            return unjudged(
                make_finding(pair, UNSEEN, None), self._life(pair.target).gone, self.losses(pair.target)
            )
        except Exception as error:  # noqa: BLE001  (a mistake of ours is a finding, too, and must not end the run)
            own = Judgement(Verdict.ERROR, f"wirecheck's own error: {error!r}")
            return make_finding(pair, own, None, own_error=True)

    def _judge(self, pair: Pair, scenario: Scenario) -> Finding:
        ruled_out = self._ruled_out(pair, scenario)
        if ruled_out is not None:
            return make_finding(pair, ruled_out, None)
        self._start(pair)
        first = self._played[pair.id].finding
        return first if is_settled(first) else self._confirm(pair, scenario, first)

    def _ruled_out(self, pair: Pair, scenario: Scenario) -> Judgement | None:
        """Judge without having played it; its control is asked for only where nothing else rules it out."""
        target, control = pair.target, self._control(pair)
        ruled_out = rule_out(scenario, target.offers, None, fields=target.fields)
        if ruled_out is not None or control is None:
            return ruled_out
        return rule_out(scenario, target.offers, self._judgement(control), fields=target.fields)

    def _judgement(self, pair: Pair) -> Judgement:
        found = self.finding(pair)
        return Judgement(found.verdict, found.reason)

    def _confirm(self, pair: Pair, scenario: Scenario, first: Finding) -> Finding:
        """Look again, once all is played and it is known whether the target has lived through it.

        The pair is played again, alone and with full patience; and if it fails by silence, with the utmost.
        """
        losses = self.losses(pair.target)
        suspected = any(pair.id in loss.suspects for loss in losses)
        if first.verdict in SETTLED and not is_silent(first) and not suspected:
            return first
        if pair.id in self._killed:
            return self._killer(pair, scenario)
        if gone := self._life(pair.target).gone:
            return unjudged(first, gone, losses)
        again = self._judge_alone(pair, scenario, first)
        if fails_by_silence(again) and pair.id not in self._killed:
            if pair.id not in self._late:
                self._wait_for_the_late(pair, scenario)
            again = judged(pair, scenario, self._late[pair.id], first)
        return self._killer(pair, scenario) if pair.id in self._killed else again

    def _judge_alone(self, pair: Pair, scenario: Scenario, first: Finding) -> Finding:
        """Judge by the second play, with full patience while nothing else is played."""
        alone = self._alone.get(pair.id) or self._play_alone(pair.target, scenario, self._pace.full)
        return judged(pair, scenario, alone, first)

    def _wait_for_the_late(self, pair: Pair, scenario: Scenario) -> None:
        """Play with the utmost patience what is silent when it is alone, and with it all else that is so.

        Silence takes long; but many take no longer than one.
        """
        target, utmost = pair.target, self._pace.utmost
        others = [played for played in self._unconfirmed(target) if self._is_silent_alone(played)]
        silent = {pair.id: scenario} | {played.pair.id: played.scenario for played in others}
        began = time.monotonic()
        playing = {
            name: self._ensemble.submit(self._playing(target, each, utmost), group=self._group_of_long)
            for name, each in silent.items()
        }
        late = {name: transcript.result() for name, transcript in playing.items()}
        if self._life(target).died_since(began) and self._life(target).recover():
            late = {pair.id: self._play_alone(target, scenario, utmost)}  # of which of them is soon known
        self._late |= late

    def _unconfirmed(self, target: Target) -> list[_Played]:
        """What was asked for, does not stand, and has no finding yet."""
        names = self._unsettled - self._findings.keys() - self._killed.keys()
        return [played for name, played in self._played_with(target).items() if name in names]

    def _is_silent_alone(self, played: _Played) -> bool:
        """Whether it fails by silence when played alone, too. Not where its control must be seen first."""
        control = self._control(played.pair)
        if not fails_by_silence(played.finding) or (control is not None and not self.stands(control)):
            return False
        again = self._judge_alone(played.pair, played.scenario, played.finding)
        return fails_by_silence(again) and played.pair.id not in self._killed  # it may have died of it

    def _killer(self, pair: Pair, scenario: Scenario) -> Finding:
        """The finding for what the target has died of; that is worse than to break any rule."""
        alone = self._alone.get(pair.id)
        found = judged(pair, scenario, alone) if alone else self._played[pair.id].finding
        why = "the target died of it, which is a failure whatever the level of the requirement"
        seen = f"{found.observed} The target died of it: it {self._killed[pair.id]}."
        return replace(found, verdict=Verdict.FAIL, observed=seen, reason=why, replayed=True)

    # Whether the targets live

    def losses(self, target: Target) -> tuple[Loss, ...]:
        """The deaths of the target while all was played, once all is, and who brought them about."""
        if target.name not in self._losses:
            self._wait_for_all()
            by_name = self._played_with(target)
            conversations = {
                name: played.transcript.result()
                for name, played in by_name.items()
                if played.transcript.exception() is None
            }

            def kills(name: str) -> bool:
                self._play_alone(target, by_name[name].scenario, self._pace.full)
                return name in self._killed

            self._losses[target.name] = losses = inquire(self._life(target), conversations, kills)
            # Where there is but one suspect, and nobody left to ask, it need not do it again.
            self._killed |= {loss.culprit: loss.death.how for loss in losses if loss.culprit} | self._killed
        return self._losses[target.name]

    def _wait_for_all(self) -> None:
        """Wait until all is played, and meanwhile judge what is."""
        for played in self._played.values():
            self._judge_until(played)

    def deaths(self, target: Target) -> tuple[Loss, ...]:
        """All deaths of the target in the run, which is over: it is asked once more whether it lives."""
        asked = target.name in self._losses
        losses, life = self.losses(target), self._life(target)
        culprits = {loss.culprit for loss in losses}
        played = self._played_with(target)
        own = {name: how for name, how in self._killed.items() if name in played}
        later = [Loss(Death(0, how), name, ()) for name, how in own.items() if name not in culprits]
        if asked and not life.gone and (how := life.died_since(time.monotonic())):
            later.append(Loss(Death(0, how), "", ()))
        return (*losses, *later)

    def is_gone(self, target: Target) -> bool:
        """Whether the target has ended for good."""
        return bool(self._life(target).gone)

    def _life(self, target: Target) -> Life:
        # Many threads ask, and there is to be one life for all of them.
        return self._lives.setdefault(target.name, Life(target, self._pace.utmost, self._keeper))

    def _play_alone(self, target: Target, scenario: Scenario, patience: Patience) -> Transcript:
        """Play while nothing else is, and note if the target dies of it."""
        life = self._life(target)
        transcript = drive(self._playing(target, scenario, patience))
        self._alone[Pair(target, scenario).id] = transcript
        if not transcript.answered_follow_up and (how := life.died_since(transcript.began)):
            self._killed[Pair(target, scenario).id] = how
            life.recover()
        return transcript

    def _look(self, pair: Pair, invariant: Invariant) -> Finding:
        """Look for a rule in all that the target has answered."""
        looked = look(invariant, self._answered_by(pair.target))
        said = f"A response {looked.how}." if looked.broken else f"All {looked.applicable} responses do."
        return make_finding(pair, judge_look(invariant.level, looked), looked.example, said)

    def _evidence(self, target: Target) -> Callable[[str], Transcript | None]:
        """What to look at of each that was played: nothing, where the target's death may have shown in it."""
        lost = {name for loss in self.losses(target) for name in loss.suspects} | self._killed.keys()

        def evidence(name: str) -> Transcript | None:
            future = self._played[name].transcript
            if isinstance(future.exception(), Gone):
                return None
            said = future.result()
            if name not in lost or not said.ending.closed:
                return said
            return None if name in self._killed else self._alone.get(name)

        return evidence

    def _answered_by(self, target: Target) -> tuple[Alike, ...]:
        """All that a target has answered, read once."""
        if target.name not in self._answered:
            self._answered[target.name] = gathered(
                filter(None, map(self._evidence(target), self._played_with(target)))
            )
        return self._answered[target.name]
