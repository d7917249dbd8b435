"""Several processes that share a port, and how processes end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from reference_server.network import prefork
from reference_server.network.prefork import Family, Supervisor
from tests.paths import ROOT

SCRIPT = """
import os, random, signal, sys
sys.path.insert(0, sys.argv[1])
from reference_server.network import prefork
from reference_server import httpserver, ioloop, responses
from reference_server.parsing.limits import Limits

processes, gate, grace, trouble = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
httpserver.HARD_END_SECONDS = 0.1
prefork.RESTARTS = 3
waiting = []

def handle_request(request):
    if request.uri == "/die":
        os._exit(3)
    if request.uri == "/hang":
        print("hanging", flush=True)
        while True:
            pass
    if request.uri == "/late":
        waiting.append(request)
        print("arrived", flush=True)
    else:
        answer(request)

def answer(request):
    message = b"%d %d" % (os.getpid(), random.getrandbits(64))
    responses.respond(request, 200, message)

def opened(fd, events):
    loop.remove_handler(fd)
    for request in waiting:
        answer(request)

random.seed(1)
server = httpserver.HTTPServer(handle_request, profile=httpserver.HTTP11(Limits(grace_seconds=grace)))
server.bind(0, "127.0.0.1")
if trouble == "deaf":
    # In one write, for there are two of them.
    signal.signal(signal.SIGTERM, lambda *_: os.write(1, b"deaf\\n"))
print(server.address[1], os.getpid(), flush=True)
server.start(processes)
if trouble == "die-at-once":
    os._exit(4)
loop = ioloop.IOLoop.instance()
loop.add_handler(gate, opened, loop.READ)
if processes == 1:
    server.end_on_signals()
loop.start()
print("the end", flush=True)
"""


class Running:
    """The script above: a server that answers with its process id and a random number."""

    def __init__(self, processes: int = 2, *, grace: float = 60, trouble: str = "") -> None:
        gate, self._gate = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(ROOT), str(processes), str(gate), str(grace), trouble],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=[gate],
            start_new_session=True,
        )
        os.close(gate)
        self.port, self.pid = map(int, self.line().split())

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def open_gate(self) -> None:
        """Let the requests be answered that came for ``/late``, in each process."""
        os.close(self._gate)
        self._gate = -1

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ask(self, client: socket.socket | None = None) -> list[int]:
        """Return the process that answers, and its random number."""
        with contextlib.ExitStack() as stack:
            if client is None:
                client = stack.enter_context(self.connect())
            client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            return [int(number) for number in client.recv(1000).partition(b"\r\n\r\n")[2].split()]

    def send(self, client: socket.socket, target: bytes) -> None:
        client.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n")

    def all_ended(self) -> tuple[int, str]:
        """Wait until not one process is left that holds our pipes; return the parent's exit code."""
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors

    def close(self) -> None:
        if self._gate >= 0:
            self.open_gate()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.communicate(timeout=20)


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    with contextlib.ExitStack() as stack:

        def start(processes: int = 2, *, grace: float = 60, trouble: str = "") -> Running:
            running = Running(processes, grace=grace, trouble=trouble)
            stack.callback(running.close)
            return running

        yield start


def test_several_processes_share_the_port_and_end_together(start: Start) -> None:
    """DOC-SRV-7: with random numbers of their own, and one that dies is replaced."""
    server = start()
    children: dict[int, int] = {}
    give_up = time.monotonic() + 20
    while len(children) < 2 and time.monotonic() < give_up:
        child, number = server.ask()
        children.setdefault(child, number)
    assert len(set(children.values())) == 2
    assert server.pid not in children
    with server.connect() as client:
        server.send(client, b"/die")
        assert client.recv(1000) == b""
    replaced = set(children)
    while replaced <= set(children) and time.monotonic() < give_up:
        replaced = {server.ask()[0]}
    assert replaced - set(children)
    server.process.terminate()
    code, errors = server.all_ended()
    assert code == 0
    assert errors.count("ended with 3") == 1
    with pytest.raises(ConnectionRefusedError):
        server.connect()


