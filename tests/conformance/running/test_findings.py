"""What a finding rests on: an answer that was cut short is told from one that is merely wrong."""

from dataclasses import replace

import pytest

from clients.transcript import Ending, Event, Transcript
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Breach, Finding, Scenario, Verdict
from conformance.judging.outcomes import answers, in_turn
from conformance.running.applicability import NEW_IN_HTTP11
from conformance.running.findings import is_cut, judged
from conformance.running.pairs import Pair
from tests.conformance.builders import (
    BAD_REQUEST,
    CONNECTED,
    FOLLOWED_UP,
    GET,
    HALF,
    OK,
    received,
    response,
    scenario,
    sent,
    target,
)

UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\nwhole, or not"


@pytest.mark.parametrize(
    ("events", "ending", "expected"),
    [
        pytest.param((received(BAD_REQUEST),), Ending.FIN, False, id="a whole answer"),
        pytest.param((received(HALF),), Ending.FIN, True, id="half an answer"),
        pytest.param((received(OK[:20]),), Ending.RESET, True, id="half a head"),
        pytest.param((), Ending.RESET, True, id="no answer"),
        pytest.param((received(UNTIL_CLOSE),), Ending.FIN, True, id="only the close says that it is whole"),
        pytest.param((received(OK), FOLLOWED_UP), Ending.FIN, True, id="no answer to the follow-up"),
        pytest.param((received(OK), FOLLOWED_UP, received(OK)), Ending.FIN, False, id="all answered"),
        pytest.param((received(HALF),), Ending.SILENCE, False, id="a stall"),
    ],
)
def test_what_is_cut_short_has_ended_before_all_was_answered(
    events: tuple[Event, ...], ending: Ending, expected: bool
) -> None:
    pair = Pair(target(), scenario("a.b"))
    transcript = Transcript((CONNECTED, sent(GET), *events), ending)
    assert is_cut(judged(pair, scenario("a.b"), transcript)) is expected


def test_an_answer_too_few_is_cut_short() -> None:
    two = scenario("a.b", accept=in_turn(answers(200), answers(200)))
    transcript = Transcript((CONNECTED, sent(GET + GET), received(OK)), Ending.FIN)
    assert is_cut(judged(Pair(target(), two), two, transcript))


# A server of HTTP/1.0

OLD = response(200, b"ok", version=b"HTTP/1.0")
ADDED = scenario("a.added", clause=RFC9112["3.2-6"], accept=answers(400))
KEPT = scenario("a.kept", clause=RFC9110["9.3.2-1"], accept=answers(400))


def of_http10(check: Scenario, *events: Event, labels_http10: bool = True) -> Finding:
    pair = Pair(replace(target(), labels_http10=labels_http10), check)
    return judged(pair, check, Transcript((CONNECTED, sent(GET), *events), Ending.FIN))


def test_a_server_of_http10_is_not_held_to_what_http11_added() -> None:
    finding = of_http10(ADDED, received(OLD))
    assert (finding.verdict, finding.reason) == (Verdict.NOT_APPLICABLE, NEW_IN_HTTP11)


def test_nor_is_its_close_a_warning() -> None:
    assert of_http10(ADDED).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("check", "data", "labels_http10"),
    [
        pytest.param(KEPT, OLD, True, id="a rule that HTTP/1.0 has"),
        pytest.param(ADDED, OK, True, id="a response that is labelled HTTP/1.1"),
        pytest.param(ADDED, OLD, False, id="labelled HTTP/1.1 before the run"),
        pytest.param(ADDED, OLD + OLD, True, id="an answer to what is not a request"),
    ],
)
def test_it_is_held_all_the_same(check: Scenario, data: bytes, labels_http10: bool) -> None:
    assert of_http10(check, received(data), labels_http10=labels_http10).verdict is Verdict.FAIL


def test_what_it_does_right_is_a_pass() -> None:
    refusal = response(400, version=b"HTTP/1.0")
    assert of_http10(ADDED, received(refusal)).verdict is Verdict.PASS


def test_the_clause_of_the_breach_is_the_one_that_matters() -> None:
    breach = Breach(answers(200), RFC9110["9.3.2-1"])
    check = scenario("a.added", clause=RFC9112["3.2-6"], accept=answers(400), breaches=(breach,))
    assert of_http10(check, received(OLD)).verdict is Verdict.FAIL
    assert of_http10(check, received(response(302, version=b"HTTP/1.0"))).verdict is Verdict.NOT_APPLICABLE
