"""The pace of a run: what is measured of a server, and what follows from it."""

import socket
import threading
from dataclasses import astuple

import pytest

from clients.rate import Rate
from clients.raw import Patience
from conformance.measuring import _are_accepted_at_once, measure
from conformance.pace import FULL, HASTY, UTMOST, Measured, Pace, pace_for
from conformance.target import Untestable, asked_at, locate
from tests.conformance.making import BAD_REQUEST, OK, response
from tests.conformance.scripted import Peer, always, by_request, serving, then_close

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


# What is measured


def test_a_server_that_serves_all_at_once_is_measured_up_to_the_bound() -> None:
    with serving(always(OK)) as server:
        found = measure(locate(server.url), most=5)
    assert found.connections == 5
    assert 0 < found.median <= found.slowest


def test_no_more_connections_are_made_at_once_than_are_allowed() -> None:
    with serving(always(OK)) as server:
        assert measure(locate(server.url), most=1).connections == 1
        # Five looks, one that asks nothing, one behind it, and a rush of one.
        assert (len(server.requests), server.connections) == (7, 8)


@pytest.mark.parametrize(("room", "expected"), [(1, 1), (2, 2), (5, 4)])
def test_a_server_with_room_for_few_is_given_what_it_can_take(room: int, expected: int) -> None:
    free = threading.Semaphore(room)

    def when_there_is_room(peer: Peer) -> None:
        with free:
            always(OK)(peer)

    with serving(when_there_is_room) as server:
        assert measure(locate(server.url), most=16).connections == expected


def test_a_server_that_refuses_the_surplus_is_given_what_it_can_take() -> None:
    free = threading.Semaphore(3)

    def when_there_is_room(peer: Peer) -> None:
        room = free.acquire(blocking=False)
        by_request(lambda _: OK if room else response(503))(peer)
        if room:
            free.release()

    with serving(when_there_is_room) as server:
        assert measure(locate(server.url), most=16).connections == 2


@pytest.mark.parametrize(("backlog", "expected"), [(1, False), (64, True)])
def test_a_server_that_lets_few_connections_wait_is_found_out(backlog: int, expected: bool) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as listening:  # and never accepts
        port = listening.getsockname()[1]
        assert _are_accepted_at_once(locate(f"http://127.0.0.1:{port}/"), 16, 0.05) is expected


def test_of_several_targets_one_that_lets_few_wait_binds_all() -> None:
    few = Measured(0.001, 0.01, 64, newcomers=2)
    assert pace_for([QUICK, few, QUICK]).newcomers == 2
    assert pace_for([QUICK, QUICK]).newcomers is None


def test_a_server_whose_usual_answer_is_an_error_is_measured_all_the_same() -> None:
    with serving(always(BAD_REQUEST)) as server:
        assert measure(locate(server.url), most=4).connections == 4


def test_the_slowest_answer_counts_among_those_asked_at_once() -> None:
    late = threading.Event()
    asked: list[bytes] = []

    def answer(request: bytes) -> bytes:
        asked.append(request)
        if len(asked) == 7:
            late.wait(0.3)
        return OK

    with serving(by_request(answer)) as server:
        found = measure(locate(server.url), most=1)
    assert found.slowest >= 0.3
    assert found.median < found.slowest


def test_a_server_that_answers_only_once_cannot_be_tested() -> None:
    with (
        serving(always(OK), then_close(b"")) as server,
        pytest.raises(Untestable, match=r"to plain request number 2 of 5 it answers nothing and closed the"),
    ):
        measure(locate(server.url))


def test_the_path_is_asked_that_the_witness_is_under() -> None:
    with serving(always(OK)) as server:
        measure(locate(server.url + "some/path"), most=1)
    assert {request.split()[1] for request in server.requests} == {b"/some/path"}


# In words


def test_figures_and_pace_are_sentences() -> None:
    assert str(Measured(0.0005, 0.0104, 96)) == (
        "answers plain requests in 0.5 ms, 10.4 ms at the slowest, and serves 96 connections at once"
    )
    assert str(Pace()) == (
        "conversations at once: 128; quiet is 0.25 s, silence 1 s, and when confirmed 3 s, then 12 s"
    )


def test_a_rate_binds_the_measuring_and_the_connections_that_are_of_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns: list[float] = []

    def turn(rate: Rate) -> float:
        turns.append(rate.per_second)
        return 0.0

    monkeypatch.setattr(Rate, "turn", turn)
    with serving(always(OK)) as server:
        found = measure(asked_at(locate(server.url), 1.5))
    assert found.connections == 3
    assert turns == [1.5] * server.connections
