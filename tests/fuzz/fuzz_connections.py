"""Fuzz whole connections to the reference server, in both profiles, over loopback.

    python -m tests.fuzz.fuzz_connections --seconds 3600 --seed 1

Streams of requests are made by chance: right ones, with a fault, mutated, pipelined, cut off. What comes back
is read strictly and held against a model. In the end it says how many requests were sent, how many replies
differ, and what memory and descriptors the servers have taken. Exit code 1: there are differences.
"""

import argparse
import re
import select
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from clients.reader import read_responses
from conformance.targets.embedded import PROFILES, reference_server
from conformance.targets.process import Process, start_own
from tests.fuzz.judge import Reply, compare, problems
from tests.fuzz.streams import Due, Stream, draw, due, pieces

# A reply that takes longer does not come. The server closes what stands still after longer than that.
_PATIENCE = 10.0
_BLOCK = 65536

# Memory is compared with that after this number of streams, when all that is loaded is loaded.
_WARM = 500


@dataclass(frozen=True)
class Difference:
    """A reply that differs from what was due."""

    profile: str
    number: int
    what: tuple[str, ...]
    stream: Stream

    def __str__(self) -> str:
        faults = ", ".join(message.fault or "right" for message in self.stream.messages)
        return (
            f"{self.profile}, stream {self.number} ({faults}): {'; '.join(self.what)}\n"
            f"    sent {self.stream.pieces!r}"
        )


