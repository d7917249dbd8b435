"""The command: `python -m conformance [URL]`, and its subcommands.

It turns arguments into a plan, and a run of that into an exit code; what happens between is done by pytest
and the plugin. Every mistake of a user ends in one sentence and the code for it.
"""

import argparse
import errno
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from shutil import get_terminal_size
from tempfile import TemporaryDirectory
from textwrap import wrap

import pytest

from conformance.baseline import Baseline
from conformance.command import demo, explain, replay
from conformance.command.options import (
    delivery_of,
    options_to_record,
    parser,
    pytest_options,
    split,
)
from conformance.command.output_folder import output_folder
from conformance.command.progress import Progress
from conformance.command.pytest_plugin import COLLECTED, ConformancePlugin
from conformance.command.run_plan import RunPlan
from conformance.command.selection import select
from conformance.command.target_options import locate_from_options, probe, refuse_target_options
from conformance.coverage import coverage, table
from conformance.errors import BadUsage, Untestable
from conformance.gate import Exit, Gate, Strictness
from conformance.interruption import Interruption
from conformance.invariants.model import Invariant
from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Scenario
from conformance.record import Writer
from conformance.running.progress import Phase
from conformance.running.runner import Runner
from conformance.scenarios import CORPUS, SCENARIOS
from conformance.targets.embedded import PROFILES, embedded_targets
from conformance.targets.liveness import Supervisor
from conformance.targets.measuring import measure
from conformance.targets.pace import pace_for
from conformance.targets.spawn import spawn_server
from conformance.targets.target import Target

