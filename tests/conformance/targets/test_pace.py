"""The pace of a run: what follows from what was measured of its target."""

from dataclasses import astuple

import pytest

from clients.conversation import Patience
from conformance.targets.pace import CONFIRMING, FIRST, LAST, Measured, Pace, pace_for

QUICK = Measured(median=0.001, slowest=0.01, connections=256)


def assert_scaled(patience: Patience, usual: Patience, scale: float) -> None:
    assert astuple(patience) == pytest.approx([scale * seconds for seconds in astuple(usual)])


# What follows


def test_a_quick_target_gets_the_usual_pace() -> None:
    assert pace_for([QUICK]) == Pace()


def test_patience_follows_the_slowest_answer() -> None:
    pace = pace_for([Measured(median=0.001, slowest=0.3, connections=128)])
    assert_scaled(pace.first, FIRST, 3)
    assert_scaled(pace.confirming, CONFIRMING, 3)


def test_the_last_patience_is_never_less_than_the_confirming_one() -> None:
    assert pace_for([Measured(0.1, 0.2, 96)]).last.silence == LAST.silence
    slow = pace_for([Measured(1.0, 1.0, 96)])
    assert slow.last == slow.confirming


@pytest.mark.parametrize("factor", [0.5, 4.0])
def test_all_patience_is_scaled_by_the_factor(factor: float) -> None:
    pace = pace_for([QUICK], factor)
    assert_scaled(pace.first, FIRST, factor)
    assert_scaled(pace.confirming, CONFIRMING, factor)
    assert_scaled(pace.last, LAST, factor)
    assert pace.deadline == pytest.approx(factor * Pace().deadline)


def test_of_several_targets_the_slowest_and_the_most_limited_count() -> None:
    pace = pace_for([QUICK, Measured(0.001, 0.2, 96), Measured(0.001, 0.01, 8)])
    assert_scaled(pace.first, FIRST, 2)
    assert pace.connections == 8


@pytest.mark.parametrize(
    ("connections", "conversations", "quick"),
    [(1, 1, 1), (2, 1, 1), (4, 2, 1), (8, 4, 3), (12, 6, 3), (256, 128, 40)],
)
def test_a_conversation_may_need_two_connections(connections: int, conversations: int, quick: int) -> None:
    pace = Pace(connections)
    assert (pace.conversations, pace.quick) == (conversations, quick)


def test_of_several_targets_one_that_lets_few_wait_binds_all() -> None:
    few = Measured(0.001, 0.01, 64, connecting=2)
    assert pace_for([QUICK, few, QUICK]).connecting == 2
    assert pace_for([QUICK, QUICK]).connecting is None


# A target that serves few conversations at once


def test_a_quick_target_that_serves_few_is_asked_less_patiently() -> None:
    pace = pace_for([Measured(0.001, 0.01, 2)])
    assert pace.first.quiet < FIRST.quiet
    assert pace.first.silence < FIRST.silence
    assert pace.confirming.silence < CONFIRMING.silence
    assert pace.last == LAST


def test_a_slow_target_that_serves_few_has_the_usual_patience() -> None:
    assert_scaled(pace_for([Measured(0.03, 0.05, 2)]).first, FIRST, 1)


def test_silence_is_waited_for_by_as_many_as_the_target_serves_with_ease() -> None:
    assert [Pace(number).together for number in (1, 2, 8, 256)] == [1, 1, 6, 64]


@pytest.mark.parametrize(
    ("connections", "number", "silence"),
    [
        pytest.param(256, 64, 12.0, id="one turn"),
        pytest.param(8, 12, 12.0, id="two turns"),
        pytest.param(8, 60, 3.0, id="ten turns"),
        pytest.param(2, 60, 3.0, id="never less than what confirms"),
    ],
)
def test_all_last_waits_together_are_bounded(connections: int, number: int, silence: float) -> None:
    assert Pace(connections).last_of(number).silence == pytest.approx(silence)


# In words


def test_figures_and_pace_are_sentences() -> None:
    assert str(Measured(0.0005, 0.0104, 96)) == (
        "answers plain requests in 0.5 ms, 10.4 ms at the slowest, and serves 96 connections at once"
    )
    assert str(Pace()) == (
        "128 conversations at once; a pause lasts 0.25 s; silence is 1 s, 3 s when confirmed, "
        "and up to 12 s before it is a failure"
    )


def test_what_is_odd_in_the_figures_is_said() -> None:
    assert str(Measured(0.5, 0.6, 96, drips=True, unanswered=3)) == (
        "answers plain requests in drips, a few octets at a time, in 500.0 ms, 600.0 ms at the slowest, "
        "and serves 96 connections at once; it left 3 unanswered"
    )


def test_scale_and_deadline_are_capped() -> None:
    slow, slower = pace_for([Measured(0.1, 2.0, 256)]), pace_for([Measured(0.1, 60.0, 256)])
    assert slower == slow
    assert slower.first.silence == pytest.approx(20 * FIRST.silence)
    assert slower.deadline == 2 * 3600


def test_a_crash_takes_longer_to_show_where_answers_do() -> None:
    assert pace_for([QUICK]).crash == 2 * FIRST.silence
    assert pace_for([Measured(0.1, 1.0, 256)]).crash == pytest.approx(20 * FIRST.silence)


def test_waits_that_were_obeyed_while_measuring_are_not_obeyed_again() -> None:
    assert pace_for([QUICK, Measured(0.001, 0.01, 256, waited=2.0)]).obeyed == 3.0
