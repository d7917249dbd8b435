"""Nothing that a server sends becomes part of a comparison or a matrix, in whatever way they are told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.record import Run
from reports.comparison import page as compare_page
from reports.comparison import text as compare
from reports.comparison.value import Comparison
from reports.comparison.value import compare as compared
from reports.matrix import page as matrix_page
from reports.matrix import value as matrix
from reports.matrix.value import Given, Matrix
from tests.reports.reading import Markdown, Page

MakeRun = Callable[..., Run]
Make = Callable[..., dict[str, Any]]
Pair = tuple[Run, Run]

VERDICTS = ["PASS", "WARN", "INFO", "FAIL", "NOT APPLICABLE", "ERROR"]
PLAIN = "a*word"


@pytest.fixture
def runs(run: MakeRun, finding: Make, clause: Make, target: Make) -> Callable[[str], Pair]:
    """Two runs with a word wherever a record has text."""

    def runs(word: str) -> Pair:
        words = dict.fromkeys(("title", "why", "expected", "observed", "reason", "topic", "target"), word)
        text = dict.fromkeys(("id", "source", "section", "text", "keyword"), word)
        event = {"at": 0.0, "kind": word, "note": word, "size": 9, "data": word, "cut": 5, "tail": word}
        clauses = [clause(**text, link=f"https://{word}"), clause(**text, link=word)]

        def one(verdicts: list[str], version: str) -> Run:
            found = [
                finding(f"a.n{number}-{word}", verdict, **words, events=[event], clauses=clauses)
                for number, verdict in enumerate(verdicts)
            ]
            about = target(name=word, url=word, server=word)
            return run(*found, planned=9, targets=[about], wirecheck=f"{version}{word}", started=word)

        return one(VERDICTS, "1"), one(VERDICTS[::-1], "2")

    return runs


def a_matrix(runs: Pair) -> Matrix:
    return matrix.matrix([Given(Path("run.jsonl"), run) for run in runs])


def a_comparison(runs: Pair) -> Comparison:
    return compared(*runs)


PAGES = [
    pytest.param(lambda runs: matrix_page.render(a_matrix(runs)), id="matrix"),
    pytest.param(lambda runs: compare_page.render(a_comparison(runs)), id="comparison"),
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
    findings = Page(compare_page.render(a_comparison(runs(hostile)))).block("findings")
    for asked, told in ((rows[0], rows[0]["cells"][0]), (findings[0], findings[0]["sides"][1])):
        (event,) = told["events"]
        assert event["data"] == event["tail"] == hostile
        words = [event["note"], told["observed"], asked["title"], asked["clauses"][0]["link"]]
        assert all(word.isprintable() for word in words)
        assert [clause["link"][:8] for clause in asked["clauses"]] == ["https://", ""]


@pytest.mark.parametrize(
    "render",
    [
        pytest.param(lambda runs: matrix.as_markdown(a_matrix(runs)), id="matrix"),
        pytest.param(lambda runs: compare.as_markdown(a_comparison(runs)), id="comparison"),
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
        *matrix.lines(a_matrix(runs(hostile)), width=width),
        *compare.lines(a_comparison(runs(hostile)), width=width),
    ]
    assert all(line.text.isprintable() for line in shown)
    assert all(len(line.text) < max(40, min(width, 120)) for line in shown)


def test_json_is_ascii_and_whole(runs: Callable[[str], Pair], hostile: str) -> None:
    for text in (matrix.as_json(a_matrix(runs(hostile))), compare.as_json(a_comparison(runs(hostile)))):
        assert text.isascii()
        assert hostile in json.loads(text).get("rows", json.loads(text).get("changes"))[0]["title"]
