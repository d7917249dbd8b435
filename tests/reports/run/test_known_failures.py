"""What a baseline excuses and what `--gate` asks for, in the summary and its sentence."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.record import Run
from reports.rendering.verdicts import Tone
from reports.run.result import result_of
from reports.run.terminal import MOST_WARNINGS, summary_lines
from tests.conformance.builders import RAW

MakeRun = Callable[..., Run]
MakeFinding = Callable[..., Any]


def baseline(*excused: str, reason: str = "as ever", **changes: Any) -> dict[str, Any]:
    entries = [{"scenario": name, "reason": reason, "expires": None} for name in excused]
    empty: dict[str, Any] = {"stale": [], "unknown": [], "reasonless": [], "expired": [], "sentences": []}
    return {"file": "known.toml", "excused": entries} | empty | changes


def shown(run: Run) -> list[str]:
    return [line.text for line in summary_lines(run, width=110)]


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
    assert result_of(known).tone is Tone.UNSURE
    assert result_of(known).sentence == (
        "Not conforming, but nothing new: 1 of 2 verified scenarios fails, as the baseline says."
    )


def test_a_new_failure_is_told_apart_from_a_known_one(run: MakeRun, finding: MakeFinding) -> None:
    both = run(
        finding("a.x", "FAIL"), finding("a.y", "FAIL"), changes={"exit_code": 1, "baseline": baseline("a.x")}
    )
    assert [line.split()[:2] for line in shown(both) if line.startswith(("FAIL", "KNOWN"))] == [
        ["FAIL", "a.y"],
        ["KNOWN", "a.x"],
    ]
    assert result_of(both).tone is Tone.BAD
    assert result_of(both).sentence == (
        "Not conforming: 1 requirement broken in 1 of 2 verified scenarios; 1 other failure is known."
    )


def test_an_error_is_never_known(run: MakeRun, finding: MakeFinding) -> None:
    wrong = run(finding("a.x", "ERROR"), finding("a.y"), changes={"baseline": baseline("a.x")})
    assert any(line.startswith("ERROR  a.x") for line in shown(wrong))
    assert not any(line.startswith("KNOWN") for line in shown(wrong))


def test_the_sentences_about_the_baseline_are_shown(run: MakeRun, finding: MakeFinding) -> None:
    stale = run(
        finding("a.x"),
        changes={"exit_code": 1, "baseline": baseline(stale=["a.x"], sentences=["known.toml: a.x passes."])},
    )
    assert "known.toml: a.x passes." in shown(stale)
    assert result_of(stale).tone is Tone.UNSURE
    assert "exit code 1" in result_of(stale).sentence


@pytest.mark.parametrize(
    ("gate", "closing"),
    [
        ("must", ["FAIL"]),
        ("risk", ["FAIL", "RISK"]),
        ("should", ["FAIL", "RISK", "WARN"]),
        ("may", ["FAIL", "RISK", "WARN", "INFO"]),
    ],
)
def test_what_closes_the_gate_stands_among_the_failures(
    gate: str, closing: list[str], run: MakeRun, finding: MakeFinding
) -> None:
    findings = [
        finding(f"a.{verdict.lower()}", verdict) for verdict in ("FAIL", "RISK", "WARN", "INFO", "PASS")
    ]
    asked = run(*findings, options={"gate": gate})
    blocks = [line.split()[0] for line in shown(asked) if "Transfer-Encoding and Content-Length in" in line]
    assert blocks == closing
    others = {
        "must": "",
        "risk": ", 1 risk in 1",
        "should": ", 1 risk in 1; 1 more does not pass the gate (--gate should)",
        "may": ", 1 risk in 1; 2 more do not pass the gate (--gate may)",
    }
    broken = "Not conforming: 1 requirement broken in 1 of 5 verified scenarios"
    assert result_of(asked).sentence == f"{broken}{others[gate]}."
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
    assert result_of(known).sentence == (
        "Not conforming, but nothing new: 1 of 2 verified scenarios does not pass the gate (--gate should), "
        "as the baseline says."
    )


def test_only_a_few_of_many_known_failures_are_listed(run: MakeRun, finding: MakeFinding) -> None:
    names = [f"a.x{number}" for number in range(MOST_WARNINGS + 3)]
    many = run(*(finding(name, "FAIL") for name in names), changes={"baseline": baseline(*names)})
    assert sum(line.startswith("KNOWN") for line in shown(many)) == MOST_WARNINGS
    assert "      and 3 more known failures; see the report" in shown(many)


def test_hostile_text_in_a_baseline_is_harmless(run: MakeRun, finding: MakeFinding, hostile: str) -> None:
    known = run(
        finding("a.x", "FAIL"), changes={"baseline": baseline("a.x", reason=hostile, sentences=[hostile])}
    )
    assert not any(RAW.search(line) for line in shown(known))
