"""A scenario is a value: what follows from its fields, and which mistakes in it are refused."""

import re
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from clients.steps import (
    CLEARTEXT,
    CLOSE_NOTIFY,
    HALF_CLOSE,
    PAUSE,
    RESET,
    Await,
    Handshake,
    Identity,
    Step,
)
from conformance.clauses import DOC, RFC9110, RFC9112, Level
from conformance.judging.model import Breach, Need, Risk, family
from conformance.judging.outcomes import answers
from tests.conformance.builders import finding, scenario


@pytest.mark.parametrize(
    ("scenario_id", "changes", "problem"),
    [
        pytest.param("plain", {}, "the id is not a slug of the form topic.what-is-odd", id="no dot"),
        pytest.param("Topic.x", {}, "the id is not a slug of the form topic.what-is-odd", id="upper case"),
        pytest.param("a.b.c", {}, "the id is not a slug of the form topic.what-is-odd", id="two dots"),
        pytest.param("a.b-", {}, "the id is not a slug of the form topic.what-is-odd", id="dash at the end"),
        pytest.param("a.b--c", {}, "the id is not a slug of the form topic.what-is-odd", id="two dashes"),
        pytest.param("a.b\n", {}, "the id is not a slug of the form topic.what-is-odd", id="line end"),
        pytest.param("6.x", {}, "the id is not a slug of the form topic.what-is-odd", id="a number first"),
        pytest.param("a.b", {"clause": ()}, "it names no clause", id="no clause"),
        pytest.param(
            "a.b",
            {"send": b"GET / HTTP/1.1\r\n\r\n"},
            "send is not a tuple of steps; is a comma missing?",
            id="a comma is missing",
        ),
        pytest.param("a.b", {"send": ()}, "it sends nothing", id="no steps"),
        pytest.param("a.b", {"title": ""}, "the title or the why is empty", id="no title"),
        pytest.param("a.b", {"why": ""}, "the title or the why is empty", id="no why"),
        pytest.param("a.b", {"control": "a.b"}, "it is its own control", id="its own control"),
        pytest.param(
            "a.b",
            {"breaches": Breach(answers(200), RFC9112["6.1-13"])},
            "breaches is not a tuple; is a comma missing?",
            id="a comma is missing after a breach",
        ),
        pytest.param(
            "a.b",
            {"clause": RFC9112["2.2-2"], "risk": Risk.SMUGGLING},
            "its clause permits the deviation, so it has no risk",
            id="a risk of what is permitted",
        ),
        pytest.param(
            "a.b",
            {"breaches": (Breach(answers(200), RFC9112["2.2-2"], Risk.SMUGGLING),)},
            "the clause of a breach permits it, so it has no risk",
            id="a risk of a breach that is permitted",
        ),
        pytest.param(
            "a.b",
            {"clause": (RFC9112["6.1-13"], DOC["SRV-1"])},
            "its clauses belong to several profiles",
            id="two profiles",
        ),
    ],
)
def test_a_mistake_is_a_sentence_that_begins_with_the_id(
    scenario_id: str, changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=rf"^{re.escape(f'{scenario_id}: {problem}')}$"):
        scenario(scenario_id, **changes)


@pytest.mark.parametrize("scenario_id", ["a.b", "chunked.a-1", "a-b.2x-3", "content-length.plus"])
def test_a_slug_is_an_id(scenario_id: str) -> None:
    assert scenario(scenario_id).id == scenario_id


def test_a_scenario_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        scenario().title = "another"  # type: ignore[misc]


def test_a_scenario_takes_keywords_only() -> None:
    made = scenario()
    with pytest.raises(TypeError):
        type(made)("a.b", "title", made.clause, made.send, made.accept)  # type: ignore[call-arg, arg-type]


def test_the_topic_is_the_part_before_the_dot() -> None:
    assert scenario("request-line.two-spaces").topic == "request-line"


def test_the_first_clause_is_the_judged_one() -> None:
    may, must = RFC9112["2.2-2"], RFC9110["2.2-12"]
    made = scenario(clause=(may, must))
    assert made.clauses == (may, must)
    assert made.judged is may
    assert made.level is Level.MAY


def test_the_clauses_of_breaches_come_last_and_once() -> None:
    may, must = RFC9112["2.2-2"], RFC9110["2.2-12"]
    made = scenario(clause=may, breaches=(Breach(answers(200), must), Breach(answers(201), may)))
    assert made.clauses == (may, must)
    assert made.judged is may


