"""The runner: plays scenarios against targets, ahead of whoever asks for the findings, and confirms failures.

Conversations are played by a few threads at once; findings are made in the thread that asks, so that a
control is always judged before what depends on it. What is no pass is played again alone, with full patience,
before it counts. The runner knows neither pytest nor reports.
"""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from email.utils import formatdate
from threading import Event
from types import TracebackType
from typing import Self

from clients.raw import Conversation, Patience, play
from clients.slicing import Delivery, whole
from clients.steps import Action, last_connection
from clients.transcript import Ending, Transcript
from conformance.added_fields import with_fields
from conformance.model import Finding, Need, Scenario, Verdict
from conformance.observation import fill, methods_in, observe
from conformance.pace import Pace
from conformance.responses import Answered, Invariant, answered_in, look
from conformance.target import Target
from conformance.verdict import Judgement, expected, judge, judge_look, observed, rule_out

# Verdicts that stand without a second look, unless they rest on silence.
_SETTLED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


class Overdue(Exception):
    """The run has taken all the time that it may."""


@dataclass(frozen=True)
class Pair:
    """A check, and a target to judge by it: a scenario to play, or an invariant to look for."""

    target: Target
    scenario: Scenario | Invariant

    @property
    def id(self) -> str:
        """Unique in a run."""
        return f"{self.target.name}/{self.scenario.id}"


def pair_up(targets: Iterable[Target], checks: Iterable[Scenario | Invariant]) -> tuple[Pair, ...]:
    """Pair each check with every target of its profile that offers what it needs, target by target.

    A check that no target offers enough for is paired with the first of its profile all the same, so that
    it is shown as not applicable rather than not at all.
    """
    everything = tuple(targets)
    pairs = []
    for scenario in checks:
        candidates = [target for target in everything if target.profile == scenario.profile]
        fit = [target for target in candidates if _fits(target, scenario.all_needs)]
        pairs += [Pair(target, scenario) for target in fit or candidates[:1]]
    return tuple(sorted(pairs, key=lambda pair: everything.index(pair.target)))


def _fits(target: Target, needs: frozenset[Need]) -> bool:
    return needs <= target.offers and (target.reserved_for is None or target.reserved_for in needs)


def converse(target: Target, scenario: Scenario, delivery: Delivery = whole) -> Conversation:
    """Say what is to be played: the scenario's steps with the target's names filled in, delivered so."""
    filled = dict(target.placeholders)
    send = with_fields(scenario.send, target.fields)
    template = b"".join(step for step in send if isinstance(step, bytes))
    content = fill(template, filled).partition(b"\r\n\r\n")[2]
    filled[b"<length>"] = b"%d" % len(content)
    filled[b"<date>"] = formatdate(usegmt=True).encode("ascii")
    steps = tuple(fill(step, filled) if isinstance(step, bytes) else step for step in send)
    sent = b"".join(step for step in last_connection(steps) if isinstance(step, bytes))
    return Conversation(
        steps, methods_in(sent), scenario.accept.answers, target.follow_up(), delivery, _room(scenario, sent)
    )


# In an echo, what was sent may stand several times as long. Only those who ask for much are to get much.
_MOST_ESCAPED = 8
_MUCH = 16 * 1024 * 1024


def _room(scenario: Scenario, sent: bytes) -> int:
    if b"<size>/" in scenario.bytes_sent:
        return _MUCH
    return Conversation.room + _MOST_ESCAPED * len(sent)


class Runner:
    """Plays pairs in the background, and makes a finding of each, once.

    corpus: all scenarios by id, for the controls. pace: how many conversations are played at once, and how
    patiently. delivery: how the bytes of every scenario are sent.
    """

    def __init__(
        self,
        corpus: Mapping[str, Scenario],
        *,
        pace: Pace = Pace(),  # noqa: B008  (a value)
        delivery: Delivery = whole,
    ) -> None:
        self._corpus = corpus
        self._pace = pace
        self._delivery = delivery
        self._last_moment = time.monotonic() + pace.deadline
        # Those that spend their time in pauses are played beside the others, if there is room for both.
        self._threads = ThreadPoolExecutor(pace.quick, thread_name_prefix="wirecheck")
        self._pausing = self._threads
        if pausing := pace.conversations - pace.quick:
            self._pausing = ThreadPoolExecutor(pausing, thread_name_prefix="wirecheck-pausing")
        self._called_off = Event()
        self._played: dict[str, _Played] = {}
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
        self._played[pair.id] = _Played(target, future)

    def _play(self, target: Target, scenario: Scenario, patience: Patience) -> Transcript:
        """Play, within the time of the run. Raises Overdue when there is none left."""
        left = self._last_moment - time.monotonic()
        if left <= 0:
            raise Overdue
        patience = replace(patience, whole=min(patience.whole, left))
        conversation = converse(target, scenario, self._delivery)
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
        """Play the pair again, alone and with full patience; and if it fails by silence, with the utmost."""
        wait(played.transcript for played in self._played.values())
        again = self._again(pair, scenario, first, self._pace.full)
        return self._again(pair, scenario, first, self._pace.utmost) if _fails_by_silence(again) else again

    def _again(self, pair: Pair, scenario: Scenario, first: Finding, patience: Patience) -> Finding:
        return _judged(pair, scenario, self._play(pair.target, scenario, patience), first)

    def _look(self, pair: Pair, invariant: Invariant) -> Finding:
        """Look for a rule in all that the target has answered."""
        looked = look(invariant, self._answered_by(pair.target))
        said = f"A response {looked.how}." if looked.broken else f"All {looked.applicable} responses do."
        return _finding(pair, judge_look(invariant.level, looked), looked.example, said)

    def _answered_by(self, target: Target) -> list[tuple[Transcript, tuple[Answered, ...]]]:
        """All that a target has answered, read once."""
        if target.name not in self._answered:
            futures = [played.transcript for played in self._played.values() if played.target is target]
            transcripts = [future.result() for future in futures]
            self._answered[target.name] = [(said, tuple(answered_in(said))) for said in transcripts]
        return self._answered[target.name]


@dataclass(frozen=True)
class _Played:
    """What is played in the background, and to whom."""

    target: Target
    transcript: Future[Transcript]


def _is_settled(finding: Finding) -> bool:
    """Whether a first finding stands. That a server said nothing is not believed at once, even where it may.

    A pause is another matter: it is there to be kept silent, and its length follows the target's answers.
    """
    said = finding.transcript
    silent = said is not None and (said.ending is Ending.SILENCE or said.awaited_in_vain)
    return finding.verdict in _SETTLED and not silent


def _fails_by_silence(finding: Finding) -> bool:
    said = finding.transcript
    return finding.verdict is Verdict.FAIL and said is not None and said.ending is Ending.SILENCE


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
