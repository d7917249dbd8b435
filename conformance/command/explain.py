"""`python -m conformance explain ID`: what a scenario sends, what it accepts, and why, without any server.

Everything but the mutants that it notices comes from the scenario itself; the reference server lists those.
"""

import os
import subprocess
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clients.steps import Action, Await, Handshake, Step, join_writes
from clients.transcript import Ending, Event, Kind, Transcript
from conformance.arguments import Parser
from conformance.clauses import Clause
from conformance.command.selection import find_check
from conformance.invariants.model import Invariant
from conformance.judging.model import Check, Scenario
from conformance.judging.observation import observe
from conformance.judging.placeholders import PLACEHOLDERS
from conformance.judging.verdict import TOLERATED
from conformance.scenarios import CORPUS
from conformance.tags import tags
from conformance.targets.embedded import reference_server
from conformance.targets.process import how_it_ended
from conformance.text import clipped, folded, visible, wire_lines

_WIDTH = 100
_LABEL = 13

# A server that closes without a response, which is tolerated wherever an error status is due (see `verdict`).
_HANG_UP = observe(
    Transcript((Event(0.0, Kind.CONNECTED), Event(0.0, Kind.SENT, b"GET")), Ending.FIN),
    filled={},
    witness=False,
    forms=False,
)


def main(arguments: Sequence[str], checks: Sequence[Check]) -> int:
    """Print the explanation of a check; return 0. Raises BadUsage if there is no check with that id."""
    parser = Parser(
        prog="python -m conformance explain",
        description="Show what a scenario sends, what it accepts, and why.",
        allow_abbrev=False,
    )
    parser.add_argument("id", metavar="ID", help="the scenario, as --list and the reports name it")
    check = find_check(checks, parser.parse_args(arguments).id)
    for line in explanation(check, mutants_noticed_by(check)):
        print(line)  # noqa: T201
    return 0


@dataclass(frozen=True)
class Mutants:
    """The mutants of the reference server that a check notices."""

    lines: tuple[str, ...] = ()
    """Each with its name and what it does wrong."""
    problem: str = ""
    """Why they are not known; empty if they are."""


def explanation(check: Check, mutants: Mutants = Mutants()) -> Iterator[str]:
    """Yield the lines of text that explain a check."""
    yield check.id
    yield from _wrapped(check.title, "")
    yield ""
    for number, clause in enumerate(check.clauses):
        yield from _requirement(clause, "requirement" if number == 0 else "also about")
    if check.risk is not None:
        yield from _labelled("risk", f"{check.risk.name.lower()}: {check.risk.value}")
    yield from _labelled("why", check.why)
    if isinstance(check, Scenario):
        yield ""
        yield "sends"
        yield from (f"    {line}" for line in folded(list(_conversation(check.send))))
        yield from _placeholder_meanings(check)
        yield ""
        yield from _verdicts(check)
    elif isinstance(check, Invariant):
        yield from _labelled("sends", "nothing of its own; it looks at every response of the run")
        yield from _labelled("accepted", f"Every response {check.rule}.")
        yield from _labelled("otherwise", check.deviation.value)
    yield from _conditions(check)
    if mutants.lines:
        yield ""
        yield "noticed in these variants of the reference server (python -m reference_server --mutant NAME)"
        yield from (f"    {mutant}" for mutant in mutants.lines)
    if mutants.problem:
        yield ""
        yield from _wrapped(f"The reference server could not list its mutants: {mutants.problem}", "")


def mutants_noticed_by(check: Check, server: Sequence[str] = ()) -> Mutants:
    """Ask the reference server which of its mutants a check notices. server: a command in its place."""
    command, environment = reference_server()
    listing = subprocess.run(  # noqa: S603  (a command of our own)
        [*(server or command), "--list-mutants", check.id],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if listing.returncode:
        errors = listing.stderr.strip().splitlines()
        return Mutants(problem=errors[-1] if errors else f"it {how_it_ended(listing.returncode)}")
    return Mutants(lines=tuple(listing.stdout.splitlines()))


def _requirement(clause: Clause, label: str) -> Iterator[str]:
    yield from _labelled(label, f"{clause.id} {clause.keyword}: {clause.text}")
    yield from _labelled("", f"{clause.source.name}, {clause.section}  {clause.link}".rstrip())


def _conversation(send: tuple[Step, ...]) -> Iterator[str]:
    """Yield the steps in order: the bytes of a write as wire lines, all else in words."""
    for step in join_writes(send):
        if isinstance(step, bytes):
            yield from wire_lines(step)
        else:
            yield from _wrapped(f"({_in_words(step)})", "")


def _placeholder_meanings(scenario: Scenario) -> Iterator[str]:
    """Yield what the names in angle brackets stand for."""
    named = [
        f"{name.decode()} is {placeholder.meaning}"
        for name, placeholder in PLACEHOLDERS.items()
        if name in scenario.placeholders
    ]
    if named:
        yield ""
        yield from _wrapped(f"where {'; '.join(named)}.", "  ")


def _in_words(step: Await | Action | Handshake) -> str:
    if isinstance(step, Await):
        return f"wait for {step.value}"
    if isinstance(step, Action):
        return step.value
    protocols = f"; protocols offered (ALPN): {', '.join(step.protocols)}" if step.protocols else ""
    return f"begin TLS with {step.identity.value}; server name sent (SNI): {step.name.value}{protocols}"


def _verdicts(scenario: Scenario) -> Iterator[str]:
    """Yield which outcomes have which verdict."""
    tolerated = TOLERATED[scenario.level].value
    yield from _labelled("accepted", f"The server {scenario.accept}.")
    if scenario.tolerate is not None:
        yield from _labelled("tolerated", f"The server {scenario.tolerate}: {tolerated}.")
    if not scenario.accept.holds(_HANG_UP) and scenario.accept.excuse(_HANG_UP):
        yield from _labelled("tolerated", f"The server hangs up, as it may at any time: {tolerated}.")
    for breach in scenario.breaches:
        broken = f"{breach.deviation.value}, by {breach.clause.id}"
        yield from _labelled("but if", f"The server {breach.seen}: {broken}.")
    yield from _labelled("otherwise", scenario.deviation.value)


def _conditions(check: Check) -> Iterator[str]:
    """Yield what a check depends on, and what could make it unsafe."""
    if check.control_id is not None:
        yield from _labelled("control", f"{check.control_id}: {CORPUS[check.control_id].title}")
    for need in sorted(check.all_needs, key=lambda need: need.name):
        word = need.name.lower().replace("_", "-")
        yield from _labelled("needs", f"{word}; not applicable if {need.value}")
    for tag in sorted(tags(check), key=lambda tag: tag.name):
        yield from _labelled("tag", f"{tag.name.lower()}: {tag.value}")
    yield from _labelled("profile", check.profile)


def _labelled(label: str, text: str) -> Iterator[str]:
    return _wrapped(text, f"{label:<{_LABEL}}")


def _wrapped(text: str, first: str) -> Iterator[str]:
    indent = " " * len(first)
    yield from textwrap.wrap(
        visible(clipped(text)),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
