"""Pipelining: requests sent without waiting must be answered one by one and in order."""

from clients.steps import PAUSE
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.deviations import leaves_unanswered, out_of_step
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    content_size,
    falls_silent,
    in_step,
    in_turn,
)
from conformance.judging.witness_outcomes import sees

_SEEN = tuple(sees(target=b"<witness>?n=%d" % number) for number in range(10))

_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)
_ERRORS = answers(CLIENT_ERROR, SERVER_ERROR)

# What becomes of a request and the one after it, if no octet of the body was taken for a request.
_NEXT_SEEN = sees(target=b"<witness>?n=1", body=b"")
_NEXT_LOST = Breach(leaves_unanswered(2), RFC9112["9.3.2-3"])
_BODY_LOST = Breach(in_turn(_ANSWERS, _NEXT_SEEN), RFC9112["6.3-p3"])

# The first request was valid, and its client takes this response for its own.
_ANSWERED_FOR_THE_NEXT = Breach(_ERRORS & closes, RFC9112["9.3.2-3"])

# A hundred requests in rounds of ten, each with its own number, and the outcome of each.
_MIXED = tuple(
    request
    for n in range(0, 100, 10)
    for request in (
        b"GET <witness>?n=%d HTTP/1.1\r\nHost: <host>\r\n\r\n" % n,
        b"HEAD <witness>?n=%d HTTP/1.1\r\nHost: <host>\r\n\r\n" % (n + 1),
        b"POST <witness>?n=%d HTTP/1.1\r\nHost: <host>\r\nContent-Length: 5\r\n\r\nhello" % (n + 2),
        b"GET <status>/204?n=%d HTTP/1.1\r\nHost: <host>\r\n\r\n" % (n + 3),
        b"GET <witness>?n=%d HTTP/1.1\r\nHost: <host>\r\n\r\n" % (n + 4),
        b"GET <status>/304?n=%d HTTP/1.1\r\nHost: <host>\r\n\r\n" % (n + 5),
        b"POST <witness>?n=%d HTTP/1.1\r\nHost: <host>\r\n" % (n + 6),
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HEAD <status>/404?n=%d HTTP/1.1\r\nHost: <host>\r\n\r\n" % (n + 7),
        b"GET <size>/100?n=%d HTTP/1.1\r\nHost: <host>\r\n\r\n" % (n + 8),
        b"HEAD <size>/100?n=%d HTTP/1.1\r\nHost: <host>\r\n\r\n" % (n + 9),
    )
)
_MIXED_SEEN = tuple(
    outcome
    for n in range(0, 100, 10)
    for outcome in (
        sees(method=b"GET", target=b"<witness>?n=%d" % n, body=b""),
        answers(SUCCESS),
        sees(method=b"POST", target=b"<witness>?n=%d" % (n + 2), body=b"hello"),
        answers(204),
        sees(method=b"GET", target=b"<witness>?n=%d" % (n + 4), body=b""),
        answers(304),
        sees(method=b"POST", target=b"<witness>?n=%d" % (n + 6), body=b"hello"),
        answers(404),
        answers(SUCCESS) & content_size(100),
        answers(SUCCESS) & content_size(0),
    )
)

