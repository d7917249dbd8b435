"""Concurrent clients: while one connection waits, the others are served, each with its own response."""

from clients.steps import ASIDE
from conformance.clauses import RFC9110
from conformance.judging.deviations import leaves_unanswered
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.witness_outcomes import sees

SCENARIOS = (
    *family(
        Scenario(
            id="beside.stalled",
            title="A client beside one that stalls",
            clause=RFC9110["15-p2"],
            send=(
                b"<value>",
                ASIDE,
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=sees(method=b"GET", target=b"<witness>?n=1", body=b""),
            control="basics.get",
            risk=Risk.EXHAUSTION,
            why="One stalled client must not keep the server from answering all the others.",
        ),
        {
            "before-it-sent-anything": b"",
            "in-the-request-line": b"GET /witn",
            "in-the-head": b"GET <witness>?n=0 HTTP/1.1\r\nHost: <host>\r\n",
            "in-the-body": b"POST <witness>?n=0 HTTP/1.1\r\nHost: <host>\r\nContent-Length: 9\r\n\r\nhel",
            "in-a-chunk": (
                b"POST <witness>?n=0 HTTP/1.1\r\nHost: <host>\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhel"
            ),
        },
    ),
    Scenario(
        id="beside.slow-reader",
        title="A client beside one that does not read its 8 MB response",
        clause=RFC9110["15-p2"],
        send=(
            b"GET <size>/8000000 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            ASIDE,
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=1"),
        control="basics.get",
        risk=Risk.EXHAUSTION,
        why="A server that waits until a slow client has read serves no other client meanwhile.",
    ),
    Scenario(
        id="beside.late-answer",
        title="A client beside one whose response is late",
        clause=RFC9110["15-p2"],
        send=(
            b"POST <slow>?ms=300 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: other\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"other",
            ASIDE,
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>?n=1", body=b"", fields={b"X-Test": None}),
        breaches=(
            Breach(leaves_unanswered(1), RFC9110["15-p2"], Risk.EXHAUSTION),
            Breach(sees(target=b"<witness>?n=1"), RFC9110["3.3-1"], Risk.DISCLOSURE),
        ),
        control="basics.get",
        why="Data from one client must not turn up in the request or the response of another.",
    ),
)
