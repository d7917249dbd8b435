"""The sentences that people read, wherever they stand, and the habits of English that none of them may have.

`sentences` collects them: the strings of the code that are made of words (help, errors, titles, reasons,
outcomes, the log), the texts of the reports' templates, the schemas, the reasons for what has no check, the
workflow files and every page. What is not ours to choose is left out: ids, code, bytes and the texts of
clauses. Docstrings and comments are left out too; the pages that are made of them are not.
"""

import ast
import csv
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.paths import ROOT

ROOMS = ("clients", "conformance", "reference_server", "reports")

# What stands in a sentence for a part that is not known, or not to be looked at.
PART = "…"


@dataclass(frozen=True)
class Sentence:
    """Words that people read."""

    path: str
    """The file, from the root of the checkout."""

    line: int
    """Where they begin; 0 where the file has no lines that matter."""

    text: str
    """The words, with white space collapsed."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Habit:
    """A turn of phrase at which a native reader stops."""

    name: str
    pattern: re.Pattern[str]
    advice: str


def _habit(name: str, pattern: str, advice: str) -> Habit:
    return Habit(name, re.compile(pattern, re.IGNORECASE), advice)


HABITS = (
    _habit(
        "who without an antecedent",
        r"(?:^|[.:;,(!?]\s+|\b(?:and|or|but|that|than|for|of|to|by|with|from|when|where|if|as)\s+)who\b(?![^.]*\?)"
        r"|\bwhoever\b",
        "name the subject: 'A client that …'",
    ),
    _habit(
        "a predicate of no",
        r"(?<!\bthere )\b(?:is|are|was|were|be)\s+(?-i:no|none)\b"
        r"(?!\s+(?:longer|more|less|fewer|later|sooner|better|worse|different|one|faster|slower|quicker|larger|smaller"
        r"|shorter|higher|lower|safer)\b)",
        "'is not a …', 'is not valid'",
    ),
    _habit("behind", r"\bbehind\b", "'after' for bytes and for order"),
    _habit(
        "so many",
        r"\bso\s+(?:many|few|long|often|much\s+(?:later|longer|earlier|more))\b"
        r"(?!\s+as\b)(?![^.;:,]{0,40}\bthat\b)",
        "name the number",
    ),
    _habit("anyhow", r"\banyhow\b", "'anyway', or nothing"),
    _habit("all the same", r"(?<!are )(?<!is )\ball\s+the\s+same(?=\s*(?:[.,;:)]|$))", "'anyway', 'still'"),
    _habit("mend", r"\bmend(?:s|ed|ing)?\b", "'fix'"),
    _habit("in the place of", r"\bin\s+the\s+place\s+of\b", "'instead of'"),
    _habit("of which", r"\b(?:of|out\s+of)\s+which\b", "begin a new sentence"),
    _habit("of those", r"\bof\s+those\s+(?:who|that|which)\b", "name them"),
    _habit("to die of", r"\b(?:die|dies|died|dying)\s+of\b", "'crashed because of'"),
    _habit("besides", r"\bbesides\b", "'also', 'apart from'"),
    _habit("to be met", r"\b(?:is|are|was|were|be)\s+met\b", "say what happens"),
    _habit("to converse", r"\bconvers(?:e|es|ed|ing)\b", "'to exchange messages'"),
    _habit("of chance", r"\bof\s+chance\b", "'random'"),
    _habit(
        "plans of ours",
        r"\b(?:a|the|this|next|later)\s+(?:later\s+)?issues?\b(?!\s+(?:tracker|with))|\bissue\s+\d|\bDESIGN\b"
        r"|\bpoint\s+\d+\s+of\b",
        "a reader knows the product, not our plans for it",
    ),
)


def habits_of(text: str, right: Iterable[str] = ()) -> tuple[Habit, ...]:
    """Return the habits that a text has. right: patterns of phrases that are good English."""
    habits = tuple(habit for habit in HABITS if habit.pattern.search(text))
    if not habits:
        return habits
    for phrase in right:
        text = re.sub(phrase, PART, text, flags=re.IGNORECASE)
    return tuple(habit for habit in habits if habit.pattern.search(text))


def sentences() -> Iterator[Sentence]:
    """Yield all that people read of the product, file by file."""
    for room in ROOMS:
        for path in _files(ROOT / room, "*.py"):
            yield from _of(path, in_python(path.read_text(encoding="utf-8")))
        for path in _files(ROOT / room, "*.schema.json"):
            described = in_schema(json.loads(path.read_text(encoding="utf-8")))
            yield from _of(path, ((0, text) for text in described))
    for path in sorted(ROOT.glob("*.py")):
        yield from _of(path, in_python(path.read_text(encoding="utf-8")))
    for path in _files(ROOT / "reports" / "templates", "*.html"):
        yield from _of(path, in_template(path.read_text(encoding="utf-8")))
    for path in _files(ROOT / "reports" / "templates", "*.js"):
        yield from _of(path, in_script(path.read_text(encoding="utf-8")))
    reasons = ROOT / "conformance" / "clauses" / "uncovered.csv"
    yield from _of(reasons, in_reasons(reasons.read_text(encoding="utf-8")))
    for name in ("action.yml", "tox.ini", "pyproject.toml"):
        yield from _of(ROOT / name, in_settings((ROOT / name).read_text(encoding="utf-8")))
    for path in pages():
        yield from _of(path, in_markdown(path.read_text(encoding="utf-8")))


def pages() -> list[Path]:
    """Return every page of the checkout."""
    return [*sorted(ROOT.glob("*.md")), *_files(ROOT / "docs", "*.md"), *_files(ROOT / "benchmarks", "*.md")]


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.rglob(pattern) if "out" not in path.parts)


def _of(path: Path, texts: Iterable[tuple[int, str]]) -> Iterator[Sentence]:
    for line, text in texts:
        yield Sentence(str(path.relative_to(ROOT)), line, without_ids(" ".join(text.split())))


# An id of a scenario, a pattern of ids, or the name of a mutant. The last word of a sentence has no letter
# after its full stop.
_ID = re.compile(
    r"\b[a-z][a-z0-9-]*\.[a-z0-9*?][a-z0-9*?-]*|\b[a-z0-9]+(?:-[a-z0-9]+)*-behind(?:-[a-z0-9]+)*\b"
)


def without_ids(text: str) -> str:
    """Leave out the ids of scenarios, which never change, whatever their English is."""
    return _ID.sub(PART, text)


# Python

_WORDS = re.compile(r"\w\S*\s+\S+\s+\S*\w")
"""What is shorter than three words is a name or a key rather than a sentence."""


def in_python(source: str) -> Iterator[tuple[int, str]]:
    """Yield the strings of some code that are made of words, each with its line."""
    yield from _strings(ast.parse(source))


def _strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    if _is_note(node) or _is_pattern(node):
        return
    text = _text(node)
    if text is None:
        parts: Iterable[ast.AST] = ast.iter_child_nodes(node)
    else:
        if _WORDS.search(text):
            yield getattr(node, "lineno", 0), text
        # More strings may stand where an f-string computes.
        parts = (part.value for part in ast.walk(node) if isinstance(part, ast.FormattedValue))
    for part in parts:
        yield from _strings(part)


def _is_note(node: ast.AST) -> bool:
    """Whether it is a string that is a statement: a docstring, or a note on an attribute."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_pattern(node: ast.AST) -> bool:
    """Whether it is a call of the module `re`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    return isinstance(node.func.value, ast.Name) and node.func.value.id == "re"


def _text(node: ast.AST) -> str | None:
    """What a string says; of an f-string, and of strings that are added, as far as it is known."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else PART
            for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return None if left is None or right is None else left + right
    return None


