"""The documented classes, made and used as the document shows it: without a server, or around its methods."""

import contextlib
import gc
import socket
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reference_server.access_log import AccessLog, LoggedConnection
from reference_server.connection import HTTPConnection, Phase, RequestCallback
from reference_server.httpserver import HTTPServer
from reference_server.httputil import HTTPHeaders
from reference_server.ioloop import IOLoop
from reference_server.iostream import IOStream, SSLIOStream
from reference_server.parsing.documented import Documented
from reference_server.parsing.forms import HTTPFile
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Refusal
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest

GET = b"GET /a?b=c HTTP/1.1\r\nHost: h\r\n%b\r\n"

ADDRESS = ("192.0.2.7", 4711)


class Line:
    """A loop, a stream in it, and the socket at the other end."""

    def __init__(self) -> None:
        self.loop = IOLoop()
        self.loop.call_later(10, self.loop.stop)  # a test that fails ends, too
        ours, self.peer = socket.socketpair()
        self.peer.settimeout(10)
        self.stream = IOStream(ours, self.loop)
        self.requests: list[HTTPRequest] = []

    def take(self, request: HTTPRequest) -> None:
        """Keep a request, and let ``run`` return."""
        self.requests.append(request)
        self.loop.stop()

    def answer(self, request: HTTPRequest) -> None:
        """Keep a request, answer it, and let ``run`` return when the answer has left."""
        self.requests.append(request)
        request.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        request.finish()
        self.loop.add_callback(self.loop.stop)

    def run(self) -> None:
        self.loop.start()

    def run_until_closed(self, stream: IOStream) -> None:
        """Run until the stream is closed, and those are told who want to be."""

        def look() -> None:
            self.loop.add_callback(self.loop.stop if stream.closed() else look)

        look()
        self.run()

    def close(self) -> None:
        self.stream.close()
        self.peer.close()
        self.loop.close()


@pytest.fixture
def line() -> Iterator[Line]:
    with contextlib.closing(Line()) as line:
        yield line


# HTTPRequest


class Connection:
    """What a request knows of its connection, and nothing besides."""

    def __init__(self, *, xheaders: bool = False, stream: Any = None) -> None:
        self.xheaders = xheaders
        self.stream = stream
        self.done: list[object] = []

    def write(self, chunk: bytes) -> None:
        self.done.append(chunk)

    def finish(self) -> None:
        self.done.append("finish")


def test_a_request_needs_a_method_and_a_uri() -> None:
    """DOC-REQ-10: what is left out."""
    request = HTTPRequest("GET", "/a?b=c")
    assert (request.method, request.uri, request.version) == ("GET", "/a?b=c", "HTTP/1.0")
    assert (request.path, request.query, request.arguments) == ("/a", "b=c", {"b": [b"c"]})
    assert (request.headers, request.body, request.files) == (HTTPHeaders(), b"", {})
    assert (request.remote_ip, request.protocol, request.host) == (None, "http", "127.0.0.1")
    assert request.connection is None
    assert dict(request.trailers) == {}
    assert not request.persistent
    assert not request.supports_http_1_1()
    assert request.request_time() >= 0
    assert repr(request) == (
        "HTTPRequest(protocol='http', host='127.0.0.1', method='GET', uri='/a?b=c', version='HTTP/1.0', "
        "remote_ip=None, body=b'', headers={})"
    )


def test_a_request_takes_everything_by_position() -> None:
    """DOC-REQ-10, DOC-REQ-11."""
    headers, connection = HTTPHeaders({"Host": "h"}), Connection()
    files = {"f": [HTTPFile(filename="n", content_type="text/x", body=b"content")]}
    request = HTTPRequest(
        "POST", "/", "HTTP/1.1", headers, b"body", "192.0.2.7", "https", "other", files, connection
    )
    assert (request.version, request.body, request.remote_ip) == ("HTTP/1.1", b"body", "192.0.2.7")
    assert (request.protocol, request.host) == ("https", "other")
    assert request.headers is headers
    assert request.connection is connection
    assert request.files == {"f": [{"filename": "n", "content_type": "text/x", "body": b"content"}]}
    assert request.full_url() == "https://other/"


