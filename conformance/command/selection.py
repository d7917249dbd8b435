"""Which checks a run is about: the terms of `--only` and `--skip`, and what they match.

A term is the id of a check, or `kind:word` for one of the kinds below; `*`, `?` and `[…]` are as in a shell.
`@FILE` stands for the terms in a file, one a line. A term that matches nothing is a mistake, for else a gate
would stay open over a name that has changed. How checks are played is not known here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from conformance.errors import BadUsage
from conformance.judging.model import Check
from conformance.tags import tags
from conformance.text import near

# What a term of each kind is compared with.
KINDS: Mapping[str, Callable[[Check], Iterable[str]]] = {
    "id": lambda check: (check.id,),
    "topic": lambda check: (check.topic,),
    "clause": lambda check: (clause.id for clause in check.clauses),
    "level": lambda check: (check.level.name.lower(),),
    "need": lambda check: (need.name.lower().replace("_", "-") for need in check.all_needs),
    "tag": lambda check: (tag.name.lower() for tag in tags(check)),
}
_BY_ID = "id"

# A mistaken word is answered with those near it, or with all where they are few.
_FEW_WORDS = 6

C = TypeVar("C", bound=Check)


@dataclass(frozen=True)
class Term:
    """One term as it was written. place: the file and the line that it is from; empty for an argument."""

    text: str
    place: str = ""

    @property
    def kind(self) -> str:
        """Which of the kinds it is of."""
        kind, colon, _ = self.text.partition(":")
        return kind if colon else _BY_ID

    @property
    def pattern(self) -> str:
        """What the words of its kind have to match."""
        return self.text.partition(":")[2] if ":" in self.text else self.text

    def matches(self, check: Check) -> bool:
        """Whether the check is meant."""
        return any(fnmatchcase(word, self.pattern) for word in KINDS[self.kind](check))


def select(
    checks: Iterable[C], *, only: Sequence[str] = (), skip: Sequence[str] = (), safe: bool = False
) -> tuple[C, ...]:
    """Return the checks that one of the terms in `only` matches, or all without any; less those in `skip`.

    safe: leave out as well what has a tag, and so could hurt a server that others use.
    Raises BadUsage when a term makes no sense or matches nothing, a file cannot be read, or nothing is left.
    """
    everything = tuple(checks)
    wanted, unwanted = (_meant(everything, tuple(_terms(texts))) for texts in (only, skip))
    left = tuple(
        check
        for check in everything
        if (not only or check.id in wanted) and check.id not in unwanted and not (safe and tags(check))
    )
    if not left:
        raise BadUsage("what --skip and --safe leave out is all that there was to play")
    return left


def named(checks: Iterable[C], check_id: str) -> C:
    """Return the check of that id. Raises BadUsage, with those near it, when there is none."""
    by_id = {check.id: check for check in checks}
    if check_id not in by_id:
        raise BadUsage(f"there is no scenario {check_id!r}{near(check_id, by_id)}; --list shows all")
    return by_id[check_id]


def _terms(texts: Iterable[str]) -> Iterator[Term]:
    for text in texts:
        if text.startswith("@"):
            yield from _terms_in(Path(text[1:]))
        else:
            yield Term(text)


def _terms_in(path: Path) -> Iterator[Term]:
    """Read a file: a term a line; empty lines and those that begin with # say nothing."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"the terms in {path} cannot be read: {error}") from error
    stripped = [(number, line.strip()) for number, line in enumerate(lines, 1)]
    found = [Term(line, f"{path}, line {number}: ") for number, line in stripped if line and line[0] != "#"]
    if not found:
        raise BadUsage(f"{path} holds no term, so it selects nothing")
    yield from found


def _meant(checks: Sequence[Check], terms: Iterable[Term]) -> frozenset[str]:
    """Return the ids of the checks that any of the terms matches."""
    meant: set[str] = set()
    for term in terms:
        if term.kind not in KINDS:
            raise BadUsage(
                f"{term.place}{term.text!r} is no term: there are {', '.join(KINDS)}, not {term.kind!r}"
            )
        matched = {check.id for check in checks if term.matches(check)}
        if not matched:
            raise BadUsage(f"{term.place}{term.text!r} matches nothing{_suggestions(checks, term)}")
        meant |= matched
    return frozenset(meant)


def _suggestions(checks: Sequence[Check], term: Term) -> str:
    words = {word for check in checks for word in KINDS[term.kind](check)}
    if len(words) <= _FEW_WORDS:
        return f"; there are {', '.join(sorted(words))}"
    if term.kind == _BY_ID:
        words |= {f"{check.topic}.*" for check in checks}
    return near(term.pattern, words)
