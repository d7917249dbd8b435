"""What has arrived: everything that the peer has acknowledged, as far as the system can tell."""

import select
import socket

import pytest

from clients.tcp import arrived


def test_acknowledged_bytes_have_arrived() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as ours,
        listener.accept()[0] as theirs,
    ):
        assert arrived(ours)
        ours.sendall(b"a")
        theirs.recv(1)
        for _ in range(1000):
            if arrived(ours):
                return
            select.select([ours], [], [], 0.01)  # an acknowledgement makes nothing ready
    pytest.fail("it never arrived")


def test_bytes_that_wait_for_their_reader_have_not_arrived() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.send(b"a")
        assert not arrived(ours)
        theirs.recv(1)
        assert arrived(ours)


def test_where_the_system_cannot_tell_everything_has_arrived() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert arrived(listener)
