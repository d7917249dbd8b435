"""The comparison of two runs: what counts as worse, which targets are compared, and how it is shown."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.record import BadRecord, Run
from reports.__main__ import USAGE, WORSE, main
from reports.comparison import page as compare_page
from reports.comparison.text import MOST_SHOWN, as_json, as_markdown, lines
from reports.comparison.value import Comparison, Kind, compare
from reports.rendering.verdicts import Tone
from tests.paths import ROOT
from tests.reports.reading import Markdown, schema

MakeRun = Callable[..., Run]
Make = Callable[..., Any]
Write = Callable[..., Path]


GOOD, WARN, INFO, FAIL, ABSENT, ERROR = "PASS", "WARN", "INFO", "FAIL", "NOT APPLICABLE", "ERROR"

# From each verdict (the row) to each (the column): worse, better, changed otherwise, or as before.
BECAME = {
    GOOD: {GOOD: "=", INFO: "-", WARN: "-", FAIL: "-", ABSENT: "~", ERROR: "-"},
    INFO: {GOOD: "+", INFO: "=", WARN: "-", FAIL: "-", ABSENT: "~", ERROR: "-"},
    WARN: {GOOD: "+", INFO: "+", WARN: "=", FAIL: "-", ABSENT: "~", ERROR: "-"},
    FAIL: {GOOD: "+", INFO: "+", WARN: "+", FAIL: "=", ABSENT: "~", ERROR: "~"},
    ABSENT: {GOOD: "~", INFO: "~", WARN: "~", FAIL: "~", ABSENT: "=", ERROR: "~"},
    ERROR: {GOOD: "+", INFO: "+", WARN: "+", FAIL: "~", ABSENT: "~", ERROR: "="},
}
KINDS = {"-": Kind.WORSE, "+": Kind.BETTER, "~": Kind.CHANGED}


@pytest.mark.parametrize("before", BECAME)
@pytest.mark.parametrize("after", BECAME)
def test_the_truth_table(run: MakeRun, finding: Make, before: str, after: str) -> None:
    comparison = compare(run(finding(verdict=before)), run(finding(verdict=after)))
    sign = BECAME[before][after]
    assert [change.kind for change in comparison.changes] == ([] if sign == "=" else [KINDS[sign]])
    assert comparison.same == (sign == "=")
    assert comparison.is_worse == (sign == "-")


@pytest.mark.parametrize(("verdict", "changed"), [(GOOD, False), (WARN, False), (FAIL, True), (ERROR, True)])
def test_a_failure_that_looks_different_is_a_change(
    run: MakeRun, finding: Make, verdict: str, *, changed: bool
) -> None:
    comparison = compare(run(finding(verdict=verdict)), run(finding(verdict=verdict, observed="other")))
    assert [change.kind for change in comparison.changes] == [Kind.CHANGED] * changed


def test_other_words_of_another_version_are_not_a_change(run: MakeRun, finding: Make) -> None:
    old = run(finding("a.x", FAIL), finding("a.y", FAIL), wirecheck="1.0")
    new = run(finding("a.x", FAIL, observed="other"), finding("a.y"), wirecheck="2.0")
    assert [change.finding["scenario"] for change in compare(old, new).changes] == ["a.y"]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [(None, "fell over", Kind.WORSE), ("fell over", None, Kind.BETTER), ("fell over", "exited", None)],
)
def test_a_crash_is_worse_than_a_failure(
    run: MakeRun, finding: Make, before: str | None, after: str | None, kind: Kind | None
) -> None:
    comparison = compare(run(finding(verdict=FAIL, crash=before)), run(finding(verdict=FAIL, crash=after)))
    assert [change.kind for change in comparison.changes] == ([kind] if kind else [])


def test_what_is_new_and_what_is_gone_is_not_worse(run: MakeRun, finding: Make) -> None:
    comparison = compare(
        run(finding("a.old", FAIL), finding("a.both")), run(finding("a.new", FAIL), finding("a.both"))
    )
    assert [(change.kind, change.finding["scenario"]) for change in comparison.changes] == [
        (Kind.NEW, "a.new"),
        (Kind.GONE, "a.old"),
    ]
    assert (comparison.is_worse, comparison.tone) == (False, Tone.GOOD)
    assert comparison.sentence == "Nothing got worse: 1 new, 1 gone; 1 scenario as before."


def test_runs_of_one_target_each_are_compared_whatever_their_names(
    run: MakeRun, finding: Make, target: Make
) -> None:
    new = run(finding("a.x", FAIL, target="other"), targets=[target(name="other")])
    comparison = compare(run(finding("a.x")), new)
    assert comparison.pairs == (("plain", "other"),)
    assert comparison.sentence == "Worse: 1 got worse; 0 scenarios as before."


def test_targets_of_the_same_name_are_compared(run: MakeRun, finding: Make, target: Make) -> None:
    old = run(finding("a.x"), finding("a.x", target="tls"), targets=[target(), target(name="tls")])
    new = run(finding("a.x"), finding("a.x", target="unix"), targets=[target(), target(name="unix")])
    comparison = compare(old, new)
    assert comparison.pairs == (("plain", "plain"),)
    assert comparison.alone == (("tls", False), ("unix", True))
    assert comparison.sentence == "Nothing changed: 1 scenario as before."
    shown = text(comparison)
    assert "Only the old run has the target tls." in shown
    assert "Only the new run has the target unix." in shown


def test_runs_without_a_target_in_common_are_refused(run: MakeRun, target: Make) -> None:
    old = run(targets=[target(name="a\x1b"), target(name="b")])
    with pytest.raises(BadRecord) as refused:
        compare(old, run(targets=[target(name="c")]))
    assert str(refused.value) == (
        "The runs have no target in common: the old one has a\\x1b, b, the new one c"
    )


def test_a_new_run_that_was_cut_off_does_not_say_that_nothing_got_worse(run: MakeRun, finding: Make) -> None:
    comparison = compare(run(finding("a.x")), run(finding("a.x"), planned=2, footer=False))
    assert (comparison.is_worse, comparison.tone) == (True, Tone.UNSURE)
    assert comparison.sentence == "The new run was cut off: 1 scenario as before."
    assert "The new run: The run was cut off: 1 of 2 scenarios were judged." in text(comparison)


def test_an_old_run_that_was_cut_off_is_a_remark(run: MakeRun, finding: Make) -> None:
    comparison = compare(run(finding("a.x"), planned=2, footer=False), run(finding("a.x")))
    assert (comparison.is_worse, comparison.tone) == (False, Tone.UNSURE)
    assert "The old run: The run was cut off" in text(comparison)


def test_another_version_of_wirecheck_is_a_remark(run: MakeRun) -> None:
    comparison = compare(run(wirecheck="1.0"), run(wirecheck="2.0"))
    assert (
        "The runs are of different versions of wirecheck, 1.0 and 2.0: only verdicts are compared."
        in text(comparison)
    )


def text(comparison: Comparison) -> str:
    return "\n".join(line.text for line in lines(comparison, width=100))


def test_a_terminal_shows_what_it_was_and_what_it_is(run: MakeRun, finding: Make, target: Make) -> None:
    old = run(finding("a.y", FAIL), finding("a.x"), targets=[target(server="example/1.0")])
    new = run(finding("a.y"), finding("a.x", FAIL, observed="answers 500"), targets=[target(server="")])
    shown = list(lines(compare(old, new), width=100))
    assert [line.text for line in shown] == [
        "old  example/1.0, 2026-08-21 12:03",
        "new  127.0.0.1:8888, 2026-08-21 12:03",
        "",
        "1 got worse",
        "  PASS → FAIL  a.x: Transfer-Encoding and Content-Length in one request",
        "      was  answers 200 and keeps the connection open",
        "      is   answers 500",
        "",
        "1 got better",
        "  FAIL → PASS  a.y: Transfer-Encoding and Content-Length in one request",
        "",
        "Worse: 1 got worse, 1 got better; 0 scenarios as before.",
    ]
    assert (shown[4].markup, shown[-1].markup) == (("red",), ("red", "bold"))


@pytest.fixture
def many(run: MakeRun, finding: Make) -> Comparison:
    """A comparison with more of one kind than is shown."""
    names = [f"a.n{number}" for number in range(MOST_SHOWN + 3)]
    return compare(run(*(finding(name) for name in names)), run(*(finding(name, FAIL) for name in names)))


def test_the_worse_come_first(run: MakeRun, finding: Make) -> None:
    comparison = compare(run(finding("a.y", FAIL), finding("a.x")), run(finding("a.y"), finding("a.x", FAIL)))
    assert [change.kind for change in comparison.changes] == [Kind.WORSE, Kind.BETTER]


def test_many_changes_are_capped(many: Comparison) -> None:
    assert text(many).count("PASS → FAIL") == MOST_SHOWN
    assert "\n      and 3 more\n" in text(many)
    assert as_markdown(many).count("PASS → FAIL") == MOST_SHOWN
    assert "\n… and 3 more.\n" in as_markdown(many)
    assert len(json.loads(as_json(many))["changes"]) == MOST_SHOWN + 3


def test_markdown_is_a_table_for_each_kind(run: MakeRun, finding: Make) -> None:
    old = run(finding("a.x"), finding("a.y", ABSENT))
    comparison = compare(old, run(finding("a.x", FAIL), finding("a.y"), finding("a.z")))
    read = Markdown(as_markdown(comparison))
    heads = ["scenario", "clause", "verdict", "was", "is"]
    clause = "[RFC 9112, 6.1](https://www.rfc-editor.org/rfc/rfc9112.html#section-6.1)"
    observed = "answers 200 and keeps the connection open"
    assert read.rows == [
        heads,
        ["`a.x`", clause, "PASS → FAIL", observed, observed],
        heads,
        ["`a.y`", clause, "N/A → PASS", "the witness is not mounted", observed],
        heads,
        ["`a.z`", clause, "none → PASS", "", observed],
    ]
    assert as_markdown(comparison).startswith(f"### {comparison.sentence}\n")


def test_the_page_names_both_runs_and_what_may_be_missing(run: MakeRun, finding: Make, target: Make) -> None:
    old = run(finding("a.x"), planned=2, footer=False)
    comparison = compare(old, run(finding("a.x", FAIL), targets=[target(url="http://new/", server="new/2")]))
    page = compare_page.render(comparison)
    for errors in (
        f'<p class="result bad">{comparison.sentence}</p>',
        "The old run: The run was cut off: 1 of 2 scenarios were judged.",
        "example/1.0, 2026-08-21 12:03",
        "new/2, 2026-08-21 12:03",
        "<code>http://new/</code>",
        'PASS</span> <span aria-label="became">→</span> <span class="badge fail">FAIL',
    ):
        assert errors in page
    assert '<p class="note">Nothing changed.</p>' in compare_page.render(compare(old, old))


def test_json_is_as_its_schema_says(run: MakeRun, finding: Make, target: Make, many: Comparison) -> None:
    targets = [target(), target(name="tls")]
    old = run(*(finding(f"a.{sign}", FAIL) for sign in "bcd"), targets=[target()])
    new = run(finding("a.b"), finding("a.c", ERROR), finding("a.n"), targets=targets, planned=9)
    comparison = compare(old, new)
    for each in (comparison, many, compare(old, old)):
        schema("compare").validate(json.loads(as_json(each)))
    values = json.loads(as_json(comparison))
    assert values["counts"] == {"worse": 0, "better": 1, "changed": 1, "new": 1, "gone": 1, "same": 0}
    assert values["worse"]
    assert values["targets"] == [{"old": "plain", "new": "plain"}, {"old": None, "new": "tls"}]
    assert values["changes"][0]["change"] == "better"
    assert values["changes"][0]["old"] == {
        "verdict": "FAIL",
        "expected": "answers 400 and closes the connection",
        "observed": "answers 200 and keeps the connection open",
        "reason": "",
        "crash": None,
    }
    assert [change["new"] for change in values["changes"] if change["change"] == "gone"] == [None]


@pytest.mark.parametrize(
    ("before", "after", "code"), [(GOOD, GOOD, 0), (GOOD, FAIL, WORSE), (FAIL, GOOD, 0), (GOOD, ABSENT, 0)]
)
def test_the_exit_code_says_whether_something_got_worse(
    write: Write, finding: Make, *, before: str, after: str, code: int, tmp_path: Path
) -> None:
    old = write(finding(verdict=before)).rename(tmp_path / "old.jsonl")
    new = write(finding(verdict=after))
    assert main(["compare", str(old), str(new)]) == code
    # A folder stands for the record in it.
    assert main(["compare", str(old), str(tmp_path)]) == code


def test_a_reader_that_has_left_changes_nothing(write: Write, finding: Make, tmp_path: Path) -> None:
    old = write(finding()).rename(tmp_path / "old.jsonl")
    new, page = write(finding(verdict=FAIL)), tmp_path / "compare.html"
    gone, pipe = os.pipe()
    os.close(gone)
    command = [sys.executable, "-m", "reports", "compare", str(old), str(new), "--html", str(page)]
    with open(pipe, "wb") as stdout:  # noqa: PTH123  (a descriptor)
        done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (WORSE, b"")
    assert page.exists()


def test_the_command_writes_the_files_asked_for(write: Write, finding: Make, tmp_path: Path) -> None:
    path, out = str(write(finding())), tmp_path / "new" / "folder"
    options = [f"--{kind}={out / kind}" for kind in ("html", "markdown", "json")]
    assert main(["compare", path, path, *options]) == 0
    assert (out / "html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (out / "markdown").read_text(encoding="utf-8").startswith("### Nothing changed")
    assert json.loads((out / "json").read_text(encoding="utf-8"))["worse"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare"], "required: OLD, NEW"),
        (["compare", "RUN"], "required: NEW"),
        (["matrix"], "required: [LABEL=]RUN"),
        (["RUN", "RUN", "--html", "x.html"], "--html writes the page of one RUN"),
    ],
)
def test_a_wrong_command_is_misuse(
    write: Write, finding: Make, *, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(write(finding()))
    with pytest.raises(SystemExit) as ended:
        main([path if argument == "RUN" else argument for argument in arguments])
    assert ended.value.code == USAGE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["compare", "RUN", "none\x1b.jsonl"], ["matrix", "RUN", "none\x1b.jsonl"]]
)
def test_a_file_that_is_not_a_record_is_one_sentence(
    write: Write, finding: Make, *, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(write(finding()))
    assert main([path if argument == "RUN" else argument for argument in command]) == USAGE
    errors = capsys.readouterr().err
    assert "none\\x1b.jsonl cannot be read" in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("command", ["compare", "matrix"])
def test_a_finding_that_lacks_things_is_one_sentence(
    write: Write, command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = write(footer=False)
    with path.open("a") as opened:
        opened.write('{"type": "finding", "scenario": "a.b", "target": "plain", "verdict": "FAIL"}\n')
    assert main([command, str(path), str(path), "--json", str(tmp_path / "out.json")]) == USAGE
    errors = capsys.readouterr().err
    assert "A record is not as its schema says: KeyError: " in errors
    assert len(errors.splitlines()) == 1
