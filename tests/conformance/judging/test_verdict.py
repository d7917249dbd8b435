"""The table of verdicts, row by row: what was observed, for each level of the clause."""

import pytest

from clients.transcript import Ending, Event, Kind
from conformance.clauses import Level
from conformance.judging.model import Breach, Need, Risk, Scenario, Verdict
from conformance.judging.observation import Observation
from conformance.judging.outcomes import (
    Outcome,
    answers,
    closes,
    falls_silent,
    hangs_up,
    in_step,
    in_turn,
    stays_open,
)
from conformance.judging.verdict import GARBLED, OTHER_STATUS, Judgement, judge
from conformance.judging.witness_outcomes import sees, sees_argument
from conformance.running.applicability import rule_out
from tests.conformance.builders import (
    BAD_REQUEST,
    ENDINGS_BY_THE_SERVER,
    HALF,
    HANG_UP,
    OK,
    OTHER_ENDINGS,
    SILENCE,
    clause,
    echo,
    every_shape,
    observed,
    response,
    said,
    scenario,
)

PASS, WARN, INFO = Verdict.PASS, Verdict.WARN, Verdict.INFO
FAIL, NOT_APPLICABLE, ERROR = Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.ERROR

REFUSED = observed(ending=Ending.REFUSED, note="Connection refused")

# A scenario of each shape that the table distinguishes; the test sets the level.
REFUSING = scenario(accept=answers(400), tolerate=answers(501))
SEEING = scenario(accept=sees(method=b"GET") | answers(400))
PIPELINED = scenario(accept=in_turn(answers(200), answers(200)))

EXCUSED = "tolerated: a server may close at any time (RFC 9112, 9.5)"
NOT_MOUNTED = "without a witness, how the server understood this cannot be seen"

ROWS = [
    pytest.param(REFUSING, said(BAD_REQUEST), (PASS, PASS, PASS), "", id="accepted"),
    pytest.param(
        REFUSING,
        said(response(501)),
        (WARN, WARN, PASS),
        "tolerated: the server answers 501",
        id="tolerated",
    ),
    pytest.param(REFUSING, HANG_UP, (WARN, WARN, PASS), EXCUSED, id="an excused hang-up"),
    pytest.param(PIPELINED, said(OK), (WARN, WARN, PASS), EXCUSED, id="an excused close in between"),
    pytest.param(REFUSING, said(OK), (FAIL, WARN, INFO), "", id="anything else"),
    pytest.param(REFUSING, SILENCE, (FAIL, WARN, INFO), "", id="silence"),
    pytest.param(PIPELINED, HANG_UP, (FAIL, WARN, INFO), "", id="a hang-up that is not excused"),
    pytest.param(SEEING, said(OK), (NOT_APPLICABLE,) * 3, NOT_MOUNTED, id="unknown"),
    pytest.param(SEEING, said(BAD_REQUEST), (PASS, PASS, PASS), "", id="known from another branch"),
    pytest.param(
        REFUSING,
        REFUSED,
        (ERROR, ERROR, ERROR),
        "the target accepted no connection: Connection refused",
        id="a refused connection",
    ),
]


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize(("shape", "seen", "verdicts", "reason"), ROWS)
def test_the_table_of_verdicts(
    shape: Scenario,
    seen: Observation,
    verdicts: tuple[Verdict, Verdict, Verdict],
    reason: str,
    level: Level,
) -> None:
    graded = scenario(clause=clause(level), accept=shape.accept, tolerate=shape.tolerate)
    assert judge(graded, seen) == Judgement(verdicts[list(Level).index(level)], reason)


