"""Named outcomes: each holds as named and on nothing else; none holds on silence."""

import pytest

from clients.transcript import Ending
from conformance.judging.observation import Observation
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    Outcome,
    answers,
    closes,
    closes_gracefully,
    content,
    content_lacks,
    content_size,
    falls_silent,
    hangs_up,
    has_field,
    in_turn,
    interim,
    lacks_field,
    no_answer,
    no_interim,
    sends_what_is_awaited,
    stays_open,
    version,
    waits,
    well_formed,
)
from conformance.judging.tls_outcomes import closes_cleanly, refuses_tls, sends_alert
from tests.conformance.builders import (
    BAD_REQUEST,
    CONTINUE,
    ENDINGS_BY_THE_SERVER,
    GARBAGE,
    GET,
    HALF,
    HALF_REFUSAL,
    HANG_UP,
    IN_VAIN,
    OK,
    OTHER_ENDINGS,
    PAUSED,
    SILENCE,
    every_shape,
    observed,
    received,
    response,
    said,
    sent,
)

ALERT = b"\x15\x03\x03\x00\x02\x02\x28"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
FLAWED = b"HTTP/1.1 200 OK\r\nBad Name: x\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("outcome", "seen"),
    [
        pytest.param(answers(200), said(OK), id="answers the status"),
        pytest.param(answers(200, 400), said(BAD_REQUEST), id="answers one of two"),
        pytest.param(answers(SUCCESS, 400), said(response(206)), id="answers within a range"),
        pytest.param(answers(REDIRECTION), said(response(308)), id="answers a redirection"),
        pytest.param(answers(CLIENT_ERROR), said(response(499)), id="answers the last of a class"),
        pytest.param(answers(SERVER_ERROR), said(response(500)), id="answers the first of a class"),
        pytest.param(answers(200), said(CONTINUE + OK), id="answers after an interim response"),
        pytest.param(answers(200), said(OK + BAD_REQUEST), id="answers first"),
        pytest.param(in_turn(answers(200), answers(400)), said(OK + BAD_REQUEST), id="in turn"),
        pytest.param(interim(100), said(CONTINUE + OK), id="interim"),
        pytest.param(sends_what_is_awaited, observed(sent(GET), received(OK)), id="awaited and sent"),
        pytest.param(no_interim, said(OK), id="no interim"),
        pytest.param(no_answer, said(CONTINUE), id="no answer after an interim response"),
        pytest.param(has_field(b"Date"), said(response(200, b"", b"date: x")), id="has the field"),
        pytest.param(has_field(b"Date"), said(response(200, b"", b"Date:")), id="has the field, empty"),
        pytest.param(
            has_field(b"Connection", b"Close"),
            said(response(200, b"", b"Connection: a", b"CONNECTION: b , cLOSE")),
            id="has the member, on another line, in other letters",
        ),
        pytest.param(lacks_field(b"Date"), said(OK), id="lacks the field"),
        pytest.param(version(b"HTTP/1.0"), said(response(version=b"HTTP/1.0")), id="version"),
        pytest.param(content(b"ok"), said(OK), id="content"),
        pytest.param(content(b"ok"), said(CHUNKED), id="content from chunks"),
        pytest.param(content(b""), said(response(204)), id="no content"),
        pytest.param(content_size(2), said(CHUNKED), id="content size"),
        pytest.param(content_lacks(b"secret"), said(OK), id="content lacks"),
        pytest.param(well_formed, said(CONTINUE + OK, OK), id="well formed"),
        pytest.param(stays_open, said(OK, OK), id="stays open"),
        pytest.param(hangs_up, HANG_UP, id="hangs up"),
        pytest.param(falls_silent, SILENCE, id="falls silent"),
        pytest.param(waits, observed(sent(GET), PAUSED, received(OK)), id="waits"),
        pytest.param(refuses_tls, HANG_UP, id="refuses TLS by a close"),
        pytest.param(refuses_tls, said(ALERT), id="refuses TLS by an alert in cleartext"),
        pytest.param(sends_alert, said(ALERT), id="sends an alert in cleartext"),
        pytest.param(sends_alert, said(b"", ending=Ending.ALERT), id="sends an alert"),
        pytest.param(closes_cleanly, said(OK, ending=Ending.CLOSE_NOTIFY), id="closes cleanly"),
    ],
)
def test_an_outcome_holds_as_named(outcome: Outcome, seen: Observation) -> None:
    assert outcome.holds(seen) is True