SCENARIOS = (
    Scenario(
        id="pipelining.two-of-the-url",
        title="Two GETs of the URL under test in one write",
        clause=RFC9112["9.3.2-3"],
        send=(
            b"GET <path> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <path> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS), answers(SUCCESS)),
        control="persistence.kept-open",
        why="A server that loses a request sent right after another leaves the client waiting.",
    ),
    Scenario(
        id="pipelining.two",
        title="Two GETs in one write",
        clause=(RFC9112["9.3.2-3"], RFC9112["9.5-4"]),
        send=(
            b"GET <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(*_SEEN[:2]),
        control="persistence.kept-open",
        why="If a response is lost or out of order, the client gives it to the wrong request.",
    ),
    Scenario(
        id="pipelining.ten",
        title="Ten GETs in one write",
        clause=RFC9112["9.3.2-3"],
        send=tuple(
            b"GET <witness>?n=%d HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n" % number
            for number in range(10)
        ),
        accept=in_turn(*_SEEN),
        control="pipelining.two",
        why="If a response is lost or out of order, the client gives it to the wrong request.",
    ),
    Scenario(
        id="pipelining.get-after-post",
        title="A GET pipelined after a POST with Content-Length",
        clause=(RFC9112["9.3-5"], RFC9112["6.3-p3"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(body=b"hello"), sees(target=b"<witness>?n=1", body=b"")),
        breaches=(_NEXT_LOST, _BODY_LOST),
        control="pipelining.two",
        risk=Risk.SMUGGLING,
        why="If the server misses a body's end by one octet, it misreads the rest of the connection.",
    ),
    Scenario(
        id="pipelining.get-after-chunked-post",
        title="A GET pipelined after a chunked POST",
        clause=(RFC9112["9.3-5"], RFC9112["7.1-2"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(body=b"hello"), sees(target=b"<witness>?n=1", body=b"")),
        breaches=(_NEXT_LOST, Breach(in_turn(_ANSWERS, _NEXT_SEEN), RFC9112["7.1-2"])),
        control="chunked.post",
        risk=Risk.SMUGGLING,
        why="If the server misses a body's end by one octet, it misreads the rest of the connection.",
    ),
    Scenario(
        id="pipelining.body-like-a-request",
        title="A GET pipelined after a POST whose body looks like a request",
        clause=RFC9112["9.3-5"],
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 41\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(_SEEN[0], _SEEN[1]),
        breaches=(_NEXT_LOST,),
        control="pipelining.two",
        risk=Risk.SMUGGLING,
        why="If a body is taken for a request, one user can smuggle requests in another user's name.",
    ),
    Scenario(
        id="pipelining.get-after-head",
        title="A GET pipelined after a HEAD",
        clause=(RFC9110["9.3.2-1"], RFC9112["6.3-p1"], RFC9110["6.4.1-p1"]),
        send=(
            b"HEAD <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS), _SEEN[1]),
        breaches=(_NEXT_LOST, Breach(in_turn(_ERRORS, _ANSWERS), RFC9110["9.1-1"])),
        control="pipelining.two",
        risk=Risk.SPLITTING,
        why="Content after a HEAD response is taken for the start of the next response.",
    ),
    *family(
        Scenario(
            id="pipelining.get-after",
            title="A GET pipelined after a request that is answered without content",
            clause=(RFC9112["6.3-p1"], RFC9110["6.4.1-p1"], RFC9110["15.3.5-p1"]),
            send=(
                b"GET <status>/<value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(answers(204, 304), _SEEN[1]),
            tolerate=in_turn(_ANSWERS, _NEXT_SEEN),  # with a status of the server's own
            breaches=(_NEXT_LOST,),
            control="pipelining.two",
            risk=Risk.SPLITTING,
            why="Content after such a response is taken for the start of the next response.",
        ),
        {"204": b"204", "304": b"304"},
    ),
    Scenario(
        id="pipelining.slow-first",
        title="A slow request before a fast one",
        clause=RFC9112["9.3.2-3"],
        send=(
            b"GET <slow>?ms=100 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS), _SEEN[1]),
        control="pipelining.two",
        why="The response that is ready first must wait its turn, or it goes to the wrong request.",
    ),
    Scenario(
        id="pipelining.close-on-the-last",
        title="Two GETs, the second with Connection: close",
        clause=RFC9112["9.6-4"],
        send=(
            b"GET <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n",
        ),
        accept=in_turn(*_SEEN[:2]) & closes,
        breaches=(_NEXT_LOST,),
        control="pipelining.two",
        why="A server that closes too early loses the response that should come before the close.",
    ),
    Scenario(
        id="pipelining.malformed-second",
        title="A malformed request after a valid one",
        clause=RFC9112["2.2-10"],
        send=(
            b"GET <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"\x00\x01\x02\x03\r\n\r\n",
        ),
        accept=in_turn(_SEEN[0], answers(400)) & closes,
        breaches=(_ANSWERED_FOR_THE_NEXT,),
        control="pipelining.two",
        why="The response to the valid request must not be lost because of the bad one after it.",
    ),
    Scenario(
        id="pipelining.second-in-two-pieces",
        title="A second request that arrives in two pieces",
        clause=RFC9112["9.3.2-3"],
        send=(
            b"GET <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n",
            PAUSE,
            b"=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(*_SEEN[:2]),
        control="pipelining.two",
        why="The network may split a stream of requests anywhere; the client has no say in it.",
    ),
    Scenario(
        id="pipelining.empty-line-between",
        title="An empty line between two requests",
        clause=RFC9112["2.2-7"],
        send=(
            b"GET <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(*_SEEN[:2]),
        control="pipelining.two",
        why="Some clients send an extra CRLF after a body; it must not break the next request.",
    ),
    *family(
        Scenario(
            id="pipelining.empty-line-behind-a-body",
            title="An empty line between a body and the next request",
            clause=(RFC9112["2.2-7"], RFC9112["6.3-p3"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>"
                b"\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(sees(method=b"POST", body=b"hello"), sees(target=b"<witness>?n=1", body=b"")),
            control="pipelining.get-after-post",
            why="Old browsers send it after a form; it belongs neither to the body nor to the next request.",
        ),
        {
            "length": b"Content-Length: 5\r\n\r\nhello",
            "chunked": b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        },
    ),
    *family(
        Scenario(
            id="pipelining.empty-line-at-the-end",
            title="An empty line after a body, and nothing for a while",
            clause=(RFC9110["15-p2"], RFC9112["2.2-7"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>"
                b"\r\n",
                PAUSE,
            ),
            accept=sees(method=b"POST", body=b"hello") & in_step,
            control="basics.post",
            why="A response that nobody asked for is taken for the one to the client's next request.",
        ),
        {
            "length": b"Content-Length: 5\r\n\r\nhello",
            "chunked": b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        },
    ),
    Scenario(
        id="pipelining.malformed-behind-a-slow-one",
        title="A malformed request after a slow one",
        clause=(RFC9112["9.3.2-3"], RFC9112["2.2-10"]),
        send=(
            b"GET <slow>?ms=100 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"\x00\x01\x02\x03\r\n\r\n",
        ),
        accept=in_turn(answers(SUCCESS), answers(400)) & closes,
        tolerate=answers(SUCCESS),  # the client learns what became of its request
        control="persistence.kept-open",
        why="A valid request that is being carried out must get its response, whatever comes after it.",
    ),
    Scenario(
        id="pipelining.garbage-behind-a-slow-last",
        title="Bytes that are not a request, after a slow request with Connection: close",
        clause=RFC9112["9.3.2-3"],
        send=(
            b"GET <slow>?ms=100 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n"
            b"\x00\x01\x02\x03\r\n\r\n",
        ),
        accept=answers(SUCCESS) & in_step & closes,
        breaches=(
            Breach(answers(SUCCESS) & in_step, RFC9112["9.6-4"]),  # not closed
            Breach(answers(SUCCESS), RFC9112["9.6-6"]),
        ),
        control="persistence.close",
        why="A valid request that is being carried out must get its response, whatever comes after it.",
    ),
    Scenario(
        id="pipelining.hundred-mixed",
        title="A hundred requests in one write, with mixed methods and bodiless responses",
        clause=(RFC9112["9.3.2-3"], RFC9112["6.3-p1"], RFC9112["9.3-5"]),
        send=_MIXED,
        accept=in_turn(*_MIXED_SEEN),
        control="pipelining.get-after-304",
        risk=Risk.SPLITTING,
        why="One octet too many or too few in any response gives later responses to the wrong requests.",
    ),
    Scenario(
        id="pipelining.slow-between",
        title="A slow request between fast ones with bodies",
        clause=RFC9112["9.3.2-3"],
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello"
            b"GET <slow>?ms=100 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"POST <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"world"
            b"GET <witness>?n=3 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(
            sees(target=b"<witness>?n=0", body=b"hello"),
            answers(SUCCESS),
            sees(target=b"<witness>?n=2", body=b"world"),
            _SEEN[3],
        ),
        control="pipelining.slow-first",
        why="Bodies that wait for a slow request must not be lost or given to another request.",
    ),
    Scenario(
        id="pipelining.get-after-bodiless-post",
        title="A GET pipelined after a POST with neither Content-Length nor Transfer-Encoding",
        clause=RFC9112["6.3-p4"],
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(method=b"POST", body=b"") | answers(411), _SEEN[1])
        | (answers(411) & in_step & closes),
        tolerate=_ERRORS & in_step & closes,
        control="pipelining.get-after-post",
        risk=Risk.SMUGGLING,
        why="A server that takes the following bytes for the body swallows the next request.",
    ),
    Scenario(
        id="pipelining.post-after-empty-post",
        title="A POST pipelined after a POST with Content-Length: 0",
        clause=RFC9112["6.3-p3"],
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 0\r\n"
            b"\r\n"
            b"POST <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=in_turn(sees(method=b"POST", body=b""), sees(target=b"<witness>?n=1", body=b"hello")),
        breaches=(_NEXT_LOST, Breach(out_of_step(2), RFC9112["9.3-5"], Risk.SMUGGLING)),
        control="pipelining.get-after-post",
        risk=Risk.SMUGGLING,
        why="If a length of zero counts as no length, the next request is read as a body.",
    ),
    *family(
        Scenario(
            id="pipelining.octet-behind",
            title="One octet too many after a body, then a GET",
            clause=(RFC9112["6.3-p3"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>"
                b"X"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(
                sees(method=b"POST", target=b"<witness>?n=0"),
                sees(method=b"XGET", target=b"<witness>?n=1") | answers(CLIENT_ERROR, 501),
            ),
            breaches=(_ANSWERED_FOR_THE_NEXT,),
        control="pipelining.two",
            why="The octet belongs to the next request, not to the body; dropping it hides what was sent.",
        ),
        {
            "no-body": b"Content-Length: 0\r\n\r\n",
            "a-body": b"Content-Length: 5\r\n\r\nhello",
            "a-last-chunk": b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        },
    ),
    Scenario(
        id="pipelining.field-line-behind-a-head",
        title="A field line after the empty line of a GET",
        clause=(RFC9112["6.3-p4"], RFC9112["2.2-10"]),
        send=(
            b"GET <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"X-Decoy: one\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=0", fields={b"X-Decoy": None}), answers(400)),
        breaches=(_ANSWERED_FOR_THE_NEXT,),
        control="pipelining.two",
        why="The head ends at its first empty line; no filter has seen a field that comes after it.",
    ),
    Scenario(
        id="pipelining.large-bodies",
        title="Ten pairs of a GET and a POST of 80 KiB in one write",
        clause=(RFC9112["9.3.2-3"], RFC9112["9.3-5"]),
        send=tuple(
            b"GET <witness>?n=%d HTTP/1.1\r\nHost: <host>\r\n\r\n"
            b"POST <witness>?n=%d HTTP/1.1\r\nHost: <host>\r\nContent-Length: 81920\r\n\r\n%b"
            % (number, number, b"%07d\n" % number * 10240)
            for number in range(10)
        ),
        accept=in_turn(
            *(
                outcome
                for number in range(10)
                for outcome in (
                    sees(method=b"GET", target=b"<witness>?n=%d" % number, body=b""),
                    sees(method=b"POST", target=b"<witness>?n=%d" % number, body=b"%07d\n" % number * 10240),
                )
            )
        ),
        control="pipelining.ten",
        risk=Risk.SMUGGLING,
        why="Bodies larger than a buffer must be kept apart from the requests between them at full speed.",
    ),
    Scenario(
        id="pipelining.malformed-chunk-before-a-get",
        title="A GET pipelined after a chunk whose size is not a number",
        clause=(RFC9112["2.2-10"], RFC9112["9.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"xyz\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) & in_step & closes,
        # Who waits, or closes, has looked for no other request there.
        tolerate=(_ANSWERS & in_step & closes) | falls_silent,
        control="chunked.post-answered",
        risk=Risk.SMUGGLING,
        why="A server that looks for the next request in a broken body finds what was hidden there.",
    ),
)
