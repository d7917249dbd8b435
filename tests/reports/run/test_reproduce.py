"""The lines that reproduce a finding: they repeat the run's options, and printf prints exactly the bytes."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest

from reports.run.reproduce import Reproduction, printf_format, reproduction

Make = Callable[..., Any]

EVERY = bytes(range(256))
CONNECTED = {"at": 0.0, "kind": "CONNECTED"}
SECURED = {"at": 0.1, "kind": "SECURED"}
PAUSED = {"at": 0.2, "kind": "PAUSED"}
ASIDE = {"at": 0.2, "kind": "LEFT_ASIDE"}


def sent(data: str, **more: Any) -> dict[str, Any]:
    return {"at": 0.1, "kind": "SENT", "size": len(data), "data": data} | more


@pytest.fixture
def seen(finding: Make, target: Make) -> Callable[..., Reproduction]:
    """Return how to reproduce a finding with these events."""

    def seen(*events: dict[str, Any], options: dict[str, Any] | None = None, **changes: Any) -> Reproduction:
        found = finding("host.empty", events=list(events or (CONNECTED, sent("GET"))))
        return reproduction(found, target(**changes), options or {})

    return seen


@pytest.mark.parametrize("shell", [name for name in ("sh", "bash", "dash") if shutil.which(name)])
@pytest.mark.parametrize(
    "data",
    [
        EVERY,
        b"'; exit 7 #'\"`exit 8`$(exit 9)\\n%s%d%%\\055",
        b"-e -- %",
        b"--",
        b"\\0007\x017\x0019",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"!!\x1b[31m\n\n",
    ],
)
def test_a_shell_prints_exactly_the_bytes(shell: str, data: bytes) -> None:
    done = subprocess.run([shell, "-c", f"printf {printf_format(data)}"], capture_output=True, check=True)
    assert done.stdout == data
    assert done.stderr == b""


def test_the_format_is_plain_ascii_in_one_line() -> None:
    assert printf_format(EVERY).isascii()
    assert printf_format(EVERY).isprintable()


def test_the_shell_line_arrives_at_a_server(seen: Callable[..., Reproduction], tmp_path: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        arrived: list[bytes] = []
        thread = threading.Thread(target=lambda: arrived.append(_all_of(listening)))
        thread.start()
        line = seen(CONNECTED, sent(EVERY.decode("latin-1")), url=f"http://127.0.0.1:{port}/").shell
        # An nc may be missing here, or be one of several, so one of our own stands in for it.
        (tmp_path / "nc").write_text(NC)
        (tmp_path / "nc").chmod(0o755)
        (tmp_path / "sleep").write_text("#!/bin/sh\n")
        (tmp_path / "sleep").chmod(0o755)
        path = f"{tmp_path}:/usr/bin:/bin"
        subprocess.run(["/bin/sh", "-c", line], env={"PATH": path}, check=True)
        thread.join()
    assert arrived == [EVERY]


NC = """#!/usr/bin/env python3
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as connection:
    connection.sendall(sys.stdin.buffer.read())