def test_children_that_die_at_once_are_not_replaced_for_ever(start: Start) -> None:
    """DOC-SRV-7: the parent gives up, and says so."""
    code, errors = start(trouble="die-at-once").all_ended()
    assert code == 1
    assert "Children have ended more than 3 times in 60 seconds" in errors
    assert 4 <= errors.count("ended with 4") <= 5
    assert "Traceback" not in errors


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_what_is_idle_and_finishes_what_is_in_flight(
    number: signal.Signals, processes: int, start: Start
) -> None:
    """DOC-SRV-7: SIGTERM goes to the parent; Ctrl-C goes to all that run in the terminal."""
    server = start(processes)
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(server.connect()) for _ in range(10)]
        assert all(server.ask(client) for client in idle)
        busy = stack.enter_context(server.connect())
        server.send(busy, b"/late")
        assert server.line() == "arrived\n"
        if number == signal.SIGTERM:
            os.kill(server.pid, number)
        else:
            os.killpg(server.pid, number)
        assert [client.recv(1000) for client in idle] == [b""] * 10
        server.open_gate()
        assert busy.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")
        assert busy.recv(1000) == b""
    code, errors = server.all_ended()
    assert (code, errors) == (0, "")


def test_no_more_is_accepted_while_requests_are_finished(start: Start) -> None:
    server = start()
    with server.connect() as busy:
        server.send(busy, b"/late")
        assert server.line() == "arrived\n"
        server.process.terminate()
        assert refuses(server)
        server.open_gate()
        assert busy.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_child_that_is_told_to_end_is_replaced_and_that_is_logged(
    number: signal.Signals, start: Start
) -> None:
    """DOC-SRV-7: SIGTERM ends the family only when the parent gets it."""
    server = start(1 + 1)
    children: set[int] = set()
    give_up = time.monotonic() + 20
    while len(children) < 2 and time.monotonic() < give_up:
        children.add(server.ask()[0])
    told = min(children)
    os.kill(told, number)
    while len(children) < 3 and time.monotonic() < give_up:
        with contextlib.suppress(ConnectionError, IndexError):  # it may end with a connection of ours
            children.add(server.ask()[0])
    assert len(children) == 3
    server.process.terminate()
    code, errors = server.all_ended()
    assert code == 0
    assert errors == f"Child {told} ended with {0 if number == signal.SIGTERM else -number}\n"


class Load:
    """Clients that ask, one request after the other or with a connection each, until they are turned away.

    ``unanswered`` is the requests that were sent, on a connection that was open, and got no response.
    """

    def __init__(self, server: Running) -> None:
        self.answered = self.unanswered = 0
        self._server = server
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask, args=(number % 2,)) for number in range(20)]
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        for thread in self._threads:
            thread.join(20)

    def _ask(self, once: int) -> None:
        with contextlib.suppress(ConnectionRefusedError):
            while True:
                with self._server.connect() as client:
                    while self._is_answered(client) and not once:
                        pass

    def _is_answered(self, client: socket.socket) -> bool:
        """Ask; return whether there may be more on the connection."""
        received = b""
        with contextlib.suppress(ConnectionError):
            client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            received = client.recv(1000)
        with self._lock:
            self.answered += bool(received)
            self.unanswered += not received
        return bool(received) and b"\r\nConnection: close\r\n" not in received


@pytest.mark.parametrize("processes", [1, 2])
def test_a_signal_under_load_leaves_no_request_unanswered(processes: int, start: Start) -> None:
    """DOC-SRV-7, DOC-SRV-8: not those on their way, nor those on connections not accepted yet."""
    server = start(processes)
    load = Load(server)
    while load.answered < 500:
        time.sleep(0.01)
    server.process.terminate()
    load.wait()
    assert load.unanswered == 0
    assert server.all_ended()[0] == 0


@pytest.mark.parametrize(("processes", "code"), [(1, -signal.SIGINT), (2, 128 + signal.SIGINT)])
def test_a_second_interrupt_ends_at_once(processes: int, code: int, start: Start) -> None:
    """DOC-SRV-7: though a request is in flight."""
    server = start(processes)
    with server.connect() as busy:
        server.send(busy, b"/late")
        assert server.line() == "arrived\n"
        os.killpg(server.pid, signal.SIGINT)
        assert refuses(server)
        assert server.process.poll() is None
        os.killpg(server.pid, signal.SIGINT)
        assert server.all_ended() == (code, "")


@pytest.mark.parametrize(("processes", "code"), [(1, -signal.SIGINT), (2, 128 + signal.SIGINT)])
def test_interrupts_end_a_callback_that_hangs(processes: int, code: int, start: Start) -> None:
    """DOC-SRV-7: two are enough, when the first one has been seen before the second."""
    server = start(processes)
    with server.connect() as busy:
        server.send(busy, b"/hang")
        assert server.line() == "hanging\n"
        while server.process.poll() is None:
            os.killpg(server.pid, signal.SIGINT)
            time.sleep(0.02)
        assert server.all_ended() == (code, "")


