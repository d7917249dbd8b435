"""Endpoints: what is connected to, and how often, by a clock that the test holds."""

import pytest

from clients.conversation import Conversation
from clients.endpoint import Endpoint, Rate
from clients.steps import HALF_CLOSE, RESET, Step


def test_a_unix_socket_takes_precedence_over_host_and_port() -> None:
    assert Endpoint("localhost", 80).address == ("localhost", 80)
    assert Endpoint("localhost", 80, unix_socket="/run/server").address == "/run/server"


def test_turns_are_a_gap_apart_and_a_late_turn_comes_at_once() -> None:
    now = 100.0
    rate = Rate(4, clock=lambda: now)
    assert [rate.turn() for _ in range(3)] == [0, 0.25, 0.5]
    now = 110.0
    assert [rate.turn() for _ in range(2)] == [0, 0.25]


def test_a_conversation_takes_the_turns_of_all_its_requests() -> None:
    rate = Rate(4, clock=lambda: 100.0)
    assert [rate.turn(3), rate.turn(), rate.turn()] == [0, 0.75, 1.0]


GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    ("steps", "follow_up", "requests"),
    [
        pytest.param((GET,), b"", 1, id="one"),
        pytest.param((GET,), GET, 2, id="and a follow-up"),
        pytest.param((GET + GET, GET), b"", 3, id="pipelined"),
        pytest.param((GET[:20], GET[20:]), b"", 1, id="in two writes"),
        pytest.param((b"GET /\r\n\r\n",), b"", 1, id="malformed"),
        pytest.param((b"POST / HTTP/1.1\r\n\r\n", b"body"), b"", 1, id="with a body"),
        pytest.param((GET[:9], RESET, GET), b"", 2, id="over two connections"),
        pytest.param((HALF_CLOSE,), b"", 0, id="none"),
    ],
)
def test_requests_are_counted_as_a_server_may_count_them(
    steps: tuple[Step, ...], follow_up: bytes, requests: int
) -> None:
    assert Conversation(steps, follow_up=follow_up).requests == requests
