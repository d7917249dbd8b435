"""The command, as its users start it: a process of its own."""

import http.client
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from reference_server.__main__ import build_parser, build_profile, main
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from tests.paths import ROOT

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


def test_the_access_log_goes_to_a_file(start: Callable[..., Process], tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text("what was there\n")
    process = start("--access-log", str(log), "--processes", "2")
    port = listening(process)
    assert [get(port, f"/{number}")[0] for number in range(5)] == [200] * 5
    process.terminate()
    process.communicate(timeout=10)
    first, *lines = log.read_text().splitlines()
    assert first == "what was there"
    assert sorted(line.split('"')[1] for line in lines) == [f"GET /{number} HTTP/1.1" for number in range(5)]


def test_the_access_log_goes_to_standard_error(start: Callable[..., Process]) -> None:
    process = start("--access-log")
    assert get(listening(process), "/hello")[0] == 200
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert re.fullmatch(r'127\.0\.0\.1 - - \[.{26}\] "GET /hello HTTP/1\.1" 200 21 0\.\d{6}\n', errors)


@pytest.mark.parametrize(
    ("arguments", "request_", "count"),
    [((), b"malformed\r\n\r\n", 1500), (("--access-log",), b"GET / HTTP/1.0\r\n\r\n", 2000)],
    ids=["log", "access log"],
)
def test_a_log_that_nobody_reads_stops_nothing(
    arguments: tuple[str, ...], request_: bytes, count: int, start: Callable[..., Process]
) -> None:
    """A pipe takes 64 KiB; what is lost is counted when there is room again."""
    process = start(*arguments)
    port = listening(process)
    for _ in range(count):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(request_)
            assert client.recv(1000)
    assert process.stderr is not None
    taken = process.stderr.read(50_000)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request_)
        assert client.recv(1000)
    process.terminate()
    _, rest = process.communicate(timeout=10)
    assert process.returncode == 0
    lines = (taken + rest).splitlines()
    lost = [int(line.split()[0]) for line in lines if "lines were lost" in line]
    assert len(lost) >= 1
    assert len(lines) - len(lost) + sum(lost) == count + 1


def test_one_address_for_ipv4_and_ipv6(start: Callable[..., Process]) -> None:
    process = start("--address", "::")
    try:
        port = listening(process, "Listening on http://[::]:")
    except AssertionError:
        pytest.skip("no IPv6 here")
    assert get(port, "/")[0] == 200
    socket.create_connection(("::1", port), timeout=10).close()


def test_a_signal_finishes_what_is_in_flight(start: Callable[..., Process]) -> None:
    """DOC-SRV-8: a request whose body is on its way, too."""
    process = start()
    port = listening(process)
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as idle,
        socket.create_connection(("127.0.0.1", port), timeout=10) as busy,
    ):
        busy.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert busy.recv(1000).endswith(b"You requested /\n")
        busy.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\na")
        assert busy.recv(1000).startswith(b"HTTP/1.1 100 ")
        process.terminate()
        assert idle.recv(1000) == b""
        busy.sendall(b"b")
        received = b"".join(iter(lambda: busy.recv(1000), b""))
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in received
    process.communicate(timeout=10)
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--port", "65536"], 2, "65536 is not a port"),
        (["--port", "x"], 2, "x is not a port"),
        (["--server-name", "example.org:80"], 2, "example.org:80 is not a host"),
        (["--server-name", "é"], 2, "é is not a host"),
        (["--server-name", "h", "--profile", "documented"], 2, "--server-name belongs to the http11 profile"),
        (["--profile", "http2"], 2, "http2"),
        (["--tls-key", "key.pem"], 2, "need --tls-cert"),
        (["--client-ca", "ca.pem"], 2, "need --tls-cert"),
        (["--limit-body", "-1"], 2, "a limit is wrong: body cannot be -1"),
        (["--limit-idle-seconds", "inf"], 2, "a limit is wrong: idle_seconds cannot be inf"),
        (["--limit-body-rate", "0"], 2, "a limit is wrong: body_rate cannot be 0"),
        (["--limit-head", "x"], 2, "--limit-head: invalid int value: 'x'"),
        (["--tls-cert", "/none.pem"], 1, "cannot read /none.pem: No such file or directory\n"),
        (
            ["--access-log", "/none/log"],
            1,
            "cannot write the access log /none/log: No such file or directory\n",
        ),
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


def test_what_is_wrong_with_a_certificate_is_one_clear_sentence(
    certificates: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server, client, authority = (
        str(path) for path in (certificates.server, certificates.client, certificates.authority)
    )
    garbage = tmp_path / "garbage.pem"
    garbage.write_bytes(b"\xff" * 100)
    for arguments, sentence in (
        ([server, "--tls-key", client], f"{client} is not the key of {server}\n"),
        ([authority], f"there is no private key in {authority}: name its file with --tls-key\n"),
        ([server, "--tls-key", "/none.pem"], "cannot read /none.pem: No such file or directory\n"),
        ([server, "--client-ca", "/none.pem"], "cannot read /none.pem: No such file or directory\n"),
        ([server, "--client-ca", str(garbage)], f"there is no certificate in {garbage}\n"),
        ([str(garbage), "--tls-key", server], "the certificate or its key cannot be used: "),
        ([str(garbage)], f"there is no private key in {garbage}: name its file with --tls-key\n"),
    ):
        assert main(["--port", "0", "--tls-cert", *arguments]) == 1
        captured = capsys.readouterr()
        assert captured.err.startswith(sentence)
        assert captured.err.count("\n") == 1
        assert captured.out == ""


def test_help_explains_every_option() -> None:
    actions = build_parser()._actions
    assert all(action.help for action in actions)
    assert {action.dest for action in actions} >= {f"limit_{each.name}" for each in fields(Limits)}
    assert "431 (default: 65536)" in " ".join(build_parser().format_help().split())


def test_the_names_of_the_server_reach_its_profile() -> None:
    """RFC 9110, section 7.4."""
    arguments = build_parser().parse_args(
        ["--server-name", "H", "--server-name", "[::1]", "--limit-body", "5"]
    )
    profile = build_profile(arguments)
    assert isinstance(profile, HTTP11)
    assert sorted(profile.names) == [b"[::1]", b"h"]
    assert profile.limits.body == 5


def test_every_limit_is_an_option() -> None:
    arguments = build_parser().parse_args(
        ["--limit-body", "5", "--limit-idle-seconds", "1.5", "--profile", "documented"]
    )
    limits = build_profile(arguments).limits
    assert (limits.body, limits.idle_seconds, limits.head) == (5, 1.5, 104_857_600)