@dataclass
class Server:
    """The reference server in a process of its own, and what was done with it."""

    profile: str
    port: int
    pid: int
    counts: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    before: "Resources | None" = None
    """What it takes before the first stream."""
    warm: "Resources | None" = None
    """What it takes after some streams, when all is loaded."""

    def resources(self) -> "Resources":
        """Return what it takes now."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        resident = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        descriptors = len(list(Path(f"/proc/{self.pid}/fd").iterdir()))
        return Resources(int(resident[1]) if resident else 0, descriptors)


@dataclass(frozen=True)
class Resources:
    """What a process takes."""

    kibibytes: int
    descriptors: int

    def __str__(self) -> str:
        return f"{self.kibibytes / 1024:.1f} MiB, {self.descriptors} descriptors"


# One connection


def converse(port: int, stream: Stream, expected: Due) -> Reply:
    """Send a stream, wait for what is due, close our sending side, and read to the end."""
    with socket.create_connection(("127.0.0.1", port), _PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = bytearray()
        ended = _send(connection, stream.pieces, received)
        if not ended and expected.known:
            ended = _read_what_is_due(connection, stream, expected, received)
        closed_first = ended
        if not ended:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            ended = _read_to_end(connection, received)
        return Reply(bytes(received), closed_first, ended)


def _send(connection: socket.socket, pieces: Sequence[bytes], received: bytearray) -> bool:
    """Send all pieces, and read meanwhile; return whether the server has closed the connection."""
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            readable, writable, _ = select.select([connection], [connection], [], _PATIENCE)
            if readable and not _read(connection, received):
                return True
            if not readable and not writable:
                return False
            if writable:
                try:
                    rest = rest[connection.send(rest) :]
                except OSError:
                    return _read_to_end(connection, received)
    return False


def _read(connection: socket.socket, received: bytearray) -> bytes:
    """Read what has come; nothing at the end, be it a reset."""
    try:
        data = connection.recv(_BLOCK)
    except ConnectionError:
        return b""
    received += data
    return data


def _read_to_end(connection: socket.socket, received: bytearray) -> bool:
    try:
        while _read(connection, received):
            pass
    except TimeoutError:
        return False
    return True


def _read_what_is_due(connection: socket.socket, stream: Stream, expected: Due, received: bytearray) -> bool:
    """Read until all answers are there that are due, or the end; return whether the end came."""
    if expected.closes:
        return _read_to_end(connection, received)
    methods = [message.method for message in stream.messages]
    try:
        while _finals(received, methods) < len(expected.served):
            if not _read(connection, received):
                return True
    except TimeoutError:
        pass
    return False


def _finals(received: bytearray, methods: Sequence[bytes]) -> int:
    reading = read_responses(bytes(received), methods, ended=False)
    return sum(response.complete for response in reading.finals)


# Many of them


def fuzz(server: Server, seed: int, number: int) -> None:
    """Play one stream, and note what differs."""
    chance = Random(f"{seed} {server.profile} {number}")
    stream = draw(chance, server.profile)
    expected = due(stream)
    reply = converse(server.port, stream, expected)
    wrong = list(problems(stream, expected, reply, server.profile))
    if not expected.known:
        again = Stream(stream.messages, pieces(chance, stream.octets), stream.cut)
        second = converse(server.port, again, expected)
        wrong += [*problems(again, expected, second, server.profile), *compare(stream, reply, second)]
    server.counts["streams"] += 1
    server.counts["requests"] += len(stream.messages) * (1 if expected.known else 2)
    server.counts["octets"] += len(stream.octets)
    server.counts["requests sent"] += len(stream.messages)
    server.counts.update(message.fault or "right" for message in stream.messages)
    if wrong:
        server.differences.append(Difference(server.profile, number, tuple(wrong), stream))
    if number == _WARM:
        server.warm = server.resources()


def serve(stack: ExitStack, profile: str, log: Path, options: Sequence[str] = ()) -> Server:
    """Start the reference server for as long as the stack lasts."""
    command, environment = reference_server()
    command += ["--profile", profile, "--port", "0", "--exit-on-eof", "--log-level", "error", *options]
    output = stack.enter_context(log.open("ab"))
    process: Process = stack.enter_context(start_own(command, output, environment))
    port = int(process.first_line().rpartition(b":")[2])
    server = Server(profile, port, process._child.pid)
    # Once it has answered, it has opened all that it opens; and it has one connection more than before.
    with socket.create_connection(("127.0.0.1", port), _PATIENCE) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        connection.recv(_BLOCK)
        now = server.resources()
    server.before = replace(now, descriptors=now.descriptors - 1)
    return server


def numbers(first: int, seconds: float | None, streams: int | None) -> Iterator[int]:
    """Yield the numbers of streams, until the time is over or they are enough."""
    last_moment = time.monotonic() + seconds if seconds is not None else None
    number = first
    while (streams is None or number < first + streams) and (
        last_moment is None or time.monotonic() < last_moment
    ):
        yield number
        number += 1


def report(server: Server, ended: Resources) -> str:
    """Say what was done with a server, and what it has taken."""
    counts = server.counts
    faulty = counts["requests sent"] - counts["right"] - counts["mutated"] - counts["cut off"]
    return (
        f"{server.profile}: {counts['streams']} streams, {counts['requests']} requests, {counts['octets']} "
        f"octets ({counts['right']} right, {faulty} with a fault, {counts['mutated']} mutated, "
        f"{counts['cut off']} cut off); {len(server.differences)} differences; {server.before} before, "
        f"{server.warm} after {_WARM} streams, {ended} at the end"
    )


def settled(server: Server) -> Resources:
    """Return what a server takes when it has noticed that all connections have ended."""
    last_moment = time.monotonic() + _PATIENCE
    wanted = server.before.descriptors if server.before else 0
    while (now := server.resources()).descriptors > wanted and time.monotonic() < last_moment:
        time.sleep(0.05)
    return now


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.fuzz_connections", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default: %(default)g)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same streams")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="begin with stream N")
    parser.add_argument("--streams", type=int, metavar="N", help="play so many for each profile, at most")
    parser.add_argument(
        "--differences", type=int, default=20, metavar="N", help="end after so many (default: %(default)s)"
    )
    parser.add_argument("--profile", choices=PROFILES, help="one profile alone")
    parser.add_argument("--mutant", help="a variant of the server with one rule broken; needs --profile")
    options = parser.parse_args(arguments)
    extra = ["--mutant", options.mutant] if options.mutant else []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wirecheck-fuzz-")))
        servers = [
            serve(stack, profile, folder / "server.log", extra)
            for profile in ([options.profile] if options.profile else PROFILES)
        ]
        for number in numbers(options.first, options.seconds, options.streams):
            for server in servers:
                fuzz(server, options.seed, number)
            if any(len(server.differences) >= options.differences for server in servers):
                break
        for server in servers:
            sys.stdout.writelines(f"{difference}\n" for difference in server.differences)
            sys.stdout.write(report(server, settled(server)) + "\n")
        sys.stdout.write((folder / "server.log").read_text("utf-8", "replace"))
    return int(any(server.differences for server in servers))


if __name__ == "__main__":
    sys.exit(main())
