"""What the application saw: each aspect is compared, and without the witness all are unknown."""

import base64
from typing import Any

import pytest

from clients.transcript import Ending
from conformance.judging.observation import Observation
from conformance.judging.outcomes import Outcome, Truth
from conformance.judging.witness_outcomes import sees, sees_argument, sees_file
from tests.conformance.builders import (
    BAD_REQUEST,
    HALF,
    HANG_UP,
    OK,
    SILENCE,
    described,
    echo,
    observed,
    received,
    said,
    sent,
)

WHOLE: dict[str, Any] = {
    "method": "POST",
    "target": "/echo?q=\xe9",
    "version": "HTTP/1.1",
    "host": "a.test:80",
    "protocol": "http",
    "headers": [["Host", "a.test"], ["X-A", "1"], ["x-a", "2,3"], ["X-Empty", ""]],
    "trailers": [["X-T", "t"]],
    "body": described(b"hello") | {"base64": base64.b64encode(b"hello").decode()},
    "arguments": {"a": ["1", "2"], "empty": [""]},
    "files": {"f": [{"filename": "n\xe4me.txt", "content_type": "text/plain", **described(b"data")}]},
}


def seeing(**changes: Any) -> Observation:
    """The observation of an echo with every member, with these changes; None leaves a member out."""
    members = {name: value for name, value in (WHOLE | changes).items() if value is not None}
    return said(echo(**members), witness=True, forms=True, filled={b"<host>": b"a.test", b"<t>": b"t"})


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(sees(), id="a request at all"),
        pytest.param(sees(method=b"POST"), id="method"),
        pytest.param(sees(target=b"/echo?q=\xe9"), id="target, above ASCII"),
        pytest.param(sees(version=b"HTTP/1.1"), id="version"),
        pytest.param(sees(host=b"<host>:80"), id="host, filled in"),
        pytest.param(sees(protocol=b"http"), id="protocol"),
        pytest.param(sees(body=b"hello"), id="body"),
        pytest.param(sees(fields={b"host": b"<host>"}), id="field, filled in"),
        pytest.param(sees(fields={b"X-A": b"1,2, 3"}), id="field lines as one list"),
        pytest.param(sees(fields={b"X-Empty": b""}), id="empty field"),
        pytest.param(sees(fields={b"X-B": None}), id="no such field"),
        pytest.param(sees(trailers={b"X-T": b"<t>"}), id="trailer field, filled in"),
        pytest.param(sees(trailers={b"X-U": None}), id="no such trailer field"),
        pytest.param(sees(method=b"POST", body=b"hello", fields={b"X-B": None}), id="several at once"),
        pytest.param(sees_argument("a", "1", "2"), id="argument"),
        pytest.param(sees_argument("empty", ""), id="empty argument"),
        pytest.param(sees_argument("b"), id="no such argument"),
        pytest.param(sees_file("f", filename="n\xe4me.txt", content=b"data"), id="file"),
        pytest.param(
            sees_file("f", filename="n\xe4me.txt", content=b"data", content_type="text/plain"),
            id="file of a type",
        ),
    ],
)
def test_the_witness_saw_it(outcome: Outcome) -> None:
    assert outcome.holds(seeing()) is True


@pytest.mark.parametrize(
    ("outcome", "changes"),
    [
        pytest.param(sees(method=b"POST"), {"method": "post"}, id="method in other letters"),
        pytest.param(sees(target=b"/echo?q=\xe9"), {"target": "/echo?q=%E9"}, id="target, encoded"),
        pytest.param(sees(version=b"HTTP/1.1"), {"version": "HTTP/1.0"}, id="version"),
        pytest.param(sees(host=b"a.test"), {}, id="host without port"),
        pytest.param(sees(protocol=b"https"), {}, id="protocol"),
        pytest.param(sees(body=b"hello"), {"body": described(b"hell")}, id="body cut short"),
        pytest.param(sees(body=b""), {}, id="a body where none was sent"),
        pytest.param(sees(fields={b"X-A": b"1"}), {}, id="one line of two"),
        pytest.param(sees(fields={b"X-A": b"2, 3, 1"}), {}, id="lines in another order"),
        pytest.param(sees(fields={b"X-A": None}), {}, id="a field that has to be absent"),
        pytest.param(sees(fields={b"X-B": b""}), {}, id="an absent field that has to be empty"),
        pytest.param(sees(fields={b"X-Empty": None}), {}, id="an empty field that has to be absent"),
        pytest.param(sees(trailers={b"X-T": b"u"}), {}, id="trailer field"),
        pytest.param(sees(trailers={b"X-T": None}), {}, id="a trailer field that has to be absent"),
        pytest.param(sees(fields={b"X-T": b"t"}), {}, id="a trailer field is not a header field"),
        pytest.param(sees(trailers={b"X-A": b"1, 2, 3"}), {}, id="a header field is not a trailer field"),
        pytest.param(sees(method=b"POST", body=b"no"), {}, id="one of several"),
        pytest.param(sees_argument("a", "1"), {}, id="one value of two"),
        pytest.param(sees_argument("a", "2", "1"), {}, id="values in another order"),
        pytest.param(sees_argument("a"), {}, id="an argument that has to be absent"),
        pytest.param(sees_argument("b", ""), {}, id="an absent argument that has to be empty"),
        pytest.param(sees_file("g", filename="n\xe4me.txt", content=b"data"), {}, id="another field"),
        pytest.param(sees_file("f", filename="name.txt", content=b"data"), {}, id="another filename"),
        pytest.param(sees_file("f", filename="n\xe4me.txt", content=b"date"), {}, id="other content"),
        pytest.param(
            sees_file("f", filename="n\xe4me.txt", content=b"data", content_type="text/html"),
            {},
            id="another type",
        ),
        pytest.param(
            sees_file("f", filename="n\xe4me.txt", content=b"data"),
            {"files": {"f": [*WHOLE["files"]["f"], *WHOLE["files"]["f"]]}},
            id="two files",
        ),
        pytest.param(sees(), {"witness": 2}, id="another witness number"),
    ],
)
def test_the_witness_did_not_see_it(outcome: Outcome, changes: dict[str, Any]) -> None:
    assert outcome.holds(seeing(**changes)) is False