@pytest.mark.parametrize(
    ("host", "fields", "expected"),
    [
        (None, {"Host": "h"}, "h"),
        ("", {"Host": "h"}, "h"),
        ("other", {"Host": "h"}, "other"),
        (None, {"Host": ""}, "127.0.0.1"),
        ("", {}, "127.0.0.1"),
    ],
)
def test_the_host_of_a_request(host: str | None, fields: dict[str, str], expected: str) -> None:
    """DOC-REQ-10, DOC-REQ-2."""
    assert HTTPRequest("GET", "/", headers=HTTPHeaders(fields), host=host).host == expected


SECURE = SSLIOStream.__new__(SSLIOStream)
"""A stream over TLS in name, on which nothing comes."""


@pytest.mark.parametrize(
    ("stream", "protocol", "expected"),
    [(None, None, "http"), (None, "https", "https"), (SECURE, None, "https"), (SECURE, "http", "http")],
)
def test_the_protocol_of_a_request(stream: Any, protocol: str | None, expected: str) -> None:
    """DOC-REQ-10, DOC-REQ-3."""
    connection = Connection(stream=stream)
    assert HTTPRequest("GET", "/", protocol=protocol, connection=connection).protocol == expected


@pytest.mark.parametrize(
    ("fields", "stream", "protocol", "expected"),
    [
        ({"X-Real-Ip": "192.0.2.9"}, None, None, ("192.0.2.9", "http")),
        ({"X-Forwarded-For": "192.0.2.9", "X-Scheme": "https"}, None, "http", ("192.0.2.9", "https")),
        ({"X-Forwarded-Proto": "gopher"}, SECURE, "https", ("192.0.2.7", "http")),
        ({}, None, "https", ("192.0.2.7", "https")),
        ({}, SECURE, None, ("192.0.2.7", "https")),
    ],
)
def test_a_connection_with_xheaders_believes_a_proxy(
    fields: dict[str, str], stream: Any, protocol: str | None, expected: tuple[str, str]
) -> None:
    """DOC-REQ-10, DOC-REQ-4."""
    request = HTTPRequest(
        "GET",
        "/",
        headers=HTTPHeaders(fields),
        remote_ip="192.0.2.7",
        protocol=protocol,
        connection=Connection(xheaders=True, stream=stream),
    )
    assert (request.remote_ip, request.protocol) == expected


def test_a_request_answers_through_the_connection_it_was_given() -> None:
    """DOC-REQ-6, DOC-REQ-10."""
    connection = Connection()
    request = HTTPRequest("GET", "/", connection=connection)
    request.write(b"one")
    request.finish()
    assert connection.done == [b"one", "finish"]
    assert request.request_time() == request.request_time()
    with pytest.raises(AssertionError, match="Request closed"):
        request.write(b"two")
    with pytest.raises(AssertionError, match="Request closed"):
        request.finish()
    assert connection.done == [b"one", "finish"]


def test_a_request_without_a_connection_cannot_answer() -> None:
    """DOC-REQ-10."""
    request = HTTPRequest("GET", "/")
    for _ in range(2):
        with pytest.raises(AttributeError):
            request.write(b"x")
        with pytest.raises(AttributeError):
            request.finish()
        with pytest.raises(AttributeError):
            request.get_ssl_certificate()


def test_the_attributes_of_a_request_may_be_set(line: Line) -> None:
    """DOC-REQ-1: on the original they are plain attributes, and middleware sets them."""
    line.peer.sendall(GET % b"")
    HTTPConnection(line.stream, ADDRESS, line.take)
    line.run()
    for request in (line.requests[0], HTTPRequest("GET", "/a?b=c")):
        request.arguments["d"] = [b"e"]
        assert request.arguments == {"b": [b"c"], "d": [b"e"]}
        for name in ("path", "query", "arguments", "files", "headers", "body", "host", "remote_ip"):
            value: Any = object()
            setattr(request, name, value)
            assert getattr(request, name) is value


def test_too_many_arguments_are_refused_to_hands_as_well() -> None:
    """DOC-REQ-10: the limit is the default one."""
    most = Limits().form_fields
    assert len(HTTPRequest("GET", "/?" + "a=b&" * (most - 1)).arguments["a"]) == most - 1
    with pytest.raises(Refusal):
        HTTPRequest("GET", "/?" + "a=b&" * most)


# HTTPConnection


