"""Nothing that a server sends becomes part of the page's structure, and its bytes come back unchanged."""

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from conformance.record import Run
from reports.run.page import render

MakeRun = Callable[..., Run]
Make = Callable[..., Any]

VERDICTS = ["PASS", "WARN", "INFO", "FAIL", "NOT APPLICABLE", "ERROR"]


class Structure(HTMLParser):
    """The elements of a page with the names of their attributes, its comments, and its blocks of data."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        self.other: list[str] = []
        self.blocks: dict[str, str] = {}
        self._block = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))
        named = dict(attrs)
        self._block = named.get("id") or "" if named.get("type") == "application/octet-stream" else ""

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}",))
        self._block = ""

    def handle_data(self, data: str) -> None:
        if self._block:
            self.blocks[self._block] = self.blocks.get(self._block, "") + data

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
        words: dict[str, Any] = dict.fromkeys(
            ("title", "why", "expected", "observed", "reason", "crash", "ending", "topic", "target"), word
        )
        words["tags"] = [word]
        event = {"at": 0.0, "kind": word, "note": word, "size": 9, "data": word, "cut": 5, "tail": word}
        text = dict.fromkeys(("id", "source", "section", "text"), word)
        clauses = [clause(**text), clause(**text, link=f"https://{word}")]
        found = [
            finding(f"a.n{index}-{word}", verdict, **words, control=word, events=[event], clauses=clauses)
            for index, verdict in enumerate(VERDICTS)
        ]
        about = dict.fromkeys(("name", "url", "server", "witness", "second_opinion"), word)
        return render(
            run(
                *found,
                finding(),
                valid=False,
                wirecheck=word,
                started=word,
                targets=[target(**about, verified=False), target()],
                options={word: word, "pace": word, "header": word, "ca": word, "sni": word},
                changes={
                    "note": word,
                    "crashes": [{"target": word, "how": word, "scenario": cause} for cause in (word, None)],
                },
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
    transcripts = unpacked(Structure(page).blocks["conversations"])
    assert len(transcripts) == len(VERDICTS) + 1
    first = transcripts[0][0]
    assert first["data"] == first["tail"] == hostile
    assert first["note"].isprintable()
    assert first["text"].isprintable()


def test_all_words_of_the_data_are_visible(pages: tuple[str, str]) -> None:
    page, _ = pages
    for name in ("findings", "requirements"):
        block = unpacked(Structure(page).blocks[name])
        assert [word for word in _words(block) if not word.isprintable()] == []
    assert len(unpacked(Structure(page).blocks["findings"])["findings"]) == len(VERDICTS) + 1


def _words(value: Any) -> Iterator[str]:
    """Return every text within a value, the keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for member in value:
            yield from _words(member)
    elif isinstance(value, dict):
        yield from _words(list(value.items()))
    elif isinstance(value, tuple):
        yield from _words(list(value))


def test_all_bytes_come_back_in_the_order_of_the_data(run: MakeRun, finding: Make) -> None:
    every = bytes(range(256)).decode("latin-1")
    event = {"at": 0.5, "kind": "RECEIVED", "size": 256, "data": every}
    page = render(run(finding("a.y", "FAIL", events=[event]), finding("a.x", "PASS", events=[])))
    assert unpacked(Structure(page).blocks["conversations"]) == [
        [],
        [{"at": 0.5, "way": "←", "text": "received", "data": every}],
    ]
    numbers = re.findall(r'<details class="scenario" id="([^"]*)" data-number="(\d+)"', page)
    assert numbers == [("plain/a.y", "1"), ("plain/a.x", "0")]
