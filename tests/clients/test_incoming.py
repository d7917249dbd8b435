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
