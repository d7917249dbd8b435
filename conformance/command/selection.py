"""The checks that a run selects: the terms of `--only` and `--skip`, and what they match.

A term is the id of a check, or `kind:word` for one of the kinds below; `*`, `?` and `[…]` are as in a shell.
`@FILE` stands for the terms in a file, one per line. A term that matches nothing is an error: otherwise the
gate would pass because an id was misspelt. How checks are played is not known here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from conformance.errors import BadUsage
from conformance.judging.model import Check
from conformance.tags import tags
from conformance.text import did_you_mean, join_or

# The words of a check that a term of each kind is compared with.
KINDS: Mapping[str, Callable[[Check], Iterable[str]]] = {
    "id": lambda check: (check.id,),
    "topic": lambda check: (check.topic,),
    "clause": lambda check: (clause.id for clause in check.clauses),
    "level": lambda check: (check.level.name.lower(),),
    "risk": lambda check: (check.risk.name.lower(),) if check.risk else (),
    "need": lambda check: (need.name.lower().replace("_", "-") for need in check.all_needs),
    "tag": lambda check: (tag.name.lower() for tag in tags(check)),
}
_BY_ID = "id"

# For a wrong word, similar ones are suggested, or all of them if there are no more than this.
_FEW_WORDS = 6

C = TypeVar("C", bound=Check)


@dataclass(frozen=True)
class Term:
    """One term."""

    text: str
    """As the user wrote it."""
    place: str = ""
    """The file and line that it is from, as the start of a sentence; empty for an argument."""

    @property
    def kind(self) -> str:
        """The key in KINDS that it names; may be unknown."""
        kind, colon, _ = self.text.partition(":")
        return kind if colon else _BY_ID

    @property
    def pattern(self) -> str:
        """The glob that it compares with a check's words of its kind."""
        return self.text.partition(":")[2] if ":" in self.text else self.text

    def matches(self, check: Check) -> bool:
        """Whether it selects the check."""
        return any(fnmatchcase(word, self.pattern) for word in KINDS[self.kind](check))


def select(
    checks: Iterable[C], *, only: Sequence[str] = (), skip: Sequence[str] = (), safe: bool = False
) -> tuple[C, ...]:
    """Return the checks that `only` matches (all, if it has no terms), without those that `skip` matches.

    safe: leave out all checks with a tag, which could hurt a server that others use.
    Raises BadUsage if a term is not valid or matches nothing, a file cannot be read, or no check is left.
    """
    everything = tuple(checks)
    wanted, unwanted = (_matched(everything, _terms(texts)) for texts in (only, skip))
    selected = tuple(
        check
        for check in everything
        if (not only or check.id in wanted) and check.id not in unwanted and not (safe and tags(check))
    )
    if not selected:
        raise BadUsage("--skip and --safe exclude every selected scenario")
    return selected


def find_check(checks: Iterable[C], check_id: str) -> C:
    """Return the check with this id. Raises BadUsage, with similar ids, if there is none."""
    by_id = {check.id: check for check in checks}
    if check_id not in by_id:
        hint = did_you_mean(check_id, by_id) or "; --list shows all"
        raise BadUsage(f"there is no scenario {check_id!r}{hint}")
    return by_id[check_id]


def _terms(texts: Iterable[str]) -> Iterator[Term]:
    for text in texts:
        if text.startswith("@"):
            yield from _terms_in(Path(text[1:]))
        else:
            yield Term(text)


def _terms_in(path: Path) -> Iterator[Term]:
    """Read a file: one term per line; empty lines and lines that start with # are comments."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"the terms in {path} cannot be read: {error}") from error
    stripped = [(number, line.strip()) for number, line in enumerate(lines, 1)]
    terms = [Term(line, f"{path}, line {number}: ") for number, line in stripped if line and line[0] != "#"]
    if not terms:
        raise BadUsage(f"{path} has no terms, so it selects nothing")
    yield from terms


def _matched(checks: Sequence[Check], terms: Iterable[Term]) -> frozenset[str]:
    """Return the ids of the checks that any of the terms matches."""
    matched: set[str] = set()
    for term in terms:
        if term.kind not in KINDS:
            raise BadUsage(
                f"{term.place}{term.text!r} is not a valid term: unknown kind {term.kind!r} "
                f"(use {join_or(list(KINDS))})"
            )
        by_term = {check.id for check in checks if term.matches(check)}
        if not by_term:
            raise BadUsage(f"{term.place}{term.text!r} matches nothing{_suggestions(checks, term)}")
        matched |= by_term
    return frozenset(matched)


def _suggestions(checks: Sequence[Check], term: Term) -> str:
    words = {word for check in checks for word in KINDS[term.kind](check)}
    if 0 < len(words) <= _FEW_WORDS:
        return f"; use {join_or(sorted(words))}"
    if term.kind == _BY_ID:
        words |= {f"{check.topic}.*" for check in checks}
    return did_you_mean(term.pattern, words)
