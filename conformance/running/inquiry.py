"""The inquiry into crashes: suspects are played alone, one after another, to see what the target crashes of.

Who is named has crashed the target twice, alone, and after a time as long in which it lived. A target that
crashes while it is asked plainly crashes by itself; and one that is only away for a moment after a request
that it answered bans its clients, which is no crash. Which pairs are suspects is read from what was played,
in `inquest`; what a crash means for a finding is decided in `case`. A target that crashes of everything must
not take the day: after a number of confirmed crashes no more suspects are played, nor anything that sends the
same kind of request.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NoReturn

from clients.transcript import Kind, Transcript
from conformance.judging.model import Verdict
from conformance.running.case import MOST_VOID, Case
from conformance.running.findings import is_cut, is_settled, judged
from conformance.running.inquest import (
    CrashReport,
    ban_after,
    controls_first,
    is_hit,
    last_heard,
    refusals,
    suspects,
    telling_traits,
    traits,
)
from conformance.running.player import Player, is_without_a_byte, shows_nothing
from conformance.running.table import Table, scenario_of
from conformance.targets.limit import TOO_OFTEN
from conformance.targets.liveness import NOT_THERE, NOTICED_WITHIN, STOPPED_ANSWERING, Crash
from conformance.targets.pace import Pace
from conformance.targets.target import Target

MOST_CONFIRMED = 8
"""After this number of confirmed crashes, the remaining suspects are not played."""

# So often a suspect has to crash the target; and where that crashes by itself, too, so that it may be chance.
_KILLS = 2
_KILLS_DESPITE_CHANCE = 4

# So often a suspect has to be followed by an outage before that is called a ban.
_BANS = 2

# How long the target has to live before a suspect is played once more, in seconds: as long as the play before
# took, within these bounds.
_CALM = 0.1, 3.0

# How often a suspect is played in all, where the target goes on dying by itself.
_MOST_TRIALS = 8

# So often a calm moment is waited for.
_WAITS_FOR_CALM = 3

# How long a target is watched, at most, to see whether it crashes by itself, in seconds; and how much longer
# than it ever lived in the run.
_WATCHED = 5.0
_LONGER = 1.2


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
        self._began = time.monotonic()
        self._by_itself = False  # whether it was seen to crash, or to be away, while nothing was played

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
        """What a user should know of the target besides the findings, as sentences; often empty."""
        return " ".join(filter(None, (self._given_up(), *self._oddities())))

    def _given_up(self) -> str:
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

    def _oddities(self) -> Iterator[str]:
        name, cut = f"The target {self._target.name}", self._table.cut_by_chance(self._target)
        if self._liveness.ban:
            yield f"{name} {self._liveness.ban}, which was waited for."
        if cut > 1:
            yield f"{name} cut {cut} answers short that it gave whole when asked again."
        if self._player.limit(self._target).is_exhausted:
            yield f"{name} {TOO_OFTEN}."

    def look_into_crashes(self, *, thoroughly: bool) -> None:
        """Find the causes of all crashes that were not looked into yet, as far as they can be shown.

        thoroughly: play all suspects of a crash, and not only until a cause is found.
        """
        conversations = self._conversations()
        for crash in self._new_crashes(conversations):
            self._looked_into.add(crash.moment)
            named = controls_first(suspects(crash, conversations), self._controls())
            for name in named:
                if not self._table.cases[name].cleared:
                    self._table.change(name, suspected=True)
            cause = self._cause(named, thoroughly=thoroughly)
            if self._liveness.ban is not None:
                for case in self._table.of(self._target):
                    self._table.change(case.pair.id, suspected=False, cleared=True)
                self._absorb()
                break
            self._reports.append(CrashReport(crash, cause, named))
        self._player.look_into_crashes(self._target)
        if self.is_exhausted:
            self._mark_alike()
        if self._liveness.lost is None:
            self._forget_what_was_hit()

    def was_hit(self, transcript: Transcript) -> bool:
        """Whether the target crashed or was away during a conversation, or very soon after it."""
        return is_hit(transcript, self._liveness.crashes, self._liveness.outages)

    def accuse(self, name: str) -> bool:
        """Play a case alone, again and again; return whether it crashes the target. Else it is cleared."""
        case = self._table.cases[name]
        kills, bans, calm = 0, 0, 0.0
        for _ in range(_MOST_TRIALS):
            if not self._is_calm(calm):
                break
            returned = time.monotonic() - calm
            transcript = self._play(case)
            if transcript is None:
                return False
            if transcript.answered_follow_up:
                break
            self.crash_since(transcript.began)
            how = self._how_it_crashed(transcript)
            outage = self._liveness.outage_since(transcript.began)
            if how is None and (outage is None or not transcript.received):
                break
            kills, bans = kills + (how is not None), bans + (how is None)
            died = transcript.ended if transcript.ending.closed else transcript.began
            calm = min(max(_CALM[0], died - transcript.began), _CALM[1])
            enough = kills >= (_KILLS_DESPITE_CHANCE if self._by_itself else _KILLS) or bans >= _BANS
            if enough and not self._outlives(died - returned):
                kills = bans = 0
            elif enough and how is not None:
                self._note_crash(case, transcript, how)
                return True
            elif enough and outage is not None:
                self._liveness.ban = ban_after(transcript, outage)
                break
        self._table.change(name, suspected=False, cleared=True)
        return False

    def _outlives(self, seconds: float) -> bool:
        """Whether the target lives for longer while nothing is played. Else its age is what it died of."""
        lives = self._liveness.recover() and self._liveness.is_calm(_CALM[0] + _LONGER * seconds)
        self._by_itself = self._by_itself or not lives
        return lives

    def is_void(self, name: str, transcript: Transcript, *, asks: bool) -> bool:
        """Whether a case that was played again shows nothing, because the target was away meanwhile.

        It is suspected then, unless it was cleared before. asks: whether to ask the target plainly for that.
        """
        if transcript.answered_follow_up:
            return False
        if asks:
            self.crash_since(transcript.began)
        if self._how_it_crashed(transcript) is None:
            outage = self._liveness.outage_since(transcript.began)
            if not shows_nothing(transcript) or (outage is None and not self._is_banned(transcript)):
                return False
        case = self._table.cases[name]
        if case.void + 1 >= MOST_VOID:
            self._table.fail(name, f"not judged: {self._why_void()}")
        elif not case.cleared:
            self._table.change(name, suspected=True)
        return True

    def give_up(self, cases: Sequence[Case]) -> None:
        """Play no more of these: the target goes on crashing without what is known to crash it."""
        for case in cases:
            self._table.change(case.pair.id, alike=True)

    def crash_since(self, moment: float) -> str | None:
        """Ask the target plainly, and return how it crashed at that moment or later."""
        self._liveness.probe(moment)
        self._asked = True
        return self._liveness.crash_since(moment)

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
            explained = bool(self._liveness.ban) and report.crash.how in (NOT_THERE, STOPPED_ANSWERING)
            if report.cause is None and not explained and not set(self._confirmed) & set(report.suspects):
                unknown.setdefault(report.crash.how, report)
        if unknown:
            self._watch()
        return (*caused, *map(self._told, unknown.values()))

    def _told(self, report: CrashReport) -> CrashReport:
        """Say of a crash without a cause that it comes by itself, where that was seen."""
        how = f"dies by itself: it {report.crash.how}" if self._by_itself else report.crash.how
        return replace(report, crash=replace(report.crash, how=how))

    def _watch(self) -> None:
        """See whether the target crashes while nothing is played, if it did not live for longer before."""
        moments = sorted([self._began, *(crash.moment for crash in self._interruptions())])
        lived = max((after - before for before, after in pairwise(moments)), default=0.0)
        if not self._by_itself and self._liveness.lost is None:
            self._by_itself = not self._liveness.is_calm(min(_WATCHED, _LONGER * lived))

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

    def _interruptions(self) -> tuple[Crash, ...]:
        """The crashes, and the outages in which nothing listened, for then a process may have ended.

        Others are looked into until it is known whether they are a ban.
        """
        outages = [Crash(outage.moment, NOT_THERE) for outage in self._liveness.outages]
        return (*self._liveness.crashes, *(() if self._liveness.ban else outages))

    def _new_crashes(self, conversations: dict[str, Transcript]) -> list[Crash]:
        noticed = self._interruptions() or refusals(conversations.values())
        how = self.crash_since(time.monotonic())
        if not noticed and how is not None:
            # One that stopped answering was last heard when it began to.
            noticed = (Crash(last_heard(conversations.values()), how),)
        return [crash for crash in noticed if crash.moment not in self._looked_into]

    def _cause(self, named: Sequence[str], *, thoroughly: bool) -> str | None:
        """Return the suspect that caused a crash: one that did it before, or does it again alone."""
        cause = next((name for name in named if self._table.cases[name].crash is not None), None)
        for name in self._order(named):
            if self.is_exhausted or self._liveness.lost or (cause is not None and not thoroughly):
                break
            if self._table.cases[name].suspected and self.accuse(name):
                cause = cause or name
            if self._liveness.ban is not None:
                break
        return cause

    def _is_calm(self, seconds: float) -> bool:
        """Wait until the target lives, and has lived for some time without us."""
        for _ in range(_WAITS_FOR_CALM):
            if not self._liveness.recover():
                return False
            if not seconds or self._liveness.is_calm(seconds):
                return True
            self._by_itself = True
        return False

    def _how_it_crashed(self, transcript: Transcript) -> str | None:
        """Return how the target crashed in a conversation, as far as that was noticed."""
        how = next(
            (
                crash.how
                for crash in self._liveness.crashes
                if transcript.began <= crash.moment <= transcript.ended + NOTICED_WITHIN
            ),
            None,
        )
        outage = self._liveness.outage_since(transcript.began)
        if how is None and outage is not None and outage.nobody and is_without_a_byte(transcript):
            return NOT_THERE  # and another process has taken its place
        return how

    def _is_banned(self, transcript: Transcript) -> bool:
        """Whether a later connection of a conversation may have fallen victim to what an earlier one sent."""
        made = [event for event in transcript.events if event.kind is Kind.CONNECTED]
        return self._liveness.ban is not None and len(made) > 1

    def _why_void(self) -> str:
        if self._liveness.ban is not None:
            return f"the target {self._liveness.ban}, so a further connection cannot be made"
        crash = self._interruptions()
        how = f"; it {crash[-1].how}" if crash else ""
        return f"the target was away each of {MOST_VOID} times that this was played again{how}"

    def _forget_what_was_hit(self) -> None:
        """Forget the first plays that a crash or an outage has cut short, so that they are played anew.

        What is suspected, or was hit each time, stays.
        """
        for case in self._table.of(self._target):
            first = case.plays[0] if case.plays else None
            if first is None or first.transcript is None or case.pair.id in self._table.decided:
                continue
            lacks = is_cut(first) or shows_nothing(first.transcript)
            kept = case.suspected or case.crash is not None or case.void + 1 >= MOST_VOID
            if lacks and not kept and self.was_hit(first.transcript):
                self._table.forget(case.pair.id)

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
        self._table.change(case.pair.id, plays=(*case.plays, judged(case.pair, scenario, transcript)))
        self._confirm(case.pair.id, how)

    def _confirm(self, name: str, how: str) -> None:
        self._table.change(name, crash=how)
        self._confirmed.append(name)
        self._liveness.recover()
        self._absorb()

    def _absorb(self) -> None:
        """Regard all crashes so far as looked into."""
        self._looked_into |= {crash.moment for crash in self._interruptions()}
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
