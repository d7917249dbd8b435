"""The server: listening, accepting, stopping."""

import errno
import runpy
import socket
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reference_server.connection import RequestCallback
from reference_server.httpserver import HTTPServer
from reference_server.ioloop import IOLoop
from reference_server.network import prefork
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.request import HTTPRequest

Serve = Callable[..., Any]

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"

# The document's example. Only the import line differs from the original's; not one character may differ here.
EXAMPLE = textwrap.dedent("""\
    from reference_server import httpserver, ioloop

    def handle_request(request):
        message = b"You requested %s\\n" % request.uri.encode()
        request.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(message), message))
        request.finish()

    http_server = httpserver.HTTPServer(handle_request)
    http_server.listen(8888)
    ioloop.IOLoop.instance().start()
    """)


def answer(request: HTTPRequest, body: bytes = b"fine") -> None:
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    request.finish()


def test_the_documents_example_runs_word_for_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DOC-SRV-1, DOC-SRV-2, DOC-CONN-5: only its port is another one here."""
    example = tmp_path / "example.py"
    example.write_text(EXAMPLE)
    servers: list[HTTPServer] = []
    listening = threading.Event()

    def listen(self: HTTPServer, port: int, address: str = "") -> None:
        assert (port, address) == (8888, "")
        self.bind(0, address)
        self.start(1)
        servers.append(self)
        assert IOLoop.instance() is self.io_loop
        IOLoop.instance().add_callback(listening.set)

    monkeypatch.setattr(IOLoop, "_instance", None)
    monkeypatch.setattr(HTTPServer, "listen", listen)
    thread = threading.Thread(target=runpy.run_path, args=(str(example),))
    thread.start()
    assert listening.wait(10)
    loop = IOLoop.instance()
    try:
        with socket.create_connection(("127.0.0.1", servers[0].address[1]), timeout=10) as client:
            client.sendall(b"GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            received = b"".join(iter(lambda: client.recv(1000), b""))
    finally:
        loop.add_callback(servers[0].stop)
        loop.add_callback(servers[0].close_all)
        loop.add_callback(loop.stop)
        thread.join(10)
        loop.close()
    assert received == b"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\nYou requested /hello\n"


@pytest.fixture
def server(hello: RequestCallback) -> Any:
    loop = IOLoop()
    server = HTTPServer(hello, io_loop=loop)
    yield server
    server.stop()
    loop.close()


def test_binding_makes_a_listening_socket_once(server: HTTPServer) -> None:
    """DOC-SRV-3."""
    server.bind(0)
    listening = server._socket
    assert listening is not None
    assert not listening.getblocking()
    assert not listening.get_inheritable()
    assert listening.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
    assert server.address[0] == "0.0.0.0"
    with pytest.raises(AssertionError, match="Already bound"):
        server.bind(0)


def test_starting_once(server: HTTPServer) -> None:
    """DOC-SRV-4, DOC-SRV-2."""
    server.listen(0, "127.0.0.1")
    assert server.address[0] == "127.0.0.1"
    with pytest.raises(AssertionError, match="Already started"):
        server.start()


def test_a_port_in_use_is_an_error_that_leaves_nothing(server: HTTPServer, hello: RequestCallback) -> None:
    server.bind(0, "127.0.0.1")
    second = HTTPServer(hello, io_loop=server.io_loop)
    with pytest.raises(OSError, match="Address already in use"):
        second.bind(server.address[1], "127.0.0.1")
    second.bind(0, "127.0.0.1")
    second.stop()


def test_ipv6(server: HTTPServer) -> None:
    try:
        server.bind(0, "::1")
    except OSError:
        pytest.skip("no IPv6 here")
    assert server.address[0] == "::1"


def test_an_unbound_server_has_no_address(server: HTTPServer) -> None:
    with pytest.raises(AssertionError, match="Not bound"):
        server.address  # noqa: B018


@pytest.mark.parametrize("asked", [None, 0, -1])
def test_no_number_of_processes_means_one_for_each_cpu(
    asked: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOC-SRV-5."""
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    assert prefork.process_count(asked) == 7
    assert prefork.process_count(3) == 3


def test_several_processes_beside_a_loop_are_one(
    server: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-SRV-6."""
    server.bind(0, "127.0.0.1")
    server.start(2)
    assert "Cannot run in multiple processes" in caplog.text


def test_a_stopped_server_serves_its_connections_on(serve: Serve, hello: RequestCallback) -> None:
    """DOC-SRV-8."""
    server = serve(hello)
    client = server.connect()
    assert client.ask(GET).status == 200
    server.in_loop(server.server.stop)
    assert client.ask(GET).status == 200
    with pytest.raises(ConnectionRefusedError):
        server.connect()
    server.in_loop(server.server.stop)


def test_all_that_wait_are_accepted_at_once(serve: Serve, hello: RequestCallback) -> None:
    """DOC-SRV-9."""
    server = serve(hello)
    clients = [server.connect() for _ in range(100)]
    for client in clients:
        client.send(GET)
    assert all(client.response().status == 200 for client in clients)


def test_an_error_while_accepting_is_logged_and_accepting_goes_on(
    serve: Serve, hello: RequestCallback, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOC-SRV-9."""
    server = serve(hello)
    listening = server.server._socket

    class Broken:
        """A listening socket that has no descriptors left, once."""

        def accept(self) -> None:
            server.server._socket = listening
            raise OSError(errno.EMFILE, "Too many open files")

        def fileno(self) -> int:
            return int(listening.fileno())

    monkeypatch.setattr("reference_server.httpserver.PAUSE_SECONDS", 0)
    server.server._socket = Broken()
    assert server.connect().ask(GET).status == 200
    assert "Too many open files" in caplog.text


def test_a_connection_that_cannot_be_set_up_is_logged(
    serve: Serve, hello: RequestCallback, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOC-SRV-11."""

    def broken(*_: object) -> None:
        raise ValueError("no stream")

    server = serve(hello)
    with monkeypatch.context() as patch:
        patch.setattr("reference_server.httpserver.IOStream", broken)
        assert server.connect().read_to_end() == b""
    assert "Error in connection callback" in caplog.text
    assert server.connect().ask(GET).status == 200


def test_one_connection_too_many_is_told_so(serve: Serve, hello: RequestCallback) -> None:
    server = serve(hello, profile=HTTP11(Limits(connections=1)))
    first, second = server.connect(), server.connect()
    assert first.ask(GET).status == 200
    assert second.response().status == 503
    assert second.read_to_end() == b""


def test_draining_answers_what_is_in_flight_and_closes_what_is_idle(serve: Serve) -> None:
    waiting: list[HTTPRequest] = []
    arrived = threading.Event()
    drained = threading.Event()

    def callback(request: HTTPRequest) -> None:
        if request.method == "GET":
            answer(request)
            return
        waiting.append(request)
        arrived.set()

    server = serve(callback)
    idle, busy = server.connect(), server.connect()
    assert idle.ask(GET).status == 200
    busy.send(b"POST / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert arrived.wait(10)
    server.in_loop(lambda: server.server.drain(drained.set))
    assert idle.read_to_end() == b""
    assert not waiting[0].persistent
    server.in_loop(lambda: answer(waiting[0], b"late"))
    assert busy.response().body == b"late"
    assert busy.read_to_end() == b""
    idle.socket.close()
    busy.socket.close()
    assert drained.wait(10)


def test_draining_an_idle_server_is_done_at_once(serve: Serve, hello: RequestCallback) -> None:
    server = serve(hello)
    drained: list[bool] = []
    server.in_loop(lambda: server.server.drain(lambda: drained.append(True)))
    assert drained == [True]
