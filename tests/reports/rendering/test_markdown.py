"""Markdown: a reader takes nothing in it for markup but ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.rendering.markdown import code, link, prose, table
from tests.reports.reading import Markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "`a`"),
        ("", ""),
        ("a`b", "``a`b``"),
        ("`a``", "``` `a`` ```"),
        (" a ", "`  a  `"),
        ("a\nb\x1b", "`a\\nb\\x1b`"),
    ],
)
def test_a_code_span_holds_every_text(text: str, shown: str) -> None:
    assert code(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "The server answers 400.",
        "The server answered 200 and kept the connection open; no Allow is there.",
        "RFC 9112, 6.1",
        "http11-https",
        "Two Host lines: first, and (again) second",
        "400 for a 1.1 request",
    ],
)
def test_plain_words_stand_as_they_are(text: str) -> None:
    assert prose(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "see #1",
        "GH-1",
        "www.evil.test",
        "https://evil.test",
        "me@evil.test",
        "a_b_c",
        "*b*",
        "<b>",
        "a | b",
        "`a`",
        "[x](y)",
        ":x:",
        "&amp;",
        "a\nb",
        "größer",
        "",
        " a",
        "1) a",
        "1. a",
    ],
)
def test_other_words_are_code(text: str) -> None:
    assert prose(text) == code(text)


@given(st.text(st.sampled_from("ab1 .,:;@#-_*<>[]()!`~|\\/&\r\n\t\x00\u202ew"), max_size=30))
def test_a_reader_takes_any_text_for_text(text: str) -> None:
    read = Markdown(f"- {prose(text)}\n\n" + "\n".join(table(["a", "b"], [[prose(text), "end"]])))
    assert read.markup <= {
        "bullet_list",
        "list_item",
        "paragraph",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
    assert read.links == []
    assert [row[-1] for row in read.rows] == ["b", "end"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a)b", "https://a b", "https://a\n", ""])
def test_a_link_leads_to_the_web_only(address: str) -> None:
    assert link("RFC 9112", address) == "RFC 9112"
    assert link("RFC 9112", "https://a.test/#b-1.2") == "[RFC 9112](https://a.test/#b-1.2)"