@pytest.mark.parametrize(
    ("outcome", "seen"),
    [
        pytest.param(answers(200), said(BAD_REQUEST), id="another status"),
        pytest.param(answers(200), said(HALF), id="half an answer"),
        pytest.param(answers(200), said(BAD_REQUEST + OK), id="the second answer"),
        pytest.param(answers(200), said(b"", OK), id="the answer to the follow-up"),
        pytest.param(answers(200), GARBAGE, id="garbage"),
        pytest.param(answers(SUCCESS), said(response(300)), id="the first of the next class"),
        pytest.param(answers(SUCCESS), said(response(199)), id="the last of the class before"),
        pytest.param(answers(100), said(CONTINUE, ending=Ending.SILENCE), id="an interim response"),
        pytest.param(in_turn(answers(200), answers(400)), said(BAD_REQUEST + OK), id="in another order"),
        pytest.param(in_turn(answers(200), answers(400)), said(OK), id="one of two"),
        pytest.param(in_turn(answers(200), answers(400)), said(OK, BAD_REQUEST), id="the follow-up's"),
        pytest.param(interim(100), said(OK), id="no interim response"),
        pytest.param(interim(100), said(response(102) + OK), id="another interim response"),
        pytest.param(interim(100), said(OK + CONTINUE), id="an interim response after the answer"),
        pytest.param(
            interim(100), observed(sent(GET), IN_VAIN, received(CONTINUE + OK)), id="awaited in vain"
        ),
        pytest.param(
            sends_what_is_awaited, observed(sent(GET), IN_VAIN, received(OK)), id="awaited, not sent"
        ),
        pytest.param(no_interim, said(CONTINUE + OK), id="an interim response"),
        pytest.param(no_answer, said(OK), id="an answer"),
        pytest.param(no_answer, said(HALF), id="half an answer"),
        pytest.param(has_field(b"Date"), said(OK), id="lacks the field"),
        pytest.param(
            has_field(b"Connection", b"close"),
            said(response(200, b"", b"Connection: not-close")),
            id="another member",
        ),
        pytest.param(lacks_field(b"Date"), said(response(200, b"", b"date:")), id="has the field"),
        pytest.param(version(b"HTTP/1.1"), said(response(version=b"HTTP/1.0")), id="another version"),
        pytest.param(content(b"ok"), said(response(200, b"ok\n")), id="more content"),
        pytest.param(content_size(2), said(response(200, b"ok\n")), id="another content size"),
        pytest.param(content_lacks(b"ok"), said(response(200, b"not ok at all")), id="in the content"),
        pytest.param(well_formed, said(FLAWED), id="a flaw"),
        pytest.param(well_formed, said(OK, FLAWED), id="a flaw in the follow-up's answer"),
        pytest.param(well_formed, said(b"\r\n" + CONTINUE + OK), id="a flaw of an interim response"),
        pytest.param(well_formed, said(OK + b"\x00"), id="something after the response"),
        pytest.param(well_formed, said(HALF), id="a half response"),
        pytest.param(stays_open, said(OK, b""), id="no second answer"),
        pytest.param(stays_open, said(OK + OK), id="a second answer without a follow-up"),
        pytest.param(stays_open, said(OK, ending=Ending.LEFT), id="left"),
        pytest.param(closes, said(OK, OK), id="closes when asked to"),
        pytest.param(closes_gracefully, said(OK, OK), id="closes gracefully when asked to"),
        pytest.param(hangs_up, said(OK), id="answers before it closes"),
        pytest.param(hangs_up, said(CONTINUE), id="sends an interim response before it closes"),
        pytest.param(hangs_up, said(HALF), id="sends half an answer before it closes"),
        pytest.param(hangs_up, GARBAGE, id="sends garbage before it closes"),
        pytest.param(hangs_up, said(b"", OK), id="answers the follow-up alone"),
        pytest.param(falls_silent, said(OK, ending=Ending.SILENCE), id="answers before it falls silent"),
        pytest.param(falls_silent, said(CONTINUE, ending=Ending.SILENCE), id="interim before silence"),
        pytest.param(falls_silent, HANG_UP, id="closes"),
        pytest.param(falls_silent, said(b"", ending=Ending.LEFT), id="left before it was known"),
        pytest.param(waits, observed(sent(GET), received(b"H"), PAUSED), id="sends something before"),
        pytest.param(waits, said(OK), id="there was no pause"),
        pytest.param(refuses_tls, said(OK), id="answers in cleartext"),
        pytest.param(refuses_tls, said(HALF), id="begins an answer in cleartext"),
        pytest.param(refuses_tls, GARBAGE, id="sends something else in cleartext"),
        pytest.param(sends_alert, HANG_UP, id="closes without an alert"),
        pytest.param(sends_alert, said(ALERT, ending=Ending.SILENCE), id="an alert, and goes on"),
        pytest.param(sends_alert, said(OK + ALERT[1:]), id="bytes that are not an alert"),
    ],
)
def test_an_outcome_does_not_hold_on_similar_conversations(outcome: Outcome, seen: Observation) -> None:
    assert outcome.holds(seen) is False


