"""The pytest plugin: collects each pair as an item, reports each finding as it comes, and keeps the record.

It pulls nothing from the runner and decides nothing: what an item is stands in `pytest_items`, and what a run
comes to in `conclusion`. How findings are shown is the business of `reports`.
"""

from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest

from conformance import __version__
from conformance.command.conclusion import Results, conclude
from conformance.command.progress import Progress
from conformance.command.pytest_items import CheckItem, Checks
from conformance.command.run_plan import RunPlan
from conformance.gate import Exit
from conformance.interruption import Interruption
from conformance.invariants.model import Invariant
from conformance.judging.model import Finding, Scenario, Verdict
from conformance.record import Unrecorded, Writer
from conformance.record_lines import MeasuredLine, TargetLine
from conformance.running.pairs import Pair
from conformance.running.runner import Runner
from conformance.targets.pace import Measured
from conformance.targets.target import Target

# What pytest is told to collect.
COLLECTED = Path(__file__).parents[1] / "scenarios"

# How pytest is to name, mark and colour a verdict that it would call a plain pass.
_STATUS = {
    Verdict.WARN: ("warned", "w", ("WARN", {"yellow": True})),
    Verdict.RISK: ("at risk", "r", ("RISK", {"red": True})),
    Verdict.INFO: ("informed", "i", ("INFO", {"blue": True})),
}


