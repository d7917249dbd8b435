"""Composed outcomes: three-valued logic, readable texts, how many answers they need, and what they excuse."""

from dataclasses import replace
from itertools import product

import pytest

from clients.transcript import Ending
from conformance.judging.observation import Observation
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    SUCCESS,
    Outcome,
    Truth,
    answers,
    closes,
    content,
    content_size,
    falls_silent,
    hangs_up,
    has_field,
    in_step,
    in_turn,
    interim,
    lacks_field,
    no_interim,
    stays_open,
    version,
    waits,
)
from tests.conformance.builders import (
    BAD_REQUEST,
    CONTINUE,
    ENDINGS_BY_THE_SERVER,
    GARBAGE,
    HALF,
    HALF_REFUSAL,
    HANG_UP,
    OK,
    OTHER_ENDINGS,
    SILENCE,
    echo,
    response,
    said,
)


def fixed(truth: Truth) -> Outcome:
    return Outcome(str(truth), lambda _: truth)


AND: dict[tuple[Truth, Truth], Truth] = {
    (True, True): True,
    (True, None): None,
    (True, False): False,
    (None, True): None,
    (None, None): None,
    (None, False): False,
    (False, True): False,
    (False, None): False,
    (False, False): False,
}

OR: dict[tuple[Truth, Truth], Truth] = {
    (True, True): True,
    (True, None): True,
    (True, False): True,
    (None, True): True,
    (None, None): None,
    (None, False): None,
    (False, True): True,
    (False, None): None,
    (False, False): False,
}

TRUTHS = list(product((True, None, False), repeat=2))


@pytest.mark.parametrize(("one", "other"), TRUTHS)
def test_both_hold_only_if_each_does(one: Truth, other: Truth) -> None:
    assert (fixed(one) & fixed(other)).holds(SILENCE) is AND[one, other]


@pytest.mark.parametrize(("one", "other"), TRUTHS)
def test_either_holds_if_one_does(one: Truth, other: Truth) -> None:
    assert (fixed(one) | fixed(other)).holds(SILENCE) is OR[one, other]