@pytest.mark.parametrize("ending", ENDINGS_BY_THE_SERVER)
@pytest.mark.parametrize("outcome", [closes, hangs_up, refuses_tls], ids=str)
def test_every_end_by_the_server_is_a_close(outcome: Outcome, ending: Ending) -> None:
    assert outcome.holds(said(b"", ending=ending)) is True


@pytest.mark.parametrize("ending", OTHER_ENDINGS)
@pytest.mark.parametrize("outcome", [closes, closes_gracefully, hangs_up, refuses_tls, sends_alert], ids=str)
def test_an_end_that_is_not_the_servers_is_not_a_close(outcome: Outcome, ending: Ending) -> None:
    assert outcome.holds(said(b"", ending=ending)) is False


@pytest.mark.parametrize("ending", ENDINGS_BY_THE_SERVER)
def test_every_end_by_the_server_except_a_reset_is_graceful(ending: Ending) -> None:
    assert closes_gracefully.holds(said(OK, ending=ending)) is (ending is not Ending.RESET)


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.CLOSE_NOTIFY])
def test_only_close_notify_is_a_clean_close(ending: Ending) -> None:
    assert closes_cleanly.holds(said(OK, ending=ending)) is False


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.SILENCE])
def test_only_silence_is_falling_silent(ending: Ending) -> None:
    assert falls_silent.holds(said(b"", ending=ending)) is False


@pytest.mark.parametrize(
    "outcome",
    [
        answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR),
        in_turn(answers(200), answers(200)),
        interim(100),
        has_field(b"Date"),
        lacks_field(b"Date"),
        version(b"HTTP/1.1"),
        content(b""),
        content_size(0),
        content_lacks(b"x"),
        well_formed,
        closes,
        closes_gracefully,
        stays_open,
        hangs_up,
        closes_cleanly,
        refuses_tls,
        sends_alert,
    ],
    ids=str,
)
def test_no_outcome_holds_on_silence(outcome: Outcome) -> None:
    assert outcome.holds(SILENCE) is False
    assert outcome.excuse(SILENCE) is False


SHAPES = dict(every_shape())

EVERY_OUTCOME = (
    answers(200),
    answers(400),
    in_turn(answers(200), answers(400)),
    interim(100),
    no_interim,
    has_field(b"Date"),
    lacks_field(b"Date"),
    version(b"HTTP/1.1"),
    content(b"ok"),
    content_size(2),
    content_lacks(b"x"),
    well_formed,
    closes,
    closes_gracefully,
    stays_open,
    hangs_up,
    falls_silent,
    waits,
    closes_cleanly,
    refuses_tls,
    sends_alert,
)


