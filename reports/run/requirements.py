"""A run by requirement: the sections of the specifications with their rules, and the verdicts on each rule.

A rule that a client can see an origin server keep or break is listed even when nothing in the run exercises
it, with the reason when no scenario does. A scenario counts for every rule that it exercises, though only
its first rule is judged. Rules that the registry does not know, such as those of a newer record, come last.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.clauses import REGISTRIES, Registry
from conformance.coverage import uncovered
from conformance.record import Run
from conformance.record_lines import ClauseLine
from reports.rendering.finding import clause_data

Values = dict[str, Any]


def specifications(run: Run) -> list[Values]:
    """Return each specification that the run is about: its name, and its sections with their rules."""
    verdicts, clauses = _verdicts(run)
    reasons = uncovered()
    listed = [_of_registry(registry, verdicts, reasons) for registry in REGISTRIES]
    known = {clause.id for registry in REGISTRIES for clause in registry.values()}
    listed += _unknown([clause for name, clause in clauses.items() if name not in known], verdicts)
    return [specification for specification in listed if specification["sections"]]


def _verdicts(run: Run) -> tuple[Mapping[str, Counter[str]], Mapping[str, ClauseLine]]:
    """Return the counts of verdicts for each clause that findings name, and these clauses, by their ids."""
    counts: dict[str, Counter[str]] = {}
    clauses: dict[str, ClauseLine] = {}
    for finding in run.findings:
        for clause in {clause["id"]: clause for clause in finding["clauses"]}.values():
            counts.setdefault(clause["id"], Counter())[finding["verdict"]] += 1
            clauses.setdefault(clause["id"], clause)
    return counts, clauses


def _of_registry(
    registry: Registry, verdicts: Mapping[str, Counter[str]], reasons: Mapping[str, str]
) -> Values:
    rules: dict[str, list[Values]] = {}
    links: dict[str, str] = {}
    for clause in registry.values():
        if clause.observable or clause.id in verdicts:
            counts = verdicts.get(clause.id, Counter[str]())
            reason = reasons.get(clause.id, "")
            rules.setdefault(clause.section, []).append(
                _rule(clause.id, clause.keyword, clause.text, counts, reason)
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
    """Yield the numbers of a section and of the sections that contain it."""
    yield section
    while "." in section:
        section, _, _ = section.rpartition(".")
        yield section


def _rule(name: str, keyword: str, text: str, counts: Counter[str], reason: str) -> Values:
    return {"id": name, "keyword": keyword, "text": text, "verdicts": dict(counts), "reason": reason}


def _unknown(clauses: list[ClauseLine], verdicts: Mapping[str, Counter[str]]) -> Iterator[Values]:
    by_source: dict[str, list[ClauseLine]] = {}
    for clause in clauses:
        by_source.setdefault(clause["source"], []).append(clause)
    for members in by_source.values():
        visible_members = [(clause_data(clause), verdicts[clause["id"]]) for clause in members]
        yield {
            "name": visible_members[0][0]["source"],
            "sections": [
                {
                    "number": clause["section"],
                    "title": "",
                    "link": clause["link"],
                    "rules": [_rule(clause["id"], clause["keyword"], clause["text"], counts, "")],
                }
                for clause, counts in visible_members
            ],
        }
