"""What is measured of a target: how fast it answers, and how many connections it serves at once."""

import socket
import threading

import pytest

from clients.conversation import Patience
from clients.endpoint import Rate
from conformance.errors import Untestable
from conformance.targets.measuring import _are_accepted_at_once, measure
from conformance.targets.target import locate
from tests.conformance.builders import BAD_REQUEST, OK, response
from tests.conformance.scripted_server import Peer, always, by_request, serving, silent, then_close


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
        pytest.raises(
            Untestable, match=r"to plain request 2 of 5 it sent nothing in response and closed the"
        ),
    ):
        measure(locate(server.url))


def test_the_path_is_asked_that_the_witness_is_under() -> None:
    with serving(always(OK)) as server:
        measure(locate(server.url + "some/path"), most=1)
    assert {request.split()[1] for request in server.requests} == {b"/some/path"}


def test_a_rate_binds_the_measuring_and_the_connections_that_are_of_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns: list[float] = []

    def turn(rate: Rate, requests: int = 1) -> float:
        turns.append(requests * rate.per_second)
        return 0.0

    monkeypatch.setattr(Rate, "turn", turn)
    with serving(always(OK)) as server:
        found = measure(locate(server.url).with_rate(1.5))
    assert found.connections == 3
    assert turns == [1.5] * server.connections


# With one connection at most: five looks, one beside one that asks nothing, one after it, a rush.
RUSH = 8


def test_what_is_not_answered_is_not_a_time_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.targets.measuring._WHILE_MEASURING", Patience(silence=0.5, whole=60.0))
    with serving(*[always(OK)] * (RUSH - 1), silent) as server:
        found = measure(locate(server.url), most=1)
        assert server.connections == RUSH
    assert found.unanswered == 1
    assert found.slowest < 0.5


def test_a_target_whose_answers_come_octet_by_octet_drips() -> None:
    def drip(peer: Peer) -> None:
        while peer.request():
            for octet in OK:
                peer.send(bytes([octet]))
                read.wait(0.002)

    read = threading.Event()
    with serving(drip) as server:
        assert measure(locate(server.url), most=1).drips
    with serving(always(OK)) as server:
        assert not measure(locate(server.url), most=1).drips


def test_the_waits_of_a_limit_are_obeyed_while_measuring() -> None:
    with serving(always(OK), always(response(429, b"", b"Retry-After: 1")), always(OK)) as server:
        found = measure(locate(server.url), most=1)
    assert found.waited == 1.0


def test_a_target_that_is_to_be_waited_for_too_long_cannot_be_tested() -> None:
    with (
        serving(always(OK), always(response(503, b"", b"Retry-After: 60"))) as server,
        pytest.raises(Untestable, match=r"cannot be tested: it limits how often it is asked, .* use --rate"),
    ):
        measure(locate(server.url), most=1)
