"""`python -m conformance replay ID [URL]`: plays one scenario, once, and shows every byte with its time.

Its control is played first, as in a run, and with the utmost patience of one, so that there is nothing to be
confirmed. Without a URL it is played against the embedded reference server. No reports are written.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from clients.conversation import Patience
from clients.delivery import Delivery
from clients.driver import play
from conformance.arguments import Parser
from conformance.command.options import add_delivery, add_patience, delivery_of
from conformance.command.selection import find_check
from conformance.command.target_options import add_target, locate_from_options, probe, refuse_target_options
from conformance.errors import BadUsage
from conformance.gate import exit_code
from conformance.judging.model import Check, Finding, Scenario, Verdict
from conformance.running.case import Step, TargetState, begin, decide, next_step
from conformance.running.findings import judged
from conformance.running.pairs import Pair, converse, pair_up
from conformance.targets.embedded import PROFILES, embedded_targets
from conformance.targets.measuring import measure
from conformance.targets.pace import pace_for
from conformance.targets.preflight import still_answers
from conformance.targets.target import Target
from conformance.text import clipped, transcript_lines, visible


def main(arguments: Sequence[str], checks: Sequence[Check], corpus: Mapping[str, Scenario]) -> int:
    """Run the command; return a run's exit code. corpus: all scenarios by id, for the controls.

    Raises BadUsage and Untestable.
    """
    options = _parser().parse_args(arguments)
    scenario = find_check(checks, options.id)
    if not isinstance(scenario, Scenario):
        raise BadUsage(
            f"{scenario.id} looks at every response of a run, and plays nothing that could be played again"
        )
    if options.profile not in (None, scenario.profile):
        raise BadUsage(f"{scenario.id} is of the profile {scenario.profile}, not of {options.profile}")
    delivery, seed = delivery_of(options)
    with _target(options, scenario) as target:
        patience = pace_for([measure(target, factor=options.patience, most=1)], options.patience).last
        _say(f"{scenario.id} on {target.url}: {scenario.title}")
        if seed is not None:
            _say(f"Writes are cut at random offsets; use --delivery cut --seed {seed} to repeat them.")
        for finding in findings(target, scenario, corpus, patience, delivery):
            _show(finding, as_control=finding.check is not scenario)
            verdict = finding.verdict
        alive = still_answers(target)
        if not alive:
            _say(f"After that, {target.url} no longer answers a plain GET.")
        return exit_code(Counter([verdict]), alive=alive)


def findings(
    target: Target,
    scenario: Scenario,
    corpus: Mapping[str, Scenario],
    patience: Patience,
    delivery: Delivery,
) -> Iterator[Finding]:
    """Play a scenario once, after its control, which is played after its own; the scenario comes last.

    What is to be done is decided as in a run, by `next_step`, but nothing is played a second time.
    """
    pair = Pair(target, scenario)
    case = begin(pair, scenario)
    control: Finding | None = None
    if case.error is None and scenario.control is not None:
        for control in findings(target, corpus[scenario.control], corpus, patience, delivery):
            yield control
    verdict = None if control is None else control.verdict
    if verdict in (None, Verdict.PASS) and next_step(case, verdict, TargetState()) is Step.PLAY:
        transcript = play(target.endpoint, converse(target, scenario, delivery), patience)
        case = case.played(judged(pair, scenario, transcript))
    yield decide(case, control, TargetState())


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m conformance replay",
        description="Play one scenario, once, and show every byte with its time. Without a URL it is played "
        "against the embedded reference server. Exit codes are those of a run.",
        allow_abbrev=False,
    )
    parser.add_argument("id", metavar="ID", help="the scenario, as --list and the reports name it")
    parser.add_argument("url", metavar="URL", nargs="?", help="the server to play it against")
    parser.add_argument(
        "--profile", choices=PROFILES, help="what the server is held to (default: the scenario's)"
    )
    add_target(parser.add_argument_group("connecting to the server"))
    add_delivery(parser)
    add_patience(parser)
    return parser


@contextmanager
def _target(options: argparse.Namespace, scenario: Scenario) -> Iterator[Target]:
    """The target that the options mean, or an embedded server that the scenario can be played against."""
    options.profile = scenario.profile
    with TemporaryDirectory(prefix="wirecheck-") as folder:
        if options.url is not None:
            yield probe(locate_from_options(options.url, options, Path(folder)), options.witness)
            return
        refuse_target_options(options)
        with embedded_targets(Path(folder) / "reference_server.log", (scenario.profile,)) as targets:
            yield pair_up(targets, [scenario])[0].target


def _show(finding: Finding, *, as_control: bool) -> None:
    if as_control and finding.verdict is Verdict.PASS:
        _say(f"control      {finding.check.id}: PASS")
        return
    if finding.transcript is not None:
        _say("")
        for line in transcript_lines(finding.transcript):
            _say(line)
    clause = finding.check.judged
    _say("")
    _say(f"{finding.verdict.value}  {finding.check.id}{', the control' if as_control else ''}")
    _say(f"      requirement  {clause.id} {clause.keyword}: {clause.text}")
    _say(f"      expected     {finding.expected}")
    _say(f"      observed     {finding.observed}")
    if finding.reason:
        _say(f"      reason       {finding.reason}")


def _say(text: str) -> None:
    print(visible(clipped(text)), flush=True)  # noqa: T201  (so that it can be watched as it goes)
