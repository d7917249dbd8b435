"""The registry of clauses: every rule that a scenario can be about, loaded from the CSV files beside it.

A clause knows its level, its words (ours, not the specification's) and its link. A clause that does not exist
is an error at import, in a sentence. Nothing here knows scenarios or servers.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import resources


class Level(Enum):
    """How binding a clause is; the ground on which a deviation is graded."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


# The registry keeps each specification's own keyword. What is stated without one (PROSE) is never graded as a
# MUST. The documented server's marks: the document says so, the original was seen to do so, a known bug.
_LEVEL_OF_KEYWORD = {
    "MUST": Level.MUST,
    "MUST NOT": Level.MUST,
    "SHOULD": Level.SHOULD,
    "SHOULD NOT": Level.SHOULD,
    "RECOMMENDED": Level.SHOULD,
    "PROSE": Level.SHOULD,
    "MAY": Level.MAY,
    "OPTIONAL": Level.MAY,
    "DOC": Level.MUST,
    "SEEN": Level.MUST,
    "BUG": Level.MAY,
}


@dataclass(frozen=True)
class Source:
    """A specification. prefix: what its clause ids begin with. link: where a section can be read."""

    name: str
    prefix: str
    file: str
    link: str
    profile: str = "http11"


@dataclass(frozen=True)
class Clause:
    """One rule.

    id: stable, such as `RFC9112-6.1-13`. keyword: the specification's own word for its force. theme: what it
    is about. observable: whether it binds an origin server and a client can see it kept or broken. since: the
    minor version of HTTP that added it, "1.1", where HTTP/1.0 (RFC 1945) does not have what it is about or
    permits what it forbids; else empty. A server that generates what HTTP/1.1 added is held to its rules.
    """

    id: str
    source: Source
    section: str
    keyword: str
    text: str
    theme: str = ""
    observable: bool = False
    since: str = ""

    @property
    def level(self) -> Level:
        """The grade that a verdict goes by."""
        return _LEVEL_OF_KEYWORD[self.keyword]

    @property
    def profile(self) -> str:
        """The profile of servers that the clause binds."""
        return self.source.profile

    @property
    def link(self) -> str:
        """Where the clause's section can be read; empty when it is not on the web."""
        part = "section" if self.section[:1].isdigit() else "appendix"
        return self.source.link.format(part=part, section=self.section)


# How a row says that a raw client can see it, alone or with a cooperating application.
_OBSERVABLE = ("wire", "fixture")


class Registry(dict[str, Clause]):
    """The clauses of one source, by the part of their id behind the prefix.

    sections: the titles of its sections by their numbers, in the order of the specification.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.sections = _titles(source)
        for row in _rows(source.file):
            if "section_title" in row:
                self.sections[row["section"]] = row["section_title"]
            clause = Clause(
                id=row["id"],
                source=source,
                section=row["section"],
                keyword=row["level"],
                text=row["paraphrase"],
                theme=row.get("theme", ""),
                observable=row.get("binds_origin_server") == "yes" and row.get("testable") in _OBSERVABLE,
                since=row.get("since", ""),
            )
            self[clause.id.removeprefix(source.prefix)] = clause

    def __missing__(self, key: str) -> Clause:
        raise LookupError(f"{self.source.name} has no clause {key!r} in {self.source.file}")


def _rows(file: str) -> Iterator[dict[str, str]]:
    table = resources.files(__name__).joinpath(file)
    yield from csv.DictReader(table.read_text(encoding="utf-8").splitlines())


def _titles(source: Source) -> dict[str, str]:
    """The titles of a source that is known with all its sections, also those that hold no rule."""
    return {row["section"]: row["title"] for row in _rows("sections.csv") if row["source"] == source.name}


def _rfc(number: int) -> Registry:
    link = f"https://www.rfc-editor.org/rfc/rfc{number}.html#{{part}}-{{section}}"
    return Registry(Source(f"RFC {number}", f"RFC{number}-", f"rfc{number}.csv", link))


RFC9110 = _rfc(9110)
RFC9112 = _rfc(9112)
RFC9931 = _rfc(9931)
RFC8446 = _rfc(8446)
RFC8996 = _rfc(8996)
RFC7301 = _rfc(7301)
RFC6066 = _rfc(6066)
RFC7578 = _rfc(7578)
RFC2046 = _rfc(2046)
URL = Registry(
    Source(
        "URL Standard", "URL-", "url.csv", "https://url.spec.whatwg.org/#application/x-www-form-urlencoded"
    )
)
DOC = Registry(Source("documented server", "DOC-", "documented.csv", "", profile="documented"))

REGISTRIES = (RFC9112, RFC9110, RFC9931, RFC8446, RFC8996, RFC7301, RFC6066, RFC7578, RFC2046, URL, DOC)
