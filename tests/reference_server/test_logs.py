"""What is logged: harmless to read, and never waited for."""

import logging
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_server.logs import MOST_WAITING, LogOutput, escape, safe_logger
from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest

Serve = Callable[..., Any]

LINE = "x" * 99 + "\n"

FORGERY = "a\nERROR root: forged\r\x1b[2J\x00\x7f\x9b\u2028"


# What is in a line


def test_what_is_escaped_can_be_told_from_what_was_sent_so() -> None:
    assert escape("a \\ b\x00\x1b\xe9\u2028") == "a \\x5c b\\x00\\x1b\\xe9\\x2028"


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what a handler makes of the records, as lines."""
    formatter = logging.Formatter("%(levelname)s %(message)s")
    return "\n".join(formatter.format(record) for record in caplog.records).split("\n")


def is_visible(line: str) -> bool:
    return all(" " <= character <= "~" for character in line)


def test_a_record_is_one_line_whatever_it_is_given(caplog: pytest.LogCaptureFixture) -> None:
    safe_logger("tests.safe").error("%s, %d, %s, %r", FORGERY, 5, ValueError(FORGERY), FORGERY)
    (line,) = lines_of(caplog)
    assert line.startswith(
        "ERROR a\\x0aERROR root: forged\\x0d\\x1b[2J\\x00\\x7f\\x9b\\x2028, 5, a\\x0aERROR"
    )
    assert is_visible(line)


def fail() -> None:
    raise ValueError(FORGERY)


def test_a_traceback_cannot_pass_for_a_record(caplog: pytest.LogCaptureFixture) -> None:
    try:
        fail()
    except ValueError:
        safe_logger("tests.safe").exception("once")
    first, *others = lines_of(caplog)
    assert first == "ERROR once"
    assert all(line.startswith("    ") and is_visible(line) for line in others)
    assert others[0] == "    Traceback (most recent call last):"
    assert others[-1] == "    ERROR root: forged\\x0d\\x1b[2J\\x00\\x7f\\x9b\\x2028"


@pytest.mark.parametrize("profile", [HTTP11(), Documented()], ids=lambda profile: profile.name)
def test_no_peer_can_forge_a_record(profile: Profile, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """By its target, or by what an application that fails says of it."""

    def callback(request: HTTPRequest) -> None:
        raise ValueError(request.uri, request.arguments["a"][0].decode("latin-1"))

    def shown(request: HTTPRequest) -> None:
        raise ValueError(request.uri + request.arguments["a"][0].decode("latin-1"))

    for application in callback, shown:
        client = serve(application, profile=profile).connect()
        raw = b"" if profile.name == "http11" else b"\nERROR:forged\x1b[2J\rx"
        client.send(b"GET /" + raw + b"?a=%0AERROR%20forged%1B%5B2J%0D HTTP/1.1\r\nHost: h\r\n\r\n")
        client.read_to_end()
    lines = lines_of(caplog)
    assert sum(line.startswith("ERROR Exception in request callback for GET /") for line in lines) == 2
    assert sum("forged" in line for line in lines) >= 4
    assert all(is_visible(line) for line in lines)
    assert sum(line.startswith("ERROR") for line in lines) == 2


# Where it goes


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read_end, write_end = os.pipe()
    yield read_end, write_end
    for end in (read_end, write_end):
        os.close(end)


def read_all(fd: int) -> bytes:
    os.set_blocking(fd, False)
    pieces = []
    try:
        while piece := os.read(fd, 1_000_000):
            pieces.append(piece)
    except BlockingIOError:
        pass
    return b"".join(pieces)


def test_a_full_pipe_holds_nobody_up_and_loses_whole_lines(pipe: tuple[int, int]) -> None:
    read_end, write_end = pipe
    output = LogOutput(write_end)
    for _ in range(10_000):
        output.write(LINE)
    assert os.get_blocking(write_end)  # others, who share it, are not surprised
    received = read_all(read_end)
    output.flush()
    received += read_all(read_end)
    whole = len(received) // len(LINE)
    assert received.decode() == LINE * whole
    output.write("last\n")
    assert read_all(read_end).decode() == (
        f"{10_000 - whole} lines were lost: they could not be written in time\nlast\n"
    )


def test_so_does_a_full_socket() -> None:
    """Which cannot be opened once more, so it is asked before each write."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        output = LogOutput(ours.fileno())
        for _ in range(50_000):
            output.write(LINE)
        received = theirs.recv(10_000_000).decode()
        assert received.startswith(LINE * 10)
        theirs.setblocking(False)
        output.write("last\n")
        while "were lost" not in received:
            received += theirs.recv(10_000_000).decode()
            output.flush()


def test_a_file_is_added_to(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("before\n")
    fd = os.open(path, os.O_WRONLY | os.O_APPEND)
    output = LogOutput(fd)
    for _ in range(2000):
        output.write(LINE)
    os.close(fd)
    assert path.read_text() == "before\n" + LINE * 2000


def test_a_record_without_end_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "log"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    LogOutput(fd).write("é" * MOST_WAITING)
    os.close(fd)
    assert path.read_bytes() == "é".encode() * (MOST_WAITING // 2) + b" (cut)\n"


@pytest.mark.parametrize("device", ["/dev/full", "pipe"])
def test_what_cannot_be_written_is_an_error_each_time(device: str) -> None:
    if device == "pipe":
        read_end, fd = os.pipe()
        os.close(read_end)
    else:
        fd = os.open(device, os.O_WRONLY)
    output = LogOutput(fd)
    for _ in range(2):
        with pytest.raises(OSError, match=r"No space left|Broken pipe"):
            output.write(LINE)
    output.settle(10)
    os.close(fd)


def test_at_the_end_the_reader_has_some_time(pipe: tuple[int, int]) -> None:
    read_end, write_end = pipe
    output = LogOutput(write_end)
    for _ in range(1000):
        output.write(LINE)
    output.settle(0)  # it takes nothing
    before = read_all(read_end)
    output.settle(10)
    assert before + read_all(read_end) == LINE.encode() * 1000
