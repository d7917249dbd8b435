"""The sentence of a run is honest: a truth table."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.record import Run
from reports.rendering.verdicts import Tone
from reports.run.result import counts_by, is_complete, result_of

MakeRun = Callable[..., Run]
MakeFinding = Callable[..., Any]

TABLE = [
    ({"PASS": 96}, Tone.GOOD, "Conforming: 96 of 96 verified scenarios pass."),
    ({"PASS": 1}, Tone.GOOD, "Conforming: 1 of 1 verified scenario passes."),
    (
        {"PASS": 5, "WARN": 2, "INFO": 1, "NOT APPLICABLE": 4},
        Tone.GOOD,
        "Conforming: 5 of 8 verified scenarios pass; 2 warnings, 1 informational, 4 not applicable.",
    ),
    ({"WARN": 1}, Tone.GOOD, "Conforming: 0 of 1 verified scenario pass; 1 warning."),
    ({"PASS": 5, "FAIL": 3}, Tone.BAD, "Not conforming: 1 requirement broken in 3 of 8 verified scenarios."),
    ({"PASS": 5, "RISK": 2}, Tone.BAD, "At risk: 1 risk in 2 of 7 verified scenarios; no MUST is broken."),
    (
        {"PASS": 5, "FAIL": 2, "RISK": 1},
        Tone.BAD,
        "Not conforming: 1 requirement broken in 2 of 8 verified scenarios, 1 risk in 1.",
    ),
    ({"PASS": 5, "FAIL": 1}, Tone.BAD, "Not conforming: 1 requirement broken in 1 of 6 verified scenarios."),
    (
        {"FAIL": 1, "ERROR": 2},
        Tone.BAD,
        "Not conforming: 1 requirement broken in 1 of 1 verified scenario; 2 could not be judged.",
    ),
    (
        {"PASS": 7, "ERROR": 1},
        Tone.UNSURE,
        "Undecided: 1 scenario could not be judged; 7 of 7 verified scenarios pass.",
    ),
    ({}, Tone.UNSURE, "Nothing was verified."),
    (
        {"NOT APPLICABLE": 12},
        Tone.UNSURE,
        "Nothing was verified: 12 scenarios are not applicable.",
    ),
    (
        {"ERROR": 2, "NOT APPLICABLE": 1},
        Tone.UNSURE,
        "Nothing was verified: 2 scenarios could not be judged and 1 scenario is not applicable.",
    ),
]

CUT_OFF = [
    ({"PASS": 4}, 12, Tone.UNSURE, "The run was cut off: 4 of 12 scenarios were judged."),
    (
        {"PASS": 4, "FAIL": 1},
        12,
        Tone.BAD,
        "The run was cut off: 5 of 12 scenarios were judged, 1 of them fails.",
    ),
    (
        {"FAIL": 2, "ERROR": 1},
        12,
        Tone.BAD,
        "The run was cut off: 3 of 12 scenarios were judged, 2 of them fail, 1 could not be judged.",
    ),
    (
        {"RISK": 2},
        12,
        Tone.BAD,
        "The run was cut off: 2 of 12 scenarios were judged, 2 are risks.",
    ),
    ({}, 12, Tone.UNSURE, "The run was cut off: 0 of 12 scenarios were judged."),
]


@pytest.mark.parametrize(("verdicts", "tone", "sentence"), TABLE)
def test_a_whole_run(
    run: MakeRun, finding: MakeFinding, verdicts: dict[str, int], tone: Tone, sentence: str
) -> None:
    whole = run(*_findings(finding, verdicts))
    assert is_complete(whole)
    assert (result_of(whole).tone, result_of(whole).sentence) == (tone, sentence)


@pytest.mark.parametrize("footer", [True, False])
@pytest.mark.parametrize(("verdicts", "planned", "tone", "sentence"), CUT_OFF)
def test_a_run_that_was_cut_off(
    run: MakeRun,
    finding: MakeFinding,
    *,
    verdicts: dict[str, int],
    planned: int,
    tone: Tone,
    sentence: str,
    footer: bool,
) -> None:
    partial = run(*_findings(finding, verdicts), planned=planned, footer=footer)
    assert not is_complete(partial)
    assert (result_of(partial).tone, result_of(partial).sentence) == (tone, sentence)


@pytest.mark.parametrize(
    ("verdict", "tone", "fails"), [("PASS", Tone.UNSURE, ""), ("FAIL", Tone.BAD, ", 1 of them fails")]
)
def test_a_run_that_judged_everything_but_was_cut_off(
    run: MakeRun, finding: MakeFinding, verdict: str, tone: Tone, fails: str
) -> None:
    partial = run(finding(verdict=verdict), footer=False)
    assert not is_complete(partial)
    assert result_of(partial).tone is tone
    assert result_of(partial).sentence == f"The run was cut off: 1 of 1 scenarios were judged{fails}."


def test_a_run_whose_footer_says_that_it_is_not_complete(run: MakeRun, finding: MakeFinding) -> None:
    partial = run(finding(), changes={"complete": False})
    assert result_of(partial).sentence == "The run was cut off: its record is marked incomplete."


def test_a_run_without_failures_that_ended_badly_is_not_called_conforming(
    run: MakeRun, finding: MakeFinding
) -> None:
    final = result_of(run(finding(), changes={"exit_code": 3}))
    assert final.tone is Tone.UNSURE
    assert final.sentence.startswith("No scenario fails, but the run ended with exit code 3; 1 of 1")


def test_the_sentence_counts_several_targets(
    run: MakeRun, finding: MakeFinding, target: Callable[..., dict[str, Any]]
) -> None:
    both = run(finding(), finding(target="tls"), targets=[target(), target(name="tls")])
    assert result_of(both).sentence == "Conforming: 2 of 2 verified scenarios on 2 targets pass."


def test_counts_by_a_key(finding: MakeFinding) -> None:
    found = (finding("a.x"), finding("b.x", "FAIL"), finding("a.y", "FAIL"))
    assert counts_by(found, "topic") == {"a": {"PASS": 1, "FAIL": 1}, "b": {"FAIL": 1}}


def _findings(finding: MakeFinding, verdicts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        finding(f"topic.number-{verdict.lower().replace(' ', '-')}-{index}", verdict)
        for verdict, number in verdicts.items()
        for index in range(number)
    ]