# What the system says when there is no room for what is written.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# The invariants come last: they look at the responses to the scenarios.
_CHECKS: tuple[Scenario | Invariant, ...] = (*SCENARIOS, *INVARIANTS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # some terminals cannot show every character
    interruption = Interruption()
    try:
        interruption.listen()
        code = _obey(sys.argv[1:] if arguments is None else arguments, interruption)
        sys.stdout.flush()  # its reader may have gone
    except BadUsage as error:
        return _said(error, Exit.USAGE)
    except Untestable as error:
        return _said(error, Exit.UNTESTABLE)
    except KeyboardInterrupt as interrupted:
        interruption.heed()
        return _said(str(interrupted) or "interrupted before there was a result", Exit.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain about it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001  (Python's own exit code would be that of a failure)
        return _unforeseen(error)
    else:
        return code


def _unforeseen(error: Exception) -> Exit:
    """Say what has gone wrong that is neither a user's mistake nor a server's."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return _said(f"what a run writes cannot be written: {error.strerror}", Exit.USAGE)
    traceback.print_exception(error)
    return _said("the error above is wirecheck's own; please report it", Exit.OWN_ERROR)


def _obey(arguments: Sequence[str], interruption: Interruption) -> int:
    """Do what the arguments ask for. Raises BadUsage and Untestable."""
    if arguments and arguments[0] in _COMMANDS:
        return _COMMANDS[arguments[0]](arguments[1:], interruption)
    own, for_pytest = split(arguments)
    options = parser().parse_args(own, argparse.Namespace(pytest=for_pytest))
    if options.list or options.coverage:
        _print(map(_described, _selected(options)) if options.list else table(coverage(_CHECKS)))
        return Exit.CONFORMING
    with output_folder(options.output) as output:
        return _run(options, output, interruption)


def _selected(options: argparse.Namespace) -> tuple[Scenario | Invariant, ...]:
    """Return the checks that the options ask for. Raises BadUsage when there are none."""
    return select(_of_profile(options), only=options.only, skip=options.skip, safe=options.safe)


def _evidence(options: argparse.Namespace) -> tuple[Scenario, ...]:
    """Return the scenarios that invariants are to look at, be they selected or not.

    A rule for every response has the same verdict whatever is selected; only what --skip and --safe leave out
    is left out here, too.
    """
    allowed = select(_of_profile(options), skip=options.skip, safe=options.safe)
    return tuple(check for check in allowed if isinstance(check, Scenario))


def _of_profile(options: argparse.Namespace) -> list[Scenario | Invariant]:
    # A list has both profiles, and so has a run against the embedded server.
    profile = options.profile or ("http11" if _url(options) and not options.list else None)
    return [check for check in _CHECKS if profile in (None, check.profile)]


def _described(check: Scenario | Invariant) -> str:
    return f"{check.id:50} {check.judged.id:18} {check.level.value:6} {check.title}"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)  # noqa: T201


def _wrapped(sentences: Iterable[str]) -> Iterator[str]:
    """Yield the lines of sentences that fit the terminal."""
    width = get_terminal_size().columns - 1
    for sentence in sentences:
        yield from wrap(sentence, width, subsequent_indent="      ", break_on_hyphens=False)


def _run(options: argparse.Namespace, output: Path, interruption: Interruption) -> int:
    delivery, seed = delivery_of(options)
    if seed is not None:
        _print([f"Writes are cut at random offsets; use --delivery cut --seed {seed} to repeat them."])
    checks = _selected(options)
    gate = Gate(Strictness[options.gate.upper()], _baseline(options))
    with _targets(options) as (targets, supervisor):
        measured = {
            target.name: measure(target, factor=options.patience, most=options.concurrency)
            for target in targets
        }
        pace = pace_for(measured.values(), options.patience)
        if options.max_time is not None:
            pace = replace(pace, deadline=options.max_time)
        _print(_wrapped(f"{name} {found}." for name, found in measured.items()))
        opinions = [f"{target.name}: {target.second_opinion}" for target in targets if target.second_opinion]
        _print(_wrapped([*opinions, f"Pace: {pace}."]))
        return run(
            RunPlan(
                targets=targets,
                checks=checks,
                output=output,
                selection=pytest_options(options),
                options=options_to_record(options)
                | {"pace": str(pace)}
                | ({"seed": str(seed)} if seed else {}),
                evidence=_evidence(options),
                pace=pace,
                measured=measured,
                delivery=delivery,
                supervisor=supervisor,
                gate=gate,
                updates_baseline=options.update_baseline,
                quiet=options.quiet,
                unattended=not options.pytest,  # arguments for pytest may be about a plugin
            ),
            interruption,
        )


def _baseline(options: argparse.Namespace) -> Baseline | None:
    """Return the baseline that the options name, if they do. Raises BadUsage."""
    file: Path | None = options.baseline
    if file is None:
        if options.update_baseline:
            raise BadUsage("--update-baseline needs --baseline FILE, which is what it writes")
        return None
    from conformance.baseline_file import new_baseline, read_baseline  # noqa: PLC0415  (few runs have one)

    titles = {check.id: check.title for check in _CHECKS}
    today = datetime.now().astimezone().date()
    if options.update_baseline and not file.exists():
        return new_baseline(file, titles, today)
    return read_baseline(file, titles, today)


def run(plan: RunPlan, interruption: Interruption | None = None) -> int:
    """Judge the targets, and leave the record and the reports in the plan's folder; return the exit code.

    interruption: what may end the run before its time, if anything does.
    Raises BadUsage when nothing is selected, or the record cannot be written.
    """
    interruption = interruption or Interruption()
    interruption.check()
    progress = Progress(
        sys.stdout, quiet=plan.quiet or not plan.unattended, width=get_terminal_size().columns
    )
    with (
        Runner(
            CORPUS,
            pace=plan.pace,
            delivery=plan.delivery,
            supervisor=plan.supervisor,
            announce=lambda phase: _announce(progress, phase, interruption),
        ) as runner,
        Writer(plan.output / "run.jsonl") as record,
    ):
        plugin = ConformancePlugin(plan, runner, record, progress, interruption)
        own = _pytest_arguments(plan.output, record.path, unattended=plan.unattended)
        try:
            with warnings.catch_warnings():
                # What failed last is of no importance where not even the record can be written.
                warnings.simplefilter("ignore", pytest.PytestCacheWarning)
                interruption.hold()  # until the plugin plays, or all is over: pytest would show it as its own
                status = pytest.main([*own, *plan.selection], plugins=[plugin])
                interruption.release()
        except KeyboardInterrupt as interrupted:
            judged = record.counts.total()
            raise KeyboardInterrupt(
                f"interrupted; {judged} of what was judged is in {record.path}" if judged else ""
            ) from interrupted
        if status == pytest.ExitCode.NO_TESTS_COLLECTED:
            raise BadUsage(f"no scenario is selected by {' '.join(plan.selection)}")
        if plugin.unrecorded is not None:
            raise plugin.unrecorded
        return status if plugin.code is None else plugin.code


def _announce(progress: Progress, phase: Phase, interruption: Interruption) -> None:
    interruption.check()
    progress.enter(phase)


@contextmanager
def _targets(options: argparse.Namespace) -> Iterator[tuple[tuple[Target, ...], Supervisor | None]]:
    url = _url(options)
    if url is None:
        refuse_target_options(options)
        log = options.output / "reference_server.log"
        with embedded_targets(log, (options.profile,) if options.profile else PROFILES) as targets:
            yield targets, None
    else:
        with TemporaryDirectory(prefix="wirecheck-") as folder:
            target = locate_from_options(url, options, Path(folder))
            with _kept_running(target, options) as supervisor:
                yield (probe(target, options.witness),), supervisor


@contextmanager
def _kept_running(target: Target, options: argparse.Namespace) -> Iterator[Supervisor | None]:
    """Run the target while it is tested, with --spawn; show its last output if it crashed."""
    if options.spawn is None:
        yield None
        return
    log = options.output / "spawned.log"
    with spawn_server(options.spawn, log, target.endpoint.address) as server:
        yield server
        if server.crashes:
            often = "once" if len(server.crashes) == 1 else f"{len(server.crashes)} times"
            _print([f"The server crashed {often}. Its last output ({log}):", server.last_output])


def _url(options: argparse.Namespace) -> str | None:
    url: str | None = options.url or options.server_url
    return url


# Plugins that watch over tests, or find them in code, have nothing to do here, and some cost time for each
# item; and Hypothesis, where it is installed, is large.
_USELESS = (
    "doctest",
    "faulthandler",
    "hypothesispytest",
    "logging",
    "recwarn",
    "subtests",
    "threadexception",
    "unittest",
    "unraisableexception",
    "warnings",
)


def _pytest_arguments(output: Path, record: Path, *, unattended: bool) -> list[str]:
    here = Path(__file__).parents[1]
    return [
        str(COLLECTED),
        # No configuration but ours: the suite may be run from any folder, and within any project.
        f"--rootdir={here}",
        f"-c{os.devnull}",
        f"-ocache_dir={output.absolute() / '.pytest_cache'}",
        "-preports.plugin",
        *(["--disable-plugin-autoload"] if unattended else []),
        *(f"-pno:{plugin}" for plugin in _USELESS),
        f"--wirecheck-record={record}",
        *("-qq", "--tb=no", "-rN", "--no-header", "--capture=no"),
    ]


# Subcommands, which may be given instead of a URL and have arguments of their own.
_COMMANDS: Mapping[str, Callable[[Sequence[str], Interruption], int]] = {
    "explain": lambda arguments, _: explain.main(arguments, _CHECKS),
    "replay": lambda arguments, _: replay.main(arguments, _CHECKS, CORPUS),
    "demo": lambda arguments, interruption: demo.main(
        arguments, lambda plan: run(plan, interruption), _CHECKS
    ),
}


def _said(what: object, code: Exit) -> Exit:
    print(f"wirecheck: {what}", file=sys.stderr)  # noqa: T201
    return code
