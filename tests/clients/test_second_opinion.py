"""The second opinion: how h11 frames responses, and in which sentences it differs from our reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.reader import read_responses
from clients.response import Response
from clients.second_opinion import Framed, differs, disagreement, framing_by_h11

NEXT = b"HTTP/1.1 299 Next\r\nContent-Length: 4\r\n\r\nnext"


def head(*lines: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"".join(line + b"\r\n" for line in (status, *lines, b""))


def read_by_us(data: bytes, method: bytes = b"GET", *, ended: bool = False) -> Response:
    return read_responses(data, (method,), ended=ended).finals[0]


CODED = b"Transfer-Encoding: chunked"
CONTINUE = head(status=b"HTTP/1.1 100 Continue")
CHUNKS = b"2\r\nhi\r\n1;x=y\r\n!\r\n0\r\nT: x\r\n\r\n"

# What both read alike: the bytes, the method of the request, the status and the length of the content.
ALIKE = [
    pytest.param(head(b"Content-Length: 2") + b"hi", b"GET", 200, 2, id="length"),
    pytest.param(head(b"Content-Length: 2, 2") + b"hi", b"GET", 200, 2, id="length-as-equal-list"),
    pytest.param(head(b"Content-Length: 2") * 2 + b"hi", b"HEAD", 200, 0, id="head"),
    pytest.param(head(CODED) + CHUNKS, b"GET", 200, 3, id="chunked"),
    pytest.param(head(CODED, b"Content-Length: 9") + CHUNKS, b"GET", 200, 3, id="length-and-coding"),
    pytest.param(CONTINUE * 2 + head(b"Content-Length: 2") + b"hi", b"GET", 200, 2, id="1xx-before"),
    pytest.param(head(status=b"HTTP/1.1 204 No Content"), b"GET", 204, 0, id="204"),
    pytest.param(
        head(b"Content-Length: 2", status=b"HTTP/1.1 204 No Content"), b"GET", 204, 0, id="204-with-length"
    ),
    pytest.param(
        head(b"Content-Length: 9", status=b"HTTP/1.1 304 Not Modified"), b"GET", 304, 0, id="304-with-length"
    ),
    pytest.param(
        head(b"Content-Length: 2", status=b"HTTP/1.0 404 Not Found") + b"no", b"GET", 404, 2, id="http-1.0"
    ),
    pytest.param(head(), b"CONNECT", 200, 0, id="connect"),
    pytest.param(
        head(b"Content-Length: 2", status=b"HTTP/1.1 403 Forbidden") + b"no",
        b"CONNECT",
        403,
        2,
        id="connect-refused",
    ),
    pytest.param(head(b"Content-Length: 2").replace(b"\r\n", b"\n") + b"hi", b"POST", 200, 2, id="bare-lf"),
    pytest.param(head(b"A: " + b"b" * 99_999, b"Content-Length: 0"), b"GET", 200, 0, id="long-head"),
]

# What only the end of the connection delimits.
UNTIL_CLOSE = [
    pytest.param(head() + b"to the end", 200, 10, id="no-framing"),
    pytest.param(head(status=b"HTTP/1.0 200 OK") + b"old", 200, 3, id="http-1.0"),
    pytest.param(CONTINUE + head() + NEXT, 200, len(NEXT), id="1xx-before"),
]


@pytest.mark.parametrize("rest", [b"", NEXT, b"noise"], ids=["alone", "before-another", "before-noise"])
@pytest.mark.parametrize(("data", "method", "status", "length"), ALIKE)
def test_a_delimited_response_is_framed_alike(
    data: bytes, method: bytes, status: int, length: int, rest: bytes
) -> None:
    ours = read_by_us(data + rest, method)
    theirs = framing_by_h11(data + rest, method, ended=False)
    assert theirs == Framed(status, length, ours.end, complete=True)
    assert (ours.status, len(ours.content), ours.complete) == (status, length, True)
    assert disagreement(data + rest, method, ours, ended=False) == ""


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize(("data", "status", "length"), UNTIL_CLOSE)
def test_a_close_delimited_response_is_complete_at_the_end(
    data: bytes, status: int, length: int, ended: bool
) -> None:
    theirs = framing_by_h11(data, b"GET", ended=ended)
    assert theirs == Framed(status, length, len(data), complete=ended)
    assert differs(read_by_us(data, ended=ended), theirs) == ""


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize(("data", "method"), [row.values[:2] for row in ALIKE if row.id != "long-head"])
def test_a_response_that_is_cut_off_is_incomplete_for_both(data: bytes, method: bytes, ended: bool) -> None:
    for cut in range(len(data)):
        theirs = framing_by_h11(data[:cut], method, ended=ended)
        finals = read_responses(data[:cut], (method,), ended=ended).finals
        if finals:
            assert differs(finals[0], theirs) == ""
        else:
            assert theirs == "there is no complete head of a final response"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "there is no complete head of a final response", id="nothing"),
        pytest.param(CONTINUE, "there is no complete head of a final response", id="only-1xx"),
        pytest.param(b"HTTP/1.1 200", "there is no complete head of a final response", id="half-a-head"),
        pytest.param(b"noise\r\n\r\n", "illegal status line: noise", id="noise"),
        pytest.param(
            head(b"Content-Length: 1", b"Content-Length: 2") + b"hi",
            "conflicting Content-Length headers",
            id="two-lengths",
        ),
        pytest.param(head(b"Content-Length: +2") + b"hi", "bad Content-Length", id="signed-length"),
        pytest.param(head(CODED) + b"two\r\n", "illegal chunk header: two\\r\\n", id="bad-chunk"),
        pytest.param(
            head(b"Transfer-Encoding: gzip") + b"zip",
            "Only Transfer-Encoding: chunked is supported",
            id="another-coding",
        ),
        pytest.param(head(b"A b: c"), "illegal header line: A b: c", id="bad-field-name"),
    ],
)
@pytest.mark.parametrize("ended", [True, False])
def test_a_response_that_h11_cannot_frame_is_refused_with_a_reason(
    data: bytes, reason: str, ended: bool
) -> None:
    assert framing_by_h11(data, b"GET", ended=ended) == reason


OURS = read_by_us(head(b"Content-Length: 10") + b"0123456789")
HALF = read_by_us(head(b"Content-Length: 10") + b"01234")


@pytest.mark.parametrize(
    ("ours", "theirs", "sentence"),
    [
        pytest.param(OURS, Framed(200, 10, OURS.end, complete=True), "", id="alike"),
        pytest.param(
            OURS,
            Framed(404, 10, OURS.end, complete=True),
            "h11 reads the answer to a plain GET differently: status 404, where wirecheck reads 200.",
            id="status",
        ),
        pytest.param(
            OURS,
            Framed(200, 12, OURS.end + 2, complete=True),
            "h11 reads the answer to a plain GET differently: 12 bytes of content, where wirecheck reads 10.",
            id="content",
        ),
        pytest.param(
            OURS,
            Framed(200, 1, OURS.end, complete=True),
            "h11 reads the answer to a plain GET differently: 1 byte of content, where wirecheck reads 10.",
            id="one-byte",
        ),
        pytest.param(
            OURS,
            Framed(200, 10, 60, complete=True),
            "h11 reads the answer to a plain GET differently: "
            "it ends after 60 bytes, where wirecheck reads 49.",
            id="end",
        ),
        pytest.param(
            OURS,
            Framed(200, 10, OURS.end, complete=False),
            "h11 reads the answer to a plain GET differently: "
            "it waits for more, where wirecheck reads a complete response.",
            id="incomplete-for-h11",
        ),
        pytest.param(
            HALF,
            Framed(200, 5, HALF.end, complete=True),
            "h11 reads the answer to a plain GET differently: "
            "a complete response, where wirecheck waits for more.",
            id="incomplete-for-us",
        ),
        pytest.param(
            OURS,
            "bad Content-Length",
            "h11 refuses the answer to a plain GET, which wirecheck reads as 200 with 10 bytes of content: "
            "bad Content-Length.",
            id="refused",
        ),
    ],
)
def test_a_difference_is_one_sentence(ours: Response, theirs: Framed | str, sentence: str) -> None:
    assert differs(ours, theirs) == sentence


def test_the_sentence_names_the_method() -> None:
    data = head(b"A b: c")
    assert disagreement(data, b"HEAD", read_by_us(data, b"HEAD"), ended=False) == (
        "h11 refuses the answer to a plain HEAD, which wirecheck reads as 200 with 0 bytes of content: "
        "illegal header line: A b: c."
    )


_PIECES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 101 x\r\n\r\n",
        b"HTTP/1.1 099 x\r\n\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"\r\n",
        b"3\r\nabc\r\n",
        b"0\r\n\r\n",
    ]
)


@given(
    st.lists(_PIECES | st.binary(max_size=3), max_size=12).map(b"".join),
    st.sampled_from([b"GET", b"HEAD", b"CONNECT", b"odd method"]),
    st.booleans(),
)
def test_no_bytes_raise(data: bytes, method: bytes, ended: bool) -> None:
    assert isinstance(framing_by_h11(data, method, ended=ended), Framed | str)
