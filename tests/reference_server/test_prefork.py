"""Several processes that share a port."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


PREFORK = """
import os, random, sys
sys.path.insert(0, sys.argv[1])
from reference_server import httpserver, ioloop

def handle_request(request):
    if request.uri == "/die":
        os._exit(3)
    message = b"%d %d" % (os.getpid(), random.getrandbits(64))
    request.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(message), message))
    request.finish()

random.seed(1)
server = httpserver.HTTPServer(handle_request, no_keep_alive=True)
server.bind(0, "127.0.0.1")
print(server.address[1], os.getpid(), flush=True)
server.start(2)
ioloop.IOLoop.instance().start()
"""


def ask_process(port: int, target: bytes = b"/") -> list[int]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n")
        received = b"".join(iter(lambda: client.recv(1000), b""))
    return [int(number) for number in received.rpartition(b"\n")[2].split()]


def test_several_processes_share_the_port_and_end_together() -> None:
    """DOC-SRV-7: with random numbers of their own, and one that dies is replaced."""
    with subprocess.Popen(
        [sys.executable, "-c", PREFORK, str(ROOT)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        try:
            port, parent_pid = map(int, parent.stdout.readline().split())
            children: dict[int, int] = {}
            give_up = time.monotonic() + 20
            while len(children) < 2 and time.monotonic() < give_up:
                child, number = ask_process(port)
                children.setdefault(child, number)
            assert len(set(children.values())) == 2
            assert parent_pid not in children
            assert ask_process(port, b"/die") == []
            replaced = set(children)
            while replaced <= set(children) and time.monotonic() < give_up:
                replaced = {ask_process(port)[0]}
            assert replaced - set(children)
        finally:
            parent.terminate()
            assert parent.wait(20) == 0
        with pytest.raises(ConnectionRefusedError):
            ask_process(port)
