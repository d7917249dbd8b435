"""Nothing that a server sends can act on a terminal or turn a line of text around."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.text import clipped, visible
from reports.rendering.text import quantity


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("answers 400 → “ok”, größer", "answers 400 → “ok”, größer"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x1b[31m\x9b\x00\x7f", "\\x1b[31m\\x9b\\x00\\x7f"),
        ("\u202egnp.exe\u2066\u200b\ufeff\u2028", "\\u202egnp.exe\\u2066\\u200b\\ufeff\\u2028"),
        ("\ud800 \U000e0041", "\\ud800 \\U000e0041"),
        ("a\u00a0b\u00adc\u3000", "a\\xa0b\\xadc\\u3000"),
    ],
)
def test_what_cannot_be_seen_is_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_no_text_is_left_that_cannot_be_seen_or_encoded(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(character)[0] for character in shown} & {"C"}
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")
    assert visible(shown) == shown


def test_a_long_text_says_how_much_is_left_out() -> None:
    assert clipped("abc", 3) == "abc"
    assert clipped("abcdef", 2) == "ab… (4 more characters)"


def test_a_number_agrees_with_its_noun() -> None:
    assert [quantity(1, "scenario"), quantity(2, "scenario"), quantity(0, "entry", "entries")] == [
        "1 scenario",
        "2 scenarios",
        "0 entries",
    ]
