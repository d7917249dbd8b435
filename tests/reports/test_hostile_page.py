"""Nothing that a server sends becomes part of the page's structure, and its bytes come back unchanged."""

import base64
import json
import zlib
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from clients.transcript import Kind
from conformance.record import Run
from reports.page import render
from reports.transcripts import DIRECTIONS, NEITHER, OURS, transcript

MakeRun = Callable[..., Run]
Make = Callable[..., dict[str, Any]]

VERDICTS = ["PASS", "WARN", "INFO", "FAIL", "NOT APPLICABLE", "ERROR"]


class Structure(HTMLParser):
    """The elements of a page with the names of their attributes, its texts, and its data block."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        self.other: list[str] = []
        self.data = ""
        self._in_data = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))
        self._in_data = ("id", "transcripts") in attrs

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}",))
        self._in_data = False

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data += data

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)


def unpacked(block: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(block, validate=True)))


@pytest.fixture
def pages(run: MakeRun, finding: Make, clause: Make, target: Make, hostile: str) -> tuple[str, str]:
    """Return a page with hostile text wherever a record has text, and the same with plain words there."""

    def page(word: str) -> str:
        words = dict.fromkeys(
            ("title", "why", "expected", "observed", "reason", "ending", "topic", "target"), word
        )
        event = {"at": 0.0, "kind": word, "note": word, "size": 9, "data": word, "cut": 5, "tail": word}
        text = dict.fromkeys(("id", "source", "section", "text"), word)
        clauses = [clause(**text), clause(**text, link=f"https://{word}")]
        found = [
            finding(f"a.n{index}-{word}", verdict, **words, control=word, events=[event], clauses=clauses)
            for index, verdict in enumerate(VERDICTS)
        ]
        return render(
            run(
                *found,
                finding(),
                wirecheck=word,
                started=word,
                targets=[target(name=word, url=word, server=word, witness=word, verified=False), target()],
                options={word: word},
                changes={"note": word},
            )
        )

    return page(hostile), page("a word")


def test_hostile_text_makes_no_element_attribute_or_comment(pages: tuple[str, str]) -> None:
    hostile, harmless = (Structure(page) for page in pages)
    assert hostile.elements == harmless.elements
    assert hostile.other == harmless.other == []


def test_the_page_holds_no_invisible_character(pages: tuple[str, str]) -> None:
    page, _ = pages
    assert {character for character in page if not character.isprintable()} == {"\n"}
    page.encode("utf-8")


def test_the_data_comes_back_unchanged(pages: tuple[str, str], hostile: str) -> None:
    page, _ = pages
    transcripts = unpacked(Structure(page).data)
    assert len(transcripts) == len(VERDICTS) + 1
    first = transcripts[0][0]
    assert first["data"] == first["tail"] == hostile
    assert first["note"].isprintable()
    assert first["kind"].isprintable()


def test_all_bytes_come_back_in_the_order_of_the_list(run: MakeRun, finding: Make) -> None:
    every = bytes(range(256)).decode("latin-1")
    event = {"at": 0.5, "kind": "received", "size": 256, "data": every}
    page = render(run(finding("a.x", "PASS", events=[]), finding("a.y", "FAIL", events=[event])))
    assert unpacked(Structure(page).data) == [
        [{"at": 0.5, "way": "←", "kind": "received", "data": every}],
        [],
    ]


def test_each_kind_of_event_has_a_direction(finding: Make) -> None:
    assert set(DIRECTIONS) == {kind.value for kind in Kind}
    (unknown,) = transcript(finding(events=[{"at": 0, "kind": "new"}]))
    assert unknown["way"] == NEITHER
    assert DIRECTIONS[Kind.SENT.value] == OURS
