"""The documented server's connections: which stay open, pipelining, leftover state, clients that leave."""

from clients.steps import HALF_CLOSE, PAUSE, RESET, Await
from conformance.clauses import DOC
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import SUCCESS, answers, closes, in_step, in_turn, stays_open
from conformance.judging.witness_outcomes import sees, sees_argument

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        id="documented-keep-alive.second-request",
        title="A second request after the response to the first",
        clause=(DOC["KA-5"], DOC["KA-2"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2")) & stays_open,
        control="documented-lines.get-answered",
        why="Each request costs a new connection and, over TLS, a new handshake.",
    ),
    # HTTP/1.1: open, unless Connection is exactly close
    Scenario(
        id="documented-keep-alive.close",
        title="Connection: close",
        clause=DOC["KA-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>") & closes,
        control="documented-lines.get-answered",
        why="A client that reads until the end of the connection waits forever.",
    ),
    *family(
        Scenario(
            id="documented-keep-alive.connection",
            title="HTTP/1.1 with a Connection header that is not exactly close",
            clause=DOC["KA-2"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Connection: <value>\r\n"
                b"\r\n",
            ),
            accept=sees(target=b"<witness>") & stays_open,
            control="documented-lines.get-answered",
            why="Only the documented spelling closes; a client that relies on that loses its connection.",
        ),
        {
            "keep-alive": b"keep-alive",
            "upgrade": b"upgrade",
            "capitalized": b"Close",
            "close-and-more": b"close, x",
        },
    ),
    Scenario(
        id="documented-keep-alive.nothing-after-close",
        title="A request pipelined after one with Connection: close",
        clause=DOC["KA-2"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n",
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=1") & in_step & closes,
        control="documented-lines.get-answered",
        why="The server carries out a request whose response nobody reads, and the client repeats it.",
    ),
    # Other versions: closed, unless Connection is exactly Keep-Alive
    Scenario(
        id="documented-keep-alive.old-version",
        title="HTTP/1.0 without Connection",
        clause=DOC["KA-3"],
        send=(
            b"GET <witness> HTTP/1.0\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", version=b"HTTP/1.0") & closes,
        control="documented-lines.get-answered",
        why="An old client reads until the end of the connection, which never comes.",
    ),
    Scenario(
        id="documented-keep-alive.old-version-kept",
        title="HTTP/1.0 with Connection: Keep-Alive",
        clause=(DOC["KA-3"], DOC["KA-5"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.0\r\n"
            b"Connection: Keep-Alive\r\n"
            b"\r\n",
            Await.RESPONSE,
            b"GET <witness>?n=2 HTTP/1.0\r\n"
            b"Connection: Keep-Alive\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2")) & stays_open,
        control="documented-lines.get-answered",
        why="Load generators and old proxies ask this way; each of their requests costs a connection.",
    ),
    *family(
        Scenario(
            id="documented-keep-alive.old-version-with",
            title="HTTP/1.0 with a Connection header that is not exactly Keep-Alive",
            clause=DOC["KA-3"],
            send=(
                b"GET <witness> HTTP/1.0\r\n"
                b"Connection: <value>\r\n"
                b"\r\n",
            ),
            accept=sees(target=b"<witness>") & closes,
            control="documented-lines.get-answered",
            why="Only the documented spelling counts; a client that relies on the close waits forever.",
        ),
        {
            "lower-case": b"keep-alive",
            "more": b"Keep-Alive, x",
            "close": b"close",
        },
    ),
    Scenario(
        id="documented-keep-alive.old-version-head",
        title="HTTP/1.0 HEAD with Connection: Keep-Alive",
        clause=DOC["KA-3"],
        send=(
            b"HEAD <witness> HTTP/1.0\r\n"
            b"Connection: Keep-Alive\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & stays_open,
        control="documented-lines.get-answered",
        why="Each HEAD request costs a connection.",
    ),
    Scenario(
        id="documented-keep-alive.old-version-post",
        title="HTTP/1.0 POST with a body and Connection: Keep-Alive",
        clause=(DOC["KA-3"], DOC["LEN-1"]),
        send=(
            b"POST <witness> HTTP/1.0\r\n"
            b"Connection: Keep-Alive\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(method=b"POST", body=b"hello") & stays_open,
        control="documented-lines.get-answered",
        why="Each form submission costs a connection.",
    ),
    Scenario(
        id="documented-keep-alive.unknown-version-kept",
        title="HTTP/9.9 with Connection: Keep-Alive",
        clause=(DOC["KA-3"], DOC["LINE-2"]),
        send=(
            b"GET <witness> HTTP/9.9\r\n"
            b"Host: <host>\r\n"
            b"Connection: Keep-Alive\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", version=b"HTTP/9.9") & stays_open,
        control="documented-lines.get-answered",
        why="The documented rule for all versions other than 1.1 holds for HTTP/1.0 only.",
    ),
    *family(
        Scenario(
            id="documented-keep-alive.old-version-without-length",
            title="HTTP/1.0 with Connection: Keep-Alive, without Content-Length",
            clause=DOC["KA-4"],
            send=(
                b"<value> <witness> HTTP/1.0\r\n"
                b"Connection: Keep-Alive\r\n"
                b"\r\n",
            ),
            accept=sees(target=b"<witness>", body=b"") & closes,
            control="documented-lines.get-answered",
            why="An old client's body without a length ends with the connection, and is read as requests.",
        ),
        {
            "post": b"POST",
            "delete": b"DELETE",
        },
    ),
    # Pipelining
    Scenario(
        id="documented-keep-alive.pipelined",
        title="Three requests in one write",
        clause=(DOC["CONN-4"], DOC["KA-5"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            b"GET <witness>?n=3 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(
            sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2"), sees(target=b"<witness>?n=3")
        )
        & stays_open,
        control="documented-keep-alive.second-request",
        why="Requests that arrive early are lost or answered out of order.",
    ),
    Scenario(
        id="documented-keep-alive.pipelined-behind-slow",
        title="A request pipelined after a slow one",
        clause=DOC["CONN-4"],
        send=(
            b"GET <slow>?ms=100 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS), sees(target=b"<witness>?n=2")) & stays_open,
        control="documented-keep-alive.pipelined",
        why="The response that is ready first is taken for the first request's; users get others' data.",
    ),
    Scenario(
        id="documented-keep-alive.pipelined-behind-body",
        title="A request pipelined after a body",
        clause=(DOC["CONN-4"], DOC["LEN-1"]),
        send=(
            b"POST <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(
            sees(target=b"<witness>?n=1", body=b"hello"),
            sees(method=b"GET", target=b"<witness>?n=2", body=b""),
        )
        & stays_open,
        control="documented-keep-alive.pipelined",
        why="If the server misses the end of a body by one byte, it misreads everything after it.",
    ),
    Scenario(
        id="documented-keep-alive.pipelined-in-pieces",
        title="A request whose head begins in the same write as the request before it",
        clause=(DOC["CONN-4"], DOC["CONN-1"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=2 HT",
            Await.RESPONSE,
            b"TP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2")) & stays_open,
        control="documented-keep-alive.pipelined",
        why="Bytes left over from one read are lost to the next request.",
    ),
    Scenario(
        id="documented-keep-alive.malformed-behind-good",
        title="A malformed request pipelined after a valid one",
        clause=(DOC["LINE-3"], DOC["CONN-4"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            b"GET <witness>?n=2\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=1") & in_step & closes,
        control="documented-lines.get-answered",
        why="A response that is already due is lost because of the malformed request after it.",
    ),
    Scenario(
        id="documented-keep-alive.nothing-left-over",
        title="A bare request after one with arguments, a header and a body",
        clause=DOC["CONN-8"],
        send=(
            b"POST <witness>?a=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: 3\r\n"
            b"X-Odd: a\r\n"
            b"\r\n"
            b"b=2",
            Await.RESPONSE,
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(
            sees_argument("a", "1") & sees_argument("b", "2") & sees(fields={b"X-Odd": b"a"}),
            sees_argument("a") & sees_argument("b") & sees(body=b"", fields={b"X-Odd": None}),
        ),
        control="documented-lines.get-answered",
        risk=Risk.DISCLOSURE,
        why="Behind a proxy, one user's data turns up in another user's request.",
    ),
    # Clients that leave
    Scenario(
        id="documented-keep-alive.half-closed",
        title="A client that half-closes after receiving its response",
        clause=DOC["KA-6"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            HALF_CLOSE,
        ),
        accept=sees(target=b"<witness>") & closes,
        control="documented-lines.get-answered",
        why="The server keeps connections of clients that have left, until it can accept no more.",
    ),
    Scenario(
        id="documented-keep-alive.gone-while-pending",
        title="A client that resets before its response is ready, then another client",
        clause=DOC["CONN-7"],
        send=(
            b"GET <slow>?ms=400 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            PAUSE,
            RESET,
            # Answered after the response to the client that left would have been due.
            b"GET <slow>?ms=300 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS), sees(target=b"<witness>?n=2")) & stays_open,
        control="documented-keep-alive.pipelined-behind-slow",
        why="One user who closes a browser window takes the server down for all others.",
    ),
)
