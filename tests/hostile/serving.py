"""Serves a behaviour on loopback, to whoever connects or only to who does not ask plainly.

A server that is bad from the first request on can never be tested. One that answers GET as a server with a
witness should, and is bad to everything else, is found out only by a run.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.conformance.scripted_server import Peer, by_request, witnessing
from tests.hostile.behaviours import Behaviour

# No client stays for so long; it only keeps a mistake from hanging the tests.
_AT_MOST = 60.0


def only_to_odd_requests(behave: Behaviour) -> Behaviour:
    """Answer as a server with a witness does where the first request is a GET; misbehave elsewhere."""
    answer = by_request(witnessing())

    def choose(connection: socket.socket) -> None:
        if connection.recv(4, socket.MSG_PEEK) == b"GET ":
            answer(Peer(connection, []))
        else:
            behave(connection)

    return choose


@contextmanager
def serving(behave: Behaviour) -> Iterator[int]:
    """Serve until the block ends; gives the port."""
    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:

        def handle(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.settimeout(_AT_MOST)
                behave(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    connections.append(connection)
                    threads.append(threading.Thread(target=handle, args=(connection,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listening.getsockname()[1]
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
