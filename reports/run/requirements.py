"""A run by requirement: for each section of the specifications its rules, and the verdicts on them.

A rule that a client can see an origin server keep or break is listed also when nothing of the run exercises
it, with the reason if no scenario ever does. A scenario counts for every rule that it exercises, though only
the first of them is judged. Rules that the registry does not know, say of a newer record, come last.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.clauses import REGISTRIES, Registry
from conformance.coverage import uncovered
from conformance.record import Run
from reports.rendering.text import of_the_web, visible

Values = dict[str, Any]


def specifications(run: Run) -> list[Values]:
    """Return each specification that the run is about: its name, and its sections with their rules."""
    verdicts, named = _verdicts(run)
    reasons = uncovered()
    made = [_of_registry(registry, verdicts, reasons) for registry in REGISTRIES]
    known = {clause.id for registry in REGISTRIES for clause in registry.values()}
    made += _unknown([clause for name, clause in named.items() if name not in known], verdicts)
    return [specification for specification in made if specification["sections"]]


def _verdicts(run: Run) -> tuple[Mapping[str, Counter[str]], Mapping[str, Values]]:
    """Return the counts of verdicts for each clause that findings name, and these clauses, by their ids."""
    counts: dict[str, Counter[str]] = {}
    named: dict[str, Values] = {}
    for finding in run.findings:
        for clause in {clause["id"]: clause for clause in finding["clauses"]}.values():
            counts.setdefault(clause["id"], Counter())[finding["verdict"]] += 1
            named.setdefault(clause["id"], clause)
    return counts, named


def _of_registry(
    registry: Registry, verdicts: Mapping[str, Counter[str]], reasons: Mapping[str, str]
) -> Values:
    rules: dict[str, list[Values]] = {}
    links: dict[str, str] = {}
    for clause in registry.values():
        if clause.observable or clause.id in verdicts:
            found = verdicts.get(clause.id, Counter[str]())
            reason = reasons.get(clause.id, "")
            rules.setdefault(clause.section, []).append(
                _rule(clause.id, clause.keyword, clause.text, found, reason)
            )
            links[clause.section] = clause.link
    shown = {number for section in rules for number in _and_above(section)}
    return {
        "name": registry.source.name,
        "sections": [
            {"number": number, "title": title, "link": links.get(number, ""), "rules": rules.get(number, [])}
            for number, title in registry.sections.items()
            if number in shown
        ],
    }


def _and_above(section: str) -> Iterator[str]:
    """Yield the numbers of a section and of those that it is a part of."""
    yield section
    while "." in section:
        section, _, _ = section.rpartition(".")
        yield section


def _rule(name: str, keyword: str, text: str, found: Counter[str], reason: str) -> Values:
    return {"id": name, "keyword": keyword, "text": text, "verdicts": dict(found), "reason": reason}


def _unknown(clauses: list[Values], verdicts: Mapping[str, Counter[str]]) -> Iterator[Values]:
    by_source: dict[str, list[Values]] = {}
    for clause in clauses:
        by_source.setdefault(clause["source"], []).append(clause)
    for source, members in by_source.items():
        yield {
            "name": visible(source),
            "sections": [
                {
                    "number": visible(clause["section"]),
                    "title": "",
                    "link": visible(of_the_web(clause["link"]) or ""),
                    "rules": [
                        _rule(
                            visible(clause["id"]),
                            visible(clause["keyword"]),
                            visible(clause["text"]),
                            verdicts[clause["id"]],
                            "",
                        )
                    ],
                }
                for clause in members
            ],
        }