@pytest.mark.parametrize("member", ["method", "target", "version", "host", "protocol"])
@pytest.mark.parametrize("value", [None, 5, ["POST"]], ids=["missing", "number", "list"])
def test_a_member_that_is_not_reported_is_unknown(member: str, value: object) -> None:
    outcome = sees(**{member: b"x"})  # type: ignore[arg-type]
    assert outcome.holds(seeing(**{member: value})) is None


def test_a_wrong_member_decides_even_if_another_is_not_reported() -> None:
    assert sees(method=b"GET", host=b"a").holds(seeing(host=None)) is False
    assert sees(method=b"POST", host=b"a").holds(seeing(host=None)) is None


@pytest.mark.parametrize(
    ("outcome", "changes", "truth"),
    [
        pytest.param(sees(body=b"hello"), {"body": None}, None, id="body"),
        pytest.param(sees(fields={b"Host": b"a.test"}), {"headers": None}, None, id="a field"),
        pytest.param(sees(fields={b"X-B": None}), {"headers": None}, None, id="that a field is absent"),
        pytest.param(sees(trailers={b"X-T": b"t"}), {"trailers": None}, None, id="a trailer field"),
        pytest.param(sees(trailers={b"X-T": None}), {"trailers": None}, True, id="no trailer field was seen"),
        pytest.param(sees(target=b"/echo?q=\xe9"), {"target": None}, None, id="the target"),
        pytest.param(
            sees(target=b"/echo?q=\xe9"), {"target": None, "query": "q=\xe9"}, True, id="all but the query"
        ),
        pytest.param(sees(target=b"/echo?r"), {"target": None, "query": "q"}, False, id="another query"),
    ],
)
def test_a_missing_part_is_unknown(outcome: Outcome, changes: dict[str, Any], truth: Truth) -> None:
    assert outcome.holds(seeing(**changes)) is truth


@pytest.mark.parametrize(
    ("name", "truth"), [(b"X-Test", None), (b"X_Test", None), (b"Host", True)], ids=["twin", "odd", "plain"]
)
def test_a_merged_field_with_a_twin_is_unknown(name: bytes, truth: Truth) -> None:
    merged = echo(headers=[["Host", "a"], ["X-Test", "one,two"]], headers_as_received=False)
    request = sent(b"GET / HTTP/1.1\r\nHost: a\r\nX-Test: one\r\nX_Test: two\r\n\r\n")
    seen = observed(request, received(merged), witness=True)
    wanted = {b"Host": b"a"}.get(name, b"one")
    assert sees(fields={name: wanted}).holds(seen) is truth


EVERY_KIND = [
    pytest.param(sees(method=b"POST"), id="request"),
    pytest.param(sees_argument("a", "1", "2"), id="argument"),
    pytest.param(sees_file("f", filename="n\xe4me.txt", content=b"data"), id="file"),
]


@pytest.mark.parametrize("outcome", EVERY_KIND)
@pytest.mark.parametrize("data", [echo(**WHOLE), OK, BAD_REQUEST, b""], ids=["echo", "200", "400", "none"])
def test_without_the_witness_everything_is_unknown(outcome: Outcome, data: bytes) -> None:
    assert outcome.holds(said(data)) is None


