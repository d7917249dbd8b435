"""What forms cost: work in proportion to the body, whatever is in it, and at most three times its memory.

Work is counted, not timed: the octets that searches look at, and the searches.
"""

import gc
import re
import tracemalloc
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from reference_server.httputil import HTTPHeaders
from reference_server.parsing import multipart
from reference_server.parsing.forms import Form, parse_urlencoded, urlencoded_steps
from reference_server.parsing.limits import KIBIBYTE, MEBIBYTE, Limits
from reference_server.parsing.message import Refusal
from reference_server.parsing.multipart import multipart_steps, parse_multipart
from reference_server.parsing.steps import STEP, finish, gather

LIMITS = Limits()

FILE = b'--B\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
DASHES = b"-" * 70


class Work:
    """Counts the searches in a body, and the octets that they look at."""

    def __init__(self) -> None:
        self.searches = 0
        self.octets = 0

    def add(self, octets: int) -> None:
        self.searches += 1
        self.octets += octets

    def body(self, content: bytes) -> bytes:
        """Return the content as bytes whose searches are counted."""
        work = self

        class Counted(bytes):
            def find(self, wanted: Any, start: Any = 0, end: Any = None) -> int:
                found = super().find(wanted, start, end)
                end = len(self) if end is None else min(end, len(self))
                work.add(max(0, (end if found < 0 else found + len(wanted)) - start))
                return found

        return Counted(content)

    def pattern(self, pattern: "re.Pattern[bytes]") -> Any:
        """Return a pattern whose searches are counted."""
        work = self

        class Counted:
            def search(self, body: bytes, start: int, end: int) -> "re.Match[bytes] | None":
                found = pattern.search(body, start, end)
                work.add((min(end, len(body)) if found is None else found.end()) - start)
                return found

            def match(self, body: bytes, start: int) -> "re.Match[bytes] | None":
                found = pattern.match(body, start)
                work.add(0 if found is None else found.end() - start)
                return found

        return Counted()


