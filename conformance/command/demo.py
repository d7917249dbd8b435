"""`python -m conformance demo`: a run against the reference server with one rule broken, and what to do next.

It shows users what failures look like before they test a server of their own.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from conformance.arguments import Parser
from conformance.command.output_folder import output_folder
from conformance.command.run_plan import RunPlan
from conformance.gate import Exit
from conformance.invariants.model import Invariant
from conformance.judging.model import Scenario, Verdict
from conformance.record import read
from conformance.targets.embedded import IN_CLEAR, embedded_targets

# Python's int() accepts lengths such as +5 and 1_0, which other HTTP parsers refuse.
MUTANT = "length-read-as-in-python"
_BROKEN_RULE = "as a Content-Length it accepts whatever Python's int() accepts"
_EXAMPLE = "content-length.malformed-underscore"

_PROFILE = "http11"


def main(
    arguments: Sequence[str], run: Callable[[RunPlan], int], checks: Sequence[Scenario | Invariant]
) -> int:
    """Run the demo; return 0 if the run failed as it should.

    run: plays a plan, and returns its exit code. checks: those to play.
    Raises BadUsage if there is no place for the reports, Untestable if the server does not start.
    """
    parser = Parser(
        prog="python -m conformance demo",
        description="Test the reference server with one rule broken, and show what to do next.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        default=Path("reports/out/demo"),
        help="folder for the reports (default: %(default)s)",
    )
    with output_folder(parser.parse_args(arguments).output) as output:
        return _shown(output, run, checks)


def _shown(output: Path, run: Callable[[RunPlan], int], checks: Sequence[Scenario | Invariant]) -> int:
    """Run the demo with a folder for the reports; return 0 if the run failed as it should."""
    _say(f"Testing the reference server with one rule broken: {_BROKEN_RULE}.")
    log = output / "reference_server.log"
    with embedded_targets(log, (_PROFILE,), options=["--mutant", MUTANT], transports=[IN_CLEAR]) as targets:
        code = run(RunPlan(targets=targets, checks=checks, output=output, options={"mutant": MUTANT}))
    if code == Exit.INTERRUPTED:
        return code
    failed = [
        finding["scenario"]
        for finding in read(output / "run.jsonl").findings
        if finding["verdict"] == Verdict.FAIL.value
    ]
    if code != Exit.FAILURES or _EXAMPLE not in failed:
        _say(f"The demo went wrong: {_EXAMPLE} should have failed. The reports are in {output}.")
        return Exit.OWN_ERROR
    _say(f"""
That is what failures look like. One broken rule caused all {len(failed)} of them. Next:

  {output / "report.html"}
      is the report: open it in a browser, and look up {_EXAMPLE}
  python -m conformance explain {_EXAMPLE}
      shows what this scenario sends, what it accepts, and why it matters
  python -m reference_server --port 8888 --mutant {MUTANT}
      serves the broken server again, for these two commands in another terminal:
  python -m conformance replay {_EXAMPLE} http://127.0.0.1:8888/
      plays the scenario once and shows every byte
  python -m conformance http://127.0.0.1:8888/
      repeats the run that you have just seen; now put the URL of your own server there""")
    return Exit.CONFORMING


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
