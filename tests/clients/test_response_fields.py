"""What a response says of itself: its parts, its fields, and whether the connection persists."""

import pytest

from clients.reader import read_responses
from clients.response import Flaw, Framing, Response


def only(data: bytes, method: bytes = b"GET") -> Response:
    return read_responses(data, (method,), ended=True).responses[0]


def with_fields(*lines: bytes, version: bytes = b"HTTP/1.1") -> Response:
    return only(b"\r\n".join((version + b" 200 OK", b"Content-Length: 0", *lines, b"", b"")))


def test_the_parts_of_a_head_are_as_sent() -> None:
    response = only(b"HTTP/1.0 404  Not  Found \r\nX-Name:\t a b \r\nX-NAME:c\r\n\r\ngone")
    assert (response.version, response.status, response.reason) == (b"HTTP/1.0", 404, b"Not  Found ")
    assert response.fields == ((b"X-Name", b"a b"), (b"X-NAME", b"c"))
    assert response.trailers == ()


def test_offsets_count_from_the_beginning_of_the_bytes() -> None:
    data = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
    reading = read_responses(data + b"rest", (), ended=False)
    assert [(each.start, each.end) for each in reading.responses] == [(0, 25), (25, len(data))]


def test_reading_may_begin_anywhere() -> None:
    data = b"before HTTP/1.1 204 No Content\r\n\r\n"
    reading = read_responses(data, (), ended=False, start=7)
    assert [(each.start, each.end) for each in reading.responses] == [(7, len(data))]


def test_empty_lines_belong_to_the_response_after_them() -> None:
    response = only(b"\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
    assert (response.start, response.status) == (0, 204)


def test_a_folded_value_is_joined_with_a_space() -> None:
    assert with_fields(b"A: one", b"\t two ", b"  three").values(b"a") == (b"one two three",)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((b"A:", b" one"), id="nothing-before-the-fold"),
        pytest.param((b"A: one", b"  "), id="nothing-after-the-fold"),
    ],
)
def test_a_folded_value_has_no_white_space_around_it(lines: tuple[bytes, ...]) -> None:
    assert with_fields(*lines).values(b"A") == (b"one",)


def test_a_folded_line_without_a_field_before_it_is_dropped() -> None:
    response = only(b"HTTP/1.1 204 No Content\r\n odd\r\nA: b\r\n\r\n")
    assert response.fields == ((b"A", b"b"),)


def test_a_line_without_a_colon_is_not_a_field() -> None:
    assert with_fields(b"odd").fields == ((b"Content-Length", b"0"),)


def test_white_space_before_the_colon_is_not_part_of_the_name() -> None:
    assert with_fields(b"A : b").values(b"a") == (b"b",)


def test_a_flaw_that_occurs_twice_is_reported_once() -> None:
    assert with_fields(b"odd", b"odd").flaws == (Flaw.FIELD_NAME,)


def test_values_come_from_all_lines_and_the_case_of_names_does_not_matter() -> None:
    assert with_fields(b"Vary: a, b", b"vary: C", b"X: y").values(b"VARY") == (b"a, b", b"C")


def test_members_are_taken_from_all_lines_in_lower_case_without_empty_ones() -> None:
    assert with_fields(b"Vary: A,, b ,", b"vary:", b"vary:\tC").members(b"Vary") == (b"a", b"b", b"c")


def test_a_field_that_is_absent_has_no_values_and_no_members() -> None:
    response = with_fields()
    assert (response.values(b"vary"), response.members(b"vary")) == ((), ())


def test_trailers_are_not_among_the_fields() -> None:
    response = only(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nDigest: \tx \r\nB:c\r\n\r\n")
    assert response.trailers == ((b"Digest", b"x"), (b"B", b"c"))
    assert response.fields == ((b"Transfer-Encoding", b"chunked"),)


def test_a_broken_chunk_takes_all_that_follows_and_never_completes() -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\noops\r\nHTTP/1.1 200 OK\r\n\r\n"
    reading = read_responses(data, (), ended=True)
    assert [(each.complete, each.end, each.content) for each in reading.responses] == [
        (False, len(data), b"hi")
    ]
    assert reading.responses[0].flaws == (Flaw.CHUNK,)


@pytest.mark.parametrize(
    ("response", "persists"),
    [
        pytest.param(with_fields(), True, id="1.1"),
        pytest.param(with_fields(b"Connection: close"), False, id="1.1-close"),
        pytest.param(with_fields(b"Connection: upgrade, CLOSE"), False, id="1.1-close-in-a-list"),
        pytest.param(with_fields(b"Connection: closed"), True, id="1.1-another-word"),
        pytest.param(with_fields(version=b"HTTP/1.0"), False, id="1.0"),
        pytest.param(with_fields(b"Connection: Keep-Alive", version=b"HTTP/1.0"), True, id="1.0-keep-alive"),
        pytest.param(
            with_fields(b"Connection: keep-alive, close", version=b"HTTP/1.0"), False, id="1.0-both-words"
        ),
        pytest.param(only(b"HTTP/1.1 200 OK\r\n\r\n"), False, id="close-delimited"),
        pytest.param(only(b"HTTP/1.1 204 No Content\r\n\r\n"), True, id="204"),
    ],
)
def test_whether_the_connection_persists(response: Response, persists: bool) -> None:
    assert response.persists is persists


@pytest.mark.parametrize(
    ("status", "interim"), [(99, False), (100, True), (101, False), (102, True), (199, True), (200, False)]
)
def test_interim_responses_are_1xx_except_101(status: int, interim: bool) -> None:
    assert only(b"HTTP/1.1 %03d Odd\r\n\r\n" % status).interim is interim


def test_the_finals_of_a_reading_are_complete_or_not() -> None:
    data = b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
    finals = read_responses(data, (), ended=False).finals
    assert [(each.status, each.complete) for each in finals] == [(204, True), (200, False)]


def test_after_the_last_known_method_get_is_assumed() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
    reading = read_responses(head + head + b"a", (b"HEAD",), ended=False)
    assert [each.framing for each in reading.responses] == [Framing.NONE, Framing.LENGTH]
