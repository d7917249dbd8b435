"""The access log: what is in a line, and when there is one."""

import io
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from reference_server.access_log import AccessLog, Answer
from reference_server.connection import RequestCallback
from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.request import HTTPRequest

Serve = Callable[..., Any]

GET = b"GET /%b HTTP/1.1\r\nHost: h\r\n\r\n"

LINE = re.compile(
    r"(?P<client>\S+) - - \[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "
    r'"(?P<request>(?:[^"\\]|\\x[0-9a-f]{2})*)" (?P<status>\d{3}|-) (?P<octets>\d+|-) '
    r"(?P<seconds>\d+\.\d{6}|-)\n"
)


class Written(io.StringIO):
    """A file that lets tests wait for its lines."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed = threading.Semaphore(0)

    def flush(self) -> None:
        self.flushed.release()

    def lines(self, count: int) -> list[tuple[str, ...]]:
        """Wait for so many lines; return client, request, status and octets of each."""
        for _ in range(count):
            assert self.flushed.acquire(timeout=10)
        lines = self.getvalue().splitlines(keepends=True)
        matches = [LINE.fullmatch(line) for line in lines]
        assert all(matches), lines
        return [match.group("client", "request", "status", "octets") for match in matches if match]


@pytest.fixture
def log() -> Written:
    return Written()


def answer(request: HTTPRequest, body: bytes) -> None:
    request.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body))
    request.write(body)
    request.finish()


def test_a_line_for_each_request(serve: Serve, log: Written) -> None:
    client = serve(lambda request: answer(request, b"12345"), access_log=AccessLog(log)).connect()
    client.send(GET % b"a" + GET % b"b?c")
    assert [client.response().status for _ in range(2)] == [201, 201]
    assert log.lines(2) == [
        ("127.0.0.1", "GET /a HTTP/1.1", "201", "5"),
        ("127.0.0.1", "GET /b?c HTTP/1.1", "201", "5"),
    ]


def test_an_answer_that_comes_later_is_timed(serve: Serve, log: Written) -> None:
    waiting: list[HTTPRequest] = []
    arrived = threading.Event()

    def callback(request: HTTPRequest) -> None:
        waiting.append(request)
        arrived.set()

    server = serve(callback, access_log=AccessLog(log))
    client = server.connect()
    client.send(GET % b"")
    assert arrived.wait(10)
    server.in_loop(lambda: setattr(waiting[0], "_started", time.monotonic() - 5))
    server.in_loop(lambda: answer(waiting[0], b""))
    assert log.lines(1) == [("127.0.0.1", "GET / HTTP/1.1", "201", "0")]
    assert float(log.getvalue().split()[-1]) >= 5


def test_what_is_refused_has_a_line_too(serve: Serve, log: Written, hello: RequestCallback) -> None:
    server = serve(hello, access_log=AccessLog(log), profile=HTTP11(Limits(body=3)))
    for data, status in (
        (b"GET /\r\n\r\n", 400),
        (b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n", 413),
    ):
        assert server.connect().ask(data).status == status
    assert log.lines(2) == [("127.0.0.1", "-", "400", "-"), ("127.0.0.1", "POST /x HTTP/1.1", "413", "-")]


def test_a_callback_that_raises_has_one_line(serve: Serve, log: Written) -> None:
    def callback(request: HTTPRequest) -> None:
        if request.uri == "/half":
            request.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        raise ValueError

    server = serve(callback, access_log=AccessLog(log))
    assert server.connect().ask(GET % b"").status == 500
    client = server.connect()
    client.send(GET % b"half")
    assert client.read_to_end().endswith(b"half")
    assert log.lines(2) == [
        ("127.0.0.1", "GET / HTTP/1.1", "500", "-"),
        ("127.0.0.1", "GET /half HTTP/1.1", "200", "4"),
    ]


def test_a_peer_that_goes_away_has_one_line(serve: Serve, log: Written) -> None:
    waiting: list[HTTPRequest] = []
    arrived = threading.Event()

    def callback(request: HTTPRequest) -> None:
        waiting.append(request)
        arrived.set()

    server = serve(callback, access_log=AccessLog(log))
    client = server.connect()
    client.send(GET % b"gone")
    assert arrived.wait(10)
    server.in_loop(waiting[0].connection.stream.close)
    assert log.lines(1) == [("127.0.0.1", "GET /gone HTTP/1.1", "-", "-")]
    server.in_loop(lambda: answer(waiting[0], b"late"))
    assert log.getvalue().count("\n") == 1


def test_idle_connections_that_end_have_none(serve: Serve, log: Written, hello: RequestCallback) -> None:
    server = serve(hello, access_log=AccessLog(log))
    client = server.connect()
    assert client.ask(GET % b"").status == 200
    server.sweep(time.monotonic() + 10_000)
    assert client.read_to_end() == b""
    server.sweep(time.monotonic() + 10_000)
    assert len(log.lines(1)) == 1


@pytest.mark.parametrize(
    ("target", "logged"),
    [
        (b'/"', "GET /\\x22 HTTP/1.1"),
        (b"/\\x22", "GET /\\x5cx22 HTTP/1.1"),
        (b"/\x1b[2J\x07", "GET /\\x1b[2J\\x07 HTTP/1.1"),
        (b"/\xe9\x85", "GET /\\xe9\\x85 HTTP/1.1"),
        (b"/a\nb", "GET /a\\x0ab HTTP/1.1"),
        (b"/a\rb\x00", "GET /a\\x0db\\x00 HTTP/1.1"),
    ],
)
def test_what_a_peer_sends_cannot_forge_a_line(
    target: bytes, logged: str, serve: Serve, log: Written
) -> None:
    callback = lambda request: answer(request, b"")  # noqa: E731
    client = serve(callback, access_log=AccessLog(log), profile=Documented()).connect()
    client.ask(b"GET " + target + b" HTTP/1.1\r\n\r\n")
    assert log.lines(1) == [("127.0.0.1", logged, "201", "0")]


def test_nor_can_what_a_proxy_is_made_to_say(serve: Serve, log: Written) -> None:
    """DOC-REQ-4."""
    callback = lambda request: answer(request, b"")  # noqa: E731
    client = serve(callback, access_log=AccessLog(log), xheaders=True).connect()
    client.ask(b'GET / HTTP/1.1\r\nHost: h\r\nX-Real-Ip: 1.2.3.4 - "\r\n\r\n')
    assert log.lines(1) == [("1.2.3.4\\x20-\\x20\\x22", "GET / HTTP/1.1", "201", "0")]


@pytest.mark.parametrize(
    ("chunks", "status", "octets"),
    [
        ([b"HTTP/1.1 200 OK\r\n\r\nabc", b"de"], 200, 5),
        ([bytes([octet]) for octet in b"HTTP/1.1 200 OK\r\n\r\nabc"], 200, 3),
        ([b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 404 Not Found\r\n\r\na"], 404, 1),
        ([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 \r\n\r\n"], 200, 0),
        ([b"no head at all", b"x" * 100_000], None, None),
        ([b"nonsense\r\n\r\nabc"], None, 3),
        ([b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000, b"y"], 200, 1_000_001),
        ([], None, None),
    ],
)
def test_status_and_octets_are_read_off_the_response(
    chunks: list[bytes], status: int | None, octets: int | None
) -> None:
    seen = Answer()
    for chunk in chunks:
        seen.note(chunk)
    assert (seen.status, seen.octets) == (status, octets)


def test_a_log_that_cannot_be_written_stops_nothing(
    serve: Serve, hello: RequestCallback, caplog: pytest.LogCaptureFixture
) -> None:
    full = open("/dev/full", "w", encoding="ascii")  # noqa: SIM115, PTH123 - closed below
    client = serve(hello, access_log=AccessLog(full)).connect()
    assert [client.ask(GET % b"").status for _ in range(3)] == [200] * 3
    assert caplog.text.count("the access log cannot be written: ") == 1
    with pytest.raises(OSError, match="No space left"):
        full.close()