@pytest.mark.parametrize("outcome", EVERY_OUTCOME, ids=str)
def test_an_outcome_is_known_for_every_shape_without_the_witness(outcome: Outcome) -> None:
    for name, seen in SHAPES.items():
        assert outcome.holds(seen) in (True, False), name
        assert outcome.excuse(seen) in (True, False), name
        assert isinstance(outcome.detail(seen), str), name


@pytest.mark.parametrize("one", [closes, hangs_up], ids=str)
@pytest.mark.parametrize("other", [stays_open, falls_silent], ids=str)
def test_open_and_closed_never_hold_together(one: Outcome, other: Outcome) -> None:
    assert [name for name, seen in SHAPES.items() if (one & other).holds(seen)] == []


@pytest.mark.parametrize(
    ("outcome", "seen", "detail"),
    [
        pytest.param(
            has_field(b"Date"), said(response(200, b"", b"Date: a", b"date: b")), "Date is a, b", id="field"
        ),
        pytest.param(has_field(b"Date"), said(OK), "there is no Date field", id="no field"),
        pytest.param(
            lacks_field(b"Date"), said(response(200, b"", b"Date:")), "Date is (empty)", id="empty field"
        ),
        pytest.param(
            version(b"HTTP/1.1"),
            said(response(version=b"HTTP/1.0")),
            "the response is labelled HTTP/1.0",
            id="version",
        ),
        pytest.param(content(b"a"), said(response(200, b"\x00b")), r"the content is \x00b", id="content"),
        pytest.param(content_size(1), said(OK), "the content has 2 octets", id="content size"),
        pytest.param(content_lacks(b"ok"), said(OK), "the content contains ok", id="content"),
        pytest.param(content_lacks(b"x"), said(OK), "", id="content that lacks it"),
        pytest.param(
            well_formed,
            said(FLAWED),
            "the response has a line that ends in LF alone, "
            "and a field line without a valid name and a colon",
            id="flaws",
        ),
        pytest.param(well_formed, said(OK), "", id="no flaws"),
        pytest.param(content(b"a"), HANG_UP, "", id="no answer"),
        pytest.param(answers(200), said(BAD_REQUEST), "", id="nothing beyond the observed sentence"),
        pytest.param(
            in_turn(answers(200), content(b"a"), content(b"b")),
            said(OK + OK),
            "2. the content is ok",
            id="in turn, as far as answers came",
        ),
        pytest.param(
            content(b"a") & content(b"b") & content_size(1),
            said(OK),
            "the content is ok; the content has 2 octets",
            id="each thing once",
        ),
    ],
)
def test_the_detail_says_what_the_server_sent_instead(
    outcome: Outcome, seen: Observation, detail: str
) -> None:
    assert outcome.detail(seen) == detail


@pytest.mark.parametrize(
    ("refusal", "ending", "holds"),
    [
        pytest.param(b"HTTP/1.1 400 No\r\n\r\n", Ending.FIN, True, id="closed"),
        pytest.param(b"HTTP/1.1 400 No\r\n\r\n", Ending.RESET, True, id="reset"),
        pytest.param(b"HTTP/1.1 400 No\r\n\r\n", Ending.SILENCE, False, id="left open"),
        pytest.param(b"HTTP/1.1 400 No\r\nConte", Ending.RESET, False, id="cut in the head"),
        pytest.param(HALF_REFUSAL, Ending.RESET, False, id="cut short of its length"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", Ending.RESET, False, id="not a refusal"),
    ],
)
def test_a_refusal_delimited_by_a_close_counts_even_if_that_is_a_reset(
    refusal: bytes, ending: Ending, holds: bool
) -> None:
    assert answers(200, 400).holds(said(refusal, ending=ending)) is holds
