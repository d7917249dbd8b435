"""The invariants: each is kept by one response and broken by another, and does not apply to the rest."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from clients.transcript import Ending, Transcript
from conformance.clauses import Level
from conformance.invariants.responses import Look, Lookout, exchanges_in, judge_look
from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Risk, Verdict
from tests.conformance.builders import FOLLOWED_UP, PAUSED, clause, received, sent, transcript

BY_ID = {invariant.id.removeprefix("invariant."): invariant for invariant in INVARIANTS}

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
DATE = b"Date: Mon, 23 Nov 2026 12:00:00 GMT\r\n"


def reply(fields: bytes = b"", *, status: bytes = b"200 OK", content: bytes = b"") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\n" + fields + b"Content-Length: %d\r\n\r\n" % len(content) + content


def bare(fields: bytes = b"", *, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\n" + fields + b"\r\n"


def chunked(fields: bytes = b"", *, trailers: bytes = b"") -> bytes:
    return bare(b"Transfer-Encoding: chunked\r\n" + fields) + b"2\r\nok\r\n0\r\n" + trailers + b"\r\n"


# For each invariant, bytes that break it, and bytes to which it applies and that keep it.
CASES = {
    "status-line": (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", reply(status=b"200 ")),
    "line-ends": (b"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", reply()),
    "white-space-after-status-line": (reply(b" X: 1\r\n"), reply()),
    "folded-lines": (reply(b"X: 1\r\n 2\r\n"), reply()),
    "field-grammar": (reply(b"X : 1\r\n"), reply(b"X: 1\r\n")),
    "content-length": (bare(b"Content-Length: 0, 0\r\n"), reply()),
    "length-and-coding": (
        reply(b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n",
        bare(b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n",
    ),
    "no-transfer-encoding": (
        bare(b"Transfer-Encoding: chunked\r\n", status=b"204 No Content"),
        bare(status=b"204 No Content"),
    ),
    "no-content-length": (reply(status=b"204 No Content"), bare(status=b"204 No Content")),
    "chunked-once": (
        bare(b"Transfer-Encoding: chunked, chunked\r\n") + b"0\r\n\r\n",
        bare(b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n",
    ),
    "self-delimited": (bare() + b"until the end", reply()),
    "close-announced": (reply(), reply(b"Connection: close\r\n")),
    "close-carried-out": (reply(b"Connection: close\r\n") + reply(), reply(b"Connection: close\r\n")),
    "date": (reply(), reply(DATE)),
    "date-grammar": (reply(b"Date: 2026-11-23\r\n"), reply(DATE)),
    "last-modified": (
        reply(DATE + b"Last-Modified: Tue, 24 Nov 2026 12:00:00 GMT\r\n"),
        reply(DATE + b"Last-Modified: Mon, 23 Nov 2026 12:00:00 GMT\r\n"),
    ),
    "repeated-fields": (reply(DATE + DATE), reply(DATE + b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n")),
    "empty-members": (reply(b"Allow: GET,, HEAD\r\n"), reply(b"Allow:\r\n")),
    "keep-alive-listed": (
        reply(b"Keep-Alive: timeout=5\r\n"),
        reply(b"Keep-Alive: timeout=5\r\nConnection: Keep-Alive\r\n"),
    ),
    "upgrade-listed": (reply(b"Upgrade: h2c\r\n"), reply(b"Upgrade: h2c\r\nConnection: upgrade\r\n")),
    "no-end-to-end-option": (reply(b"Connection: cache-control\r\n"), reply(b"Connection: keep-alive\r\n")),
    "allow": (reply(status=b"405 No"), reply(b"Allow: GET\r\n", status=b"405 No")),
    "no-content-in-205": (
        reply(status=b"205 Reset Content", content=b"x"),
        reply(status=b"205 Reset Content"),
    ),
    "redirect-location": (reply(status=b"302 Found"), reply(b"Location: /\r\n", status=b"302 Found")),
    "challenge": (reply(status=b"401 No"), reply(b"WWW-Authenticate: Basic\r\n", status=b"401 No")),
    "upgrade-required": (reply(status=b"426 No"), reply(b"Upgrade: h2c\r\n", status=b"426 No")),
    "location": (reply(b"Location: http://a@b/\r\n"), reply(b"Location: /x@y\r\n")),
    "retry-after": (reply(b"Retry-After: soon\r\n"), reply(b"Retry-After: 120\r\n")),
    "entity-tag": (reply(b"ETag: abc\r\n"), reply(b'ETag: W/"abc"\r\n')),
    "tokens": (reply(b"Connection: a b\r\n"), reply(b"Vary: a, *\r\nAllow:\r\n")),
    "media-type": (reply(b"Content-Type: text\r\n"), reply(b'Content-Type: a/b;c="d;\\"" ; e=f\r\n')),
    "content-type": (reply(content=b"x"), reply(b"Content-Type: text/plain\r\n", content=b"x")),
    "no-identity-coding": (reply(b"Content-Encoding: identity\r\n"), reply(b"Content-Encoding: gzip\r\n")),
    "status-code": (reply(status=b"799 No"), reply()),
    "version": (reply().replace(b"1.1", b"1.2", 1), reply()),
    "explained-errors": (reply(status=b"404 No"), reply(status=b"404 No", content=b"Not found.")),
    "explained-version": (
        reply(status=b"505 No", content=b"Not this one."),
        reply(status=b"505 No", content=b"HTTP/1.1 is spoken here."),
    ),
    "roles": (reply(b"Proxy-Authenticate: Basic\r\n"), reply(b"WWW-Authenticate: Basic\r\n")),
    "switched-protocol": (
        bare(status=b"101 Switching Protocols"),
        bare(b"Upgrade: h2c\r\n", status=b"101 Switching Protocols"),
    ),
    "trailer-fields": (chunked(trailers=b"Content-Length: 0\r\n"), chunked(trailers=b"Server-Timing: a\r\n")),
    "announced-trailers": (
        chunked(b"Trailer: Other\r\n", trailers=b"Server-Timing: a\r\n"),
        chunked(b"Trailer: other, server-timing\r\n", trailers=b"Server-Timing: a\r\n"),
    ),
    "white-space": (reply(b"X:  1\r\n"), reply(b"X: 1\r\nY:\r\nZ: \r\n")),
    "words-of-server": (reply(b"Server: one  two\r\n"), reply(b"Server: one/1 (of  many) two\r\n")),
    "needless-backslashes": (
        reply(b'Content-Type: text/plain; charset="utf\\-8"\r\n'),
        reply(b'WWW-Authenticate: Basic realm="a \\"b\\" \\\\c"\r\n'),
    ),
}


def look(name: str, conversations: Iterable[Transcript]) -> Look:
    """What conversations show of one of several invariants."""
    lookout = Lookout(list(BY_ID.values()))
    return lookout.look(BY_ID[name], [(each, lookout.see(each)) for each in conversations])


def looked(name: str, *responses: bytes, ending: Ending = Ending.FIN) -> Look:
    transcripts = [transcript(sent(GET), received(data), ending=ending) for data in responses]
    return look(name, transcripts)


def test_every_invariant_has_its_cases() -> None:
    # These have tests of their own below.
    assert CASES.keys() | {"chunks", "no-interim-to-http10", "coding-that-ends"} == BY_ID.keys()


@pytest.mark.parametrize("name", CASES)
def test_an_invariant_is_broken_by_one_response_and_kept_by_another(name: str) -> None:
    wrong, right = CASES[name]
    broken, kept = looked(name, wrong), looked(name, right)
    assert (broken.broken, kept.broken) == (1, 0), broken
    assert kept.applicable or name == "close-announced"
    assert broken.how
    assert broken.example is not None
    assert kept.example is None


def test_responses_that_are_alike_are_counted_each() -> None:
    wrong, right = CASES["white-space"]
    both = looked("white-space", right, wrong, wrong, right)
    assert (both.applicable, both.broken) == (4, 2)
    assert both.example is not None
    assert both.example.received == wrong


def test_an_interim_response_to_http10_is_found() -> None:
    conversation = transcript(
        sent(b"GET / HTTP/1.0\r\n\r\n"), received(b"HTTP/1.1 100 Continue\r\n\r\n" + reply())
    )
    assert look("no-interim-to-http10", [conversation]).broken == 1


def test_the_first_example_is_kept_and_all_are_counted() -> None:
    several = looked("date", reply(DATE), reply(status=b"404 No"), reply(), reply(status=b"500 No"))
    assert (several.applicable, several.broken) == (3, 2)
    assert several.example is not None
    assert b"404" in several.example.received


def test_broken_chunks_are_found_although_the_response_never_ends() -> None:
    broken = looked("chunks", bare(b"Transfer-Encoding: chunked\r\n") + b"5\nhello\r\n0\r\n\r\n")
    assert (broken.applicable, broken.broken) == (1, 1)


GZIPPED = bare(b"Transfer-Encoding: gzip\r\n") + b"some"


@pytest.mark.parametrize(
    ("data", "ending", "broken"),
    [
        (GZIPPED, Ending.SILENCE, 1),
        (GZIPPED, Ending.FIN, 0),
        (bare(b"Transfer-Encoding: gzip, chunked\r\n") + b"0\r\n\r\n", Ending.SILENCE, 0),
    ],
    ids=["no end comes", "a close ends it", "chunks end it"],
)
def test_a_coding_that_nothing_ends_is_found(data: bytes, ending: Ending, broken: int) -> None:
    seen = looked("coding-that-ends", data, ending=ending)
    assert (seen.applicable, seen.broken) == (1, broken)


@pytest.mark.parametrize("ending", [Ending.RESET, Ending.LEFT, Ending.FLOOD])
def test_what_was_cut_off_is_not_looked_at(ending: Ending) -> None:
    assert looked("coding-that-ends", GZIPPED, ending=ending).applicable == 0


@pytest.mark.parametrize(
    ("fields", "broken"),
    [
        (b"X:1\r\n", 1),
        (b"X:\t1\r\n", 1),
        (b"X: 1 \r\n", 1),
        (b"X: 1\t\r\n", 1),
        (b"X: 1  2\r\n", 0),
        (b"X: 1:2\r\n", 0),
    ],
)
def test_white_space_is_seen_as_it_stood(fields: bytes, broken: int) -> None:
    assert looked("white-space", reply(fields, content=b"X:  1\r\n\r\nX:  1")).broken == broken


def test_content_after_lines_that_end_in_lf_is_not_taken_for_fields() -> None:
    content = b"\r\nX:  1\r\n\r\n"
    data = reply(content=content).removesuffix(content).replace(b"\r\n", b"\n") + content
    assert looked("white-space", data).broken == 0


def test_a_407_is_for_proxies() -> None:
    assert looked("roles", reply(status=b"407 No")).broken == 1


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        (rb'text/plain; a="\\x"', 0),
        (rb'text/plain; a="\\\x"', 1),
        (rb"text/plain; a=\x", 0),
    ],
    ids=["a quoted backslash", "a quoted backslash and a needless one", "no quoted string"],
)
def test_backslashes_are_counted_in_pairs(value: bytes, broken: int) -> None:
    assert looked("needless-backslashes", reply(b"Content-Type: " + value + b"\r\n")).broken == broken


def test_backslashes_are_found_in_comments() -> None:
    assert looked("needless-backslashes", reply(b"Server: one (\\a)\r\n")).broken == 1
    assert looked("needless-backslashes", reply(b"Server: one (\\(a)\r\n")).broken == 0


def test_responses_know_their_requests() -> None:
    conversation = transcript(
        sent(b"HEAD / HTTP/1.0\r\n\r\nPOST /a HTTP/1.1\r\n\r\n"),
        received(b"HTTP/1.1 100 Continue\r\n\r\n" + reply(content=b"")),
        FOLLOWED_UP,
        received(reply() + reply()),
    )
    requests = [
        (exchange.method, exchange.version, exchange.response.status)
        for exchange in exchanges_in(conversation)
    ]
    assert requests == [
        (b"HEAD", b"HTTP/1.0", 100),
        (b"HEAD", b"HTTP/1.0", 200),
        (b"POST", b"HTTP/1.1", 200),
        (b"GET", b"HTTP/1.1", 200),
    ]


def test_the_response_before_a_cut_off_one_need_not_announce_the_close() -> None:
    refused = bare(b"Connection: close\r\n", status=b"400 No")
    assert looked("close-announced", reply(), ending=Ending.RESET).broken == 1
    assert looked("close-announced", reply() + refused, ending=Ending.RESET).broken == 0


def test_a_close_that_the_client_began_need_not_be_announced() -> None:
    assert looked("close-announced", reply(), ending=Ending.LEFT).applicable == 0


@pytest.mark.parametrize(("status", "judged"), [(b"200 OK", 0), (b"400 Bad Request", 1)])
def test_a_close_for_a_fault_is_announced_where_the_fault_was_known(status: bytes, judged: int) -> None:
    conversation = transcript(sent(GET), received(reply(status=status)), ending=Ending.FIN)
    lookout = Lookout(INVARIANTS)
    seen = [(conversation, lookout.see(conversation, close_due=True))]
    assert lookout.look(BY_ID["close-announced"], seen).applicable == judged
    seen = [(conversation, lookout.see(conversation))]
    assert lookout.look(BY_ID["close-announced"], seen).applicable == 1


def test_a_close_after_a_pause_need_not_be_announced() -> None:
    conversation = transcript(sent(GET), received(reply()), PAUSED, ending=Ending.FIN)
    assert look("close-announced", [conversation]).applicable == 0


@pytest.mark.parametrize(
    ("level", "seen", "verdict"),
    [
        (Level.MUST, Look(3, 0, "", None), Verdict.PASS),
        (Level.MUST, Look(3, 1, "is odd", None), Verdict.FAIL),
        (Level.SHOULD, Look(3, 1, "is odd", None), Verdict.WARN),
        (Level.MAY, Look(3, 3, "is odd", None), Verdict.INFO),
        (Level.MUST, Look(0, 0, "", None), Verdict.NOT_APPLICABLE),
    ],
)
def test_a_look_is_judged_by_the_level(level: Level, seen: Look, verdict: Verdict) -> None:
    invariant = replace(INVARIANTS[0], clause=clause(level), risk=None)
    assert judge_look(invariant, seen).verdict is verdict


def test_a_look_that_breaks_what_has_been_exploited_is_a_risk() -> None:
    invariant = replace(INVARIANTS[0], clause=clause(Level.SHOULD), risk=Risk.SPLITTING)
    assert judge_look(invariant, Look(3, 1, "is odd", None)).verdict is Verdict.RISK
