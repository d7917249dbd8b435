"""Scenarios by servers: the columns and their labels, the rows, and how they are shown."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.record import Run
from reports.__main__ import main
from reports.matrix import page as matrix_page
from reports.matrix.text import as_json, as_markdown, lines
from reports.matrix.value import LabelledRun, Matrix, build_matrix
from tests.reports.reading import Markdown, schema

MakeRun = Callable[..., Run]
Make = Callable[..., Any]
Write = Callable[..., Path]

GOOD, WARN, FAIL, ABSENT, ERROR = "PASS", "WARN", "FAIL", "NOT APPLICABLE", "ERROR"


@pytest.fixture
def table(run: MakeRun, finding: Make, target: Make) -> Callable[..., Matrix]:
    """A matrix of columns, each the verdicts of a.n0, a.n1, …; None is a scenario that is not there."""

    def table(*columns: list[str | None], **header: Any) -> Matrix:
        runs = []
        for number, verdicts in enumerate(columns):
            found = [finding(f"a.n{n}", verdict) for n, verdict in enumerate(verdicts) if verdict]
            one = run(*found, targets=[target(server=f"server/{number}")], **header)
            runs.append(LabelledRun(Path(f"r{number}/run.jsonl"), one))
        return build_matrix(runs)

    return table


def labels(*runs: LabelledRun) -> list[str]:
    return [column.label for column in build_matrix(runs).columns]


def test_a_column_is_labelled_with_its_server(run: MakeRun, finding: Make, target: Make) -> None:
    def of(**changes: Any) -> LabelledRun:
        return LabelledRun(Path("one/run.jsonl"), run(finding(), targets=[target(**changes)]))

    assert labels(of(server="nginx/1.22.1")) == ["nginx/1.22.1"]
    assert labels(of(server="")) == ["127.0.0.1:8888"]
    assert labels(of(server="", url="http+unix://%2Ftmp%2Fx/")) == ["%2Ftmp%2Fx"]
    (long,) = labels(of(server="x" * 100))
    assert long == "x" * 40 + "… (60 more characters)"


def test_a_label_of_the_user_comes_first(run: MakeRun, finding: Make) -> None:
    assert labels(LabelledRun(Path("run.jsonl"), run(finding()), "mine")) == ["mine"]


def test_a_label_is_visible(run: MakeRun, finding: Make, target: Make, hostile: str) -> None:
    both = run(finding(target=hostile), finding(), targets=[target(name=hostile), target()])
    labelled = LabelledRun(Path(f"{hostile[-8:]}\x1b/run.jsonl"), both, hostile)
    assert all(label.isprintable() for label in labels(labelled, labelled))


def test_each_of_several_targets_has_its_name_in_its_label(run: MakeRun, finding: Make, target: Make) -> None:
    # A selection may leave a target out altogether.
    both = run(
        finding(),
        finding(target="tls"),
        targets=[target(), target(name="tls"), target(name="unused")],
    )
    assert labels(LabelledRun(Path("run.jsonl"), both)) == ["example/1.0 plain", "example/1.0 tls"]
    assert labels(LabelledRun(Path("run.jsonl"), both, "mine")) == ["mine plain", "mine tls"]


def test_a_target_that_was_not_reached_yet_is_a_column(run: MakeRun, finding: Make, target: Make) -> None:
    plan = ["plain/framing.te-with-content-length", "tls/a.x"]
    cut = run(finding(), targets=[target(), target(name="tls")], plan=plan, planned=2, footer=False)
    assert labels(LabelledRun(Path("run.jsonl"), cut)) == ["example/1.0 plain", "example/1.0 tls"]


def test_columns_of_one_name_get_different_labels(run: MakeRun, finding: Make) -> None:
    one = run(finding())
    paths = ["old/run.jsonl", "new/run.jsonl", "new/again.jsonl"]
    assert labels(*(LabelledRun(Path(path), one) for path in paths)) == [
        "example/1.0 (old)",
        "example/1.0 (new) #1",
        "example/1.0 (new) #2",
    ]


def test_rows_are_all_scenarios_by_topic(run: MakeRun, finding: Make) -> None:
    one = run(finding("a.x"), finding("b.x"))
    two = run(finding("b.x", FAIL), finding("a.y"))
    matrix = build_matrix([LabelledRun(Path("run.jsonl"), one), LabelledRun(Path("run.jsonl"), two)])
    assert {row.scenario: row.verdicts for row in matrix.rows} == {
        "a.x": (GOOD, None),
        "b.x": (GOOD, FAIL),
        "a.y": (None, GOOD),
    }
    assert {topic: [row.scenario for row in rows] for topic, rows in matrix.topics.items()} == {
        "a": ["a.x", "a.y"],
        "b": ["b.x"],
    }


@pytest.mark.parametrize(
    ("verdicts", "disagree", "telling"),
    [
        ([GOOD, GOOD], False, False),
        ([GOOD, WARN], True, True),
        ([GOOD, FAIL], True, True),
        ([FAIL, FAIL], False, True),
        ([GOOD, ABSENT], False, False),
        ([GOOD, ERROR], False, True),
        ([GOOD, None], False, False),
        ([FAIL, ABSENT], False, True),
    ],
)
def test_servers_disagree_where_those_judged_got_different_verdicts(
    table: Callable[..., Matrix], verdicts: list[str | None], *, disagree: bool, telling: bool
) -> None:
    row = next(iter(table(*([verdict] for verdict in verdicts)).rows))
    assert (row.disagree, row.is_telling) == (disagree, telling)


def test_markdown_has_totals_and_the_telling_rows(table: Callable[..., Matrix]) -> None:
    matrix = table([GOOD, GOOD, FAIL, ABSENT, None], [GOOD, WARN, FAIL, GOOD, FAIL])
    text = as_markdown(matrix)
    assert text.startswith("### 5 scenarios on 2 servers: 1 with different verdicts, 2 with failures.\n")
    clause = "[RFC 9112, 6.1](https://www.rfc-editor.org/rfc/rfc9112.html#section-6.1)"
    url = "`http://127.0.0.1:8888/`"
    assert Markdown(text).rows == [
        ["server", "URL", "passed", "PASS", "WARN", "FAIL", "NOT APPLICABLE"],
        ["server/0", url, "2 of 3", "2", "0", "1", "1"],
        ["server/1", url, "2 of 5", "2", "1", "2", "0"],
        ["scenario", "level", "clause", "server/0", "server/1"],
        ["`a.n1`", "MUST", clause, "PASS", "WARN"],
        ["`a.n2`", "MUST", clause, "**FAIL**", "**FAIL**"],
        ["`a.n4`", "MUST", clause, "-", "**FAIL**"],
    ]


def test_markdown_of_servers_that_agree_is_the_totals_alone(table: Callable[..., Matrix]) -> None:
    assert len(Markdown(as_markdown(table([GOOD], [GOOD]))).rows) == 3


def test_a_run_that_was_cut_off_is_named(table: Callable[..., Matrix]) -> None:
    matrix = table([GOOD], planned=2, footer=False)
    sentence = "server/0: The run was cut off: 1 of 2 scenarios were judged."
    assert f"- {sentence}\n" in as_markdown(matrix)
    assert sentence in [line.text for line in lines(matrix, width=100)]
    assert json.loads(as_json(matrix))["columns"][0]["complete"] is False


def test_the_page_has_totals_shares_by_topic_and_what_was_cut_off(table: Callable[..., Matrix]) -> None:
    matrix = table([GOOD, GOOD, FAIL, ABSENT], [GOOD, None, FAIL, GOOD], planned=9, footer=False)
    page = matrix_page.render(matrix)
    for said in (
        matrix.sentence,
        '<span class="label">server/0</span><code class="url">http://127.0.0.1:8888/</code>',
        "2 of 3<span> pass</span>",
        '<th scope="rowgroup">a <span class="quiet count">4</span></th><td>2 of 3</td><td>2 of 3</td>',
        "<strong>server/1:</strong> The run was cut off: 3 of 9 scenarios were judged",
        '<td class="quiet">-</td>',
    ):
        assert said in page


def test_five_servers_and_all_scenarios_stay_a_usable_file(run: MakeRun, finding: Make) -> None:
    head = "HTTP/1.1 200 OK\r\nDate: Thu, 26 Nov 2026 17:48:55 GMT\r\nX-Server: "
    runs = []
    for server in range(5):
        # Each answers in its own way, and no two times alike.
        found = tuple(
            finding(
                f"topic-{number % 20}.n{number}",
                events=[{"at": number / 7, "kind": "RECEIVED", "data": f"{head}{server}-{number}"}],
            )
            for number in range(1100)
        )
        runs.append(LabelledRun(Path(f"r{server}/run.jsonl"), replace(run(), findings=found)))
    assert len(matrix_page.render(build_matrix(runs))) < 2_000_000


def test_json_is_as_its_schema_says(table: Callable[..., Matrix]) -> None:
    matrix = table([GOOD, WARN, "INFO", FAIL, ABSENT, ERROR, None], [GOOD] * 7)
    values = json.loads(as_json(matrix))
    schema("matrix").validate(values)
    assert [column["label"] for column in values["columns"]] == ["server/0", "server/1"]
    assert values["columns"][0]["record"] == "r0/run.jsonl"
    assert values["columns"][1]["counts"] == {"PASS": 7}
    assert [row["disagree"] for row in values["rows"]] == [False, True, True, True, False, False, False]
    (last,) = [row for row in values["rows"] if row["scenario"] == "a.n6"]
    assert last["cells"][0] is None
    assert last["cells"][1]["verdict"] == GOOD


def test_the_command_prints_totals_and_writes_the_files_asked_for(
    write: Write, finding: Make, *, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = write(finding(), finding("a.x", FAIL)), tmp_path / "new"
    options = [f"--{kind}={out / kind}" for kind in ("html", "markdown", "json")]
    assert main(["matrix", f"one={path}", f"two={tmp_path}", *options]) == 0
    assert capsys.readouterr().out == (
        "one  1 PASS, 1 FAIL\n"
        "two  1 PASS, 1 FAIL\n"
        "2 scenarios on 2 servers: 0 with different verdicts, 1 with failures.\n"
    )
    assert (out / "html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (out / "markdown").read_text(encoding="utf-8").startswith("### 2 scenarios")
    assert len(json.loads((out / "json").read_text(encoding="utf-8"))["rows"]) == 2


def test_a_path_may_contain_the_sign_of_a_label(write: Write, finding: Make, tmp_path: Path) -> None:
    path = write(finding()).rename(tmp_path / "a=b.jsonl")
    assert main(["matrix", str(path)]) == 0