HOSTILE: dict[str, tuple[bytes, Callable[[int], bytes]]] = {
    # a boundary, and a body of about that size
    "dashes": (DASHES, lambda size: b"-" * size),
    "lines of dashes": (DASHES, lambda size: (b"\r\n" + b"-" * 71) * (size // 73)),
    "a longer boundary each line": (b"B", lambda size: b"\r\n--Bx" * (size // 6)),
    "a delimiter with more on its line": (b"B", lambda size: b"\r\n--B x" * (size // 7)),
    "last delimiters with more on their line": (b"B", lambda size: b"\r\n--B--x" * (size // 8)),
    "delimiters without LF": (b"B", lambda size: b"\r\n--B\r" * (size // 6)),
    "padding without end": (b"B", lambda size: b"\r\n--B" + b" " * size),
    "much padding on each line": (b"B", lambda size: (b"\r\n--B" + b" " * 1500) * (size // 1505)),
    "line ends": (b"B", lambda size: b"\r\n" * (size // 2)),
    "beginnings of a line end": (b"B", lambda size: b"\r" * size),
    "a file of false delimiters": (b"B", lambda size: FILE + b"\r\n--Bx" * (size // 6) + b"\r\n--B--"),
}


@pytest.mark.parametrize("within_lines", [False, True], ids=["http11", "documented"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_multipart_body_is_searched_once(
    name: str, within_lines: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    boundary, make = HOSTILE[name]
    body = make(20 * STEP)
    work = Work()
    monkeypatch.setattr(multipart, "DELIMITER_REST", work.pattern(multipart.DELIMITER_REST))
    counted = SimpleNamespace(escape=re.escape, compile=lambda pattern: work.pattern(re.compile(pattern)))
    monkeypatch.setattr(multipart, "re", counted)
    parse_multipart(boundary, work.body(body), LIMITS, within_lines=within_lines)
    assert len(body) <= work.octets < 1.2 * len(body)
    assert work.searches < 2 * len(body) / STEP + 10


@pytest.mark.parametrize("count", [1, 100, 10_000])
def test_many_parts_are_searched_once(count: int) -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * count + b"--B--\r\n"
    work = Work()
    assert len(parse_multipart(b"B", work.body(body), LIMITS).arguments["a"]) == count
    assert work.octets < 3 * len(body)
    assert work.searches <= 2 * count + 2 + len(body) / STEP


def test_each_step_is_small() -> None:
    """So that others are served in between."""
    body = FILE + b"x" * MEBIBYTE + b"\r\n--B--"
    parts = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 5_000
    pairs = b"a=%41&" * 5_000
    value = b"a=" + b"%41" * (MEBIBYTE // 3)
    for size, steps in [
        (2 * len(body), multipart_steps(b"B", body, LIMITS)),  # it is searched, and its content is copied
        (len(parts), multipart_steps(b"B", parts, LIMITS)),
        (len(pairs), urlencoded_steps(pairs, LIMITS)),
        (len(value), urlencoded_steps(value, LIMITS)),
    ]:
        count = sum(1 for _ in steps)
        assert size / STEP - 3 <= count <= size / STEP + 3


def peak_of(read: Callable[[], Any]) -> tuple[int, Any]:
    """Return the octets that ``read`` makes Python hold at the most, and what it returns."""
    gc.collect()
    tracemalloc.start()
    try:
        result = read()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


SIZE = 4 * MEBIBYTE
CONSTANT = 3 * MEBIBYTE
"""What may be held whatever the size: the pieces of one step, and a limited number of fields."""

URLENCODED = {
    "escapes": b"a=" + b"%41" * (SIZE // 3),
    "escapes and others": b"a=" + b"%41b" * (SIZE // 4),
    "escapes that are none": b"a=" + b"%" * SIZE,
    "spaces": b"a=" + b"+" * SIZE,
    "one value": b"a=" + b"b" * SIZE,
    "nothing but a name": b"a" * SIZE,
    "no name": b"=" + b"\xff" * SIZE,
    "ampersands at the end": b"a=" + b"b" * SIZE + b"&" * 9_000,
    "many values": (b"a=" + b"b" * 1000 + b"&") * (SIZE // 1003),
    "many values of escapes": (b"a=" + b"%41" * 300 + b"&") * (SIZE // 903),
    "many names": b"".join(b"%d=%b&" % (number, b"b" * 500) for number in range(SIZE // 506)),
}


@pytest.mark.parametrize("name", URLENCODED)
def test_an_urlencoded_form_takes_at_most_three_times_its_body(name: str) -> None:
    """The body itself included, which is held already."""
    body = URLENCODED[name]
    peak, arguments = peak_of(lambda: parse_urlencoded(body, LIMITS))
    assert len(body) + peak < 3 * len(body) + CONSTANT
    expected = 0 if name == "nothing but a name" else 1
    assert bool(arguments) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"a" * SIZE + b"=1",
        b"a" * SIZE + "\U0001f600=1".encode(),
        b"\xff" * SIZE + b"=1",
        b"%41" * (SIZE // 3) + b"=1",
        b"".join(b"%d%b=1&" % (number, b"\xff" * 500) for number in range(SIZE // 508)),
        b"a=b&" * (SIZE // 4),
        b"&" * SIZE,
    ],
    ids=["one name", "a wide name", "not UTF-8", "escapes", "many names", "many pairs", "no pairs"],
)
def test_names_without_end_are_refused_before_they_cost(body: bytes) -> None:
    """A name as text may take four times its octets, so there is a limit on all of them together."""

    def refused() -> int:
        with pytest.raises(Refusal) as refusal:
            parse_urlencoded(body, LIMITS)
        return refusal.value.status

    peak, status = peak_of(refused)
    assert status == 413
    assert peak < 2 * CONSTANT


MULTIPART = {
    "one file": FILE + b"x" * SIZE + b"\r\n--B--",
    "a file of line ends": FILE + b"\r\n" * (SIZE // 2) + b"\r\n--B--",
    "false delimiters": FILE + b"\r\n--B x" * (SIZE // 7) + b"\r\n--B--",
    "no end": FILE + b"x" * SIZE,
    "parts of 4 KiB": (FILE + b"x" * 4 * KIBIBYTE + b"\r\n") * (SIZE // 4096) + b"--B--",
    "heads of 16 KB": (FILE[:-2] + b"A:\r\n" * 4_000 + b"\r\n1\r\n") * (SIZE // 16_000) + b"--B--",
    "disposition of 16 KB": (FILE[:-4] + b";a=b" * 4_000 + b"\r\n\r\n1\r\n") * (SIZE // 16_000) + b"--B--",
}


@pytest.mark.parametrize("name", MULTIPART)
def test_a_multipart_form_takes_at_most_three_times_its_body(name: str) -> None:
    body = MULTIPART[name]
    peak, form = peak_of(lambda: parse_multipart(b"B", body, LIMITS))
    assert len(body) + peak < 3 * len(body) + CONSTANT
    assert bool(form.files) == (name != "no end")


@pytest.mark.parametrize("place", ["name", "filename"])
def test_names_of_parts_without_end_are_refused(place: str) -> None:
    odd = "a" * 15_000 + "\U0001f600"
    heads = {"name": f'name="%d{odd}"', "filename": f'name="%d"; filename="{odd}"'}
    part = f"--B\r\nContent-Disposition: form-data; {heads[place]}\r\n\r\n1\r\n".encode()
    body = b"".join(part % number for number in range(200)) + b"--B--"

    def refused() -> int:
        with pytest.raises(Refusal) as refusal:
            parse_multipart(b"B", body, LIMITS)
        return refusal.value.status

    peak, status = peak_of(refused)
    assert status == 413
    assert peak < 5 * LIMITS.form_names + CONSTANT


def test_long_names_leave_nothing_behind() -> None:
    def read(number: int) -> None:
        headers = HTTPHeaders.parse(f"{number}{'a' * MEBIBYTE}: b")
        assert len(headers) == 1
        assert headers.get_list(f"{number}{'A' * MEBIBYTE}") == ["b"]

    read(-1)
    gc.collect()
    tracemalloc.start()
    for number in range(40):
        read(number)
    left = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert left < MEBIBYTE / 8


def test_a_form_of_malformed_parts_is_one_warning_of_each_kind(caplog: pytest.LogCaptureFixture) -> None:
    """A log line costs more than the part that it is about."""
    assert parse_multipart(b"B", b"--B\r\nno head\r\n--B\r\nno colon\r\n\r\n\r\n" * 5_000, LIMITS) == Form()
    warnings = ["missing headers", "Invalid multipart/form-data", "no closing delimiter"]
    assert len(caplog.messages) == len(warnings)
    assert all(warning in message for warning, message in zip(warnings, caplog.messages, strict=True))


def test_what_is_gathered_is_held_once() -> None:
    piece = b"x" * STEP
    peak, whole = peak_of(lambda: finish(gather(piece for _ in range(SIZE // STEP))))
    assert len(whole) == SIZE
    assert peak < 1.3 * SIZE


def test_an_empty_form() -> None:
    assert parse_urlencoded(b"", LIMITS) == {}
    assert parse_multipart(b"B", b"", LIMITS) == Form()
