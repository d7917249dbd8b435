"""The documented profile: what it takes for a request, and what it drops without an answer."""

from collections.abc import Callable
from typing import Any

import pytest

from reference_server.parsing.documented import Documented
from reference_server.parsing.limits import Limits
from reference_server.parsing.parser import RequestParser

Parse = Callable[..., list[Any]]
Refused = Callable[..., int]

PROFILE = Documented()

GOOD_HEADS = {
    "DOC-LINE-5: no Host": b"GET / HTTP/1.1\r\n",
    "DOC-LINE-2: any version": b"GET / HTTP/9.9\r\n",
    "DOC-LINE-2: no version number": b"GET / HTTP/\r\n",
    "DOC-LINE-4: any method": b"m@d / HTTP/1.1\r\n",
    "DOC-LINE-4: absolute-form": b"GET https://user@h/a HTTP/1.1\r\n",
    "DOC-LINE-4: asterisk-form": b"OPTIONS * HTTP/1.1\r\n",
    "DOC-LINE-4: authority-form": b"CONNECT h:80 HTTP/1.1\r\n",
    "DOC-HDR-3: bare LF": b"GET / HTTP/1.1\r\nA: b\nC: d\r\n",
    "DOC-HDR-3: bare CR": b"GET / HTTP/1.1\r\nA: b\rC: d\r\n",
    "DOC-HDR-3: white space before the colon": b"GET / HTTP/1.1\r\nA : b\r\n",
    "DOC-HDR-3: NUL": b"GET / HTTP/1.1\r\nA: b\x00\r\n",
    "DOC-HDR-3: folded with a colon": b"GET / HTTP/1.1\r\nA: b\r\n C: d\r\n",
    "DOC-LEN-4: an empty Content-Length": b"GET / HTTP/1.1\r\nContent-Length:\r\n",
    "DOC-LEN-4: a negative Content-Length": b"GET / HTTP/1.1\r\nContent-Length: -1\r\n",
    "DOC-LEN-5: Transfer-Encoding": b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
}

BAD_HEADS = {
    "DOC-LINE-1: two words": b"GET /\r\n",
    "DOC-LINE-1: four words": b"GET / HTTP/1.1 x\r\n",
    "DOC-LINE-1: double space": b"GET  / HTTP/1.1\r\n",
    "DOC-LINE-1: tabs": b"GET\t/\tHTTP/1.1\r\n",
    "DOC-LINE-1: a blank line first": b"\r\nGET / HTTP/1.1\r\n",
    "DOC-LINE-2: lower case": b"GET / http/1.1\r\n",
    "DOC-HDR-2: no colon": b"GET / HTTP/1.1\r\nabc\r\n",
    "DOC-HDR-3: folded without a colon": b"GET / HTTP/1.1\r\nA: b\r\n c\r\n",
    "DOC-LEN-2: too long": b"GET / HTTP/1.1\r\nContent-Length: 104857601\r\n",
    "DOC-LEN-3: letters": b"GET / HTTP/1.1\r\nContent-Length: abc\r\n",
    "DOC-LEN-3: two lines": b"GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n",
    "DOC-LEN-3: beyond int()": b"GET / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n",
}


@pytest.mark.parametrize("head", GOOD_HEADS.values(), ids=GOOD_HEADS)
def test_good_heads_are_one_request_each(head: bytes, parse: Parse) -> None:
    assert [event.kind for event in parse(head + b"\r\n", PROFILE)] == ["head"]


@pytest.mark.parametrize("head", BAD_HEADS.values(), ids=BAD_HEADS)
def test_bad_heads_are_refused(head: bytes, refused: Refused) -> None:
    assert refused(head + b"\r\n", PROFILE)


def test_lf_lf_ends_no_head(parse: Parse) -> None:
    """DOC-CONN-1."""
    assert parse(b"GET / HTTP/1.1\n\n", PROFILE) == []


def test_a_signed_length_is_a_length(parse: Parse) -> None:
    """DOC-LEN-4."""
    _, body = parse(b"GET / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc", PROFILE)
    assert body.values == (b"abc", None)


def test_the_host_is_the_header_or_the_default(parse: Parse) -> None:
    """DOC-REQ-2."""
    assert parse(b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", PROFILE)[0].values[3] == "a"
    assert parse(b"GET / HTTP/1.1\r\n\r\n", PROFILE)[0].values[3] == "127.0.0.1"


@pytest.mark.parametrize(
    ("request_line", "fields", "persistent"),
    [
        (b"GET / HTTP/1.1", b"", True),
        (b"GET / HTTP/1.1", b"Connection: close\r\n", False),
        (b"GET / HTTP/1.1", b"Connection: Close\r\n", True),
        (b"GET / HTTP/1.1", b"Connection: close, x\r\n", True),
        (b"GET / HTTP/1.0", b"", False),
        (b"GET / HTTP/1.0", b"Connection: Keep-Alive\r\n", True),
        (b"GET / HTTP/1.0", b"Connection: keep-alive\r\n", False),
        (b"HEAD / HTTP/9.9", b"Connection: Keep-Alive\r\n", True),
        (b"POST / HTTP/1.0", b"Connection: Keep-Alive\r\n", False),
        (b"POST / HTTP/1.0", b"Connection: Keep-Alive\r\nContent-Length: 0\r\n", True),
    ],
)
def test_keep_alive_goes_by_the_exact_spelling(
    request_line: bytes, fields: bytes, persistent: bool, parse: Parse
) -> None:
    """DOC-KA-2, DOC-KA-3, DOC-KA-4."""
    (head,) = parse(request_line + b"\r\n" + fields + b"\r\n", PROFILE)
    assert head.values[6] is persistent


@pytest.mark.parametrize(
    ("fields", "expects"),
    [
        (b"Expect: 100-continue\r\nContent-Length: 0\r\n", True),
        (b"Expect: 100-Continue\r\nContent-Length: 0\r\n", False),
        (b"Expect: 100-continue\r\n", False),
        (b"Expect: miracle\r\nContent-Length: 0\r\n", False),
    ],
)
def test_expect_needs_this_spelling_and_a_length(fields: bytes, expects: bool, parse: Parse) -> None:
    """DOC-LEN-6."""
    (head,) = parse(b"POST / HTTP/1.1\r\n" + fields + b"\r\n", PROFILE)
    assert head.values[7] is expects


def test_the_buffer_bounds_a_head(refused: Refused) -> None:
    """DOC-LEN-7."""
    assert refused(b"GET / HTTP/1.1\r\nA: " + b"b" * 100, Documented(Limits(head=100)))


@pytest.mark.parametrize(
    ("line", "most"), [(b"a:\r\n", 3), (b"a:\n", 6), (b"a:\r", 6), (b"a:\n\r", 3), (b"\n", 6), (b"\r", 6)]
)
def test_a_head_has_a_limit_of_lines(line: bytes, most: int, refused: Refused) -> None:
    """What ends a line is up to the client (DOC-HDR-3); an empty line costs as much as another."""
    profile = Documented(Limits(head=200, fields=4))
    head = b"GET / HTTP/1.1\r\n%bA: b\r\n\r\n"
    assert refused(head % (line * most), profile) == 0
    assert refused(head % (line * (most + 1)), profile) == 431
    assert refused(head[:16] + line * 40, profile) == 431


def test_lines_without_end_are_refused_before_they_cost() -> None:
    parser = RequestParser(Documented())
    parser.feed(b"GET / HTTP/1.1\r\n")
    fed = 0
    while parser.next_event() is None:
        parser.feed(b"a:\r\n" * 100)
        fed += 100
    assert fed <= Documented().limits.fields + 200