@pytest.mark.parametrize(
    ("outcome", "truth"),
    [
        (sees(method=b"POST"), True),
        (sees_argument("a", "1", "2"), None),
        (sees_file("f", filename="n\xe4me.txt", content=b"data"), None),
    ],
    ids=["request", "argument", "file"],
)
def test_without_forms_arguments_and_files_are_unknown(outcome: Outcome, truth: Truth) -> None:
    assert outcome.holds(said(echo(**WHOLE), witness=True)) is truth


@pytest.mark.parametrize("outcome", EVERY_KIND)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(OK, id="not an echo"),
        pytest.param(BAD_REQUEST, id="a refusal"),
        pytest.param(HALF, id="half a response"),
        pytest.param(BAD_REQUEST + echo(**WHOLE), id="an echo as the second response"),
    ],
)
def test_a_response_that_is_not_an_echo_shows_nothing_was_seen(outcome: Outcome, data: bytes) -> None:
    assert outcome.holds(said(data, witness=True, forms=True)) is False


@pytest.mark.parametrize("outcome", EVERY_KIND)
def test_no_outcome_holds_on_silence_or_a_hang_up(outcome: Outcome) -> None:
    for seen in (SILENCE, HANG_UP, said(b"", ending=Ending.SILENCE, witness=True, forms=True)):
        assert outcome.holds(seen) is not True
        assert outcome.excuse(seen) is False


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (sees(), "passes the request to the application"),
        (sees(method=b"POST"), "passes the method POST to the application"),
        (
            sees(target=b"/", fields={b"X-A": b"1", b"X-B": None}, body=b"b"),
            "passes the target /, the field X-A: 1, no field X-B and the body b to the application",
        ),
        (
            sees(trailers={b"X-T": b"t", b"X-U": None}),
            "passes the trailer field X-T: t and no trailer field X-U to the application",
        ),
        (sees(body=b""), "passes the body (empty) to the application"),
        (sees_argument("a", "1", "2"), "passes the argument a = '1', '2' to the application"),
        (sees_argument("a"), "passes no argument a to the application"),
        (
            sees_file("f", filename="n", content=b"x"),
            "passes the file 'n' with the content x, in the form field f, to the application",
        ),
        (
            sees_file("f", filename="n", content=b"x", content_type="text/plain"),
            (
                "passes the file 'n' of type text/plain with the content x, in the form field f, "
                "to the application"
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_text_says_what_the_application_must_see(outcome: Outcome, text: str) -> None:
    assert str(outcome) == text


@pytest.mark.parametrize(
    ("outcome", "changes", "detail"),
    [
        (sees(), {}, "the application saw the request"),
        (sees(method=b"GET"), {}, "the application saw the method POST"),
        (sees(host=b"b"), {"host": None}, "the application saw the host (not reported)"),
        (
            sees(target=b"/b"),
            {"target": None, "query": "q"},
            "the application saw the target with the query q",
        ),
        (
            sees(fields={b"X-A": b"1", b"X-B": b"2"}),
            {},
            "the application saw the field X-A: 1, 2,3 and no field X-B",
        ),
        (sees(trailers={b"X-T": None}), {}, "the application saw the trailer field X-T: t"),
        (sees(body=b"x"), {}, "the application saw the body hello"),
        (sees_argument("a", "3"), {}, "the application saw a = '1', '2'"),
        (sees_argument("b", "3"), {}, "the application saw b = nothing"),
        (
            sees_file("f", filename="n", content=b"x"),
            {},
            "the application saw 'n\xe4me.txt' of 4 bytes in the form field f",
        ),
        (
            sees_file("g", filename="n", content=b"x"),
            {},
            "the application saw no file in the form field g",
        ),
        (
            sees_file("f", filename="n", content=b"x"),
            {"files": {"f": [{"filename": "\x1b[2J", "length": "\x1b[2J"}, {}]}},
            r"the application saw '\x1b[2J' of '\x1b[2J' bytes, None of None bytes in the form field f",
        ),
    ],
    ids=str,
)
def test_the_detail_says_what_the_application_saw(
    outcome: Outcome, changes: dict[str, Any], detail: str
) -> None:
    assert outcome.detail(seeing(**changes)) == detail


@pytest.mark.parametrize(
    ("seen", "detail"),
    [
        pytest.param(said(OK, witness=True), "the response is not the requested echo", id="another answer"),
        pytest.param(said(BAD_REQUEST, witness=True), "", id="a refusal"),
        pytest.param(said(OK), "", id="no witness"),
        pytest.param(SILENCE, "", id="silence"),
    ],
)
def test_without_an_echo_the_detail_says_at_most_that(seen: Observation, detail: str) -> None:
    assert sees(method=b"GET").detail(seen) == detail
