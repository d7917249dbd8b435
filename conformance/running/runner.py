"""The runner: plays a plan in named passes, and yields each finding as soon as it is decided.

What is to be done with a pair next is decided in `case`, by a pure function; here it is done. The passes are,
in their order: first plays, all side by side; the causes of crashes; confirmation, where controls come before
what depends on them; and the rules for all responses. The runner knows neither pytest nor reports.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from clients.conversation import Patience
from clients.delivery import Delivery, whole
from clients.transcript import Transcript
from conformance.invariants.model import Invariant
from conformance.invariants.responses import Alike, gather, judge_look, look
from conformance.judging.model import Finding, Scenario, Verdict
from conformance.judging.verdict import Judgement
from conformance.running.case import Case, Step, TargetState, begin, decide, next_step
from conformance.running.findings import judged, make_finding, unplayed
from conformance.running.inquest import CrashReport, last_heard, refusals, suspects
from conformance.running.pairs import Pair
from conformance.running.player import Lost, Overdue, Player
from conformance.targets.liveness import Crash, Liveness, Supervisor
from conformance.targets.pace import Pace
from conformance.targets.target import Target

# Where plays that have ended are put, each with the id of its pair.
_Ended = SimpleQueue[tuple[str, Future[Transcript]]]


class Runner:
    """Plays pairs and finds out what each shows. To be used as a context, by one thread.

    corpus: all scenarios by id, for the controls. pace: how many conversations are played at once, and how
    patiently. delivery: how the bytes of every scenario are sent. supervisor: what starts the target again
    when it crashes, if anything does.
    """

    def __init__(
        self,
        corpus: Mapping[str, Scenario],
        *,
        pace: Pace = Pace(),  # noqa: B008  (a value)
        delivery: Delivery = whole,
        supervisor: Supervisor | None = None,
    ) -> None:
        self._corpus = corpus
        self._pace = pace
        self._player = Player(pace, delivery, supervisor)
        self._cases: dict[str, Case] = {}
        self._decided: dict[str, Finding] = {}
        self._dependents: defaultdict[str, list[str]] = defaultdict(list)  # by the id of the control's pair
        self._reports: dict[str, tuple[CrashReport, ...]] = {}  # by target, once its crashes were looked into
        self._asked: set[str] = (
            set()
        )  # targets that nothing was played with since it was seen whether they live
        self._wanted: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        self._player.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._player.__exit__(kind, error, trace)

    def findings(self, plan: Sequence[Pair], evidence: Iterable[Pair] = ()) -> Iterator[Finding]:
        """Yield the finding of each pair of the plan as soon as it is decided; those of invariants come last.

        evidence: pairs that are played as well, for invariants to look at, and have no finding of their own.
        """
        self._wanted = frozenset(pair.id for pair in plan)
        targets = {pair.target.name: pair.target for pair in plan}
        yield from self._first_plays((*plan, *evidence))
        for target in targets.values():
            self._inquire(target)
            yield from self._confirm(target)
        for target in targets.values():
            yield from self._look_at_responses(target, plan)

    # The passes

    def _first_plays(self, pairs: Iterable[Pair]) -> Iterator[Finding]:
        """Play all pairs and their controls, side by side, the long ones first."""
        for pair in sorted(pairs, key=lambda pair: pair.length, reverse=True):
            self._add(pair)
        yield from self._settle(*self._cases)
        ended: _Ended = SimpleQueue()
        playing = self._with_step(Step.PLAY, self._cases.values())
        for case in playing:
            self._beside(case, self._pace.hasty, ended)
        for _ in playing:
            name, transcript = ended.get()
            self._take(name, transcript.result)
            yield from self._settle(name)

    def _confirm(self, target: Target) -> Iterator[Finding]:
        """Play again what does not stand, until all is decided; controls come before what depends on them."""
        cases = [case.pair.id for case in self._cases.values() if case.pair.target is target]
        yield from self._settle(*cases)
        while waiting := [self._cases[name] for name in cases if name not in self._decided]:
            ready = [case for case in waiting if self._control_is_decided(case)]
            alone = self._with_step(Step.CONFIRM_ALONE, ready)
            for case in alone:
                self._play_alone(case, self._pace.full)
                yield from self._settle(case.pair.id)
            if not alone:
                self._outwait(self._with_step(Step.OUTWAIT, ready))
                yield from self._settle(*cases)

    def _outwait(self, cases: Sequence[Case]) -> None:
        """Play together, with our last patience, what was silent again: many take no longer than one."""
        if not cases:
            return
        target = cases[0].pair.target
        ended: _Ended = SimpleQueue()
        began = time.monotonic()
        for case in cases:
            self._beside(case, self._pace.utmost, ended, length=1)
        played = [ended.get() for _ in cases]
        liveness = self._player.liveness(target)
        if self._crashed_since(liveness, began):  # it is not known which of them it was
            for case in cases:
                self._play_alone(case, self._pace.utmost)
            return
        for name, transcript in played:
            self._take(name, transcript.result)

    def _look_at_responses(self, target: Target, plan: Sequence[Pair]) -> Iterator[Finding]:
        """Look for each rule of the plan in all that the target has answered."""
        wanted = [
            (pair, pair.scenario)
            for pair in plan
            if isinstance(pair.scenario, Invariant) and pair.target is target
        ]
        responses = (
            gather(filter(None, map(self._evidence(target), self._cases_of(target)))) if wanted else ()
        )
        for pair, invariant in wanted:
            yield self._looked(pair, invariant, responses)

    # Crashes

    def _inquire(self, target: Target) -> None:
        """Look for the cause of each crash, by playing the suspects alone, once all is played."""
        liveness = self._player.liveness(target)
        conversations = {
            case.pair.id: transcript
            for case in self._cases_of(target)
            if case.plays and (transcript := case.plays[0].transcript) is not None
        }
        reports: list[CrashReport] = []
        for crash in self._crashes(liveness, conversations):
            named = suspects(crash, conversations)
            for name in named:
                self._cases[name] = replace(self._cases[name], suspected=True)
            cause = self._cause(liveness, named, conversations, {report.cause for report in reports})
            reports.append(CrashReport(crash, cause, named))
        self._reports[target.name] = tuple(reports)
        self._asked.add(target.name)

    def _crashes(self, liveness: Liveness, conversations: Mapping[str, Transcript]) -> tuple[Crash, ...]:
        noticed = liveness.crashes or refusals(conversations.values())
        how = self._crashed_since(liveness, time.monotonic())
        # One that stopped answering was last heard when it began to.
        return noticed if noticed or how is None else (Crash(last_heard(conversations.values()), how),)

    def _cause(
        self,
        liveness: Liveness,
        named: Sequence[str],
        conversations: Mapping[str, Transcript],
        known: set[str | None],
    ) -> str | None:
        """Return the suspect that caused a crash: one that did it before, or does it again alone."""
        for name in named:
            if name in known:
                return name
        if liveness.recover():
            for name in named:
                if not liveness.recover():
                    return None
                self._play_alone(self._cases[name], self._pace.full)
                if self._cases[name].crash is not None:
                    return name
        elif len(named) == 1 and not conversations[named[0]].received:
            # There is no server left to ask, and nothing else to suspect.
            self._cases[named[0]] = replace(self._cases[named[0]], crash=liveness.lost)
            return named[0]
        return None

    @staticmethod
    def _crashed_since(liveness: Liveness, moment: float) -> str | None:
        liveness.probe(moment)
        return liveness.crash_since(moment)

    def crashes(self, target: Target) -> tuple[CrashReport, ...]:
        """Return all crashes of the target, once all findings were yielded: it is asked once more."""
        reports = self._reports.get(target.name, ())
        causes = {report.cause for report in reports}
        later = [
            CrashReport(Crash(0, case.crash), case.pair.id, ())
            for case in self._cases_of(target)
            if case.crash is not None and case.pair.id not in causes
        ]
        liveness = self._player.liveness(target)
        if target.name in self._asked:
            return (*reports, *later)
        if liveness.lost is None and (how := self._crashed_since(liveness, time.monotonic())) is not None:
            later.append(CrashReport(Crash(0, how), None, ()))
        return (*reports, *later)

    def is_lost(self, target: Target) -> bool:
        """Whether the target has ended for good."""
        return self._player.liveness(target).lost is not None

    # Cases

    def _add(self, pair: Pair) -> None:
        """Make a case of a pair, after one of its control, unless the target offers too little for it."""
        scenario = pair.scenario
        if isinstance(scenario, Invariant) or pair.id in self._cases:
            return
        case = begin(pair, scenario)
        control = self._control(pair)
        if case.error is None and control is not None:
            self._add(control)
            self._dependents[control.id].append(pair.id)
        self._cases[pair.id] = case

    def _control(self, pair: Pair) -> Pair | None:
        control = pair.scenario.control_id
        return None if control is None else Pair(pair.target, self._corpus[control])

    def _control_finding(self, case: Case) -> Finding | None:
        control = case.pair.scenario.control_id
        return None if control is None else self._decided.get(f"{case.pair.target.name}/{control}")

    def _control_is_decided(self, case: Case) -> bool:
        return case.pair.scenario.control_id is None or self._control_finding(case) is not None

    def _cases_of(self, target: Target) -> list[Case]:
        return [case for case in self._cases.values() if case.pair.target is target]

    def _state(self, target: Target) -> TargetState:
        reports, lost = self._reports.get(target.name), self._player.liveness(target).lost
        if not reports:
            return TargetState(reports is not None, lost)
        last = reports[-1]
        return TargetState(
            inquired=True, lost=lost, cause=last.cause, under_way=() if last.cause else last.suspects
        )

    def _step(self, case: Case) -> Step:
        control = self._control_finding(case)
        return next_step(case, None if control is None else control.verdict, self._state(case.pair.target))

    def _with_step(self, step: Step, cases: Iterable[Case]) -> list[Case]:
        return [case for case in cases if case.pair.id not in self._decided and self._step(case) is step]

    def _settle(self, *names: str) -> Iterator[Finding]:
        """Decide those of the cases that can be, and what waited for them; yield what the plan asks for."""
        waiting = list(reversed(names))
        while waiting:
            name = waiting.pop()
            case = self._cases[name]
            if name in self._decided or not self._is_decided(case):
                continue
            self._decided[name] = decide(case, self._control_finding(case), self._state(case.pair.target))
            waiting += reversed(self._dependents[name])
            if name in self._wanted:
                yield self._decided[name]

    def _is_decided(self, case: Case) -> bool:
        ended = case.error is not None
        return ended or (self._control_is_decided(case) and self._step(case) is Step.DECIDED)

    # Plays

    def _beside(
        self,
        case: Case,
        patience: Patience,
        ended: _Ended,
        length: float | None = None,
    ) -> None:
        pair, scenario = case.pair, self._corpus_scenario(case)
        long = pair.length if length is None else length
        transcript = self._player.beside(pair.target, scenario, patience, long)
        transcript.add_done_callback(lambda future: ended.put((pair.id, future)))

    def _play_alone(self, case: Case, patience: Patience) -> None:
        """Play a case while nothing else is played, and note if the target crashes of it."""
        pair, scenario = case.pair, self._corpus_scenario(case)
        transcript = self._take(pair.id, lambda: self._player.alone(pair.target, scenario, patience))
        if transcript is None or transcript.answered_follow_up:
            return
        liveness = self._player.liveness(pair.target)
        how = self._crashed_since(liveness, transcript.began)
        if how is not None:
            self._cases[pair.id] = replace(self._cases[pair.id], crash=how)
            liveness.recover()

    def _take(self, name: str, play: Callable[[], Transcript]) -> Transcript | None:
        """Add a play to its case, or what kept it from being played and judged; return what was played."""
        case = self._cases[name]
        pair = case.pair
        self._asked.discard(pair.target.name)
        try:
            transcript = play()
            first = case.plays[0] if case.plays else None
            case = case.played(judged(pair, self._corpus_scenario(case), transcript, first))
        except Overdue:
            late = f"not judged: the run took longer than its deadline of {self._pace.deadline:.0f} s"
            case = replace(case, error=unplayed(pair, Judgement(Verdict.ERROR, late)))
        except Lost:
            return None  # which its target's state says as well
        except Exception as error:  # noqa: BLE001  (a mistake of ours is a finding, too, and must not end the run)
            own = Judgement(Verdict.ERROR, f"wirecheck's own error: {error!r}")
            case = replace(case, error=unplayed(pair, own, own_error=True))
        self._cases[name] = case
        return transcript if case.error is None else None

    @staticmethod
    def _corpus_scenario(case: Case) -> Scenario:
        scenario = case.pair.scenario
        if not isinstance(scenario, Scenario):
            raise TypeError(f"{scenario.id} is not played")
        return scenario

    # What the invariants look at

    def _looked(self, pair: Pair, invariant: Invariant, responses: Iterable[Alike]) -> Finding:
        looked = look(invariant, responses)
        seen = f"A response {looked.how}." if looked.broken else f"All {looked.applicable} responses comply."
        return make_finding(pair, judge_look(invariant.level, looked), looked.example, seen)

    def _evidence(self, target: Target) -> Callable[[Case], Transcript | None]:
        """What to look at of each that was played: nothing, where the target's crash may have shown in it."""
        lost = {name for report in self._reports[target.name] for name in report.suspects}

        def evidence(case: Case) -> Transcript | None:
            if not case.plays or case.plays[0].transcript is None:
                return None
            transcript = case.plays[0].transcript
            if not transcript.ending.closed or not (case.pair.id in lost or case.crash is not None):
                return transcript
            return case.plays[1].transcript if len(case.plays) > 1 and case.crash is None else None

        return evidence
