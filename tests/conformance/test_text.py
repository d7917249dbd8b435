"""Bytes, conversations and words as text: all of it can be read, and none of it acts on a terminal."""

import ast
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.transcript import Ending, Event, Kind
from conformance.text import clipped, did_you_mean, join_or, transcript_lines, visible, wire_lines
from tests.conformance.builders import EVERY_ENDING, HOSTILE, RAW, received, sent, transcript


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("answers 400 → “ok”, größer", "answers 400 → “ok”, größer"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x1b[31m\x9b\x00\x7f", r"\x1b[31m\x9b\x00\x7f"),
        ("\u202egnp.exe\u2066\u200b\ufeff\u2028", r"\u202egnp.exe\u2066\u200b\ufeff\u2028"),
        ("\ud800 \U000e0041", r"\ud800 \U000e0041"),
        ("a\u00a0b\u00adc\u3000", r"a\xa0b\xadc\u3000"),
    ],
)
def test_invisible_characters_become_escapes(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_visible_text_is_one_line_that_can_be_encoded(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(character)[0] for character in shown} & {"C"}
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")
    assert visible(shown) == shown


def test_clipped_text_says_how_much_is_left_out() -> None:
    assert clipped("abc", 3) == "abc"
    assert clipped("abcdef", 2) == "ab… (4 more characters)"


@pytest.mark.parametrize(
    ("words", "joined"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_alternatives_are_joined(words: list[str], joined: str) -> None:
    assert join_or(words) == joined


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("tsl", "; did you mean tls?"),
        ("hots", "; did you mean hosts or host?"),
        ("framing", ""),
    ],
)
def test_similar_words_are_suggested(word: str, hint: str) -> None:
    assert did_you_mean(word, ["host", "hosts", "tls"]) == hint


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", [r"GET / HTTP/1.1\r\n", r"Host: a\r\n", r"\r\n"]),
        (b"one\ntwo", [r"one\n", "two"]),
        (b"a\rb\r\n", [r"a\rb\r\n"]),
        (b"\n\n", [r"\n", r"\n"]),
        (b'it\'s "so"', ['it\'s "so"']),
        (b"\\r\\n", [r"\\r\\n"]),
        (b"\x00\x1b[2J\xff\t", [r"\x00\x1b[2J\xff\t"]),
    ],
)
def test_bytes_are_one_wire_line_each(data: bytes, lines: list[str]) -> None:
    assert wire_lines(data) == lines


def test_shown_bytes_can_be_pasted_into_a_literal() -> None:
    for octet in range(256):
        every = bytes([octet, ord("'"), octet])
        literal = "".join(wire_lines(every)).replace("'", "\\'")
        assert ast.literal_eval(f"b'{literal}'") == every


def test_a_long_line_is_shown_by_its_ends() -> None:
    (line,) = wire_lines(b"a" * 140 + b"b" * 1000 + b"\x00" * 40)
    assert line == "a" * 140 + "… 1000 more bytes …" + "\\x00" * 40


def test_many_lines_are_shown_by_the_first_and_the_last() -> None:
    lines = wire_lines(b"".join(b"%d\n" % number for number in range(5000)))
    assert lines[39:42] == [r"39\n", "… 4950 more lines …", r"4990\n"]
    assert len(lines) == 51


def test_a_conversation_is_shown_in_the_order_of_time() -> None:
    lines = transcript_lines(
        transcript(sent(b"GET\r\n"), received(b"200\r\n"), Event(0.75, Kind.ENDED, note="x"), note="EOF")
    )
    assert list(lines) == [
        "   0.0000 s  → connected",
        "   0.1000 s  → sent, 5 bytes",
        r"               GET\r\n",
        "   0.4000 s  ← received, 5 bytes",
        r"               200\r\n",
        "   0.7500 s  · the server closed the connection (EOF)",
    ]


@pytest.mark.parametrize("ending", EVERY_ENDING)
def test_nothing_that_a_server_sends_acts_on_a_terminal(ending: Ending) -> None:
    hostile = HOSTILE.decode("latin-1") + "\u202e\u2028\ud800"
    said = transcript(
        received(HOSTILE),
        Event(0.5, Kind.SECURED, note=hostile),
        Event(0.6, Kind.ENDED),
        ending=ending,
        note=hostile,
    )
    lines = list(transcript_lines(said))
    assert not any(RAW.search(line) for line in lines)
    assert ending.value in lines[-1]


def test_many_events_are_shown_by_the_first_and_the_last() -> None:
    events = [Event(number / 1000, Kind.SENT, b"%d" % number) for number in range(1000)]
    lines = list(transcript_lines(transcript(*events, Event(2.0, Kind.ENDED))))
    assert sum("more events" in line for line in lines) == 1
    assert "             … 952 more events …" in [line[:11] + "  " + line[13:] for line in lines]
    assert lines[-1].endswith("the server closed the connection")
    assert lines[-2].strip() == "999"
    assert len(lines) < 150


def test_what_is_not_kept_of_an_event_is_told() -> None:
    lines = list(
        transcript_lines(transcript(sent(b"a"), received(b"first\n" + b"x" * 9000 + b"\nlast").shortened()))
    )
    at = next(number for number, line in enumerate(lines) if "received, 9011 bytes" in line)
    assert lines[at + 1].endswith("    first\\n")
    assert any(line.endswith("    … 4915 bytes that were not kept …") for line in lines[at:])
    assert lines[-1].endswith("    last")
