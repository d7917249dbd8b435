"""What peers, and the system, can do to a server: it goes on serving the others."""

import resource
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reference_server.connection import RequestCallback
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest
from tests.paths import ROOT

Serve = Callable[..., Any]

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"

EVERYTHING = (
    b"POST /a?b=c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'3;x="y"\r\nabc\r\n0\r\nT: u\r\n\r\n'
)


def answer(request: HTTPRequest, body: bytes = b"fine") -> None:
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    request.finish()


def reset(client: Any) -> None:
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.socket.close()


def ends(client: Any) -> None:
    client.half_close()
    client.read_to_end()


def closes(client: Any) -> None:
    client.socket.close()


def wait_for(condition: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and return it."""
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        if answered := condition():
            return answered
    raise AssertionError("never came true")


def no_connection_is_left(server: Any) -> bool:
    """Let time pass, for those that linger, until the last connection is gone."""

    def left() -> int:
        server.sweep(time.monotonic() + 10_000)
        count: int = server.in_loop(lambda: len(server.server._connections))
        return count

    return bool(wait_for(lambda: left() == 0))


@pytest.mark.parametrize("leaves", [reset, ends, closes])
def test_a_peer_may_vanish_at_any_octet(
    leaves: Callable[[Any], None], serve: Serve, hello: RequestCallback, profile: Profile,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """DOC-CONN-7, DOC-KA-6."""
    server = serve(hello, profile=profile)
    for cut in range(len(EVERYTHING) + 1):
        client = server.connect()
        client.send(EVERYTHING[:cut])
        leaves(client)
    assert server.connect().ask(GET).status == 200
    assert no_connection_is_left(server)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def client_hello(context: ssl.SSLContext) -> bytes:
    """Return the first octets that a client sends."""
    outgoing = ssl.MemoryBIO()
    session = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("leaves", [reset, closes, None])
def test_a_handshake_may_stall_or_break_at_any_octet(
    leaves: Callable[[Any], None] | None, serve: Serve, hello: RequestCallback, certificates: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """DOC-IO-3, DOC-SRV-10."""
    server = serve(hello, ssl_options={"certfile": str(certificates.server)})
    context = certificates.client_context()
    first = client_hello(context)
    for cut in range(0, len(first) + 1, 5):
        client = server.connect()
        client.send(first[:cut])
        if leaves is not None:
            leaves(client)
    assert server.connect(context).ask(GET).status == 200
    assert no_connection_is_left(server)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("secure", [False, True])
def test_a_slow_reader_holds_up_nobody(secure: bool, serve: Serve, certificates: Any) -> None:
    """DOC-IO-2: and no more of its requests are answered than fit the limit."""
    answered: list[str] = []

    def callback(request: HTTPRequest) -> None:
        answered.append(request.remote_ip)
        answer(request, b"x" * 1_000_000 if request.uri == "/large" else b"fine")

    options = {"ssl_options": {"certfile": str(certificates.server)}} if secure else {}
    server = serve(callback, profile=HTTP11(Limits(backlog=10_000)), **options)
    context = certificates.client_context() if secure else None
    slow = server.connect(context)
    slow.send(GET.replace(b"/ ", b"/large ") * 100)
    assert server.connect(context).ask(GET).body == b"fine"
    backlogs = server.in_loop(lambda: [each.stream.backlog for each in server.server._connections])
    assert len(answered) < 50
    assert max(backlogs) < 2_100_000
    server.in_loop(lambda: [each.sweep(time.monotonic()) for each in list(server.server._connections)])
    server.sweep(time.monotonic() + 10_000)
    assert server.connect(context).ask(GET).body == b"fine"


def test_callbacks_that_never_finish_hold_up_nobody(serve: Serve) -> None:
    """DOC-CONN-7: and their connections end when their peers do."""
    held: list[HTTPRequest] = []
    arrived = threading.Semaphore(0)

    def callback(request: HTTPRequest) -> None:
        if request.uri == "/":
            answer(request)
            return
        held.append(request)
        arrived.release()

    server = serve(callback)
    forgotten = [server.connect() for _ in range(50)]
    for client in forgotten:
        client.send(GET.replace(b"/ ", b"/never "))
    for _ in forgotten:
        assert arrived.acquire(timeout=10)
    assert server.connect().ask(GET).body == b"fine"
    for client in forgotten:
        reset(client)
    assert no_connection_is_left(server)


@pytest.fixture
def many_descriptors() -> Iterator[int]:
    """Let this process have as many descriptors as it may; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 100_000 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    yield most
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


COMMAND = """
import resource, runpy, sys
sys.path.insert(0, sys.argv.pop(1))
descriptors = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
runpy.run_module("reference_server", run_name="__main__", alter_sys=True)
"""

Start = Callable[[int], tuple[subprocess.Popen[str], int]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the command with so many descriptors; return the process and its port."""
    processes: list[subprocess.Popen[str]] = []

    def start(descriptors: int) -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, str(ROOT), str(descriptors), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        return process, int(process.stdout.readline().rpartition(":")[2])

    yield start
    for process in processes:
        process.kill()
        process.communicate(timeout=10)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def test_without_descriptors_it_serves_those_it_has_and_later_the_rest(start: Start) -> None:
    """DOC-SRV-9."""
    process, port = start(30)
    clients = [connect(port) for _ in range(60)]
    for client in clients:
        client.sendall(GET)
    served = 0
    assert clients[0].recv(1000).startswith(b"HTTP/1.1 200 ")
    for client in clients[1:]:  # each that goes away makes room for another
        clients[served].close()
        served += 1
        assert client.recv(1000).startswith(b"HTTP/1.1 200 ")
    clients[served].close()
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert errors == "ERROR reference_server.httpserver: New connections have to wait: Too many open files\n"
    assert process.returncode == 0


@pytest.mark.usefixtures("many_descriptors")
def test_thousands_of_idle_connections_hold_up_nobody(start: Start, many_descriptors: int) -> None:
    count = min(5000, many_descriptors - 1000)
    process, port = start(count + 100)
    idle = []
    for number in range(count):
        idle.append(connect(port))
        if number % 100 == 0 or number == count - 1:  # one that is served: all before it are accepted
            idle[-1].sendall(GET)
            assert idle[-1].recv(1000).startswith(b"HTTP/1.1 200 ")
    process.terminate()
    assert {client.recv(1000) for client in idle} == {b""}
    for client in idle:
        client.close()
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
