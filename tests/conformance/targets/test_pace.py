"""The pace of a run: what follows from what was measured of its target."""

from dataclasses import astuple

import pytest

from clients.conversation import Patience
from conformance.targets.pace import FULL, HASTY, UTMOST, Measured, Pace, pace_for

QUICK = Measured(median=0.001, slowest=0.01, connections=256)


def assert_scaled(patience: Patience, usual: Patience, scale: float) -> None:
    assert astuple(patience) == pytest.approx([scale * seconds for seconds in astuple(usual)])


# What follows


def test_a_quick_target_gets_the_usual_pace() -> None:
    assert pace_for([QUICK]) == Pace()


def test_patience_follows_the_slowest_answer() -> None:
    pace = pace_for([Measured(median=0.001, slowest=0.3, connections=128)])
    assert_scaled(pace.hasty, HASTY, 3)
    assert_scaled(pace.full, FULL, 3)


def test_the_utmost_patience_is_never_less_than_the_full() -> None:
    assert pace_for([Measured(0.1, 0.2, 96)]).utmost.silence == UTMOST.silence
    slow = pace_for([Measured(1.0, 1.0, 96)])
    assert slow.utmost == slow.full


@pytest.mark.parametrize("factor", [0.5, 4.0])
def test_all_patience_is_scaled_by_the_factor(factor: float) -> None:
    pace = pace_for([QUICK], factor)
    assert_scaled(pace.hasty, HASTY, factor)
    assert_scaled(pace.full, FULL, factor)
    assert_scaled(pace.utmost, UTMOST, factor)
    assert pace.deadline == pytest.approx(factor * Pace().deadline)


def test_of_several_targets_the_slowest_and_the_most_limited_count() -> None:
    pace = pace_for([QUICK, Measured(0.001, 0.2, 96), Measured(0.001, 0.01, 8)])
    assert_scaled(pace.hasty, HASTY, 2)
    assert pace.connections == 8


@pytest.mark.parametrize(
    ("connections", "conversations", "quick"), [(1, 1, 1), (2, 1, 1), (4, 2, 1), (12, 6, 2), (256, 128, 24)]
)
def test_a_conversation_may_need_two_connections(connections: int, conversations: int, quick: int) -> None:
    pace = Pace(connections)
    assert (pace.conversations, pace.quick) == (conversations, quick)


def test_of_several_targets_one_that_lets_few_wait_binds_all() -> None:
    few = Measured(0.001, 0.01, 64, newcomers=2)
    assert pace_for([QUICK, few, QUICK]).newcomers == 2
    assert pace_for([QUICK, QUICK]).newcomers is None


# In words


def test_figures_and_pace_are_sentences() -> None:
    assert str(Measured(0.0005, 0.0104, 96)) == (
        "answers plain requests in 0.5 ms, 10.4 ms at the slowest, and serves 96 connections at once"
    )
    assert str(Pace()) == (
        "conversations at once: 128; quiet is 0.25 s, silence 1 s, and when confirmed 3 s, then 12 s"
    )
