"""Reads Markdown as GitHub does, tables and bare addresses included, and tells what it is made of."""

from markdown_it import MarkdownIt
from markdown_it.token import Token


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
        for before, block in zip(blocks, blocks[1:], strict=False):
            self._add(before, block)

    def _add(self, before: Token, block: Token) -> None:
        if before.type == "tr_open":
            self.rows.append([])
        if before.type in ("th_open", "td_open"):
            self.rows[-1].append(block.content)
