"""The runner in the background: who plays alone, and that all can be called off."""

import threading

from clients.transcript import Transcript
from conformance.judging.model import Scenario
from conformance.running.player import Player
from conformance.running.runner import Runner
from conformance.targets.pace import FIRST
from tests.conformance.staged_server import BAD, GOOD, ONE_BY_ONE, TWO_AT_ONCE, Stage, one, pairs_of, run


def test_a_confirmation_is_played_alone(stage: Stage) -> None:
    confirming, over = threading.Event(), threading.Event()

    def confirmed() -> Transcript:
        confirming.set()
        assert over.is_set()
        return BAD

    def slow() -> Transcript:
        # With a confirmation that does not wait, this one is begun while we are still here.
        confirming.wait(0.2)
        over.set()
        return GOOD

    stage.prepared |= {"a.b": [BAD, confirmed], "a.slow": [slow]}
    pairs = pairs_of(one("a.b"), one("a.slow"))
    with Runner({}, pace=TWO_AT_ONCE) as runner:
        assert not any(found.own_error for found in runner.findings(pairs))


def test_leaving_calls_off_what_runs_and_what_waits(stage: Stage) -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless() -> Transcript:
        begun.set()
        assert stage.called_off[0].wait(20)
        ended.set()
        return GOOD

    stage.prepared["a.b"] = [endless]
    with Player(ONE_BY_ONE) as player:
        for pair in pairs_of(one("a.b"), one("a.c"), one("a.d")):
            assert isinstance(pair.check, Scenario)
            player.beside(pair.target, pair.check, FIRST, 0, judge=lambda played: played)
        assert begun.wait(20)
    assert ended.is_set()
    assert stage.names == ["a.b"]


def test_nothing_is_called_off_before_the_end(stage: Stage) -> None:
    stage.prepared["a.b"] = [BAD]
    run(one("a.b"))
    assert len(stage.called_off) == 2
    pairs = pairs_of(one("a.c"))
    with Runner({}) as runner:
        list(runner.findings(pairs))
        assert not stage.called_off[-1].is_set()
