"""What a run is asked to do, as one value: with which targets, what is played, how, and what the gate is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from clients.delivery import Delivery, whole
from conformance.gate import Gate
from conformance.invariants.model import Invariant
from conformance.judging.model import Scenario
from conformance.running.pairs import Pair, pair_up
from conformance.targets.liveness import Supervisor
from conformance.targets.pace import Measured, Pace
from conformance.targets.target import Target


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """A run, before it begins."""

    targets: tuple[Target, ...]
    checks: Sequence[Scenario | Invariant]
    """What there is to select from."""
    output: Path
    """The folder for the record and the reports."""
    selection: Sequence[str] = ()
    """Options for pytest."""
    options: Mapping[str, str | bool] = field(default_factory=dict)
    """What the record says of the options that were given."""
    evidence: Sequence[Scenario] = ()
    """What is played as well where invariants are selected, for them to look at."""
    pace: Pace = field(default_factory=Pace)
    measured: Mapping[str, Measured] = field(default_factory=dict)
    """What was measured of the targets, by their names."""
    delivery: Delivery = whole
    """How the bytes of every scenario are sent."""
    supervisor: Supervisor | None = None
    """What starts the target again when it crashes, if anything does."""
    gate: Gate = field(default_factory=Gate)
    updates_baseline: bool = False
    """Whether the gate's baseline is to be brought up to date."""
    unattended: bool = False
    """Whether no plugins of pytest are loaded that happen to be installed."""

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Each check, paired with the targets that it is judged on."""
        return pair_up(self.targets, self.checks)

    @cached_property
    def evidence_pairs(self) -> tuple[Pair, ...]:
        """The same of the evidence."""
        return pair_up(self.targets, self.evidence)
