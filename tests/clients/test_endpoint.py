"""Endpoints: what is connected to, and how often, by a clock that the test holds."""

from clients.endpoint import Endpoint, Rate


def test_a_unix_socket_takes_precedence_over_host_and_port() -> None:
    assert Endpoint("localhost", 80).address == ("localhost", 80)
    assert Endpoint("localhost", 80, unix_socket="/run/server").address == "/run/server"


def test_turns_are_a_gap_apart_and_a_late_turn_comes_at_once() -> None:
    now = 100.0
    rate = Rate(4, clock=lambda: now)
    assert [rate.turn() for _ in range(3)] == [0, 0.25, 0.5]
    now = 110.0
    assert [rate.turn() for _ in range(2)] == [0, 0.25]
