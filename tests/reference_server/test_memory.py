"""Memory: a parser that is fed without end refuses, and holds no more than its limits until then."""

import itertools
import tracemalloc
from collections.abc import Iterator

import pytest

from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import KIBIBYTE, MEBIBYTE, Limits
from reference_server.parsing.message import Body, Event, Refusal
from reference_server.parsing.parser import RequestParser

LIMITS = Limits(body=64 * KIBIBYTE)

LINE = b"POST / HTTP/1.1\r\nHost: h\r\n"
CHUNKED = LINE + b"Transfer-Encoding: chunked\r\n\r\n"

FLOODS: dict[str, tuple[bytes, bytes, int, int]] = {
    # what comes first, what then comes without end, the status, and the octets that are taken at most
    "a method": (b"", b"A", 501, LIMITS.method),
    "a target": (b"GET /", b"a", 414, LIMITS.request_target),
    "one field": (LINE + b"A: ", b"b", 431, LIMITS.field_line),
    "short fields": (LINE, b"A: b\r\n", 431, 6 * LIMITS.fields),
    "long fields": (LINE, b"A: " + b"b" * 15_000 + b"\r\n", 431, LIMITS.head),
    "blank lines": (b"", b"\r\n", 400, 2 * LIMITS.blank_lines + 2),
    "a chunk extension": (CHUNKED + b"1;", b"a", 413, LIMITS.chunk_extensions),
    "chunk extensions": (CHUNKED, b"1;a\r\nx\r\n", 413, 4 * LIMITS.chunk_extensions),
    "zeros of a chunk size": (CHUNKED, b"0", 413, LIMITS.chunk_extensions),
    "small chunks": (CHUNKED, b"1\r\nx\r\n", 413, 6 * LIMITS.body),
    "large chunks": (CHUNKED, b"1000\r\n" + b"x" * 0x1000 + b"\r\n", 413, LIMITS.body + KIBIBYTE),
    "one trailer": (CHUNKED + b"0\r\nA: ", b"b", 431, LIMITS.trailers),
    "trailers": (CHUNKED + b"0\r\n", b"A: b\r\n", 431, LIMITS.trailers),
}


def pieces(first: bytes, then: bytes) -> Iterator[bytes]:
    """Yield what comes, about 4 KiB at a time."""
    yield first
    yield from itertools.repeat(then * max(1, 4096 // len(then)))


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_refused_and_held_within_the_limits(name: str) -> None:
    first, then, status, most = FLOODS[name]
    parser = RequestParser(HTTP11(LIMITS))
    fed = 0
    tracemalloc.start()
    for piece in pieces(first, then):
        parser.feed(piece)
        fed += len(piece)
        events: list[Event] = list(iter(parser.next_event, None))
        last = events[-1] if events else None
        if isinstance(last, Refusal):
            break
        assert fed < MEBIBYTE
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(last, Refusal)
    assert last.status == status
    assert fed <= len(first) + most + 2 * max(4096, len(then))
    assert peak < 3 * min(most, LIMITS.body) + 256 * KIBIBYTE


@pytest.mark.parametrize(
    ("head", "piece", "end"),
    [
        (LINE + b"Content-Length: 4194304\r\n\r\n", b"x" * 0x10000, b""),
        (CHUNKED, b"10000\r\n" + b"x" * 0x10000 + b"\r\n", b"0\r\n\r\n"),
    ],
    ids=["by length", "chunked"],
)
def test_a_large_body_is_held_once(head: bytes, piece: bytes, end: bytes) -> None:
    parser = RequestParser(HTTP11())
    tracemalloc.start()
    for arriving in (head, *[piece] * 64, end):
        parser.feed(arriving)
        for event in iter(parser.next_event, None):
            last = event
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(last, Body)
    assert len(last.content) == 4 * MEBIBYTE
    assert peak < 1.5 * len(last.content)
