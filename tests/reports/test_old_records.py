"""Records of wirecheck 0.1 are shown, compared and tabled as those of today are."""

from pathlib import Path

import pytest

from conformance.record import Run, read
from reports.comparison import page as comparison_page
from reports.comparison.value import compare
from reports.matrix import page as matrix_page
from reports.matrix.value import LabelledRun, build_matrix
from reports.run import junit, markdown, page
from reports.run.result import result_of
from reports.run.terminal import summary_lines
from tests.paths import ROOT
from tests.reports.reading import Page

RECORDS = ROOT / "tests" / "conformance" / "records"

CRASH = "crashed the target: it ended with 3."


@pytest.fixture(scope="module")
def whole() -> Run:
    return read(RECORDS / "format-1.jsonl")


@pytest.fixture(scope="module")
def crashed() -> Run:
    return read(RECORDS / "format-1-crash.jsonl")


def test_the_result_is_as_it_was(whole: Run, crashed: Run) -> None:
    assert result_of(whole).sentence == "Conforming: 13 of 13 verified scenarios on 3 targets pass."
    assert result_of(crashed).sentence == "Not conforming: 1 crash in 1 of 7 verified scenarios."


def test_the_page_has_every_event_as_a_phrase_with_a_direction(whole: Run) -> None:
    events = [event for events in Page(page.render(whole)).block("conversations") for event in events]
    assert {event["way"] for event in events} == {"→", "←", "·"}
    assert {"connected", "TLS established", "received"} < {event["text"] for event in events}
    assert not any(event["text"].isupper() for event in events)


def test_a_crash_is_told_once_in_every_report(crashed: Run) -> None:
    lines = [line.text for line in summary_lines(crashed, width=110)]
    for text in ("\n".join(lines), markdown.render(crashed), page.render(crashed)):
        assert text.count(CRASH) == 1
        assert "died" not in text.replace("the target died of it, which is a failure", "")
    assert "crash: The target ended with 3." in junit.render(crashed)


def test_it_compares_with_itself_as_unchanged(whole: Run, crashed: Run) -> None:
    for run in (whole, crashed):
        assert compare(run, run).changes == ()
        comparison_page.render(compare(run, run))


def test_its_targets_are_columns(whole: Run, crashed: Run) -> None:
    runs = [LabelledRun(Path("a/run.jsonl"), whole), LabelledRun(Path("b/run.jsonl"), crashed)]
    matrix = build_matrix(runs)
    assert len(matrix.columns) == 4
    cells = [
        cell for row in Page(matrix_page.render(matrix)).block("matrix")["rows"] for cell in row["cells"]
    ]
    assert [cell["crash"] for cell in cells if cell and cell["crash"]] == ["The target ended with 3."]
