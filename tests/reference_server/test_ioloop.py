"""The loop: descriptors, callbacks, timeouts."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from reference_server.ioloop import IOLoop, PollPoller


@pytest.fixture
def loop() -> Iterator[IOLoop]:
    loop = IOLoop()
    yield loop
    loop.close()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read_end, write_end = os.pipe()
    yield read_end, write_end
    for end in (read_end, write_end):
        os.close(end)


def test_there_is_one_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    """DOC-IO-1."""
    monkeypatch.setattr(IOLoop, "_instance", None)
    assert not IOLoop.initialized()
    assert IOLoop.instance() is IOLoop.instance()
    assert IOLoop.initialized()
    IOLoop.instance().close()


def test_handlers_come_and_change_and_go(loop: IOLoop, pipe: tuple[int, int]) -> None:
    """DOC-IO-1."""
    read_end, write_end = pipe
    seen: list[str] = []

    def readable(fd: int, events: int) -> None:
        assert events & loop.READ
        seen.append(os.read(fd, 1).decode())
        loop.remove_handler(fd)
        loop.add_handler(write_end, writable, 0)
        loop.update_handler(write_end, loop.WRITE)

    def writable(fd: int, events: int) -> None:
        assert events & loop.WRITE
        seen.append("writable")
        loop.remove_handler(fd)
        loop.remove_handler(fd)
        loop.stop()

    loop.add_handler(read_end, readable, loop.READ)
    os.write(write_end, b"ab")
    loop.start()
    assert seen == ["a", "writable"]


def test_a_hang_up_is_reported_unasked(loop: IOLoop) -> None:
    """DOC-IO-1."""
    read_end, write_end = os.pipe()
    seen: list[int] = []

    def handler(fd: int, events: int) -> None:
        seen.append(events)
        loop.remove_handler(fd)
        loop.stop()

    loop.add_handler(read_end, handler, 0)
    os.close(write_end)
    loop.start()
    os.close(read_end)
    assert seen[0] & loop.ERROR


def test_an_exception_in_a_handler_is_logged_and_the_loop_goes_on(
    loop: IOLoop, pipe: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-IO-1."""
    read_end, write_end = pipe

    def handler(fd: int, _events: int) -> None:
        loop.remove_handler(fd)
        loop.add_callback(broken)
        raise ValueError("in the handler")

    def broken() -> None:
        loop.add_callback(loop.stop)
        raise ValueError("in the callback")

    loop.add_handler(read_end, handler, loop.READ)
    os.write(write_end, b"a")
    loop.start()
    assert "in the handler" in caplog.text
    assert "in the callback" in caplog.text


def test_timeouts_come_in_order_and_can_be_removed(loop: IOLoop) -> None:
    """DOC-IO-1."""
    seen: list[str] = []
    loop.add_timeout(timedelta(milliseconds=2), lambda: (seen.append("second"), loop.stop())[1])  # type: ignore[func-returns-value]
    loop.add_timeout(time.time() - 1, lambda: seen.append("first"))
    loop.remove_timeout(loop.add_timeout(time.time() - 1, lambda: seen.append("never")))
    loop.start()
    assert seen == ["first", "second"]


def test_a_callback_from_another_thread_wakes_the_loop(loop: IOLoop) -> None:
    """DOC-IO-1."""
    other = threading.Thread(target=lambda: loop.add_callback(loop.stop))
    other.start()
    loop.start()
    other.join(10)
    assert not loop.running()


def test_many_callbacks_do_not_fill_the_pipe_for_good(loop: IOLoop) -> None:
    """DOC-IO-1."""
    seen: list[int] = []
    for number in range(70_000):
        loop.add_callback(lambda number=number: seen.append(number))  # type: ignore[misc]
    loop.add_callback(loop.stop)
    loop.start()
    assert seen == list(range(70_000))


def test_what_a_callback_adds_waits_for_the_next_round(loop: IOLoop) -> None:
    """DOC-IO-1: so that callbacks cannot starve descriptors."""
    seen: list[str] = []
    loop.add_callback(lambda: loop.add_callback(lambda: seen.append("later")))
    loop.add_callback(loop.stop)
    loop.start()
    assert seen == []


def test_stop_before_start(loop: IOLoop) -> None:
    """DOC-IO-1."""
    loop.stop()
    loop.start()


def test_poll_does_what_epoll_does(pipe: tuple[int, int]) -> None:
    read_end, write_end = pipe
    poller = PollPoller()
    poller.register(read_end, IOLoop.READ)
    assert poller.poll(0, 16) == []
    os.write(write_end, b"a")
    assert poller.poll(1.0, 16) == [(read_end, IOLoop.READ)]
    poller.modify(read_end, 0)
    assert poller.poll(0, 16) == []
    poller.unregister(read_end)
    poller.close()


def test_what_comes_last_in_a_round(loop: IOLoop) -> None:
    """After all callbacks; and the loop does not sleep before it."""
    seen: list[str] = []

    def last() -> None:
        seen.append("last")
        loop.add_callback(loop.stop)

    loop.add_callback(lambda: loop.add_last(last))
    loop.add_callback(lambda: seen.append("callback"))
    loop.start()
    loop.call_later(10, lambda: seen.append("late"))
    loop.add_last(lambda: seen.append("before the start"))
    loop.add_last(loop.stop)
    loop.start()
    assert seen == ["callback", "last", "before the start"]


def test_a_round_is_short(loop: IOLoop) -> None:
    """What is done last does not wait for everybody."""
    seen: list[str] = []
    pipes = [os.pipe() for _ in range(100)]

    def readable(fd: int, _events: int) -> None:
        seen.append("readable")
        loop.remove_handler(fd)
        if len(seen) == 1:
            loop.add_last(lambda: seen.append("last"))
            loop.add_last(loop.stop)

    for read_end, write_end in pipes:
        loop.add_handler(read_end, readable, IOLoop.READ)
        os.write(write_end, b"a")
    loop.start()
    for descriptor in (end for pair in pipes for end in pair):
        loop.remove_handler(descriptor)
        os.close(descriptor)
    assert seen.index("last") < len(pipes)
