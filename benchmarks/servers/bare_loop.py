"""The most that CPython can do: an epoll loop that counts empty lines and answers without parsing."""

import select
import socket
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\nYou requested /hello\n"


def serve(port: int) -> None:
    """Answer for ever."""
    listening = socket.create_server(("127.0.0.1", port), backlog=128)
    poller = select.epoll()
    poller.register(listening, select.EPOLLIN)
    connections: dict[int, socket.socket] = {}
    while True:
        for descriptor, _ in poller.poll():
            if descriptor == listening.fileno():
                connection, _ = listening.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[connection.fileno()] = connection
                poller.register(connection, select.EPOLLIN)
                continue
            connection = connections[descriptor]
            try:
                data = connection.recv(65536)
                connection.send(ANSWER * data.count(b"\r\n\r\n"))
            except ConnectionError:
                data = b""
            if not data:
                connections.pop(descriptor).close()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
