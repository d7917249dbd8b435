"""The page of risks and the checks agree: each risk has its reason there, and each row has its checks."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Check, Risk, Scenario
from conformance.scenarios import SCENARIOS
from tests.paths import DOCS

PAGE = (DOCS / "risks.md").read_text(encoding="utf-8")
CHECKS: tuple[Check, ...] = (*SCENARIOS, *INVARIANTS)


def risks(check: Check) -> set[Risk]:
    breaches = check.breaches if isinstance(check, Scenario) else ()
    return {risk for risk in (check.risk, *(breach.risk for breach in breaches)) if risk is not None}


def rows() -> Iterator[tuple[Risk, str, str]]:
    """Each pattern of the page, with the risk of its section and the reason in its row."""
    for section in PAGE.split("\n## ")[1:]:
        title, *lines = section.splitlines()
        for line in lines:
            if line.startswith("| `"):
                scenarios, reason = (cell.strip() for cell in line.strip("| ").split(" | ", 1))
                yield from (
                    (Risk[title.upper()], name, reason) for name in re.findall("`([^`]+)`", scenarios)
                )


ROWS = tuple(rows())


def test_every_risk_of_a_check_has_its_reason_on_the_page() -> None:
    without = [
        (check.id, risk.name)
        for check in CHECKS
        for risk in risks(check)
        if not any(risk is listed and fnmatchcase(check.id, name) for listed, name, _ in ROWS)
    ]
    assert without == []


def test_there_are_risks() -> None:
    assert ROWS
    assert any(check.risk for check in CHECKS)


@pytest.mark.parametrize(("risk", "name", "reason"), ROWS, ids=[f"{row[0].name} {row[1]}" for row in ROWS])
def test_every_row_of_the_page_is_true_of_a_check(risk: Risk, name: str, reason: str) -> None:
    assert reason
    assert any(risk in risks(check) for check in CHECKS if fnmatchcase(check.id, name))
