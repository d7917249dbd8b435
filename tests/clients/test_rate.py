"""Turns are given so many a second, by a clock that the test holds."""

from threading import Event

import pytest

from clients.rate import Rate


class Waits(Event):
    """An event that notes how long it was waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        return False


def test_turns_are_a_gap_apart_and_what_is_late_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("clients.rate.time.monotonic", lambda: now)
    rate, waits = Rate(4), Waits()
    for _ in range(3):
        rate.take_turn(waits)
    assert waits.seconds == [0.25, 0.5]
    now = 110.0
    for _ in range(2):
        rate.take_turn(waits)
    assert waits.seconds == [0.25, 0.5, 0.25]
