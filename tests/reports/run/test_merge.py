"""Merged records: nothing is lost, nothing counts twice, and the exit code is what the gate would say."""

import itertools
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance import record
from conformance.gate import exit_code
from conformance.judging.model import Verdict
from conformance.record import BadRecord, Run
from conformance.record_lines import Footer
from reports.__main__ import USAGE, main
from reports.rendering.verdicts import Tone
from reports.run.merge import merge
from reports.run.result import is_complete, result_of
from tests.paths import ROOT
from tests.reports.run.test_known_failures import baseline

MakeRun = Callable[..., Run]
Make = Callable[..., Any]
Schema = jsonschema.Draft202012Validator


@pytest.fixture
def join(schema: Schema) -> Callable[..., Run]:
    """Join runs called a, b, c; each line of the whole is as the schema says."""

    def join(*runs: Run) -> Run:
        whole = merge(dict(zip("abc", runs, strict=False)))
        for line in (whole.header, *whole.findings, whole.footer):
            schema.validate(line)
        return whole

    return join


def footer(run: Run) -> Footer:
    assert run.footer is not None
    return run.footer


def names(run: Run) -> list[str]:
    return [f"{found['target']}/{found['scenario']}" for found in run.findings]


def test_shards_of_a_selection_become_one_run(run: MakeRun, finding: Make, join: Callable[..., Run]) -> None:
    one = run(finding("a.x"), plan=["plain/a.x"], started="2026-08-21T12:00:00+00:00", options={"only": "a"})
    two = run(finding("b.x", "FAIL"), plan=["plain/b.x"], options={"only": "b", "rate": "1"})
    whole = join(one, two)
    assert names(whole) == ["plain/a.x", "plain/b.x"]
    assert (whole.header["planned"], whole.header["plan"]) == (2, ["plain/a.x", "plain/b.x"])
    assert whole.header["started"] == "2026-08-21T12:00:00+00:00"
    assert whole.header["targets"] == one.header["targets"]
    assert whole.header["options"] == {}
    assert footer(whole)["counts"] == {"PASS": 1, "FAIL": 1}
    assert footer(whole)["exit_code"] == 1
    assert footer(whole)["complete"]
    assert footer(whole)["note"] == "Merged from 2 records. Their options differ in only, rate."
    assert result_of(whole).sentence == "Not conforming: 1 requirement broken in 1 of 2 verified scenarios."


def test_options_that_are_the_same_in_all_runs_stay(run: MakeRun, join: Callable[..., Run]) -> None:
    whole = join(run(options={"delivery": "byte"}), run(options={"delivery": "byte"}))
    assert whole.header["options"] == {"delivery": "byte"}
    assert footer(whole)["note"] == "Merged from 2 records."


def test_another_target_of_the_same_name_gets_a_number(
    run: MakeRun, finding: Make, target: Make, join: Callable[..., Run]
) -> None:
    runs = [
        run(finding("a.x"), targets=[target(url=f"http://{host}/")], plan=["plain/a.x", "plain/a.y"])
        for host in ("a.test", "b.test", "a.test")
    ]
    whole = join(*runs)
    assert [(t["name"], t["url"]) for t in whole.header["targets"]] == [
        ("plain", "http://a.test/"),
        ("plain-2", "http://b.test/"),
    ]
    assert names(whole) == ["plain/a.x", "plain-2/a.x"]
    assert whole.not_run == ("plain/a.y", "plain-2/a.y")
    again = join(whole, run(finding("a.z"), targets=[target(url="http://b.test/")]))
    assert names(again)[-1] == "plain-2/a.z"


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"measured": {"median": 0.1, "slowest": 0.2, "connections": 1}}, True, id="measured"),
        pytest.param({"url": "http://other/"}, False, id="address"),
        pytest.param({"profile": "documented"}, False, id="profile"),
        pytest.param({"server": "other"}, False, id="server"),
        pytest.param({"witness": None}, False, id="witness"),
    ],
)
def test_what_makes_a_target_another(
    run: MakeRun, target: Make, join: Callable[..., Run], *, changes: dict[str, Any], same: bool
) -> None:
    whole = join(run(targets=[target()]), run(targets=[target(**changes)]))
    assert (len(whole.header["targets"]) == 1) is same


def test_a_server_started_for_the_run_is_the_same_at_any_address(
    run: MakeRun, target: Make, join: Callable[..., Run]
) -> None:
    whole = join(*(run(targets=[target(embedded=True, url=f"http://127.0.0.1:{n}/")]) for n in (1, 2)))
    assert len(whole.header["targets"]) == 1


