"""The command, as its users start it: a process of its own."""

import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_server.__main__ import build_parser, build_profile, main

ROOT = Path(__file__).parents[2]

Process = subprocess.Popen[str]


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    """Start the command; it is ended with the test."""
    processes: list[Process] = []

    def start(*arguments: str) -> Process:
        process = subprocess.Popen(
            [sys.executable, "-m", "reference_server", "--port", "0", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate(timeout=10)


def listening(process: Process, prefix: str = "Listening on http://127.0.0.1:") -> int:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith(prefix)
    return int(line.removeprefix(prefix))


def get(port: int, target: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_end(number: int, start: Callable[..., Process]) -> None:
    """DOC-SRV-2."""
    process = start()
    port = listening(process)
    assert get(port, "/hello") == (200, b"You requested /hello\n")
    assert get(port, "/witness/static")[0] == 200
    process.send_signal(number)
    output, _ = process.communicate(timeout=10)
    assert (process.returncode, output) == (0, "")


def test_the_documented_profile_over_tls(start: Callable[..., Process], certificates: Any) -> None:
    """DOC-LINE-3, DOC-SRV-10."""
    process = start("--profile", "documented", "--tls-cert", str(certificates.server))
    port = listening(process, "Listening on https://127.0.0.1:")
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        certificates.client_context().wrap_socket(plain, server_hostname="localhost") as client,
    ):
        client.sendall(b"GET /\r\n\r\n")
        assert client.recv(1000) == b""


def test_options_reach_the_server(start: Callable[..., Process]) -> None:
    """DOC-REQ-4, DOC-KA-1."""
    port = listening(start("--xheaders", "--no-keep-alive", "--limit-request-target", "100"))
    assert b'"remote_ip": "1.2.3.4"' in get(port, "/witness/echo", **{"X-Real-Ip": "1.2.3.4"})[1]
    assert get(port, "/" + "a" * 100)[0] == 414
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    response = connection.getresponse()
    assert (response.read(), response.getheader("Connection")) == (b"You requested /\n", "close")
    connection.close()


def test_it_ends_when_its_standard_input_does(start: Callable[..., Process]) -> None:
    process = start("--exit-on-eof")
    listening(process)
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_several_processes_end_with_standard_input(start: Callable[..., Process]) -> None:
    """DOC-SRV-7."""
    process = start("--exit-on-eof", "--processes", "2")
    assert get(listening(process), "/")[0] == 200
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_a_port_in_use_is_one_clear_sentence(start: Callable[..., Process]) -> None:
    port = listening(start())
    second = start("--port", str(port))
    output, errors = second.communicate(timeout=10)
    assert (second.returncode, output) == (1, "")
    assert errors == f"cannot listen on 127.0.0.1, port {port}: Address already in use\n"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--port", "65536"], 2, "65536 is no port"),
        (["--port", "x"], 2, "'x'"),
        (["--profile", "http2"], 2, "http2"),
        (["--tls-key", "key.pem"], 2, "need --tls-cert"),
        (["--tls-cert", "/none.pem"], 1, "the certificate or its key cannot be used: "),
        (["--address", "192.0.2.1", "--port", "0"], 1, "cannot listen on 192.0.2.1"),
        (["--address", "no.such.host.invalid", "--port", "0"], 1, "cannot listen on no.such.host.invalid"),
    ],
)
def test_bad_arguments_are_one_clear_sentence(
    arguments: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        returned = main(arguments)
    except SystemExit as exit_:
        returned = int(str(exit_.code))
    captured = capsys.readouterr()
    assert returned == code
    assert sentence in captured.err
    assert captured.out == ""


def test_every_limit_is_an_option() -> None:
    arguments = build_parser().parse_args(
        ["--limit-body", "5", "--limit-idle-seconds", "1.5", "--profile", "documented"]
    )
    limits = build_profile(arguments).limits
    assert (limits.body, limits.idle_seconds, limits.head) == (5, 1.5, 104_857_600)
