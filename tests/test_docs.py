"""What the pages say about the code is true: paths, links, options, exit codes, versions, generated parts."""

import argparse
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from conformance import __version__
from conformance.command.options import parser
from conformance.gate import Exit
from conformance.judging.model import Verdict
from tests.english import pages
from tests.field_reference import COMMAND, WIDTH, notes_on, updated
from tests.paths import DOCS, ROOT

README, CONTRIBUTING, CHANGELOG = (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))
ARCHITECTURE, GLOSSARY = DOCS / "architecture.md", DOCS / "glossary.md"

# The pages that are wrapped by hand, at one width.
WRAPPED = (README, CONTRIBUTING, CHANGELOG, ARCHITECTURE, GLOSSARY, DOCS / "ci.md", DOCS / "exit-codes.md")

EVERY_PAGE = pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return re.sub(r"^ {4}.*$|^```(?s:.*?)^```$", "", text, flags=re.MULTILINE)


def table_below(page: Path, head: str) -> Iterator[list[str]]:
    """The rows of the first table whose head begins so."""
    _, _, below = text_of(page).partition(f"\n| {head}")
    for line in below.split("\n")[2:]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


# Places

FILE = re.compile(r"[\w./*-]+/[\w./*-]*|[\w-]+\.(?:py|md|toml|ini|csv|json|yml)")


def paths_in(text: str) -> Iterator[str]:
    """What reads as a path of the checkout: within code, with a folder or with one of our endings."""
    for code in re.findall(r"`([^`\n]+)`", text):
        for word in code.split():
            if FILE.fullmatch(word) and not word.startswith(("/", "reports/out")):
                yield word


@pytest.mark.parametrize("page", [CONTRIBUTING, ARCHITECTURE], ids=lambda page: page.name)
def test_paths_exist(page: Path) -> None:
    named = list(paths_in(text_of(page)))
    assert len(named) > 10
    assert [path for path in named if not any(ROOT.glob(path.rstrip("/")))] == []


def test_a_path_that_does_not_exist_would_be_noticed() -> None:
    assert list(
        paths_in("see `conformance/nowhere.py`, `answers(400)`, `tox -e tests` and `/witness/echo`")
    ) == ["conformance/nowhere.py"]


@EVERY_PAGE
def test_links_lead_somewhere(page: Path) -> None:
    text = without_code(text_of(page))
    for place, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", text):
        linked = page.parent / place if place else page
        assert linked.exists(), place
        assert not anchor or anchor in anchors(text_of(linked)), f"{place}#{anchor}"


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", WRAPPED, ids=lambda page: page.name)
def test_prose_is_wrapped(page: Path) -> None:
    lines = without_code(text_of(page)).split("\n")
    assert [line for line in lines if len(line) > WIDTH and not line.startswith(("|", "!["))] == []


# The README


def test_the_readme_begins_with_the_two_commands() -> None:
    commands = re.findall(r"^ {4}(\S.*)$", text_of(README), re.MULTILINE)
    assert commands[:2] == ["pip install tox", "tox -e conformance"]
    assert next(command for command in commands[2:] if command.startswith("tox")) == "tox -e tests"
    assert text_of(README).index("tox -e tests") < text_of(README).index("\n## ")


def options() -> set[str]:
    """The options of a run, the longest name of each."""
    actions = [action for action in parser()._actions if not isinstance(action, argparse._HelpAction)]
    named = {max(action.option_strings, key=len) for action in actions if action.option_strings}
    return named - {"--version"}


def test_every_option_is_in_the_readme() -> None:
    rows = list(table_below(README, "argument | effect"))
    named = {name for row in rows for name in re.findall(r"(?<!\S)`?(--?[a-z][a-z-]*)", row[0])}
    assert options() - named == set()


def test_the_exit_codes_are_in_the_readme_once() -> None:
    assert [int(row[0]) for row in table_below(README, "code | meaning")] == sorted(Exit)
    assert text_of(README).count("docs/exit-codes.md)") == 1


def test_every_exit_code_is_on_its_page() -> None:
    codes = {int(row[0]) for row in table_below(DOCS / "exit-codes.md", "code | meaning | applies when")}
    assert codes == set(Exit)


def test_every_verdict_is_in_the_readme() -> None:
    assert [row[0] for row in table_below(README, "verdict | meaning")] == [each.value for each in Verdict]


# CONTRIBUTING


def test_the_generated_parts_are_up_to_date() -> None:
    assert text_of(CONTRIBUTING) == updated(text_of(CONTRIBUTING)), f"run {COMMAND}"


def test_a_generated_part_has_its_place() -> None:
    with pytest.raises(ValueError, match="has no place for the example"):
        updated("a page without any marker")


class Noted:
    """A class.

    first: in the docstring. second, third: both in the docstring.
    """

    first: int
    second: int
    third: int
    fourth: int  # in a comment
    fifth: int
    """In a string, which goes
    on."""
    sixth: int


def test_a_field_is_described_by_the_note_nearest_to_it() -> None:
    assert notes_on(Noted) == {
        "first": "In the docstring.",
        "second": "Both in the docstring.",
        "third": "Both in the docstring.",
        "fourth": "In a comment.",
        "fifth": "In a string, which goes on.",
    }


# Architecture and glossary


@pytest.mark.parametrize("room", ["clients", "conformance", "reference_server", "reports"])
def test_every_package_is_in_the_architecture(room: str) -> None:
    named = set(paths_in(text_of(ARCHITECTURE)))
    packages = {f"{path.parent.relative_to(ROOT)}/" for path in (ROOT / room).glob("*/__init__.py")}
    assert packages | {f"{room}/"} <= named


def test_the_glossary_is_in_order_and_has_every_verdict() -> None:
    words = re.findall(r"^\*\*([^*]+)\.\*\*", text_of(GLOSSARY), re.MULTILINE)
    assert words == sorted(words, key=str.lower)
    assert {verdict.value for verdict in Verdict} <= set(words)


# The changelog

VERSION = re.compile(r"^## (\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)$", re.MULTILINE)


def test_versions_are_dated_and_the_newest_is_first() -> None:
    versions = VERSION.findall(text_of(CHANGELOG))
    headings = re.findall(r"^## .*$", text_of(CHANGELOG), re.MULTILINE)
    if headings[0] == "## Unreleased":
        del headings[0]
    assert [f"## {number} ({day})" for number, day in versions] == headings
    assert versions[0][0] == __version__
    days = [date.fromisoformat(day) for _, day in versions]
    assert days == sorted(days, reverse=True)


def test_the_newest_version_says_which_verdicts_have_changed() -> None:
    newest = VERSION.split(text_of(CHANGELOG))[3]
    assert "\n### Changed verdicts\n" in newest
