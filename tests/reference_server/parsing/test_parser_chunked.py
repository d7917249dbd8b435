"""Chunked bodies: how they are decoded, and which are refused with what status."""

from collections.abc import Callable
from typing import Any

import pytest

from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits

Parse = Callable[..., list[Any]]
Refused = Callable[..., int]

SMALL = HTTP11(
    Limits(method=5, request_target=20, field_line=30, head=100, fields=3, chunk_extensions=10, trailers=20)
)
"""Limits that a test can go beyond in one line."""


CHUNKED = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"

GOOD_BODIES = {
    "nothing": (b"", None, b"0\r\n\r\n"),
    "two chunks": (b"abcde", None, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
    "hexadecimal in both cases": (
        b"x" * 20,
        None,
        (b"a\r\n%b\r\n00A\r\n%b\r\n0\r\n\r\n" % (b"x" * 10, b"x" * 10)),
    ),
    "many zeros": (b"a" * 10, None, b"0" * 1000 + b"A\r\n" + b"a" * 10 + b"\r\n" + b"0" * 1000 + b"\r\n\r\n"),
    "many zeros and an extension": (b"a", None, b"0" * 20 + b"1 ; n=v\r\na\r\n0\r\n\r\n"),
    "CRLF in the data": (b"\r\n0\r\n", None, b"5\r\n\r\n0\r\n\r\n0\r\n\r\n"),
    "extension": (b"a", None, b"1;n\r\na\r\n0\r\n\r\n"),
    "extension with value": (b"a", None, b"1;n=v\r\na\r\n0;x=y\r\n\r\n"),
    "extension with quoted value": (b"a", None, b'1;n="v;\\" \xe9"\r\na\r\n0\r\n\r\n'),
    "bad white space": (b"a", None, b'1 ; n\t= "v" ;m\r\na\r\n0\r\n\r\n'),
    "trailers": (b"a", (("X", "1, 2"), ("Y", "")), b"1\r\na\r\n0\r\nx: 1, 2\r\ny:\r\n\r\n"),
}

BAD_BODIES = {
    "no size": (400, b"\r\n"),
    "no hexadecimal": (400, b"g\r\n"),
    "minus": (400, b"-1\r\n"),
    "0x": (400, b"0x1\r\n"),
    "space first": (400, b" 1\r\n"),
    "space last": (400, b"1 \r\n"),
    "size too long": (400, b"0" * 17 + b"1" * 17 + b"\r\n"),
    "zeros, and no hexadecimal": (400, b"0" * 17 + b"x1\r\n"),
    "zeros without end": (413, b"0" * 20_000),
    "size above the limit": (413, b"fffffffffffffff\r\n"),
    "LF after the size": (400, b"1\na\r\n0\r\n\r\n"),
    "CR after the size": (400, b"1\ra\r\n0\r\n\r\n"),
    "LF after the data": (400, b"1\r\na\n0\r\n\r\n"),
    "data too long": (400, b"1\r\nab\r\n0\r\n\r\n"),
    "data longer by two": (400, b"1\r\nabc0\r\n\r\n"),
    "extension without name": (400, b"1;\r\na\r\n0\r\n\r\n"),
    "extension with open quote": (400, b'1;n="a\r\na\r\n0\r\n\r\n'),
    "NUL in an extension": (400, b"1;n=\x00\r\na\r\n0\r\n\r\n"),
    "LF in the trailers": (400, b"0\r\nx: 1\ny: 2\r\n\r\n"),
    "LF after the last chunk": (400, b"0\r\n\n"),
    "folded trailer": (400, b"0\r\nx: 1\r\n y\r\n\r\n"),
    "trailer without colon": (400, b"0\r\nx\r\n\r\n"),
    "space before the colon": (400, b"0\r\nx : 1\r\n\r\n"),
}


@pytest.mark.parametrize(("content", "trailers", "coded"), GOOD_BODIES.values(), ids=GOOD_BODIES)
def test_chunked_bodies_are_decoded(content: bytes, trailers: object, coded: bytes, parse: Parse) -> None:
    """DOC-LEN-5."""
    _, body = parse(CHUNKED + coded)
    assert body.values == (content, trailers)


@pytest.mark.parametrize(("status", "coded"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_bad_chunks_are_refused(status: int, coded: bytes, refused: Refused) -> None:
    """DOC-LEN-5."""
    assert refused(CHUNKED + coded) == status


@pytest.mark.parametrize(
    ("status", "coded"),
    [
        (0, b"1;" + b"a" * 9 + b"\r\na\r\n0\r\n\r\n"),
        (413, b"1;" + b"a" * 30 + b"\r\na\r\n0\r\n\r\n"),
        (413, b"1;" + b"a" * 30),
        (413, b"1;aaaaa\r\na\r\n1;" + b"a" * 20 + b"\r\na\r\n0\r\n\r\n"),
        (0, b"0\r\na: 45678901234567890\r\n\r\n"),
        (431, b"0\r\na: 456789012345678901\r\n\r\n"),
        (431, b"0\r\na: 4567890123456789012"),
        (431, b"0\r\na:b\r\na:b\r\na:b\r\na:b\r\n\r\n"),
    ],
)
def test_each_limit_of_a_chunked_body_has_its_status(status: int, coded: bytes, refused: Refused) -> None:
    assert refused(CHUNKED.replace(b"Transfer-Encoding: ", b"Transfer-Encoding:"), SMALL) == 0
    assert refused(CHUNKED + coded, SMALL) == status


def test_the_limit_of_a_body_holds_for_its_chunks_together(refused: Refused) -> None:
    """DOC-LEN-7."""
    profile = HTTP11(Limits(body=5))
    assert refused(CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", profile) == 0
    assert refused(CHUNKED + b"3\r\nabc\r\n3\r\n", profile) == 413
