"""The servers that are measured: how each is started, which version it is, and which loads it can answer.

It knows neither processors nor clocks.
"""

import importlib.metadata
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loads import GREETING, Load

NGINX_CONFIGURATION = """\
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "{greeting}"; }}
    }}
}}
"""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A server."""

    name: str

    command: Callable[[int, Path], list[str]]
    """Returns its command line for a port and a folder for its files."""

    version: Callable[[], str | None]
    """Returns its version; None if it is not installed."""

    parses_forms: bool = False

    def answers(self, load: Load) -> bool:
        """Return whether it can answer this load."""
        return self.parses_forms or not load.parses_form


def module(name: str) -> Callable[[int, Path], list[str]]:
    """Return the function that makes the command line of a module of ``benchmarks.servers``."""
    return lambda port, _: [sys.executable, "-m", f"benchmarks.servers.{name}", str(port)]


def checkout(folder: Path) -> Peer:
    """Return the reference server of another checkout, such as that of the version before."""
    server = folder / "benchmarks" / "servers" / "reference.py"
    return Peer(
        name=f"reference_server in {folder}",
        command=lambda port, _: ["env", f"PYTHONPATH={folder}", sys.executable, str(server), str(port)],
        version=lambda: this_python() if server.exists() else None,
        parses_forms=True,
    )


def uvicorn(port: int, _folder: Path) -> list[str]:
    """Return the command line of uvicorn with httptools and uvloop."""
    return [
        *(sys.executable, "-m", "uvicorn", "benchmarks.servers.asgi:application"),
        *("--port", str(port), "--http", "httptools", "--loop", "uvloop", "--lifespan", "off"),
        *("--log-level", "error", "--no-access-log"),
    ]


def granian(port: int, _folder: Path) -> list[str]:
    """Return the command line of granian with one worker."""
    return [
        *(sys.executable, "-m", "granian", "benchmarks.servers.asgi:application", "--interface", "asgi"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-log"),
    ]


def nginx(port: int, folder: Path) -> list[str]:
    """Write a configuration; return the command line of nginx with it."""
    configuration = folder / "nginx.conf"
    greeting = GREETING.decode().replace("\n", "\\n")
    configuration.write_text(NGINX_CONFIGURATION.format(folder=folder, port=port, greeting=greeting))
    return ["nginx", "-p", str(folder), "-c", str(configuration)]


def installed(*distributions: str) -> Callable[[], str | None]:
    """Return the function that finds the versions of distributions, or None if one is not installed."""

    def version() -> str | None:
        try:
            return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in distributions)
        except importlib.metadata.PackageNotFoundError:
            return None

    return version


def nginx_version() -> str | None:
    """Return the version of nginx."""
    return program_version("nginx", "-v")


def program_version(program: str, option: str) -> str | None:
    """Return the first line that a program prints with an option; None if the program is not installed."""
    if shutil.which(program) is None:
        return None
    result = subprocess.run([program, option], capture_output=True, text=True, check=False)  # noqa: S603
    return next(iter((result.stdout + result.stderr).splitlines()), program)


def this_python() -> str:
    """Return the version of this Python, which also runs every server in Python."""
    return f"CPython {platform.python_version()}"


REFERENCE = Peer(name="reference_server", command=module("reference"), version=this_python, parses_forms=True)
TORNADO = Peer(
    name="Tornado, plain callback",
    command=module("tornado_callback"),
    version=installed("tornado"),
    parses_forms=True,
)
UVICORN = Peer(
    name="uvicorn, httptools + uvloop",
    command=uvicorn,
    version=installed("uvicorn", "httptools", "uvloop"),
)
GRANIAN = Peer(name="granian, ASGI", command=granian, version=installed("granian"))
NGINX = Peer(name="nginx, return 200", command=nginx, version=nginx_version)
BARE_LOOP = Peer(name="bare epoll loop, no parsing", command=module("bare_loop"), version=this_python)

PEERS = (REFERENCE, TORNADO, UVICORN, GRANIAN, NGINX, BARE_LOOP)
