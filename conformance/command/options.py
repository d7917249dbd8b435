"""The arguments of the command: what a user can ask for, and what the record keeps of it.

Each argument is parsed and checked here; what it leads to is decided elsewhere.
"""

import argparse
import math
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from clients.delivery import MOST_CUTS, Delivery, at_random, by_byte, by_line, whole
from conformance import __version__
from conformance.arguments import Parser
from conformance.command.selection import KINDS
from conformance.command.target_options import add_target
from conformance.errors import BadUsage
from conformance.gate import DEFAULT_STRICTNESS, Strictness
from conformance.targets.embedded import PROFILES
from conformance.targets.pace import MOST_CONNECTIONS

_DELIVERIES: Mapping[str, Delivery] = {"whole": whole, "line": by_line, "byte": by_byte}
_CUT = "cut"
_MOST_SEED = 999_999
_MOST_PATIENCE = 1000

# What a run found does not depend on these, or is recorded by its effect.
_NOT_RECORDED = ("pytest", "quiet")


def parser() -> argparse.ArgumentParser:
    """Return the parser of wirecheck's own arguments: those before the first `--`."""
    made = Parser(
        prog="python -m conformance",
        description="Show which rules of RFC 9112 and RFC 9110 an HTTP/1.1 server keeps and breaks. "
        "Without a URL, the embedded reference server is tested. Instead of a URL you can give a subcommand, "
        "which has arguments of its own: explain ID, replay ID [URL], or demo.",
        epilog="Exit codes: 0 conforming, 1 failures, 2 interrupted, 3 wirecheck's own error, 4 usage, "
        "5 nothing was verified, 6 the target cannot be tested. Arguments after -- go to pytest.",
        allow_abbrev=False,
    )
    _add_server(made)
    group = made.add_argument_group("connecting to the server")
    group.add_argument(
        "--spawn",
        metavar="'COMMAND'",
        help="start the server with this command, wait until it listens at the URL, start it again when it "
        "crashes, and stop it with its children; its output goes to the file spawned.log",
    )
    add_target(group)
    add_delivery(made)
    _add_selection(made.add_argument_group("selecting scenarios", _TERMS))
    add_patience(made)
    _add_bounds(made)
    _add_gate(made.add_argument_group("passing or failing the run"))
    _add_output(made)
    return made


def _add_server(made: argparse.ArgumentParser) -> None:
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


def _add_bounds(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--max-time",
        type=_seconds,
        metavar="SECONDS",
        help="stop judging after this many seconds; every scenario that was not judged is an ERROR "
        "(default: half an hour, or more where the server is slow)",
    )
    made.add_argument(
        "--concurrency",
        type=_count,
        metavar="N",
        default=MOST_CONNECTIONS,
        help="maximum number of open connections (fewer if the server accepts fewer) (default: %(default)s)",
    )


def _add_output(made: argparse.ArgumentParser) -> None:
    made.add_argument("-q", "--quiet", action="store_true", help="show no progress")
    made.add_argument("--list", action="store_true", help="list the scenarios and play nothing")
    made.add_argument("--coverage", action="store_true", help="list the requirements and what checks them")
    made.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        default=Path("reports/out"),
        help="folder for the reports (default: %(default)s)",
    )
    made.add_argument("--version", action="version", version=f"wirecheck {__version__}")


def add_delivery(made: argparse.ArgumentParser) -> None:
    """Add the options about the pieces in which bytes are sent."""
    made.add_argument(
        "--delivery",
        choices=(*_DELIVERIES, _CUT),
        default="whole",
        help="how each write is sent: whole, by line, by byte, or cut at a few random offsets; after "
        f"{MOST_CUTS} pieces the rest is sent whole; no verdict should depend on it (default: %(default)s)",
    )
    made.add_argument(
        "--seed", type=int, metavar="N", help="random seed for --delivery cut (default: a new one)"
    )


def add_patience(made: argparse.ArgumentParser) -> None:
    """Add the option about how long to wait for a server."""
    made.add_argument(
        "--patience",
        type=_factor,
        metavar="FACTOR",
        default=1.0,
        help="multiply all waits, which follow the server's own latency (default: %(default)s)",
    )


def _add_gate(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--gate",
        choices=[strictness.name.lower() for strictness in Strictness],
        default=DEFAULT_STRICTNESS.name.lower(),
        help="which verdicts fail the run: with must, FAIL; with risk, RISK as well; with should, WARN too; "
        "with may, INFO too (default: %(default)s)",
    )
    group.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="TOML file of known failures, each with a reason; a listed failure does not fail the run; "
        "a stale or invalid entry does",
    )
    group.add_argument(
        "--update-baseline",
        action="store_true",
        help="add current failures (you supply each reason) and remove entries that pass",
    )


_TERMS = (
    f"A TERM is an id or KIND:WORD, where KIND is {', '.join(KINDS)}; * and ? match any characters; "
    "@FILE reads terms from a file, one per line. A TERM that matches nothing is an error."
)


def _add_selection(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="TERM",
        help="play only scenarios that TERM matches; may be repeated",
    )
    group.add_argument(
        "--skip",
        action="append",
        default=[],
        metavar="TERM",
        help="do not play scenarios that TERM matches; may be repeated",
    )
    group.add_argument(
        "--safe",
        action="store_true",
        help="do not play scenarios that could harm a shared server (those with a tag)",
    )
    group.add_argument("-k", metavar="EXPRESSION", help="play only the scenarios that match, as in pytest")
    group.add_argument(
        "--last-failed", action="store_true", help="play only what failed last time, or all if nothing did"
    )
    group.add_argument("--fail-fast", action="store_true", help="stop at the first failure")


def pytest_options(options: argparse.Namespace) -> list[str]:
    """Return the options for pytest: our own that pytest obeys, and those after the first `--`."""
    own = ["-k", options.k] if options.k else []
    own += ["--last-failed"] if options.last_failed else []
    own += ["--exitfirst"] if options.fail_fast else []
    return [*own, *options.pytest]


def _factor(text: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) <= _MOST_PATIENCE:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} must be above 0 and at most {_MOST_PATIENCE}")


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) < math.inf:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} must be a number of seconds above 0")


def _count(text: str) -> int:
    with suppress(ValueError):
        if int(text) > 0:
            return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} must be a positive whole number")


def split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the arguments before the first `--`, and those after it."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def options_to_record(options: argparse.Namespace) -> dict[str, str | bool]:
    """Return the options that are set, as the record keeps them: of --header only the field names."""
    names = [field.partition(":")[0] for field in options.header]
    return {
        name: value
        if isinstance(value, bool)
        else ", ".join(value)
        if isinstance(value, list)
        else str(value)
        for name, value in {**vars(options), "header": names}.items()
        if name not in _NOT_RECORDED and value is not None and value is not False and value != []
    }


def delivery_of(options: argparse.Namespace) -> tuple[Delivery, int | None]:
    """Return the delivery, and the seed that repeats it if it is random: that of --seed, or a new one.

    Raises BadUsage if there is a seed, but the delivery is not random.
    """
    if options.delivery != _CUT:
        if options.seed is not None:
            raise BadUsage("--seed needs --delivery cut")
        return _DELIVERIES[options.delivery], None
    seed: int | None = options.seed
    if seed is None:
        seed = random.randint(1, _MOST_SEED)  # noqa: S311  (to be repeated, not to be secret)
    return at_random(seed), seed
