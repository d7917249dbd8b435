"""Many at once: who is driven when, what they are told, and how they are sent away."""

import select
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from typing import cast

import pytest

from clients.scheduler import Ensemble
from clients.waits import Wait, Waits, drive, wait_until_done

# Nothing here waits so long; if it does, the test fails in place of hanging.
LONG = 20.0

Sockets = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Sockets]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def pairs(number: int, stack: ExitStack) -> list[Sockets]:
    """Make so many pairs, which the stack closes."""
    made = [socket.socketpair() for _ in range(number)]
    for ours, theirs in made:
        stack.enter_context(ours)
        stack.enter_context(theirs)
    return made


def reading(connection: socket.socket, seconds: float = LONG) -> Waits[bytes]:
    """Read once, when there is something."""
    found = yield Wait(seconds, connection, select.POLLIN)
    return connection.recv(100) if found & select.POLLIN else b"nothing"


def test_each_has_its_result(pair: Sockets) -> None:
    ours, theirs = pair
    with Ensemble(1) as ensemble:
        read = ensemble.submit(reading(ours))
        theirs.send(b"hello")
        assert read.result(LONG) == b"hello"
        theirs.send(b"again")  # it has been asleep since
        assert ensemble.submit(reading(ours)).result(LONG) == b"again"


def test_who_waits_in_vain_is_told_so(pair: Sockets) -> None:
    with Ensemble(1) as ensemble:
        assert ensemble.submit(reading(pair[0], seconds=0.01)).result(LONG) == b"nothing"


def test_time_passes_without_a_connection() -> None:
    def passing() -> Waits[int]:
        return (yield Wait(0.01))

    with Ensemble(1) as ensemble:
        assert ensemble.submit(passing()).result(LONG) == 0


def test_what_is_raised_is_raised_to_who_asked_and_leaves_room(pair: Sockets) -> None:
    def mistaken() -> Waits[None]:
        yield Wait(0)
        raise ZeroDivisionError

    ours, theirs = pair
    with Ensemble(1) as ensemble:
        wrong, read = ensemble.submit(mistaken()), ensemble.submit(reading(ours))
        with pytest.raises(ZeroDivisionError):
            wrong.result(LONG)
        theirs.send(b"hello")
        assert read.result(LONG) == b"hello"


def test_who_asks_for_nonsense_is_told_so_and_nobody_else_suffers(pair: Sockets) -> None:
    def asking_for_nonsense() -> Waits[None]:
        yield cast("Wait", None)

    ours, theirs = pair
    with Ensemble(1) as ensemble:
        wrong, read = ensemble.submit(asking_for_nonsense()), ensemble.submit(reading(ours))
        with pytest.raises(AttributeError):
            wrong.result(LONG)
        theirs.send(b"hello")
        assert read.result(LONG) == b"hello"


def test_nobody_waits_for_ever_when_something_goes_wrong_with_all(
    pair: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    ensemble = Ensemble(1)
    monkeypatch.setattr(ensemble, "_sleep", None)
    first, second = ensemble.submit(reading(pair[0])), ensemble.submit(reading(pair[0]))
    with ensemble:
        for each in (first, second, ensemble.submit(reading(pair[0]))):
            with pytest.raises(CancelledError):
                each.result(LONG)


def test_so_many_of_a_group_are_under_way_at_once_and_no_more() -> None:
    under_way, most = 0, 0

    def counted(gate: socket.socket) -> Waits[None]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        yield from reading(gate)
        under_way -= 1

    def opening(gates: list[Sockets]) -> Waits[None]:
        yield Wait(0)
        for _, theirs in gates:
            theirs.send(b"go")

    with ExitStack() as stack:
        gates = pairs(5, stack)
        ensemble = stack.enter_context(Ensemble(2, 1))
        counting = [ensemble.submit(counted(ours)) for ours, _ in gates]
        ensemble.submit(opening(gates), group=1).result(LONG)
        for each in counting:
            each.result(LONG)
    assert (under_way, most) == (0, 2)


def test_so_many_are_new_at_once_and_the_next_begin_when_they_have_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clients.scheduler._NEW", LONG)
    new, most, two = 0, 0, threading.Event()

    def counted(gate: socket.socket) -> Waits[None]:
        nonlocal new, most
        new += 1
        most = max(most, new)
        if new == 2:
            two.set()
        yield Wait(LONG, gate, select.POLLIN)
        new -= 1

    with ExitStack() as stack:
        gates = pairs(5, stack)
        ensemble = stack.enter_context(Ensemble(5, newcomers=2))
        counting = [ensemble.submit(counted(ours)) for ours, _ in gates]
        assert two.wait(LONG)
        for _, theirs in gates:
            theirs.send(b"go")
        for each in counting:
            each.result(LONG)
    assert most == 2


def test_who_hears_nothing_is_not_new_for_long() -> None:
    with ExitStack() as stack:
        gates = pairs(3, stack)
        begun = [threading.Event() for _ in gates]

        def waiting(gate: socket.socket, event: threading.Event) -> Waits[bytes]:
            event.set()
            return (yield from reading(gate))

        ensemble = stack.enter_context(Ensemble(3, newcomers=1))
        for (ours, _), event in zip(gates, begun, strict=True):
            ensemble.submit(waiting(ours, event))
        assert all(event.wait(LONG) for event in begun)


def test_who_goes_over_to_another_connection_is_told_of_that_alone(pair: Sockets) -> None:
    def changing(first: socket.socket) -> Waits[bytes]:
        yield from reading(first)
        first.close()
        second, other = socket.socketpair()  # which mostly gets the number of the one that is closed
        with second, other:
            other.send(b"second")
            yield Wait(LONG, second, select.POLLOUT)
            return (yield from reading(second))

    ours, theirs = pair
    theirs.send(b"first")
    with Ensemble(1) as ensemble:
        assert ensemble.submit(changing(ours)).result(LONG) == b"second"


def test_whoever_is_under_way_in_the_end_is_hurried_and_the_others_are_cancelled(pair: Sockets) -> None:
    begun = threading.Event()

    def waiting() -> Waits[bytes]:
        begun.set()
        return (yield from reading(pair[0]))

    with Ensemble(1) as ensemble:
        first, second = ensemble.submit(waiting()), ensemble.submit(waiting())
        assert begun.wait(LONG)
    assert first.result(0) == b"nothing"
    with pytest.raises(CancelledError):
        second.result(0)


# One alone


def test_one_is_driven_to_its_result(pair: Sockets) -> None:
    ours, theirs = pair
    theirs.send(b"hello")
    assert drive(reading(ours)) == b"hello"
    assert drive(reading(ours, seconds=0.01)) == b"nothing"


@pytest.mark.parametrize("outcome", ["done", "called off"])
def test_the_work_of_another_is_waited_for_until_it_is_done_or_called_off(outcome: str) -> None:
    called_off = threading.Event()
    with Ensemble(1, 1) as ensemble:
        work = ensemble.submit(drive_never() if outcome == "called off" else at_once())
        waiting = ensemble.submit(wait_until_done(work, called_off), group=1)
        if outcome == "called off":
            called_off.set()
        waiting.result(LONG)
        assert work.done() == (outcome == "done")


def at_once() -> Waits[None]:
    yield Wait(0)


def drive_never() -> Waits[None]:
    yield Wait(LONG)
