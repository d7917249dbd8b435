"""The pytest plugin: has each pair of target and check collected and played, and keeps the record.

It asks the runner for findings, writes them to the record and decides the exit code. What an item is stands
in `items`; how findings are shown is the business of `reports`.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from conformance import __version__
from conformance.command.pytest_items import Check, Checks
from conformance.gate import Exit, Gate, exit_code
from conformance.invariants.responses import Invariant
from conformance.judging.model import Finding, Verdict
from conformance.record import CrashLine, MeasuredLine, TargetLine, Writer
from conformance.running.pairs import Pair
from conformance.running.runner import Runner
from conformance.targets.pace import Measured
from conformance.targets.target import Target

# What pytest is told to collect.
COLLECTED = Path(__file__).parents[1] / "scenarios"

# How pytest is to name, mark and colour a verdict that it would call a plain pass.
_STATUS = {
    Verdict.WARN: ("warned", "w", ("WARN", {"yellow": True})),
    Verdict.INFO: ("informed", "i", ("INFO", {"blue": True})),
}


class ConformancePlugin:
    """One run under pytest.

    options: what goes into the record as it is. measured: what was measured of the targets, by their names.
    gate: what closes it. updates_baseline: whether the gate's baseline is to be brought up to date.
    evidence: what is played besides for invariants to look at, where some are selected. unattended: whether
    no plugins of others are loaded.
    code: the exit code, once the run is over and judged.
    """

    def __init__(
        self,
        targets: tuple[Target, ...],
        pairs: tuple[Pair, ...],
        runner: Runner,
        record: Writer,
        options: dict[str, Any],
        *,
        measured: Mapping[str, Measured] = MappingProxyType({}),
        gate: Gate = Gate(),  # noqa: B008  (a value)
        updates_baseline: bool = False,
        evidence: tuple[Pair, ...] = (),
        unattended: bool = False,
    ) -> None:
        self._targets = targets
        self._pairs = pairs
        self._evidence = evidence
        self._unattended = unattended
        self._runner = runner
        self._record = record
        self._options = options
        self._measured = measured
        self._gate = gate
        self._updates_baseline = updates_baseline
        self._found: dict[str, dict[str, Verdict | None]] = {}  # by scenario, then by target
        self._excused = 0
        self._own_errors = 0
        self._planned = 0
        self.code: Exit | None = None

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
        return Checks.from_parent(parent, path=path, pairs=self._pairs, find=self._find, gate=self._gate)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Have the long conversations judged last, and behind them the invariants, which look at all.

        The others are judged while the former are played. Whatever else orders items does so after us.
        """
        items.sort(key=_when_judged)

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begin to play what was selected, ahead of the items."""
        wanted = {item.pair.id for item in session.items if isinstance(item, Check)}
        selected = [pair for pair in self._pairs if pair.id in wanted]
        self._planned = len(selected)
        for pair in selected:
            self._found.setdefault(pair.scenario.id, {})[pair.target.name] = None
        self._record.header(
            version=__version__,
            targets=[_described(target, self._measured.get(target.name)) for target in self._targets],
            options=self._options,
            planned=self._planned,
            plan=[pair.id for pair in selected],
        )
        if session.config.option.collectonly:
            return
        self._runner.start(selected)
        if any(isinstance(pair.scenario, Invariant) for pair in selected):
            self._runner.start(self._evidence)

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run the items as pytest does, but those last whose findings stand only once all is played.

        What is to end with the first failure goes in order.
        """
        if session.testsfailed or session.config.option.collectonly or session.config.option.maxfail:
            return None
        items: Iterator[pytest.Item | None] = chain(self._standing_first(session.items), [None])
        for item, following in pairwise(items):
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Run a check in one phase: there is nothing to set up for it, and nothing to tear down.

        Plugins of others may need the phases, and then pytest goes through them.
        """
        if not self._unattended or not isinstance(item, Check):
            return None
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        call = pytest.CallInfo.from_call(
            item.counted, when="call", reraise=(pytest.exit.Exception, KeyboardInterrupt)
        )
        failed = call.excinfo is not None  # a mistake of ours, or a full disk
        report = hook.pytest_runtest_makereport(item=item, call=call) if failed else item.report(call)
        hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _standing_first(self, items: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
        waiting = []
        for item in items:
            if isinstance(item, Check) and not self._runner.stands(item.pair):
                waiting.append(item)
            else:
                yield item
        yield from waiting

    def _find(self, pair: Pair) -> Finding:
        """Return the finding for a pair, as it is written to the record."""
        found = self._runner.finding(pair)
        self._record.finding(found)
        self._found.setdefault(found.scenario.id, {})[found.target] = found.verdict
        self._excused += self._gate.excuse(found.scenario.id, found.verdict) is not None
        self._own_errors += found.own_error
        return found

    @pytest.hookimpl
    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Let WARN and INFO be seen while the run goes on."""
        if report.when != "call" or not report.passed:
            return None
        return _STATUS.get(Verdict(dict(report.user_properties).get("verdict", Verdict.PASS)))

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Look whether the targets have lived through it, end the record, and decide the exit code."""
        interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
        judged = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
        if exitstatus not in judged or session.config.option.collectonly:
            return
        deaths = [] if interrupted else self._deaths()
        dead = [target.url for target in self._targets if not interrupted and self._runner.is_gone(target)]
        review = self._gate.review({name: tuple(found.values()) for name, found in self._found.items()})
        if review is not None and self._updates_baseline and not interrupted:
            from conformance.baseline_file import update_file  # noqa: PLC0415  (few runs have one)

            review = update_file(review)
        self.code = exit_code(
            self._record.counts,
            gate=self._gate,
            excused=self._excused,
            baseline_holds=review is None or review.holds,
            interrupted=interrupted,
            own_errors=self._own_errors,
            alive=not dead and all(death["scenario"] for death in deaths),
        )
        notes = [f"After the run, {', '.join(dead)} no longer answers a plain GET."] if dead else []
        self._record.footer(
            exit_code=self.code,
            note=" ".join(notes),
            complete=not interrupted and self._record.counts.total() >= self._planned,
            crashes=deaths,
            baseline=None if review is None else review.recorded(),
        )

    def _deaths(self) -> list[CrashLine]:
        """Each crash of a target in the run, and what caused it."""
        return [
            {"target": target.name, "how": loss.death.how, "scenario": loss.culprit.partition("/")[2] or None}
            for target in self._targets
            for loss in self._runner.deaths(target)
        ]


def _when_judged(item: pytest.Item) -> tuple[bool, float]:
    if not isinstance(item, Check):
        return False, 0.0
    return isinstance(item.pair.scenario, Invariant), item.pair.length


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
        "second_opinion": "",
        "measured": None if measured is None else _measured(measured),
    }


def _measured(measured: Measured) -> MeasuredLine:
    return {
        "median": measured.median,
        "slowest": measured.slowest,
        "connections": measured.connections,
        "newcomers": measured.newcomers,
    }
