"""The runner: plays a plan in named passes, and yields each finding as soon as it is decided.

What is to be done with a pair next is decided in `case`, by a pure function; here it is done. The passes are,
in their order: first plays, all side by side, with the inquiry into crashes; confirmation, where controls
come before what depends on them; and the rules for all responses. The runner knows neither pytest nor
reports.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from clients.conversation import Patience
from clients.delivery import Delivery, whole
from clients.transcript import Transcript
from conformance.invariants.model import Invariant
from conformance.invariants.responses import Lookout, Shown, judge_look
from conformance.judging.model import Finding, Scenario, Verdict
from conformance.judging.observation import methods_in, observe
from conformance.running.applicability import release
from conformance.running.case import Case, Step, TargetState
from conformance.running.findings import closes_unannounced, is_cut, is_limited, make_finding, unjudged
from conformance.running.inquest import CrashReport
from conformance.running.inquiry import Inquiry
from conformance.running.pairs import Pair
from conformance.running.player import Player
from conformance.running.progress import Phase
from conformance.running.table import Play, Table, scenario_of
from conformance.targets.liveness import Supervisor
from conformance.targets.pace import Pace
from conformance.targets.target import Target

# Where plays that have ended are put, each with the id of its pair.
_Ended = SimpleQueue[tuple[str, Future[Play]]]

# How often progress is shown while nothing happens, in seconds.
_BETWEEN_SIGNS = 1.0


class Runner:
    """Plays pairs and finds out what each shows. To be used as a context, by one thread.

    corpus: all scenarios by id, for the controls. pace: how many conversations are played at once, and how
    patiently. delivery: how the bytes of every scenario are sent. supervisor: what starts the target again
    when it crashes, if anything does. announce: called with each phase of the run, and again while it lasts.
    """

    def __init__(
        self,
        corpus: Mapping[str, Scenario],
        *,
        pace: Pace = Pace(),  # noqa: B008  (a value)
        delivery: Delivery = whole,
        supervisor: Supervisor | None = None,
        announce: Callable[[Phase], None] = lambda _: None,
    ) -> None:
        self._corpus = corpus
        self._pace = pace
        self._player = Player(pace, delivery, supervisor)
        self._announce = announce
        self._phase = Phase("playing")
        self._lookouts: dict[str, Lookout] = {}  # by target
        self._table = Table(corpus, (), self._state, self._lookouts)
        self._inquiries: dict[str, Inquiry] = {}  # by target
        self._inquired: set[str] = set()

    def __enter__(self) -> Self:
        self._player.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._player.__exit__(kind, error, trace)

    def findings(self, plan: Sequence[Pair], evidence: Iterable[Pair] = ()) -> Iterator[Finding]:
        """Yield the finding of each pair of the plan as soon as it is decided; those of invariants come last.

        A pair that is found to crash its target after it was decided has a second finding, which replaces the
        first. A control, or a pair of the evidence, has one only where it crashes its target.
        evidence: pairs that are played as well, for invariants to look at.
        """
        everything = (*plan, *evidence)
        targets = {pair.target.name: pair.target for pair in everything}
        self._lookouts = {
            name: Lookout([check for _, check in _invariants(target, plan)])
            for name, target in targets.items()
        }
        self._table = Table(self._corpus, (pair.id for pair in plan), self._state, self._lookouts)
        late = f"not judged: the run took longer than {self._pace.deadline:g} s (--max-time)"
        self._inquiries = {
            name: Inquiry(target, self._table, self._player, self._pace, late)
            for name, target in targets.items()
        }
        self._late = late
        yield from self._first_plays(everything)
        for target in targets.values():
            yield from self._inquire(target)
            yield from self._confirm(target)
        for target in targets.values():
            yield from self._look_at_responses(target, plan)

    def crashes(self, target: Target) -> tuple[CrashReport, ...]:
        """Return the crashes of a target, each cause once; it is asked once more whether it lives.

        To be called when all findings were yielded.
        """
        inquiry = self._inquiries.get(target.name)
        return () if inquiry is None else inquiry.crashes()

    def summary(self, target: Target) -> str:
        """Return a sentence about a target that crashes too often to judge everything; else an empty one."""
        inquiry = self._inquiries.get(target.name)
        return "" if inquiry is None else inquiry.summary

    def is_lost(self, target: Target) -> bool:
        """Whether the target has ended for good."""
        return self._player.liveness(target).lost is not None

    # The passes

    def _first_plays(self, pairs: Iterable[Pair]) -> Iterator[Finding]:
        """Play all pairs and their controls, side by side, the long ones first."""
        for pair in sorted(pairs, key=lambda pair: pair.length, reverse=True):
            self._table.add(pair)
        cases = [case for case in self._table.cases.values() if case.error is None]
        self._show(Phase("playing"))
        yield from self._table.settle(self._table.cases)
        yield from self._play_beside(cases)

    def _play_beside(self, cases: Sequence[Case]) -> Iterator[Finding]:
        ended: _Ended = SimpleQueue()
        for case in cases:
            pair, scenario = case.pair, scenario_of(case)
            judge = self._table.judge(pair.id)
            future = self._player.beside(pair.target, scenario, self._pace.first, pair.length, judge)
            _put_when_done(future, pair.id, ended)
        for name, future in self._ended(ended, len(cases)):
            self._table.take(name, future.result, self._late)
            yield from self._table.settle([name])

    def _inquire(self, target: Target) -> Iterator[Finding]:
        """Look for the causes of crashes, and play what was postponed for them, until all was played once."""
        inquiry = self._inquiries[target.name]
        postponed = self._to_be_played(target)
        while True:
            self._show(Phase("looking for the cause of a crash" if postponed else "playing"))
            if inquiry.is_exhausted:
                inquiry.give_up(postponed)
            inquiry.look_into_crashes(thoroughly=bool(postponed))
            yield from self._table.settle(case.pair.id for case in self._table.of(target))
            postponed = self._to_be_played(target)
            if not postponed or self.is_lost(target):
                break
            self._show(Phase("playing"))
            yield from self._play_beside(postponed)
            postponed = self._to_be_played(target)
        self._inquired.add(target.name)
        yield from self._table.settle(case.pair.id for case in self._table.of(target))

    def _to_be_played(self, target: Target) -> list[Case]:
        return self._table.with_step(Step.PLAY, self._table.of(target))

    def _confirm(self, target: Target) -> Iterator[Finding]:
        """Play again what does not stand, until all is decided; controls come before what depends on them."""
        names = [case.pair.id for case in self._table.of(target)]
        while waiting := self._table.undecided(target):
            ready = [case for case in waiting if self._table.is_ready(case)]
            if accused := self._table.with_step(Step.ACCUSE, waiting):
                yield from self._accuse(accused)
            elif alone := self._table.with_step(Step.CONFIRM_ALONE, ready):
                yield from self._confirm_alone(alone)
            elif waiting_for := self._waits(ready):
                self._confirm_together(target, waiting_for)
            else:
                raise RuntimeError(f"nothing can be done next with {waiting[0].pair.id}")
            yield from self._table.settle(names)

    def _accuse(self, cases: Sequence[Case]) -> Iterator[Finding]:
        """Play each suspect alone, until enough crashes are confirmed."""
        inquiry = self._inquiries[cases[0].pair.target.name]
        for number, case in enumerate(cases):
            if inquiry.is_exhausted:
                return
            self._show(Phase(f"looking for the cause of a crash, suspect {number + 1} of {len(cases)}"))
            inquiry.accuse(case.pair.id)
            yield from self._table.settle([case.pair.id])

    def _confirm_alone(self, cases: Sequence[Case]) -> Iterator[Finding]:
        """Play each again while nothing else is played."""
        for number, case in enumerate(cases):
            self._show(Phase(f"confirming failure {number + 1} of {len(cases)}"))
            pair, scenario = case.pair, scenario_of(case)
            judge = self._table.judge(pair.id)
            self._table.take(
                pair.id,
                lambda: judge(self._player.alone(pair.target, scenario, self._pace.confirming)),  # noqa: B023  (at once)
                self._late,
                partial(self._inquiries[pair.target.name].is_void, pair.id, asks=True),
            )
            # What is cut short waits for the others: they show whether the target cuts by chance.
            if not is_cut(self._table.cases[pair.id].plays[-1]):
                yield from self._table.settle([pair.id])

    def _waits(self, cases: Sequence[Case]) -> list[tuple[Case, Patience]]:
        """Return the cases that are confirmed by waiting, the longest waits first, each with its patience."""
        last = self._table.with_step(Step.OUTWAIT, cases)
        longest = self._pace.last_of(len(last))
        others = self._table.with_step(Step.CONFIRM_TOGETHER, cases)
        return [*((case, longest) for case in last), *((case, self._pace.confirming) for case in others)]

    def _confirm_together(self, target: Target, cases: Sequence[tuple[Case, Patience]]) -> None:
        """Play again what has to be waited for, many at once: they take no longer than one."""
        seconds = sum(patience.silence for _, patience in cases) / self._pace.together
        longest = max(patience.silence for _, patience in cases)
        what = f"confirming {_counted(len(cases), 'finding')} by waiting"
        self._show(Phase(what, seconds=max(seconds, longest)))
        ended: _Ended = SimpleQueue()
        began = time.monotonic()
        for case, patience in cases:
            judge = self._table.judge(case.pair.id)
            future = self._player.together(target, scenario_of(case), patience, judge)
            _put_when_done(future, case.pair.id, ended)
        played = list(self._ended(ended, len(cases)))
        inquiry = self._inquiries[target.name]
        inquiry.crash_since(began)
        for name, future in played:
            self._table.take(name, future.result, self._late, partial(inquiry.is_void, name, asks=False))

    def _look_at_responses(self, target: Target, plan: Sequence[Pair]) -> Iterator[Finding]:
        """Look for each rule of the plan in all that the target has answered."""
        wanted = _invariants(target, plan)
        seen = list(self._evidence(target)) if wanted else []
        unknown = any(
            finding.verdict is Verdict.ERROR and finding.target == target.name
            for finding in self._table.decided.values()
        )
        for pair, invariant in wanted:
            looked = self._lookouts[target.name].look(invariant, seen)
            if unknown and not looked.applicable:
                yield unjudged(
                    pair, None, "the responses to which the rule applies may be among those of ERRORs"
                )
                continue
            found = (
                f"A response {looked.how}." if looked.broken else f"All {looked.applicable} responses comply."
            )
            judgement = judge_look(invariant, looked)
            if looked.example is not None and target.labels_http10:
                shown = observe(looked.example, filled={}, requests=len(methods_in(looked.example.sent)))
                judgement = release(judgement, invariant.judged, shown, labels_http10=True)
            yield make_finding(pair, judgement, looked.example, found)

    # Of the passes

    def _evidence(self, target: Target) -> Iterator[tuple[Transcript, tuple[Shown, ...]]]:
        """Yield the first play of each case that is the target's own, and what it shows of the invariants.

        It is not where a limit on requests answered, or where the target may have cut it short, in a crash or
        by chance.
        """
        limited = self._player.limit(target).is_met
        cuts = self._table.cut_by_chance(target) > 0
        inquiry = self._inquiries[target.name]
        for case in self._table.of(target):
            for play, shown in zip(case.plays, self._table.shown[case.pair.id], strict=False):
                seen = play.transcript
                if seen is None or (limited and is_limited(play)):
                    continue
                doubted = cuts or case.crash is not None or inquiry.was_hit(seen)
                if not doubted or not (is_cut(play) or closes_unannounced(play)):
                    yield seen, shown
                    break

    def _state(self, target: Target) -> TargetState:
        inquiry = self._inquiries[target.name]
        reports = inquiry.reports
        cause = reports[-1].cause if reports else None
        return TargetState(
            inquired=target.name in self._inquired,
            lost=self._player.liveness(target).lost,
            cause=cause,
            under_way=reports[-1].suspects if reports and cause is None else (),
            crashes=inquiry.confirmed,
            exhausted=inquiry.is_exhausted,
            cuts=self._table.cut_by_chance(target) > 0,
        )

    def _show(self, phase: Phase) -> None:
        self._phase = phase
        self._announce(phase)

    def _ended(self, ended: _Ended, number: int) -> Iterator[tuple[str, Future[Play]]]:
        """Yield a number of plays as they end, and show meanwhile that the run goes on."""
        while number:
            try:
                yield ended.get(timeout=_BETWEEN_SIGNS)
            except Empty:
                self._announce(self._phase)
            else:
                number -= 1


def _invariants(target: Target, plan: Iterable[Pair]) -> list[tuple[Pair, Invariant]]:
    """Return the pairs of a plan that are about the responses of a target."""
    of_target = (pair for pair in plan if pair.target is target)
    return [(pair, pair.check) for pair in of_target if isinstance(pair.check, Invariant)]


def _put_when_done(future: Future[Play], name: str, ended: _Ended) -> None:
    future.add_done_callback(lambda done: ended.put((name, done)))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
