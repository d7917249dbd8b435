"""Nothing that a server sends becomes part of a comparison or a matrix, however they are shown."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.record import Run
from reports.comparison import page as comparison_page
from reports.comparison import text as comparison_text
from reports.comparison.value import Comparison, compare
from reports.matrix import page as matrix_page
from reports.matrix import text as matrix_text
from reports.matrix.value import LabelledRun, Matrix, build_matrix
from tests.reports.reading import Markdown, Page

MakeRun = Callable[..., Run]
Make = Callable[..., Any]
Pair = tuple[Run, Run]

VERDICTS = ["PASS", "WARN", "INFO", "FAIL", "NOT APPLICABLE", "ERROR"]
PLAIN = "a*word"


@pytest.fixture
def runs(run: MakeRun, finding: Make, clause: Make, target: Make) -> Callable[[str], Pair]:
    """Two runs with a word wherever a record has text."""

    def runs(word: str) -> Pair:
        words = dict.fromkeys(
            ("title", "why", "expected", "observed", "reason", "crash", "ending", "topic", "target"), word
        )
        text = dict.fromkeys(("id", "source", "section", "text", "keyword"), word)
        event = {"at": 0.0, "kind": word, "note": word, "size": 9, "data": word, "cut": 5, "tail": word}
        clauses = [clause(**text, link=f"https://{word}"), clause(**text, link=word)]

        def one(verdicts: list[str], version: str) -> Run:
            found = [
                finding(f"a.n{number}-{word}", verdict, **words, events=[event], clauses=clauses)
                for number, verdict in enumerate(verdicts)
            ]
            about = target(name=word, url=word, server=word)
            return run(
                *found, valid=False, planned=9, targets=[about], wirecheck=f"{version}{word}", started=word
            )

        return one(VERDICTS, "1"), one(VERDICTS[::-1], "2")

    return runs


def a_matrix(runs: Pair) -> Matrix:
    return build_matrix([LabelledRun(Path("run.jsonl"), run) for run in runs])


def a_comparison(runs: Pair) -> Comparison:
    return compare(*runs)


PAGES = [
    pytest.param(lambda runs: matrix_page.render(a_matrix(runs)), id="matrix"),
    pytest.param(lambda runs: comparison_page.render(a_comparison(runs)), id="comparison"),
]


@pytest.mark.parametrize("render", PAGES)
def test_a_page_has_the_same_elements_whatever_a_server_sent(
    runs: Callable[[str], Pair], render: Callable[[Pair], str], hostile: str
) -> None:
    attacked, plain = Page(render(runs(hostile))), Page(render(runs(PLAIN)))
    assert attacked.elements == plain.elements
    assert attacked.other == plain.other == []


@pytest.mark.parametrize("render", PAGES)
def test_a_page_holds_no_invisible_character_and_runs_its_own_script_alone(
    runs: Callable[[str], Pair], render: Callable[[Pair], str], hostile: str
) -> None:
    page = render(runs(hostile))
    assert {character for character in page if not character.isprintable()} == {"\n"}
    page.encode("utf-8")
    read = Page(page)
    assert len(read.scripts) == 1
    assert "default-src 'none'" in read.policy
    assert "unsafe" not in read.policy
    # An id that stands twice is found once: a data block or a heading, as chance has it.
    assert len(read.ids) == len(set(read.ids))


def test_bytes_come_back_unchanged_and_words_visible(runs: Callable[[str], Pair], hostile: str) -> None:
    rows = Page(matrix_page.render(a_matrix(runs(hostile)))).block("matrix")["rows"]
    findings = Page(comparison_page.render(a_comparison(runs(hostile)))).block("findings")
    for scenario, finding in ((rows[0], rows[0]["cells"][0]), (findings[0], findings[0]["sides"][1])):
        (event,) = finding["events"]
        assert event["data"] == event["tail"] == hostile
        words = [event["note"], finding["observed"], scenario["title"], scenario["clauses"][0]["link"]]
        assert all(word.isprintable() for word in words)
        assert [clause["link"][:8] for clause in scenario["clauses"]] == ["https://", ""]


@pytest.mark.parametrize(
    "render",
    [
        pytest.param(lambda runs: matrix_text.as_markdown(a_matrix(runs)), id="matrix"),
        pytest.param(lambda runs: comparison_text.as_markdown(a_comparison(runs)), id="comparison"),
    ],
)
def test_markdown_has_the_same_structure_whatever_a_server_sent(
    runs: Callable[[str], Pair], render: Callable[[Pair], str], hostile: str
) -> None:
    attacked, plain = Markdown(render(runs(hostile))), Markdown(render(runs(PLAIN)))
    assert attacked.tokens == plain.tokens
    assert attacked.links == []
    assert all(line.isprintable() for line in render(runs(hostile)).splitlines())


@pytest.mark.parametrize("width", [1, 40, 80, 400])
def test_a_terminal_gets_no_control_byte(runs: Callable[[str], Pair], width: int, hostile: str) -> None:
    shown = [
        *matrix_text.lines(a_matrix(runs(hostile)), width=width),
        *comparison_text.lines(a_comparison(runs(hostile)), width=width),
    ]
    assert all(line.text.isprintable() for line in shown)
    assert all(len(line.text) < max(40, min(width, 120)) for line in shown)


def test_json_is_ascii_and_whole(runs: Callable[[str], Pair], hostile: str) -> None:
    for text in (
        matrix_text.as_json(a_matrix(runs(hostile))),
        comparison_text.as_json(a_comparison(runs(hostile))),
    ):
        assert text.isascii()
        assert hostile in json.loads(text).get("rows", json.loads(text).get("changes"))[0]["title"]
