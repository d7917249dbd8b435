"""The response reader on tables of bytes: each row read whole, cut everywhere, and with more after it."""

from typing import NamedTuple

import pytest

from clients.reader import read_responses
from clients.response import Flaw, Framing, Reading, Response

NONE, LENGTH, CHUNKED, CLOSE = Framing.NONE, Framing.LENGTH, Framing.CHUNKED, Framing.CLOSE

NEXT = b"HTTP/1.1 299 Next\r\nContent-Length: 4\r\n\r\nnext"


class Read(NamedTuple):
    """What a response should be read as."""

    status: int
    framing: Framing
    content: bytes = b""
    flaws: tuple[Flaw, ...] = ()


def head(*lines: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"".join(line + b"\r\n" for line in (status, *lines, b""))


CODED = b"Transfer-Encoding: chunked"

# Responses that delimit themselves: the bytes, the methods of the requests, and what should be read.
DELIMITED = [
    pytest.param(head(b"Content-Length: 2") + b"hi", (), [Read(200, LENGTH, b"hi")], id="length"),
    pytest.param(head(b"Content-Length: 0"), (), [Read(200, LENGTH)], id="length-zero"),
    pytest.param(head(b"content-length:002  ") + b"hi", (), [Read(200, LENGTH, b"hi")], id="leading-zeros"),
    pytest.param(
        head(b"Content-Length: 2, 2") + b"hi",
        (),
        [Read(200, LENGTH, b"hi", (Flaw.CONTENT_LENGTH,))],
        id="length-as-equal-list",
    ),
    pytest.param(
        head(b"Content-Length: 2", b"Content-Length: 2") + b"hi",
        (),
        [Read(200, LENGTH, b"hi", (Flaw.CONTENT_LENGTH,))],
        id="length-twice",
    ),
    pytest.param(head(b"Content-Length: 5"), (b"HEAD",), [Read(200, NONE)], id="head"),
    pytest.param(head(CODED), (b"HEAD",), [Read(200, NONE)], id="head-chunked"),
    pytest.param(head(), (b"HEAD",), [Read(200, NONE)], id="head-without-framing"),
    pytest.param(head(status=b"HTTP/1.1 204 No Content"), (), [Read(204, NONE)], id="204"),
    pytest.param(
        head(b"Content-Length: 0", status=b"HTTP/1.1 204 No Content"),
        (),
        [Read(204, NONE, b"", (Flaw.FRAMING_FORBIDDEN,))],
        id="204-with-length",
    ),
    pytest.param(
        head(b"Content-Length: 9", status=b"HTTP/1.1 304 Not Modified"), (), [Read(304, NONE)], id="304"
    ),
    pytest.param(
        head(b"Content-Length: 2", status=b"HTTP/1.1 099 Odd") + b"hi",
        (),
        [Read(99, LENGTH, b"hi")],
        id="status-below-100-is-not-1xx",
    ),
    pytest.param(
        head(status=b"HTTP/1.1 100 Continue")
        + head(status=b"HTTP/1.1 103 Early")
        + head(b"Content-Length: 0"),
        (),
        [Read(100, NONE), Read(103, NONE), Read(200, LENGTH)],
        id="1xx-before-the-final-one",
    ),
    pytest.param(
        head(status=b"HTTP/1.1 100 Continue") + head(b"Content-Length: 3") + head(b"Content-Length: 0"),
        (b"HEAD", b"GET"),
        [Read(100, NONE), Read(200, NONE), Read(200, LENGTH)],
        id="1xx-takes-no-method",
    ),
    pytest.param(
        head(CODED, status=b"HTTP/1.1 102 Processing") + head(b"Content-Length: 0"),
        (),
        [Read(102, NONE, b"", (Flaw.FRAMING_FORBIDDEN,)), Read(200, LENGTH)],
        id="1xx-with-coding",
    ),
    pytest.param(
        head(b"Content-Length: 1") + b"a" + head(CODED) + b"1\r\nb\r\n0\r\n\r\n",
        (),
        [Read(200, LENGTH, b"a"), Read(200, CHUNKED, b"b")],
        id="pipelined",
    ),
    pytest.param(head(CODED) + b"0\r\n\r\n", (), [Read(200, CHUNKED)], id="chunked-empty"),
    pytest.param(
        head(CODED) + b'2\r\nhi\r\nA;x="y z" ; v\r\n0123456789\r\n000;last\r\nT: 1\r\nU:2\r\n\r\n',
        (),
        [Read(200, CHUNKED, b"hi0123456789")],
        id="chunked-with-extensions-and-trailers",
    ),
    pytest.param(
        head(b"Transfer-Encoding: gzip", b"transfer-encoding: Chunked") + b"1\r\na\r\n0\r\n\r\n",
        (),
        [Read(200, CHUNKED, b"a")],
        id="chunked-last-of-two-lines",
    ),
    pytest.param(
        head(b"Transfer-Encoding: chunked, ,") + b"1\r\na\r\n0\r\n\r\n",
        (),
        [Read(200, CHUNKED, b"a")],
        id="chunked-before-empty-members",
    ),
    pytest.param(
        head(CODED, b"Content-Length: 3") + b"1\r\na\r\n0\r\n\r\n",
        (),
        [Read(200, CHUNKED, b"a", (Flaw.LENGTH_AND_CODING,))],
        id="length-and-coding",
    ),
    pytest.param(
        head(CODED) + b"0\r\nBad Name: 1\r\n\r\n",
        (),
        [Read(200, CHUNKED, b"", (Flaw.FIELD_NAME,))],
        id="bad-trailer",
    ),
    pytest.param(
        b"\r\n\n" + head(b"Content-Length: 0"),
        (),
        [Read(200, LENGTH, b"", (Flaw.EMPTY_LINE_FIRST,))],
        id="empty-lines-first",
    ),
    pytest.param(
        b"HTTP/1.1 200 OK\nContent-Length: 1\n\na",
        (),
        [Read(200, LENGTH, b"a", (Flaw.BARE_LF,))],
        id="bare-lf",
    ),
    pytest.param(
        head(b"Content-Length: 0", b"A: b\rc"),
        (),
        [Read(200, LENGTH, b"", (Flaw.BARE_CR, Flaw.FIELD_VALUE))],
        id="bare-cr",
    ),
    pytest.param(
        head(b" Content-Length: 5", b"Content-Length: 0"),
        (),
        [Read(200, LENGTH, b"", (Flaw.WHITESPACE_AFTER_STATUS_LINE, Flaw.FOLDED_LINE))],
        id="white-space-after-status-line",
    ),
    pytest.param(
        head(b"Content-Length:", b"\t3") + b"abc",
        (),
        [Read(200, LENGTH, b"abc", (Flaw.FOLDED_LINE,))],
        id="folded-length",
    ),
    pytest.param(
        head(b"A: b", b" c\x00", b"Content-Length: 0"),
        (),
        [Read(200, LENGTH, b"", (Flaw.FOLDED_LINE, Flaw.FIELD_VALUE))],
        id="control-in-folded-line",
    ),
    *(
        pytest.param(
            head(line, b"Content-Length: 0"),
            (),
            [Read(200, LENGTH, b"", (flaw,))],
            id=f"{flaw.name.lower()}-{number}",
        )
        for flaw, lines in {
            Flaw.FIELD_NAME: (b"no colon", b": no name", b"a name: b", b"A : b", b"\xe9: b", b"(A): b"),
            Flaw.FIELD_VALUE: (b"A: \x00", b"A: b\x7fc", b"A: \x1b[31m", b"A: \x0b"),
        }.items()
        for number, line in enumerate(lines)
    ),
    *(
        pytest.param(
            head(b"Content-Length: 0", status=line),
            (),
            [Read(200, LENGTH, b"", (Flaw.STATUS_LINE,))],
            id=f"status_line-{number}",
        )
        for number, line in enumerate(
            (
                b"HTTP/1.1 200",
                b"HTTP/1.1  200 OK",
                b"HTTP/1.1\t200 OK",
                b" HTTP/1.1 200 OK",
                b"HTTP/1.10 200 OK",
                b"HTTP/11.1 200 OK",
                b"HTTP/1.1 200\tOK",
                b"HTTP/1.1 200 O\x00K",
            )
        )
    ),
    *(
        pytest.param(head(b"Content-Length: 0", status=line), (), [Read(200, LENGTH)], id=name)
        for name, line in {
            "no-reason": b"HTTP/1.1 200 ",
            "reason-of-any-text": b"HTTP/1.1 200 Tr\xe8s bien\t!",
            "http-1.0": b"HTTP/1.0 200 OK",
        }.items()
    ),
]

# Responses that only the end of the connection delimits: the bytes, and what should be read at the end.
UNDELIMITED = [
    pytest.param(head() + b"to the end", Read(200, CLOSE, b"to the end"), id="no-framing"),
    pytest.param(
        head(b"Transfer-Encoding: gzip") + b"zip", Read(200, CLOSE, b"zip"), id="coding-not-chunked"
    ),
    pytest.param(
        head(b"Transfer-Encoding: chunked, gzip") + b"zip", Read(200, CLOSE, b"zip"), id="chunked-not-last"
    ),
]

# A Content-Length that makes no sense: nobody can know where the content ends.
SENSELESS_LENGTHS = (b"", b"+2", b"-2", b"2, 3", b"2,", b"0x2", b"1_0", b"2 2", b"\xb2", b"two", b"2.0")

# Bytes that are not a response, and in which no response can begin.
GARBAGE = [
    pytest.param(b"\x00\xff garbage \r\n\r\n", id="noise"),
    pytest.param(b"<html>no head</html>\r\n\r\n", id="a-page-without-head"),
    pytest.param(b"http/1.1 200 OK\r\n\r\n", id="lower-case-name"),
    pytest.param(b"HTTP/1 200 OK\r\n\r\n", id="version-without-dot"),
    pytest.param(b"HTTP/1.1 20 OK\r\n\r\n", id="two-digits"),
    pytest.param(b"HTTP/1.1 2000 OK\r\n\r\n", id="four-digits"),
    pytest.param(b"HTTP/1.1 200OK\r\n\r\n", id="no-space-before-reason"),
    pytest.param(b"\r\n\r\n\r\n", id="empty-lines"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", id="head-without-end"),
]


def summary(reading: Reading) -> list[Read]:
    return [Read(each.status, each.framing, each.content, each.flaws) for each in reading.responses]


def complete(reading: Reading) -> list[Response]:
    return [response for response in reading.responses if response.complete]


@pytest.mark.parametrize(("data", "methods", "expected"), DELIMITED)
def test_a_delimited_response_is_read_whole(
    data: bytes, methods: tuple[bytes, ...], expected: list[Read]
) -> None:
    reading = read_responses(data, methods, ended=False)
    assert summary(reading) == expected
    assert all(response.complete for response in reading.responses)
    assert reading.rest == b""


@pytest.mark.parametrize(("data", "methods", "expected"), DELIMITED)
def test_a_cut_response_is_complete_exactly_when_its_last_byte_is_there(
    data: bytes, methods: tuple[bytes, ...], expected: list[Read]
) -> None:
    whole = read_responses(data, methods, ended=False).responses
    assert len(whole) == len(expected)
    for cut in range(len(data)):
        for ended in (False, True):
            reading = read_responses(data[:cut], methods, ended=ended)
            assert complete(reading) == [response for response in whole if response.end <= cut]


@pytest.mark.parametrize(("data", "methods", "expected"), DELIMITED)
def test_a_response_does_not_take_what_follows(
    data: bytes, methods: tuple[bytes, ...], expected: list[Read]
) -> None:
    answered = (*methods, *(b"GET",) * len(expected))[
        : sum(not 100 <= read.status < 200 for read in expected)
    ]
    reading = read_responses(data + NEXT, answered, ended=False)
    assert summary(reading) == [*expected, Read(299, LENGTH, b"next")]


@pytest.mark.parametrize(("data", "expected"), UNDELIMITED)
def test_a_close_delimited_response_is_complete_at_an_orderly_end(data: bytes, expected: Read) -> None:
    reading = read_responses(data, (), ended=True)
    assert summary(reading) == [expected]
    assert reading.responses[0].complete


@pytest.mark.parametrize(("data", "expected"), UNDELIMITED)
def test_a_close_delimited_response_is_never_complete_before_the_end(data: bytes, expected: Read) -> None:
    assert summary(read_responses(data, (), ended=False)) == [expected]
    for cut in range(len(data) + 1):
        assert complete(read_responses(data[:cut], (), ended=False)) == []


@pytest.mark.parametrize(("data", "expected"), UNDELIMITED)
def test_a_close_delimited_response_takes_all_that_follows(data: bytes, expected: Read) -> None:
    reading = read_responses(data + NEXT, (), ended=True)
    assert summary(reading) == [expected._replace(content=expected.content + NEXT)]


@pytest.mark.parametrize("value", SENSELESS_LENGTHS)
def test_a_senseless_length_leaves_the_response_incomplete(value: bytes) -> None:
    reading = read_responses(head(b"Content-Length: " + value) + b"hi", (), ended=True)
    assert summary(reading) == [Read(200, CLOSE, b"hi", (Flaw.CONTENT_LENGTH,))]
    assert not reading.responses[0].complete


def test_two_lengths_that_differ_leave_the_response_incomplete() -> None:
    reading = read_responses(head(b"Content-Length: 1", b"Content-Length: 2") + b"hi", (), ended=True)
    assert summary(reading) == [Read(200, CLOSE, b"hi", (Flaw.CONTENT_LENGTH,))]
    assert not reading.responses[0].complete


@pytest.mark.parametrize("digits", [19, 30, 31, 5000])
def test_a_length_of_many_digits_is_never_reached(digits: int) -> None:
    reading = read_responses(head(b"Content-Length: " + b"9" * digits) + b"hi", (), ended=True)
    assert summary(reading) == [Read(200, LENGTH, b"hi")]
    assert not reading.responses[0].complete


@pytest.mark.parametrize("data", GARBAGE)
def test_garbage_is_rest(data: bytes) -> None:
    assert read_responses(data, (), ended=True) == Reading((), data)


def test_garbage_after_a_response_is_rest() -> None:
    reading = read_responses(head(b"Content-Length: 2") + b"hi, garbage", (), ended=True)
    assert summary(reading) == [Read(200, LENGTH, b"hi")]
    assert reading.rest == b", garbage"


@pytest.mark.parametrize(
    ("opening", "method"),
    [
        pytest.param(head(status=b"HTTP/1.1 101 Switching Protocols"), b"GET", id="101"),
        pytest.param(head(), b"CONNECT", id="connect-2xx"),
    ],
)
def test_after_a_change_of_protocol_everything_is_rest(opening: bytes, method: bytes) -> None:
    reading = read_responses(opening + NEXT, (method,), ended=False)
    assert [response.framing for response in reading.responses] == [NONE]
    assert reading.responses[0].complete
    assert reading.rest == NEXT


def test_a_refused_connect_is_an_ordinary_response() -> None:
    data = head(b"Content-Length: 2", status=b"HTTP/1.1 403 Forbidden") + b"no"
    assert summary(read_responses(data + NEXT, (b"CONNECT",), ended=False)) == [
        Read(403, LENGTH, b"no"),
        Read(299, LENGTH, b"next"),
    ]


@pytest.mark.parametrize("line", [b"Content-Length: 0", CODED])
def test_a_framing_field_is_forbidden_where_a_tunnel_opens(line: bytes) -> None:
    reading = read_responses(head(line), (b"CONNECT",), ended=False)
    assert summary(reading) == [Read(200, NONE, b"", (Flaw.FRAMING_FORBIDDEN,))]


def test_the_tables_produce_every_flaw() -> None:
    datas = [parameters.values[0] for parameters in DELIMITED]
    datas += [head(b"Content-Length: x"), head(CODED) + b"x\r\n"]
    flaws = {
        flaw
        for data in datas
        if isinstance(data, bytes)
        for response in read_responses(data, (), ended=True).responses
        for flaw in response.flaws
    }
    assert flaws == set(Flaw)
