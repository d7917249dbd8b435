"""Pipelined keep-alive: requests sent without waiting, answered one by one and in order."""

from clients.steps import PAUSE
from conformance.clauses import RFC9112
from conformance.model import Scenario
from conformance.outcomes import SUCCESS, answers, closes, in_turn
from conformance.witness import sees

_SEEN = tuple(sees(target=b"<witness>?n=%d" % number) for number in range(10))

SCENARIOS = (
    Scenario(
        id="pipelining.two",
        title="Two GETs in one write",
        clause=RFC9112["9.3.2-3"],
        send=(
            b"GET <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(*_SEEN[:2]),
        control="persistence.second-request",
        why="Answers out of order, or lost, are given to the wrong request.",
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
        why="Answers out of order, or lost, are given to the wrong request.",
    ),
    Scenario(
        id="pipelining.get-after-post",
        title="A GET behind a POST with Content-Length",
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
        accept=in_turn(sees(method=b"POST", body=b"hello"), sees(target=b"<witness>?n=1", body=b"")),
        control="pipelining.two",
        why="If a body's end is missed by one octet, all that follows on the connection is misread.",
    ),
    Scenario(
        id="pipelining.get-after-chunked-post",
        title="A GET behind a chunked POST",
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
        accept=in_turn(sees(method=b"POST", body=b"hello"), sees(target=b"<witness>?n=1", body=b"")),
        control="chunked.post",
        why="If a body's end is missed by one octet, all that follows on the connection is misread.",
    ),
    Scenario(
        id="pipelining.body-like-a-request",
        title="A GET behind a POST whose body reads as a request",
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
        accept=in_turn(sees(method=b"POST", target=b"<witness>?n=0"), _SEEN[1]),
        control="pipelining.get-after-post",
        why="A body that is taken for a request lets one user smuggle requests in the name of another.",
    ),
    Scenario(
        id="pipelining.get-after-head",
        title="A GET behind a HEAD",
        clause=(RFC9112["6.3-p1"], RFC9112["9.3.2-3"]),
        send=(
            b"HEAD <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS), _SEEN[1]),
        control="pipelining.two",
        why="Content behind a HEAD response is taken for the beginning of the next one.",
    ),
    Scenario(
        id="pipelining.get-after-204",
        title="A GET behind a request that is answered 204",
        clause=(RFC9112["6.3-p1"], RFC9112["9.3.2-3"]),
        send=(
            b"GET <status>/204 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(204), _SEEN[1]),
        control="pipelining.two",
        why="Content behind a 204 response is taken for the beginning of the next one.",
    ),
    Scenario(
        id="pipelining.get-after-304",
        title="A GET behind a request that is answered 304",
        clause=(RFC9112["6.3-p1"], RFC9112["9.3.2-3"]),
        send=(
            b"GET <status>/304 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(304), _SEEN[1]),
        control="pipelining.two",
        why="Content behind a 304 response is taken for the beginning of the next one.",
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
        why="The answer that is ready first must wait its turn, or it is given to the wrong request.",
    ),
    Scenario(
        id="pipelining.close-on-the-last",
        title="Two GETs, the second with Connection: close",
        clause=(RFC9112["9.6-4"], RFC9112["9.3.2-3"]),
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
        control="pipelining.two",
        why="A close that is carried out too early loses the answer that it was to follow.",
    ),
    Scenario(
        id="pipelining.malformed-second",
        title="A malformed request behind a good one",
        clause=RFC9112["2.2-10"],
        send=(
            b"GET <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"\x00\x01\x02\x03\r\n\r\n",
        ),
        accept=in_turn(_SEEN[0], answers(400)) & closes,
        control="pipelining.two",
        why="The answer to the good request must not be lost to the bad one behind it.",
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
        why="Where the network cuts a stream of requests is not for the client to choose.",
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
        why="Some clients send a CRLF behind a body that has none; the next request must survive it.",
    ),
)
