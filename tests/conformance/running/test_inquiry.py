"""The inquiry into crashes: which pair is named, what is played for that, and when it ends."""

from dataclasses import replace

import pytest

from clients.transcript import Ending, Event, Kind, Transcript
from conformance.judging.model import Finding, Verdict
from conformance.running.runner import Runner
from conformance.targets.liveness import Crash, Outage
from tests.conformance.builders import BAD_REQUEST
from tests.conformance.staged_server import (
    BAD,
    GOOD,
    TARGET,
    TWO_AT_ONCE,
    Immortal,
    Stage,
    corpus_of,
    one,
    pairs_of,
)


def cut_off() -> Transcript:
    """A conversation that sent a request at 20 s, and had no answer when the target crashed."""
    events = (Event(0.0, Kind.CONNECTED), Event(0.1, Kind.SENT, b"GET"), Event(0.9, Kind.ENDED))
    return Transcript(events, Ending.RESET, began=19.9)


class Mortal(Immortal):
    """Stands in for the liveness of a target that crashes of some scenarios, and is started again."""

    stage: Stage
    killers: tuple[str, ...] = ()
    kills: int | None = None  # so often each of the killers does it; None for any number of times
    first: tuple[Crash, ...] = ()

    def __init__(self, *_: object, lasting: float) -> None:  # noqa: ARG002
        self._crashes = list(self.first)

    @property
    def crashes(self) -> tuple[Crash, ...]:  # type: ignore[override]
        return tuple(self._crashes)

    def probe(self, since: float) -> None:
        name = self.stage.names[-1]
        # It crashes of what is played alone, when all was played once.
        number = self.stage.names.count(name) - 1
        if name in self.killers and 0 < number <= (self.kills or number):
            self._crashes.append(Crash(since, "ended with 7"))

    def crash_since(self, moment: float) -> str | None:
        return next((crash.how for crash in self._crashes if crash.moment >= moment), None)


