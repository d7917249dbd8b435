"""How much memory peers can make the reference server hold: each kind of flood, and the peak that it causes.

    python -m benchmarks.memory

Each row is a server of its own, with the limits of its profile: `http11` unless the row says otherwise. The
peers of a row send at the same time, and stay connected until the server refuses them or everything is sent;
the peak is the server's resident memory (VmHWM), as Linux reports it.
"""

import contextlib
import itertools
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

GET = b"GET %b HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST /witness/echo HTTP/1.1\r\nHost: h\r\n%b\r\n\r\n"
CHUNKED = POST % b"Transfer-Encoding: chunked"
FORM = POST % b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d"
PARTS = POST % b"Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %d"

PIECE = 64 * 1024
MEBIBYTE = 1024 * 1024

ANSWERED = b"HTTP/1.1 200 OK\r\n"


@dataclass(frozen=True)
class Flood:
    """Peers that all send the same."""

    name: str

    peers: int
    """How many there are."""

    first: bytes
    """What each sends once."""

    then: bytes
    """What each sends after it, over and over."""

    most: int
    """The most bytes that each sends."""

    reads: bool = True
    """Whether they read the responses; peers that do not read stop when the server takes no more."""

    profile: str = "http11"
    """The profile of the server."""

    def pieces(self) -> Iterator[bytes]:
        """Yield what one peer sends."""
        yield self.first
        piece = self.then * max(1, PIECE // max(1, len(self.then)))
        yield from itertools.repeat(piece, self.most // max(1, len(piece)))


ESCAPES = b"%41" * (PIECE // 3)
PART = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
FILE = b'--B\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n%b\r\n' % bytes(PIECE)

FLOODS = [
    Flood("idle connections", 5000, b"", b"", 0),
    Flood("idle connections after one response", 5000, GET % b"/", b"", 0),
    Flood(
        "heads of 60 KiB that never end",
        100,
        b"GET / HTTP/1.1\r\n" + (b"A: " + b"b" * 15_000 + b"\r\n") * 4,
        b"",
        0,
    ),
    Flood("a target without end", 100, b"GET /", b"a", MEBIBYTE),
    Flood("a field without end", 100, b"GET / HTTP/1.1\r\nA: ", b"b", MEBIBYTE),
    Flood("fields without end", 100, b"GET / HTTP/1.1\r\n", b"A: b\r\n", MEBIBYTE),
    Flood(
        "bodies of 10 MiB, by length", 10, POST % b"Content-Length: 104857600", b"x" * PIECE, 10 * MEBIBYTE
    ),
    Flood("one chunked body without end", 1, CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n", 200 * MEBIBYTE),
    Flood("chunks of one byte, 1 MiB of them", 10, CHUNKED, b"1\r\nx\r\n", 6 * MEBIBYTE),
    Flood("a chunk extension without end", 100, CHUNKED + b"1;", b"a", MEBIBYTE),
    Flood("chunk extensions without end", 100, CHUNKED, b"1;a\r\nx\r\n", MEBIBYTE),
    Flood("trailers without end", 100, CHUNKED + b"0\r\n", b"A: b\r\n", MEBIBYTE),
    Flood("a form of a million fields", 1, FORM % (4 * MEBIBYTE), b"a=1&", 4 * MEBIBYTE),
    Flood(
        "a form of 10 MB of escapes", 1, FORM % (2 + 150 * len(ESCAPES)) + b"a=", ESCAPES, 150 * len(ESCAPES)
    ),
    Flood("a form of a name of 10 MiB", 1, FORM % (10 * MEBIBYTE), b"a", 10 * MEBIBYTE),
    Flood("a form of 600,000 parts", 1, PARTS % (32 * MEBIBYTE), PART, 33 * MEBIBYTE),
    Flood("a form of 160 files of 64 KiB", 1, PARTS % (160 * len(FILE)), FILE, 160 * len(FILE)),
    Flood("a form of what is nearly a delimiter", 1, PARTS % (8 * MEBIBYTE), b"\r\n--B  x", 8 * MEBIBYTE),
    Flood(
        "empty field lines without end, documented",
        100,
        b"GET / HTTP/1.1\r\n",
        b"a:\r\n",
        MEBIBYTE,
        profile="documented",
    ),
    Flood(
        "pipelined requests, no response read",
        100,
        b"",
        GET % b"/witness/size/1000",
        20 * MEBIBYTE,
        reads=False,
    ),
    Flood(
        "requests for 1 MB each, no response read",
        100,
        b"",
        GET % b"/witness/size/1000000",
        MEBIBYTE,
        reads=False,
    ),
]


def play(flood: Flood, peer: socket.socket) -> None:
    """Send everything, or until the server takes no more; then wait for the response, if the peer reads."""
    peer.settimeout(5.0 if flood.reads else 1.0)
    with contextlib.suppress(OSError):  # the server refused it, or takes no more
        for piece in flood.pieces():
            peer.sendall(piece)
    with contextlib.suppress(OSError):
        if flood.reads and flood.then:
            peer.recv(1000)


def in_threads(work: Callable[[socket.socket], None], peers: Iterable[socket.socket]) -> None:
    """Do the work for every peer, all at the same time."""
    threads = [threading.Thread(target=work, args=(peer,)) for peer in peers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def resident(process: subprocess.Popen[str], which: str) -> int:
    """Return a resident size of a process, in bytes: ``VmRSS`` is the current one, ``VmHWM`` the highest."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(which))


def measure(flood: Flood) -> tuple[int, int]:
    """Play a flood against a new server; return its memory before, and the peak."""
    command = [sys.executable, "-m", "reference_server", "--port", "0", "--log-level", "error"]
    command += ["--profile", flood.profile]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,  # noqa: S603 - our own
        contextlib.ExitStack() as stack,
    ):
        stack.callback(process.terminate)
        port = int((process.stdout or sys.stdin).readline().rpartition(":")[2])

        def connect() -> socket.socket:
            return stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))

        ask(connect())
        before = resident(process, "VmRSS")
        peers = []
        for number in range(flood.peers):
            peers.append(connect())
            if number % 100 == 0:  # the backlog is 128
                ask(connect())
        if flood.then:
            in_threads(lambda peer: play(flood, peer), peers)
        else:
            for peer in peers:
                peer.sendall(flood.first)
        ask(connect())
        return before, resident(process, "VmHWM")


def ask(peer: socket.socket) -> None:
    """Send a plain GET and require a response: the server must still serve others."""
    peer.sendall(GET % b"/")
    answer = peer.recv(1000)
    if not answer.startswith(ANSWERED):
        raise RuntimeError(f"the server does not serve: {answer!r}")


def main() -> None:
    """Print the table."""
    sys.stdout.write(f"{'flood':<44}{'peers':>6}{'before':>10}{'peak':>10}{'a peer':>12}\n")
    for flood in FLOODS:
        before, peak = measure(flood)
        each = (peak - before) / flood.peers / 1024
        row = f"{before / MEBIBYTE:>6.1f} MiB{peak / MEBIBYTE:>6.1f} MiB{each:>8.1f} KiB"
        sys.stdout.write(f"{flood.name:<44}{flood.peers:>6}{row}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
