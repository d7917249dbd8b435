"""Which checks of the suite notice a mutant: every check of its profile, judged once.

Unlike a run, this does not confirm failures: most are expected, and the caller repeats the others.
"""

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from random import Random
from threading import Event

from clients.conversation import Patience
from clients.driver import playing
from clients.scheduler import Scheduler
from clients.transcript import Transcript
from clients.waits import Waits, drive
from conformance.clauses import Clause
from conformance.invariants.responses import Lookout, judge_look
from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Need, Scenario, Verdict
from conformance.judging.observation import observe
from conformance.judging.verdict import Judgement, judge
from conformance.running.applicability import rule_out
from conformance.running.pairs import Pair, converse
from conformance.scenarios import CORPUS, SCENARIOS
from conformance.targets.embedded import IN_CLEAR, OVER_TLS, WITH_CLIENT_CERTIFICATE, served_targets
from conformance.targets.target import Target
from reference_server.mutants import Mutant
from tests.paths import ROOT

CHECKS = {check.id: check for check in (*SCENARIOS, *INVARIANTS)}

# Enough for a busy machine, most of the time; a mutant that hangs does not take minutes.
PATIENCE = Patience(quiet=0.25, silence=1.0, whole=10.0)
THOROUGH = Patience(quiet=0.5, silence=3.0, whole=15.0)

CONCURRENCY = 32

# The verdicts by which a check notices a mutant.
MISSED = frozenset({Verdict.FAIL, Verdict.RISK, Verdict.WARN, Verdict.INFO, Verdict.ERROR})


@contextmanager
def mutant_targets(
    mutant: Mutant, log: Path, names: Iterable[str] | None = None
) -> Iterator[tuple[Target, ...]]:
    """Serve the mutant, in the transports that the named scenarios need; None for all."""
    played = CORPUS.keys() if names is None else with_controls(names)
    needs = frozenset[Need]().union(*(CORPUS[name].all_needs for name in played))
    transports = [IN_CLEAR]
    transports += [OVER_TLS] if Need.TLS in needs else []
    transports += [WITH_CLIENT_CERTIFICATE] if Need.CLIENT_CERTIFICATE in needs else []
    command = [sys.executable, "-m", "reference_server", "--exit-on-eof", "--mutant", mutant.name]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    commands = {mutant.profile.name: (mutant.profile.name, command)}
    with served_targets(commands, log, {"PYTHONPATH": path}, transports) as targets:
        yield targets