@pytest.mark.parametrize(("level", "verdict"), [(Level.MUST, FAIL), (Level.SHOULD, Verdict.RISK)])
def test_a_deviation_that_has_been_exploited_is_a_risk_where_no_must_forbids_it(
    level: Level, verdict: Verdict
) -> None:
    risky = scenario(clause=clause(level), accept=answers(400), tolerate=answers(501), risk=Risk.SMUGGLING)
    assert judge(risky, said(OK)) == Judgement(verdict)
    assert judge(risky, SILENCE) == Judgement(verdict)
    assert judge(risky, HANG_UP) == Judgement(WARN, EXCUSED)
    assert judge(risky, said(response(501))).verdict is WARN
    assert judge(risky, said(BAD_REQUEST)) == Judgement(PASS)


# A refusal with another status, and what is not a refusal


STRICT = scenario(accept=answers(400) & closes)


@pytest.mark.parametrize(("level", "verdict"), [(Level.MUST, WARN), (Level.SHOULD, WARN), (Level.MAY, INFO)])
@pytest.mark.parametrize("status", [404, 421, 500, 501, 505])
def test_a_refusal_with_another_status_than_400_is_no_fail(
    status: int, level: Level, verdict: Verdict
) -> None:
    risk = Risk.SMUGGLING if level is Level.SHOULD else None
    graded = scenario(clause=clause(level), accept=STRICT.accept, risk=risk)
    assert judge(graded, said(response(status))) == Judgement(verdict, OTHER_STATUS)


@pytest.mark.parametrize(
    ("accept", "seen"),
    [
        pytest.param(answers(400) & closes, said(response(404), OK), id="and not closed"),
        pytest.param(answers(400) & in_step, said(response(404) + OK), id="and more was answered"),
        pytest.param(answers(400), said(OK), id="served"),
        pytest.param(answers(400), said(response(302)), id="redirected"),
        pytest.param(answers(417), said(BAD_REQUEST), id="another status is the subject"),
        pytest.param(answers(405, 501), said(response(500)), id="other statuses are the subject"),
    ],
)
def test_what_is_not_merely_another_status_is_a_deviation(accept: Outcome, seen: Observation) -> None:
    assert judge(scenario(accept=accept), seen) == Judgement(FAIL)


def test_one_of_several_requests_may_be_refused_with_another_status() -> None:
    malformed_second = scenario(accept=in_turn(answers(200), answers(400)) & closes)
    assert judge(malformed_second, said(OK + response(501))) == Judgement(WARN, OTHER_STATUS)
    assert judge(malformed_second, said(OK + OK)) == Judgement(FAIL)


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(b"hello", id="content alone"),
        pytest.param(b"HTTP/1 200 OK\r\n\r\nhello", id="a garbled version"),
        pytest.param(b"HTTPS/1.1 200 OK\r\n\r\nhello", id="an echoed version"),
        pytest.param(b"<html><title>Welcome</title>404 of a kind", id="a page"),
    ],
)
def test_what_was_served_without_a_response_is_not_a_hang_up(rest: bytes) -> None:
    assert judge(STRICT, said(rest)) == Judgement(FAIL, GARBLED)


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(b"HTTP/1 400 Bad Request\r\n\r\n", id="a garbled version"),
        pytest.param(b"400 Bad Request\r\n", id="no version"),
        pytest.param(b"<html>\r\n<head><title>400 Bad Request</title></head>", id="a page"),
        pytest.param(b"<!DOCTYPE HTML><title>Error response</title>", id="a page of words"),
        pytest.param(b"\x15\x03\x03\x00\x02\x02\x32", id="a TLS alert"),
    ],
)
def test_a_garbled_refusal_is_a_hang_up(rest: bytes) -> None:
    assert judge(STRICT, said(rest)) == Judgement(WARN, EXCUSED)


# What was seen may break another clause


TWICE = Breach(answers(200), clause(Level.MUST))
REDIRECTED = Breach(answers(302) | answers(200), clause(Level.SHOULD), Risk.ROUTING)
OFTEN_BROKEN = scenario(clause=clause(Level.MAY), accept=answers(400), breaches=(TWICE, REDIRECTED))


