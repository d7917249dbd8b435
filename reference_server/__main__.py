"""The command: ``python -m reference_server``.

It serves the witness under ``/witness`` and the document's example elsewhere. Once it listens it prints one
line, ``Listening on URL``, and nothing else on standard output; what it logs goes to standard error.
"""

import argparse
import atexit
import contextlib
import dataclasses
import difflib
import fnmatch
import logging
import os
import signal
import ssl
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reference_server.access_log import AccessLog
from reference_server.httpserver import HTTPServer
from reference_server.ioloop import IOLoop
from reference_server.logs import LogOutput
from reference_server.mutants import MUTANTS, Mutant
from reference_server.parsing.documented import Documented
from reference_server.parsing.grammar import STRICT
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.profile import Profile
from reference_server.witness.callback import Witness

PROFILES: dict[str, type[Profile]] = {profile.name: profile for profile in (HTTP11, Documented)}

STANDARD_INPUT = 0
STANDARD_ERROR = 2

TO_STANDARD_ERROR = "-"

FLUSH_SECONDS = 1.0
"""How often is written what could not be written at once."""

LAST_LINES_SECONDS = 1.0
"""How long the reader of standard error has, at the end, to take what could not be written before."""

ALL_CHECKS = "all"
"""What stands for every check where one may be named."""

CANNOT_START = 1
"""The exit code when the port or a file cannot be had. Wrong arguments give 2."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m reference_server",
        usage="%(prog)s [options]",
        description="Serve the witness of wirecheck under /witness, and the document's example elsewhere.",
        epilog="SIGTERM and Ctrl-C answer the requests in flight, and end the server. A second Ctrl-C ends "
        "it at once.",
    )
    parser.add_argument(
        "--profile", choices=PROFILES, default=HTTP11.name, help="rules to follow (default: %(default)s)"
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=1,
        metavar="N",
        help="0 means one for each CPU (default: %(default)s)",
    )
    parser.add_argument("--no-keep-alive", action="store_true", help="close after every response")
    parser.add_argument(
        "--xheaders", action="store_true", help="believe X-Real-Ip and X-Scheme, as a proxy sets them"
    )
    parser.add_argument(
        "--server-name",
        type=host_name,
        action="append",
        metavar="NAME",
        help="a host that this server is for, without a port; may come several times. A request for another "
        "is answered 421 (default: all are served)",
    )
    parser.add_argument(
        "--mutant",
        type=mutant_named,
        metavar="NAME",
        help="serve a variant with one rule broken, to see the suite notice it",
    )
    parser.add_argument(
        "--list-mutants",
        nargs="?",
        const=ALL_CHECKS,
        metavar="CHECK",
        help="list the mutants, or those that a check of the suite notices, and serve nothing",
    )
    add_listening(parser)
    add_tls(parser)
    add_logs(parser)
    add_limits(parser)
    return parser


def add_listening(parser: argparse.ArgumentParser) -> None:
    """Add what says where to listen, and until when."""
    group = parser.add_argument_group("where to listen")
    group.add_argument(
        "--port", type=port_number, default=8888, help="0 picks a free one (default: %(default)s)"
    )
    group.add_argument(
        "--address",
        default="127.0.0.1",
        help="a name, or an IPv4 or IPv6 address; :: means all of both, 0.0.0.0 all of IPv4 "
        "(default: %(default)s)",
    )
    group.add_argument("--exit-on-eof", action="store_true", help="end when standard input does")


def add_tls(parser: argparse.ArgumentParser) -> None:
    """Add the files that TLS needs."""
    group = parser.add_argument_group("TLS")
    group.add_argument("--tls-cert", metavar="FILE", help="serve over TLS with this certificate chain (PEM)")
    group.add_argument("--tls-key", metavar="FILE", help="its private key, when it is not in the same file")
    group.add_argument(
        "--client-ca", metavar="FILE", help="demand client certificates signed by one of these (PEM)"
    )


def add_logs(parser: argparse.ArgumentParser) -> None:
    """Add what is logged, and where."""
    group = parser.add_argument_group("what is told")
    group.add_argument(
        "--access-log",
        nargs="?",
        const=TO_STANDARD_ERROR,
        metavar="FILE",
        help="write a line for each request, in the Common Log Format with the seconds it took; to standard "
        "error when no file is named",
    )
    group.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default="info",
        help="the least that is logged to standard error (default: %(default)s)",
    )


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Add an option for each limit."""
    group = parser.add_argument_group(
        "limits",
        "Sizes are octets, times are seconds. In the documented profile the head may have 104857600.",
    )
    for field in dataclasses.fields(Limits):
        kind = type(field.default)
        group.add_argument(
            f"--limit-{field.name.replace('_', '-')}",
            type=kind,
            metavar="N",
            help=f"{field.metadata['meaning']} (default: {field.default})",
        )


