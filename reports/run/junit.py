"""The run as JUnit XML, for readers that know test suites: a suite for each target, a case for each scenario.

Written from the record, not by pytest: so a run that was killed and one that was joined from shards have it
too, and an ERROR is one. What such readers cannot say is kept in properties and in the output of a case. A
run that did not come to its end, or that verified nothing, holds an error of its own, for readers look at
nothing but failures and errors. What a baseline excuses is skipped, with its reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from conformance.judging.model import Verdict
from conformance.record import Run
from reports.rendering.terminal import LONGEST_TEXT
from reports.rendering.text import clipped, visible
from reports.run.result import closing, failures, is_complete, passes, reasons_to_excuse, result

_ROOT = "wirecheck"
_COUNTED = {"failures": "failure", "errors": "error"}


def render(run: Run) -> str:
    """Return the XML of a run."""
    root = Element("testsuites", name=_ROOT)
    unwanted, excused = closing(run), reasons_to_excuse(run)
    for name, target in _targets(run):
        suite = _suite(root, name, run)
        properties = SubElement(suite, "properties")
        for key in ("url", "server", "profile"):
            _property(properties, key, target.get(key))
        _property(properties, "wirecheck", run.header["wirecheck"])
        for finding in run.findings:
            if finding["target"] == name:
                _judged(suite, finding, unwanted, excused)
        for scenario in _not_run(run, name):
            case = _case(suite, name, scenario, seconds=0)
            _said(case, "skipped", ["not run: the run ended before"])
    _whole(root, run)
    for suite in root:
        _count(suite, suite.iter("testcase"))
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    _count(root, root.iter("testcase"))
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _targets(run: Run) -> list[tuple[str, dict[str, Any]]]:
    """Return the targets by their names, those that only findings name among them."""
    found: dict[str, dict[str, Any]] = {finding["target"]: {} for finding in run.findings}
    return list((found | {target["name"]: target for target in run.header["targets"]}).items())


def _not_run(run: Run, target: str) -> Iterator[str]:
    for planned in run.not_run:
        name, _, scenario = planned.rpartition("/")
        if name == target:
            yield scenario


def _judged(
    suite: Element, finding: dict[str, Any], unwanted: tuple[str, ...], excused: Mapping[str, str]
) -> None:
    """Add the case of a finding. unwanted: verdicts that close the gate. excused: reasons not to, by id."""
    case = _case(suite, finding["target"], finding["scenario"], finding["seconds"])
    clause = finding["clauses"][0]
    properties = SubElement(case, "properties")
    for key, value in (
        ("verdict", finding["verdict"]),
        ("clause", clause["id"]),
        ("level", finding["level"]),
        ("topic", finding["topic"]),
    ):
        _property(properties, key, value)
    verdict = finding["verdict"]
    lines = [
        f"requirement: {clause['text']} ({clause['id']}, {clause['keyword']})",
        f"expected: {finding['expected']}",
        f"observed: {finding['observed']}",
    ]
    if verdict in unwanted and finding["scenario"] in excused:
        _said(case, "skipped", [f"known: {excused[finding['scenario']]}"], [verdict, *lines])
    elif verdict in unwanted:
        _said(case, "failure", lines, [finding["title"], f"why: {finding['why']}", clause["link"]])
    elif verdict == Verdict.ERROR.value:
        _said(case, "error", [*lines[:2], f"observed: {finding['reason']}"], [finding["title"]])
    elif verdict == Verdict.NOT_APPLICABLE.value:
        _said(case, "skipped", [finding["reason"]])
    elif verdict != Verdict.PASS.value:
        SubElement(case, "system-out").text = _text([verdict, *lines])


def _whole(root: Element, run: Run) -> None:
    """Add what is wrong with the run itself, if no case says that something is."""
    _, verified = passes(run.counts)
    ended_badly = run.footer is not None and run.footer["exit_code"] != 0
    if not is_complete(run) or (not failures(run) and (ended_badly or not verified)):
        suite = _suite(root, _ROOT, run)
        case = SubElement(suite, "testcase", classname=_ROOT, name="the run as a whole", time="0")
        footer = run.footer or {}
        said = footer.get("baseline", {}).get("said", ())
        _said(case, "error", [result(run).sentence, footer.get("note", ""), *said])


def _suite(root: Element, name: str, run: Run) -> Element:
    return SubElement(root, "testsuite", name=visible(name), timestamp=visible(run.header["started"]))


def _case(suite: Element, target: str, scenario: str, seconds: float) -> Element:
    # Readers build a tree of what stands between dots, so a name has none of its own.
    classname = f"{_ROOT}.{visible(target).replace('.', '-')}.{visible(scenario).partition('.')[0]}"
    return SubElement(
        suite, "testcase", classname=classname, name=visible(scenario), time=f"{float(seconds):.3f}"
    )


def _property(properties: Element, name: str, value: object) -> None:
    if value:
        SubElement(properties, "property", name=name, value=visible(clipped(str(value), LONGEST_TEXT)))


def _said(case: Element, tag: str, message: list[str], behind: Iterable[str] = ()) -> None:
    """Say why a case did not pass. The text repeats the message: some readers show one, some the other."""
    shown = SubElement(case, tag, message=_text(message))
    shown.text = _text([*message, *behind])


def _text(lines: Iterable[str]) -> str:
    """Return lines that XML can hold, whatever a server sent."""
    return "\n".join(visible(clipped(line, LONGEST_TEXT)) for line in lines if line)


def _count(element: Element, cases: Iterable[Element]) -> None:
    """Set the totals of an element."""
    counted = list(cases)
    element.set("tests", str(len(counted)))
    for name, tag in _COUNTED.items():
        element.set(name, str(sum(case.find(tag) is not None for case in counted)))
    element.set("time", f"{sum(float(case.get('time', 0)) for case in counted):.3f}")
