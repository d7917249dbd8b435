"""A control that leaves more than ten scenarios unjudged is a warning of its own in every report."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.record import Run
from reports.rendering.terminal import Line
from reports.run import markdown, page
from reports.run.controls import MOST_UNJUDGED, failed_controls
from reports.run.terminal import summary_lines

Make = Callable[..., dict[str, Any]]
MakeRun = Callable[..., Run]

CONTROL = {
    "scenario": "chunked.post",
    "verdict": "FAIL",
    "expected": "The server passes the body to the application.",
    "observed": "The server answered 501 and closed the connection.",
}
WHAT = "did not pass on plain (FAIL), so 11 scenarios that depend on it could not be judged."


def unjudged(finding: Make, number: int, **changes: Any) -> list[dict[str, Any]]:
    """Return findings that a control left unjudged."""
    reason = "its control chunked.post did not pass (FAIL)"
    return [
        finding(f"a.n{index}", "NOT APPLICABLE", reason=reason, failed_control=CONTROL, **changes)
        for index in range(number)
    ]


def text(lines: list[Line]) -> str:
    return " ".join(" ".join(line.text for line in lines).split())


@pytest.fixture(name="many")
def many_unjudged(run: MakeRun, finding: Make) -> Run:
    return run(finding("a.x", "PASS"), *unjudged(finding, MOST_UNJUDGED + 1))


def test_it_is_said_with_what_was_expected_and_what_came(many: Run) -> None:
    (control,) = failed_controls(many)
    assert (control.target, control.line["scenario"], control.unjudged) == ("plain", "chunked.post", 11)
    assert control.what == WHAT


def test_the_terminal_warns_of_it(many: Run) -> None:
    shown = text(summary_lines(many))
    assert f"CONTROL chunked.post {WHAT}" in shown
    assert f"expected {CONTROL['expected']} observed {CONTROL['observed']}" in shown


def test_the_page_warns_of_it_at_the_top(many: Run) -> None:
    rendered = page.render(many)
    top = " ".join(rendered[: rendered.index("<main>")].split())
    assert f"<code>chunked.post</code> {WHAT} Expected: {CONTROL['expected']} Observed:" in top
    assert CONTROL["observed"] in top


def test_the_summary_of_a_job_warns_of_it(many: Run) -> None:
    lines = markdown.render(many).splitlines()
    assert f"- **Control:** `chunked.post` {WHAT}" in lines


def test_a_few_unjudged_scenarios_are_no_warning(run: MakeRun, finding: Make) -> None:
    few = run(*unjudged(finding, MOST_UNJUDGED))
    assert failed_controls(few) == []
    assert "CONTROL" not in text(summary_lines(few))
    assert "<strong>Control:</strong>" not in page.render(few)
    assert "**Control:**" not in markdown.render(few)


def test_each_target_has_a_warning_of_its_own(run: MakeRun, finding: Make, target: Make) -> None:
    both = run(
        *unjudged(finding, MOST_UNJUDGED + 1),
        *unjudged(finding, MOST_UNJUDGED + 5, target="tls"),
        targets=[target(), target(name="tls")],
    )
    assert [(control.target, control.unjudged) for control in failed_controls(both)] == [
        ("tls", 15),
        ("plain", 11),
    ]
