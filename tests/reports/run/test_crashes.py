"""A scenario that crashed the target, in every report: at the top, once, and as a failure."""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from conformance.record import Run
from reports.rendering.verdicts import Tone
from reports.run import junit, markdown, page
from reports.run.result import crashes, is_complete, result_of
from reports.run.terminal import MOST_CRASHES, summary_lines
from tests.reports.run.test_known_failures import baseline

MakeRun = Callable[..., Run]
Make = Callable[..., Any]

HOW = "exited with code 7"
SENTENCE = f"a.x crashed the target: it {HOW}."


def crash(scenario: str | None = "a.x", target: str = "plain", how: str = HOW) -> dict[str, Any]:
    return {"target": target, "how": how, "scenario": scenario}


@pytest.fixture
def crashed(run: MakeRun, finding: Make) -> Run:
    """A run in which a.x crashed the target, three times."""
    return run(
        finding("a.w", "FAIL"),
        finding("a.x", "FAIL", crash=HOW, observed="answers nothing"),
        finding("a.y"),
        changes={"crashes": [crash()] * 3},
    )


def text(run: Run) -> list[str]:
    return [line.text for line in summary_lines(run, width=100)]


def test_a_crash_is_told_once_however_often_it_was_repeated(crashed: Run) -> None:
    assert [found.sentence for found in crashes(crashed)] == [SENTENCE]
    assert text(crashed).count(SENTENCE) == 1
    assert markdown.render(crashed).count(" crashed the target: ") == 1
    assert page.render(crashed).count("crashed the target: ") == 1
    assert (
        junit.render(crashed).count("crash: The target exited") == 2
    )  # a message, and the text that repeats it


def test_the_terminal_shows_it_with_the_failure_and_above_the_result(crashed: Run) -> None:
    lines = text(crashed)
    assert lines[-2:] == [
        SENTENCE,
        "Not conforming: 1 crash and 1 requirement broken in 2 of 3 verified scenarios.",
    ]
    assert f"      crash        The target {HOW}." in lines


def test_the_summary_shows_it_at_the_top(crashed: Run) -> None:
    lines = markdown.render(crashed).splitlines()
    assert lines[2] == f"- **Crash:** `a.x` crashed the target: it {HOW}."
    # And what crashed the target is the first of the failures.
    failures = [line for line in lines if line.startswith("- **FAIL**")]
    assert failures[0].startswith("- **FAIL** `a.x`: ")
    assert f"  - crash: The target {HOW}." in lines


def test_the_page_shows_it_at_the_top_and_first_in_the_list(crashed: Run) -> None:
    rendered = page.render(crashed)
    link = '<a href="#plain/a.x"><code>a.x</code></a>'
    assert f"<li>{link} crashed the target: it {HOW}.</li>" in rendered[: rendered.index("<main>")]
    rows = rendered[rendered.index('class="group fail"') :]
    assert rows.index('id="plain/a.x"') < rows.index('id="plain/a.w"')
    assert f'<span class="gist crash">Crash: The target {HOW}.</span>' in rows


def test_it_is_a_failure_in_junit(crashed: Run) -> None:
    cases = {case.attrib["name"]: case for case in ET.fromstring(junit.render(crashed)).iter("testcase")}
    failure = cases["a.x"].find("failure")
    assert failure is not None
    assert failure.attrib["message"].splitlines()[-2:] == [
        "observed: answers nothing",
        f"crash: The target {HOW}.",
    ]
    assert "the run as a whole" not in cases


def test_what_was_added_to_the_run_says_so_and_does_not_make_it_complete(run: MakeRun, finding: Make) -> None:
    added = finding("a.x", "FAIL", crash=HOW, added=True)
    whole = run(finding("a.y"), added, planned=1)
    assert is_complete(whole)
    words = " ".join(" ".join(text(whole)).split())
    assert f"crash The target {HOW}. The scenario was not selected; it was added to the run because" in words
    assert not is_complete(run(added, planned=1))
    assert result_of(run(added, planned=1)).sentence.startswith("The run was cut off: 0 of 1 scenarios were ")


def test_on_several_targets_the_target_is_named(run: MakeRun, finding: Make, target: Make) -> None:
    both = run(
        finding("a.x", "FAIL", crash=HOW),
        finding("a.x", "FAIL", crash="stopped answering", target="tls"),
        targets=[target(), target(name="tls")],
        changes={"crashes": [crash(), crash(target="tls", how="stopped answering")]},
    )
    assert [found.sentence for found in crashes(both)] == [
        f"a.x crashed the target plain: it {HOW}.",
        "a.x crashed the target tls: it stopped answering.",
    ]


def test_a_crash_without_a_cause_is_shown_and_is_an_error_in_junit(run: MakeRun, finding: Make) -> None:
    whole = run(finding("a.y"), changes={"crashes": [crash(None)] * 2, "exit_code": 6})
    sentence = f"The target {HOW}; the cause is unknown."
    assert text(whole).count(sentence) == 1
    assert f"- **Crash:** {sentence}" in markdown.render(whole).replace("`", "")
    assert f"<li>{sentence}</li>" in page.render(whole)
    assert result_of(whole).tone is Tone.UNSURE
    error = ET.fromstring(junit.render(whole)).find(".//error")
    assert error is not None
    assert sentence in error.attrib["message"]


def test_a_crash_without_a_cause_is_an_error_beside_failures_too(run: MakeRun, finding: Make) -> None:
    root = ET.fromstring(junit.render(run(finding("a.y", "FAIL"), changes={"crashes": [crash(None)]})))
    assert (root.attrib["failures"], root.attrib["errors"]) == ("1", "1")


def test_a_run_that_was_cut_off_shows_the_crashes_of_its_findings(run: MakeRun, finding: Make) -> None:
    cut = run(finding("a.x", "FAIL", crash=HOW), planned=5, footer=False)
    assert text(cut)[-2:][0] == SENTENCE


def test_an_excused_crash_is_known_and_not_new(run: MakeRun, finding: Make) -> None:
    known = run(
        finding("a.x", "FAIL", crash=HOW),
        finding("a.y"),
        changes={"crashes": [crash()], "baseline": baseline("a.x", reason="fixed in 2.0"), "exit_code": 0},
    )
    assert result_of(known).sentence == (
        "Not conforming, but nothing new: 1 of 2 verified scenarios fails, as the baseline says."
    )
    assert f"KNOWN a.x on plain: fixed in 2.0 (The target {HOW})" in text(known)
    skipped = ET.fromstring(junit.render(known)).find(".//skipped")
    assert skipped is not None
    assert skipped.text is not None
    assert f"crash: The target {HOW}." in skipped.text


def test_many_crashes_do_not_bury_the_result(run: MakeRun, finding: Make) -> None:
    names = [f"a.n{number}" for number in range(MOST_CRASHES + 3)]
    many = run(*(finding(name, "FAIL", crash=HOW) for name in names))
    assert text(many)[-2] == "and 3 more crashes; see the report"
    assert "- and 3 more crashes; see the report" in markdown.render(many)
    assert "<li>and 3 more, below</li>" in page.render(many)


def test_a_second_opinion_is_on_the_page_and_in_the_summary(
    run: MakeRun, finding: Make, target: Make
) -> None:
    opinion = "h11 reads 3 bytes of content where our reader reads 5."
    whole = run(finding(), targets=[target(second_opinion=opinion), target(name="tls")])
    assert page.render(whole).count(f"<strong>Second opinion on plain:</strong> {opinion}</p>") == 1
    assert page.render(whole).count("Second opinion") == 1
    assert f"- second opinion on plain: {opinion}\n" in markdown.render(whole)
