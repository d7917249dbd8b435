"""Outcomes that compare: each holds on responses that agree, and on nothing else."""

import pytest

from conformance.judging.comparisons import same_fields, same_length, tells_our_time
from conformance.judging.observation import Observation
from conformance.judging.outcomes import Outcome
from tests.conformance.builders import (
    GARBAGE,
    HALF,
    HANG_UP,
    OK,
    SILENCE,
    every_shape,
    observed,
    received,
    response,
    said,
    sent,
)

NOON = b"Date: Mon, 23 Nov 2026 12:00:00 GMT"
TYPED = response(200, b"ok", b"Content-Type: text/plain", b"X-Test: one")


def dated(ours: bytes, *theirs: bytes) -> Observation:
    """A request with our Date line, and a response with the server's."""
    request = b"GET / HTTP/1.1\r\nHost: a\r\n" + ours + b"\r\n\r\n"
    return observed(sent(request), received(response(200, b"", *theirs)))


@pytest.mark.parametrize(
    ("outcome", "seen"),
    [
        pytest.param(same_fields, said(TYPED + TYPED), id="the same fields"),
        pytest.param(
            same_fields,
            said(response(200, b"", b"x-test: two", b"CONTENT-TYPE: text/plain") + TYPED),
            id="in another order, in other letters, with another value",
        ),
        pytest.param(
            same_fields,
            said(response(204) + response(200, b"", b"ETag: x")),
            id="a field about content that is not generated",
        ),
        pytest.param(
            same_fields,
            said(TYPED + OK.replace(b"200 Any", b"200 Any\r\nContent-Type: text/plain")),
            id="one more field",
        ),
        pytest.param(same_length, said(OK + response(200, b"no")), id="the same length"),
        pytest.param(same_length, said(OK + response(304)), id="no length after a length"),
        pytest.param(same_length, said(response(204) + OK), id="a length after no length"),
        pytest.param(tells_our_time, dated(NOON, NOON), id="the same time"),
        pytest.param(tells_our_time, dated(NOON, NOON.replace(b"12:00", b"12:15")), id="a little later"),
        pytest.param(tells_our_time, dated(NOON, NOON.replace(b"12:00", b"11:45")), id="a little earlier"),
    ],
)
def test_an_outcome_holds_as_named(outcome: Outcome, seen: Observation) -> None:
    assert outcome.holds(seen) is True
    assert outcome.detail(seen) == "" or outcome is tells_our_time


@pytest.mark.parametrize(
    ("outcome", "seen", "detail"),
    [
        pytest.param(
            same_fields,
            said(response(200, b"", b"Content-Type: text/plain") + TYPED),
            "the next response has X-Test, but this one does not",
            id="one field fewer",
        ),
        pytest.param(
            same_fields,
            said(response(200, b"", b"Content-Type: text/html", b"X-Test: one") + TYPED),
            "its Content-Type differs from the next response's",
            id="another type",
        ),
        pytest.param(same_fields, said(TYPED, TYPED), "", id="the follow-up's"),
        pytest.param(
            same_length,
            said(OK + response(200, b"no!")),
            "its Content-Length is 2, but the next response's is 3",
            id="another length",
        ),
        pytest.param(same_length, said(OK, OK), "", id="the follow-up's length"),
        pytest.param(
            tells_our_time,
            dated(NOON, NOON.replace(b"12:00", b"13:00")),
            "its Date is Mon, 23 Nov 2026 13:00:00 GMT",
            id="an hour later",
        ),
        pytest.param(
            tells_our_time,
            dated(NOON, NOON.replace(b"12:00:00", b"11:44:59")),
            "its Date is Mon, 23 Nov 2026 11:44:59 GMT",
            id="more than a little earlier",
        ),
        pytest.param(tells_our_time, dated(NOON), "it has no Date", id="no Date"),
        pytest.param(tells_our_time, dated(NOON, b"Date: noon"), "its Date is noon", id="an invalid Date"),
        pytest.param(
            tells_our_time,
            dated(NOON, b"Date: \xff\x00"),
            r"its Date is \xff\x00",
            id="octets that are not a Date",
        ),
        pytest.param(
            tells_our_time,
            dated(NOON, NOON.removesuffix(b" GMT")),
            None,
            id="a Date without a known time zone",
        ),
        pytest.param(tells_our_time, dated(NOON, NOON, NOON), None, id="two Dates"),
        pytest.param(tells_our_time, dated(b"X-Test: one", NOON), None, id="no Date in our request"),
    ],
)
def test_an_outcome_does_not_hold_on_similar_responses(
    outcome: Outcome, seen: Observation, detail: str | None
) -> None:
    assert outcome.holds(seen) is False
    assert detail is None or outcome.detail(seen) == detail


@pytest.mark.parametrize("seen", [SILENCE, HANG_UP, GARBAGE, said(HALF)])
@pytest.mark.parametrize("outcome", [same_fields, same_length, tells_our_time], ids=str)
def test_no_outcome_holds_without_a_response(outcome: Outcome, seen: Observation) -> None:
    assert outcome.holds(seen) is False


@pytest.mark.parametrize("outcome", [same_fields, same_length, tells_our_time], ids=str)
def test_an_outcome_is_known_for_every_shape_of_conversation(outcome: Outcome) -> None:
    for name, seen in every_shape():
        assert outcome.holds(seen) in (True, False), name
        assert isinstance(outcome.detail(seen), str), name