@pytest.mark.parametrize(("one", "other"), TRUTHS)
def test_in_turn_is_unknown_if_a_part_is(one: Truth, other: Truth) -> None:
    assert in_turn(fixed(one), fixed(other)).holds(said(OK + OK)) is AND[one, other]


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (answers(200), "answers 200"),
        (answers(200, 400), "answers 200 or 400"),
        (answers(SUCCESS, CLIENT_ERROR, 501), "answers 2xx, 4xx or 501"),
        (answers(400) & closes, "answers 400 and closes the connection"),
        (
            answers(400) & closes | hangs_up,
            "answers 400 and closes the connection, or closes the connection without a response",
        ),
        (
            (answers(SUCCESS) | answers(CLIENT_ERROR)) & closes,
            "(answers 2xx, or answers 4xx) and closes the connection",
        ),
        (
            stays_open & (answers(200) | hangs_up),
            "keeps the connection open and (answers 200, or closes the connection without a response)",
        ),
        (
            (answers(1) | answers(2)) & answers(3) & answers(4),
            "(answers 1, or answers 2) and answers 3 and answers 4",
        ),
        (answers(1) | answers(2) | answers(3), "answers 1, or answers 2, or answers 3"),
        (in_turn(answers(200), answers(400)), "answers in order: 1. answers 200; 2. answers 400"),
        (
            in_turn(answers(200), answers(400)) & closes,
            "answers in order: 1. answers 200; 2. answers 400; and closes the connection",
        ),
        (
            in_turn(answers(200), answers(200)) | (answers(413) & closes) | hangs_up,
            (
                "answers in order: 1. answers 200; 2. answers 200; or answers 413 and closes the connection, "
                "or closes the connection without a response"
            ),
        ),
        (
            stays_open & in_turn(answers(200), answers(400)) & no_interim,
            (
                "keeps the connection open and answers in order: 1. answers 200; 2. answers 400; "
                "and sends no interim response"
            ),
        ),
        (
            (hangs_up | in_turn(answers(200), answers(400))) & no_interim,
            (
                "(closes the connection without a response, or answers in order: 1. answers 200; "
                "2. answers 400) and sends no interim response"
            ),
        ),
        (interim(100), "sends 100 without waiting for the content"),
        (no_interim & waits, "sends no interim response and sends nothing before the request is complete"),
        (has_field(b"Date"), "sends the field Date"),
        (has_field(b"Connection", b"close"), "sends the field Connection: close"),
        (lacks_field(b"Date"), "sends no Date field"),
        (version(b"HTTP/1.1"), "labels the response HTTP/1.1"),
        (content(b"\x00a\xff"), r"sends the content \x00a\xff"),
        (content(b""), "sends the content (empty)"),
        (content(b"a" * 61), f"sends the content {'a' * 40}… (61 bytes)"),
        (content_size(5), "sends content of 5 octets"),
        (in_step, "does not treat any of these bytes as another request"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_outcome_prints_itself(outcome: Outcome, text: str) -> None:
    assert str(outcome) == text


@pytest.mark.parametrize(
    ("outcome", "wanted"),
    [
        pytest.param(answers(200), 1, id="one answer"),
        pytest.param(closes, 0, id="a close needs no answer"),
        pytest.param(hangs_up | falls_silent, 0, id="either without an answer"),
        pytest.param(answers(200) & closes, 1, id="the more of both"),
        pytest.param(closes | answers(200), 1, id="the more of either"),
        pytest.param(in_turn(answers(200), answers(200), answers(200)), 3, id="one for each"),
        pytest.param(in_turn(answers(200), answers(200)) & stays_open, 2, id="in turn and open"),
    ],
)
def test_an_outcome_says_how_many_answers_to_wait_for(outcome: Outcome, wanted: int) -> None:
    assert outcome.answers == wanted


# Excuses


@pytest.mark.parametrize("ending", ENDINGS_BY_THE_SERVER)
def test_hanging_up_is_excused_if_a_refusal_is_due(ending: Ending) -> None:
    assert answers(400).excuse(said(b"", ending=ending)) is True


@pytest.mark.parametrize("ending", OTHER_ENDINGS)
def test_only_a_close_is_excused(ending: Ending) -> None:
    assert answers(400).excuse(said(b"", ending=ending)) is False
    assert in_turn(answers(200), answers(200)).excuse(said(OK, ending=ending)) is False


@pytest.mark.parametrize(
    ("outcome", "seen", "excused"),
    [
        pytest.param(answers(200), HANG_UP, False, id="a hang-up instead of a success"),
        pytest.param(answers(399), HANG_UP, False, id="a hang-up instead of a redirection"),
        pytest.param(answers(200, 400), HANG_UP, True, id="a hang-up where a refusal is one option"),
        pytest.param(answers(500), HANG_UP, True, id="a hang-up instead of a server error"),
        pytest.param(answers(400), GARBAGE, False, id="garbage, then a close"),
        pytest.param(answers(400), said(CONTINUE), True, id="an interim response, then a close"),
        pytest.param(
            answers(CLIENT_ERROR),
            said(HALF_REFUSAL, ending=Ending.RESET),
            True,
            id="a refusal that its own reset cut short",
        ),
        pytest.param(
            answers(413), said(HALF_REFUSAL, ending=Ending.RESET), False, id="another refusal, cut short"
        ),
        pytest.param(answers(400), said(HALF, ending=Ending.RESET), False, id="a success instead, cut short"),
        pytest.param(
            answers(SUCCESS, CLIENT_ERROR),
            said(HALF, ending=Ending.RESET),
            False,
            id="a success that would be right, cut short",
        ),
        pytest.param(answers(400), said(OK), False, id="a success, then a close"),
        pytest.param(answers(400), said(response(404)), False, id="another refusal, then a close"),
        pytest.param(answers(400), said(b"", OK), False, id="the follow-up answered"),
        pytest.param(closes, HANG_UP, False, id="an outcome that does not involve answers"),
        pytest.param(answers(400) & closes, HANG_UP, True, id="and"),
        pytest.param(closes & answers(400), HANG_UP, True, id="and, the other way round"),
        pytest.param(answers(200) | answers(400), HANG_UP, True, id="or"),
        pytest.param(answers(200) | closes, said(HALF), False, id="neither"),
    ],
)
def test_a_hang_up_is_excused_only_in_place_of_a_refusal(
    outcome: Outcome, seen: Observation, excused: bool
) -> None:
    assert outcome.excuse(seen) is excused


def test_in_turn_says_that_two_responses_came_in_each_others_place() -> None:
    three = in_turn(answers(200), content(b"a"), content(b"b"))
    first, second, last = OK, response(200, b"a"), response(200, b"b")
    assert three.detail(said(first + last + second)) == "two responses came in each other's place"
    assert "place" not in three.detail(said(first + second + last))
    assert "place" not in three.detail(said(first + last + last))
    assert "place" not in three.detail(said(first + last))
    assert in_turn(answers(200), answers(200)).detail(said(OK + OK)) == ""


TWO = in_turn(answers(200), answers(200))


@pytest.mark.parametrize(
    ("outcome", "seen", "excused"),
    [
        pytest.param(TWO, said(OK), True, id="cut short after a right answer"),
        pytest.param(TWO, said(OK, ending=Ending.RESET), True, id="reset after a right answer"),
        pytest.param(TWO, said(BAD_REQUEST), False, id="cut short after a wrong answer"),
        pytest.param(TWO, HANG_UP, False, id="cut short before any answer"),
        pytest.param(TWO, said(OK + BAD_REQUEST), False, id="a wrong second answer"),
        pytest.param(TWO, said(OK + OK), False, id="both came, nothing to excuse"),
        pytest.param(
            in_turn(fixed(None), answers(200)), said(OK), True, id="cut short after an unknown answer"
        ),
        pytest.param(
            in_turn(answers(200), answers(200), answers(200)),
            said(OK + BAD_REQUEST),
            False,
            id="a wrong answer among them",
        ),
    ],
)
def test_a_close_between_pipelined_requests_is_excused_after_right_answers(
    outcome: Outcome, seen: Observation, excused: bool
) -> None:
    assert outcome.excuse(seen) is excused


# In step: what the response to the follow-up shows

FOLLOWED = echo(target="/echo?follow-up")
SMUGGLED = echo(target="/smuggled")


@pytest.mark.parametrize(
    ("seen", "holds"),
    [
        pytest.param(said(OK), True, id="one answer"),
        pytest.param(said(OK, OK), True, id="one answer, and the follow-up's"),
        pytest.param(HANG_UP, True, id="no answer"),
        pytest.param(said(OK + OK), False, id="a surplus answer before the follow-up"),
        pytest.param(said(OK, OK + OK), False, id="a surplus answer after the follow-up's"),
        pytest.param(said(OK + OK, OK), False, id="a surplus answer, and the follow-up's"),
        pytest.param(said(OK + b"\x00garbage"), False, id="something after the answer"),
        pytest.param(said(OK + HALF), False, id="half a further answer"),
        pytest.param(said(OK, HALF), False, id="half the follow-up's answer"),
        pytest.param(said(OK, FOLLOWED, witness=True), True, id="the witness saw the follow-up"),
        pytest.param(said(OK, SMUGGLED, witness=True), False, id="the witness saw another request"),
        pytest.param(said(OK, BAD_REQUEST, witness=True), False, id="the follow-up was refused"),
        pytest.param(said(OK, echo(query="follow-up"), witness=True), True, id="it saw the query at least"),
        pytest.param(said(OK, echo(query="n=1"), witness=True), False, id="it saw the query of another"),
        pytest.param(
            said(OK, echo(), witness=True), None, id="the witness does not say what the follow-up was"
        ),
        pytest.param(said(OK, echo(target=5), witness=True), None, id="the witness reports nonsense"),
        pytest.param(said(OK, SMUGGLED), True, id="without a witness"),
        pytest.param(said(OK, witness=True), True, id="closed before the follow-up"),
    ],
)
def test_in_step_means_one_answer_to_each_request(seen: Observation, holds: Truth) -> None:
    assert in_step.holds(seen) is holds


@pytest.mark.parametrize(
    ("seen", "detail"),
    [
        pytest.param(said(OK, OK), "", id="in step"),
        pytest.param(said(OK + OK), "it sent 2 responses to 1 request", id="before the follow-up"),
        pytest.param(said(OK, OK + OK), "it sent 3 responses to 2 requests", id="after the follow-up"),
        pytest.param(said(OK + OK, OK), "it sent 3 responses to 2 requests", id="on both sides"),
        pytest.param(
            said(OK, SMUGGLED, witness=True),
            "the follow-up request was not understood as it was sent",
            id="another request",
        ),
        pytest.param(said(OK + b"\x00"), "", id="garbage, which the observed sentence shows"),
        pytest.param(said(OK + HALF), "", id="half an answer, which the observed sentence shows"),
    ],
)
def test_out_of_step_is_explained(seen: Observation, detail: str) -> None:
    assert in_step.detail(seen) == detail


def test_an_alternative_that_holds_is_the_only_one_with_details() -> None:
    either = in_turn(answers(200), answers(200)) | (answers(400) & in_step)
    assert either.detail(said(OK + OK, OK)) == ""
    assert either.detail(said(OK + OK + OK, OK))


def test_the_requests_that_were_sent_are_counted() -> None:
    seen = replace(said(OK + OK + OK, OK), requests=2)
    assert in_step.detail(seen) == "it sent 4 responses to 3 requests"
