"""`python -m conformance demo`: a run against a reference server with one rule broken, and what to look at.

It shows what a failure looks like without any server of one's own.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from conformance.arguments import Parser
from conformance.command.options import output_folder
from conformance.command.run_plan import RunPlan
from conformance.gate import Exit
from conformance.invariants.model import Invariant
from conformance.judging.model import Scenario, Verdict
from conformance.record import read
from conformance.targets.embedded import IN_CLEAR, embedded_targets

# A length such as +5 or 1_0 is a number for int(), and for no other reader on the way.
MUTANT = "length-read-as-in-python"
_WRONG = "it takes whatever Python's int() does for a Content-Length"
_TELLING = "content-length.malformed-underscore"

_PROFILE = "http11"


def main(
    arguments: Sequence[str], run: Callable[[RunPlan], int], checks: Sequence[Scenario | Invariant]
) -> int:
    """Run the command; return 0 when the run has shown what it is to show.

    run: plays a plan, and returns its exit code. checks: what there is to play.

    Raises Untestable when the server does not start.
    """
    parser = Parser(
        prog="python -m conformance demo",
        description="Run against a reference server with one rule broken, and say what to look at.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", default=Path("reports/out/demo"), help="default: %(default)s"
    )
    output = output_folder(parser.parse_args(arguments))
    _say(f"A reference server with one rule broken is tested: {_WRONG}.")
    log = output / "reference_server.log"
    with embedded_targets(log, (_PROFILE,), options=["--mutant", MUTANT], transports=[IN_CLEAR]) as targets:
        code = run(RunPlan(targets=targets, checks=checks, output=output, options={"mutant": MUTANT}))
    if code == Exit.INTERRUPTED:
        return code
    failed = [
        found["scenario"]
        for found in read(output / "run.jsonl").findings
        if found["verdict"] == Verdict.FAIL.value
    ]
    if code != Exit.FAILURES or _TELLING not in failed:
        _say(f"The demo did not go as it should: {_TELLING} has to fail. {output} has what was found.")
        return Exit.OWN_ERROR
    _say(f"""
That is what a failure looks like. All {len(failed)} come of the one broken rule.

  {output / "report.html"}
      is the report: open it in a browser, and open {_TELLING}
  python -m conformance explain {_TELLING}
      says what is sent, what is accepted, and why it matters
  python -m reference_server --port 8888 --mutant {MUTANT}
      serves the same again, so that in another terminal
  python -m conformance replay {_TELLING} http://127.0.0.1:8888/
      shows the bytes, and
  python -m conformance http://127.0.0.1:8888/
      is the run that you saw. Now put the URL of your own server there.""")
    return Exit.CONFORMING


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
