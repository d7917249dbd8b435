"""What a baseline excuses, and what `--gate` asks for, as the summary and its sentence show it."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.record import Run
from reports.run.result import Tone, result
from reports.run.terminal import MOST_WARNINGS, lines
from tests.conformance.builders import RAW

MakeRun = Callable[..., Run]
MakeFinding = Callable[..., dict[str, Any]]


def baseline(*excused: str, reason: str = "as ever", **changes: Any) -> dict[str, Any]:
    entries = [{"scenario": name, "reason": reason, "expires": None} for name in excused]
    empty: dict[str, Any] = {"stale": [], "unknown": [], "reasonless": [], "expired": [], "said": []}
    return {"file": "known.toml", "excused": entries} | empty | changes


def shown(run: Run) -> list[str]:
    return [line.text for line in lines(run, width=110)]


def test_a_known_failure_is_a_line_with_its_reason_and_no_failure(run: MakeRun, finding: MakeFinding) -> None:
    known = run(
        finding("a.x", "FAIL"),
        finding("a.y"),
        changes={"exit_code": 0, "baseline": baseline("a.x")},
    )
    text = shown(known)
    assert "KNOWN a.x on plain: as ever" in text
    assert not any(line.startswith("FAIL") for line in text)
    assert "1 PASS, 1 FAIL" in text
    assert result(known).tone is Tone.UNSURE
    assert result(known).sentence == (
        "Not conforming, but nothing new: 1 of 2 verified scenarios fails, as the baseline says."
    )


def test_a_new_failure_is_told_besides_the_known(run: MakeRun, finding: MakeFinding) -> None:
    both = run(
        finding("a.x", "FAIL"), finding("a.y", "FAIL"), changes={"exit_code": 1, "baseline": baseline("a.x")}
    )
    assert [line.split()[:2] for line in shown(both) if line.startswith(("FAIL", "KNOWN"))] == [
        ["FAIL", "a.y"],
        ["KNOWN", "a.x"],
    ]
    assert result(both).tone is Tone.BAD
    assert result(both).sentence == (
        "Not conforming: 1 of 2 verified scenarios fails, besides 1 that is known."
    )


def test_an_error_is_never_known(run: MakeRun, finding: MakeFinding) -> None:
    wrong = run(finding("a.x", "ERROR"), finding("a.y"), changes={"baseline": baseline("a.x")})
    assert any(line.startswith("ERROR  a.x") for line in shown(wrong))
    assert not any(line.startswith("KNOWN") for line in shown(wrong))


def test_what_is_said_of_the_baseline_is_shown(run: MakeRun, finding: MakeFinding) -> None:
    stale = run(
        finding("a.x"),
        changes={"exit_code": 1, "baseline": baseline(stale=["a.x"], said=["known.toml: a.x passes."])},
    )
    assert "known.toml: a.x passes." in shown(stale)
    assert result(stale).tone is Tone.UNSURE
    assert "exit code 1" in result(stale).sentence


@pytest.mark.parametrize(
    ("gate", "closing"),
    [("must", ["FAIL"]), ("should", ["FAIL", "WARN"]), ("may", ["FAIL", "WARN", "INFO"])],
)
def test_what_closes_the_gate_stands_among_the_failures(
    gate: str, closing: list[str], run: MakeRun, finding: MakeFinding
) -> None:
    findings = [finding(f"a.{verdict.lower()}", verdict) for verdict in ("FAIL", "WARN", "INFO", "PASS")]
    asked = run(*findings, options={"gate": gate})
    blocks = [line.split()[0] for line in shown(asked) if "Transfer-Encoding and Content-Length in" in line]
    assert blocks == closing
    number = {1: "1 of 4 verified scenarios fails", 2: "2 of 4", 3: "3 of 4"}[len(closing)]
    assert number in result(asked).sentence
    # A warning is told once.
    assert sum(line.startswith("WARN") for line in shown(asked)) == 1


def test_a_known_warning_is_told_once(run: MakeRun, finding: MakeFinding) -> None:
    known = run(
        finding("a.x", "WARN"),
        finding("a.y"),
        options={"gate": "should"},
        changes={"baseline": baseline("a.x")},
    )
    assert [line for line in shown(known) if "a.x on plain" in line] == ["KNOWN a.x on plain: as ever"]
    assert result(known).sentence == (
        "Not conforming, but nothing new: 1 of 2 verified scenarios does not pass the gate (--gate should), "
        "as the baseline says."
    )


def test_of_many_known_a_few_are_listed(run: MakeRun, finding: MakeFinding) -> None:
    names = [f"a.x{number}" for number in range(MOST_WARNINGS + 3)]
    many = run(*(finding(name, "FAIL") for name in names), changes={"baseline": baseline(*names)})
    assert sum(line.startswith("KNOWN") for line in shown(many)) == MOST_WARNINGS
    assert "      and 3 more that are known, see the report" in shown(many)


def test_nothing_of_a_baseline_is_obeyed(run: MakeRun, finding: MakeFinding, hostile: str) -> None:
    known = run(finding("a.x", "FAIL"), changes={"baseline": baseline("a.x", reason=hostile, said=[hostile])})
    assert not any(RAW.search(line) for line in shown(known))