class ConformancePlugin:
    """One run under pytest."""

    def __init__(
        self,
        plan: RunPlan,
        runner: Runner,
        record: Writer,
        progress: Progress | None = None,
        interruption: Interruption | None = None,
    ) -> None:
        self._plan = plan
        self._progress = progress or Progress(StringIO(), quiet=True)
        self._interruption = interruption or Interruption()
        self._runner = runner
        self._record = record
        self._results = Results(plan.gate)
        self._interrupted = False
        self.code: int | None = None
        """The exit code, once the run is over and judged."""
        self.unrecorded: Unrecorded | None = None
        """Why the run was ended, where its record could not be written any more."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Keep the run in one process, whatever xdist was asked for: there all is played at once already."""
        if getattr(config.option, "dist", "no") != "no":
            config.option.dist, config.option.tx = "no", []

    @pytest.hookimpl
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> Checks | None:
        """Collect the pairs where pytest looks into the folder of the scenarios."""
        if path != COLLECTED:
            return None
        return Checks.from_parent(parent, path=path, pairs=self._plan.pairs, gate=self._plan.gate)

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begin the record with what was selected."""
        wanted = {item.pair.id for item in session.items if isinstance(item, CheckItem)}
        selected = [pair for pair in self._plan.pairs if pair.id in wanted]
        self._results = Results(self._plan.gate, selected)
        self._progress.plan(len(selected))
        try:
            self._record.header(
                version=__version__,
                targets=[
                    _described(target, self._plan.measured.get(target.name)) for target in self._plan.targets
                ],
                options=dict(self._plan.options),
                planned=len(selected),
                plan=[pair.id for pair in selected],
            )
        except Unrecorded as error:
            self.unrecorded = error

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run each item once its finding is decided; items of other kinds come first, as pytest has them."""
        if session.testsfailed or session.config.option.collectonly:
            return None
        if self.unrecorded is not None:
            return True
        try:
            self._interruption.release()
            self._run_items(session)
            self._interruption.hold()
        except KeyboardInterrupt:  # pytest would show it in its own way
            self._interrupted = True
            self._interruption.heed(str(self._record.path))
        return True

    def _run_items(self, session: pytest.Session) -> None:
        for item, following in pairwise(self._items(session)):
            if item is None or self.unrecorded is not None:
                break
            self._interruption.check()
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)

    def _items(self, session: pytest.Session) -> Iterator[pytest.Item | None]:
        """Yield the items in the order of their findings, and None at the end."""
        ours = {item.pair.id: item for item in session.items if isinstance(item, CheckItem)}
        collector = next((item.parent for item in ours.values()), None)
        yield from (item for item in session.items if not isinstance(item, CheckItem))
        # A run that is to end with the first failure goes in the order of the plan, in every run the same.
        ordered = bool(session.config.option.maxfail)
        for finding in self._findings(list(ours), ordered=ordered):
            item = ours.get(f"{finding.target}/{finding.check.id}")
            if item is None and isinstance(collector, Checks):
                item = collector.item(self._pair(finding))
                session.items.append(item)
            if item is not None:
                item.finding = finding
                yield item
        yield None

    def _pair(self, finding: Finding) -> Pair:
        """The pair of a finding that was not selected, and is added because it crashed its target."""
        return next(
            Pair(target, finding.check)
            for target in self._plan.targets
            if target.name == finding.target and isinstance(finding.check, Scenario)
        )

    def _findings(self, order: Sequence[str], *, ordered: bool) -> Iterator[Finding]:
        selected = self._results.planned
        needs_evidence = any(isinstance(pair.check, Invariant) for pair in selected)
        found = self._runner.findings(selected, self._plan.evidence_pairs if needs_evidence else ())
        return in_order(found, order) if ordered else found

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Record a finding, and report it in one phase: there is nothing to set up for it, or to tear down.

        Plugins of others may need the phases, and then pytest goes through them.
        """
        if not isinstance(item, CheckItem) or item.finding is None:
            return None
        try:
            self._record.finding(item.finding)
        except Unrecorded as error:
            self.unrecorded = error
            return True
        self._results.add(item.finding)
        self._progress.judged()
        if not self._plan.unattended:
            return None
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        call = pytest.CallInfo.from_call(
            item.counted, when="call", reraise=(pytest.exit.Exception, KeyboardInterrupt)
        )
        failed = call.excinfo is not None  # a mistake of ours
        report = hook.pytest_runtest_makereport(item=item, call=call) if failed else item.report(call)
        hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl
    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> tuple[str, str, str | tuple[str, dict[str, bool]]] | None:
        """Let WARN and INFO be seen where pytest shows each item; print nothing where progress is shown."""
        if report.when != "call":
            return None
        if self._plan.unattended:
            return report.outcome, "", ""
        if not report.passed:
            return None
        return _STATUS.get(Verdict(dict(report.user_properties).get("verdict", Verdict.PASS)))

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Look whether the targets have lived through it, end the record, and decide the exit code."""
        self._progress.close()
        interrupted = self._interrupted or exitstatus == pytest.ExitCode.INTERRUPTED
        judged = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
        if exitstatus not in judged or session.config.option.collectonly:
            return
        if self.unrecorded is not None:
            self._show_nothing(session)
            return
        targets: tuple[Target, ...] = () if interrupted else self._plan.targets
        try:
            self._interruption.release()
            crashes = {target.name: self._runner.crashes(target) for target in targets}
        except KeyboardInterrupt:
            interrupted, targets, crashes = True, (), {}
        self._interruption.heed(str(self._record.path))
        lost = [target.url for target in targets if self._runner.is_lost(target)]
        review = self._results.review()
        if review is not None and self._plan.updates_baseline and not interrupted:
            from conformance.baseline_file import update_file  # noqa: PLC0415  (few runs have one)

            review = update_file(review)
        notes = [note for target in targets if (note := self._runner.summary(target))]
        end = conclude(self._results, review, crashes, lost, notes, interrupted=interrupted)
        self.code = end.exit_code
        try:
            self._record.footer(
                exit_code=end.exit_code,
                note=end.note,
                complete=end.complete,
                crashes=end.crashes,
                baseline=None if review is None else review.as_record(),
            )
        except Unrecorded as error:
            self.unrecorded = error
            self._show_nothing(session)

    def _show_nothing(self, session: pytest.Session) -> None:
        """Let no reports be made where the disk had no room for the record."""
        session.config.option.wirecheck_record = None

    @pytest.hookimpl
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Let no run end with 0 without its reports."""
        if self.code == Exit.CONFORMING and getattr(config.option, "wirecheck_unwritten", False):
            self.code = Exit.USAGE


def in_order(findings: Iterator[Finding], order: Sequence[str]) -> Iterator[Finding]:
    """Hold findings back until those before them have come. order: the ids of their pairs."""
    waiting: dict[str, Finding] = {}
    due = iter(order)
    next_due = next(due, None)
    for finding in findings:
        waiting[f"{finding.target}/{finding.check.id}"] = finding
        while next_due in waiting:
            yield waiting.pop(next_due)
            next_due = next(due, None)
    yield from waiting.values()


def _described(target: Target, measured: Measured | None) -> TargetLine:
    return {
        "name": target.name,
        "url": target.url,
        "profile": target.profile,
        "witness": target.witness.decode("ascii") if target.witness is not None else None,
        "capabilities": sorted(need.name.lower().replace("_", "-") for need in target.offers),
        "server": target.server,
        "verified": target.verified,
        "embedded": target.embedded,
        "second_opinion": target.second_opinion,
        "measured": None if measured is None else _measured(measured),
    }


def _measured(measured: Measured) -> MeasuredLine:
    return {
        "median": measured.median,
        "slowest": measured.slowest,
        "connections": measured.connections,
        "newcomers": measured.connecting,
    }
