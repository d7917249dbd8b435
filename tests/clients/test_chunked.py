"""The reader of the chunked coding by itself: what it accepts, where it stops, and what it calls broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.chunked import Chunked, read_chunked

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


@pytest.mark.parametrize(("data", "content", "trailer_lines"), WELL_FORMED)
def test_a_body_is_read_up_to_its_end(data: bytes, content: bytes, trailer_lines: tuple[bytes, ...]) -> None:
    expected = Chunked(content, 3 + len(data), complete=True, broken=False, trailer_lines=trailer_lines)
    assert read_chunked(b"..." + data + b"0\r\n\r\n", 3) == expected


@pytest.mark.parametrize(("data", "content", "trailer_lines"), WELL_FORMED)
def test_a_cut_body_is_neither_complete_nor_broken(
    data: bytes, content: bytes, trailer_lines: tuple[bytes, ...]
) -> None:
    assert read_chunked(data, 0).trailer_lines == trailer_lines
    for cut in range(len(data)):
        part = read_chunked(data[:cut], 0)
        assert (part.complete, part.broken, part.end) == (False, False, cut)
        assert content.startswith(part.content)


@pytest.mark.parametrize(("data", "content"), BROKEN)
def test_a_broken_body_is_read_up_to_the_break(data: bytes, content: bytes) -> None:
    assert read_chunked(data, 0) == Chunked(content, len(data), complete=False, broken=True)


@pytest.mark.parametrize("digits", [16, 17, 100, 10_000])
def test_a_size_that_cannot_be_sent_leaves_the_body_incomplete(digits: int) -> None:
    data = b"f" * digits + b"\r\nabc"
    assert read_chunked(data, 0) == Chunked(b"abc", len(data), complete=False, broken=False)


@given(st.lists(st.binary(min_size=1)), st.binary())
def test_what_is_written_in_chunks_is_read_back(pieces: list[bytes], rest: bytes) -> None:
    written = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    assert read_chunked(written + rest, 0) == Chunked(
        b"".join(pieces), len(written), complete=True, broken=False
    )


@given(st.binary(), st.integers(0, 20))
def test_no_bytes_raise(data: bytes, start: int) -> None:
    read = read_chunked(data, start)
    assert not (read.complete and read.broken)
    assert read.end <= len(data)