@pytest.fixture
def mortal(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> type[Mortal]:
    kind = type("KindOfMortal", (Mortal,), {"stage": stage, "first": (Crash(20.0, "ended with 7"),)})
    monkeypatch.setattr("conformance.running.player.Liveness", kind)
    return kind


def found(*names: str, selected: tuple[str, ...] = ()) -> tuple[Runner, dict[str, Finding]]:
    scenarios = [one(name, control="a.get" if name != "a.get" else None) for name in names]
    pairs = [pair for pair in pairs_of(*scenarios) if not selected or pair.check.id in selected]
    with Runner(corpus_of(*scenarios), pace=TWO_AT_ONCE) as runner:
        findings = {finding.check.id: finding for finding in runner.findings(pairs)}
        runner.crashes(TARGET)
    return runner, findings


def test_what_crashes_the_target_again_alone_is_named(stage: Stage, mortal: type[Mortal]) -> None:
    mortal.killers = ("a.killer",)
    stage.prepared = {"a.killer": [cut_off(), cut_off()], "a.victim": [cut_off(), GOOD]}
    runner, findings = found("a.get", "a.killer", "a.victim")
    assert findings["a.killer"].verdict is Verdict.FAIL
    assert findings["a.killer"].crash == "ended with 7"
    assert findings["a.victim"].verdict is Verdict.PASS
    assert [(report.cause, report.crash.how) for report in runner.crashes(TARGET)] == [
        ("plain/a.killer", "ended with 7")
    ]


@pytest.mark.usefixtures("mortal")
def test_a_crash_that_nothing_repeats_has_no_cause(stage: Stage) -> None:
    stage.prepared = {"a.b": [cut_off(), GOOD], "a.c": [cut_off(), GOOD]}
    runner, findings = found("a.get", "a.b", "a.c")
    assert {finding.verdict for finding in findings.values()} == {Verdict.PASS}
    assert [report.cause for report in runner.crashes(TARGET)] == [None]


def test_a_crash_of_what_is_not_applicable_is_a_failure(stage: Stage, mortal: type[Mortal]) -> None:
    mortal.killers = ("a.killer",)
    stage.prepared = {"a.get": [BAD], "a.killer": [cut_off(), cut_off()]}
    _, findings = found("a.get", "a.killer")
    assert (findings["a.get"].verdict, findings["a.killer"].verdict) == (Verdict.FAIL, Verdict.FAIL)
    assert findings["a.killer"].crash == "ended with 7"


def test_what_was_not_selected_and_crashes_the_target_is_added(stage: Stage, mortal: type[Mortal]) -> None:
    mortal.killers = ("a.get",)
    stage.prepared = {"a.get": [cut_off(), cut_off()]}
    _, findings = found("a.get", "a.b", selected=("a.b",))
    assert findings["a.get"].added
    assert findings["a.get"].verdict is Verdict.FAIL
    assert findings["a.b"].verdict is Verdict.NOT_APPLICABLE


def test_what_had_passed_and_crashes_the_target_alone_has_a_second_finding(
    stage: Stage, mortal: type[Mortal]
) -> None:
    received = Event(0.1, Kind.RECEIVED, GOOD.received)
    received = Event(0.1, Kind.RECEIVED, GOOD.received)
    answered = replace(cut_off(), events=(*cut_off().events[:2], received), ending=Ending.FIN)
    mortal.killers = ("a.b",)
    stage.prepared = {"a.b": [answered, answered]}
    scenarios = [one("a.b")]
    with Runner(corpus_of(*scenarios), pace=TWO_AT_ONCE) as runner:
        verdicts = [finding.verdict for finding in runner.findings(pairs_of(*scenarios))]
    assert verdicts == [Verdict.PASS, Verdict.FAIL]


def test_after_eight_confirmed_crashes_no_more_suspects_are_played(
    stage: Stage, mortal: type[Mortal]
) -> None:
    names = [f"a.n{number}" for number in range(20)]
    mortal.killers = tuple(names)
    stage.prepared = {name: [cut_off()] for name in names}
    runner, findings = found("a.get", *names)
    verdicts = [finding.verdict for finding in findings.values()]
    assert (verdicts.count(Verdict.FAIL), verdicts.count(Verdict.ERROR)) == (8, 12)
    assert len(stage.plays) == 21 + 2 * 8
    assert runner.summary(TARGET) == (
        "The target plain crashes or hangs on at least 8 scenarios; 12 others were under way or send the "
        "same kind of request, and were not judged."
    )
    assert len(runner.crashes(TARGET)) == 8


def test_suspects_begin_with_the_control(stage: Stage, mortal: type[Mortal]) -> None:
    mortal.killers = ("a.get",)
    stage.prepared = {"a.get": [cut_off()], "a.b": [cut_off()]}
    found("a.get", "a.b")
    assert stage.names[2] == "a.get"


# Who is not named


@pytest.mark.parametrize(("kills", "verdict"), [(1, Verdict.PASS), (2, Verdict.FAIL)])
def test_one_crash_alone_is_not_enough_to_be_named(
    kills: int, verdict: Verdict, stage: Stage, mortal: type[Mortal]
) -> None:
    mortal.killers, mortal.kills = ("a.b",), kills
    stage.prepared = {"a.b": [cut_off(), cut_off(), cut_off() if kills > 1 else GOOD, GOOD]}
    runner, findings = found("a.get", "a.b")
    assert findings["a.b"].verdict is verdict
    (report,) = runner.crashes(TARGET)
    assert report.cause == ("plain/a.b" if kills > 1 else None)


def test_a_target_that_crashes_in_a_calm_moment_does_so_by_itself_and_more_is_asked_of_who_is_named(
    stage: Stage, mortal: type[Mortal], monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = iter([False, True, True, True])
    monkeypatch.setattr(mortal, "is_calm", lambda _, __: next(calm, True))
    mortal.killers, mortal.kills = ("a.b",), 3
    stage.prepared = {"a.b": [*[cut_off()] * 4, GOOD]}
    runner, findings = found("a.get", "a.b")
    assert findings["a.b"].verdict is Verdict.PASS
    (report,) = runner.crashes(TARGET)
    assert (report.cause, report.crash.how) == (None, "dies by itself: it ended with 7")


def test_a_target_is_watched_where_nothing_is_found_that_it_crashes_of(
    stage: Stage, mortal: type[Mortal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mortal, "is_calm", lambda _, __: False)
    stage.prepared = {"a.b": [cut_off(), GOOD]}
    runner, _ = found("a.get", "a.b")
    assert [report.crash.how for report in runner.crashes(TARGET)] == ["dies by itself: it ended with 7"]


class Banning(Mortal):
    """Stands in for the liveness of a target that bans its clients for a moment after some scenarios."""

    def __init__(self, *_: object, lasting: float) -> None:
        super().__init__(lasting=lasting)
        self.outages = (Outage(20.0, 20.2, 0.2, nobody=False),)
        self._crashes = []

    def probe(self, since: float) -> None:
        if self.stage.names[-1] in self.killers:
            self.outages = (*self.outages, Outage(since, since + 0.2, 0.2, nobody=False))

    def outage_since(self, moment: float) -> Outage | None:
        return next((outage for outage in reversed(self.outages) if outage.ended >= moment), None)


def test_an_outage_after_an_answer_is_a_ban_and_what_it_hit_is_played_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "conformance.running.player.Liveness",
        type("KindOfBanning", (Banning,), {"stage": stage, "killers": ("a.refused",)}),
    )
    refused = replace(cut_off(), events=(*cut_off().events[:2], Event(0.2, Kind.RECEIVED, BAD_REQUEST)))
    stage.prepared = {"a.refused": [refused], "a.victim": [cut_off(), cut_off(), GOOD]}
    runner, findings = found("a.get", "a.refused", "a.victim")
    assert findings["a.refused"].crash is None
    assert findings["a.refused"].observed == "The server answered 400 and reset the connection."
    assert findings["a.victim"].verdict is Verdict.PASS
    assert runner.crashes(TARGET) == ()
    assert runner.summary(TARGET) == (
        "The target plain refuses new connections for 0.2 s after malformed requests, which was waited for."
    )