class Match:
    """A mutant against checks of its profile, each judged on the first target that offers what it needs.

    names: the scenarios to play, in addition to their controls; None for all.
    """

    def __init__(self, targets: tuple[Target, ...], names: Iterable[str] | None = None) -> None:
        profile = targets[0].profile
        chosen = CORPUS.keys() if names is None else with_controls(names)
        scenarios = [check for check in SCENARIOS if check.profile == profile and check.id in chosen]
        self._invariants = [check for check in INVARIANTS if check.profile == profile]
        self._pairs = {scenario.id: Pair(_first_fit(targets, scenario), scenario) for scenario in scenarios}
        self._transcripts: dict[str, Transcript] = {}
        self._judgements: dict[str, Judgement] = {}

    def noticed(self) -> dict[str, Verdict]:
        """The verdicts of all checks that do not pass, except of those whose control does not pass."""
        longest_first = sorted(self._pairs.values(), key=lambda pair: pair.length, reverse=True)
        with Scheduler(CONCURRENCY) as scheduler:
            played = {pair.check.id: scheduler.submit(_playing(pair, PATIENCE)) for pair in longest_first}
            self._transcripts = {name: played[name].result() for name in self._pairs}
        lookout = Lookout(self._invariants)
        seen = [
            (transcript, lookout.see(transcript, close_due=CORPUS[name].close_due))
            for name, transcript in self._transcripts.items()
        ]
        verdicts = {name: self._judged(name).verdict for name in self._pairs}
        verdicts |= {
            check.id: judge_look(check, lookout.look(check, seen)).verdict for check in self._invariants
        }
        return {name: verdict for name, verdict in verdicts.items() if verdict in MISSED}

    def alone(self, scenario: str) -> Verdict:
        """Return the verdict on a scenario that is played alone, with more patience."""
        if scenario not in self._pairs:
            return Verdict.NOT_APPLICABLE
        control = CORPUS[scenario].control
        if control is not None and self._judged(control).verdict is not Verdict.PASS:
            self.alone(control)
        self._transcripts[scenario] = drive(_playing(self._pairs[scenario], THOROUGH))
        self._judgements.pop(scenario, None)
        return self._judged(scenario).verdict

    def hidden(self, clause: Clause, due: Verdict) -> dict[str, str]:
        """The scenarios judged by a clause that a control hides, each with that control.

        A control that is itself about the clause and fails, or has the verdict that is due, shows it.
        """
        return {
            name: root.id
            for name, pair in self._pairs.items()
            if CORPUS[name].judged == clause
            and CORPUS[name].all_needs <= pair.target.offers
            and (root := self._failed_control(name)) is not None
            and not (clause in root.clauses and self._judged(root.id).verdict in (due, Verdict.FAIL))
        }

    def _failed_control(self, name: str) -> Scenario | None:
        """The control that did not pass and so left a scenario unjudged: its own, or that of its control."""
        control = CORPUS[name].control
        if control is None:
            return None
        verdict = self._judged(control).verdict
        if verdict is Verdict.NOT_APPLICABLE:
            return self._failed_control(control)
        return None if verdict is Verdict.PASS else CORPUS[control]

    def _judged(self, name: str) -> Judgement:
        if name not in self._judgements:
            self._judgements[name] = self._judge(self._pairs[name])
        return self._judgements[name]

    def _judge(self, pair: Pair) -> Judgement:
        scenario, target = CORPUS[pair.check.id], pair.target
        control = None if scenario.control is None else self._judged(scenario.control)
        ruled_out = rule_out(scenario, target.offers, control)
        if ruled_out is not None:
            return ruled_out
        seen = observe(
            self._transcripts[scenario.id],
            filled=target.placeholders,
            witness=Need.WITNESS in target.offers,
            forms=Need.FORMS in target.offers,
        )
        return judge(scenario, seen)


def _first_fit(targets: tuple[Target, ...], scenario: Scenario) -> Target:
    """The first target that offers what a scenario needs; the first of all, where none does."""
    fit = (target for target in targets if scenario.all_needs <= target.offers)
    return next(fit, targets[0])


def _playing(pair: Pair, patience: Patience) -> Waits[Transcript]:
    scenario = CORPUS[pair.check.id]
    return playing(pair.target.endpoint, converse(pair.target, scenario), patience, Event())


def with_controls(names: Iterable[str]) -> set[str]:
    """The scenarios among the names, their controls, and the controls of those."""
    chosen: set[str] = set()
    waiting = [name for name in names if name in CORPUS]
    while waiting:
        name = waiting.pop()
        control = CORPUS[name].control
        if name not in chosen and control is not None:
            waiting.append(control)
        chosen.add(name)
    return chosen


def some_others(mutant: Mutant, wanted: Collection[str]) -> set[str]:
    """One in twenty of the scenarios that must not notice the mutant, always the same for a mutant.

    Scenarios that need TLS are left out: starting a server for them takes longer than playing them.
    """
    others = [
        check.id
        for check in SCENARIOS
        if check.profile == mutant.profile.name and check.id not in wanted and Need.TLS not in check.all_needs
    ]
    return set(Random(mutant.name).sample(others, len(others) // 20))


def proof(mutants: Collection[Mutant]) -> tuple[Mutant, ...]:
    """Return a few mutants that together name every check, those that name most first."""
    left = set(CHECKS)
    chosen: list[Mutant] = []
    while left:
        best = max(mutants, key=lambda mutant: (len(expanded(mutant.noticed_by) & left), mutant.name))
        assert expanded(best.noticed_by) & left, f"no mutant is noticed by {sorted(left)}"
        left -= expanded(best.noticed_by)
        chosen.append(best)
    return tuple(chosen)


@cache
def expanded(patterns: tuple[str, ...]) -> frozenset[str]:
    """The ids of all checks that the patterns match. Raises `AssertionError` if a pattern matches none."""
    found = {pattern: {name for name in CHECKS if fnmatchcase(name, pattern)} for pattern in patterns}
    assert all(found.values()), [pattern for pattern, names in found.items() if not names]
    return frozenset[str]().union(*found.values())
