"""The baseline: the scenarios that are known to fail, with reasons, and how a run compares with that list.

A listed failure does not fail the gate. To keep the list true, the gate fails instead for an entry that has
no reason, has expired, names no scenario, or whose scenario passes. A crash is worse than a failure: only an
entry with `crash = true` excuses it. The format of the file is not known here.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from conformance.judging.model import Verdict
from conformance.record_lines import BaselineLine
from conformance.text import did_you_mean

# How many sentences of one kind are written; a new baseline may have hundreds of entries without a reason.
_MOST_SENTENCES = 8

# By scenario: its verdict on each target that it was planned for, or None where it was not judged.
Verdicts = Mapping[str, Sequence[Verdict | None]]


@dataclass(frozen=True)
class Entry:
    """A scenario that is known to fail."""

    id: str
    reason: str = ""
    """Why it fails; an entry without a reason excuses nothing."""
    expires: date | None = None
    """The last day on which the entry excuses anything."""
    line: int = 0
    """Its line in the file; 0 if that is not known."""
    crash: bool = False
    """Whether the entry also excuses a crash of the target."""


@dataclass(frozen=True)
class Baseline:
    """The entries of a file, as they apply on one day."""

    file: Path
    entries: Mapping[str, Entry]
    """By the id of the scenario."""
    titles: Mapping[str, str]
    """Of all scenarios that exist, by id."""
    today: date

    def excuse(self, scenario: str, *, crashed: bool = False) -> Entry | None:
        """Return the entry that excuses a failure of the scenario, if there is one.

        crashed: whether the scenario crashed the target.
        """
        entry = self.entries.get(scenario)
        if entry is None or not entry.reason or self.expired(entry) or (crashed and not entry.crash):
            return None
        return entry

    def expired(self, entry: Entry) -> bool:
        """Whether the entry's last day is over."""
        return entry.expires is not None and entry.expires < self.today

    def place(self, entry: Entry) -> str:
        """The file and line of the entry, as the start of a sentence."""
        return f"{self.file}, line {entry.line}" if entry.line else str(self.file)