@pytest.mark.parametrize(
    ("seen", "judgement"),
    [
        pytest.param(said(BAD_REQUEST), Judgement(PASS), id="accepted"),
        pytest.param(HANG_UP, Judgement(PASS, EXCUSED), id="excused"),
        pytest.param(said(OK), Judgement(FAIL, breach=TWICE), id="the first that was seen"),
        pytest.param(said(response(302)), Judgement(Verdict.RISK, breach=REDIRECTED), id="with its own risk"),
        pytest.param(said(response(201)), Judgement(INFO), id="none of them"),
    ],
)
def test_the_clause_that_was_broken_is_judged(seen: Observation, judgement: Judgement) -> None:
    assert judge(OFTEN_BROKEN, seen) == judgement


# The order of the rows: the first one that holds decides


def test_accepted_comes_before_tolerated() -> None:
    both = scenario(accept=answers(400), tolerate=answers(400))
    assert judge(both, said(BAD_REQUEST)) == Judgement(PASS)


def test_tolerated_by_name_comes_before_excused() -> None:
    named = scenario(accept=answers(400), tolerate=hangs_up)
    expected = "tolerated: the server closes the connection without a response"
    assert judge(named, HANG_UP) == Judgement(WARN, expected)


def test_tolerated_comes_before_unknown() -> None:
    unknown = scenario(accept=sees(method=b"GET"), tolerate=answers(200))
    assert judge(unknown, said(OK)).verdict is WARN


def test_excused_comes_before_unknown() -> None:
    assert judge(SEEING, HANG_UP) == Judgement(WARN, EXCUSED)


def test_an_unknown_tolerance_does_not_tolerate() -> None:
    unknown = scenario(accept=answers(400), tolerate=sees(method=b"GET"))
    assert judge(unknown, said(OK)).verdict is FAIL


def test_a_refused_connection_is_not_a_hang_up() -> None:
    assert judge(scenario(accept=closes | hangs_up | answers(400)), REFUSED).verdict is ERROR


def test_a_server_that_refuses_connections_after_our_reset_is_a_finding() -> None:
    gone = observed(Event(0.0, Kind.RESET_SENT), ending=Ending.REFUSED, note="Connection refused")
    assert judge(scenario(accept=answers(200)), gone).verdict is FAIL


def test_a_witness_that_does_not_report_enough_makes_it_not_applicable() -> None:
    seen = said(echo(method="GET"), witness=True)
    reason = "the witness does not report how the server understood this"
    assert judge(scenario(accept=sees(host=b"a")), seen) == Judgement(NOT_APPLICABLE, reason)
    assert judge(scenario(accept=sees_argument("a")), seen) == Judgement(NOT_APPLICABLE, reason)


@pytest.mark.parametrize("ending", ENDINGS_BY_THE_SERVER)
def test_every_close_instead_of_a_refusal_is_a_warning(ending: Ending) -> None:
    assert judge(REFUSING, said(b"", ending=ending)) == Judgement(WARN, EXCUSED)


@pytest.mark.parametrize("ending", [ending for ending in OTHER_ENDINGS if ending is not Ending.REFUSED])
def test_any_other_ending_instead_of_a_refusal_is_a_failure(ending: Ending) -> None:
    assert judge(REFUSING, said(b"", ending=ending)) == Judgement(FAIL)


def test_a_clause_that_wants_a_close_may_accept_a_hang_up() -> None:
    assert judge(scenario(accept=answers(400) & closes | hangs_up), HANG_UP) == Judgement(PASS)


def test_a_right_answer_without_the_close_that_is_due_is_a_failure() -> None:
    closing = scenario(accept=answers(400) & closes)
    assert judge(closing, said(BAD_REQUEST, OK)).verdict is FAIL
    assert judge(closing, said(BAD_REQUEST, ending=Ending.SILENCE)).verdict is FAIL


def test_half_a_success_is_a_failure_even_if_refusals_are_allowed() -> None:
    either = scenario(accept=answers(200, 400))
    assert judge(either, said(HALF, ending=Ending.RESET)).verdict is FAIL


