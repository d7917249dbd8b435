"""How long what is waited for may take, without a clock."""

import math

import pytest

from reference_server.parsing.limits import Limits
from reference_server.patience import Phase, Taking, Wait, patience

LIMITS = Limits(
    header_seconds=1,
    idle_seconds=2,
    body_seconds=3,
    body_rate=10,
    linger_seconds=4,
    abandoned_seconds=5,
    farewell_seconds=6,
)


@pytest.mark.parametrize(
    ("phase", "usual", "left", "draining"),
    [
        (Phase.HEAD, 1, 1, 6),
        (Phase.IDLE, 2, 2, 6),
        (Phase.BODY, 5, 5, 5),
        (Phase.END, 4, 4, 4),
        (Phase.ANSWER, math.inf, 5, math.inf),
    ],
)
def test_each_phase_has_its_time(phase: Phase, usual: float, left: float, draining: float) -> None:
    assert patience(phase, LIMITS, 20, peer_left=False, draining=False) == usual
    assert patience(phase, LIMITS, 20, peer_left=True, draining=False) == left
    assert patience(phase, LIMITS, 20, peer_left=False, draining=True) == draining


def test_what_is_waited_for_is_as_old_as_the_first_look() -> None:
    wait = Wait()
    looks = [wait.is_over(what, now, 10) for what, now in ((1, 0), (1, 9), (2, 12), (2, 21), (2, 22))]
    assert looks == [False, False, False, False, True]
    wait.forget()
    assert not wait.is_over(2, 100, 10)
    assert wait.is_over(2, 110, 10)


def test_too_little_in_a_window_is_too_slow() -> None:
    taking = Taking(seconds=10, rate=5)
    looks = [taking.is_too_slow(taken, now) for now, taken in ((0, 0), (9, 0), (10, 50), (19, 50), (20, 99))]
    assert looks == [False, False, False, False, True]
    taking.forget()
    assert not taking.is_too_slow(99, 100)
