"""What the operating system does for a connection (TCP or Unix socket) beyond sending and receiving.

It connects, aborts, and says what has arrived. Nothing is known here of what a connection carries.
"""

import errno
import fcntl
import os
import select
import socket
import struct
import termios
from functools import lru_cache
from typing import Any

from clients.waits import Wait, Waits, drive

_INTEGER = struct.Struct("i")


# The host and the port of a TCP server, or the path of a Unix socket.
Address = tuple[str, int] | str


def connect(address: Address, seconds: float) -> socket.socket:
    """Connect as `connecting` does, and do the waiting in this thread."""
    return drive(connecting(address, seconds))


def connecting(address: Address, seconds: float) -> Waits[socket.socket]:
    """Connect to the first address that accepts, and give each one `seconds` to do so.

    The connection never blocks, and each send goes out at once, as a segment of its own.
    Raises OSError when no connection could be made.
    """
    failure = OSError("it has no address")
    for family, place in _places(address):
        connection = socket.socket(family)
        try:
            connection.setblocking(False)
            yield from _connect(connection, place, seconds)
            if family != socket.AF_UNIX:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise failure


@lru_cache
def _places(address: Address) -> tuple[tuple[int, Any], ...]:
    """Return the family and the socket address of each place that an address stands for.

    A name is looked up only once, because the lookup blocks. Raises OSError when there is no place.
    """
    if isinstance(address, str):
        return ((socket.AF_UNIX, address),)
    infos = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
    return tuple((family, place) for family, _, _, _, place in infos)


def _connect(connection: socket.socket, place: Any, seconds: float) -> Waits[None]:
    code = connection.connect_ex(place)
    if code == errno.EINPROGRESS:
        if not (yield Wait(seconds, connection, select.POLLOUT)):
            raise TimeoutError("timed out")
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


def listens(address: Address, seconds: float = 1.0) -> bool:
    """Whether a connection can be made there within `seconds`. This thread waits for it."""
    try:
        connect(address, seconds).close()
    except OSError:
        return False
    return True


def abort(connection: socket.socket) -> None:
    """Close the connection with RST instead of FIN. A Unix socket knows no such difference."""
    # Lingering for zero seconds makes close() abort the connection.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def arrived(connection: socket.socket) -> bool:
    """Whether the peer has acknowledged everything that was sent; True where the system cannot tell."""
    try:
        waiting = fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(_INTEGER.size))
    except OSError:
        return True
    return not _INTEGER.unpack(waiting)[0]
