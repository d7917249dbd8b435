"""The baseline: which scenarios are known to fail, and why; and what a run shows of such a list.

A listed failure does not close the gate. So that the list stays true, what is wrong with it closes the gate
in its place: an entry that nobody gave a reason, that is past its day, that names no scenario, or whose
scenario passes. How the file is written is not known here.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from conformance.judging.model import Verdict
from conformance.record import BaselineLine
from conformance.text import near

# Of what is wrong in the same way; a baseline may begin with hundreds of entries that have no reason yet.
_MOST_SENTENCES = 8

# Of each scenario, what was found on every target that it was to be played on; None where it was not judged.
Found = Mapping[str, Sequence[Verdict | None]]


@dataclass(frozen=True)
class Entry:
    """A scenario that is known to fail.

    expires: the last day on which the entry excuses anything. line: where it stands in the file; 0 where that
    is not known.
    """

    id: str
    reason: str = ""
    expires: date | None = None
    line: int = 0


@dataclass(frozen=True)
class Baseline:
    """The entries of a file, on a certain day. titles: of all scenarios that there are, by id."""

    file: Path
    entries: Mapping[str, Entry]
    titles: Mapping[str, str]
    today: date

    def excuse(self, scenario: str) -> Entry | None:
        """The entry that excuses a scenario from closing the gate, if there is a good one."""
        entry = self.entries.get(scenario)
        return entry if entry is not None and entry.reason and not self.expired(entry) else None

    def expired(self, entry: Entry) -> bool:
        """Whether the entry's last day is over."""
        return entry.expires is not None and entry.expires < self.today

    def place(self, entry: Entry) -> str:
        """Where the entry is to be found."""
        return f"{self.file}, line {entry.line}" if entry.line else str(self.file)


@dataclass(frozen=True)
class Review:
    """What a run shows of a baseline.

    excused: what would have closed the gate. new: the scenarios that close it and are not listed. stale: what
    passes on every target that it was verified on. not_applicable: what no target could be judged by.
    The others are what is wrong with the file, whatever was played. unwritten: why the file could not be
    brought up to date; empty when it could, or was not to be. added, dropped: how many entries that changed.
    """

    baseline: Baseline
    excused: tuple[Entry, ...] = ()
    new: tuple[str, ...] = ()
    stale: tuple[Entry, ...] = ()
    not_applicable: tuple[Entry, ...] = ()
    unknown: tuple[Entry, ...] = ()
    reasonless: tuple[Entry, ...] = ()
    expired: tuple[Entry, ...] = ()
    unwritten: str = ""
    added: int = 0
    dropped: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong with the baseline."""
        return not any((self.stale, self.unknown, self.reasonless, self.expired, self.unwritten))

    def sentences(self) -> Iterator[str]:
        """What closes the gate, each with what to do, and what is only to be known."""
        if self.added or self.dropped:
            yield f"{self.baseline.file} was brought up to date: {self.added} added, {self.dropped} dropped."
        for entries, said in (
            (self.unknown, "is no scenario, so correct or remove the entry{hint}"),
            (self.reasonless, "has no reason; write why it is known to fail"),
            (self.expired, "was excused until {entry.expires}; mend the server, or decide on a later day"),
            (self.stale, "passes, so the entry is stale; remove it, or let --update-baseline do so"),
            (self.not_applicable, "was NOT APPLICABLE, which says nothing of it; the entry may stay"),
        ):
            for entry in entries[:_MOST_SENTENCES]:
                hint = "" if entry.id in self.baseline.titles else near(entry.id, self.baseline.titles)
                yield f"{self.baseline.place(entry)}: {entry.id} {said.format(entry=entry, hint=hint)}."
            if len(entries) > _MOST_SENTENCES:
                others = entries[_MOST_SENTENCES:]
                yield f"{self.baseline.file}: so it is with {len(others)} more, from {others[0].id} on."
        if self.unwritten:
            yield f"{self.baseline.file} could not be brought up to date: {self.unwritten}."

    def recorded(self) -> BaselineLine:
        """Return what the record says of it."""
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


def review(baseline: Baseline, found: Found, closing: AbstractSet[Verdict]) -> Review:
    """Compare a baseline with what was found. closing: the verdicts that close the gate."""
    entries = baseline.entries.values()
    closes = {scenario for scenario, verdicts in found.items() if not closing.isdisjoint(verdicts)}
    return Review(
        baseline,
        excused=tuple(entry for entry in entries if entry.id in closes and baseline.excuse(entry.id)),
        new=tuple(scenario for scenario in found if scenario in closes and scenario not in baseline.entries),
        stale=tuple(entry for entry in entries if _passes(found.get(entry.id, ()))),
        not_applicable=tuple(entry for entry in entries if _is_no_matter(found.get(entry.id, ()))),
        unknown=tuple(entry for entry in entries if entry.id not in baseline.titles),
        reasonless=tuple(entry for entry in entries if not entry.reason),
        expired=tuple(entry for entry in entries if baseline.expired(entry)),
    )


def updated(reviewed: Review, baseline: Baseline) -> Review:
    """Return the review that a run comes to once its baseline was brought up to date, and now is this."""
    return replace(
        review(baseline, {}, frozenset()),
        excused=reviewed.excused,
        not_applicable=reviewed.not_applicable,
        added=len(reviewed.new),
        dropped=len(reviewed.stale),
    )


def _passes(verdicts: Sequence[Verdict | None]) -> bool:
    """Whether it passes wherever it could be judged; what was cut off, or went wrong, shows nothing."""
    return Verdict.PASS in verdicts and set(verdicts) <= {Verdict.PASS, Verdict.NOT_APPLICABLE}


def _is_no_matter(verdicts: Sequence[Verdict | None]) -> bool:
    return bool(verdicts) and set(verdicts) == {Verdict.NOT_APPLICABLE}
