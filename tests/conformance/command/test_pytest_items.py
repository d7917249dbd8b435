"""An item reports the same as pytest would of its test, which is raised and caught."""

from datetime import date
from pathlib import Path

import pytest

from conformance.baseline import Baseline, Entry
from conformance.command.pytest_items import CheckItem
from conformance.gate import Gate
from conformance.judging.model import Finding, Verdict
from conformance.running.pairs import Pair
from tests.conformance.builders import finding, scenario, target

CASES = [
    pytest.param(finding(verdict=Verdict.PASS), Gate(), "passed", id="passed"),
    pytest.param(finding(verdict=Verdict.WARN), Gate(), "passed", id="warned"),
    pytest.param(finding(verdict=Verdict.FAIL), Gate(), "failed", id="failed"),
    pytest.param(finding(verdict=Verdict.ERROR, reason="refused"), Gate(), "failed", id="not judged"),
    pytest.param(finding(verdict=Verdict.NOT_APPLICABLE, reason="no TLS"), Gate(), "skipped", id="skipped"),
]


def item(request: pytest.FixtureRequest, found: Finding, gate: Gate) -> CheckItem:
    pair = Pair(target(), scenario("a.b"))
    made = CheckItem.from_parent(request.session, name=pair.id, pair=pair, gate=gate)
    assert isinstance(made, CheckItem)
    made.finding = found
    return made


@pytest.mark.parametrize(("found", "gate", "outcome"), CASES)
def test_an_item_reports_what_pytest_would_report_of_it(
    request: pytest.FixtureRequest, found: Finding, gate: Gate, outcome: str
) -> None:
    one, other = item(request, found, gate), item(request, found, gate)
    report = one.report(pytest.CallInfo.from_call(one.counted, "call"))
    of_pytest = pytest.TestReport.from_item_and_call(other, pytest.CallInfo.from_call(other.runtest, "call"))
    assert report.outcome == of_pytest.outcome == outcome
    assert report.user_properties == of_pytest.user_properties
    assert (report.nodeid, report.location) == (of_pytest.nodeid, of_pytest.location)
    assert told(report) == told(of_pytest)


def told(report: pytest.TestReport) -> str:
    """What it says, but for where."""
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext


def test_what_the_baseline_knows_is_an_expected_failure(request: pytest.FixtureRequest) -> None:
    found = finding(verdict=Verdict.FAIL)
    known = Entry(found.check.id, reason="known since May")
    baseline = Baseline(Path("known.toml"), {known.id: known}, {}, date(2026, 1, 1))
    gate = Gate(baseline=baseline)
    known_to_fail = item(request, found, gate)
    report = known_to_fail.report(pytest.CallInfo.from_call(known_to_fail.counted, "call"))
    assert (report.outcome, report.wasxfail) == ("skipped", "known since May")
    with pytest.raises(pytest.xfail.Exception, match="known since May"):
        item(request, found, gate).runtest()
