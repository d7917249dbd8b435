"""The driver when it sends in pieces: how writes are cut, and what the transcript says of it."""

import socket
import ssl
import threading
from collections.abc import Callable

from clients.conversation import Conversation, Patience
from clients.delivery import MOST_CUTS, by_byte, by_line
from clients.driver import play
from clients.endpoint import Endpoint
from clients.steps import SEGMENT, Await
from clients.tls import Security
from clients.transcript import Kind

Serve = Callable[..., Endpoint]
Received = Callable[[], list[bytes]]

PATIENT = Patience(quiet=5, silence=10, whole=20)

REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
FOLLOW_UP = b"GET /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast"


def test_a_write_in_pieces_is_one_event_that_says_so(serve: Serve, received: Received) -> None:
    endpoint = serve((len(REQUEST), OK, "request", LAST))
    transcript = play(endpoint, Conversation((REQUEST,), follow_up=FOLLOW_UP, delivery=by_byte), PATIENT)
    written = [event for event in transcript.events if event.kind in (Kind.SENT, Kind.FOLLOWED_UP)]
    assert [(event.data, event.note) for event in written] == [
        (REQUEST, f"in {len(REQUEST)} pieces"),
        (FOLLOW_UP, ""),
    ]
    assert received() == [REQUEST + FOLLOW_UP]


def test_each_write_is_cut_by_itself_and_the_steps_between_stay(serve: Serve, received: Received) -> None:
    steps = (REQUEST, Await.RESPONSE, REQUEST)
    endpoint = serve((len(REQUEST), OK, len(REQUEST), LAST))
    transcript = play(endpoint, Conversation(steps, answers=2, delivery=by_line), PATIENT)
    assert [event.note for event in transcript.events if event.kind is Kind.SENT] == ["in 5 pieces"] * 2
    assert transcript.received == OK + LAST
    assert received() == [REQUEST * 2]


def test_after_the_most_cuts_of_a_conversation_each_write_is_whole(serve: Serve, received: Received) -> None:
    many = b"a" * (MOST_CUTS - 9)
    endpoint = serve((len(many + 2 * REQUEST), OK, LAST))
    steps = (many, SEGMENT, REQUEST, SEGMENT, REQUEST)
    transcript = play(endpoint, Conversation(steps, delivery=by_byte), PATIENT)
    notes = [event.note for event in transcript.events if event.kind is Kind.SENT]
    assert notes == [f"in {len(many)} pieces", "in 10 pieces", ""]
    assert received() == [many + 2 * REQUEST]


def test_over_tls_each_piece_is_a_record_of_its_own(
    server_context: ssl.SSLContext, security: Security
) -> None:
    records: list[bytes] = []

    def serve_one() -> None:
        connection, _ = listener.accept()
        connection.settimeout(10)
        with server_context.wrap_socket(connection, server_side=True) as secured:
            while sum(map(len, records)) < len(REQUEST):
                records.append(secured.recv(65536))  # never more than one record
            secured.sendall(LAST)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve_one)
        serving.start()
        endpoint = Endpoint("127.0.0.1", listener.getsockname()[1], security)
        transcript = play(endpoint, Conversation((REQUEST,), delivery=by_line), PATIENT)
        serving.join(20)
    assert tuple(records) == by_line(REQUEST)
    assert transcript.received == LAST
