"""Fragmentation: valid requests that arrive in pieces, and clients that leave before they are done.

A cut is written as a part of the request with a bar in it; the first segment ends at the bar.
"""

import re

from clients.steps import HALF_CLOSE, PAUSE, RESET, SEGMENT, Await
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    answers,
    closes,
    falls_silent,
    hangs_up,
    in_step,
    in_turn,
    waits,
)
from conformance.judging.witness_outcomes import sees

_POST = (
    b"POST <witness>?n=1 HTTP/1.1\r\n"
    b"Host: <host>\r\n"
    b"X-Test: caf\xc3\xa9 noir\r\n"
    b"Content-Length: 12\r\n"
    b"\r\n"
    b"h\xc3\xa9llo world"
)

_CUTS_IN_THE_HEAD = {
    "in-the-method": b"PO|ST",
    "behind-the-method": b"POST| ",
    "behind-the-target": b"?n=1| HTTP",
    "in-the-version": b"HTTP/1.|1",
    "in-the-first-line-end": b"HTTP/1.1\r|\nHost",
    "behind-the-first-line": b"HTTP/1.1\r\n|Host",
    "in-a-field-name": b"X-Te|st:",
    "before-a-colon": b"X-Test|:",
    "behind-a-colon": b"X-Test:| ",
    "in-a-value": b"caf\xc3\xa9 |noir",
    "in-a-character": b"caf\xc3|\xa9 noir",
    "before-a-line-end": b"noir|\r\n",
    "in-a-line-end": b"noir\r|\n",
    "in-the-length": b"Content-Length: 1|2",
    "before-the-empty-line": b"12\r\n|\r\n",
    "in-the-empty-line": b"12\r\n\r|\n",
}

_CUTS_IN_THE_BODY = {
    "behind-the-head": b"12\r\n\r\n|h",
    "in-a-character": b"h\xc3|\xa9llo",
    "before-the-last-octet": b"worl|d",
}

_CHUNKED = (
    b"POST <witness>?n=1 HTTP/1.1\r\n"
    b"Host: <host>\r\n"
    b"Transfer-Encoding: chunked\r\n"
    b"\r\n"
    b"10\r\n0123456789abcdef\r\n"
    b"5\r\nhello\r\n"
    b"0\r\n"
    b"\r\n"
)

_CUTS_IN_CHUNKS = {
    "in-the-coding-name": b"chun|ked",
    "behind-the-head": b"\r\n\r\n|10\r\n",
    "in-a-size": b"1|0\r\n",
    "behind-a-size": b"10|\r\n",
    "in-the-line-end-of-a-size": b"10\r|\n0123",
    "behind-a-size-line": b"10\r\n|0123",
    "in-the-data": b"01234567|89abcdef",
    "behind-the-data": b"abcdef|\r\n",
    "in-the-line-end-of-the-data": b"abcdef\r|\n",
    "between-chunks": b"abcdef\r\n|5",
    "before-the-last-chunk": b"hello\r\n|0",
    "behind-the-last-size": b"hello\r\n0|\r\n",
    "in-the-line-end-of-the-last-size": b"hello\r\n0\r|\n",
    "before-the-empty-line": b"hello\r\n0\r\n|\r\n",
    "in-the-empty-line": b"hello\r\n0\r\n\r|\n",
}

_TRAILERS = (
    b"POST <witness>?n=1 HTTP/1.1\r\n"
    b"Host: <host>\r\n"
    b"Transfer-Encoding: chunked\r\n"
    b"\r\n"
    b"5\r\nhello\r\n"
    b"0\r\n"
    b"X-Trailer: one\r\n"
    b"\r\n"
)

_CUTS_IN_TRAILERS = {
    "before-the-first": b"0\r\n|X-Trailer",
    "in-a-name": b"X-Trai|ler",
    "before-a-colon": b"X-Trailer|:",
    "in-a-value": b"o|ne\r\n",
    "before-a-line-end": b"one|\r\n",
    "in-a-line-end": b"one\r|\n",
    "before-the-empty-line": b"one\r\n|\r\n",
    "in-the-empty-line": b"one\r\n\r|\n",
}

# Where a request is split into octets, a placeholder is one piece: its value is filled in later.
_AN_OCTET = re.compile(rb"<[a-z]+>|.", re.DOTALL)

_OCTETS = _AN_OCTET.findall(_POST)

_IN_OCTETS = "basics.post"
_REQUEST_LINE = b"POST <witness> HTTP/1.1\r\n"
_LENGTH = b"Host: <host>\r\nContent-Length: 5\r\n\r\n"
_CODING = b"Host: <host>\r\nTransfer-Encoding: chunked\r\n\r\n"

