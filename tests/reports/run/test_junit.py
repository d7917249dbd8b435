"""The JUnit XML: what its readers look at; it is green only for a complete run, and always well formed."""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

import pytest

from conformance.record import Run
from reports.run.junit import render
from tests.reports.run.test_known_failures import baseline

MakeRun = Callable[..., Run]
Make = Callable[..., Any]

TOTALS = ("tests", "failures", "errors")


def suites(run: Run) -> Element:
    return ET.fromstring(render(run))


def totals(element: Element) -> tuple[int, ...]:
    skipped = sum(int(suite.attrib["skipped"]) for suite in element.iter("testsuite"))
    return (*(int(element.attrib[name]) for name in TOTALS), skipped)


def only_case(root: Element) -> Element:
    (case,) = root.iter("testcase")
    return case


def test_a_case_is_a_scenario_in_a_class_of_its_topic(run: MakeRun, finding: Make) -> None:
    case = only_case(suites(run(finding())))
    assert case.attrib == {
        "classname": "wirecheck.plain.framing",
        "name": "framing.te-with-content-length",
        "time": "0.012",
    }
    properties = {prop.attrib["name"]: prop.attrib["value"] for prop in case.iter("property")}
    assert properties == {"verdict": "PASS", "clause": "RFC9112-6.1-13", "level": "MUST", "topic": "framing"}


def test_a_failure_has_three_lines_in_its_message_and_more_in_its_text(run: MakeRun, finding: Make) -> None:
    failure = only_case(suites(run(finding(verdict="FAIL")))).find("failure")
    assert failure is not None
    assert failure.attrib["message"] == (
        "requirement: Close the connection after a request with both Transfer-Encoding and Content-Length "
        "(RFC9112-6.1-13, MUST)\n"
        "expected: answers 400 and closes the connection\n"
        "observed: answers 200 and keeps the connection open"
    )
    assert failure.text is not None
    assert failure.text.startswith(failure.attrib["message"])
    assert "why: Two readers" in failure.text


def test_an_error_says_why_it_was_not_judged(run: MakeRun, finding: Make) -> None:
    error = only_case(suites(run(finding(verdict="ERROR", reason="It was refused.")))).find("error")
    assert error is not None
    assert error.attrib["message"].endswith("\nnot judged: It was refused.")


def test_what_is_not_applicable_is_skipped_with_its_reason(run: MakeRun, finding: Make) -> None:
    skipped = suites(run(finding(), finding("a.x", "NOT APPLICABLE"))).find(".//skipped")
    assert skipped is not None
    assert skipped.attrib["message"] == skipped.text == "the witness is not mounted"


@pytest.mark.parametrize("verdict", ["WARN", "INFO"])
def test_a_warning_passes_and_says_so(run: MakeRun, finding: Make, verdict: str) -> None:
    root = suites(run(finding(verdict=verdict)))
    assert totals(root) == (1, 0, 0, 0)
    output = only_case(root).findtext("system-out")
    assert output is not None
    assert output.startswith(f"{verdict}\nrequirement: ")


def test_each_target_is_a_suite_and_everything_is_counted(run: MakeRun, finding: Make, target: Make) -> None:
    found = [
        finding("a.x"),
        finding("a.y", "FAIL"),
        finding("a.x", "ERROR", target="v1.tls"),
        finding("a.y", "NOT APPLICABLE", target="v1.tls"),
    ]
    root = suites(run(*found, targets=[target(), target(name="v1.tls", server="")]))
    assert [(suite.attrib["name"], totals(suite)) for suite in root] == [
        ("plain", (2, 1, 0, 0)),
        ("v1.tls", (2, 0, 1, 1)),
    ]
    assert totals(root) == (4, 1, 1, 1)
    assert root.attrib["time"] == "0.048"
    # A dot would be one more branch in a reader's tree.
    assert {case.attrib["classname"] for case in root[1].iter("testcase")} == {"wirecheck.v1-tls.a"}
    about = {prop.attrib["name"]: prop.attrib["value"] for prop in root[0].findall("properties/property")}
    assert about["url"] == "http://127.0.0.1:8888/"


def test_what_was_not_run_is_skipped_and_the_run_is_an_error(run: MakeRun, finding: Make) -> None:
    root = suites(run(finding("a.x"), plan=["plain/a.x", "plain/a.y"], planned=2, footer=False))
    names = {case.attrib["name"]: [child.tag for child in case] for case in root.iter("testcase")}
    assert names["a.y"] == ["skipped"]
    assert names["the run as a whole"] == ["error"]
    assert totals(root) == (3, 0, 1, 1)


