"""One measurement: start a server on one processor, put a load on it from another, and read what it used.

The figure is the processor time per request: that of the server's whole process tree, from /proc, while wrk
runs. Other processes on the machine change it less than they change the requests per second.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loads import Load
from benchmarks.peers import Peer

ROOT = Path(__file__).parent.parent

TICKS = os.sysconf("SC_CLK_TCK")
"""The units of processor time in /proc, per second."""

PATIENCE = 10.0
"""How long a server may take to start, to answer or to end, in seconds."""

REQUESTS = re.compile(r"(\d+) requests in ([\d.]+)(ms|s|m),")
TROUBLE = re.compile(r"^\s*(Socket errors:.*|Non-2xx.*)$", re.MULTILINE)


class Failure(Exception):
    """A server did not start, or did not answer as expected; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How long, with how many connections, and on which processors to measure."""

    seconds: int = 2
    """The time that counts."""

    warm_up: int = 1
    """The seconds before it, which do not count."""

    connections: int = 64

    server_cpu: int = 0

    client_cpu: int = 1


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The result of one measurement."""

    cpu: float
    """Microseconds of processor time per request."""

    rate: float
    """Requests per second."""


def measure(peer: Peer, load: Load, setting: Setting) -> Sample:
    """Measure one load on a server that is started for it. Raises ``Failure``."""
    with running(peer, setting.server_cpu) as (pid, port), tempfile.TemporaryDirectory() as folder:
        check(load, port)
        script = Path(folder, "load.lua")
        script.write_text(load.script())
        put_load(port, script, setting, setting.warm_up)
        before = processor_seconds(pid)
        requests, seconds = put_load(port, script, setting, setting.seconds)
        used = processor_seconds(pid) - before
    return Sample(cpu=used / requests * 1e6, rate=requests / seconds)


@contextlib.contextmanager
def running(peer: Peer, cpu: int) -> Iterator[tuple[int, int]]:
    """Start a server, pinned to a processor; yield its process id and its port once it accepts."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = ["taskset", "-c", str(cpu), *peer.command(port, Path(folder))]
        with subprocess.Popen(command, cwd=ROOT) as process:  # noqa: S603 - our own commands
            try:
                await_listener(process, port)
                yield process.pid, port
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


def await_listener(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Wait until a server accepts connections."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise Failure("did not start")


def check(load: Load, port: int) -> None:
    """Send the load once; each of its requests must get the expected answer."""
    expected = load.data.count(b" HTTP/1.1\r\n")
    received = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(load.data)
            while received.count(load.answer) < expected:
                received += (data := client.recv(65536))
                if not data:
                    break
    except OSError as error:
        raise Failure(f"does not answer: {error}") from None
    if received.count(b"HTTP/1.1 200 ") != expected:
        raise Failure(f"answers {received[:200]!r}")


def put_load(port: int, script: Path, setting: Setting, seconds: int) -> tuple[int, float]:
    """Let wrk send for some seconds; return how many requests were answered, and the time it took."""
    command = [
        *("taskset", "-c", str(setting.client_cpu)),
        *("wrk", "--threads", "1", "--connections", str(setting.connections), "--duration", f"{seconds}s"),
        *("--script", str(script), f"http://127.0.0.1:{port}/"),
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    figures = REQUESTS.search(output)
    trouble = TROUBLE.search(output)
    if figures is None or trouble is not None:
        raise Failure(trouble[1] if trouble else "wrk printed no figures")
    if figures[1] == "0":
        raise Failure("answers nothing under load")
    unit = {"ms": 0.001, "s": 1.0, "m": 60.0}[figures[3]]
    return int(figures[1]), float(figures[2]) * unit


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process and its descendants have used."""
    # utime and stime are fields 14 and 15; the program's name, field 2 in brackets, may hold anything
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / TICKS
    return own + sum(processor_seconds(child) for child in children(pid))


def children(pid: int) -> Iterator[int]:
    """Yield the child processes of all threads of a process."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (thread / "children").read_text().split())
