"""Placeholders: the table names each that is used anywhere, and filling them changes nothing else."""

import ast
import re
from pathlib import Path

import pytest

from conformance.judging.placeholders import (
    NEED_WITNESS,
    PLACEHOLDERS,
    fill,
    length_after_head,
    placeholders_in,
)
from conformance.scenarios import SCENARIOS
from tests.conformance.builders import target
from tests.paths import ROOT

NAME = re.compile(rb"<[a-z]+>")

OF_A_CONVERSATION = {b"<length>", b"<date>"}

# Replaced by the module that writes them, before any other reads the bytes.
PRIVATE = {b"<value>", b"<added>"}


def test_a_target_with_the_witness_has_a_value_for_each() -> None:
    assert target(witness=b"/w").placeholders.keys() == PLACEHOLDERS.keys() - OF_A_CONVERSATION


def test_a_target_without_the_witness_has_a_value_for_all_that_do_not_need_it() -> None:
    without = target(witness=None).placeholders.keys()
    assert without == PLACEHOLDERS.keys() - OF_A_CONVERSATION - NEED_WITNESS


def test_every_placeholder_of_a_scenario_is_in_the_table() -> None:
    used = frozenset[bytes]().union(*(scenario.placeholders for scenario in SCENARIOS))
    assert set(filter(NAME.fullmatch, used)) == set(PLACEHOLDERS)


def test_the_code_names_no_placeholder_that_is_not_in_the_table() -> None:
    files = [path for path in (ROOT / "conformance").rglob("*.py") if "scenarios" not in path.parts]
    assert {name for path in files for name in names(path)} - PLACEHOLDERS.keys() - PRIVATE == set()


def names(path: Path) -> set[bytes]:
    """The byte strings of a module that are the name of a placeholder and nothing else."""
    constants = (
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes)
    )
    return set(filter(NAME.fullmatch, constants))


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_name_is_found_where_it_stands(name: bytes) -> None:
    assert placeholders_in(b"GET <" + name + b"> x") == {name}


def test_filling_leaves_all_other_bytes_alone() -> None:
    every_byte = bytes(range(256))
    assert fill(every_byte, {b"<host>": b"a"}) == every_byte


def test_a_value_is_not_filled_again() -> None:
    assert fill(b"<host><path>", {b"<host>": b"<path>", b"<path>": b"/"}) == b"<path>/"


@pytest.mark.parametrize(
    ("sent", "length"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"0"),
        (b"POST / HTTP/1.1\r\nContent-Length: <length>\r\n\r\nhello", b"5"),
        (b"POST / HTTP/1.1\r\n\r\n\r\n\r\n", b"4"),
        (b"no head", b"0"),
    ],
    ids=["no body", "a body", "a body like the end of a head", "no head"],
)
def test_the_length_is_that_of_what_follows_the_first_head(sent: bytes, length: bytes) -> None:
    assert length_after_head(sent) == length