def test_a_connection_needs_a_stream_an_address_and_a_callback(line: Line) -> None:
    """DOC-CONN-9: its attributes, their defaults, and that it begins to read."""
    connection = HTTPConnection(line.stream, ADDRESS, line.take)
    assert (connection.stream, connection.address) == (line.stream, ADDRESS)
    assert connection.request_callback == line.take
    assert (connection.no_keep_alive, connection.xheaders) == (False, False)
    assert type(connection.profile) is HTTP11
    assert connection.profile.limits == Limits()
    line.peer.sendall(GET % b"")
    line.run()
    (request,) = line.requests
    assert (request.uri, request.remote_ip, request.protocol) == ("/a?b=c", "192.0.2.7", "http")
    assert request.connection is connection


def test_a_connection_takes_what_the_document_has_by_position_and_the_rest_by_name(line: Line) -> None:
    """DOC-CONN-9."""
    connection = HTTPConnection(line.stream, ADDRESS, line.take, True, True)
    assert (connection.no_keep_alive, connection.xheaders) == (True, True)
    too_many: Any = (line.stream, ADDRESS, line.take, True, True, HTTP11())
    with pytest.raises(TypeError):
        HTTPConnection(*too_many)


def test_a_connection_made_by_hand_serves_one_request_after_the_other(line: Line, profile: Profile) -> None:
    """DOC-CONN-9, DOC-KA-5."""
    HTTPConnection(line.stream, ADDRESS, line.answer, profile=profile)
    for count in (1, 2):
        line.peer.sendall(GET % b"")
        line.run()
        assert line.peer.recv(1000) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        assert len(line.requests) == count


def test_the_options_of_a_connection_made_by_hand(line: Line, profile: Profile) -> None:
    """DOC-CONN-9, DOC-KA-1, DOC-REQ-4."""
    HTTPConnection(line.stream, ADDRESS, line.answer, True, True, profile=profile)
    line.peer.sendall(GET % b"X-Real-Ip: 192.0.2.9\r\nX-Scheme: https\r\n")
    line.run()
    (request,) = line.requests
    assert (request.remote_ip, request.protocol) == ("192.0.2.9", "https")
    line.loop.call_later(0, line.loop.stop)
    line.run()
    assert line.peer.recv(1000) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    assert line.peer.recv(1000) == b""


def test_a_connection_goes_on_where_another_reader_stopped(line: Line, profile: Profile) -> None:
    """DOC-CONN-9: a PROXY line, say, is read first; what came with it is not lost."""
    line.peer.sendall(b"PROXY TCP4 192.0.2.9 192.0.2.1 4712 80\r\n" + GET % b"")

    def take_over(proxy_line: bytes) -> None:
        address = (proxy_line.split()[2].decode(), 4712)
        HTTPConnection(line.stream, address, line.take, profile=profile)

    line.stream.read_until(b"\r\n", take_over)
    line.run()
    assert [(request.uri, request.remote_ip) for request in line.requests] == [("/a?b=c", "192.0.2.9")]


def test_the_buffer_of_the_stream_bounds_a_body(line: Line, profile: Profile) -> None:
    """DOC-CONN-9, DOC-LEN-2."""
    line.stream.max_buffer_size = 10
    HTTPConnection(line.stream, ADDRESS, line.answer, profile=profile)
    post = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%b"
    line.peer.sendall(post % (10, b"x" * 10))
    line.run()
    assert line.requests[0].body == b"x" * 10
    assert line.peer.recv(1000).startswith(b"HTTP/1.1 200 ")
    line.peer.sendall(post % (11, b""))
    line.peer.shutdown(socket.SHUT_WR)
    line.run_until_closed(line.stream)
    refusal = line.peer.recv(1000)
    assert refusal == b"" if isinstance(profile, Documented) else refusal.startswith(b"HTTP/1.1 413 ")
    assert len(line.requests) == 1


