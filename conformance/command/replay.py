"""`python -m conformance replay ID [URL]`: plays one scenario, once, and shows every byte with its time.

Its control is played first, as in a run, and with the utmost patience of one, so that there is nothing to be
confirmed. Without a URL the embedded reference server is met. No reports are written.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from clients.delivery import Delivery
from clients.raw import Patience, play
from clients.transcript import Transcript
from conformance.arguments import Parser
from conformance.command.options import OF_A_URL, add_delivery, add_patience, add_target, delivery_of
from conformance.command.selection import named
from conformance.command.target_options import examined, located
from conformance.gate import exit_code
from conformance.judging.model import Check, Need, Scenario, Verdict
from conformance.judging.observation import observe
from conformance.judging.sentences import expected, observed
from conformance.judging.verdict import Judgement, judge
from conformance.running.applicability import rule_out
from conformance.running.pairs import converse, pair_up
from conformance.targets.embedded import PROFILES, embedded_targets
from conformance.targets.measuring import measure
from conformance.targets.pace import pace_for
from conformance.targets.target import BadUsage, Target, still_answers
from conformance.text import plain, transcript_lines


@dataclass(frozen=True)
class Played:
    """What came of a scenario. transcript: None where it was ruled out before it was played."""

    scenario: Scenario
    judgement: Judgement
    observed: str = "Not played."
    transcript: Transcript | None = None


def main(arguments: Sequence[str], checks: Sequence[Check], corpus: Mapping[str, Scenario]) -> int:
    """Run the command; return a run's exit code. corpus: all scenarios by id, for the controls.

    Raises BadUsage and Untestable.
    """
    options = _parser().parse_args(arguments)
    scenario = named(checks, options.id)
    if not isinstance(scenario, Scenario):
        raise BadUsage(
            f"{scenario.id} looks at every response of a run, and plays nothing that could be played again"
        )
    if options.profile not in (None, scenario.profile):
        raise BadUsage(f"{scenario.id} is of the profile {scenario.profile}, not of {options.profile}")
    delivery = delivery_of(options)
    with _target(options, scenario) as target:
        patience = pace_for([measure(target, factor=options.patience, most=1)], options.patience).utmost
        _say(f"{scenario.id} on {target.url}: {scenario.title}")
        for each in played(target, scenario, corpus, patience, delivery):
            _show(each, target, as_control=each.scenario is not scenario)
            verdict = each.judgement.verdict
        alive = still_answers(target)
        if not alive:
            _say(f"After that, {target.url} no longer answers a plain GET.")
        return exit_code(Counter([verdict]), alive=alive)


def played(
    target: Target,
    scenario: Scenario,
    corpus: Mapping[str, Scenario],
    patience: Patience,
    delivery: Delivery,
) -> Iterator[Played]:
    """Play a scenario, behind its control, which is played behind its own; the scenario comes last."""
    control: Judgement | None = None
    ruled_out = rule_out(scenario, target.offers, None, fields=target.fields)
    if ruled_out is None and scenario.control is not None:
        for before in played(target, corpus[scenario.control], corpus, patience, delivery):
            yield before
            control = before.judgement
        ruled_out = rule_out(scenario, target.offers, control, fields=target.fields)
    if ruled_out is not None:
        yield Played(scenario, ruled_out)
        return
    transcript = play(target.endpoint, converse(target, scenario, delivery), patience)
    seen = observe(
        transcript,
        filled=target.placeholders,
        witness=Need.WITNESS in target.offers,
        forms=Need.FORMS in target.offers,
    )
    yield Played(scenario, judge(scenario, seen), observed(scenario, seen), transcript)


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
    add_target(parser.add_argument_group("how the server is met"))
    add_delivery(parser)
    add_patience(parser)
    return parser


@contextmanager
def _target(options: argparse.Namespace, scenario: Scenario) -> Iterator[Target]:
    """The target that the options mean, or an embedded server that the scenario can be played against."""
    options.profile = scenario.profile
    with TemporaryDirectory(prefix="wirecheck-") as folder:
        if options.url is not None:
            yield examined(located(options.url, options, Path(folder)), options.witness)
            return
        for name in OF_A_URL:
            if getattr(options, name, None):
                raise BadUsage(f"--{name} is about a server of yours, but no URL is given")
        with embedded_targets(Path(folder) / "reference_server.log", (scenario.profile,)) as targets:
            yield pair_up(targets, [scenario])[0].target


def _show(each: Played, target: Target, *, as_control: bool) -> None:
    judgement = each.judgement
    if as_control and judgement.verdict is Verdict.PASS:
        _say(f"control      {each.scenario.id}: PASS")
        return
    if each.transcript is not None:
        _say("")
        for line in transcript_lines(each.transcript):
            _say(line)
    clause = each.scenario.judged
    _say("")
    _say(f"{judgement.verdict.value}  {each.scenario.id}{', the control' if as_control else ''}")
    _say(f"      requirement  {clause.id} {clause.keyword}: {clause.text}")
    _say(f"      expected     {expected(each.scenario, target.placeholders)}")
    _say(f"      observed     {each.observed}")
    if judgement.reason:
        _say(f"      reason       {judgement.reason}")


def _say(text: str) -> None:
    print(plain(text), flush=True)  # noqa: T201  (whoever watches the server wants to see it as it goes)