# Places in a request: the bytes before, the octets to cut between, the bytes after, and the control.
_PLACES = (
    ("in-the-request-line", b"", _AN_OCTET.findall(_REQUEST_LINE), _LENGTH + b"hello", _IN_OCTETS),
    ("in-the-field-lines", _REQUEST_LINE, _AN_OCTET.findall(_LENGTH), b"hello", _IN_OCTETS),
    ("in-the-body", _REQUEST_LINE + _LENGTH[:-4], _AN_OCTET.findall(b"\r\n\r\nhello"), b"", _IN_OCTETS),
    (
        "in-the-chunks",
        _REQUEST_LINE + _CODING,
        _AN_OCTET.findall(b"3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX-Test: one\r\n\r\n"),
        b"",
        "chunked.size-line-extension",
    ),
)

SCENARIOS = (
    *family(
        Scenario(
            id="fragmentation.head",
            title="A head cut in two",
            clause=(RFC9110["5.3-4"], RFC9112["2.2-1"]),
            send=(b"<first>", PAUSE, b"<second>"),
            accept=waits
            & sees(
                method=b"POST",
                target=b"<witness>?n=1",
                fields={b"X-Test": b"caf\xc3\xa9 noir"},
                body=b"h\xc3\xa9llo world",
            ),
            control="basics.post",
            why="Networks split data anywhere; a server that expects whole heads fails now and then.",
        ),
        {
            name: {
                b"<first>": _POST[: _POST.index(cut.replace(b"|", b"")) + cut.index(b"|")],
                b"<second>": _POST[_POST.index(cut.replace(b"|", b"")) + cut.index(b"|") :],
            }
            for name, cut in _CUTS_IN_THE_HEAD.items()
        },
    ),
    *family(
        Scenario(
            id="fragmentation.body",
            title="A body cut in two",
            clause=(RFC9112["6.3-p3"], RFC9112["2.2-1"]),
            send=(b"<first>", PAUSE, b"<second>"),
            accept=waits & sees(method=b"POST", target=b"<witness>?n=1", body=b"h\xc3\xa9llo world"),
            control="basics.post",
            why="The first segment is stored as if it were the whole upload.",
        ),
        {
            name: {
                b"<first>": _POST[: _POST.index(cut.replace(b"|", b"")) + cut.index(b"|")],
                b"<second>": _POST[_POST.index(cut.replace(b"|", b"")) + cut.index(b"|") :],
            }
            for name, cut in _CUTS_IN_THE_BODY.items()
        },
    ),
    *family(
        Scenario(
            id="fragmentation.chunked",
            title="A chunked request cut in two",
            clause=RFC9112["7.1-2"],
            send=(b"<first>", PAUSE, b"<second>"),
            # A server that has the content may answer before the message ends; the rest is not a request.
            accept=sees(target=b"<witness>?n=1", body=b"0123456789abcdefhello") & in_step,
            control="chunked.post",
            why="Chunks and segments are unrelated; a server that mixes them up loses data.",
        ),
        {
            name: {
                b"<first>": _CHUNKED[: _CHUNKED.index(cut.replace(b"|", b"")) + cut.index(b"|")],
                b"<second>": _CHUNKED[_CHUNKED.index(cut.replace(b"|", b"")) + cut.index(b"|") :],
            }
            for name, cut in _CUTS_IN_CHUNKS.items()
        },
    ),
    *family(
        Scenario(
            id="fragmentation.trailers",
            title="A trailer section cut in two",
            clause=(RFC9112["7.1-2"], RFC9112["7.1-1"]),
            send=(b"<first>", PAUSE, b"<second>"),
            accept=sees(target=b"<witness>?n=1", body=b"hello", fields={b"X-Trailer": None}) & in_step,
            control="chunked.body-before-trailers",
            why="The request ends with the empty line after the trailers, whichever segment brings it.",
        ),
        {
            name: {
                b"<first>": _TRAILERS[: _TRAILERS.index(cut.replace(b"|", b"")) + cut.index(b"|")],
                b"<second>": _TRAILERS[_TRAILERS.index(cut.replace(b"|", b"")) + cut.index(b"|") :],
            }
            for name, cut in _CUTS_IN_TRAILERS.items()
        },
    ),
    Scenario(
        id="fragmentation.chunk-extension",
        title="A chunk extension cut in two",
        clause=RFC9112["7.1.1-1"],
        send=(
            b"POST <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5;na",
            PAUSE,
            b"me=value\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=waits & sees(target=b"<witness>?n=1", body=b"hello"),
        control="chunked.size-line-extension",
        why="An extension must be ignored to its end, whichever segment brings it.",
    ),
    Scenario(
        id="fragmentation.octet-by-octet",
        title="A request in segments of one octet",
        clause=(RFC9110["5.3-4"], RFC9112["6.3-p3"]),
        send=tuple(step for octet in _OCTETS for step in (octet, SEGMENT)),
        accept=sees(
            method=b"POST",
            target=b"<witness>?n=1",
            fields={b"X-Test": b"caf\xc3\xa9 noir"},
            body=b"h\xc3\xa9llo world",
        ),
        control="basics.post",
        why="Networks split data anywhere, and a terminal may send a request one character at a time.",
    ),
    *(
        Scenario(
            id="fragmentation.every-offset-" + place,
            title="Requests in turn, each cut one octet later than the last: " + place.replace("-", " "),
            clause=(RFC9110["5.3-4"], RFC9112["6.3-p3"], RFC9112["7.1-2"], RFC9112["9.3-5"]),
            send=tuple(
                step
                for offset in range(1, len(octets))
                for step in (before, *octets[:offset], SEGMENT, *octets[offset:], after, Await.RESPONSE)
            ),
            accept=in_turn(*(sees(method=b"POST", body=b"hello") for _ in octets[1:])),
            control=control,
            why="A parser that fails at one offset fails now and then, and is hard to catch otherwise.",
        )
        for place, before, octets, after, control in _PLACES
    ),
    Scenario(
        id="fragmentation.line-by-line",
        title="A request with one segment for each line and a pause after its head",
        clause=RFC9110["5.3-4"],
        send=(
            b"POST <witness>?n=1 HTTP/1.1\r\n",
            SEGMENT,
            b"Host: <host>\r\n",
            SEGMENT,
            b"Content-Length: 5\r\n",
            SEGMENT,
            b"\r\n",
            PAUSE,
            b"hello",
        ),
        accept=waits & sees(method=b"POST", target=b"<witness>?n=1", body=b"hello"),
        control="basics.post",
        why="People at a terminal and many small devices send a request line by line.",
    ),
    Scenario(
        id="fragmentation.body-and-next-request",
        title="The end of a body and the next request in one segment",
        clause=(RFC9112["9.3-5"], RFC9112["6.3-p3"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hel",
            PAUSE,
            b"lo"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=waits & in_turn(sees(body=b"hello"), sees(target=b"<witness>?n=1", body=b"")),
        control="pipelining.get-after-post",
        why="A server that takes the whole segment for the body swallows the next request.",
    ),
    Scenario(
        id="fragmentation.last-chunk-and-next-request",
        title="The end of the last chunk and the next request in one segment",
        clause=(RFC9112["9.3-5"], RFC9112["7.1-2"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r",
            PAUSE,
            b"\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(body=b"hello"), sees(target=b"<witness>?n=1", body=b"")),
        control="pipelining.get-after-chunked-post",
        why="A server that takes the whole segment for the body swallows the next request.",
    ),
    *family(
        Scenario(
            id="fragmentation.half-close",
            title="A head cut off by a half-close",
            clause=(RFC9110["5.3-4"], RFC9112["8-1"]),
            send=(
                b"<value>",
                HALF_CLOSE,
            ),
            accept=(answers(CLIENT_ERROR) & closes) | hangs_up,
            tolerate=falls_silent,
            control="persistence.kept-open",
            why="A truncated request is not the one that was meant; carrying it out may do harm.",
        ),
        {
            "before-anything": b"",
            "in-a-client-hello": b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + bytes(range(32)),
            "in-the-method": b"GE",
            "behind-the-request-line": b"GET <witness> HTTP/1.1\r\n",
            "in-a-value": b"GET <witness> HTTP/1.1\r\nHost: <host>\r\nX-Test: fir",
            "before-the-empty-line": b"GET <witness> HTTP/1.1\r\nHost: <host>\r\n",
            "in-the-empty-line": b"GET <witness> HTTP/1.1\r\nHost: <host>\r\n\r",
        },
    ),
    *family(
        Scenario(
            id="fragmentation.reset",
            title="A plain request after a client that reset its connection",
            clause=RFC9112["9.5-2"],
            send=(
                b"<value>",
                PAUSE,
                RESET,
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=sees(method=b"GET", target=b"<witness>?n=1", body=b""),
            control="basics.get",
            why="One client that resets must not keep the server from answering the others.",
        ),
        {
            "before-it-sent-anything": b"",
            "in-the-request-line": b"GET /witn",
            "in-a-field-line": b"GET <witness>?n=0 HTTP/1.1\r\nHost: exam",
            "in-the-body": b"POST <witness>?n=0 HTTP/1.1\r\nHost: <host>\r\nContent-Length: 9\r\n\r\nhel",
            "in-a-chunk": (
                b"POST <witness>?n=0 HTTP/1.1\r\nHost: <host>\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhel"
            ),
            "behind-a-request": b"GET <witness>?n=0 HTTP/1.1\r\nHost: <host>\r\n\r\n",
            "behind-many-requests": b"GET <witness>?n=0 HTTP/1.1\r\nHost: <host>\r\n\r\n" * 20,
            "in-a-long-answer": b"GET <size>/4000000 HTTP/1.1\r\nHost: <host>\r\n\r\n",
            "before-a-late-answer": b"GET <slow>?ms=500 HTTP/1.1\r\nHost: <host>\r\n\r\n",
        },
    ),
    Scenario(
        id="fragmentation.reset-between-requests",
        title="A plain request after a client that reset its connection after a response",
        clause=RFC9112["9.5-2"],
        send=(
            b"GET <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            RESET,
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=1"),
        control="basics.get",
        why="Closing a browser may reset its idle connections; the next client must be served.",
    ),
)