def test_what_was_measured_stays_where_all_agree(
    run: MakeRun, target: Make, join: Callable[..., Run]
) -> None:
    figures: list[Any] = [{"median": m, "slowest": 1.0, "connections": 1} for m in (0.5, 0.1)]
    slow, fast = figures
    assert join(*[run(targets=[target(measured=slow)])] * 2).header["targets"][0]["measured"] == slow
    different = join(*(run(targets=[target(measured=found)]) for found in (slow, fast)))
    assert different.header["targets"][0]["measured"] is None


def test_the_worse_of_two_verdicts_stays(run: MakeRun, finding: Make, join: Callable[..., Run]) -> None:
    order = ["NOT APPLICABLE", "PASS", "INFO", "WARN", "ERROR", "FAIL"]
    for better, worse in itertools.pairwise(order):
        for runs in itertools.permutations([run(finding("a.x", better)), run(finding("a.x", worse))]):
            whole = join(*runs)
            assert footer(whole)["counts"] == {worse: 1}
            assert whole.header["planned"] == 1
            assert "1 scenario was judged differently by different records" in footer(whole)["note"]


def test_the_same_verdict_twice_is_one(run: MakeRun, finding: Make, join: Callable[..., Run]) -> None:
    whole = join(run(finding("a.x", observed="first")), run(finding("a.x", observed="second")))
    assert [found["observed"] for found in whole.findings] == ["first"]
    assert footer(whole)["note"] == "Merged from 2 records."


def test_a_shard_that_was_cut_off_leaves_the_merged_record_incomplete(
    run: MakeRun, finding: Make, join: Callable[..., Run]
) -> None:
    killed = run(finding("a.x"), plan=["plain/a.x", "plain/a.y"], planned=2, footer=False)
    whole = join(run(finding("b.x"), plan=["plain/b.x"]), killed)
    assert whole.not_run == ("plain/a.y",)
    assert not footer(whole)["complete"]
    assert footer(whole)["exit_code"] == 2
    assert "b was cut off." in footer(whole)["note"]
    assert not is_complete(whole)
    assert result_of(whole).tone is Tone.UNSURE


def test_a_shard_without_a_footer_was_cut_off_even_if_it_judged_all(
    run: MakeRun, finding: Make, join: Callable[..., Run]
) -> None:
    whole = join(run(finding("a.x"), footer=False), run(finding("b.x")))
    assert not footer(whole)["complete"]
    assert "a was cut off." in footer(whole)["note"]


def test_a_shard_without_a_plan_counts_by_its_number(
    run: MakeRun, finding: Make, join: Callable[..., Run]
) -> None:
    whole = join(run(finding("a.x"), planned=5, footer=False), run(finding("b.x"), plan=["plain/b.x"]))
    assert whole.header["planned"] == 6
    assert whole.header["plan"] == ["plain/a.x", "plain/b.x"]


def test_a_note_of_several_runs_is_there_once(run: MakeRun, join: Callable[..., Run]) -> None:
    dead = {"note": "It no longer answers.", "exit_code": 6}
    whole = join(run(changes=dead), run(changes=dead), run())
    assert footer(whole)["note"] == "Merged from 3 records. It no longer answers."
    assert footer(whole)["exit_code"] == 6


def test_crashes_are_merged_and_name_the_targets_of_the_whole(
    run: MakeRun, target: Make, join: Callable[..., Run]
) -> None:
    crash = {"target": "plain", "how": "exited with code 3", "scenario": "a.x"}
    runs = [
        run(targets=[target(url=f"http://{host}/")], changes={"crashes": [crash]})
        for host in ("a.test", "b.test")
    ]
    assert footer(join(*runs))["crashes"] == [crash, crash | {"target": "plain-2"}]
    assert footer(join(run()))["crashes"] == []


def test_a_crash_stays_beside_a_plain_failure(run: MakeRun, finding: Make, join: Callable[..., Run]) -> None:
    fails, crashes = finding("a.x", "FAIL"), finding("a.x", "FAIL", crash="exited with code 3")
    for order in itertools.permutations([run(fails), run(crashes)]):
        whole = join(*order)
        assert [found["crash"] for found in whole.findings] == ["exited with code 3"]
        assert footer(whole)["note"] == "Merged from 2 records."


def test_what_one_shard_added_and_another_selected_was_planned(
    run: MakeRun, finding: Make, join: Callable[..., Run]
) -> None:
    added = run(
        finding("a.x"), finding("b.x", "FAIL", crash="fell over", added=True), plan=["plain/a.x"], planned=1
    )
    assert [found["added"] for found in join(added, run(finding("a.x"))).findings] == [False, True]
    whole = join(added, run(finding("b.x"), plan=["plain/b.x"]))
    assert [(found["crash"], found["added"]) for found in whole.findings] == [
        (None, False),
        ("fell over", False),
    ]
    assert whole.header["planned"] == 2
    assert is_complete(whole)