"""


def _all_of(listening: socket.socket) -> bytes:
    connection, _ = listening.accept()
    with connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("changes", "options", "command"),
    [
        pytest.param({}, {}, "replay host.empty http://127.0.0.1:8888/", id="plain"),
        pytest.param(
            {"url": "https://h/?a=1&b", "profile": "documented", "verified": False},
            {"insecure": True},
            "replay host.empty 'https://h/?a=1&b' --profile documented --insecure",
            id="what the target is",
        ),
        pytest.param(
            {},
            {"ca": "my ca.pem", "sni": "b.test", "host": "-a.test", "witness": "/w", "cert": "c", "key": "k"},
            "replay host.empty http://127.0.0.1:8888/ --ca 'my ca.pem' --cert c --key k --sni b.test "
            "--host=-a.test --witness /w",
            id="how to reach it",
        ),
        pytest.param(
            {},
            {"header": "Authorization, X-It"},
            "replay host.empty http://127.0.0.1:8888/ '--header=Authorization: …' '--header=X-It: …'",
            id="fields",
        ),
        pytest.param(
            {}, {"delivery": "whole", "seed": "7"}, "replay host.empty http://127.0.0.1:8888/", id="whole"
        ),
        pytest.param(
            {},
            {"delivery": "cut", "seed": "7"},
            "replay host.empty http://127.0.0.1:8888/ --delivery cut --seed 7",
            id="cut",
        ),
        pytest.param({"embedded": True}, {}, "--only host.empty --profile http11", id="embedded"),
        pytest.param(
            {},
            {"spawn": "rm -r /"},
            "replay host.empty http://127.0.0.1:8888/",
            id="the command of --spawn is not repeated",
        ),
    ],
)
def test_the_command_repeats_the_options_of_the_run(
    seen: Callable[..., Reproduction], changes: dict[str, Any], options: dict[str, Any], command: str
) -> None:
    assert seen(options=options, **changes).command == f"python -m conformance {command}"


def test_an_invariant_is_reproduced_by_a_complete_run(finding: Make, target: Make) -> None:
    again = reproduction(finding("invariant.date", events=[]), target(), {})
    assert again.command == "python -m conformance --only invariant.date http://127.0.0.1:8888/"
    assert "all responses" in again.notes[0]


@pytest.mark.parametrize(
    ("url", "events", "options", "reader"),
    [
        ("http://a.test/x", (CONNECTED, sent("GET")), {}, "nc a.test 80"),
        ("http://[::1]:8080/", (CONNECTED, sent("GET")), {}, "nc ::1 8080"),
        ("unix:/run/a b.sock", (CONNECTED, sent("GET")), {}, "nc -U '/run/a b.sock'"),
        ("http+unix://%2Frun%2Fa/x", (CONNECTED, sent("GET")), {}, "nc -U /run/a"),
        ("https://a.test/", (CONNECTED, sent("GET")), {}, "nc a.test 443"),
        (
            "https://a.test/",
            (CONNECTED, SECURED, sent("GET")),
            {"ca": "ca.pem", "cert": "c", "key": "k"},
            "openssl s_client -quiet -connect a.test:443 -servername a.test -CAfile ca.pem -cert c -key k",
        ),
        (
            "https://[::1]/",
            (CONNECTED, SECURED, sent("GET")),
            {"sni": "b.test"},
            "openssl s_client -quiet -connect '[::1]:443' -servername b.test",
        ),
        (
            "https://127.0.0.1:1/",
            (CONNECTED, SECURED, sent("GET")),
            {"ca": "-engine", "cert": "-engine", "key": "-engine"},
            "openssl s_client -quiet -connect 127.0.0.1:1",
        ),
    ],
)
def test_the_shell_line_connects_as_the_run_did(
    seen: Callable[..., Reproduction],
    url: str,
    events: tuple[dict[str, Any], ...],
    options: dict[str, Any],
    reader: str,
) -> None:
    assert seen(*events, url=url, options=options).shell == f"(printf 'GET'; sleep 2) | {reader}"


def test_the_shell_line_has_the_bytes_of_the_last_connection_and_says_so(
    seen: Callable[..., Reproduction],
) -> None:
    again = seen(CONNECTED, sent("first"), ASIDE, CONNECTED, sent("se"), PAUSED, sent("cond"))
    assert again.shell.startswith("(printf 'second'; ")
    assert again.notes == (
        "The shell line sends only the bytes of the last of 2 connections.",
        "The shell line sends all bytes at once; the scenario waits or does more between its writes.",
    )


def test_bytes_that_the_record_lacks_make_no_shell_line(seen: Callable[..., Reproduction]) -> None:
    again = seen(CONNECTED, sent("GET", cut=5000, tail="end"))
    assert again.shell == ""
    assert again.notes == ("The record holds only part of these bytes, so there is no shell line.",)


def test_where_nothing_was_sent_there_is_nothing_to_send(seen: Callable[..., Reproduction]) -> None:
    assert seen(CONNECTED).shell == ""


@pytest.mark.parametrize("embedded", [True, False])
def test_a_note_says_that_the_server_has_ended(seen: Callable[..., Reproduction], *, embedded: bool) -> None:
    assert ("ended with it" in " ".join(seen(embedded=embedded).notes)) is embedded
    assert bool(seen(embedded=False, options={"spawn": "x"}).notes)


@pytest.mark.parametrize(
    "url", ["--spawn=sh", "-e", "javascript:alert(1)", "http:", "ftp://a/", "", "file:///etc/passwd"]
)
def test_what_is_not_a_url_does_not_become_an_argument(seen: Callable[..., Reproduction], url: str) -> None:
    assert seen(url=url) == Reproduction("", "", ())


@pytest.mark.parametrize(
    "url", ["http://-e/", "http://a;b/", "http://$(id)/", "http://a:99999/", "http://[::1/"]
)
def test_what_is_not_a_host_does_not_become_an_argument_of_a_shell_line(
    seen: Callable[..., Reproduction], url: str
) -> None:
    assert seen(url=url).shell == ""


@pytest.mark.parametrize("scenario", ["--spawn=sh", "a", "$(id).b", "a.b\n"])
def test_what_is_not_an_id_does_not_become_an_argument(finding: Make, target: Make, scenario: str) -> None:
    assert reproduction(finding(scenario), target(), {}) == Reproduction("", "", ())


def test_a_target_that_the_record_does_not_describe_has_no_lines(finding: Make) -> None:
    assert reproduction(finding(), None, {}) == Reproduction("", "", ())
