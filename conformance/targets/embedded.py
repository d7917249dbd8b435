"""Servers that are started for a run and end with it, the reference server first of all.

A server is a command that takes `--port 0` and the TLS options, prints `Listening on URL` when it is ready,
and ends at the end of its standard input. Each is served in clear, over TLS, and over TLS with a client
certificate asked for. Only its URLs are used; nothing of the server is imported.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from clients.certificates import Certificates, make_certificates
from conformance.errors import Untestable
from conformance.judging.model import Need
from conformance.targets.preflight import examine
from conformance.targets.process import Process, own_module, start_own
from conformance.targets.target import Target, locate

PROFILES = ("http11", "documented")

# The end of a target's name, for each transport.
IN_CLEAR, OVER_TLS, WITH_CLIENT_CERTIFICATE = TRANSPORTS = ("", "-https", "-mutual")

_READY = b"Listening on "


@contextmanager
def embedded_targets(
    log: Path,
    profiles: Sequence[str] = PROFILES,
    *,
    options: Sequence[str] = (),
    transports: Container[str] = TRANSPORTS,
) -> Iterator[tuple[Target, ...]]:
    """Serve the reference server during the block, once for each profile and transport.

    log: the file for the servers' output. options: further options of the reference server.
    Raises Untestable if a server does not start.
    """
    command, environment = reference_server()
    command += [*options, "--exit-on-eof", "--profile"]
    commands = {profile: (profile, [*command, profile]) for profile in profiles}
    with served_targets(commands, log, environment, transports) as targets:
        yield targets


def reference_server() -> tuple[list[str], dict[str, str]]:
    """Return the command of the reference server, and what must be added to the environment for it."""
    return own_module("reference_server")


@contextmanager
def served_targets(
    commands: Mapping[str, tuple[str, Sequence[str]]],
    log: Path,
    environment: Mapping[str, str],
    transports: Container[str] = TRANSPORTS,
) -> Iterator[tuple[Target, ...]]:
    """Run each command during the block, once for each transport; yield the targets, examined.

    commands: the profile and the command, by the name that its targets begin with. log: the file for the
    servers' output. environment: is added to ours. Raises Untestable if a server does not start.
    """
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="wirecheck-")))
        certificates = make_certificates(folder)
        plans = [
            (name + transport, profile, [*command, "--port", "0", *options])
            for name, (profile, command) in commands.items()
            for transport, options in _options(certificates).items()
            if transport in transports
        ]
        # All are started before the first is waited for.
        servers = [stack.enter_context(start_own(command, output, environment)) for _, _, command in plans]
        yield tuple(
            replace(examine(_target(name, profile, _url(server, log), certificates)), embedded=True)
            for (name, profile, _), server in zip(plans, servers, strict=True)
        )


def _options(certificates: Certificates) -> dict[str, list[str]]:
    """Return the server's options for each transport."""
    tls = ["--tls-cert", str(certificates.server), "--tls-key", str(certificates.server)]
    return {
        IN_CLEAR: [],
        OVER_TLS: tls,
        WITH_CLIENT_CERTIFICATE: [*tls, "--client-ca", str(certificates.authority)],
    }


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


def _url(server: Process, log: Path) -> str:
    """Return the URL that a server says it listens at."""
    line = server.first_line()
    if not line.startswith(_READY):
        raise Untestable(f"a server of wirecheck's own did not start; its output is in {log}")
    return line.removeprefix(_READY).decode("ascii").strip()
