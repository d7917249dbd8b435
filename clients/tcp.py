"""What the driver asks of a connection, of TCP or of a Unix socket, beyond sending and receiving.

Each is a question or an order to the operating system; nothing is known of what the connection carries.
"""

import fcntl
import socket
import struct
import termios

_INTEGER = struct.Struct("i")


# The host and the port of a TCP server, or the path of a Unix socket.
Address = tuple[str, int] | str


def connect(address: Address, seconds: float) -> socket.socket:
    """Connect, within so many seconds. What is sent goes out at once and for itself; nothing blocks.

    Raises OSError when no connection could be made.
    """
    if isinstance(address, str):
        connection = _connect_locally(address, seconds)
    else:
        connection = socket.create_connection(address, timeout=seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    return connection


def _connect_locally(path: str, seconds: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(seconds)
        connection.connect(path)
    except BaseException:
        connection.close()
        raise
    return connection


def listens(address: Address, seconds: float = 1.0) -> bool:
    """Whether a connection can be made there, within so many seconds."""
    try:
        connect(address, seconds).close()
    except OSError:
        return False
    return True


def abort(connection: socket.socket) -> None:
    """Close with RST in place of FIN; a Unix socket knows no such difference."""
    # Lingering for zero seconds makes close() abort the connection.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def arrived(connection: socket.socket) -> bool:
    """Whether the peer has acknowledged all that was sent; True as well where the system does not tell."""
    try:
        waiting = fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(_INTEGER.size))
    except OSError:
        return True
    return not _INTEGER.unpack(waiting)[0]
