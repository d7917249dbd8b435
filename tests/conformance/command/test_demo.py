"""`demo`: a mutant is served and tested, and the next steps are printed."""

from pathlib import Path

import pytest

from conformance.command.demo import MUTANT, main
from conformance.command.run_plan import RunPlan
from conformance.gate import Exit, exit_code
from conformance.judging.model import Verdict
from conformance.record import Writer
from conformance.running.pairs import Pair
from conformance.running.runner import Runner
from conformance.scenarios import CORPUS, SCENARIOS
from tests.conformance.builders import finding

# A scenario that the mutant fails, and one that it passes.
PLAYED = ("content-length.malformed-underscore", "content-length.malformed-letters")


def short_run(plan: RunPlan) -> int:
    """A run of two scenarios, without pytest."""
    assert list(plan.selection) == []
    with Runner(CORPUS) as runner, Writer(plan.output / "run.jsonl") as record:
        record.header(version="0", targets=[], options=dict(plan.options), planned=len(PLAYED))
        for found in runner.findings([Pair(plan.targets[0], CORPUS[name]) for name in PLAYED]):
            record.finding(found)
        return exit_code(record.counts)


def test_the_demo_shows_a_failure_and_what_to_do_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "new"
    assert main(["--output", str(output)], short_run, SCENARIOS) == Exit.CONFORMING
    shown = capsys.readouterr().out
    assert "One broken rule caused all 1 of them." in shown
    assert f"  {output / 'report.html'}\n" in shown
    assert f"python -m reference_server --port 8888 --mutant {MUTANT}\n" in shown
    assert f"python -m conformance explain {PLAYED[0]}\n" in shown
    assert (output / "reference_server.log").exists()


@pytest.mark.parametrize(
    ("code", "failed", "ended"),
    [
        (Exit.INTERRUPTED, PLAYED[0], Exit.INTERRUPTED),
        (Exit.CONFORMING, PLAYED[1], Exit.OWN_ERROR),
        (Exit.FAILURES, PLAYED[1], Exit.OWN_ERROR),
        (Exit.UNTESTABLE, PLAYED[0], Exit.OWN_ERROR),
    ],
)
def test_a_demo_without_the_expected_failure_ends_with_an_error(
    code: Exit, failed: str, ended: Exit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def otherwise(plan: RunPlan) -> int:
        with Writer(plan.output / "run.jsonl") as record:
            record.header(version="0", targets=[], options={}, planned=1)
            record.finding(finding(check=CORPUS[failed], verdict=Verdict.FAIL))
        return code

    assert main(["--output", str(tmp_path)], otherwise, SCENARIOS) == ended
    assert "That is what failures look like" not in capsys.readouterr().out
