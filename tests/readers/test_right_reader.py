"""The right reader: what it takes out of bytes, and what it refuses."""

import pytest

from tests.readers.reader import RIGHT, Refused

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_it_reads_one_request_after_another() -> None:
    first, second, third = RIGHT.read(
        b"GET /?n=0 HTTP/1.1\r\nHost: a\r\nX-Test:  one \r\n\r\n"
        b"POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 5\r\n\r\nhello"
        b"\r\nOPTIONS * HTTP/1.0\r\n\r\n"
    )
    assert (first.method, first.target, first.version) == (b"GET", b"/?n=0", b"HTTP/1.1")
    assert first.fields == ((b"Host", b"a"), (b"X-Test", b"one"))
    assert (second.method, second.body) == (b"POST", b"hello")
    assert (third.target, third.version, third.body) == (b"*", b"HTTP/1.0", b"")


def test_it_joins_chunks_and_passes_their_trailers() -> None:
    first, second = RIGHT.read(
        HEAD + b'5 ; a = "x;\\"\r\n'.replace(b'\\"', b'\\""') + b"hello\r\n6\r\n world\r\n"
        b"0\r\nX-T: 1\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    assert first.body == b"hello world"
    assert second.method == b"GET"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://[::g]/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT a:65536 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"5\r\nhello\r\n",
        HEAD + b"5\r\nhelloXX0\r\n\r\n",
        HEAD + b"5\nhello\r\n0\r\n\r\n",
        HEAD + b"0\r\nX T: 1\r\n\r\n",
    ],
)
def test_it_refuses_what_is_malformed_or_cut_off(data: bytes) -> None:
    with pytest.raises(Refused):
        RIGHT.read(data)
