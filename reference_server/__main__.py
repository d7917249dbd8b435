"""The command: ``python -m reference_server``.

It serves the witness under ``/witness`` and the document's example elsewhere. Once it listens it prints one
line, ``Listening on URL``, and nothing else on standard output; what it logs goes to standard error.
"""

import argparse
import contextlib
import dataclasses
import logging
import os
import signal
import ssl
import sys
import threading
from collections.abc import Sequence
from typing import Any

from reference_server.documented import Documented
from reference_server.http11 import HTTP11
from reference_server.httpserver import HTTPServer
from reference_server.ioloop import IOLoop
from reference_server.limits import Limits
from reference_server.profile import Profile
from reference_server.witness import Witness

PROFILES: dict[str, type[Profile]] = {profile.name: profile for profile in (HTTP11, Documented)}

STANDARD_INPUT = 0

CANNOT_START = 1
"""The exit code when the port or a certificate cannot be had. Wrong arguments give 2."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m reference_server",
        description="Serve the witness of wirecheck and the document's example.",
    )
    parser.add_argument(
        "--port", type=port_number, default=8888, help="0 picks a free one (default: %(default)s)"
    )
    parser.add_argument("--address", default="127.0.0.1", help="empty means all (default: %(default)s)")
    parser.add_argument("--profile", choices=PROFILES, default=HTTP11.name, help="default: %(default)s")
    parser.add_argument("--tls-cert", metavar="FILE", help="serve over TLS with this certificate chain (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", help="its private key, when it is not in the same file")
    parser.add_argument(
        "--client-ca", metavar="FILE", help="demand client certificates signed by these (PEM)"
    )
    parser.add_argument("--no-keep-alive", action="store_true", help="close after every response")
    parser.add_argument("--xheaders", action="store_true", help="believe X-Real-Ip and X-Scheme of a proxy")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="0 means one for each CPU")
    parser.add_argument("--exit-on-eof", action="store_true", help="end when standard input does")
    parser.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")
    limits = parser.add_argument_group(
        "limits", "octets, numbers and seconds; the defaults are the profile's"
    )
    for field in dataclasses.fields(Limits):
        limits.add_argument(f"--limit-{field.name.replace('_', '-')}", type=field_type(field), metavar="N")
    return parser


def field_type(field: "dataclasses.Field[Any]") -> type[int] | type[float]:
    """Return what a limit is counted in."""
    return int if field.type in (int, "int") else float


def port_number(text: str) -> int:
    """Read a port. Raises ``ValueError``, as argparse wants it."""
    port = int(text)
    if not 0 <= port < 65536:
        raise argparse.ArgumentTypeError(f"{port} is no port: they go from 0 to 65535")
    return port


def ssl_options(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """Return the documented dictionary for the TLS arguments, None without them."""
    if arguments.tls_cert is None:
        return None
    options = {"certfile": arguments.tls_cert, "keyfile": arguments.tls_key}
    if arguments.client_ca is not None:
        options |= {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": arguments.client_ca}
    return options


def build_profile(arguments: argparse.Namespace) -> Profile:
    """Return the profile that was asked for, with the limits that were set."""
    profile = PROFILES[arguments.profile]()
    names = [field.name for field in dataclasses.fields(Limits)]
    changed = {name: value for name in names if (value := getattr(arguments, f"limit_{name}")) is not None}
    return PROFILES[arguments.profile](dataclasses.replace(profile.limits, **changed))


def url(server: HTTPServer, *, secure: bool) -> str:
    """Return where the server listens."""
    host, port = server.address
    return f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def end_gracefully(server: HTTPServer, loop: IOLoop) -> None:
    """Let the loop end when the requests in flight are answered; SIGTERM and Ctrl-C ask for it."""

    def end(_number: int, _frame: object) -> None:
        loop.add_callback(lambda: server.drain(loop.stop))

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def end_with_standard_input() -> None:
    """Wait until nobody holds the other end of our standard input; then ask ourselves to end."""
    with contextlib.suppress(OSError):  # closed from the start is an end too
        while os.read(STANDARD_INPUT, 4096):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


def complain(sentence: str) -> int:
    """Say why the server cannot start; return the exit code."""
    sys.stderr.write(f"{sentence}\n")
    return CANNOT_START


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to end; return the exit code."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if arguments.tls_cert is None and (arguments.tls_key or arguments.client_ca):
        parser.error("--tls-key and --client-ca need --tls-cert")
    logging.basicConfig(
        stream=sys.stderr, level=arguments.log_level.upper(), format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        server = HTTPServer(
            Witness(),
            no_keep_alive=arguments.no_keep_alive,
            xheaders=arguments.xheaders,
            ssl_options=ssl_options(arguments),
            profile=build_profile(arguments),
        )
    except OSError as error:
        return complain(f"the certificate or its key cannot be used: {error}")
    try:
        server.bind(arguments.port, arguments.address)
    except OSError as error:
        return complain(f"cannot listen on {arguments.address}, port {arguments.port}: {error.strerror}")
    sys.stdout.write(f"Listening on {url(server, secure=arguments.tls_cert is not None)}\n")
    sys.stdout.flush()
    server.start(arguments.processes)
    loop = IOLoop.instance()
    end_gracefully(server, loop)
    if arguments.exit_on_eof:
        threading.Thread(target=end_with_standard_input, daemon=True).start()
    loop.start()
    return 0


if __name__ == "__main__":
    sys.exit(main())
