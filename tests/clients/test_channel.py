"""A channel by itself: what waits to be sent, what a socket may do, and pieces that arrive one by one."""

import select
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from clients.channel import SYSTEM, Channel, System
from clients.conversation import Conversation, Patience
from clients.delivery import Delivery, by_byte, by_line
from clients.endpoint import Endpoint
from clients.limits import LIMITS, Turn
from clients.log import Log
from clients.transcript import Ending, Kind
from clients.waits import Wait, Waits, drive

PATIENT = Patience(quiet=5, silence=10, whole=20)

REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"

# More than the buffers of a pair of sockets hold.
MANY = 7_000_000

Sockets = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Sockets]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(10)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def log() -> Log:
    return Log(SYSTEM.clock, LIMITS.kept, LIMITS.events)


def channel_over(
    connection: socket.socket, log: Log, has_arrived: Callable[[socket.socket], bool] = SYSTEM.has_arrived
) -> Channel:
    """A channel that has made this connection."""

    def connect(*_: object) -> Waits[socket.socket]:
        yield Wait(0)
        return connection

    system = System(connect, has_arrived)
    channel = Channel(
        Endpoint("", 0), Conversation(()), PATIENT, threading.Event(), log=log, turn=Turn(None), system=system
    )
    drive(channel.connect())
    return channel


def kinds(log: Log) -> list[Kind]:
    return [event.kind for event in log.events]


def send_failures(log: Log) -> list[str]:
    return [event.note for event in log.events if event.kind is Kind.SEND_FAILED]


# What a socket may do


def test_a_write_goes_after_what_is_still_unsent(pair: Sockets, log: Log) -> None:
    ours, theirs = pair
    channel = channel_over(ours, log)
    channel._queue(b"records of TLS itself, ")
    drive(channel.write((b"and a request",)))
    assert theirs.recv(100) == b"records of TLS itself, and a request"


def test_a_read_that_would_block_changes_nothing(pair: Sockets, log: Log) -> None:
    channel = channel_over(pair[0], log)
    channel._read(pair[0])
    assert (kinds(log), channel.ending) == ([Kind.CONNECTED], None)


def test_a_send_that_would_block_keeps_what_is_unsent(pair: Sockets, log: Log) -> None:
    ours, _ = pair
    channel = channel_over(ours, log)
    channel._queue(b"a" * MANY)
    channel._send(ours)
    left = bytes(channel._unsent)
    while select.select([], [ours], [], 0)[1]:
        channel._send(ours)
        left = bytes(channel._unsent)
    channel._send(ours)
    assert channel._unsent == left
    assert 0 < len(left) < MANY
    assert (kinds(log), channel.ending) == ([Kind.CONNECTED], None)


def test_any_other_failure_to_read_is_a_reset_with_its_reason(log: Log) -> None:
    closed = socket.socket()
    closed.close()
    channel = channel_over(closed, log)
    channel._read(closed)
    assert (channel.ending, channel.note) == (Ending.RESET, "Bad file descriptor")


# Pieces


@pytest.mark.parametrize("delivery", [by_line, by_byte])
def test_a_piece_is_sent_when_the_one_before_it_has_arrived(
    delivery: Delivery, pair: Sockets, log: Log
) -> None:
    ours, theirs = pair
    heard: list[bytes] = []

    def arrives(_: socket.socket) -> bool:
        heard.append(theirs.recv(100))
        return True

    drive(channel_over(ours, log, arrives).write(delivery(REQUEST)))
    heard.append(theirs.recv(100))
    assert tuple(heard) == delivery(REQUEST)


def test_a_piece_that_never_arrives_is_not_waited_for_for_ever(pair: Sockets, log: Log) -> None:
    ours, theirs = pair
    drive(channel_over(ours, log, lambda _: False).write(by_byte(REQUEST)))
    assert theirs.recv(100) == REQUEST


def test_after_a_failed_send_no_piece_is_tried(pair: Sockets, log: Log) -> None:
    ours, _ = pair
    ours.shutdown(socket.SHUT_WR)
    drive(channel_over(ours, log).write(by_byte(REQUEST)))
    assert send_failures(log) == ["Broken pipe"]


def test_after_the_end_no_piece_is_tried(pair: Sockets, log: Log) -> None:
    ours, theirs = pair
    heard: list[bytes] = []

    def never_arrives(_: socket.socket) -> bool:
        if not heard:
            heard.append(theirs.recv(100))
            theirs.sendall(BAD_REQUEST)
            theirs.close()
        return False

    channel = channel_over(ours, log, never_arrives)
    drive(channel.write(by_byte(REQUEST)))
    assert (channel.ending, log.events[-1].data) == (Ending.FIN, BAD_REQUEST)
    assert send_failures(log) == []
    assert not channel._unsent