def test_records_of_both_formats_are_merged(run: MakeRun, finding: Make, join: Callable[..., Run]) -> None:
    old = record.read(ROOT / "tests" / "conformance" / "records" / "format-1-crash.jsonl")
    whole = join(old, run(finding("a.x"), wirecheck=old.header["wirecheck"]))
    assert whole.header["format"] == record.FORMAT
    assert [target["name"] for target in whole.header["targets"]] == ["http", "plain"]
    assert footer(whole)["counts"] == {"PASS": 7, "NOT APPLICABLE": 1, "FAIL": 1}
    assert [crash["scenario"] for crash in footer(whole)["crashes"]] == ["methods.refused-patch"]


def test_what_runs_have_shown_of_their_baselines_is_merged(
    run: MakeRun, finding: Make, join: Callable[..., Run]
) -> None:
    one = run(finding("a.x", "FAIL"), changes={"baseline": baseline("a.x", stale=["a.y"])})
    two = run(finding("b.x", "FAIL"), changes={"baseline": baseline("b.x", "a.x", stale=["a.y"])})
    whole = join(one, run(), two)
    assert footer(whole)["baseline"] == baseline("a.x", "b.x", stale=["a.y"])
    assert "baseline" not in footer(join(run(), run()))


COURSES = [
    dict(zip(("verdict", "interrupted", "own_errors", "alive"), values, strict=True))
    for values in itertools.product(["", *(v.value for v in Verdict)], (False, True), (0, 1), (True, False))
]


def test_the_exit_code_is_what_the_gate_would_say_of_all_together(run: MakeRun, finding: Make) -> None:
    def gate(*courses: dict[str, Any]) -> int:
        return exit_code(
            Counter(Verdict(course["verdict"]) for course in courses if course["verdict"]),
            interrupted=any(course["interrupted"] for course in courses),
            own_errors=sum(course["own_errors"] for course in courses),
            alive=all(course["alive"] for course in courses),
        )

    shards = [
        (course, run(*([finding("a.x", course["verdict"])] if course["verdict"] else ())))
        for course in COURSES
    ]
    for course, shard in shards:
        footer(shard)["exit_code"] = gate(course)
    distinct = {gate(course): (course, shard) for course, shard in shards}
    for (one, first), (two, second) in itertools.product(shards, distinct.values()):
        whole = merge({"a": first, "b": second})
        assert footer(whole)["exit_code"] == gate(one, two), (one, two)


def test_an_exit_code_of_a_newer_version_stays(run: MakeRun, join: Callable[..., Run]) -> None:
    assert footer(join(run(), run(changes={"exit_code": 9})))["exit_code"] == 9


def test_records_of_different_versions_are_not_merged(run: MakeRun) -> None:
    with pytest.raises(BadRecord) as refused:
        merge({"a.jsonl": run(wirecheck="1"), "b.jsonl": run(wirecheck="2")})
    assert str(refused.value) == (
        "a.jsonl is of wirecheck 1 and b.jsonl of 2; only records of the same version can be merged"
    )


def test_the_command_merges_and_shows(
    write: Callable[..., Path],
    finding: Make,
    *,
    capsys: pytest.CaptureFixture[str],
    schema: Schema,
    tmp_path: Path,
) -> None:
    one = write(finding("a.x")).rename(tmp_path / "one.jsonl")
    two = write(finding("b.x", "FAIL")).rename(tmp_path / "two.jsonl")
    out = tmp_path / "out" / "whole.jsonl"
    assert main([str(one), str(two), "--merge", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out.endswith(
        "\nMerged from 2 records.\nNot conforming: 1 requirement broken in 1 of 2 verified scenarios.\n"
    )
    whole = record.read(out)
    assert names(whole) == ["plain/a.x", "plain/b.x"]
    for line in out.read_text(encoding="utf-8").splitlines():
        schema.validate(json.loads(line))
    assert {path.name for path in out.parent.iterdir()} == {
        *("whole.jsonl", "report.html", "junit.xml", "summary.md", "badge.json")
    }


def test_a_file_that_cannot_be_written_is_one_sentence(
    write: Callable[..., Path], finding: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(finding())
    assert main([str(path), str(path), "--merge", str(path / "below-a-file.jsonl")]) == USAGE
    printed = capsys.readouterr()
    assert len(printed.err.splitlines()) == 1
    assert "could not be written" in printed.err
