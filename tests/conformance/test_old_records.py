"""Records of older formats are read as if they were of today's.

Wirecheck 0.1 wrote format 1. Format 2 was never released, but its records lie about.
"""

import json
from pathlib import Path

import pytest

from clients.transcript import Ending, Kind
from conformance.record import FORMAT, read, write
from tests.conformance.test_record import schema
from tests.paths import ROOT

RECORDS = ROOT / "tests" / "conformance" / "records"
WHOLE, CRASHED = RECORDS / "format-1.jsonl", RECORDS / "format-1-crash.jsonl"
NEWER = RECORDS / "format-2.jsonl"


@pytest.fixture(params=[WHOLE, CRASHED, NEWER], ids=["whole", "crashed", "format 2"])
def path(request: pytest.FixtureRequest) -> Path:
    record: Path = request.param
    return record


def test_every_line_is_as_the_schema_says(path: Path) -> None:
    run = read(path)
    assert run.header["format"] == FORMAT
    for line in (run.header, *run.findings, run.footer):
        schema().validate(line)


def test_nothing_else_is_changed(path: Path) -> None:
    header, *findings, footer = (json.loads(line) for line in path.read_text().splitlines())
    run = read(path)
    assert run.header["targets"] == [target | {"second_opinion": ""} for target in header["targets"]]
    changed = {"ending", "events", "crash", "added", "observed"}
    before = {(f["target"], f["scenario"]): f for f in findings}
    for finding in run.findings:
        old = before.pop((finding["target"], finding["scenario"]))
        kept = old.keys() - changed
        assert {key: value for key, value in finding.items() if key in kept} == {
            key: old[key] for key in kept
        }
    assert before == {}
    assert run.footer is not None
    assert run.footer["counts"] == footer["counts"]
    assert run.footer["exit_code"] == footer["exit_code"]


def test_phrases_become_names(path: Path) -> None:
    findings = read(path).findings
    played = [finding for finding in findings if finding["events"]]
    assert played
    assert {event["kind"] for finding in played for event in finding["events"]} <= set(Kind.__members__)
    assert {finding["ending"] for finding in played} <= set(Ending.__members__)
    assert {finding["ending"] for finding in findings if not finding["events"]} <= {""}


def test_what_was_no_risk_then_is_none_now_and_the_gate_was_for_failures(path: Path) -> None:
    run = read(path)
    assert {finding["risk"] for finding in run.findings} == {None}
    assert run.header["options"]["gate"] == "must"


def test_deaths_become_crashes_that_are_told_in_one_place() -> None:
    run = read(CRASHED)
    assert run.footer is not None
    assert run.footer["crashes"] == [
        {"target": "http", "how": "ended with 3", "scenario": "methods.refused-patch"}
    ]
    assert run.footer["note"] == ""
    assert "deaths" not in run.footer
    assert {f["scenario"]: f["crash"] for f in run.findings if f["crash"]} == {
        "methods.refused-patch": "ended with 3"
    }
    assert not any(finding["added"] for finding in run.findings)
    observed = {finding["scenario"]: finding["observed"] for finding in run.findings}
    assert observed["methods.refused-patch"] == "The server answered nothing and closed the connection."
    old = {f["scenario"]: f["observed"] for f in map(json.loads, CRASHED.read_text().splitlines()[1:-1])}
    assert {name for name in old if old[name] != observed[name]} == {"methods.refused-patch"}


def test_a_death_without_a_cause_is_a_crash_without_a_cause(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    text = CRASHED.read_text().replace(
        "methods.refused-patch brought it about.",
        "what brought it about is not known. After the run, http://a.test/ no longer answers a plain GET.",
    )
    path.write_text(
        text.replace('"ended with 3", "scenario": "methods.refused-patch"', '"ended with 3", "scenario": ""')
    )
    footer = read(path).footer
    assert footer is not None
    assert footer["crashes"] == [{"target": "http", "how": "ended with 3", "scenario": None}]
    assert footer["note"] == "After the run, http://a.test/ no longer answers a plain GET."


def test_a_baseline_keeps_its_sentences(tmp_path: Path) -> None:
    baseline = {
        "file": "known.toml",
        "excused": [{"scenario": "a.b", "reason": "old", "expires": None}],
        "stale": [],
        "unknown": [],
        "reasonless": [],
        "expired": [],
        "said": ["known.toml: a.b passes."],
    }
    *lines, last = CRASHED.read_text().splitlines()
    path = tmp_path / "run.jsonl"
    path.write_text("\n".join([*lines, json.dumps(json.loads(last) | {"baseline": baseline})]))
    footer = read(path).footer
    assert footer is not None
    schema().validate(footer)
    assert footer["baseline"]["sentences"] == ["known.toml: a.b passes."]


def test_a_record_that_was_cut_off_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("\n".join(CRASHED.read_text().splitlines()[:4]))
    run = read(path)
    assert (len(run.findings), run.footer) == (3, None)
    assert len(run.not_run) == 5


def test_a_record_without_a_plan_has_an_empty_one(tmp_path: Path) -> None:
    header, *others = CRASHED.read_text().splitlines()
    planless = {key: value for key, value in json.loads(header).items() if key != "plan"}
    path = tmp_path / "run.jsonl"
    path.write_text("\n".join([json.dumps(planless), *others]))
    assert read(path).header["plan"] == []


def test_it_is_written_in_todays_format(path: Path, tmp_path: Path) -> None:
    write(read(path), tmp_path / "new.jsonl")
    assert f'"format": {FORMAT}' in (tmp_path / "new.jsonl").read_text().splitlines()[0]
    assert read(tmp_path / "new.jsonl") == read(path)


def test_a_phrase_that_no_version_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(CRASHED.read_text().replace('"kind": "connected"', '"kind": "whistled"'))
    assert "whistled" in {event["kind"] for finding in read(path).findings for event in finding["events"]}
