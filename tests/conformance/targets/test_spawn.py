"""Servers that the suite starts itself: waited for, started again when they die, ended with children."""

import shlex
import socket
import sys
import time
from pathlib import Path

import pytest

from clients.tcp import listens
from conformance.errors import BadUsage, Untestable
from conformance.targets.spawn import spawned
from tests.conformance.scripted_server import free_port, serving, silent

_AT_MOST = 60.0

# Says its own id and that of a child, then listens; dies when it is told to.
SERVER = """
import os, socket, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print(os.getpid(), child.pid, flush=True)
while True:
    connection, _ = listening.accept()
    if connection.recv(100) == b"die":
        print("oh\\x1b[2J no", flush=True)
        os._exit(7)
"""


def address() -> tuple[str, int]:
    return "127.0.0.1", free_port()


def command(where: tuple[str, int]) -> str:
    return shlex.join([sys.executable, "-c", SERVER, str(where[1])])


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
        time.sleep(0.01)  # a poll with a deadline: a child of a child is nobody's to wait for


def processes(log: Path) -> list[int]:
    lines = log.read_text(errors="replace").splitlines()
    return [int(pid) for line in lines for pid in line.split() if pid.isdigit()]


def test_it_listens_in_the_block_and_is_gone_with_its_children_behind(tmp_path: Path) -> None:
    where, log = address(), tmp_path / "log"
    with spawned(command(where), log, where) as server:
        assert listens(where)
        assert len(processes(log)) == 2
        assert all(is_running(pid) for pid in processes(log))
    wait_until_gone(*processes(log))
    assert server.crashes == ()


def test_one_that_dies_is_started_again(tmp_path: Path) -> None:
    where, log = address(), tmp_path / "log"
    with spawned(command(where), log, where) as server:
        with socket.create_connection(where) as connection:
            connection.sendall(b"die")
            connection.recv(1)
        last_moment = time.monotonic() + _AT_MOST
        while len(processes(log)) < 4:
            assert time.monotonic() < last_moment
            time.sleep(0.01)  # a poll with a deadline
        assert listens(where)
        assert [death.how for death in server.crashes] == ["ended with 7"]
        assert "oh\N{REPLACEMENT CHARACTER}[2J no" in server.last_output
    wait_until_gone(*processes(log))


def test_one_that_ends_before_it_listens_cannot_be_tested(tmp_path: Path) -> None:
    dying = shlex.join([sys.executable, "-c", "raise SystemExit(3)"])
    with (
        pytest.raises(Untestable, match="ended with 3 before it listened"),
        spawned(dying, tmp_path / "log", address()),
    ):
        pass


@pytest.mark.parametrize("said", ["", "'", "/no/such/command --port 1"])
def test_what_cannot_be_started_is_bad_usage(said: str, tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="--spawn"), spawned(said, tmp_path / "log", address()):
        pass


def test_a_port_in_use_is_bad_usage(tmp_path: Path) -> None:
    with serving(silent) as other:
        where = "127.0.0.1", other.port
        with (
            pytest.raises(BadUsage, match="listens at the URL already"),
            spawned("true", tmp_path / "log", where),
        ):
            pass
