"""What became of a run in the next one: a value that says what got worse, better, or is otherwise different.

Only what both runs judged can get worse or better; what one of them did not judge is a change, and what one
of them did not have is new or gone. That a scenario can no longer be judged because of an error is worse all
the same. How the changes are shown is not known here.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from conformance.judging.model import Verdict
from conformance.record import BadRecord, Run
from reports.rendering.text import counted, visible
from reports.run.result import Tone, is_complete

Finding = Mapping[str, Any]

# From good to bad. NOT APPLICABLE has no place: it says nothing of the server.
_RANKS = {
    verdict.value: rank
    for rank, verdict in enumerate((Verdict.PASS, Verdict.INFO, Verdict.WARN, Verdict.FAIL))
}
_BAD = (Verdict.FAIL.value, Verdict.ERROR.value)


class Kind(Enum):
    """What became of a scenario, in the order in which it is read; the value stands behind a number."""

    WORSE = "got worse"
    BETTER = "got better"
    CHANGED = "changed otherwise"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True)
class Change:
    """A scenario that is not as it was. old, new: its findings, None where there is none."""

    kind: Kind
    old: Finding | None
    new: Finding | None

    @property
    def finding(self) -> Finding:
        """The finding that says what the scenario is now, or was."""
        finding = self.new or self.old
        assert finding is not None  # noqa: S101  (for the type checker: one of them is there)
        return finding


@dataclass(frozen=True)
class Comparison:
    """What two runs have in common and what not.

    pairs: the targets compared, the old one's name and the new one's. alone: those that only one run has, by
    name, and whether that is the new one. same: how many scenarios are as they were.
    """

    old: Run
    new: Run
    pairs: tuple[tuple[str, str], ...]
    alone: tuple[tuple[str, bool], ...]
    changes: tuple[Change, ...]
    same: int

    @cached_property
    def counts(self) -> Counter[Kind]:
        """How many changes there are of each kind."""
        return Counter(change.kind for change in self.changes)

    @property
    def is_worse(self) -> bool:
        """Whether something got worse, or the new run does not say that nothing did."""
        return bool(self.counts[Kind.WORSE]) or not is_complete(self.new)

    @property
    def tone(self) -> Tone:
        """How the comparison is to be taken."""
        if self.counts[Kind.WORSE]:
            return Tone.BAD
        return Tone.GOOD if is_complete(self.new) and is_complete(self.old) else Tone.UNSURE

    @property
    def sentence(self) -> str:
        """What it comes to."""
        parts = [f"{self.counts[kind]} {kind.value}" for kind in Kind if self.counts[kind]]
        same = f"{counted(self.same, 'scenario')} as before"
        changes = f"{', '.join(parts)}; {same}." if parts else f"{same}."
        if not is_complete(self.new):
            return f"The new run was cut off: {changes}"
        if not parts:
            return f"Nothing changed: {changes}"
        return f"{'Worse' if self.counts[Kind.WORSE] else 'Nothing got worse'}: {changes}"


def compare(old: Run, new: Run) -> Comparison:
    """Return what became of a run. Raises BadRecord when the runs have no target in common."""
    pairs = _pairs(old, new)
    names = {name for pair in pairs for name in pair}
    alone = [(name, run is new) for run in (old, new) for name in _names(run) if name not in names]
    changes: list[Change] = []
    same = 0
    for old_name, new_name in pairs:
        before, after = _findings(old, old_name), _findings(new, new_name)
        for scenario in dict.fromkeys((*after, *before)):
            was, is_now = before.get(scenario), after.get(scenario)
            kind = _kind(was, is_now)
            same += kind is None
            changes += [Change(kind, was, is_now)] if kind else []
    changes.sort(key=lambda change: list(Kind).index(change.kind))
    return Comparison(old, new, pairs, tuple(alone), tuple(changes), same)


def _pairs(old: Run, new: Run) -> tuple[tuple[str, str], ...]:
    before, after = _names(old), _names(new)
    if len(before) == len(after) == 1:
        return ((before[0], after[0]),)
    pairs = tuple((name, name) for name in before if name in after)
    if not pairs:
        raise BadRecord(
            "The runs have no target in common: the old one has "
            f"{', '.join(map(visible, before))}, the new one {', '.join(map(visible, after))}"
        )
    return pairs


def _names(run: Run) -> list[str]:
    return [target["name"] for target in run.header["targets"]]


def _findings(run: Run, target: str) -> dict[str, Finding]:
    return {finding["scenario"]: finding for finding in run.findings if finding["target"] == target}


def _kind(old: Finding | None, new: Finding | None) -> Kind | None:
    """Return what became of a scenario, None when it is as it was."""
    if old is None or new is None:
        return Kind.NEW if old is None else Kind.GONE
    before, after = old["verdict"], new["verdict"]
    if before == after:
        # Of what passes it does not matter how; of what fails it may be the first half of a remedy.
        return Kind.CHANGED if before in _BAD and old["observed"] != new["observed"] else None
    if Verdict.ERROR.value in (before, after):
        return _with_an_error(before, after)
    if before not in _RANKS or after not in _RANKS:
        return Kind.CHANGED
    return Kind.WORSE if _RANKS[after] > _RANKS[before] else Kind.BETTER


def _with_an_error(before: str, after: str) -> Kind:
    good = set(_RANKS) - set(_BAD)
    if before in good:
        return Kind.WORSE
    return Kind.BETTER if after in good else Kind.CHANGED
