"""The examples of docs/reference-server.md are run, and do what the page says."""

import contextlib
import os
import re
import runpy
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from tests.paths import DOCS, ROOT

PAGE = DOCS / "reference-server.md"
MAIN = "The main example"
IN_A_TEST = "A request in a unit test"

# Runs an example word for word, but on a free port, which it tells.
RUNNER = """
import runpy, socket, sys
from reference_server.httpserver import HTTPServer

bind, create_server = HTTPServer.bind, socket.create_server

def bind_elsewhere(self, port, address="", family=None):
    assert port == 8888
    bind(self, 0, "127.0.0.1")
    print(self.address[1], flush=True)

def create_server_elsewhere(address):
    assert address == ("127.0.0.1", 8888)
    listening = create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    return listening

HTTPServer.bind, socket.create_server = bind_elsewhere, create_server_elsewhere
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def examples(page: Path) -> dict[str, str]:
    """Return the program below each heading that has one."""
    found = {}
    for section in page.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", text, re.MULTILINE)
        programs = [re.sub("^ {4}", "", block, flags=re.MULTILINE) for block in blocks if "import" in block]
        if programs:
            (found[heading],) = programs
    return found


class Example:
    """An example that runs in a process of its own."""

    def __init__(self, program: str, folder: Path) -> None:
        (folder / "example.py").write_text(program)
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, "example.py"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def ask(self, method: str = "GET", target: str = "/", **options: Any) -> str:
        """Return the content of the answer to a request, whose status has to be 200."""
        context = options.pop("context", None)
        client = (
            HTTPConnection("127.0.0.1", self.port, timeout=10)
            if context is None
            else HTTPSConnection("localhost", self.port, timeout=10, context=context)
        )
        with contextlib.closing(client):
            client.request(method, target, **options)
            response = client.getresponse()
            assert response.status == 200
            return response.read().decode()

    def end(self) -> int:
        """Tell the process to end; return its exit code."""
        self.process.terminate()
        return self.process.wait(10)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


Start = Callable[[str], Example]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the example below a heading; it ends with the test."""
    with contextlib.ExitStack() as running:

        def start(heading: str) -> Example:
            example = Example(examples(PAGE)[heading], tmp_path)
            running.callback(example.close)
            return example

        yield start


def test_the_main_example_is_that_of_the_document(start: Start) -> None:
    """DOC-SRV-1."""
    assert (
        examples(PAGE)[MAIN]
        == examples(DOCS / "documented-server.md")[
            "The main example (must run with only the import lines changed)"
        ]
    )
    assert start(MAIN).ask(target="/hello") == "You requested /hello\n"


def test_answering_later(start: Start) -> None:
    """DOC-CONN-4."""
    assert start("Answering later").ask() == "499999500000\n"


MULTIPART = (
    '--B\r\nContent-Disposition: form-data; name="title"\r\n\r\nMe\r\n'
    '--B\r\nContent-Disposition: form-data; name="picture"; filename="é.png"\r\n'
    "Content-Type: image/png\r\n\r\n12345\r\n--B--\r\n"
)


def test_a_form_with_a_file(start: Start) -> None:
    """DOC-REQ-11, DOC-MP-5."""
    example = start("A form with a file")
    assert '<input name="picture" type="file">' in example.ask()
    fields = {"Content-Type": "multipart/form-data; boundary=B"}
    sent = example.ask("POST", body=MULTIPART.encode(), headers=fields)
    assert sent == "Thanks for Me\né.png (image/png): 5 octets\n"
    assert example.ask("POST", body=b"") == "Thanks for nothing\n"


def test_tls_with_client_certificates(start: Start, certificates: Any, tmp_path: Path) -> None:
    """DOC-SRV-10, DOC-REQ-8."""
    shutil.copy(certificates.server, tmp_path / "server.pem")
    shutil.copy(certificates.authority, tmp_path / "clients.pem")
    example = start("TLS with client certificates")
    known = certificates.client_context(certificates.client)
    assert example.ask(context=known) == "Hello, ann@example.org\n"
    with pytest.raises(ssl.SSLError):
        example.ask(context=certificates.client_context())


def test_several_processes(start: Start) -> None:
    """DOC-SRV-5, DOC-SRV-7."""
    example = start("Several processes")
    children = {int(example.ask().removeprefix("Process ")) for _ in range(5)}
    assert example.process.pid not in children or os.cpu_count() == 1
    assert example.end() == 0 or os.cpu_count() == 1


def test_a_connection_on_ones_own_stream(start: Start) -> None:
    """DOC-CONN-9."""
    example = start("A connection on your own stream")
    with socket.create_connection(("127.0.0.1", example.port), timeout=10) as client:
        client.sendall(b"PROXY TCP4 192.0.2.9 192.0.2.1 4711 80\r\n")
        client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: client.recv(1000), b""))
    assert received.endswith(b"\r\n\r\nYou are 192.0.2.9\n")


def test_a_request_in_a_unit_test(tmp_path: Path) -> None:
    """DOC-REQ-10: the test of the page passes, and fails when the application is wrong."""
    program = examples(PAGE)[IN_A_TEST]
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(program)
    runpy.run_path(str(right))["test_the_name_is_greeted"]()
    wrong.write_text(program.replace("request.finish()", "pass"))
    with pytest.raises(AssertionError):
        runpy.run_path(str(wrong))["test_the_name_is_greeted"]()


def test_each_example_of_the_page_is_run_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    named = {*re.findall(r'start\("([^"]+)"\)', source), MAIN, IN_A_TEST}
    assert named == set(examples(PAGE))
    assert len(named) == 7
