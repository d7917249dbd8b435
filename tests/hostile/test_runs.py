"""Runs against servers that answer plain requests well and misbehave to others: found out, and survived."""

from pathlib import Path

import pytest

from conformance.gate import Exit
from conformance.judging.model import Verdict
from tests.hostile.behaviours import BEHAVIOURS, BEHIND_AN_ANSWER, Behaviour
from tests.hostile.command import Ended, command
from tests.hostile.serving import only_to_odd_requests, serving

# A scenario that only a well answered POST can pass, others that have it as their control, and those that a
# GET is enough for; of each kind of step something.
SELECTED = "basics.get or basics.post or basics.head or length.malformed or expect.continue or pipelining.two"

# The command alone takes a quarter of it.
MOST_MEMORY = 400 * 1024 * 1024


def play(behave: Behaviour, output: Path) -> Ended:
    with serving(behave) as port:
        return command(f"http://127.0.0.1:{port}/", "--patience", "0.3", "-k", SELECTED, output=output)


def verdicts(ended: Ended) -> dict[str, str]:
    return {finding["scenario"]: finding["verdict"] for finding in ended.run.findings}


def assert_whole(ended: Ended) -> None:
    """Every run, whatever the server did, ends in order: with a record and reports, and nothing of ours."""
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "wirecheck's own error" not in ended.stdout
    assert ended.run.footer is not None
    assert ended.run.footer["complete"]
    assert ended.run.footer["exit_code"] == ended.code
    assert all((ended.output / name).stat().st_size for name in ("report.html", "junit.xml"))
    assert ended.peak < MOST_MEMORY


# Many field lines are many, and still no fault.
WRONG = (BEHAVIOURS | BEHIND_AN_ANSWER).keys() - {"hundred-thousand-field-lines"}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_what_is_said_to_a_post_is_found_out(name: str, tmp_path: Path) -> None:
    ended = play(only_to_odd_requests((BEHAVIOURS | BEHIND_AN_ANSWER)[name]), tmp_path)
    assert_whole(ended)
    assert ended.code == Exit.FAILURES
    found = verdicts(ended)
    assert found["basics.get"] == Verdict.PASS.value
    assert found["pipelining.two"] == Verdict.PASS.value
    assert found["basics.post"] in (Verdict.FAIL.value, Verdict.WARN.value)
    malformed = {
        verdict for scenario, verdict in found.items() if scenario.startswith("content-length.malformed")
    }
    # Where a POST is answered, a malformed length that is answered alike is a failure.
    answered = found["basics.post-answered"] == Verdict.PASS.value
    assert malformed == {(Verdict.FAIL if answered else Verdict.NOT_APPLICABLE).value}


@pytest.mark.parametrize("name", BEHIND_AN_ANSWER)
def test_what_comes_behind_an_answer_to_anything_ends_no_run(name: str, tmp_path: Path) -> None:
    ended = play(BEHIND_AN_ANSWER[name], tmp_path)
    assert_whole(ended)
    assert ended.code in (Exit.CONFORMING, Exit.FAILURES)
    assert Verdict.ERROR.value not in ended.run.counts
