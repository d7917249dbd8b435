"""`--spawn`: a server is waited for, started again when it crashes, and ended with its descendants."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clients.tcp import listens
from conformance.errors import BadUsage, Untestable
from conformance.targets.spawn import SpawnedServer, spawn_server
from tests.conformance.scripted_server import free_port, serving, silent
from tests.paths import ROOT

_AT_MOST = 60.0

# Prints its own process id and that of a child, then listens; exits or kills itself when a client asks.
SERVER = """
import os, signal, socket, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print(os.getpid(), child.pid, flush=True)
while True:
    connection, _ = listening.accept()
    command = connection.recv(100)
    if command == b"exit":
        print("oh\\x1b[2J no", flush=True)
        os._exit(7)
    if command == b"kill":
        os.kill(os.getpid(), signal.SIGSEGV)
"""


def address() -> tuple[str, int]:
    return "127.0.0.1", free_port()


def command(where: tuple[str, int]) -> str:
    return shlex.join([sys.executable, "-c", SERVER, str(where[1])])


def tell(where: tuple[str, int], order: bytes) -> None:
    """Give the server an order, and wait until it has obeyed."""
    with socket.create_connection(where) as connection:
        connection.sendall(order)
        connection.recv(1)


def is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(*pids: int) -> None:
    last_moment = time.monotonic() + _AT_MOST
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < last_moment
        time.sleep(0.01)  # a poll with a deadline: only its parent can wait for a process


def processes(log: Path, number: int) -> list[int]:
    """The ids that servers have printed, once there are as many as wanted."""
    last_moment = time.monotonic() + _AT_MOST
    while True:
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        pids = [int(pid) for line in lines for pid in line.split() if pid.isdigit()]
        if len(pids) >= number:
            return pids
        assert time.monotonic() < last_moment
        time.sleep(0.01)  # a poll with a deadline


def wait_for_crash(server: SpawnedServer) -> str:
    last_moment = time.monotonic() + _AT_MOST
    while not server.crashes:
        assert time.monotonic() < last_moment
        time.sleep(0.01)  # a poll with a deadline
    return server.crashes[-1].how


def test_a_server_listens_during_the_block_and_ends_with_its_descendants(tmp_path: Path) -> None:
    where, log = address(), tmp_path / "log"
    with spawn_server(command(where), log, where) as server:
        assert listens(where)
        pids = processes(log, 2)
        assert all(is_running(pid) for pid in pids)
    wait_until_gone(*pids)
    assert server.crashes == ()


def test_a_server_that_crashes_is_started_again(tmp_path: Path) -> None:
    where, log = address(), tmp_path / "log"
    with spawn_server(command(where), log, where) as server:
        tell(where, b"exit")
        pids = processes(log, 4)
        assert listens(where)
        assert [crash.how for crash in server.crashes] == ["exited with code 7"]
        assert "oh\\x1b[2J no" in server.last_output
    wait_until_gone(*pids)


def test_a_signal_that_ends_a_server_is_named(tmp_path: Path) -> None:
    where = address()
    with spawn_server(command(where), tmp_path / "log", where) as server:
        tell(where, b"kill")
        assert wait_for_crash(server) == f"was ended by signal {signal.SIGSEGV.value} (SIGSEGV)"


def test_a_server_that_is_started_again_on_request_has_not_crashed(tmp_path: Path) -> None:
    where, log = address(), tmp_path / "log"
    with spawn_server(command(where), log, where) as server:
        server.start_again()
        processes(log, 4)
        assert server.crashes == ()


def test_a_server_ends_with_a_run_that_is_killed(tmp_path: Path) -> None:
    where, log = address(), tmp_path / "log"
    run = (
        "import pathlib, sys\n"
        "from conformance.targets.spawn import spawn_server\n"
        f"with spawn_server({command(where)!r}, pathlib.Path(sys.argv[1]), {where!r}):\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", run, str(log)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        pids = processes(log, 2)
        process.kill()
    wait_until_gone(*pids)


def test_a_server_that_ends_before_it_listens_cannot_be_tested(tmp_path: Path) -> None:
    ending = shlex.join([sys.executable, "-c", "raise SystemExit(3)"])
    sentence = (
        "the server that --spawn started exited with code 3 before it listened at the URL; its output is in "
    )
    with pytest.raises(Untestable, match=sentence), spawn_server(ending, tmp_path / "log", address()):
        pass


def test_a_server_that_never_listens_cannot_be_tested(tmp_path: Path) -> None:
    server = SpawnedServer(
        shlex.join([sys.executable, "-c", "import time; time.sleep(600)"]), tmp_path / "log"
    )
    try:
        with pytest.raises(Untestable, match="did not listen at the URL within 0 s"):
            server.wait_for(address(), within=0)
    finally:
        server.end()


@pytest.mark.parametrize("text", ["", "'", "/no/such/command --port 1"])
def test_a_command_that_cannot_be_started_is_bad_usage(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="--spawn"), spawn_server(text, tmp_path / "log", address()):
        pass


def test_an_address_in_use_is_bad_usage(tmp_path: Path) -> None:
    with serving(silent) as other:
        where = "127.0.0.1", other.port
        with (
            pytest.raises(BadUsage, match="another server already listens at the URL"),
            spawn_server("true", tmp_path / "log", where),
        ):
            pass
