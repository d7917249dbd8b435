"""The sentences of a finding: what was expected and observed, with no unescaped byte of the server's."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.transcript import Ending
from conformance.judging.observation import Observation
from conformance.judging.outcomes import (
    Outcome,
    answers,
    closes,
    content,
    hangs_up,
    has_field,
    in_step,
    in_turn,
    lacks_field,
    version,
    well_formed,
)
from conformance.judging.sentences import expected, observed
from conformance.judging.witness_outcomes import sees, sees_argument, sees_file
from conformance.text import show
from tests.conformance.builders import (
    BAD_REQUEST,
    CONTINUE,
    EVERY_ENDING,
    HALF,
    HOSTILE,
    OK,
    RAW,
    echo,
    every_shape,
    response,
    said,
    scenario,
)

SAYS_THE_SERVER_ENDED_IT = re.compile(r"\b(closed|reset|ended)\b")


@pytest.mark.parametrize("data", [OK, b""], ids=["a response", "nothing"])
def test_no_two_endings_read_the_same(data: bytes) -> None:
    sentences = {observed(scenario(), said(data, ending=ending)) for ending in EVERY_ENDING}
    assert len(sentences) == len(EVERY_ENDING)


@pytest.mark.parametrize("ending", EVERY_ENDING)
def test_a_sentence_says_that_the_server_ended_the_connection_only_if_it_did(ending: Ending) -> None:
    sentence = observed(scenario(), said(OK, ending=ending))
    assert sentence.startswith("The server answered 200 and ")
    assert bool(SAYS_THE_SERVER_ENDED_IT.search(sentence)) is ending.closed


@pytest.mark.parametrize("ending", EVERY_ENDING)
def test_a_close_without_a_byte_is_never_mistaken_for_one_after_a_response(ending: Ending) -> None:
    sentence = observed(scenario(), said(b"", ending=ending))
    assert sentence.startswith("The server sent no response and ") is ending.closed
    assert "answered" not in sentence


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        pytest.param(
            said(OK + BAD_REQUEST + OK),
            "answered 200, then 400, then 200 and closed the connection",
            id="several responses",
        ),
        pytest.param(
            said(CONTINUE + response(103) + OK),
            "sent 100, then 103, answered 200 and closed the connection",
            id="interim responses",
        ),
        pytest.param(
            said(CONTINUE, ending=Ending.SILENCE),
            "sent 100 and fell silent without closing the connection",
            id="an interim response alone",
        ),
        pytest.param(
            said(HALF, ending=Ending.RESET),
            "began a 200 response that it did not finish and reset the connection",
            id="half a response",
        ),
        pytest.param(
            said(OK + HALF),
            "answered 200, began a 200 response that it did not finish and closed the connection",
            id="a response and a half",
        ),
        pytest.param(
            said(b"\x15\x03\x03"),
            r"sent bytes that are not an HTTP response (\x15\x03\x03) and closed the connection",
            id="garbage",
        ),
        pytest.param(
            said(OK + b"garbage", ending=Ending.SILENCE),
            "answered 200, sent bytes that are not an HTTP response (garbage) and fell silent without "
            "closing the connection",
            id="a response and garbage",
        ),
        pytest.param(
            said(b"x" * 100),
            f"sent bytes that are not an HTTP response ({'x' * 40}… (100 bytes)) and closed the connection",
            id="much garbage",
        ),
        pytest.param(said(OK, OK), "answered 200 and kept the connection open", id="the follow-up answered"),
        pytest.param(said(b"", OK), "kept the connection open", id="only the follow-up answered"),
        pytest.param(
            said(OK, OK + OK),
            "answered 200, answered a follow-up request 2 times and kept the connection open",
            id="the follow-up answered twice",
        ),
        pytest.param(
            said(OK, b""), "answered 200 and closed the connection", id="the follow-up not answered"
        ),
        pytest.param(
            said(b"", ending=Ending.ALERT, note="tlsv13 alert certificate required"),
            "sent no response and ended TLS with a fatal alert (tlsv13 alert certificate required)",
            id="a note",
        ),
        pytest.param(
            said(OK, OK, ending=Ending.LEFT, note="called off"),
            "answered 200 and kept the connection open",
            id="a note that does not matter",
        ),
    ],
)
def test_an_observation_is_a_sentence(seen: Observation, sentence: str) -> None:
    assert observed(scenario(), seen) == f"The server {sentence}."


@pytest.mark.parametrize(
    ("accept", "seen", "sentence"),
    [
        pytest.param(
            answers(200) & has_field(b"Date"),
            said(OK),
            "answered 200 and closed the connection; there is no Date field",
            id="one detail",
        ),
        pytest.param(
            answers(200) & has_field(b"Date") & sees(method=b"GET"),
            said(echo(method="POST"), witness=True),
            "answered 200 and closed the connection; there is no Date field; "
            "the application saw the method POST",
            id="two details",
        ),
        pytest.param(
            in_turn(sees(target=b"/1"), sees(target=b"/2")),
            said(echo(target="/1") + echo(target="/3"), witness=True),
            "answered 200, then 200 and closed the connection; 1. the application saw the target /1; "
            "2. the application saw the target /3",
            id="a detail for each response",
        ),
        pytest.param(
            answers(200) & in_step,
            said(OK + BAD_REQUEST),
            "answered 200, then 400 and closed the connection; it sent 2 responses to 1 request",
            id="out of step",
        ),
    ],
)
def test_the_detail_is_added(accept: Outcome, seen: Observation, sentence: str) -> None:
    assert observed(scenario(accept=accept), seen) == f"The server {sentence}."


@pytest.mark.parametrize(
    ("accept", "sentence"),
    [
        (
            answers(400) & closes | hangs_up,
            "answers 400 and closes the connection, or closes the connection ",
        ),
        (sees(target=b"<witness>?n=1"), "passes the target /w/echo?n=1 to the application"),
        (sees(host=b"<host>", body=b"\xff<host>"), r"the host a.test and the body \xffa.test to the"),
        (sees_argument("\u00fc", "\u20ac"), "passes the argument \u00fc = '\u20ac' to the application"),
    ],
    ids=["composed", "a placeholder", "two placeholders", "not ASCII"],
)
def test_an_expectation_is_a_sentence(accept: Outcome, sentence: str) -> None:
    filled = {b"<witness>": b"/w/echo", b"<host>": b"a.test"}
    whole = expected(scenario(accept=accept), filled)
    assert sentence in whole
    assert whole.startswith("The server ")
    assert whole.endswith(".")


HEADER = b"X-A: " + HOSTILE.replace(b"\r\n", b"")

NOSY = (
    has_field(b"X-A", b"1")
    & lacks_field(b"X-A")
    & content(b"1")
    & version(b"HTTP/1.1")
    & well_formed
    & in_step
    & sees(
        method=b"1",
        target=b"1",
        version=b"1",
        host=b"1",
        protocol=b"1",
        body=b"1",
        fields={b"X-A": b"1"},
        trailers={b"X-A": b"1"},
    )
    & sees_argument("a", "1")
    & sees_file("a", filename="1", content=b"1", content_type="1")
)

TEXT = HOSTILE.decode("latin-1") + "\u202e\ud800\u2028"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(response(200, HOSTILE, HEADER), id="field and content"),
        pytest.param(HOSTILE, id="garbage"),
        pytest.param(OK + HOSTILE, id="after a response"),
        pytest.param(b"HTTP/1.1 200 " + HOSTILE + b"\r\n\r\n", id="reason phrase"),
        pytest.param(response(200, b"", HOSTILE.replace(b"\r\n", b"") + b": x"), id="field name"),
        pytest.param(
            echo(
                **dict.fromkeys(("method", "target", "version", "host", "protocol"), TEXT),
                headers=[["X-A", TEXT]],
                trailers=[["X-A", TEXT]],
                body={"base64": "AAEbXX8="},
                arguments={"a": [TEXT]},
                files={"a": [{"filename": TEXT, "content_type": TEXT, "length": TEXT}]},
            ),
            id="echo",
        ),
    ],
)
def test_a_sentence_escapes_every_byte_of_a_server(data: bytes) -> None:
    for seen in (said(data, witness=True, forms=True), said(OK, data, witness=True, forms=True)):
        sentence = observed(scenario(accept=NOSY), seen)
        assert not RAW.search(sentence), sentence


@settings(deadline=None, database=None)
@given(data=st.binary() | st.builds(lambda rest: b"HTTP/1.1 200 " + rest + b"\r\n\r\n", st.binary()))
def test_any_bytes_of_a_server_give_a_clean_sentence(data: bytes) -> None:
    sentence = observed(scenario(accept=NOSY), said(data, witness=True, forms=True))
    assert not RAW.search(sentence)
    assert sentence.startswith("The server ")
    assert sentence.endswith(".")


def test_every_shape_of_conversation_gives_a_sentence() -> None:
    for name, seen in every_shape():
        sentence = observed(scenario(accept=NOSY), seen)
        assert sentence.startswith("The server "), name
        assert sentence.endswith("."), name


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"", "(empty)"),
        (b"abc", "abc"),
        (b"it's", "it's"),
        (b'"it\'s"', '"it\\\'s"'),
        (b"\\", "\\\\"),
        (b"\x00\t\r\n\x7f\xff", r"\x00\t\r\n\x7f\xff"),
        (b"a" * 60, "a" * 60),
        (b"a" * 61, "a" * 40 + "… (61 bytes)"),
    ],
)
def test_bytes_are_shown_in_readable_form(data: bytes, shown: str) -> None:
    assert show(data) == shown


@given(data=st.binary(max_size=200))
@settings(deadline=None, database=None)
def test_shown_bytes_are_short_and_printable(data: bytes) -> None:
    assert show(data).isprintable()
    assert len(show(data)) <= 4 * 60