@dataclass(frozen=True)
class Review:
    """How a run compares with a baseline."""

    baseline: Baseline
    excused: tuple[Entry, ...] = ()
    """Entries without which the gate would have failed."""
    new: tuple[str, ...] = ()
    """Scenarios that fail the gate and are not listed."""
    crashed: frozenset[str] = frozenset()
    """Scenarios that crashed a target, listed or not."""
    unexcused_crashes: tuple[Entry, ...] = ()
    """Entries without `crash = true` whose scenario crashed a target."""
    no_longer_crashing: tuple[Entry, ...] = ()
    """Entries with `crash = true` whose scenario fails, but crashed no target."""
    not_applicable: tuple[Entry, ...] = ()
    """Entries whose scenario was NOT APPLICABLE on every target."""
    stale: tuple[Entry, ...] = ()
    """Entries whose scenario passes on every target where it was applicable."""
    unknown: tuple[Entry, ...] = ()
    """Entries that name no scenario."""
    reasonless: tuple[Entry, ...] = ()
    """Entries without a reason."""
    expired: tuple[Entry, ...] = ()
    """Entries whose last day is over."""
    unwritten: str = ""
    """Why the file could not be updated; empty if it was, or was not to be."""
    added: int = 0
    """How many entries an update added."""
    removed: int = 0
    """How many entries an update removed."""

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong with the baseline itself."""
        return not any((self.stale, self.unknown, self.reasonless, self.expired, self.unwritten))

    def sentences(self) -> Iterator[str]:
        """Say what is wrong with the baseline and what to do about it, and what else to know about it."""
        if self.added or self.removed:
            yield f"{self.baseline.file} was updated: {self.added} added, {self.removed} removed."
        for entries, problem in (
            (self.unknown, self._why_unknown),
            (self.reasonless, lambda _: "has no reason; write why it is known to fail."),
            (self.expired, _why_expired),
            (self.unexcused_crashes, lambda _: "crashed the target; only crash = true excuses that."),
            (self.stale, lambda _: "passes, so the entry is stale; remove it, or use --update-baseline."),
            (self.no_longer_crashing, lambda _: "fails without crashing the target; remove crash = true."),
            (self.not_applicable, lambda _: "was NOT APPLICABLE, so it was not checked; the entry may stay."),
        ):
            for entry in entries[:_MOST_SENTENCES]:
                yield f"{self.baseline.place(entry)}: {entry.id} {problem(entry)}"
            if more := entries[_MOST_SENTENCES:]:
                yield f"{self.baseline.file}: and {len(more)} more, starting with {more[0].id}."
        if self.unwritten:
            yield f"{self.baseline.file} could not be updated: {self.unwritten}."

    def _why_unknown(self, entry: Entry) -> str:
        hint = did_you_mean(entry.id, self.baseline.titles) or "."
        return f"is not a scenario; correct or remove the entry{hint}"

    def as_record(self) -> BaselineLine:
        """Return the review as the plain values that the record holds."""
        return {
            "file": str(self.baseline.file),
            "excused": [
                {
                    "scenario": entry.id,
                    "reason": entry.reason,
                    "expires": entry.expires.isoformat() if entry.expires else None,
                }
                for entry in self.excused
            ],
            "stale": [entry.id for entry in self.stale],
            "unknown": [entry.id for entry in self.unknown],
            "reasonless": [entry.id for entry in self.reasonless],
            "expired": [entry.id for entry in self.expired],
            "sentences": list(self.sentences()),
        }


def review(
    baseline: Baseline,
    verdicts: Verdicts,
    closing: AbstractSet[Verdict],
    crashed: AbstractSet[str] = frozenset(),
) -> Review:
    """Compare a baseline with a run.

    closing: the verdicts that fail the gate. crashed: the scenarios that crashed a target; a scenario that
    crashed one target and merely fails on another is not excused without `crash = true`.
    """
    entries = tuple(baseline.entries.values())
    failing = {scenario for scenario, found in verdicts.items() if not closing.isdisjoint(found)}
    return Review(
        baseline,
        excused=tuple(
            entry
            for entry in entries
            if entry.id in failing and baseline.excuse(entry.id, crashed=entry.id in crashed)
        ),
        new=tuple(
            scenario for scenario in verdicts if scenario in failing and scenario not in baseline.entries
        ),
        crashed=frozenset(crashed),
        unexcused_crashes=tuple(entry for entry in entries if entry.id in crashed and not entry.crash),
        no_longer_crashing=tuple(
            entry for entry in entries if entry.crash and entry.id in failing and entry.id not in crashed
        ),
        not_applicable=tuple(entry for entry in entries if _is_not_applicable(verdicts.get(entry.id, ()))),
        stale=tuple(entry for entry in entries if _passes(verdicts.get(entry.id, ()))),
        unknown=tuple(entry for entry in entries if entry.id not in baseline.titles),
        reasonless=tuple(entry for entry in entries if not entry.reason),
        expired=tuple(entry for entry in entries if baseline.expired(entry)),
    )


def review_after_update(before: Review, baseline: Baseline) -> Review:
    """Return what a run comes to once its baseline was updated. baseline: as the file is now."""
    return replace(
        review(baseline, {}, frozenset(), before.crashed),
        excused=before.excused,
        no_longer_crashing=before.no_longer_crashing,
        not_applicable=before.not_applicable,
        added=len(before.new),
        removed=len(before.stale),
    )


def _why_expired(entry: Entry) -> str:
    return f"was excused until {entry.expires}; fix the server or set a later date."


def _passes(verdicts: Sequence[Verdict | None]) -> bool:
    """Whether it passes wherever it could be judged. One that was cut off or met an ERROR shows nothing."""
    return Verdict.PASS in verdicts and set(verdicts) <= {Verdict.PASS, Verdict.NOT_APPLICABLE}


def _is_not_applicable(verdicts: Sequence[Verdict | None]) -> bool:
    return bool(verdicts) and set(verdicts) == {Verdict.NOT_APPLICABLE}
