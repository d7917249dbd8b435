"""Incoming responses: what a driver learns of them when they come in pieces."""

import pytest

from clients.incoming import Incoming
from clients.steps import Await

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast"
OF_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


def incoming_of(*pieces: bytes, methods: tuple[bytes, ...] = ()) -> Incoming:
    incoming = Incoming(methods)
    for piece in pieces:
        incoming.take(piece)
    return incoming


def test_a_final_response_counts_when_its_last_byte_is_there() -> None:
    incoming = incoming_of(CONTINUE, OK, OK[:-1])
    assert incoming.finals == 1
    incoming.take(OK[-1:])
    assert incoming.finals == 2
    assert incoming.size == len(CONTINUE + OK + OK)


def test_each_response_is_delimited_by_the_method_of_its_request() -> None:
    assert incoming_of(OF_HEAD + OK, methods=(b"HEAD", b"GET")).finals == 2
    assert incoming_of(OF_HEAD, OK[:-1], methods=(b"HEAD", b"GET")).finals == 1


def test_a_connection_persists_as_the_last_final_response_says() -> None:
    assert not incoming_of().persists
    assert not incoming_of(CONTINUE).persists
    assert incoming_of(OK).persists
    assert not incoming_of(OK, LAST).persists


def test_an_awaited_response_is_consumed_once() -> None:
    incoming = incoming_of(OK + OK)
    assert [incoming.consume(Await.RESPONSE) for _ in range(3)] == [True, True, False]


def test_an_interim_response_is_consumed_before_the_final_one() -> None:
    incoming = incoming_of(CONTINUE + OK)
    awaits = (Await.INTERIM, Await.RESPONSE, Await.INTERIM)
    assert [incoming.consume(awaited) for awaited in awaits] == [True, True, False]


def test_a_final_response_instead_of_an_interim_one_can_still_be_awaited() -> None:
    incoming = incoming_of(OK)
    awaits = (Await.INTERIM, Await.RESPONSE, Await.RESPONSE)
    assert [incoming.consume(awaited) for awaited in awaits] == [True, True, False]


def test_only_an_incomplete_response_is_kept() -> None:
    incoming = incoming_of(CONTINUE + OK, OK[:-1])
    assert (incoming.responses, incoming.unfinished) == (2, len(OK) - 1)
    assert incoming.size == len(CONTINUE + OK + OK) - 1
    incoming.take(OK[-1:])
    assert (incoming.responses, incoming.unfinished) == (3, 0)


@pytest.mark.parametrize(
    "data",
    [
        CONTINUE + OK + LAST,
        OK.replace(b"\r\n", b"\n"),
        b"\r\n\n" + OK + b"\r\n" + LAST,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\nA: b\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + OK,
        b"no HTTP\r\n\r\n" + OK,
    ],
)
def test_pieces_are_read_as_the_whole_wherever_they_are_cut(data: bytes) -> None:
    def counts(incoming: Incoming) -> tuple[int, int, int, bool]:
        return incoming.responses, incoming.finals, incoming.unfinished, incoming.persists

    whole = counts(incoming_of(data))
    assert counts(incoming_of(*(data[at : at + 1] for at in range(len(data))))) == whole
    assert all(counts(incoming_of(data[:cut], data[cut:])) == whole for cut in range(len(data)))


def test_of_content_no_more_is_kept_than_there_is_room_for_and_all_of_it_is_counted() -> None:
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + b"y" * 1000 + b"\r\n0\r\n\r\n"
    incoming = Incoming((), kept=160)
    for octet in large + chunked + OK:
        incoming.take(bytes((octet,)))
    reading = incoming.reading(ended=False)
    # No response takes more than half of what is left, so that there is room for those after it.
    assert [response.content for response in reading.responses] == [b"x" * 80, b"y" * 40, b"OK"]
    assert [response.length for response in reading.responses] == [1000, 1000, 2]
    assert [response.end for response in reading.responses][-1] == len(large + chunked + OK)


def test_of_what_belongs_to_no_response_no_more_is_kept_and_all_of_it_is_counted() -> None:
    incoming = Incoming((), kept=100)
    incoming.take(OK + b"no HTTP\r\n\r\n")
    incoming.take(b"x" * 1000)
    reading = incoming.reading(ended=False)
    assert reading.rest.startswith(b"no HTTP\r\n\r\nxx")
    assert len(reading.rest) <= 100
    assert len(reading.rest) + reading.cut == 1011


def test_an_unfinished_head_is_held_until_it_is_complete() -> None:
    incoming = incoming_of(OK[:20])
    assert incoming.held == 20
    incoming.take(OK[20:])
    assert incoming.held == 0
