"""Fields that a user adds change nothing else; a scenario without a place for them is not played."""

import pytest

from clients.steps import ASIDE, RESET, SEGMENT, Step
from conformance.judging.model import Verdict
from conformance.judging.outcomes import answers
from conformance.running.applicability import rule_out
from conformance.running.pairs import converse
from conformance.scenarios import CORPUS
from conformance.targets.extra_fields import add_fields, field_line, names_any, takes_fields, with_fields
from tests.conformance.builders import scenario, target

HEAD = b"GET <witness> HTTP/1.1\r\nHost: <host>\r\nX: y\r\n\r\n"
ADDED = b"GET <witness> HTTP/1.1\r\nHost: <host>\r\nA: b\r\nX: y\r\n\r\n"
OLD = b"GET <witness> HTTP/1.0\r\n\r\n"
OLD_ADDED = b"GET <witness> HTTP/1.0\r\nA: b\r\n\r\n"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param((HEAD,), (ADDED,), id="after Host"),
        pytest.param((HEAD + HEAD,), (ADDED + ADDED,), id="in each of two requests"),
        pytest.param((HEAD, SEGMENT, HEAD), (ADDED, SEGMENT, ADDED), id="in each of two writes"),
        pytest.param((HEAD, RESET, HEAD), (ADDED, RESET, ADDED), id="on each of two connections"),
        pytest.param((OLD,), (OLD_ADDED,), id="after the request line, without Host"),
        pytest.param((OLD, ASIDE, OLD), (OLD_ADDED, ASIDE, OLD_ADDED), id="without Host, on two connections"),
        pytest.param(
            (b"GET / HTTP/1.1\r\nHost: <host>\r\n\r\n",),
            (b"GET / HTTP/1.1\r\nHost: <host>\r\nA: b\r\n\r\n",),
            id="after Host, the last field",
        ),
        pytest.param(
            (b"GET / HTTP/1.1\r\n", SEGMENT, b"Host: <host>\r\n\r\n"),
            (b"GET / HTTP/1.1\r\n", SEGMENT, b"Host: <host>\r\nA: b\r\n\r\n"),
            id="after Host, in a second write",
        ),
        pytest.param(
            (b"GET / HTTP/1.1\r\nHost: <host>\r\nHost: <host>\r\n\r\n",),
            (b"GET / HTTP/1.1\r\nHost: <host>\r\nA: b\r\nHost: <host>\r\n\r\n",),
            id="once for two Hosts",
        ),
        pytest.param(
            (b"GET / HTTP/1.1\r\nHost: <host>\r\n folded\r\n\r\n",),
            (b"GET / HTTP/1.1\r\nA: b\r\nHost: <host>\r\n folded\r\n\r\n",),
            id="not within a folded Host",
        ),
        pytest.param(
            (b"GET / HTTP/1.1\r\n Host: <host>\r\n\r\n",),
            (b"GET / HTTP/1.1\r\n Host: <host>\r\n\r\n",),
            id="not after white space before the first field",
        ),
        pytest.param(
            (b"GET / HTTP/1.1\nHost: <host>\n\n",),
            (b"GET / HTTP/1.1\nHost: <host>\n\n",),
            id="not after bare LF",
        ),
        pytest.param(
            (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.0\r\n\r\n",),
            (b"POST / HTTP/1.1\r\nA: b\r\nHost: a\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.0\r\n\r\n",),
            id="not in a body of a fixed length",
        ),
    ],
)
def test_lines_are_added(steps: tuple[Step, ...], expected: tuple[Step, ...]) -> None:
    assert with_fields(steps, b"A: b\r\n") == expected


def test_without_lines_nothing_changes() -> None:
    assert with_fields((HEAD, RESET, OLD), b"") == (HEAD, RESET, OLD)
    assert add_fields(HEAD, b"") == HEAD


