"""The scheduler: when it starts a task, what it resumes a task with, and what becomes of futures."""

import select
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, wait
from contextlib import ExitStack
from typing import Any, cast

import pytest

from clients.scheduler import Scheduler
from clients.waits import Wait, Waits, drive, wait_until_done

# No test takes this long; a wait that does fails the test instead of hanging it.
LONG = 20.0

Sockets = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Sockets]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def open_pairs(number: int, stack: ExitStack) -> list[Sockets]:
    """Open pairs of sockets, which the stack closes."""
    pairs = [socket.socketpair() for _ in range(number)]
    for ours, theirs in pairs:
        stack.enter_context(ours)
        stack.enter_context(theirs)
    return pairs


def read_once(connection: socket.socket, seconds: float = LONG) -> Waits[bytes]:
    """Read once, when there is something to read."""
    found = yield Wait(seconds, connection, select.POLLIN)
    return connection.recv(100) if found & select.POLLIN else b"nothing"


def pass_time(seconds: float) -> Waits[int]:
    """Wait without a connection; return what the scheduler found."""
    return (yield Wait(seconds))


class Gauge:
    """Counts how many tasks run at once; a task runs until its connection has something to read."""

    def __init__(self, signal_at: int = 0) -> None:
        self.running, self.most = 0, 0
        self.reached = threading.Event()
        """Set when as many tasks as `signal_at` run."""
        self._signal_at = signal_at

    def task(self, connection: socket.socket) -> Waits[None]:
        self.running += 1
        self.most = max(self.most, self.running)
        if self.running == self._signal_at:
            self.reached.set()
        yield from read_once(connection)
        self.running -= 1


def test_each_task_has_its_result(pair: Sockets) -> None:
    ours, theirs = pair
    with Scheduler(1) as scheduler:
        read = scheduler.submit(read_once(ours))
        theirs.send(b"hello")
        assert read.result(LONG) == b"hello"
        theirs.send(b"again")  # the thread has been asleep since
        assert scheduler.submit(read_once(ours)).result(LONG) == b"again"


def test_a_wait_without_an_event_ends_when_its_time_is_over(pair: Sockets) -> None:
    with Scheduler(1) as scheduler:
        assert scheduler.submit(read_once(pair[0], seconds=0.01)).result(LONG) == b"nothing"


def test_time_passes_without_a_connection() -> None:
    with Scheduler(1) as scheduler:
        assert scheduler.submit(pass_time(0.01)).result(LONG) == 0


def test_an_exception_in_a_task_is_its_result_and_leaves_room(pair: Sockets) -> None:
    def failing() -> Waits[None]:
        yield Wait(0)
        raise ZeroDivisionError

    ours, theirs = pair
    with Scheduler(1) as scheduler:
        failed, read = scheduler.submit(failing()), scheduler.submit(read_once(ours))
        with pytest.raises(ZeroDivisionError):
            failed.result(LONG)
        theirs.send(b"hello")
        assert read.result(LONG) == b"hello"


def test_a_wait_that_makes_no_sense_fails_its_task_alone(pair: Sockets) -> None:
    def yielding_nonsense() -> Waits[None]:
        yield cast("Wait", None)

    ours, theirs = pair
    with Scheduler(1) as scheduler:
        failed, read = scheduler.submit(yielding_nonsense()), scheduler.submit(read_once(ours))
        with pytest.raises(AttributeError):
            failed.result(LONG)
        theirs.send(b"hello")
        assert read.result(LONG) == b"hello"


def test_a_connection_that_cannot_be_watched_fails_its_task_alone(pair: Sockets) -> None:
    def waiting_for_nonsense(connection: socket.socket) -> Waits[None]:
        yield Wait(LONG, pair[0], select.POLLOUT)
        yield Wait(LONG, connection, -1)

    with ExitStack() as stack:
        ((ours, theirs),) = open_pairs(1, stack)
        scheduler = stack.enter_context(Scheduler(1))
        failed, read = scheduler.submit(waiting_for_nonsense(ours)), scheduler.submit(read_once(ours))
        with pytest.raises(ValueError, match="positive"):
            failed.result(LONG)
        theirs.send(b"hello")
        assert read.result(LONG) == b"hello"