def in_schema(schema: Any) -> Iterator[str]:
    """Yield the descriptions of a JSON Schema."""
    if isinstance(schema, Mapping):
        for name, value in schema.items():
            if name in ("title", "description", "$comment") and isinstance(value, str):
                yield value
            else:
                yield from in_schema(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from in_schema(value)


# Templates

_NOT_TEXT = re.compile(r"<(script|style)\b.*?</\1>|\{#.*?#\}|<!--.*?-->", re.DOTALL)
_COMPUTED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_ATTRIBUTE = re.compile(r"""\b(?:title|aria-label|placeholder|alt)="([^"]*)\"""")
_INLINE = re.compile(r"</?(?:a|b|i|em|strong|code|kbd|span|abbr)\b[^>]*>")


def in_template(source: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a page's template, and of those of its attributes that are shown."""
    shown = _COMPUTED.sub(_blank(PART), _NOT_TEXT.sub(_blank(""), source))
    for found in _ATTRIBUTE.finditer(shown):
        yield _line(shown, found.start()), html.unescape(found[1])
    for found in re.finditer(r"[^<>]+", re.sub(r"<[^>]*>", _blank("<>"), _INLINE.sub(_blank(" "), shown))):
        if _WORDS.search(found[0]):
            yield _line(shown, found.start()), html.unescape(found[0])


_STRING_OR_COMMENT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`""", re.DOTALL
)


def in_script(source: str) -> Iterator[tuple[int, str]]:
    """Yield the strings of a script that are made of words."""
    for found in _STRING_OR_COMMENT.finditer(source):
        text = re.sub(r"\$\{[^}]*\}", PART, found[1] or found[2] or found[3] or "")
        if _WORDS.search(text) and not text.startswith(("use ", "M ", "<")):
            yield _line(source, found.start()), text


def _blank(instead: str) -> Any:
    """Replace a match, but keep its line ends, so that lines can be counted."""
    return lambda found: instead + "\n" * found[0].count("\n")


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


# Other files


def in_reasons(table: str) -> Iterator[tuple[int, str]]:
    """Yield why rules have no check."""
    for number, row in enumerate(csv.DictReader(table.splitlines()), 2):
        yield number, row["reason"]


_SETTING = re.compile(r"""^\s*(?:- )?(?:description|name)\s*[:=]\s*"?(.*?)"?\s*$""")


def in_settings(text: str) -> Iterator[tuple[int, str]]:
    """Yield the descriptions in a file of settings."""
    for number, line in enumerate(text.splitlines(), 1):
        found = _SETTING.match(line)
        if found and _WORDS.search(found[1]):
            yield number, found[1]


# Markdown

_FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_CLAUSE = re.compile(r"\s*[-*]\s+\**DOC-[A-Z]+-\d+")
_NEW_BLOCK = re.compile(r"\s*(?:[-*+]\s|\d+\.\s|#+\s|\|)")


def in_markdown(text: str) -> Iterator[tuple[int, str]]:
    """Yield the blocks and cells of a page, without code, the texts of clauses, and the targets of links."""
    text = _COMMENT.sub(_blank(""), _FENCED.sub(_blank(""), text))
    for number, block in _blocks(text.split("\n")):
        if _CLAUSE.match(block):
            continue
        words = _LINK.sub(r"\1", _CODE.sub(PART, block)).replace("**", "").replace("*", "")
        for cell in re.split(r"(?<!\\)\|", words) if words.lstrip().startswith("|") else (words,):
            shown = re.sub(r"^\s*(?:[-*+]|\d+\.|#+)\s+", "", cell).strip()
            if shown.strip("-: "):
                yield number, html.unescape(shown)


def _blocks(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Join the lines of each block; yield it with the number of its first line. Indented code is left out."""
    block: list[str] = []
    began, in_list = 0, False
    for number, line in enumerate([*lines, ""], 1):
        is_code = line.startswith("    ") and not block and not in_list
        ends = not line.strip() or _NEW_BLOCK.match(line) or is_code
        if ends and block:
            yield began, "\n".join(block)
            block = []
        if line.strip() and not is_code:
            began = began if block else number
            block.append(line)
            in_list = bool(re.match(r"\s*(?:[-*+]|\d+\.)\s", line)) or (in_list and line.startswith(" "))
