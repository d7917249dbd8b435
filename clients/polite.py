"""The well-behaved client: one request and its response through h11.

A second opinion on framing, and the way to use a server rather than to judge it. It refuses what h11 refuses
and says so; what a server does wrong is not examined further.
"""

import socket
from dataclasses import dataclass

import h11

from clients.endpoint import Endpoint
from clients.steps import Identity
from clients.tcp import connect
from clients.tls import Security


class Impolite(Exception):
    """The server gave no answer that a well-behaved client could take; the message says what came instead."""


@dataclass(frozen=True)
class Answer:
    """A complete response: its status, its fields with names in lower case, and its decoded content."""

    status: int
    fields: tuple[tuple[bytes, bytes], ...]
    content: bytes


def request(
    endpoint: Endpoint,
    method: bytes,
    target: bytes,
    fields: tuple[tuple[bytes, bytes], ...],
    content: bytes = b"",
    *,
    timeout: float = 5.0,
) -> Answer:
    """Send one request on a new connection and read the whole answer.

    fields: Host among them, and Content-Length where there is content. timeout: seconds for each wait.
    Raises Impolite when the connection fails, time runs out, or h11 cannot accept what came.
    """
    client = h11.Connection(h11.CLIENT)
    try:
        with (
            connect(endpoint.address, timeout) as plain,
            _secure(plain, endpoint.security, timeout) as connection,
        ):
            message = client.send(h11.Request(method=method, target=target, headers=list(fields))) or b""
            message += client.send(h11.Data(data=content)) or b""
            connection.sendall(message + (client.send(h11.EndOfMessage()) or b""))
            return _read_answer(client, connection)
    except (OSError, h11.ProtocolError) as error:
        raise Impolite(str(error)) from error


def _secure(plain: socket.socket, security: Security | None, timeout: float) -> socket.socket:
    plain.settimeout(timeout)
    if security is None:
        return plain
    return security.contexts[Identity.USUAL].wrap_socket(plain, server_hostname=security.server_name)


def _read_answer(client: h11.Connection, connection: socket.socket) -> Answer:
    head: h11.Response | None = None
    content = bytearray()
    while True:
        event = client.next_event()
        if event is h11.NEED_DATA:
            data = connection.recv(65536)
            if not data and head is None:
                raise Impolite("the server closed the connection without an answer")
            client.receive_data(data)
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            content += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return Answer(head.status_code, tuple(head.headers), bytes(content))
        elif event is h11.PAUSED:
            raise Impolite("the server went on in another protocol")