def test_a_connection_made_by_hand_has_deadlines_of_its_own(
    line: Line, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOC-CONN-9: nobody sweeps it, and yet it ends."""
    monkeypatch.setattr("reference_server.sweeper.SWEEP_SECONDS", 0)
    hurried = type(profile)(Limits(header_seconds=0, linger_seconds=0))
    connection = HTTPConnection(line.stream, ADDRESS, line.take, profile=hurried)
    assert connection.phase is Phase.HEAD
    line.run_until_closed(line.stream)
    assert line.peer.recv(1000) == b""
    assert line.requests == []


def test_nothing_holds_on_to_a_connection_that_is_closed(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """DOC-CONN-9: also where the application has taken the stream's close callback for itself."""
    monkeypatch.setattr("reference_server.sweeper.SWEEP_SECONDS", 0)
    for taken in (False, True):
        ours, peer = socket.socketpair()
        stream = IOStream(ours, line.loop)
        gone: list[HTTPConnection] = []
        connection = HTTPConnection(stream, ADDRESS, line.take, on_close=gone.append)
        reference = weakref.ref(connection)
        if taken:
            stream.set_close_callback(None)
        peer.close()
        line.loop.call_later(0, stream.close)
        line.run_until_closed(stream)
        line.loop.call_later(0, line.loop.stop)
        line.run()
        assert gone == [connection]
        gone.clear()
        del connection
        gc.collect()
        assert reference() is None


def test_a_connection_made_by_hand_may_keep_an_access_log(line: Line, tmp_path: Any) -> None:
    """DOC-CONN-9."""
    with (tmp_path / "access.log").open("w+") as output:
        LoggedConnection(line.stream, ADDRESS, line.answer, access_log=AccessLog(output))
        line.peer.sendall(GET % b"")
        line.run()
        output.seek(0)
        written = output.read()
    assert written.startswith("192.0.2.7 - - [")
    assert '"GET /a?b=c HTTP/1.1" 200 0 ' in written


# HTTPServer


def test_a_server_keeps_what_it_was_given(hello: RequestCallback, certificates: Any, line: Line) -> None:
    """DOC-SRV-12, DOC-SRV-1."""
    server = HTTPServer(hello)
    assert server.request_callback is hello
    assert (server.no_keep_alive, server.io_loop, server.xheaders, server.ssl_options) == (
        False,
        None,
        False,
        None,
    )
    options = {"certfile": str(certificates.server)}
    server = HTTPServer(hello, True, line.loop, True, options)
    assert (server.no_keep_alive, server.io_loop, server.xheaders) == (True, line.loop, True)
    assert server.ssl_options is options
    too_many: Any = (hello, True, line.loop, True, options, HTTP11())
    with pytest.raises(TypeError):
        HTTPServer(*too_many)


def test_start_sets_the_loop_of_the_process(
    hello: RequestCallback, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOC-SRV-12, DOC-SRV-4."""
    monkeypatch.setattr(IOLoop, "_instance", line.loop)
    server = HTTPServer(hello)
    server.bind(0, "127.0.0.1")
    before = server.io_loop
    server.start()
    assert (before, server.io_loop) == (None, line.loop)
    server.stop()


class NotingLoop(IOLoop):
    """A loop that knows which handlers it was given."""

    def __init__(self) -> None:
        self.noted: dict[int, tuple[Callable[[int, int], None], int]] = {}
        super().__init__()

    def add_handler(self, fd: int, handler: Callable[[int, int], None], events: int) -> None:
        self.noted[fd] = handler, events
        super().add_handler(fd, handler, events)


def test_the_accepting_method_is_registered_under_its_name(hello: RequestCallback) -> None:
    """DOC-SRV-12, DOC-SRV-4."""
    with contextlib.closing(NotingLoop()) as loop:
        server = HTTPServer(hello, io_loop=loop)
        server.listen(0, "127.0.0.1")
        assert server._socket is not None
        assert loop.noted[server._socket.fileno()] == (server._handle_events, IOLoop.READ)
        server.stop()


@pytest.mark.parametrize("replaced", [True, False], ids=["replaced", "called"])
def test_the_accepting_method_may_be_replaced_and_called(
    replaced: bool, line: Line, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOC-SRV-12."""
    monkeypatch.setattr(IOLoop, "_instance", line.loop)
    server = HTTPServer(line.take, profile=profile)
    server.bind(0, "127.0.0.1")
    assert server._socket is not None
    original, called = server._handle_events, []

    def wrapped(fd: int, events: int) -> None:
        called.append((fd, events))
        original(fd, events)

    with socket.create_connection(server.address) as client:
        client.sendall(GET % b"")
        fd = server._socket.fileno()
        if replaced:
            monkeypatch.setattr(server, "_handle_events", wrapped)
            server.start()
        else:
            wrapped(fd, IOLoop.READ)
        line.run()
        assert [request.uri for request in line.requests] == ["/a?b=c"]
        assert (fd, IOLoop.READ) in called
        server.close_all()
        server.stop()
