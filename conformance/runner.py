"""The runner: plays scenarios against targets, ahead of whoever asks for the findings, and confirms failures.

Conversations are played by a few threads at once; findings are made in the thread that asks, so that a
control is always judged before what depends on it. What is no pass is played again alone, with full patience,
before it counts. The runner knows neither pytest nor reports.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event
from types import TracebackType
from typing import Self

from clients.raw import Patience, play
from clients.slicing import Delivery, whole
from clients.steps import Action
from clients.transcript import Ending, Transcript
from conformance.health import Death, Keeper, Life, Loss, inquire
from conformance.model import Finding, Need, Scenario, Verdict
from conformance.observation import observe
from conformance.pace import Pace
from conformance.pairs import Pair, converse
from conformance.responses import Answered, Invariant, answered_in, look
from conformance.target import Target
from conformance.verdict import Judgement, expected, judge, judge_look, observed, rule_out

# Verdicts that stand without a second look, unless they rest on silence.
_SETTLED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


class Overdue(Exception):
    """The run has taken all the time that it may."""


class Gone(Exception):
    """The target has ended for good."""


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
        # Those that spend their time in pauses are played beside the others, if there is room for both.
        self._threads = ThreadPoolExecutor(pace.quick, thread_name_prefix="wirecheck")
        self._pausing = self._threads
        if pausing := pace.conversations - pace.quick:
            self._pausing = ThreadPoolExecutor(pausing, thread_name_prefix="wirecheck-pausing")
        self._called_off = Event()
        self._played: dict[str, _Played] = {}
        self._alone: dict[str, Transcript] = {}
        self._lives: dict[str, Life] = {}
        self._losses: dict[str, tuple[Loss, ...]] = {}
        self._killed: dict[str, str] = {}
        self._findings: dict[str, Finding] = {}
        self._answered: dict[str, list[tuple[Transcript, tuple[Answered, ...]]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._called_off.set()
        self._threads.shutdown(cancel_futures=True)
        self._pausing.shutdown(cancel_futures=True)

    def start(self, pairs: Iterable[Pair]) -> None:
        """Begin to play the pairs that their targets offer enough for, and their controls."""
        for pair in pairs:
            self._start(pair)

    def finding(self, pair: Pair) -> Finding:
        """The finding for a pair; waits until it is played, and confirmed where it needs to be."""
        if pair.id not in self._findings:
            self._findings[pair.id] = self._find(pair)
        return self._findings[pair.id]

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
        threads = self._pausing if Action.PAUSE in scenario.send else self._threads
        future = threads.submit(self._play, target, scenario, self._pace.hasty)
        self._played[pair.id] = _Played(target, scenario, future)

    def _play(self, target: Target, scenario: Scenario, patience: Patience) -> Transcript:
        """Play, within the time of the run. Raises Overdue when there is none left, Gone without a target."""
        life, left = self._life(target), self._last_moment - time.monotonic()
        if left <= 0:
            raise Overdue
        if life.gone:
            raise Gone
        patience = replace(patience, whole=min(patience.whole, left))
        conversation = converse(target, scenario, self._delivery)
        transcript = play(target.endpoint, conversation, patience, self._called_off)
        doubtful = transcript.ending in (Ending.SILENCE, Ending.REFUSED) and not transcript.was_reset
        if doubtful and life.look_after(transcript) and transcript.nobody_there:
            transcript = play(target.endpoint, conversation, patience, self._called_off)
        if time.monotonic() > self._last_moment:
            raise Overdue  # it may be ours that it ended as it did
        return transcript

    def _find(self, pair: Pair) -> Finding:
        try:
            if isinstance(pair.scenario, Invariant):
                return self._look(pair, pair.scenario)
            return self._judge(pair, pair.scenario)
        except Overdue:
            late = f"not judged: the run took longer than its deadline of {self._pace.deadline:.0f} s"
            return _finding(pair, Judgement(Verdict.ERROR, late), None)
        except Gone:
            return _unjudged(
                _finding(pair, _UNSEEN, None), self._life(pair.target).gone, self.losses(pair.target)
            )
        except Exception as error:  # noqa: BLE001  (a mistake of ours is a finding, too, and must not end the run)
            own = Judgement(Verdict.ERROR, f"wirecheck's own error: {error!r}")
            return _finding(pair, own, None, own_error=True)

    def _judge(self, pair: Pair, scenario: Scenario) -> Finding:
        control = self._control(pair)
        ruled_out = rule_out(
            scenario,
            pair.target.offers,
            None if control is None else self._judgement(control),
            fields=pair.target.fields,
        )
        if ruled_out is not None:
            return _finding(pair, ruled_out, None)
        self._start(pair)
        first = _judged(pair, scenario, self._played[pair.id].transcript.result())
        return first if _is_settled(first) else self._confirm(pair, scenario, first)

    def _judgement(self, pair: Pair) -> Judgement:
        found = self.finding(pair)
        return Judgement(found.verdict, found.reason)

    def _confirm(self, pair: Pair, scenario: Scenario, first: Finding) -> Finding:
        """Look again, once all is played and it is known whether the target has lived through it.

        The pair is played again, alone and with full patience; and if it fails by silence, with the utmost.
        """
        losses = self.losses(pair.target)
        suspected = any(pair.id in loss.suspects for loss in losses)
        if first.verdict in _SETTLED and not _is_silent(first) and not suspected:
            return first
        if pair.id in self._killed:
            return self._killer(pair, scenario)
        if gone := self._life(pair.target).gone:
            return _unjudged(first, gone, losses)
        alone = self._alone.get(pair.id) or self._play_alone(pair.target, scenario, self._pace.full)
        again = _judged(pair, scenario, alone, first)
        if _fails_by_silence(again) and pair.id not in self._killed:
            utmost = self._play_alone(pair.target, scenario, self._pace.utmost)
            again = _judged(pair, scenario, utmost, first)
        return self._killer(pair, scenario) if pair.id in self._killed else again

    def _killer(self, pair: Pair, scenario: Scenario) -> Finding:
        """The finding for what the target has died of; that is worse than to break any rule."""
        transcript = self._alone.get(pair.id) or self._played[pair.id].transcript.result()
        found = _judged(pair, scenario, transcript)
        why = "the target died of it, which is a failure whatever the level of the requirement"
        seen = f"{found.observed} The target died of it: it {self._killed[pair.id]}."
        return replace(found, verdict=Verdict.FAIL, observed=seen, reason=why, replayed=True)

    # Whether the targets live

    def losses(self, target: Target) -> tuple[Loss, ...]:
        """The deaths of the target while all was played, once all is, and who brought them about."""
        wait(played.transcript for played in self._played.values())
        if target.name not in self._losses:
            by_name = {name: played for name, played in self._played.items() if played.target is target}
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

    def deaths(self, target: Target) -> tuple[Loss, ...]:
        """All deaths of the target in the run, which is over: it is asked once more whether it lives."""
        asked = target.name in self._losses
        losses, life = self.losses(target), self._life(target)
        culprits = {loss.culprit for loss in losses}
        own = {name: how for name, how in self._killed.items() if self._played[name].target is target}
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
        transcript = self._alone[Pair(target, scenario).id] = self._play(target, scenario, patience)
        if not transcript.answered_follow_up and (how := life.died_since(transcript.began)):
            self._killed[Pair(target, scenario).id] = how
            life.recover()
        return transcript

    def _look(self, pair: Pair, invariant: Invariant) -> Finding:
        """Look for a rule in all that the target has answered."""
        looked = look(invariant, self._answered_by(pair.target))
        said = f"A response {looked.how}." if looked.broken else f"All {looked.applicable} responses do."
        return _finding(pair, judge_look(invariant.level, looked), looked.example, said)

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

    def _answered_by(self, target: Target) -> list[tuple[Transcript, tuple[Answered, ...]]]:
        """All that a target has answered, read once."""
        if target.name not in self._answered:
            names = [name for name, played in self._played.items() if played.target is target]
            transcripts = filter(None, map(self._evidence(target), names))
            self._answered[target.name] = [(said, tuple(answered_in(said))) for said in transcripts]
        return self._answered[target.name]


@dataclass(frozen=True)
class _Played:
    """What is played in the background, and to whom."""

    target: Target
    scenario: Scenario
    transcript: Future[Transcript]


def _is_settled(finding: Finding) -> bool:
    """Whether a first finding stands. That a server said nothing is not believed at once, even where it may.

    A pause is another matter: it is there to be kept silent, and its length follows the target's answers.
    """
    return finding.verdict in _SETTLED and not _is_silent(finding) and not _is_cut_off(finding)


def _is_silent(finding: Finding) -> bool:
    said = finding.transcript
    return said is not None and (said.ending is Ending.SILENCE or said.awaited_in_vain)


def _is_cut_off(finding: Finding) -> bool:
    """Whether the connection ended without a word, as it does as well when a server dies."""
    said = finding.transcript
    return said is not None and said.ending.closed and not said.received


def _fails_by_silence(finding: Finding) -> bool:
    said = finding.transcript
    return finding.verdict is Verdict.FAIL and said is not None and said.ending is Ending.SILENCE


_UNSEEN = Judgement(Verdict.ERROR)

# More names say no more.
_MOST_NAMED = 5


def _unjudged(first: Finding, gone: str, losses: tuple[Loss, ...]) -> Finding:
    """The finding where the target has died for good, and nothing can be confirmed any more."""
    suspects = losses[-1].suspects if losses and not losses[-1].culprit else ()
    names = ", ".join(suspects[:_MOST_NAMED])
    more = f" and {len(suspects) - _MOST_NAMED} more" if len(suspects) > _MOST_NAMED else ""
    who = losses[-1].culprit if losses else ""
    while_playing = f", of {who}" if who else f", while we played {names}{more}" if names else ""
    why = f"not judged: the target {gone} in the run and did not come back{while_playing}"
    return replace(first, verdict=Verdict.ERROR, reason=why)


def _judged(pair: Pair, scenario: Scenario, transcript: Transcript, first: Finding | None = None) -> Finding:
    target = pair.target
    seen = observe(
        transcript,
        filled=target.placeholders,
        witness=Need.WITNESS in target.offers,
        forms=Need.FORMS in target.offers,
    )
    judgement = judge(scenario, seen)
    if first is not None and first.verdict is not judgement.verdict:
        said = f"played again alone, since at first it was {first.verdict.value}: {first.observed}"
        judgement = Judgement(judgement.verdict, "; ".join(filter(None, (judgement.reason, said))))
    return _finding(pair, judgement, transcript, observed(scenario, seen), replayed=first is not None)


def _finding(
    pair: Pair,
    judgement: Judgement,
    transcript: Transcript | None,
    what_was_observed: str = "Not played.",
    *,
    replayed: bool = False,
    own_error: bool = False,
) -> Finding:
    return Finding(
        scenario=pair.scenario,
        target=pair.target.name,
        verdict=judgement.verdict,
        expected=_expected(pair),
        observed=what_was_observed,
        reason=judgement.reason,
        transcript=transcript,
        replayed=replayed,
        seconds=transcript.events[-1].at if transcript and transcript.events else 0.0,
        own_error=own_error,
    )


def _expected(pair: Pair) -> str:
    if isinstance(pair.scenario, Invariant):
        return f"Every response {pair.scenario.rule}."
    return expected(pair.scenario, pair.target.placeholders)
