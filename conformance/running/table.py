"""The table of a run: a case for each pair, what was decided of it, and what waits for that.

It is changed by the one thread that runs the passes. Nothing is played here.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from clients.transcript import Transcript
from conformance.invariants.model import Invariant
from conformance.invariants.responses import Lookout, Shown
from conformance.judging.model import Finding, Scenario, Verdict
from conformance.judging.verdict import Judgement
from conformance.running.case import Case, Step, TargetState, begin, decide, next_step
from conformance.running.findings import is_cut, is_limited, judged, unplayed
from conformance.running.pairs import Pair
from conformance.running.player import Limited, Lost, Overdue, Postponed
from conformance.targets.limit import TOO_OFTEN
from conformance.targets.target import Target


@dataclass(frozen=True)
class Play:
    """One play of a case: what it shows of the scenario, and what each response shows of the invariants."""

    finding: Finding
    shown: tuple[Shown, ...] = ()


class Table:
    """All cases of a run, by the ids of their pairs.

    corpus: all scenarios by id, for the controls. wanted: the ids of the pairs that the run was asked for.
    state: returns what is known of a target. lookouts: what looks at the responses of a target, by its name.
    """

    def __init__(
        self,
        corpus: Mapping[str, Scenario],
        wanted: Iterable[str],
        state: Callable[[Target], TargetState],
        lookouts: Mapping[str, Lookout],
    ) -> None:
        self._corpus = corpus
        self._wanted = frozenset(wanted)
        self._state = state
        self._lookouts = lookouts
        self._dependents: defaultdict[str, list[str]] = defaultdict(list)  # by the id of the control's pair
        self.cases: dict[str, Case] = {}
        self.decided: dict[str, Finding] = {}
        self._cut: Counter[str] = Counter()  # by target: how many answers were cut, but whole another time
        self.shown: defaultdict[str, list[tuple[Shown, ...]]] = defaultdict(list)
        """What each play of a case shows of the invariants, by the id of its pair."""

    def add(self, pair: Pair) -> None:
        """Make a case of a pair, after one of its control, unless the target offers too little for it."""
        scenario = pair.check
        if isinstance(scenario, Invariant) or pair.id in self.cases:
            return
        case = begin(pair, scenario)
        if case.error is None and scenario.control is not None:
            control = Pair(pair.target, self._corpus[scenario.control])
            self.add(control)
            self._dependents[control.id].append(pair.id)
        self.cases[pair.id] = case

    def change(self, name: str, **changes: object) -> None:
        """Change what is known of a case. One that was decided may have to be decided anew: see `settle`."""
        self.cases[name] = replace(self.cases[name], **changes)  # type: ignore[arg-type]  # of the fields' types

    def of(self, target: Target) -> list[Case]:
        """Return the cases of a target."""
        return [case for case in self.cases.values() if case.pair.target is target]

    def cut_by_chance(self, target: Target) -> int:
        """How many answers of a target were cut short, but were whole when the same was played again."""
        return self._cut[target.name]

    def undecided(self, target: Target) -> list[Case]:
        """Return the cases of a target that are not decided."""
        return [case for case in self.of(target) if case.pair.id not in self.decided]

    def with_step(self, step: Step, cases: Iterable[Case]) -> list[Case]:
        """Return the undecided cases among these that this is to be done with next."""
        return [case for case in cases if case.pair.id not in self.decided and self._step(case) is step]

    def control(self, case: Case) -> str | None:
        """Return the id of the pair of a case's control, if it has one."""
        control = case.pair.check.control_id
        return None if control is None else f"{case.pair.target.name}/{control}"

    def is_ready(self, case: Case) -> bool:
        """Whether its control is decided, if it has one."""
        control = self.control(case)
        return control is None or control in self.decided

    def judge(self, name: str) -> Callable[[Transcript], Play]:
        """Return what judges the next play of a case. It may be called by any thread, by one at a time."""
        case = self.cases[name]
        first = case.plays[0] if case.plays else None
        pair, scenario, lookout = case.pair, scenario_of(case), self._lookouts[case.pair.target.name]

        def judge(transcript: Transcript) -> Play:
            shown = lookout.see(transcript, close_due=scenario.close_due)
            return Play(judged(pair, scenario, transcript, first), shown)

        return judge

    def take(
        self,
        name: str,
        play: Callable[[], Play],
        late: str,
        is_void: Callable[[Transcript], bool] = lambda _: False,
    ) -> None:
        """Add a play to a case, or what kept it from being played and judged.

        play: returns it, or raises as `Player` does. late: the reason where the run's time is over. is_void:
        whether the target was away, so that only a verdict seen before counts.
        """
        case = self.cases[name]
        try:
            taken = play()
            self._add(name, taken, is_void)
        except (Lost, Postponed):
            pass  # the target's state says so, too
        except Limited:
            self.fail(name, f"not judged: the target {TOO_OFTEN}")
        except Overdue:
            self.fail(name, late)
        except Exception as error:  # noqa: BLE001  (a mistake of ours is a finding, too, and must not end the run)
            own = Judgement(Verdict.ERROR, f"wirecheck's own error: {error!r}")
            self.cases[name] = replace(case, error=unplayed(case.pair, own, own_error=True))

    def _add(self, name: str, taken: Play, is_void: Callable[[Transcript], bool]) -> None:
        case, finding = self.cases[name], taken.finding
        first, transcript = case.plays[0] if case.plays else None, finding.transcript
        agrees = first is not None and first.verdict is finding.verdict
        heard = transcript is not None and transcript.received
        if transcript is not None and is_void(transcript) and not (agrees and heard):
            self.change(name, void=self.cases[name].void + 1)
            return
        self._cut[case.pair.target.name] += _cut_by_chance(case, finding)
        self.cases[name] = self.cases[name].played(finding)
        self.shown[name].append(taken.shown)

    def forget(self, name: str) -> None:
        """Forget the plays of a case, which were hit, so that it is played anew."""
        self.change(name, plays=(), void=self.cases[name].void + 1)
        self.shown.pop(name, None)

    def fail(self, name: str, why: str) -> None:
        """Let a case end in an ERROR. why: the reason."""
        case = self.cases[name]
        self.cases[name] = replace(case, error=unplayed(case.pair, Judgement(Verdict.ERROR, why)))

    def settle(self, names: Iterable[str]) -> Iterator[Finding]:
        """Decide those of the cases that can be, and what waited for them; yield the findings.

        A case that crashed the target after it was decided is decided anew, and its finding replaces the one
        before. Findings that the run was not asked for are yielded only where they are crashes.
        """
        waiting = list(names)[::-1]
        while waiting:
            name = waiting.pop()
            case = self.cases[name]
            before = self.decided.get(name)
            if before is not None and (case.crash is None or before.crash is not None):
                continue
            if before is None and not self._is_decided(case):
                continue
            finding = decide(case, self._control_finding(case), self._state(case.pair.target))
            self.decided[name] = finding
            waiting += reversed(self._dependents[name])
            if name in self._wanted:
                yield finding
            elif finding.crash is not None:
                yield replace(finding, added=True)

    def _is_decided(self, case: Case) -> bool:
        if case.error is not None or case.crash is not None:
            return True
        return self.is_ready(case) and self._step(case) is Step.DECIDED

    def _step(self, case: Case) -> Step:
        control = self._control_finding(case)
        return next_step(case, None if control is None else control.verdict, self._state(case.pair.target))

    def _control_finding(self, case: Case) -> Finding | None:
        control = self.control(case)
        return None if control is None else self.decided.get(control)


def _cut_by_chance(case: Case, again: Finding) -> bool:
    """Whether the last play was cut short, and the same was not when it was played again.

    What was cut when the target crashed was not cut by chance, nor was the answer of a limit.
    """
    if not case.plays or case.cleared or is_limited(case.plays[-1]):
        return False
    return is_cut(case.plays[-1]) and not is_cut(again)


def scenario_of(case: Case) -> Scenario:
    """Return what a case plays. Raises TypeError for an invariant, which is not played."""
    if not isinstance(case.pair.check, Scenario):
        raise TypeError(f"{case.pair.check.id} is not played")
    return case.pair.check
