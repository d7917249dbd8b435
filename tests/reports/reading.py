"""Reads what the reports write: pages, schemas, and Markdown with tables and bare addresses."""

import base64
import json
import zlib
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import jsonschema
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.paths import ROOT


def schema(name: str) -> jsonschema.Draft202012Validator:
    """Return what validates a kind of JSON that the reports write."""
    folder = "comparison" if name == "compare" else name
    path = ROOT / "reports" / folder / f"{name}.schema.json"
    return jsonschema.Draft202012Validator(json.loads(path.read_text()))


class Markdown:
    """Markdown as read.

    tokens: the types of all its parts, in order. markup: what of it is more than text. links: all addresses.
    rows: of its tables, each the texts of its cells.
    """

    def __init__(self, text: str) -> None:
        blocks = MarkdownIt("gfm-like").parse(text)
        parts = [part for block in blocks for part in (block, *(block.children or []))]
        self.tokens = [part.type for part in parts if part.type != "text"]
        named = {part.type.removesuffix("_open").removesuffix("_close") for part in parts}
        self.markup = named - {"text", "inline", "code_inline"}
        self.links = [str(part.attrs["href"]) for part in parts if part.type == "link_open"]
        self.rows: list[list[str]] = []
        for before, block in pairwise(blocks):
            self._add(before, block)

    def _add(self, before: Token, block: Token) -> None:
        if before.type == "tr_open":
            self.rows.append([])
        if before.type in ("th_open", "td_open"):
            self.rows[-1].append(block.content)


class Page(HTMLParser):
    """A page as read.

    elements: the tags with the names of their attributes, in order. other: comments and the like. ids: of
    elements. scripts: those that a browser runs. policy: the content security policy.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        self.other: list[str] = []
        self.ids: list[str] = []
        self.scripts: list[str] = []
        self.policy = ""
        self._blocks: dict[str, str] = {}
        self._script: dict[str, str | None] | None = None
        self.feed(text)
        self.close()

    def block(self, name: str) -> Any:
        """Return the value of a block of data."""
        return json.loads(zlib.decompress(base64.b64decode(self._blocks[name])))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        if tag == "script":
            self._script = given

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}",))
        self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None and "type" in self._script:
            self._blocks[self._script["id"] or ""] = data
        elif self._script is not None:
            self.scripts.append(data)

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)
