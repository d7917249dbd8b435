"""What pytest runs: an item for each check on a target, and the one collector they all hang from.

An item is given its finding and says how it counts. They are items of our own rather than calls of one
parametrized test function: those cost pytest nearly a millisecond each, in fixtures that every one of them
would have anew. How a finding is made, and what becomes of it, is not known here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from conformance.gate import Gate
from conformance.judging.model import Finding, Verdict
from conformance.running.pairs import Pair


class NotConforming(Exception):
    """A finding that closes the gate, with the text that pytest shows."""


def failure_lines(finding: Finding) -> str:
    """The three lines that pytest shows of a finding that closes the gate."""
    clause = finding.clauses[0]
    observed = finding.reason if finding.verdict is Verdict.ERROR else finding.observed
    return (
        f"requirement: {clause.text} ({clause.id}, {clause.keyword})\n"
        f"   expected: {finding.expected}\n"
        f"   observed: {observed}"
    )


@dataclass(frozen=True)
class Counted:
    """How a finding counts. why: of what did not pass."""

    outcome: Literal["passed", "failed", "skipped", "xfailed"]
    why: str = ""


class CheckItem(pytest.Item):
    """A pair as an item.

    It is skipped where its clause does not apply, and an expected failure where the gate's baseline knows it.
    pair: which it is. gate: what fails.
    """

    def __init__(self, *, pair: Pair, gate: Gate, **others: Any) -> None:
        super().__init__(**others)
        self.pair = pair
        self._gate = gate
        self.finding: Finding | None = None
        """What was found, from the moment that it is reported."""

    def counted(self) -> Counted:
        """Say how the finding counts. Raises RuntimeError where there is none yet."""
        found = self.finding
        if found is None:
            raise RuntimeError(f"{self.name} was run before it had a finding")
        self.user_properties = [
            ("verdict", found.verdict.value),
            ("clause", found.check.judged.id),
            ("topic", found.check.topic),
        ]
        if found.verdict is Verdict.NOT_APPLICABLE:
            return Counted("skipped", found.reason)
        known = self._gate.excuse(found.check.id, found.verdict, crashed=found.crash is not None)
        if known is not None:
            return Counted("xfailed", known.reason)
        if found.verdict is Verdict.ERROR or found.verdict in self._gate.closing:
            return Counted("failed", failure_lines(found))
        return Counted("passed")

    def runtest(self) -> None:
        """Count the finding. Raises NotConforming when it closes the gate, and what pytest skips by."""
        counted = self.counted()
        if counted.outcome == "skipped":
            pytest.skip(counted.why)
        if counted.outcome == "xfailed":
            pytest.xfail(counted.why)
        if counted.outcome == "failed":
            raise NotConforming(counted.why)

    def report(self, call: pytest.CallInfo[Counted]) -> pytest.TestReport:
        """The report that pytest would make of `runtest`, without an exception and all that comes of one.

        call: of `counted`, which has raised nothing.
        """
        counted = call.result
        skipped = counted.outcome in ("skipped", "xfailed")
        extra: dict[str, Any] = {"wasxfail": counted.why} if counted.outcome == "xfailed" else {}
        return pytest.TestReport(
            self.nodeid,
            self.location,
            keywords={},
            outcome="skipped" if skipped else "failed" if counted.outcome == "failed" else "passed",
            longrepr=(str(self.path), 0, f"Skipped: {counted.why}") if skipped else counted.why or None,
            when="call",
            duration=call.duration,
            start=call.start,
            stop=call.stop,
            user_properties=self.user_properties,
            **extra,
        )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *style: Any) -> Any:
        """Say the three lines in place of a traceback, unless the error is of another kind."""
        if isinstance(excinfo.value, NotConforming):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *style)

    def reportinfo(self) -> tuple[Any, None, str]:
        """Where the item is from, and what the head of a failure says; it stands on no line."""
        # In brackets, since pytest takes a dot anywhere else for one between a class and its method.
        return self.path, None, f"[{self.name}]"


class Checks(pytest.Directory):
    """The collector of all items, in the place of the folder that the scenarios are in.

    pairs: what there is to run. gate: what fails.
    """

    def __init__(self, *, pairs: tuple[Pair, ...], gate: Gate, **others: Any) -> None:
        super().__init__(**others)
        self._pairs = pairs
        self._gate = gate

    def collect(self) -> Iterator[CheckItem]:
        """Make an item of each pair, named by its id."""
        yield from map(self.item, self._pairs)

    def item(self, pair: Pair) -> CheckItem:
        """Make the item of a pair."""
        return CheckItem.from_parent(self, name=pair.id, pair=pair, gate=self._gate)
