"""The run as JUnit XML, for programs that show test results: targets are suites, scenarios are cases.

It is written from the record, not by pytest, so that runs that were killed and records that were merged have
it too. What JUnit has no word for is in the properties and the output of a case. A run that was cut off,
that verified nothing, or in which a target crashed without a known cause has an error case of its own,
because readers look at failures and errors only. What a baseline excuses is skipped, with its reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from conformance.record import Run
from conformance.record_lines import FindingLine, TargetLine
from conformance.text import clipped, visible
from reports.rendering.finding import crash_sentence, risk_phrase
from reports.rendering.text import LONGEST_TEXT
from reports.rendering.verdicts import ERROR, NOT_APPLICABLE, PASS, closing_verdicts
from reports.run.result import (
    baseline_sentences,
    crashes,
    failures,
    is_complete,
    known_failures,
    passes,
    result_of,
)

_ROOT = "wirecheck"
_TOTALS = {"failures": "failure", "errors": "error"}


def render(run: Run) -> str:
    """Return the XML of a run."""
    root = Element("testsuites", name=_ROOT)
    closing = closing_verdicts(run.header["options"])
    known = {(finding["target"], finding["scenario"]): reason for finding, reason in known_failures(run)}
    for name, target in _targets(run).items():
        suite = _add_suite(root, name, run)
        _add_target(suite, target, run)
        for finding in run.findings:
            if finding["target"] == name:
                _add_finding(suite, finding, closing, known.get((name, finding["scenario"])))
        for scenario in _not_run(run, name):
            case = _add_case(suite, name, scenario, seconds=0)
            _add_outcome(case, "skipped", ["not run: the run ended first"])
    _add_run(root, run)
    for suite in root:
        _set_totals(suite, suite.iter("testcase"))
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    _set_totals(root, root.iter("testcase"))
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _targets(run: Run) -> Mapping[str, TargetLine | None]:
    """Return the targets by their names; None for those that only findings name."""
    named: dict[str, TargetLine | None] = {finding["target"]: None for finding in run.findings}
    return named | {target["name"]: target for target in run.header["targets"]}


def _not_run(run: Run, target: str) -> Iterator[str]:
    for planned in run.not_run:
        name, _, scenario = planned.rpartition("/")
        if name == target:
            yield scenario


def _add_suite(root: Element, name: str, run: Run) -> Element:
    return SubElement(root, "testsuite", name=visible(name), timestamp=visible(run.header["started"]))


def _add_target(suite: Element, target: TargetLine | None, run: Run) -> None:
    properties = SubElement(suite, "properties")
    if target is not None:
        _add_property(properties, "url", target["url"])
        _add_property(properties, "server", target["server"])
        _add_property(properties, "profile", target["profile"])
    _add_property(properties, "wirecheck", run.header["wirecheck"])


def _add_finding(suite: Element, finding: FindingLine, closing: tuple[str, ...], known: str | None) -> None:
    """Add the case of a finding.

    closing: the verdicts that close the gate. known: why the baseline excuses it; None when it does not.
    """
    verdict, clause = finding["verdict"], finding["clauses"][0]
    case = _add_case(suite, finding["target"], finding["scenario"], finding["seconds"])
    properties = SubElement(case, "properties")
    _add_property(properties, "verdict", verdict)
    _add_property(properties, "clause", clause["id"])
    _add_property(properties, "level", finding["level"])
    _add_property(properties, "risk", finding["risk"] or "")
    _add_property(properties, "topic", finding["topic"])
    crash, risk = crash_sentence(finding), risk_phrase(finding)
    requirement = f"requirement: {clause['text']} ({clause['id']}, {clause['keyword']})"
    expected = f"expected: {finding['expected']}"
    lines = [requirement, expected, f"observed: {finding['observed']}"]
    lines += [f"risk: {risk}"] if risk else []
    lines += [f"crash: {crash}"] if crash else []
    if known is not None:
        _add_outcome(case, "skipped", [f"known: {known}"], [verdict, *lines])
    elif verdict in closing:
        _add_outcome(case, "failure", lines, [finding["title"], f"why: {finding['why']}", clause["link"]])
    elif verdict == ERROR:
        reason = f"not judged: {finding['reason'].removeprefix('not judged: ')}"
        _add_outcome(case, "error", [requirement, expected, reason], [finding["title"]])
    elif verdict == NOT_APPLICABLE:
        _add_outcome(case, "skipped", [finding["reason"]])
    elif verdict != PASS:
        SubElement(case, "system-out").text = _text([verdict, *lines])


def _add_run(root: Element, run: Run) -> None:
    """Add a case for what is wrong with the run itself, when no other case is a failure or an error."""
    _, verified = passes(run.counts)
    ended_badly = run.footer is not None and run.footer["exit_code"] != 0
    unexplained = [crash.sentence for crash in crashes(run) if crash.scenario is None]
    silent = not failures(run) and (ended_badly or not verified)
    if not is_complete(run) or unexplained or silent:
        suite = _add_suite(root, _ROOT, run)
        case = SubElement(suite, "testcase", classname=_ROOT, name="the run as a whole", time="0")
        note = run.footer["note"] if run.footer else ""
        _add_outcome(case, "error", [result_of(run).sentence, *unexplained, note, *baseline_sentences(run)])


def _add_case(suite: Element, target: str, scenario: str, seconds: float) -> Element:
    # Readers make a tree of the parts between dots, so a target's name must not have dots of its own.
    classname = f"{_ROOT}.{visible(target).replace('.', '-')}.{visible(scenario).partition('.')[0]}"
    return SubElement(
        suite, "testcase", classname=classname, name=visible(scenario), time=f"{float(seconds):.3f}"
    )


def _add_property(properties: Element, name: str, value: str) -> None:
    if value:
        SubElement(properties, "property", name=name, value=visible(clipped(value, LONGEST_TEXT)))


def _add_outcome(case: Element, tag: str, message: list[str], more: Iterable[str] = ()) -> None:
    """Say why a case did not pass. The text repeats the message: some readers show one, some the other."""
    outcome = SubElement(case, tag, message=_text(message))
    outcome.text = _text([*message, *more])


def _text(lines: Iterable[str]) -> str:
    """Return lines that XML can hold, whatever a server sent."""
    return "\n".join(visible(clipped(line, LONGEST_TEXT)) for line in lines if line)


def _set_totals(element: Element, cases: Iterable[Element]) -> None:
    listed = list(cases)
    element.set("tests", str(len(listed)))
    for name, tag in _TOTALS.items():
        element.set(name, str(sum(case.find(tag) is not None for case in listed)))
    element.set("time", f"{sum(float(case.get('time', 0)) for case in listed):.3f}")
