"""The view by specification: every section in its order, the verdicts on each rule, and what has no check."""

from collections.abc import Callable
from typing import Any

from conformance.clauses import REGISTRIES, RFC9110, RFC9112
from conformance.coverage import uncovered
from conformance.record import Run
from reports.run.requirements import specifications

MakeRun = Callable[..., Run]
Make = Callable[..., Any]
Values = dict[str, Any]


def rules(made: list[Values]) -> dict[str, Values]:
    return {rule["id"]: rule for each in made for section in each["sections"] for rule in section["rules"]}


def test_a_rule_has_the_verdicts_of_all_scenarios_that_exercise_it(
    run: MakeRun, finding: Make, clause: Make
) -> None:
    both = [clause(), clause(id="RFC9112-2.2-2"), clause()]
    made = rules(
        specifications(run(finding("a.x", clauses=both), finding("a.y", "FAIL"), finding("a.z", "FAIL")))
    )
    assert made["RFC9112-6.1-13"]["verdicts"] == {"PASS": 1, "FAIL": 2}
    assert made["RFC9112-2.2-2"]["verdicts"] == {"PASS": 1}
    assert made["RFC9112-2.2-1"]["verdicts"] == {}


def test_a_rule_that_is_not_covered_says_why(run: MakeRun, finding: Make) -> None:
    made = rules(specifications(run(finding())))
    assert {name: rule["reason"] for name, rule in made.items() if rule["reason"]} == dict(uncovered())


def test_every_rule_that_can_be_observed_is_there_and_no_other(run: MakeRun, finding: Make) -> None:
    made = rules(specifications(run(finding())))
    observable = {clause.id for registry in REGISTRIES for clause in registry.values() if clause.observable}
    assert made.keys() == observable


def test_sections_stand_in_their_order_with_titles_and_links(run: MakeRun, finding: Make) -> None:
    rfc9112, rfc9110 = specifications(run(finding()))
    assert (rfc9112["name"], rfc9110["name"]) == ("RFC 9112", "RFC 9110")
    for made, registry in ((rfc9112, RFC9112), (rfc9110, RFC9110)):
        numbers = [section["number"] for section in made["sections"]]
        assert numbers == [number for number in registry.sections if number in numbers]
        assert all(section["link"] for section in made["sections"] if section["rules"])
    (section,) = (section for section in rfc9112["sections"] if section["number"] == "6.1")
    assert section["title"] == "Transfer-Encoding"
    assert section["link"] == "https://www.rfc-editor.org/rfc/rfc9112.html#section-6.1"


def test_a_section_without_rules_is_a_heading_only_where_some_are_below(run: MakeRun, finding: Make) -> None:
    rfc9112, _ = specifications(run(finding()))
    empty = [section["number"] for section in rfc9112["sections"] if not section["rules"]]
    assert "2" in empty  # 2.1 has some
    assert "9.1" not in [section["number"] for section in rfc9112["sections"]]


def test_other_specifications_are_there_when_the_run_is_about_them(run: MakeRun, finding: Make) -> None:
    of_tls = {
        "id": "RFC8996-4-1",
        "source": "RFC 8996",
        "section": "4",
        "keyword": "MUST",
        "text": "",
        "link": "",
    }
    names = [each["name"] for each in specifications(run(finding(clauses=[of_tls])))]
    assert names == ["RFC 9112", "RFC 9110", "RFC 8996"]


def test_a_clause_of_a_newer_record_comes_last(run: MakeRun, finding: Make, clause: Make) -> None:
    new = clause(id="RFC9999-1-1", source="RFC 9999\x1b", section="1", text="New.", link="javascript:x")
    last = specifications(run(finding(clauses=[new])))[-1]
    assert last == {
        "name": "RFC 9999\\x1b",
        "sections": [
            {
                "number": "1",
                "title": "",
                "link": "",
                "rules": [
                    {
                        "id": "RFC9999-1-1",
                        "keyword": "MUST",
                        "text": "New.",
                        "verdicts": {"PASS": 1},
                        "reason": "",
                    }
                ],
            }
        ],
    }