def test_silence_passes_only_if_the_outcome_names_it() -> None:
    accepting = (answers(200), answers(400) & closes, stays_open, hangs_up, closes, SEEING.accept)
    assert [one.text for one in accepting if judge(scenario(accept=one), SILENCE).verdict is PASS] == []
    assert judge(scenario(accept=falls_silent), SILENCE).verdict is PASS


@pytest.mark.parametrize("shape", [REFUSING, SEEING, PIPELINED], ids=["refusing", "seeing", "pipelined"])
def test_every_shape_of_conversation_is_judged(shape: Scenario) -> None:
    for name, seen in every_shape():
        judgement = judge(shape, seen)
        assert isinstance(judgement.verdict, Verdict), name
        assert (judgement.verdict is ERROR) is (seen.transcript.ending is Ending.REFUSED), name


# Scenarios that are ruled out before they are played

NOTHING: frozenset[Need] = frozenset()
EVERYTHING = frozenset(Need)
CONTROLLED = scenario(control="example.control")


def test_nothing_rules_out_a_scenario_without_needs_and_control() -> None:
    assert rule_out(scenario(), NOTHING, None) is None


def test_a_control_that_passed_rules_nothing_out() -> None:
    assert rule_out(CONTROLLED, NOTHING, Judgement(PASS)) is None


@pytest.mark.parametrize(("verdict", "name"), [(FAIL, "FAIL"), (WARN, "WARN"), (INFO, "INFO")])
def test_a_control_that_did_not_pass_makes_a_scenario_not_applicable(verdict: Verdict, name: str) -> None:
    reason = f"its control example.control did not pass ({name})"
    assert rule_out(CONTROLLED, NOTHING, Judgement(verdict, "why")) == Judgement(NOT_APPLICABLE, reason)


@pytest.mark.parametrize(
    "control", [Judgement(NOT_APPLICABLE, "the witness is not mounted"), Judgement(ERROR, "not judged: late")]
)
def test_a_control_that_was_not_judged_passes_on_its_reason(control: Judgement) -> None:
    assert rule_out(CONTROLLED, NOTHING, control) == control


@pytest.mark.parametrize(
    ("need", "reason"),
    [
        (Need.WITNESS, "the witness is not mounted"),
        (Need.FORMS, "the witness does not report form arguments and files"),
        (Need.TLS, "the target is not reached over TLS"),
        (Need.CLIENT_CERTIFICATE, "the target is not known to ask for a client certificate"),
    ],
)
def test_a_need_that_is_missing_is_named(need: Need, reason: str) -> None:
    needing = scenario(needs=frozenset({need}))
    assert rule_out(needing, EVERYTHING - {need}, None) == Judgement(NOT_APPLICABLE, reason)
    assert rule_out(needing, frozenset({need}), None) is None


def test_one_need_of_several_is_enough_to_rule_out() -> None:
    needing = scenario(needs=frozenset({Need.WITNESS, Need.TLS}))
    assert rule_out(needing, frozenset({Need.TLS}), None) == Judgement(
        NOT_APPLICABLE, "the witness is not mounted"
    )


def test_the_reason_does_not_depend_on_the_order_of_the_needs() -> None:
    needing = scenario(needs=EVERYTHING)
    first = Judgement(NOT_APPLICABLE, "the target is not known to ask for a client certificate")
    assert rule_out(needing, NOTHING, None) == first


def test_needs_that_follow_from_placeholders_count() -> None:
    needing = scenario(send=(b"GET <size>/1 HTTP/1.1\r\n\r\n",))
    assert rule_out(needing, NOTHING, None) == Judgement(NOT_APPLICABLE, "the witness is not mounted")


def test_a_missing_need_comes_before_a_failed_control() -> None:
    needing = scenario(control="example.control", needs=frozenset({Need.TLS}))
    reason = "the target is not reached over TLS"
    assert rule_out(needing, NOTHING, Judgement(FAIL)) == Judgement(NOT_APPLICABLE, reason)
