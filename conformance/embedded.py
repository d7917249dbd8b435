"""The embedded targets: the reference server, started for a run and ended with it, whatever happens.

Each profile is served in plain, over TLS, and over TLS with a client certificate asked for. The servers are
processes of their own, known by their URLs only. Their standard input is a pipe that we hold, and at its end
they end, so that not even a killed run leaves one behind.
"""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from clients.certificates import Certificates, make_certificates
from conformance.model import Need
from conformance.target import Target, Untestable, examine, locate

PROFILES = ("http11", "documented")

# Where `reference_server` is found, from whatever folder the command is run.
_ROOT = Path(__file__).parent.parent

_STARTING_TAKES_AT_MOST = 20.0
_ENDING_TAKES_AT_MOST = 5.0
_READY = b"Listening on "


@contextmanager
def embedded_targets(log: Path, profiles: tuple[str, ...] = PROFILES) -> Iterator[tuple[Target, ...]]:
    """Start the reference server once for each profile and transport; the targets are ready to be tested.

    log: the file that takes what the servers have to say. Raises Untestable when one does not start.
    """
    with ExitStack() as stack:
        said = stack.enter_context(log.open("wb"))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="wirecheck-")))
        certificates = make_certificates(folder)
        plans = [plan for profile in profiles for plan in _plans(profile, certificates)]
        servers = [stack.enter_context(_server(arguments, said)) for _, _, arguments in plans]
        yield tuple(
            replace(examine(_target(name, profile, _url(server, log), certificates)), embedded=True)
            for (name, profile, _), server in zip(plans, servers, strict=True)
        )


def _plans(profile: str, certificates: Certificates) -> Iterator[tuple[str, str, list[str]]]:
    plain = ["--profile", profile]
    secured = [*plain, "--tls-cert", str(certificates.server), "--tls-key", str(certificates.server)]
    yield profile, profile, plain
    yield f"{profile}-tls", profile, secured
    yield f"{profile}-mtls", profile, [*secured, "--client-ca", str(certificates.authority)]


def _target(name: str, profile: str, url: str, certificates: Certificates) -> Target:
    if not url.startswith("https:"):
        return locate(url, name=name, profile=profile)
    if not name.endswith("-mtls"):
        return locate(url, name=name, profile=profile, authority=certificates.authority)
    return locate(
        url,
        name=name,
        profile=profile,
        authority=certificates.authority,
        client=certificates.client,
        untrusted_client=certificates.untrusted_client,
        reserved_for=Need.CLIENT_CERTIFICATE,
    )


@contextmanager
def _server(arguments: list[str], log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "reference_server", "--port", "0", "--exit-on-eof", *arguments]
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(  # noqa: S603  (our own module, our own arguments)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C is for the run, which ends its servers itself
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_ENDING_TAKES_AT_MOST)
            except subprocess.TimeoutExpired:
                process.kill()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    """Read the line in which a server says where it listens."""
    said = b""
    output = process.stdout
    last_moment = time.monotonic() + _STARTING_TAKES_AT_MOST
    while output is not None and not said.endswith(b"\n"):
        ready, _, _ = select.select([output], [], [], max(0.0, last_moment - time.monotonic()))
        piece = os.read(output.fileno(), 4096) if ready else b""
        if not piece:
            break
        said += piece
    if not said.startswith(_READY):
        raise Untestable(f"the embedded reference server did not start; {log} has what it said")
    return said.removeprefix(_READY).decode("ascii").strip()
