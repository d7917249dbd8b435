"""The driver when it sends in pieces: each goes by itself, when the one before it has arrived."""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from clients.delivery import MOST_CUTS, Delivery, by_byte, by_line
from clients.driver import Playing
from clients.endpoint import Endpoint
from clients.raw import Conversation, Patience, play
from clients.steps import SEGMENT, Await
from clients.tcp import arrived
from clients.tls import Security
from clients.transcript import Ending, Kind
from clients.waits import drive

Serve = Callable[..., Endpoint]
Heard = Callable[[], list[bytes]]

PATIENT = Patience(quiet=5, silence=10, whole=20)

REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
FOLLOW_UP = b"GET /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast"
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(10)
    with ours, theirs:
        yield ours, theirs


def connected(connection: socket.socket, delivery: Delivery) -> Playing:
    conversation = Conversation((REQUEST,), delivery=delivery)
    playing = Playing(Endpoint("", 0), conversation, PATIENT, threading.Event())
    playing._connection = connection
    return playing


def send_failures(playing: Playing) -> list[str]:
    return [event.note for event in playing.transcript().events if event.kind is Kind.SEND_FAILED]


@pytest.mark.parametrize("delivery", [by_line, by_byte])
def test_a_piece_is_sent_when_the_one_before_it_has_arrived(
    delivery: Delivery, pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    heard: list[bytes] = []

    def arrives(_: socket.socket) -> bool:
        heard.append(theirs.recv(100))
        return True

    monkeypatch.setattr("clients.driver.arrived", arrives)
    drive(connected(ours, delivery)._perform(REQUEST))
    heard.append(theirs.recv(100))
    assert tuple(heard) == delivery(REQUEST)


def test_a_piece_that_never_arrives_is_not_waited_for_for_ever(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    monkeypatch.setattr("clients.driver.arrived", lambda _: False)
    drive(connected(ours, by_byte)._perform(REQUEST))
    assert theirs.recv(100) == REQUEST


def test_behind_a_failed_send_no_piece_is_tried(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    ours.shutdown(socket.SHUT_WR)
    playing = connected(ours, by_byte)
    drive(playing._perform(REQUEST))
    assert send_failures(playing) == ["Broken pipe"]


def test_behind_the_end_no_piece_is_tried(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    heard: list[bytes] = []

    def never_arrives(_: socket.socket) -> bool:
        if not heard:
            heard.append(theirs.recv(100))
            theirs.sendall(BAD_REQUEST)
            theirs.close()
        return False

    monkeypatch.setattr("clients.driver.arrived", never_arrives)
    playing = connected(ours, by_byte)
    drive(playing._perform(REQUEST))
    transcript = playing.transcript()
    assert (transcript.ending, transcript.received) == (Ending.FIN, BAD_REQUEST)
    assert send_failures(playing) == []
    assert not playing._unsent


# Over a connection


def test_a_write_in_pieces_is_one_event_that_says_so(serve: Serve, heard: Heard) -> None:
    endpoint = serve((len(REQUEST), OK, "request", LAST))
    transcript = play(endpoint, Conversation((REQUEST,), follow_up=FOLLOW_UP, delivery=by_byte), PATIENT)
    written = [event for event in transcript.events if event.kind in (Kind.SENT, Kind.FOLLOWED_UP)]
    assert [(event.data, event.note) for event in written] == [
        (REQUEST, f"in {len(REQUEST)} pieces"),
        (FOLLOW_UP, ""),
    ]
    assert heard() == [REQUEST + FOLLOW_UP]


def test_each_write_is_cut_by_itself_and_the_steps_between_stay(serve: Serve, heard: Heard) -> None:
    steps = (REQUEST, Await.RESPONSE, REQUEST)
    endpoint = serve((len(REQUEST), OK, len(REQUEST), LAST))
    transcript = play(endpoint, Conversation(steps, answers=2, delivery=by_line), PATIENT)
    assert [event.note for event in transcript.events if event.kind is Kind.SENT] == ["in 5 pieces"] * 2
    assert transcript.received == OK + LAST
    assert heard() == [REQUEST * 2]


def test_behind_so_many_pieces_of_a_conversation_each_write_is_whole(serve: Serve, heard: Heard) -> None:
    many = b"a" * (MOST_CUTS - 9)
    endpoint = serve((len(many + 2 * REQUEST), OK, LAST))
    steps = (many, SEGMENT, REQUEST, SEGMENT, REQUEST)
    transcript = play(endpoint, Conversation(steps, delivery=by_byte), PATIENT)
    notes = [event.note for event in transcript.events if event.kind is Kind.SENT]
    assert notes == [f"in {len(many)} pieces", "in 10 pieces", ""]
    assert heard() == [many + 2 * REQUEST]


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


# What has arrived


def test_what_is_acknowledged_has_arrived() -> None:
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


def test_what_waits_for_its_reader_has_not_arrived(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.send(b"a")
    assert not arrived(ours)
    theirs.recv(1)
    assert arrived(ours)


def test_where_the_system_does_not_tell_nothing_is_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert arrived(listener)