@pytest.mark.parametrize(
    ("verdicts", "changes", "errors"),
    [
        pytest.param(["PASS"], {}, 0, id="good"),
        pytest.param(["FAIL"], {}, 0, id="a failure speaks for itself"),
        pytest.param(["PASS", "ERROR"], {}, 1, id="so does an error"),
        pytest.param(["NOT APPLICABLE"], {}, 1, id="nothing verified"),
        pytest.param([], {}, 1, id="nothing at all"),
        pytest.param(["PASS"], {"exit_code": 6, "note": "It was slow."}, 1, id="ended badly"),
        pytest.param(["FAIL"], {"complete": False}, 1, id="cut off with a failure"),
    ],
)
def test_only_a_whole_run_is_green(
    run: MakeRun, finding: Make, verdicts: list[str], changes: dict[str, Any], errors: int
) -> None:
    found = [finding(f"a.n{number}", verdict) for number, verdict in enumerate(verdicts)]
    root = suites(run(*found, changes=changes))
    assert totals(root)[2] == errors
    assert changes.get("note", "") in render(run(*found, changes=changes))


@pytest.mark.parametrize(
    ("gate", "verdict", "tag"),
    [
        pytest.param("must", "WARN", "system-out", id="a warning passes"),
        pytest.param("should", "WARN", "failure", id="but not the gate should"),
        pytest.param("should", "INFO", "system-out", id="an informational finding passes the gate should"),
        pytest.param("may", "INFO", "failure", id="but not the gate may"),
    ],
)
def test_what_closes_the_gate_is_a_failure(
    run: MakeRun, finding: Make, *, gate: str, verdict: str, tag: str
) -> None:
    case = only_case(suites(run(finding(verdict=verdict), options={"gate": gate})))
    assert [child.tag for child in case] == ["properties", tag]


def test_what_a_baseline_excuses_is_skipped_with_its_reason(run: MakeRun, finding: Make) -> None:
    changes = {"baseline": baseline("a.x", reason="since 2019"), "exit_code": 0}
    root = suites(run(finding("a.x", "FAIL"), finding("a.y"), changes=changes))
    assert totals(root) == (2, 0, 0, 1)
    skipped = root.find(".//skipped")
    assert skipped is not None
    assert skipped.attrib["message"] == "known: since 2019"
    assert skipped.text is not None
    assert "observed: answers 200" in skipped.text


def test_what_is_wrong_with_a_baseline_is_an_error(run: MakeRun, finding: Make) -> None:
    changes = {"baseline": baseline(sentences=["a.z is listed, but passes."]), "exit_code": 1}
    root = suites(run(finding("a.x"), changes=changes))
    assert totals(root) == (2, 0, 1, 0)
    error = root.find(".//error")
    assert error is not None
    assert error.attrib["message"].endswith("a.z is listed, but passes.")


def test_a_finding_of_an_unknown_target_is_a_case(run: MakeRun, finding: Make) -> None:
    assert totals(suites(run(finding(target="gone")))) == (1, 0, 0, 0)


@pytest.mark.parametrize("verdict", ["PASS", "WARN", "INFO", "FAIL", "NOT APPLICABLE", "ERROR"])
def test_hostile_text_is_text_of_well_formed_xml(
    run: MakeRun, finding: Make, *, clause: Make, target: Make, hostile: str, verdict: str
) -> None:
    def tree(word: str) -> list[tuple[str, list[str]]]:
        words = dict.fromkeys(("title", "why", "expected", "observed", "reason", "topic", "target"), word)
        text = dict.fromkeys(("id", "source", "section", "text", "keyword", "link"), word)
        found = finding(f"a.b{word}", verdict, clauses=[clause(**text)], **words)
        whole = run(
            found,
            targets=[target(name=word, url=word, server=word)],
            plan=[f"{word}/a.z"],
            changes={"note": word, "complete": False},
            wirecheck=word,
            started=word,
        )
        root = suites(whole)
        texts = [text for element in root.iter() for text in (element.text, *element.attrib.values()) if text]
        assert all(line.isprintable() for text in texts for line in text.splitlines())
        render(whole).encode("utf-8")
        return [(element.tag, sorted(element.attrib)) for element in root.iter()]

    assert tree(hostile) == tree("a word")