def mutant_named(name: str) -> Mutant:
    """Find a mutant. Raises ``ArgumentTypeError`` with those that have a similar name."""
    if name not in MUTANTS:
        similar = difflib.get_close_matches(name, MUTANTS, cutoff=0.5)
        meant = f"; {' or '.join(similar)}?" if similar else ""
        raise argparse.ArgumentTypeError(f"there is no mutant {name}{meant} --list-mutants lists all")
    return MUTANTS[name]


def is_noticed(mutant: Mutant, check: str) -> bool:
    """Whether a check notices the mutant."""
    return check == ALL_CHECKS or any(fnmatch.fnmatchcase(check, name) for name in mutant.noticed_by)


def port_number(text: str) -> int:
    """Read a port. Raises ``ArgumentTypeError``."""
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is not a port: ports go from 0 to 65535")
    return int(text)


def host_name(text: str) -> str:
    """Read the name of a host, or its address. Raises ``ArgumentTypeError``."""
    match = STRICT.authority.fullmatch(text.encode())
    if match is None or match[2] is not None:
        raise argparse.ArgumentTypeError(f"{text} is not a host, such as example.org, 192.0.2.1 or [::1]")
    return text


def ssl_options(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """Return the documented dictionary for the TLS arguments, None without them."""
    if arguments.tls_cert is None:
        return None
    options = {"certfile": arguments.tls_cert, "keyfile": arguments.tls_key}
    if arguments.client_ca is not None:
        options |= {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": arguments.client_ca}
    return options


def build_profile(arguments: argparse.Namespace) -> Profile:
    """Return the profile that was asked for, with the limits that were set. Raises ``ValueError``."""
    kind = PROFILES[arguments.profile] if arguments.mutant is None else arguments.mutant.profile
    profile = kind()
    names = [field.name for field in dataclasses.fields(Limits)]
    changed = {name: value for name in names if (value := getattr(arguments, f"limit_{name}")) is not None}
    limits = dataclasses.replace(profile.limits, **changed)
    return HTTP11(limits, names=arguments.server_name) if arguments.server_name else kind(limits)


def url(server: HTTPServer, *, secure: bool) -> str:
    """Return where the server listens."""
    host, port = server.address
    return f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def end_with_standard_input(process: int) -> None:
    """Wait until nobody holds the other end of our standard input; then ask a process to end."""
    with contextlib.suppress(OSError):  # closed from the start is an end too
        while os.read(STANDARD_INPUT, 4096):
            pass
    with contextlib.suppress(ProcessLookupError):  # several of us ask it
        os.kill(process, signal.SIGTERM)


class CannotStart(Exception):
    """Why the server cannot start, in a sentence."""


def open_access_log(name: str | None, standard_error: LogOutput) -> AccessLog | None:
    """Return the log that was asked for, if one was. Raises ``CannotStart``."""
    if name is None:
        return None
    if name == TO_STANDARD_ERROR:
        return AccessLog(standard_error)
    how = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return AccessLog(LogOutput(os.open(name, how, 0o666)))
    except OSError as error:
        raise CannotStart(f"cannot write the access log {name}: {error.strerror}") from error


def log_to(output: LogOutput, level: str) -> None:
    """Log to ``output`` from now on, and to the last."""
    handler = logging.StreamHandler(output)
    logging.basicConfig(handlers=[handler], level=level.upper(), format="%(levelname)s %(name)s: %(message)s")
    atexit.register(output.settle, LAST_LINES_SECONDS)


def check_readable(arguments: argparse.Namespace) -> None:
    """Raise ``CannotStart`` for the first TLS file that cannot be read: ``ssl`` does not say which it is."""
    for name in (arguments.tls_cert, arguments.tls_key, arguments.client_ca):
        if name is not None:
            try:
                Path(name).open("rb").close()
            except OSError as error:
                raise CannotStart(f"cannot read {name}: {error.strerror}") from error


def new_server(arguments: argparse.Namespace, profile: Profile, standard_error: LogOutput) -> HTTPServer:
    """Return the server that was asked for, listening. Raises ``CannotStart``."""
    check_readable(arguments)
    server_class, application = HTTPServer, Witness
    if arguments.mutant is not None:
        server_class, application = arguments.mutant.server, arguments.mutant.application
    access_log = open_access_log(arguments.access_log, standard_error)
    try:
        server = server_class(
            application(),
            no_keep_alive=arguments.no_keep_alive,
            xheaders=arguments.xheaders,
            ssl_options=ssl_options(arguments),
            profile=profile,
            access_log=access_log,
        )
    except OSError as error:
        raise CannotStart(tls_complaint(arguments, error)) from error
    try:
        server.bind(arguments.port, arguments.address)
    except OSError as error:
        where = f"{arguments.address or 'all interfaces'}, port {arguments.port}"
        raise CannotStart(f"cannot listen on {where}: {error.strerror}") from error
    return server


def flush_regularly(output: LogOutput, loop: IOLoop) -> None:
    """Write what waits for a slow reader of the log, also when nothing more is logged."""
    with contextlib.suppress(OSError):
        output.flush()
    loop.call_later(FLUSH_SECONDS, lambda: flush_regularly(output, loop))


def tls_complaint(arguments: argparse.Namespace, error: OSError) -> str:
    """Say what is wrong with the files that TLS needs."""
    reason = getattr(error, "reason", None)
    if reason == "KEY_VALUES_MISMATCH":
        return f"{arguments.tls_key or arguments.tls_cert} is not the key of {arguments.tls_cert}"
    if arguments.tls_key is None and "PRIVATE KEY" not in Path(arguments.tls_cert).read_text("latin-1"):
        return f"there is no private key in {arguments.tls_cert}: name its file with --tls-key"
    if reason == "NO_CERTIFICATE_OR_CRL_FOUND":
        return f"there is no certificate in {arguments.client_ca}"
    return f"the certificate or its key cannot be used: {reason or error}"


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to end; return the exit code."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if arguments.tls_cert is None and (arguments.tls_key or arguments.client_ca):
        parser.error("--tls-key and --client-ca need --tls-cert")
    if arguments.mutant is not None and arguments.access_log is not None:
        parser.error("a mutant writes no access log")
    if arguments.server_name and (arguments.mutant is not None or arguments.profile != HTTP11.name):
        parser.error("--server-name belongs to the http11 profile")
    if arguments.list_mutants:
        listed = [mutant for mutant in MUTANTS.values() if is_noticed(mutant, arguments.list_mutants)]
        sys.stdout.writelines(f"{mutant.name:42} {mutant.breaks}\n" for mutant in listed)
        return 0
    try:
        profile = build_profile(arguments)
    except ValueError as error:
        parser.error(f"a limit is wrong: {error}")
    standard_error = LogOutput(STANDARD_ERROR)
    try:
        server = new_server(arguments, profile, standard_error)
    except CannotStart as why:
        sys.stderr.write(f"{why}\n")
        return CANNOT_START
    log_to(standard_error, arguments.log_level)
    server.end_on_signals()
    sys.stdout.write(f"Listening on {url(server, secure=arguments.tls_cert is not None)}\n")
    sys.stdout.flush()
    process = os.getpid()
    server.start(arguments.processes)
    if arguments.exit_on_eof:
        threading.Thread(target=end_with_standard_input, args=(process,), daemon=True).start()
    flush_regularly(standard_error, IOLoop.instance())
    IOLoop.instance().start()
    return 0


if __name__ == "__main__":
    sys.exit(main())
