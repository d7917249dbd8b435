"""Turns are given so many a second, by a clock that the test holds."""

import pytest

from clients.rate import Rate


def test_turns_are_a_gap_apart_and_what_is_late_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("clients.rate.time.monotonic", lambda: now)
    rate = Rate(4)
    assert [rate.turn() for _ in range(3)] == [0, 0.25, 0.5]
    now = 110.0
    assert [rate.turn() for _ in range(2)] == [0, 0.25]
