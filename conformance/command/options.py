"""The arguments of the command: what there is to ask for, and what of it goes into the record.

They are read here and checked one by one; what they lead to is decided elsewhere.
"""

import argparse
import os
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from clients.delivery import MOST_CUTS, Delivery, at_random, by_byte, by_line, whole
from conformance import __version__
from conformance.arguments import Parser
from conformance.clauses import Level
from conformance.command.selection import KINDS
from conformance.command.target_options import add_target
from conformance.errors import BadUsage
from conformance.targets.embedded import PROFILES
from conformance.targets.pace import MOST_CONNECTIONS

_DELIVERIES: Mapping[str, Delivery] = {"whole": whole, "line": by_line, "byte": by_byte}
_CUT = "cut"
_MOST_SEED = 999_999
_MOST_PATIENCE = 1000


def parser() -> argparse.ArgumentParser:
    """Return the parser of wirecheck's own arguments: those in front of the first `--`."""
    made = Parser(
        prog="python -m conformance",
        description="Show which rules of RFC 9112 and RFC 9110 an HTTP/1.1 server keeps and breaks. "
        "Without a URL, the embedded reference server is tested. In the place of the URL may also stand a "
        "command, which has arguments of its own: explain ID, replay ID [URL], or demo.",
        epilog="Exit codes: 0 conforming, 1 failures, 2 interrupted, 3 wirecheck's own error, 4 usage, "
        "5 nothing was verified, 6 the target cannot be tested. What follows -- goes to pytest.",
        allow_abbrev=False,
    )
    url = made.add_mutually_exclusive_group()
    url.add_argument(
        "url",
        nargs="?",
        metavar="URL",
        help="the server to test: http://host:port/, https://…, or unix:/path/of/socket",
    )
    url.add_argument("--server-url", metavar="URL", help="the same, as an option")
    made.add_argument(
        "--profile",
        choices=PROFILES,
        help="what the server is held to: the RFCs, or the documented server's page "
        "(default: http11 for a URL, both for the embedded server)",
    )
    group = made.add_argument_group("how the server is met")
    group.add_argument(
        "--spawn",
        metavar="'COMMAND'",
        help="start the server with this command, wait for it to listen at the URL, start it again when it "
        "dies, and end it with its children; the file spawned.log takes its output",
    )
    add_target(group)
    add_delivery(made)
    _add_selection(made.add_argument_group("what is played", _TERMS))
    add_patience(made)
    made.add_argument(
        "--concurrency",
        type=_count,
        metavar="N",
        default=MOST_CONNECTIONS,
        help="open at most so many connections at once; fewer are, where the server takes fewer "
        "(default: %(default)s)",
    )
    _add_gate(made.add_argument_group("what closes the gate"))
    made.add_argument("--list", action="store_true", help="list the scenarios and play nothing")
    made.add_argument("--coverage", action="store_true", help="list the requirements and what checks them")
    made.add_argument(
        "--output", type=Path, metavar="DIR", default=Path("reports/out"), help="default: %(default)s"
    )
    made.add_argument("--version", action="version", version=f"wirecheck {__version__}")
    return made


def add_delivery(made: argparse.ArgumentParser) -> None:
    """Add what says in which pieces the bytes are sent."""
    made.add_argument(
        "--delivery",
        choices=(*_DELIVERIES, _CUT),
        default="whole",
        help="how each write is sent: whole, by line, by byte, or cut at a few offsets of chance; behind "
        f"{MOST_CUTS} pieces the rest is one; no verdict should depend on it (default: %(default)s)",
    )
    made.add_argument(
        "--seed", type=int, metavar="N", help="what chooses the offsets of --delivery cut (default: chance)"
    )


def add_patience(made: argparse.ArgumentParser) -> None:
    """Add what says how long a server is waited for."""
    made.add_argument(
        "--patience",
        type=_factor,
        metavar="FACTOR",
        default=1.0,
        help="scale all waits, which follow the server's own answers (default: %(default)s)",
    )


def _add_gate(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--gate",
        choices=[level.name.lower() for level in Level],
        default="must",
        help="what closes the gate: a FAIL; with should, a WARN as well; with may, an INFO too "
        "(default: %(default)s)",
    )
    group.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="TOML file of what is known to fail, and why; it closes the gate only by what is wrong with it",
    )
    group.add_argument(
        "--update-baseline",
        action="store_true",
        help="list in it what fails now, which a person then has to give a reason, and drop what passes",
    )


_TERMS = (
    f"A TERM is an id or KIND:WORD, where KIND is {', '.join(KINDS)}; * and ? stand for any characters; "
    "@FILE stands for the terms in a file, one a line. One that matches nothing is an error."
)


def _add_selection(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="TERM",
        help="play what a TERM matches; may be repeated",
    )
    group.add_argument(
        "--skip",
        action="append",
        default=[],
        metavar="TERM",
        help="leave out what a TERM matches; may be repeated",
    )
    group.add_argument(
        "--safe",
        action="store_true",
        help="leave out what could hurt a server that others use: all that has a tag",
    )
    group.add_argument("-k", metavar="EXPRESSION", help="play only the scenarios that match, as in pytest")
    group.add_argument(
        "--last-failed", action="store_true", help="play only what failed last time, or all if nothing did"
    )
    group.add_argument("--fail-fast", action="store_true", help="stop at the first failure")


def pytest_options(options: argparse.Namespace) -> list[str]:
    """Return what pytest is told of the selection, in its own words."""
    told = ["-k", options.k] if options.k else []
    told += ["--last-failed"] if options.last_failed else []
    told += ["--exitfirst"] if options.fail_fast else []
    return [*told, *options.pytest]


def _factor(text: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) <= _MOST_PATIENCE:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no factor above 0, up to {_MOST_PATIENCE}")


def _count(text: str) -> int:
    with suppress(ValueError):
        if int(text) > 0:
            return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")


def split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Part the arguments at the first `--`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def recorded(options: argparse.Namespace) -> dict[str, str | bool]:
    """Return what the record says of the options: those that are set; of --header the names alone."""
    names = [field.partition(":")[0] for field in options.header]
    return {
        name: value
        if isinstance(value, bool)
        else ", ".join(value)
        if isinstance(value, list)
        else str(value)
        for name, value in {**vars(options), "header": names}.items()
        if name != "pytest" and value is not None and value is not False and value != []
    }


def output_folder(options: argparse.Namespace) -> Path:
    """Make the folder for the reports and return it. Raises BadUsage when nothing can be written there."""
    folder: Path = options.output
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadUsage(f"the reports cannot go to {folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK):
        raise BadUsage(f"the reports cannot go to {folder}: it may not be written to")
    return folder


def delivery_of(options: argparse.Namespace) -> Delivery:
    """Return the delivery that was asked for. A seed that chance has to choose is kept in the options.

    Raises BadUsage when a seed is given, but there is nothing to choose.
    """
    if options.delivery != _CUT:
        if options.seed is not None:
            raise BadUsage("--seed chooses the offsets of --delivery cut, which is not asked for")
        return _DELIVERIES[options.delivery]
    if options.seed is None:
        options.seed = random.randint(1, _MOST_SEED)  # noqa: S311  (to be repeated, not to be secret)
    print(f"Each write is cut at offsets of chance; --delivery cut --seed {options.seed} repeats them.")  # noqa: T201
    return at_random(options.seed)
