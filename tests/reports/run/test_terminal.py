"""The summary in the terminal: failures, counts, reasons, places and the result; no control bytes."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.record import Run
from reports.rendering.terminal import Line
from reports.run.terminal import MOST_ALIKE, MOST_NOT_RUN, MOST_REASONS, MOST_WARNINGS, summary_lines

MakeRun = Callable[..., Run]
MakeFinding = Callable[..., Any]


def text(shown: list[Line]) -> str:
    return "\n".join(line.text for line in shown)


def test_a_failure_is_a_heading_and_three_lines(run: MakeRun, finding: MakeFinding) -> None:
    shown = summary_lines(run(finding(verdict="FAIL")), width=100)
    start = next(index for index, line in enumerate(shown) if line.text.startswith("FAIL"))
    assert [line.text for line in shown[start : start + 6]] == [
        "FAIL  framing.te-with-content-length on plain: Transfer-Encoding and Content-Length in one request",
        "      requirement  RFC9112-6.1-13 MUST: Close the connection after a request with both",
        "                   Transfer-Encoding and Content-Length",
        "      expected     answers 400 and closes the connection",
        "      observed     answers 200 and keeps the connection open",
        "",
    ]
    assert shown[start].markup == ("red", "bold")


def test_the_summary_says_how_to_see_the_bytes_of_the_first_failure(
    run: MakeRun, finding: MakeFinding
) -> None:
    shown = text(summary_lines(run(finding("a.w", "WARN"), finding("a.x", "FAIL"), finding("a.y", "FAIL"))))
    assert shown.count("To see the bytes: ") == 1
    assert "\nTo see the bytes: python -m conformance replay a.x http://" in shown
    assert "To see the bytes" not in text(summary_lines(run(finding("a.w", "WARN"))))


def test_an_error_says_its_reason_too(run: MakeRun, finding: MakeFinding) -> None:
    shown = text(summary_lines(run(finding(verdict="ERROR", reason="the connection was refused"))))
    assert "      reason       the connection was refused\n" in shown


def test_errors_of_one_reason_are_shown_a_few_times(run: MakeRun, finding: MakeFinding) -> None:
    found = [finding(f"a.n{index}", "ERROR", reason="it died") for index in range(MOST_ALIKE + 4)]
    shown = text(
        summary_lines(run(*found, finding("b.x", "ERROR", reason="another"), finding("b.y", "FAIL")))
    )
    assert shown.count("it died") == MOST_ALIKE
    assert shown.count("another") == 1
    assert "FAIL  b.y" in shown
    assert "and 4 more ERRORs for the same reasons; see the report" in shown


def test_a_green_run_is_short(run: MakeRun, finding: MakeFinding) -> None:
    shown = summary_lines(
        run(finding("a.x"), finding("a.y")), places={"report": "out/report.html", "junit": "j.xml"}
    )
    assert [line.text for line in shown] == [
        "",
        "2 PASS",
        "",
        "report  out/report.html",
        "junit   j.xml",
        "",
        "Conforming: 2 of 2 verified scenarios pass.",
    ]
    assert shown[-1].markup == ("green", "bold")


def test_counts_are_in_the_order_of_the_verdicts_and_by_target(
    run: MakeRun, finding: MakeFinding, target: Callable[..., dict[str, Any]]
) -> None:
    verdicts = ["ERROR", "NOT APPLICABLE", "FAIL", "INFO", "WARN", "PASS", "PASS"]
    found = [finding(f"a.n{index}", verdict) for index, verdict in enumerate(verdicts)]
    shown = text(summary_lines(run(*found, finding(target="tls"), targets=[target(), target(name="tls")])))
    assert "\nplain  2 PASS, 1 WARN, 1 INFO, 1 FAIL, 1 NOT APPLICABLE, 1 ERROR\n" in shown
    assert "\ntls    1 PASS\n" in shown
    assert "\nall    3 PASS, 1 WARN, 1 INFO, 1 FAIL, 1 NOT APPLICABLE, 1 ERROR\n" in shown


def test_a_target_without_findings_has_no_line(
    run: MakeRun, finding: MakeFinding, target: Callable[..., dict[str, Any]]
) -> None:
    assert "\n1 PASS\n" in text(summary_lines(run(finding(), targets=[target(), target(name="tls")])))
    assert summary_lines(run())[-1].text == "Nothing was verified."


def test_many_warnings_are_capped(run: MakeRun, finding: MakeFinding) -> None:
    shown = text(summary_lines(run(*(finding(f"a.n{index}", "WARN") for index in range(MOST_WARNINGS + 3)))))
    assert shown.count("WARN  a.n") == MOST_WARNINGS
    assert "and 3 more warnings; see the report" in shown


def test_what_is_not_applicable_is_grouped_by_reason(run: MakeRun, finding: MakeFinding) -> None:
    found = [finding(f"a.n{index}", "NOT APPLICABLE") for index in range(12)]
    found += [finding(f"b.n{index}", "NOT APPLICABLE", reason=f"reason {index}") for index in range(9)]
    shown = text(summary_lines(run(*found)))
    assert "\n12 not applicable: the witness is not mounted\n1 not applicable: reason 0\n" in shown
    assert shown.count(" not applicable: ") == MOST_REASONS
    assert "\n2 not applicable for 2 other reasons; see the report\n" in shown


def test_the_summary_says_that_a_certificate_was_not_verified(
    run: MakeRun, finding: MakeFinding, target: Callable[..., dict[str, Any]]
) -> None:
    insecure = target(name="tls", url="https://host/", verified=False)
    shown = text(summary_lines(run(finding(target="tls"), targets=[insecure])))
    assert "The certificate of tls (https://host/) was not verified." in shown


def test_the_summary_has_the_note_of_a_run(run: MakeRun, finding: MakeFinding) -> None:
    assert "\nstopped after one failure\n" in text(
        summary_lines(run(finding(), changes={"note": "stopped after one failure", "complete": False}))
    )


@pytest.mark.parametrize("width", [1, 40, 80, 400])
@pytest.mark.parametrize("verdict", ["PASS", "WARN", "INFO", "FAIL", "NOT APPLICABLE", "ERROR"])
def test_hostile_text_is_harmless_and_no_line_is_too_long(
    run: MakeRun,
    finding: MakeFinding,
    *,
    clause: Callable[..., dict[str, Any]],
    target: Callable[..., dict[str, Any]],
    hostile: str,
    width: int,
    verdict: str,
) -> None:
    words = dict.fromkeys(("title", "why", "expected", "observed", "reason"), hostile * 30)
    shown = summary_lines(
        run(
            finding(verdict=verdict, target=hostile, clauses=[clause(text=hostile)], **words),
            finding(),
            targets=[target(name=hostile, url=hostile, verified=False)],
            changes={"note": hostile},
        ),
        width=width,
        places={"report": hostile},
    )
    assert all(line.text.isprintable() for line in shown)
    assert all("\u202e" not in line.text for line in shown)
    wrapped = [
        line for line in shown if not line.text.startswith(("report ", "<script>alert(1)</script></script>"))
    ]
    assert all(len(line.text) < max(40, min(width, 120)) for line in wrapped)


def test_what_was_not_run_is_named(run: MakeRun, finding: MakeFinding) -> None:
    plan = ["plain/a.x", *(f"plain/b.{number}" for number in range(MOST_NOT_RUN + 2))]
    shown = text(summary_lines(run(finding("a.x"), plan=plan, planned=len(plan))))
    assert "plain/a.x" not in shown
    assert [line for line in shown.splitlines() if "not run" in line] == [
        *(f"not run: plain/b.{number}" for number in range(MOST_NOT_RUN)),
        "not run: 2 more; see the report",
    ]


def test_a_complete_run_names_nothing_that_was_not_run(run: MakeRun, finding: MakeFinding) -> None:
    assert "not run" not in text(summary_lines(run(finding("a.x"), plan=["plain/a.x"])))
