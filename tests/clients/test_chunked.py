"""The reader of the chunked coding by itself: what it accepts, where it stops, and what it calls broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.chunked import ChunkedReader

WELL_FORMED = [
    pytest.param(b"0\r\n\r\n", b"", (), id="empty"),
    pytest.param(b"3\r\nabc\r\n0\r\n\r\n", b"abc", (), id="one-chunk"),
    pytest.param(b"3\r\na\r\n\r\n2\r\n\r\n\r\n0\r\n\r\n", b"a\r\n\r\n", (), id="line-ends-in-the-content"),
    pytest.param(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n", b"ab", (), id="two-chunks"),
    pytest.param(b"a\r\n0123456789\r\n0\r\n\r\n", b"0123456789", (), id="hexadecimal-size"),
    pytest.param(b"0A\r\n0123456789\r\n000\r\n\r\n", b"0123456789", (), id="leading-zeros"),
    pytest.param(b"0" * 40 + b"1\r\na\r\n0\r\n\r\n", b"a", (), id="many-leading-zeros"),
    pytest.param(b'1;a;b=c \t; d = "e;\xe9"\r\nx\r\n0;z\r\n\r\n', b"x", (), id="extensions"),
    pytest.param(b"1 \t;a\r\nx\r\n0\r\n\r\n", b"x", (), id="white-space-before-an-extension"),
    pytest.param(b"0\r\nA: b\r\n C\r\n\r\n", b"", (b"A: b", b" C"), id="trailers"),
]

BROKEN = [
    pytest.param(b"\r\n", b"", id="no-size"),
    pytest.param(b"\n", b"", id="only-lf"),
    pytest.param(b"g\r\n", b"", id="not-hexadecimal"),
    pytest.param(b"0x1\r\na\r\n", b"", id="prefix"),
    pytest.param(b"-1\r\na\r\n", b"", id="sign"),
    pytest.param(b"1_0\r\n", b"", id="underscore"),
    pytest.param(b" 1\r\na\r\n", b"", id="white-space-first"),
    pytest.param(b"1 \r\na\r\n", b"", id="white-space-after"),
    pytest.param(b";a\r\n", b"", id="extension-without-size"),
    pytest.param(b"1;a\x00\r\na\r\n", b"", id="control-in-an-extension"),
    pytest.param(b"1;a\rb\r\na\r\n", b"", id="cr-in-an-extension"),
    pytest.param(b"1\na\r\n0\r\n\r\n", b"", id="bare-lf-after-size"),
    pytest.param(b"11\na\r\n0\r\n\r\n", b"", id="bare-lf-after-two-digits"),
    pytest.param(b"1\r\na\n0\r\n\r\n", b"a", id="bare-lf-after-content"),
    pytest.param(b"1\r\nab\r\n0\r\n\r\n", b"a", id="content-too-long"),
    pytest.param(b"2\r\na\r\n0\r\n\r\n", b"a\r", id="content-too-short"),
    pytest.param(b"1\r\na\rb", b"a", id="cr-without-lf"),
    pytest.param(b"0\n\r\n", b"", id="bare-lf-after-last-chunk"),
    pytest.param(b"0\r\nA: b\n\r\n", b"", id="bare-lf-in-trailers"),
    pytest.param(b"0\r\n\n", b"", id="bare-lf-at-the-end"),
]


Seen = tuple[bytes, bool, bool, tuple[bytes, ...]]


def seen(reader: ChunkedReader) -> Seen:
    assert reader.size == len(reader.content)
    return bytes(reader.content), reader.complete, reader.broken, reader.trailer_lines


def read(data: bytes, start: int = 0) -> tuple[Seen, int]:
    """What is read of a body that comes in one piece, and the offset after it."""
    reader = ChunkedReader()
    end = reader.take(data, start)
    return seen(reader), end


def read_in_octets(data: bytes) -> tuple[Seen, int]:
    """The same of one that comes octet by octet."""
    reader, end = ChunkedReader(), 0
    for octet in data:
        end += reader.take(bytes((octet,)))
    return seen(reader), end


@pytest.mark.parametrize(("data", "content", "trailer_lines"), WELL_FORMED)
def test_a_body_is_read_up_to_its_end(data: bytes, content: bytes, trailer_lines: tuple[bytes, ...]) -> None:
    expected = (content, True, False, trailer_lines), 3 + len(data)
    assert read(b"..." + data + b"0\r\n\r\n", 3) == expected


@pytest.mark.parametrize(("data", "content", "trailer_lines"), WELL_FORMED)
def test_a_cut_body_is_neither_complete_nor_broken(
    data: bytes, content: bytes, trailer_lines: tuple[bytes, ...]
) -> None:
    assert read(data)[0][-1] == trailer_lines
    for cut in range(len(data)):
        (part, *is_over, _), end = read(data[:cut])
        assert (is_over, end) == ([False, False], cut)
        assert content.startswith(part)


@pytest.mark.parametrize(("data", "content"), BROKEN)
def test_a_broken_body_is_read_up_to_the_break(data: bytes, content: bytes) -> None:
    assert read(data) == ((content, False, True, ()), len(data))


@pytest.mark.parametrize("data", [case.values[0] for case in (*WELL_FORMED, *BROKEN)])
def test_a_body_is_the_same_however_it_is_cut(data: bytes) -> None:
    whole, end = read(data)
    octets, end_of_octets = read_in_octets(data)
    assert octets == whole
    assert whole[2] or end_of_octets == end
    for cut in range(len(data)):
        reader = ChunkedReader()
        reader.take(data[:cut])
        reader.take(data[cut:])
        assert seen(reader) == whole


@pytest.mark.parametrize("digits", [16, 17, 100, 10_000])
def test_a_size_that_cannot_be_sent_leaves_the_body_incomplete(digits: int) -> None:
    data = b"f" * digits + b"\r\nabc"
    assert read(data) == ((b"abc", False, False, ()), len(data))


def written(pieces: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@given(st.lists(st.binary(min_size=1)), st.binary())
def test_what_is_written_in_chunks_is_read_back(pieces: list[bytes], rest: bytes) -> None:
    data = written(pieces)
    assert read(data + rest) == ((b"".join(pieces), True, False, ()), len(data))


@given(st.integers(1, 20), st.integers(0, 5000), st.binary(), st.integers(0))
def test_chunks_of_the_same_size_are_read_as_any_others(size: int, number: int, rest: bytes, at: int) -> None:
    data = written([bytes(index % 251 for index in range(first, first + size)) for first in range(number)])
    broken = bytearray(data + rest)
    if broken:
        broken[at % len(broken)] ^= 1
    for body in (data + rest, bytes(broken)):
        assert read(body)[0] == read_in_octets(body)[0]


@pytest.mark.parametrize("data", [written([b"a"] * 9), written([b"abc", b"def"]), b"6\r\nabc"])
def test_no_more_of_the_content_is_kept_than_is_asked_for(data: bytes) -> None:
    whole = read(data)[0][0]
    for kept in range(len(whole) + 2):
        reader = ChunkedReader(kept)
        reader.take(data)
        assert (bytes(reader.content), reader.size) == (whole[:kept], len(whole))


@given(st.binary(), st.integers(0, 20))
def test_no_bytes_raise(data: bytes, start: int) -> None:
    (_, complete, broken, _), end = read(data, start)
    assert not (complete and broken)
    assert end <= max(start, len(data))
