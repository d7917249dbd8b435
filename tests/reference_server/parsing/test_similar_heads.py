"""What is remembered of the head before on a connection saves work, and makes no other difference."""

import string
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Head
from reference_server.parsing.parser import RequestParser
from reference_server.parsing.profile import Profile

Pieces = Callable[..., list[Any]]

FIRST = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

BEGINNINGS = [b"GET /b", b"HEAD /", b"CONNECT /", b"CONNECT h:80", b"OPTIONS *", b"GET http://o/", b"", b" "]

beginnings = st.one_of(st.sampled_from(BEGINNINGS), st.text(string.printable, max_size=12).map(str.encode))


def alone_and_after(first: bytes, second: bytes, profile: Profile, pieces: Pieces) -> tuple[Any, Any]:
    """Return what is found in ``second``, first on a connection of its own, then after ``first``."""
    whole = pieces([first + second], profile)
    in_turn = pieces([first, second], profile)
    assert whole == in_turn
    return pieces([second], profile), whole[len(pieces([first], profile)) :]


@given(beginning=beginnings, ending=st.sampled_from([FIRST[6:], b" HTTP/1.0" + FIRST[15:], FIRST[14:]]))
def test_a_head_means_the_same_after_a_similar_one(beginning: bytes, ending: bytes, pieces: Pieces) -> None:
    """DOC-CONN-8."""
    alone, after = alone_and_after(FIRST, beginning + ending, HTTP11(), pieces)
    assert after == alone


@pytest.mark.parametrize(
    "request_",
    [
        FIRST,
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 5000 + b"\r\n\r\n",
    ],
)
def test_the_same_request_again_means_the_same(request_: bytes, pieces: Pieces) -> None:
    """DOC-CONN-8."""
    alone = pieces([request_], HTTP11())
    assert pieces([request_ * 3], HTTP11()) == alone * 3
    assert pieces([bytes([octet]) for octet in request_ * 3], HTTP11()) == alone * 3


def test_a_long_head_is_not_kept() -> None:
    parser = RequestParser(HTTP11())
    tracemalloc.start()
    parser.feed(b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 15_000 + b"\r\n\r\n")
    assert isinstance(parser.next_event(), Head)
    assert parser.next_event() is None
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 5000


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (b"CONNECT /b HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"GETGETGET /b HTTP/1.1\r\nHost: h\r\n\r\n", 501),
        (b"GET /" + b"b" * 100 + b" HTTP/1.1\r\nHost: h\r\n\r\n", 414),
        (b"GET /b HTTP/1.1\r\nX: y HTTP/1.1\r\nHost: h\r\n\r\n", 0),
        (b"GET /b c HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"GET b HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    ],
)
def test_every_check_is_made_again(second: bytes, status: int, pieces: Pieces) -> None:
    """DOC-CONN-8, DOC-LINE-1."""
    profile = HTTP11(Limits(method=8, request_target=50))
    alone, after = alone_and_after(FIRST, second, profile, pieces)
    assert after == alone
    assert (after[-1].values[0] if after[-1].kind == "refusal" else 0) == status


def test_an_absolute_target_lends_its_host_to_nobody(pieces: Pieces) -> None:
    """DOC-CONN-8, DOC-REQ-2."""
    heads = pieces([b"GET http://other/a HTTP/1.1\r\nHost: h\r\n\r\n" + FIRST], HTTP11())
    assert [head.values[3] for head in heads] == ["other", "h"]