def test_no_future_waits_for_ever_when_the_thread_fails(
    pair: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    scheduler = Scheduler(1)
    monkeypatch.setattr(scheduler, "_sleep", None)
    running, queued = scheduler.submit(read_once(pair[0])), scheduler.submit(read_once(pair[0]))
    with scheduler:
        for future in (running, queued, scheduler.submit(read_once(pair[0]))):
            with pytest.raises(CancelledError):
                future.result(LONG)


# Groups


def test_no_more_tasks_of_a_group_run_at_once_than_it_has_room_for() -> None:
    gauge = Gauge()

    def release(pairs: list[Sockets]) -> Waits[None]:
        yield Wait(0)
        for _, theirs in pairs:
            theirs.send(b"go")

    with ExitStack() as stack:
        pairs = open_pairs(5, stack)
        scheduler = stack.enter_context(Scheduler(2, 1))
        futures = [scheduler.submit(gauge.task(ours)) for ours, _ in pairs]
        scheduler.submit(release(pairs), group=1).result(LONG)
        for future in futures:
            future.result(LONG)
    assert (gauge.running, gauge.most) == (0, 2)


def test_a_group_that_is_added_while_tasks_run_has_a_limit_of_its_own() -> None:
    gauge = Gauge(signal_at=2)
    with ExitStack() as stack:
        (busy, *pairs) = open_pairs(5, stack)
        scheduler = stack.enter_context(Scheduler(1))
        running = scheduler.submit(read_once(busy[0]))
        group = scheduler.add_group(2)
        futures = [scheduler.submit(gauge.task(ours), group=group) for ours, _ in pairs]
        assert gauge.reached.wait(LONG)
        assert not running.done()
        for _, theirs in (busy, *pairs):
            theirs.send(b"go")
        running.result(LONG)
        for future in futures:
            future.result(LONG)
    assert (group, gauge.running, gauge.most) == (1, 0, 2)


def test_groups_that_many_threads_add_are_all_different() -> None:
    numbers: list[int] = []

    def add(scheduler: Scheduler) -> None:
        for _ in range(100):
            group = scheduler.add_group(1)
            numbers.append(group)
            assert scheduler.submit(pass_time(0), group=group).result(LONG) == 0

    with Scheduler(1) as scheduler:
        threads = [threading.Thread(target=add, args=(scheduler,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG)
    assert sorted(numbers) == list(range(1, 401))


def test_only_a_few_tasks_connect_at_once_and_the_next_start_when_those_have_heard() -> None:
    gauge = Gauge(signal_at=2)
    with ExitStack() as stack:
        pairs = open_pairs(5, stack)
        scheduler = stack.enter_context(Scheduler(5, connecting=2, connecting_for=LONG))
        futures = [scheduler.submit(gauge.task(ours)) for ours, _ in pairs]
        assert gauge.reached.wait(LONG)
        for _, theirs in pairs:
            theirs.send(b"go")
        for future in futures:
            future.result(LONG)
    assert gauge.most == 2


def test_a_task_that_hears_nothing_does_not_count_as_connecting_for_long() -> None:
    gauge = Gauge(signal_at=3)
    with ExitStack() as stack:
        pairs = open_pairs(3, stack)
        scheduler = stack.enter_context(Scheduler(3, connecting=1))
        for ours, _ in pairs:
            scheduler.submit(gauge.task(ours))
        assert gauge.reached.wait(LONG)


def test_a_task_that_changes_its_connection_hears_only_of_the_new_one(pair: Sockets) -> None:
    def changing(first: socket.socket) -> Waits[bytes]:
        yield from read_once(first)
        first.close()
        second, other = socket.socketpair()  # mostly one of them gets the number of the closed one
        with second, other:
            other.send(b"second")
            yield Wait(LONG, second, select.POLLOUT)
            return (yield from read_once(second))

    ours, theirs = pair
    theirs.send(b"first")
    with Scheduler(1) as scheduler:
        assert scheduler.submit(changing(ours)).result(LONG) == b"second"


# The end, and cancelling


def running_and_queued(scheduler: Scheduler, connection: socket.socket) -> tuple[Future[None], Future[bytes]]:
    """Submit two tasks to a scheduler with room for one; the first of them runs."""
    gauge = Gauge(signal_at=1)
    running, queued = scheduler.submit(gauge.task(connection)), scheduler.submit(read_once(connection))
    assert gauge.reached.wait(LONG)
    return running, queued


def test_at_the_end_running_tasks_are_hurried_and_queued_ones_cancelled(pair: Sockets) -> None:
    with Scheduler(1) as scheduler:
        running, queued = running_and_queued(scheduler, pair[0])
    assert running.result(0) is None
    assert queued.cancelled()
    both: tuple[Future[Any], ...] = (running, queued)
    assert wait(both, LONG).not_done == set()


def test_after_the_end_a_task_is_cancelled_at_once() -> None:
    with Scheduler(1) as scheduler:
        pass
    future = scheduler.submit(pass_time(0))
    assert future.cancelled()
    assert wait((future,), LONG).not_done == set()


def test_only_a_task_in_the_queue_can_be_cancelled(pair: Sockets) -> None:
    ours, theirs = pair
    with Scheduler(1) as scheduler:
        running, queued = running_and_queued(scheduler, ours)
        assert (running.cancel(), queued.cancel()) == (False, True)
        theirs.send(b"hello")
        assert running.result(LONG) is None
        assert scheduler.submit(pass_time(0)).result(LONG) == 0
    assert queued.cancelled()


# Without a scheduler


def test_one_task_is_driven_to_its_result(pair: Sockets) -> None:
    ours, theirs = pair
    theirs.send(b"hello")
    assert drive(read_once(ours)) == b"hello"
    assert drive(read_once(ours, seconds=0.01)) == b"nothing"


@pytest.mark.parametrize("outcome", ["done", "called off"])
def test_another_threads_work_is_waited_for_until_it_is_done_or_called_off(outcome: str) -> None:
    called_off = threading.Event()
    with Scheduler(1, 1) as scheduler:
        work = scheduler.submit(pass_time(LONG if outcome == "called off" else 0))
        waiting = scheduler.submit(wait_until_done(work, called_off), group=1)
        if outcome == "called off":
            called_off.set()
        waiting.result(LONG)
        assert work.done() == (outcome == "done")