def test_an_interrupt_of_the_parent_alone_ends_its_children_at_the_second(start: Start) -> None:
    """DOC-SRV-7: as when it does not come from a terminal."""
    server = start(2)
    with server.connect() as busy:
        server.send(busy, b"/late")
        assert server.line() == "arrived\n"
        server.process.send_signal(signal.SIGINT)
        assert refuses(server)
        server.process.send_signal(signal.SIGINT)
        assert server.all_ended() == (128 + signal.SIGINT, "")


def test_other_signals_may_come_twice(start: Start) -> None:
    """As SIGTERM does to the children, when a whole group gets it."""
    server = start(2)
    with server.connect() as busy:
        server.send(busy, b"/late")
        assert server.line() == "arrived\n"
        for _ in range(2):
            os.killpg(server.pid, signal.SIGTERM)
        assert refuses(server)
        server.open_gate()
        assert busy.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")
    assert server.all_ended()[0] == 0


def refuses(server: Running) -> bool:
    """Connect until that is refused, which the parent may do a moment after its children."""
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        try:
            server.connect().close()
        except ConnectionError:
            return True
    return False


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_in_flight_has_a_grace_period(processes: int, start: Start) -> None:
    server = start(processes, grace=0.05)
    with server.connect() as busy:
        server.send(busy, b"/late")
        assert server.line() == "arrived\n"
        server.process.terminate()
        assert busy.recv(1000) == b""
    assert server.all_ended()[0] == 0


def test_a_callback_that_hangs_cannot_keep_a_process(start: Start) -> None:
    server = start(1, grace=0.05)
    with server.connect() as busy:
        server.send(busy, b"/hang")
        assert server.line() == "hanging\n"
        server.process.terminate()
        assert server.all_ended()[0] == -signal.SIGALRM


def test_a_callback_that_hangs_cannot_keep_the_family(start: Start) -> None:
    """DOC-SRV-7."""
    server = start(2, grace=0.05)
    with server.connect() as busy:
        server.send(busy, b"/hang")
        assert server.line() == "hanging\n"
        server.process.terminate()
        assert server.all_ended()[0] == 0


@pytest.mark.parametrize("parent_gets", [signal.SIGTERM, signal.SIGKILL])
def test_a_child_that_ignores_what_it_is_told_is_killed(parent_gets: signal.Signals, start: Start) -> None:
    """DOC-SRV-7."""
    server = start(2, grace=0.05, trouble="deaf")
    assert server.ask()
    os.kill(server.pid, parent_gets)
    assert server.line() == "deaf\n"
    assert server.all_ended()[0] == (0 if parent_gets == signal.SIGTERM else -signal.SIGKILL)


@pytest.mark.parametrize("target", [b"/", b"/hang"])
def test_no_child_outlives_its_parent(target: bytes, start: Start) -> None:
    """DOC-SRV-7: not even one whose callback hangs, when the parent is killed."""
    server = start(2, grace=0.05)
    with server.connect() as client:
        server.send(client, target)
        if target == b"/hang":
            assert server.line() == "hanging\n"
        else:
            assert client.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")
        server.process.kill()
        assert server.all_ended()[0] == -signal.SIGKILL
    with pytest.raises(ConnectionRefusedError):
        server.connect()


def test_a_signal_that_the_application_handles_is_left_to_it() -> None:
    script = (
        "import signal, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from reference_server.httpserver import HTTPServer\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "HTTPServer(print).end_on_signals()\n"
        "print(signal.getsignal(signal.SIGINT).name, callable(signal.getsignal(signal.SIGTERM)))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(ROOT)], capture_output=True, text=True, check=True
    )
    assert said.stdout == "SIG_IGN True\n"


def nothing() -> None:
    """Do it."""


def test_other_children_of_the_application_are_left_to_it() -> None:
    supervisor = Supervisor(Family(count=1, patience=1, set_up_child=nothing, wind_up=nothing))
    ours, other = (subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) for _ in range(2))
    supervisor._children = {ours.pid}
    give_up = time.monotonic() + 10
    failed = 0
    while not failed and time.monotonic() < give_up:
        failed = supervisor._count_ended()
    assert failed == 1
    assert supervisor._children == set()
    assert other.wait(10) == 3
    ours.wait(10)
    os.close(supervisor.lifeline)
    os.close(supervisor._held_by_parent)


def test_failures_far_apart_are_replaced_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    supervisor = Supervisor(Family(count=1, patience=1, set_up_child=nothing, wind_up=nothing))
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for _ in range(prefork.RESTARTS * 5):
        assert supervisor._may_restart()
        now[0] += prefork.RESTART_SECONDS / prefork.RESTARTS
    os.close(supervisor.lifeline)
    os.close(supervisor._held_by_parent)