def test_a_finding_names_the_clause_that_was_broken_first() -> None:
    may, must = RFC9112["2.2-2"], RFC9110["2.2-12"]
    breach = Breach(answers(200), must, Risk.ROUTING)
    check = scenario(clause=may, breaches=(breach,))
    assert (finding(check=check).clauses, finding(check=check).risk) == ((may, must), None)
    broken = finding(check=check, breach=breach)
    assert (broken.clauses, broken.risk) == ((must, may), Risk.ROUTING)


def test_a_single_clause_needs_no_tuple() -> None:
    assert scenario(clause=RFC9112["6.1-13"]).clauses == (RFC9112["6.1-13"],)


def test_the_profile_is_the_clauses() -> None:
    assert scenario(clause=DOC["SRV-1"]).profile == "documented"
    assert scenario().profile == "http11"


def test_the_bytes_sent_leave_out_other_steps() -> None:
    assert scenario(send=(b"one", PAUSE, b"two", Await.RESPONSE)).bytes_sent == b"onetwo"


@pytest.mark.parametrize(
    ("send", "needs"),
    [
        pytest.param((b"GET <witness> <host> <origin> <length>",), set(), id="placeholders of every target"),
        pytest.param((b"GET <status>/204",), {Need.WITNESS}, id="status"),
        pytest.param((b"GET <size>/9",), {Need.WITNESS}, id="size"),
        pytest.param((b"GET <stream>",), {Need.WITNESS}, id="stream"),
        pytest.param((b"GET <slow>",), {Need.WITNESS}, id="slow"),
        pytest.param((b"GET <static>",), {Need.WITNESS}, id="static"),
        pytest.param((b"GET <ignore>",), {Need.WITNESS}, id="ignore"),
        pytest.param((b"GET ", PAUSE, b"<size>/9"), {Need.WITNESS}, id="in a later step"),
        pytest.param((CLEARTEXT, b"GET"), {Need.TLS}, id="clear text"),
        pytest.param((b"GET", CLOSE_NOTIFY), {Need.TLS}, id="close_notify"),
        pytest.param((Handshake(), b"GET"), {Need.TLS}, id="a handshake"),
        pytest.param((Handshake(Identity.ANONYMOUS), b"<slow>"), {Need.TLS, Need.WITNESS}, id="both"),
        pytest.param((b"GET", HALF_CLOSE, RESET, Await.INTERIM), set(), id="steps of every transport"),
    ],
)
def test_needs_follow_from_placeholders_and_steps(send: tuple[Step, ...], needs: set[Need]) -> None:
    assert scenario(send=send).all_needs == needs


def test_needs_that_are_named_are_kept() -> None:
    made = scenario(send=(b"GET <size>/9",), needs=frozenset({Need.FORMS}))
    assert made.all_needs == {Need.FORMS, Need.WITNESS}


def test_a_family_replaces_the_value_and_is_named_after_it() -> None:
    shape = scenario("content-length.odd", title="An odd length", send=(b"Length: <value>\r\n", PAUSE, b"x"))
    plus, hexadecimal = family(shape, {"plus": b"+5", "in-hex": b"0x5"})
    assert (plus.id, plus.title) == ("content-length.odd-plus", "An odd length: plus")
    assert (hexadecimal.id, hexadecimal.title) == ("content-length.odd-in-hex", "An odd length: in hex")
    assert plus.send == (b"Length: +5\r\n", PAUSE, b"x")
    assert hexadecimal.send == (b"Length: 0x5\r\n", PAUSE, b"x")


def test_a_title_spells_the_words_of_an_id_as_the_specifications_do() -> None:
    shape = scenario("a.b", title="An odd line", send=(b"<value>",))
    (member,) = family(shape, {"two-crs-behind-ipv6-in-utf-8": b"1"})
    assert member.id == "a.b-two-crs-behind-ipv6-in-utf-8"
    assert member.title == "An odd line: two CRs after IPv6 in UTF 8"


def test_a_mapping_replaces_each_of_its_placeholders() -> None:
    shape = scenario("a.b", send=(b"<one> and <two>, <host>",))
    (made,) = family(shape, {"c": {b"<one>": b"1", b"<two>": b"2"}})
    assert made.send == (b"1 and 2, <host>",)


def test_a_family_shares_everything_else() -> None:
    shape = scenario("a.b", send=(b"<value>",), accept=answers(400), control="a.c", why="Because.")
    (made,) = family(shape, {"d": b"1"})
    assert (made.clause, made.accept, made.control, made.why) == (
        shape.clause,
        shape.accept,
        "a.c",
        "Because.",
    )


def test_a_family_with_an_invalid_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a\.b-Plus: the id is not a slug"):
        family(scenario("a.b"), {"Plus": b"+"})
