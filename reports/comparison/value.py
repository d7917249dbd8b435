"""The comparison of two runs: what got worse, what got better, and what is otherwise different.

Only what both runs judged can get worse or better. What one run did not judge has changed, and what one run
does not have is new or gone. One exception: a scenario that was fine and now ends with an error got worse.
Runs of different versions of wirecheck are compared by their verdicts only, because their words differ. How
changes are shown is not known here.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from conformance.record import BadRecord, Run
from conformance.record_lines import FindingLine
from conformance.text import visible
from reports.rendering.text import quantity
from reports.rendering.verdicts import BY_SEVERITY, ERROR, FAILURES, NOT_APPLICABLE, Tone, severity
from reports.run.result import is_complete


class Kind(Enum):
    """What became of a scenario, in the order of reading; the value follows a number."""

    WORSE = "got worse"
    BETTER = "got better"
    CHANGED = "changed otherwise"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True)
class Change:
    """A scenario that is not as it was."""

    kind: Kind
    old: FindingLine | None  # None when the old run has no finding of it
    new: FindingLine | None  # None when the new run has no finding of it

    @property
    def finding(self) -> FindingLine:
        """The new finding, or the old one when there is no new one."""
        finding = self.new or self.old
        assert finding is not None  # noqa: S101  (for the type checker: one of them is there)
        return finding


@dataclass(frozen=True)
class Comparison:
    """What changed from one run to the next."""

    old: Run
    new: Run
    pairs: tuple[tuple[str, str], ...]  # the targets compared: the old one's name, the new one's name
    alone: tuple[tuple[str, bool], ...]  # targets that only one run has, and whether it is the new one
    changes: tuple[Change, ...]
    same: int  # how many scenarios did not change

    @cached_property
    def counts(self) -> Counter[Kind]:
        """How many changes there are of each kind."""
        return Counter(change.kind for change in self.changes)

    @property
    def is_worse(self) -> bool:
        """Whether something got worse, or the new run is too incomplete to tell."""
        return bool(self.counts[Kind.WORSE]) or not is_complete(self.new)

    @property
    def tone(self) -> Tone:
        """How the comparison is to be taken."""
        if self.counts[Kind.WORSE]:
            return Tone.BAD
        return Tone.GOOD if is_complete(self.new) and is_complete(self.old) else Tone.UNSURE

    @property
    def sentence(self) -> str:
        """What the comparison shows."""
        parts = [f"{self.counts[kind]} {kind.value}" for kind in Kind if self.counts[kind]]
        same = f"{quantity(self.same, 'scenario')} as before"
        changes = f"{', '.join(parts)}; {same}." if parts else f"{same}."
        if not is_complete(self.new):
            return f"The new run was cut off: {changes}"
        if not parts:
            return f"Nothing changed: {changes}"
        return f"{'Worse' if self.counts[Kind.WORSE] else 'Nothing got worse'}: {changes}"


def compare(old: Run, new: Run) -> Comparison:
    """Return what changed from one run to the next. Raises BadRecord when they have no target in common."""
    pairs = _pairs(old, new)
    names = {name for pair in pairs for name in pair}
    alone = [(name, run is new) for run in (old, new) for name in _names(run) if name not in names]
    same_words = old.header["wirecheck"] == new.header["wirecheck"]
    changes: list[Change] = []
    same = 0
    for old_name, new_name in pairs:
        before, after = _findings(old, old_name), _findings(new, new_name)
        for scenario in dict.fromkeys((*after, *before)):
            was, is_now = before.get(scenario), after.get(scenario)
            kind = _kind(was, is_now, same_words=same_words)
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


def _findings(run: Run, target: str) -> dict[str, FindingLine]:
    return {finding["scenario"]: finding for finding in run.findings if finding["target"] == target}


def _kind(old: FindingLine | None, new: FindingLine | None, *, same_words: bool) -> Kind | None:
    """Return what became of a scenario; None when it is as it was.

    same_words: whether both findings say the same things in the same words.
    """
    if old is None or new is None:
        return Kind.NEW if old is None else Kind.GONE
    before, after = severity(old), severity(new)
    if before == after and old["verdict"] == new["verdict"]:
        # How a server passes does not matter; but a failure that looks different may be half repaired.
        is_telling = same_words and old["verdict"] in FAILURES
        return Kind.CHANGED if is_telling and old["observed"] != new["observed"] else None
    if ERROR in (old["verdict"], new["verdict"]):
        return _kind_with_an_error(old["verdict"], new["verdict"])
    if not {old["verdict"], new["verdict"]} <= set(BY_SEVERITY):
        return Kind.CHANGED
    return Kind.WORSE if after < before else Kind.BETTER


def _kind_with_an_error(old: str, new: str) -> Kind:
    if old not in (*FAILURES, NOT_APPLICABLE):
        return Kind.WORSE
    return Kind.BETTER if new not in (*FAILURES, NOT_APPLICABLE) else Kind.CHANGED
