"""The echo comes from the server under test and may be hostile: reading it never raises."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.response import Response
from conformance.judging.echo import Echo, are_octets, echo_in
from conformance.judging.outcomes import Outcome, in_step
from conformance.judging.witness_outcomes import sees, sees_argument, sees_file
from tests.conformance.builders import HOSTILE, OK, RAW, described, response, said

thoroughly = settings(deadline=None, database=None, max_examples=150)

MEMBERS = (
    "method",
    "target",
    "version",
    "headers",
    "body",
    "host",
    "protocol",
    "arguments",
    "files",
    "trailers",
)

# Everything that has a meaning somewhere in an echo, so that odd shapes reach the code that reads them.
WORDS = (
    *MEMBERS,
    *("a", "length", "sha256", "base64", "filename", "content_type", "X-A", "x-a", "1", "é", "\u20ac"),
)

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text()
    | st.sampled_from([*WORDS, "\ud800", "\x1b[2J", "=", "AA=", HOSTILE.decode("latin-1")])
)
any_json = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner),
    max_leaves=12,
)
odd_echoes = st.fixed_dictionaries({"witness": st.just(1)}, optional=dict.fromkeys(MEMBERS, any_json))

EVERY_OUTCOME = (
    sees(),
    sees(method=b"GET", target=b"/", version=b"HTTP/1.1"),
    sees(host=b"a"),
    sees(protocol=b"https"),
    sees(body=b"hello"),
    sees(body=b""),
    sees(fields={b"X-A": b"1"}),
    sees(fields={b"X-A": None}),
    sees(trailers={b"X-A": b"1"}),
    sees(trailers={b"X-A": None}),
    sees_argument("a", "1"),
    sees_argument("a"),
    sees_file("a", filename="f", content=b"x"),
    sees_file("a", filename="f", content=b"x", content_type="text/plain"),
    in_step,
)


def answered(content: bytes, *, status: int = 200) -> Response:
    answer = said(response(status, content)).answer
    assert answer is not None
    return answer


def assert_readable(outcome: Outcome, content: bytes) -> None:
    """The outcome reads this echo, before the follow-up and after it, and its detail can be shown."""
    whole = response(200, content)
    for seen in (said(whole, witness=True, forms=True), said(OK, whole, witness=True, forms=True)):
        assert outcome.holds(seen) in (True, False, None)
        assert outcome.excuse(seen) in (True, False)
        detail = outcome.detail(seen)
        assert not RAW.search(detail), detail
        detail.encode("utf-8")


@thoroughly
@given(seen=odd_echoes)
def test_no_outcome_raises_for_an_echo_of_odd_shape(seen: dict[str, Any]) -> None:
    for outcome in EVERY_OUTCOME:
        assert_readable(outcome, json.dumps(seen).encode("ascii"))


@thoroughly
@given(value=any_json)
def test_no_outcome_raises_for_any_json(value: object) -> None:
    for outcome in EVERY_OUTCOME:
        assert_readable(outcome, json.dumps(value).encode("ascii"))


@thoroughly
@given(content=st.binary())
def test_no_outcome_raises_for_any_bytes(content: bytes) -> None:
    for outcome in EVERY_OUTCOME:
        assert_readable(outcome, content)


def nested(depth: int, opening: str, inner: str, closing: str) -> bytes:
    return f'{{"witness": 1, "arguments": {{"a": {opening * depth}{inner}{closing * depth}}}}}'.encode()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"[" * 100_000, id="lists too deep to be read"),
        pytest.param(b'{"a":' * 100_000, id="objects too deep to be read"),
        *(pytest.param(nested(depth, "[", "1", "]"), id=f"{depth} lists") for depth in (100, 800, 900, 950)),
        *(pytest.param(nested(depth, '{"a":', "1", "}"), id=f"{depth} objects") for depth in (100, 900)),
        pytest.param(b'{"witness": 1, "body": {"length": %s}}' % (b"9" * 5000), id="a huge integer"),
        pytest.param(b'{"witness": 1, "headers": NaN, "arguments": {"a": [NaN]}}', id="NaN"),
        pytest.param(b'{"witness": 1, "body": {"length": 1e999}}', id="infinity"),
        pytest.param(
            b'{"witness": 1, "target": "\\ud800", "arguments": {"a": ["\\udc00"]}}', id="surrogates"
        ),
        pytest.param(b'\xef\xbb\xbf{"witness": 1}', id="a byte order mark"),
        pytest.param('{"witness": 1, "target": "é"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"witness": 1, "target": "\xff"}', id="not UTF-8"),
        pytest.param(b'{"witness": 1, "witness": 2}', id="a name twice"),
        pytest.param(b'{"witness": 1', id="cut short"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_no_outcome_raises_for_extreme_json(content: bytes) -> None:
    for outcome in EVERY_OUTCOME:
        assert_readable(outcome, content)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(b"not JSON", 200, id="not JSON"),
        pytest.param(b"[1]", 200, id="a list"),
        pytest.param(b"1", 200, id="a number"),
        pytest.param(b"null", 200, id="null"),
        pytest.param(b"{}", 200, id="no witness"),
        pytest.param(b'{"witness": 2}', 200, id="another witness number"),
        pytest.param(b'{"witness": "1"}', 200, id="the number as text"),
        pytest.param(b'{"witness": null}', 200, id="no number"),
        pytest.param(b'{"witness": 1}', 404, id="another status"),
        pytest.param(b'{"witness": 1}', 201, id="another success"),
    ],
)
def test_only_an_echo_is_read_as_one(content: bytes, status: int) -> None:
    assert echo_in(answered(content, status=status)) is None


def test_an_echo_is_read() -> None:
    seen = echo_in(answered(b'{"witness": 1, "method": "GET"}'))
    assert seen is not None
    assert seen.octets("method") == b"GET"


def test_octets_are_code_points_of_latin_1() -> None:
    assert Echo({"target": "/\x00\xe9\xff"}).octets("target") == b"/\x00\xe9\xff"


@pytest.mark.parametrize("value", [None, 5, ["GET"], {"a": 1}, True], ids=repr)
def test_octets_of_an_odd_shape_are_absent(value: object) -> None:
    assert Echo({"method": value}).octets("method") is None
    assert Echo({}).octets("method") is None


def test_code_points_above_a_byte_never_equal_sent_octets() -> None:
    assert Echo({"target": "/\u20ac"}).octets("target") == b"/?"


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        pytest.param([["X-A", "1"]], b"1", id="one line"),
        pytest.param([["x-a", "1"], ["B", "2"], ["X-A", "3"]], b"1, 3", id="several lines"),
        pytest.param([["X-A", ""]], b"", id="an empty value"),
        pytest.param([["X-A", "\xff"]], b"\xff", id="above ASCII"),
        pytest.param([["X-B", "1"]], None, id="another field"),
        pytest.param([], None, id="no lines"),
        pytest.param(None, None, id="null"),
        pytest.param("X-A", None, id="text"),
        pytest.param({"X-A": "1"}, None, id="an object"),
        pytest.param(7, None, id="a number"),
        pytest.param(["X-A", ["X-A"], ["X-A", 1], ["X-A", "1", "2"], [1, "X-A"], None], None, id="odd lines"),
        pytest.param([["X-A", None], ["X-A", "1"]], b"1", id="odd lines among good ones"),
    ],
)
def test_a_field_is_the_values_of_its_lines(lines: object, value: bytes | None) -> None:
    assert Echo({"headers": lines}).field(b"X-A") == value
    assert Echo({"trailers": lines}).field(b"x-a", section="trailers") == value


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        pytest.param({"a": ["1", "2"]}, ("1", "2"), id="values"),
        pytest.param({"b": ["1"]}, (), id="another name"),
        pytest.param({"a": "12"}, (), id="text"),
        pytest.param({"a": 12}, (), id="a number"),
        pytest.param({"a": ["1", 2]}, (), id="an odd value among good ones"),
        pytest.param([["a", "1"]], (), id="a list"),
        pytest.param(None, (), id="null"),
    ],
)
def test_arguments_are_lists_of_texts(arguments: object, values: tuple[str, ...]) -> None:
    assert Echo({"arguments": arguments}).arguments("a") == values


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"a": [{"filename": "f", "length": 1}]}, ({"filename": "f", "length": 1},), id="a file"),
        pytest.param({"a": [{"filename": ["f"]}]}, ({},), id="an odd member"),
        pytest.param({"a": ["f"]}, ({},), id="an odd file"),
        pytest.param({"a": {"filename": "f"}}, (), id="not a list"),
        pytest.param({"a": 5}, (), id="a number"),
        pytest.param([], (), id="a list"),
        pytest.param(None, (), id="null"),
    ],
)
def test_files_are_lists_of_objects(files: object, expected: tuple[dict[str, Any], ...]) -> None:
    assert Echo({"files": files}).files("a") == expected


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        pytest.param({"base64": base64.b64encode(b"\x00\xff").decode()}, b"\x00\xff", id="bytes"),
        pytest.param({"base64": ""}, b"", id="nothing"),
        pytest.param({"base64": "A"}, b"", id="not base64"),
        pytest.param({"base64": "\u20ac"}, b"", id="not ASCII"),
        pytest.param({"base64": 5}, b"", id="a number"),
        pytest.param({"base64": ["QQ=="]}, b"", id="a list"),
        pytest.param({}, b"", id="not quoted"),
        pytest.param("QQ==", b"", id="text"),
    ],
)
def test_the_body_is_shown_if_it_is_quoted(body: object, shown: bytes) -> None:
    assert Echo({"body": body}).body == shown


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param(lambda true: true, True, id="the same"),
        pytest.param(lambda true: true | {"length": 4}, False, id="another length"),
        pytest.param(lambda true: true | {"length": "5"}, False, id="the length as text"),
        pytest.param(lambda true: true | {"sha256": "0" * 64}, False, id="other content"),
        pytest.param(lambda true: {"length": true["length"]}, False, id="no digest"),
        pytest.param(lambda true: {"sha256": true["sha256"]}, False, id="no length"),
        pytest.param(lambda true: [true], False, id="a list"),
        pytest.param(lambda _: None, False, id="null"),
    ],
)
def test_octets_are_compared_by_length_and_digest(
    change: Callable[[dict[str, Any]], object], same: bool
) -> None:
    assert are_octets(change(described(b"hello")), b"hello") is same
    assert Echo({"body": change(described(b"hello")) or {}}).holds_body(b"hello") is same


@pytest.mark.parametrize("seen", [{}, {"body": None}], ids=["missing", "null"])
def test_a_body_that_is_not_reported_is_unknown(seen: dict[str, Any]) -> None:
    assert Echo(seen).holds_body(b"") is None


@pytest.mark.parametrize(
    ("seen", "query"),
    [
        pytest.param({"target": "/a?b=c?d"}, b"b=c?d", id="of the target"),
        pytest.param({"target": "/a", "query": "b"}, b"", id="none in the target"),
        pytest.param({"query": "b=\xe9"}, b"b=\xe9", id="alone"),
        pytest.param({"target": 5, "query": ["b"]}, None, id="odd shapes"),
        pytest.param({}, None, id="not reported"),
    ],
)
def test_the_query_is_that_of_the_target_as_received(seen: dict[str, Any], query: bytes | None) -> None:
    assert Echo(seen).query == query


@pytest.mark.parametrize(
    ("seen", "truth"),
    [
        pytest.param({"target": "/a?b"}, True, id="the target"),
        pytest.param({"target": "/x?b", "query": "b"}, False, id="another target"),
        pytest.param({"query": "b", "path": "/elsewhere"}, True, id="the query alone"),
        pytest.param({"query": "c", "path": "/a"}, False, id="another query"),
        pytest.param({"path": "/a"}, None, id="neither"),
    ],
)
def test_without_a_target_the_query_is_compared(seen: dict[str, Any], truth: bool | None) -> None:
    assert Echo(seen).has("target", b"/a?b") is truth


SENT = b"GET / HTTP/1.1\r\nHost: a\r\nX-Test: 1\r\nX_TEST: 2\r\n\r\n"


@pytest.mark.parametrize(
    ("name", "received", "merged"),
    [
        pytest.param(b"Host", True, True, id="no hyphen"),
        pytest.param(b"X-Other", True, True, id="a hyphen"),
        pytest.param(b"X-Test", True, False, id="a hyphen, and its twin was sent"),
        pytest.param(b"X_Other", True, False, id="an underscore"),
        pytest.param(b"X-!", True, False, id="a mark"),
    ],
)
def test_a_merged_name_is_certain_if_no_other_looks_like_it(
    name: bytes, received: bool, merged: bool
) -> None:
    assert Echo({"headers": []}).tells_field(name, SENT) is received
    assert Echo({"headers": [], "headers_as_received": False}).tells_field(name, SENT) is merged
    assert Echo({"headers": [], "headers_as_received": "no"}).tells_field(name, SENT) is received
    assert Echo({}).tells_field(name, SENT) is False