def test_several_lines_are_added_in_order() -> None:
    assert add_fields(OLD + HEAD, b"A: b\r\nC: d\r\n") == OLD + ADDED.replace(
        b"A: b\r\n", b"A: b\r\nC: d\r\n"
    )


@pytest.mark.parametrize(
    ("steps", "wanted", "takes"),
    [
        pytest.param((HEAD,), 1, True, id="one request"),
        pytest.param((HEAD + HEAD,), 2, True, id="two requests"),
        pytest.param((HEAD + OLD,), 2, False, id="two requests, one without a place"),
        pytest.param((HEAD + OLD,), 1, True, id="two requests, one response expected"),
        pytest.param((HEAD, RESET, b"garbage\r\n\r\n"), 1, False, id="garbage on the last connection"),
        pytest.param((b"garbage\r\n\r\n",), 1, False, id="garbage"),
        pytest.param((b"garbage\r\n\r\n",), 0, True, id="garbage, no response expected"),
    ],
)
def test_a_conversation_takes_fields_or_does_not(
    steps: tuple[Step, ...], wanted: int, *, takes: bool
) -> None:
    assert takes_fields(steps, wanted) is takes


def test_a_scenario_without_a_place_for_fields_is_not_applicable() -> None:
    odd = scenario(send=(b"garbage\r\n\r\n",), accept=answers(400))
    ruled_out = rule_out(odd, frozenset(), None, fields=b"A: b\r\n")
    assert ruled_out is not None
    assert ruled_out.verdict is Verdict.NOT_APPLICABLE
    assert rule_out(odd, frozenset(), None) is None
    assert rule_out(scenario(), frozenset(), None, fields=b"A: b\r\n") is None


def test_a_scenario_about_an_added_field_is_not_applicable() -> None:
    about = CORPUS["chunked.forbidden-trailer-cookie"]
    for line in (b"Cookie: a=b\r\n", b"authorization: Basic Og==\r\n"):
        assert rule_out(about, about.all_needs, None, fields=line) is not None
    assert rule_out(about, about.all_needs, None, fields=b"X-Token: a\r\n") is None


def test_a_name_is_a_whole_word() -> None:
    assert names_any(b"Cookie: a\r\n", b"cookie: b")
    assert names_any(b"X: a\r\nCookie: a\r\n", b"", "no field Cookie")
    assert not names_any(b"Cookie: a\r\n", b"Cookies: b\r\nSet-Cookie: c\r\n")


def test_content_length_counts_fields_that_are_added_within_the_body() -> None:
    """A request within the body gets the fields as well, so the body is longer."""
    send = (b"POST <witness> HTTP/1.1\r\nHost: <host>\r\nContent-Length: <length>\r\n\r\n" + HEAD,)
    (sent,) = converse(target(fields=b"A: b\r\n"), scenario(send=send)).steps
    assert isinstance(sent, bytes)
    head, _, body = sent.partition(b"\r\n\r\n")
    assert b"Content-Length: %d" % len(body) in head
    assert sent.count(b"A: b\r\n") == 2


def test_most_of_the_corpus_takes_fields() -> None:
    left_out = [s.id for s in CORPUS.values() if rule_out(s, s.all_needs, None, fields=b"X-Token: a\r\n")]
    assert len(left_out) < len(CORPUS) / 20


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Authorization: Bearer x", b"Authorization: Bearer x\r\n"),
        ("  X-Token:a ", b"X-Token:a\r\n"),
        ("X: \u00fc", b"X: \xc3\xbc\r\n"),
    ],
)
def test_a_field_line_is_made(text: str, line: bytes) -> None:
    assert field_line(text) == line


@pytest.mark.parametrize(
    "text",
    ["", "X", "X:", ": x", "X y: z", "X : y", "X: a\r\nY: b", "X: \x00", "Host: a", "content-length: 1"],
)
def test_a_field_that_cannot_be_added_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"it is not of the form|scenarios test this field"):
        field_line(text)
