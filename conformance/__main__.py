"""The command: `python -m conformance [URL]`.

It turns arguments into a run and a run into an exit code; all that happens between is pytest's and the
plugin's. Every mistake of a user's ends in one sentence and the code for it.
"""

import argparse
import os
import random
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from clients.slicing import MOST_CUTS, Delivery, at_random, by_byte, by_line, whole
from conformance import __version__
from conformance.coverage import coverage, table
from conformance.embedded import PROFILES, embedded_targets
from conformance.gate import Exit
from conformance.invariants import INVARIANTS
from conformance.model import Scenario
from conformance.plugin import ConformancePlugin
from conformance.record import Writer
from conformance.responses import Invariant
from conformance.runner import Runner, pair_up
from conformance.scenarios import CORPUS, SCENARIOS
from conformance.target import BadUsage, Target, Untestable, examine, locate

# The invariants come last: they look at what the scenarios were answered.
_CHECKS: tuple[Scenario | Invariant, ...] = (*SCENARIOS, *INVARIANTS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code (DESIGN 6)."""
    own, behind = _split(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(own, argparse.Namespace(pytest=behind))
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if options.list or options.coverage:
            _print(_listed(options.profile) if options.list else table(coverage(_CHECKS)))
            return Exit.CONFORMING
        return _run(options)
    except BadUsage as error:
        return _said(error, Exit.USAGE)
    except Untestable as error:
        return _said(error, Exit.UNTESTABLE)
    except KeyboardInterrupt:
        return _said("interrupted before the run began", Exit.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; python would complain of it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.INTERRUPTED


_DELIVERIES: Mapping[str, Delivery] = {"whole": whole, "line": by_line, "byte": by_byte}
_CUT = "cut"
_MOST_SEED = 999_999


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"wirecheck: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m conformance",
        description="Show which rules of RFC 9112 and RFC 9110 an HTTP/1.1 server keeps and breaks. "
        "Without a URL, the embedded reference server is tested.",
        epilog="Exit codes: 0 conforming, 1 failures, 2 interrupted, 3 wirecheck's own error, 4 usage, "
        "5 nothing was verified, 6 the target cannot be tested. What follows -- goes to pytest.",
        allow_abbrev=False,
    )
    url = parser.add_mutually_exclusive_group()
    url.add_argument(
        "url", nargs="?", metavar="URL", help="the server to test: http://host:port/ or https://…"
    )
    url.add_argument("--server-url", metavar="URL", help="the same, as an option")
    parser.add_argument(
        "--profile",
        choices=PROFILES,
        help="what the server is held to: the RFCs, or the documented server's page "
        "(default: http11 for a URL, both for the embedded server)",
    )
    parser.add_argument("--ca", type=Path, metavar="FILE", help="PEM file of the authority to trust")
    parser.add_argument("--insecure", action="store_true", help="do not verify the server's certificate")
    parser.add_argument(
        "--witness", metavar="PATH", help="where the witness is mounted (default: /witness, if there)"
    )
    parser.add_argument(
        "--delivery",
        choices=(*_DELIVERIES, _CUT),
        default="whole",
        help="how each write is sent: whole, by line, by byte, or cut at a few offsets of chance; behind "
        f"{MOST_CUTS} pieces the rest is one; no verdict should depend on it (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", help="what chooses the offsets of --delivery cut (default: chance)"
    )
    parser.add_argument("-k", metavar="EXPRESSION", help="play only the scenarios that match, as in pytest")
    parser.add_argument("--list", action="store_true", help="list the scenarios and play nothing")
    parser.add_argument("--coverage", action="store_true", help="list the requirements and what checks them")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", default=Path("reports/out"), help="default: %(default)s"
    )
    parser.add_argument("--version", action="version", version=f"wirecheck {__version__}")
    return parser


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Part the arguments at the first `--`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def _listed(profile: str | None) -> Iterator[str]:
    for check in _CHECKS:
        if profile in (None, check.profile):
            yield f"{check.id:50} {check.judged.id:18} {check.level.value:6} {check.title}"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)  # noqa: T201


def _run(options: argparse.Namespace) -> int:
    delivery = _delivery(options)
    selection = ["-k", options.k] if options.k else []
    with _targets(options) as targets:
        return run(targets, options.output, [*selection, *options.pytest], _recorded(options), delivery)


def _recorded(options: argparse.Namespace) -> dict[str, str | bool]:
    """Return what the record says of the options: those that are set, with their values."""
    return {
        name: value if isinstance(value, bool) else str(value)
        for name, value in vars(options).items()
        if name != "pytest" and value is not None and value is not False
    }


def _delivery(options: argparse.Namespace) -> Delivery:
    """Return the delivery that was asked for. A seed that chance has to choose is kept in the options.

    Raises BadUsage when a seed is given, but there is nothing to choose.
    """
    if options.delivery != _CUT:
        if options.seed is not None:
            raise BadUsage("--seed chooses the offsets of --delivery cut, which is not asked for")
        return _DELIVERIES[options.delivery]
    if options.seed is None:
        options.seed = random.randint(1, _MOST_SEED)  # noqa: S311  (to be repeated, not to be secret)
    _print([f"Each write is cut at offsets of chance; --delivery cut --seed {options.seed} repeats them."])
    return at_random(options.seed)


def run(
    targets: tuple[Target, ...],
    output: Path,
    selection: Sequence[str],
    recorded: Mapping[str, str | bool],
    delivery: Delivery = whole,
) -> int:
    """Judge the targets, and leave the record and the reports in the folder `output`; return the exit code.

    selection: options for pytest. recorded: what the record says of the options that were given.
    delivery: how the bytes of every scenario are sent.
    Raises BadUsage when nothing is selected.
    """
    with Runner(CORPUS, delivery=delivery) as runner, Writer(output / "run.jsonl") as record:
        plugin = ConformancePlugin(targets, pair_up(targets, _CHECKS), runner, record, dict(recorded))
        status = pytest.main([*_pytest_arguments(output, record.path), *selection], plugins=[plugin])
        if status == pytest.ExitCode.NO_TESTS_COLLECTED:
            raise BadUsage(f"no scenario is selected by {' '.join(selection)}")
        return status if plugin.code is None else plugin.code


@contextmanager
def _targets(options: argparse.Namespace) -> Iterator[tuple[Target, ...]]:
    url = options.url or options.server_url
    if url is None:
        for name in ("ca", "insecure", "witness"):
            if getattr(options, name):
                raise BadUsage(f"--{name} is about a server of yours, but no URL is given")
        options.output.mkdir(parents=True, exist_ok=True)
        log = options.output / "reference_server.log"
        with embedded_targets(log, (options.profile,) if options.profile else PROFILES) as targets:
            yield targets
    else:
        located = locate(
            url, profile=options.profile or "http11", authority=options.ca, insecure=options.insecure
        )
        yield (examine(located, witness=options.witness),)


def _pytest_arguments(output: Path, record: Path) -> list[str]:
    here = Path(__file__).parent
    return [
        str(here / "test_conformance.py"),
        # No configuration but ours: the suite may be run from any folder, and within any project.
        f"--rootdir={here}",
        f"-c{os.devnull}",
        f"-ocache_dir={output.absolute() / '.pytest_cache'}",
        f"--junitxml={output / 'junit.xml'}",
        "-ojunit_suite_name=wirecheck",
        "-preports.plugin",
        f"--wirecheck-record={record}",
        *("-qq", "--tb=no", "-rN", "--no-header", "--capture=sys"),
    ]


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _said(what: object, code: Exit) -> Exit:
    print(f"wirecheck: {what}", file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
