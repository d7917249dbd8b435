"""The order of verdicts, and what closes the gate: each known in one place."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from conformance.gate import Gate, Strictness
from conformance.judging.model import Verdict
from reports.rendering.verdicts import (
    BY_SEVERITY,
    LEVELS,
    READING_ORDER,
    VERDICTS,
    VERIFIED,
    Tone,
    closing_verdicts,
    severity,
    short_verdict,
)

Make = Callable[..., Any]


def test_every_verdict_has_its_place() -> None:
    every = {verdict.value for verdict in Verdict}
    assert set(VERDICTS) == set(READING_ORDER) == every
    assert set(BY_SEVERITY) == every - {"NOT APPLICABLE"}
    assert set(VERIFIED) == every - {"NOT APPLICABLE", "ERROR"}
    assert [verdict for verdict in READING_ORDER if verdict in BY_SEVERITY] == list(BY_SEVERITY)


@pytest.mark.parametrize("strictness", Strictness)
def test_what_closes_the_gate_is_what_the_gate_says(strictness: Strictness) -> None:
    closing = closing_verdicts({"gate": strictness.name.lower()})
    assert set(closing) == {verdict.value for verdict in Gate(strictness).closing}


@pytest.mark.parametrize("options", [{}, {"gate": None}, {"gate": "ajar"}])
def test_without_a_known_gate_failures_and_risks_close_it(options: dict[str, Any]) -> None:
    assert closing_verdicts(options) == ("RISK", "FAIL")


def test_a_crash_is_the_worst_and_what_was_not_judged_the_least(finding: Make) -> None:
    findings = [finding(verdict="FAIL", crash="fell over")]
    findings += [finding(verdict=verdict) for verdict in (*BY_SEVERITY, "NOT APPLICABLE")]
    assert all(severity(worse) < severity(better) for worse, better in pairwise(findings))


def test_levels_tones_and_narrow_columns() -> None:
    assert LEVELS == ("MUST", "SHOULD", "MAY")
    assert {tone.markup for tone in Tone} == {("green", "bold"), ("red", "bold"), ("yellow", "bold")}
    assert [short_verdict(verdict) for verdict in ("NOT APPLICABLE", "FAIL")] == ["N/A", "FAIL"]
