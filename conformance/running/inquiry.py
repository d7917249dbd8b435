"""The inquiry into crashes: suspects are played alone, one after another, to see what the target crashes of.

Which pairs are suspects is read from what was played, in `inquest`; what a crash means for a finding is
decided in `case`. A target that crashes of everything must not take the day: after a number of confirmed
crashes no more suspects are played, nor anything that sends the same kind of request.
"""

import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from clients.transcript import Transcript
from conformance.judging.model import Verdict
from conformance.running.case import Case
from conformance.running.findings import is_settled, judged
from conformance.running.inquest import (
    CrashReport,
    controls_first,
    last_heard,
    refusals,
    suspects,
    telling_traits,
    traits,
)
from conformance.running.player import Player
from conformance.running.table import Table, scenario_of
from conformance.targets.liveness import Crash
from conformance.targets.pace import Pace
from conformance.targets.target import Target

MOST_CONFIRMED = 8
"""After this number of confirmed crashes, the remaining suspects are not played."""


class Inquiry:
    """Looks into the crashes of one target. To be used by the thread that runs the passes.

    late: the finding's reason where the time of the run is over.
    """

    def __init__(self, target: Target, table: Table, player: Player, pace: Pace, late: str) -> None:
        self._target = target
        self._table = table
        self._player = player
        self._pace = pace
        self._late = late
        self._liveness = player.liveness(target)
        self._reports: list[CrashReport] = []
        self._confirmed: list[str] = []  # the ids of pairs
        self._looked_into: set[float] = set()  # the moments of crashes
        self._asked = False  # whether nothing was played since the target was asked whether it lives

    @property
    def reports(self) -> tuple[CrashReport, ...]:
        """What was found out of each crash."""
        return tuple(self._reports)

    @property
    def confirmed(self) -> int:
        """How many pairs were seen to crash the target."""
        return len(self._confirmed)

    @property
    def is_exhausted(self) -> bool:
        """Whether enough crashes were confirmed, so that no more suspects are played."""
        return len(self._confirmed) >= MOST_CONFIRMED

    @property
    def summary(self) -> str:
        """A sentence about a target that crashes too often for everything to be judged; else empty."""
        given_up = [
            case
            for case in self._table.of(self._target)
            if (case.suspected or case.alike)
            and (finding := self._table.decided.get(case.pair.id)) is not None
            and finding.verdict is Verdict.ERROR
        ]
        if not self.is_exhausted or not given_up:
            return ""
        return (
            f"The target {self._target.name} crashes or hangs on at least {self.confirmed} scenarios; "
            f"{len(given_up)} others were under way or send the same kind of request, "
            "and were not judged."
        )

    def look_into_crashes(self, *, thoroughly: bool) -> None:
        """Find the causes of all crashes that were not looked into yet, as far as they can be shown.

        thoroughly: play all suspects of a crash, and not only until a cause is found.
        """
        conversations = self._conversations()
        for crash in self._new_crashes(conversations):
            self._looked_into.add(crash.moment)
            named = controls_first(suspects(crash, conversations), self._controls())
            for name in named:
                self._table.change(name, suspected=True)
            cause = self._cause(named, conversations, thoroughly=thoroughly)
            self._reports.append(CrashReport(crash, cause, named))
        self._player.look_into_crashes(self._target)
        if self.is_exhausted:
            self._mark_alike()

    def accuse(self, name: str) -> bool:
        """Play a case alone after a calm moment; return whether the target crashes. Else it is cleared."""
        case = self._table.cases[name]
        if not self._liveness.recover():
            return False
        transcript = self._play(case)
        if transcript is None:
            return False
        how = None if transcript.answered_follow_up else self.crash_since(transcript.began)
        if how is None:
            self._table.change(name, suspected=False)
            return False
        self._note_crash(case, transcript, how)
        return True

    def note_if_crashed(self, name: str, transcript: Transcript) -> None:
        """After a case was played alone, note whether the target crashed of it."""
        self._asked = False
        if transcript.answered_follow_up:
            return
        how = self.crash_since(transcript.began)
        if how is not None:
            self._confirm(name, how)

    def give_up(self, cases: Sequence[Case]) -> None:
        """Play no more of these: the target goes on crashing without what is known to crash it."""
        for case in cases:
            self._table.change(case.pair.id, alike=True)

    def crash_since(self, moment: float) -> str | None:
        """Ask the target plainly, and return how it crashed at that moment or later."""
        self._liveness.probe(moment)
        self._asked = True
        return self._liveness.crash_since(moment)

    def suspect(self, cases: Sequence[Case]) -> None:
        """Suspect all of the cases that were played together when the target crashed."""
        for case in cases:
            self._table.change(case.pair.id, suspected=True)
        self._absorb()

    def crashes(self) -> tuple[CrashReport, ...]:
        """Return each crash once for each cause, once all is decided: the target is asked once more."""
        if not self._asked and self._liveness.lost is None:
            moment = time.monotonic()
            how = self.crash_since(moment)
            if how is not None:
                self._reports.append(CrashReport(Crash(moment, how), None, ()))
        caused = [
            CrashReport(Crash(0, self._table.cases[name].crash or ""), name, ()) for name in self._confirmed
        ]
        unknown: dict[str, CrashReport] = {}
        for report in () if self.is_exhausted else self._reports:
            if report.cause is None and not set(self._confirmed) & set(report.suspects):
                unknown.setdefault(report.crash.how, report)
        return (*caused, *unknown.values())

    # How a cause is found

    def _conversations(self) -> dict[str, Transcript]:
        return {
            case.pair.id: transcript
            for case in self._table.of(self._target)
            if case.plays and (transcript := case.plays[0].transcript) is not None
        }

    def _controls(self) -> dict[str, str]:
        controls = {case.pair.id: self._table.control(case) for case in self._table.of(self._target)}
        return {name: control for name, control in controls.items() if control is not None}

    def _new_crashes(self, conversations: dict[str, Transcript]) -> list[Crash]:
        noticed = self._liveness.crashes or refusals(conversations.values())
        how = self.crash_since(time.monotonic())
        if not noticed and how is not None:
            # One that stopped answering was last heard when it began to.
            noticed = (Crash(last_heard(conversations.values()), how),)
        return [crash for crash in noticed if crash.moment not in self._looked_into]

    def _cause(
        self, named: Sequence[str], conversations: dict[str, Transcript], *, thoroughly: bool
    ) -> str | None:
        """Return the suspect that caused a crash: one that did it before, or does it again alone."""
        cause = next((name for name in named if self._table.cases[name].crash is not None), None)
        if self._liveness.recover():
            for name in self._order(named):
                if self.is_exhausted or (cause is not None and not thoroughly):
                    break
                if self._table.cases[name].suspected and self.accuse(name):
                    cause = cause or name
        elif cause is None and len(named) == 1 and not conversations[named[0]].received:
            # There is no server left to ask, and nothing else to suspect.
            cause = named[0]
            self._confirm(cause, self._liveness.lost or "")
        return cause

    def _order(self, named: Sequence[str]) -> list[str]:
        """Those first that are not settled: a server seldom answers what it crashes of."""
        return sorted(named, key=lambda name: is_settled(self._table.cases[name].plays[0]))

    def _play(self, case: Case) -> Transcript | None:
        scenario = scenario_of(case)
        self._asked = False
        try:
            return self._player.alone(self._target, scenario, self._pace.asking)
        except Exception as error:  # noqa: BLE001  (the table knows what each means)
            self._table.take(case.pair.id, _raising(error), self._late)
            return None

    def _note_crash(self, case: Case, transcript: Transcript, how: str) -> None:
        scenario = scenario_of(case)
        shown = judged(case.pair, scenario, transcript)
        self._table.change(case.pair.id, plays=(*case.plays, shown))
        self._confirm(case.pair.id, how)

    def _confirm(self, name: str, how: str) -> None:
        self._table.change(name, crash=how)
        self._confirmed.append(name)
        self._liveness.recover()
        self._absorb()

    def _absorb(self) -> None:
        """Regard all crashes so far as looked into."""
        self._looked_into |= {crash.moment for crash in self._liveness.crashes}
        self._player.look_into_crashes(self._target)

    def _mark_alike(self) -> None:
        """Find out what all that crashes the target has in common, and mark what else has it."""
        crashed = [scenario_of(self._table.cases[name]) for name in self._confirmed]
        cases = self._table.of(self._target)
        survived = [
            scenario_of(case) for case in cases if case.crash is None and case.plays and not case.suspected
        ]
        telling = telling_traits(crashed, survived)
        for case in cases:
            if case.crash is None and telling & traits(scenario_of(case)):
                self._table.change(case.pair.id, alike=True)


def _raising(error: Exception) -> Callable[[], NoReturn]:
    def play() -> NoReturn:
        raise error

    return play
