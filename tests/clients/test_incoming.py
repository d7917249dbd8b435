"""The inbox: what a driver is told of responses that come in pieces."""

import pytest

from clients.incoming import Inbox
from clients.steps import Await

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast"
OF_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


def holding(*pieces: bytes, methods: tuple[bytes, ...] = ()) -> Inbox:
    inbox = Inbox(methods)
    for piece in pieces:
        inbox.take(piece)
    return inbox


def test_a_final_response_counts_when_its_last_byte_is_there() -> None:
    inbox = holding(CONTINUE, OK, OK[:-1])
    assert inbox.finals == 1
    inbox.take(OK[-1:])
    assert inbox.finals == 2
    assert inbox.size == len(CONTINUE + OK + OK)


def test_each_response_is_delimited_by_the_method_of_its_request() -> None:
    assert holding(OF_HEAD + OK, methods=(b"HEAD", b"GET")).finals == 2
    assert holding(OF_HEAD, OK[:-1], methods=(b"HEAD", b"GET")).finals == 1


def test_a_connection_persists_as_the_last_final_response_says() -> None:
    assert not holding().persists
    assert not holding(CONTINUE).persists
    assert holding(OK).persists
    assert not holding(OK, LAST).persists


def test_an_awaited_response_is_heeded_once() -> None:
    inbox = holding(OK + OK)
    assert [inbox.heed(Await.RESPONSE) for _ in range(3)] == [True, True, False]


def test_an_interim_response_is_heeded_before_the_final_one() -> None:
    inbox = holding(CONTINUE + OK)
    assert [inbox.heed(Await.INTERIM), inbox.heed(Await.RESPONSE), inbox.heed(Await.INTERIM)] == [
        True,
        True,
        False,
    ]


def test_a_final_response_in_the_place_of_an_interim_one_is_still_to_be_awaited() -> None:
    inbox = holding(OK)
    assert [inbox.heed(Await.INTERIM), inbox.heed(Await.RESPONSE), inbox.heed(Await.RESPONSE)] == [
        True,
        True,
        False,
    ]


def test_only_what_is_not_complete_is_kept() -> None:
    inbox = holding(CONTINUE + OK, OK[:-1])
    assert (inbox.responses, inbox.unfinished, inbox.size) == (2, len(OK) - 1, len(CONTINUE + OK + OK) - 1)
    inbox.take(OK[-1:])
    assert (inbox.responses, inbox.unfinished) == (3, 0)


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
def test_any_cut_is_read_alike(data: bytes) -> None:
    def said(inbox: Inbox) -> tuple[int, int, int, bool]:
        return inbox.responses, inbox.finals, inbox.unfinished, inbox.persists

    whole = said(holding(data))
    assert said(holding(*(data[at : at + 1] for at in range(len(data))))) == whole
    assert all(said(holding(data[:cut], data[cut:])) == whole for cut in range(len(data)))
