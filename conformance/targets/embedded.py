"""Servers that are started for a run and ended with it, whatever happens; the reference server first of all.

A server is a command that takes `--port 0` and the TLS options, says `Listening on URL` when it is ready, and
ends at the end of its standard input: a pipe that we hold, so that not even a killed run leaves one behind.
Each is served in plain, over TLS, and over TLS with a client certificate asked for; only its URLs are known.
"""

import os
import select
import subprocess
import sys
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from clients.certificates import Certificates, make_certificates
from conformance.errors import Untestable
from conformance.judging.model import Need
from conformance.targets.preflight import examine
from conformance.targets.target import Target, locate

PROFILES = ("http11", "documented")

# What follows the name of a target, one for each transport.
IN_CLEAR, OVER_TLS, WITH_CLIENT_CERTIFICATE = TRANSPORTS = ("", "-https", "-mutual")

# Where `reference_server` is found, from whatever folder the command is run.
_ROOT = Path(__file__).parents[2]

_STARTING_TAKES_AT_MOST = 20.0
_ENDING_TAKES_AT_MOST = 5.0
_READY = b"Listening on "


@contextmanager
def embedded_targets(
    log: Path,
    profiles: Sequence[str] = PROFILES,
    *,
    options: Sequence[str] = (),
    transports: Container[str] = TRANSPORTS,
) -> Iterator[tuple[Target, ...]]:
    """Start the reference server in each profile.

    log: the file that takes what the servers have to say. options: what they are told besides. transports:
    those that are wanted. Raises Untestable when one does not start.
    """
    command, environment = reference_server()
    command += [*options, "--exit-on-eof", "--profile"]
    commands = {profile: (profile, [*command, profile]) for profile in profiles}
    with served_targets(commands, log, environment, transports) as targets:
        yield targets


def reference_server() -> tuple[list[str], dict[str, str]]:
    """Return the reference server's command, and what is to be added to our environment for it."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return [sys.executable, "-m", "reference_server"], {"PYTHONPATH": path}


@contextmanager
def served_targets(
    commands: Mapping[str, tuple[str, Sequence[str]]],
    log: Path,
    environment: Mapping[str, str],
    transports: Container[str] = TRANSPORTS,
) -> Iterator[tuple[Target, ...]]:
    """Start each command in the three transports, or some of them; the targets are ready to be tested.

    commands: by the name that the targets get, each with the profile that it is held to. environment: what is
    to be added to ours. Raises Untestable when one does not start.
    """
    with ExitStack() as stack:
        said = stack.enter_context(log.open("wb"))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="wirecheck-")))
        certificates = make_certificates(folder)
        plans = [
            (name + suffix, profile, [*command, "--port", "0", *options])
            for name, (profile, command) in commands.items()
            for suffix, options in _transports(certificates)
            if suffix in transports
        ]
        servers = [stack.enter_context(_server(command, said, environment)) for _, _, command in plans]
        yield tuple(
            replace(examine(_target(name, profile, _url(server, log), certificates)), embedded=True)
            for (name, profile, _), server in zip(plans, servers, strict=True)
        )


def _transports(certificates: Certificates) -> Iterator[tuple[str, list[str]]]:
    secured = ["--tls-cert", str(certificates.server), "--tls-key", str(certificates.server)]
    yield IN_CLEAR, []
    yield OVER_TLS, secured
    yield WITH_CLIENT_CERTIFICATE, [*secured, "--client-ca", str(certificates.authority)]


def _target(name: str, profile: str, url: str, certificates: Certificates) -> Target:
    if not url.startswith("https:"):
        return locate(url, name=name, profile=profile)
    if not name.endswith(WITH_CLIENT_CERTIFICATE):
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
def _server(
    command: Sequence[str], log: IO[bytes], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(  # noqa: S603  (commands of our own making)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env={**os.environ, **environment},
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
        raise Untestable(f"a server that was to be tested did not start; {log} has what it said")
    return said.removeprefix(_READY).decode("ascii").strip()
