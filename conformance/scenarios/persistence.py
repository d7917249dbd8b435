"""Persistent connections: what keeps them open, and what the close option requires."""

from clients.steps import HALF_CLOSE, PAUSE, Await
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.deviations import does_not_close, leaves_unanswered, out_of_step
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    closes_gracefully,
    has_field,
    in_step,
    in_turn,
    stays_open,
)
from conformance.judging.witness_outcomes import sees

_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)
_ERRORS = answers(CLIENT_ERROR, SERVER_ERROR)

# A server may close when it likes, and this one says that it does.
_ANNOUNCED_CLOSE = Breach(
    answers(SUCCESS) & has_field(b"Connection", b"close") & closes, RFC9112["9.5-3"]
)

_NEXT_SEEN = sees(target=b"<witness>?n=1", body=b"")

# A body that was not taken for a request, though the request that follows it was lost, or the body itself.
_BODY_OR_NEXT_LOST = (
    Breach(leaves_unanswered(2), RFC9112["9.3.2-3"]),
    Breach(in_turn(_ANSWERS, _NEXT_SEEN) | (_ANSWERS & in_step & closes), RFC9112["6.3-p3"]),
)

SCENARIOS = (
    Scenario(
        id="persistence.kept-open",
        title="The connection after a plain GET",
        clause=RFC9112["9.3-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & stays_open,
        control="basics.get",
        why="Without persistence, each request costs a new connection and, over TLS, a new handshake.",
    ),
    Scenario(
        id="persistence.second-request",
        title="A second request on the same connection",
        clause=RFC9112["9.3-1"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2")),
        control="persistence.kept-open",
        why="A response that belongs to another request is worse than no response.",
    ),
    Scenario(
        id="persistence.nothing-left-over",
        title="A second request that lacks the first one's body and field",
        clause=RFC9112["9.3-5"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: first\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
            Await.RESPONSE,
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(body=b"hello"), sees(method=b"GET", body=b"", fields={b"X-Test": None})),
        breaches=(
            Breach(leaves_unanswered(2), RFC9110["15-p2"]),
            Breach(in_turn(sees(body=b"hello"), answers(SUCCESS)), RFC9110["3.3-1"], Risk.DISCLOSURE),
            Breach(in_turn(_ANSWERS, sees(method=b"GET", body=b"")), RFC9112["6.3-p3"]),
        ),
        control="persistence.kept-open",
        risk=Risk.SMUGGLING,
        why="Data left over from one request becomes part of another, perhaps another user's.",
    ),
    Scenario(
        id="persistence.close",
        title="A request with Connection: close",
        clause=RFC9112["9.6-4"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & closes,
        tolerate=_ERRORS & closes,
        control="persistence.kept-open",
        why="A client that asked for the close may wait for it to know that the response is complete.",
    ),
    Scenario(
        id="persistence.close-announced",
        title="The response to Connection: close",
        clause=RFC9112["9.6-5"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & has_field(b"Connection", b"close"),
        control="basics.get",
        why="If the close is not announced, the client may send its next request and lose it.",
    ),
    *family(
        Scenario(
            id="persistence.close-option",
            title="The close option in another spelling",
            clause=(RFC9112["9.6-4"], RFC9110["7.6.1-p1"]),
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Connection: <value>\r\n"
                b"\r\n",
            ),
            accept=answers(SUCCESS) & closes,
            tolerate=_ERRORS & closes,
            control="persistence.close",
            why="Connection is a list of case-insensitive options; each of these values means close.",
        ),
        {
            "upper-case": b"CLOSE",
            "after-another": b"x-option, close",
            "before-another": b"close, x-option",
            "without-space": b"x-option,close",
            "on-a-second-line": b"x-option\r\nConnection: close",
            "with-keep-alive": b"keep-alive, close",
            "before-keep-alive": b"close, keep-alive",
            "mixed-case": b"cLoSe",
            "between-tabs": b"\tclose\t",
            "before-a-comma-and-a-space": b"close ,x-option",
            "before-a-second-line": b"close\r\nConnection: x-option",
            "twice": b"close, close",
        },
    ),
    Scenario(
        id="persistence.close-option-among-empty-members",
        title="The close option in another spelling: among empty members",
        clause=(RFC9112["9.6-4"], RFC9110["7.6.1-p1"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: , close ,\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & closes,
        breaches=(Breach(_ERRORS & closes, RFC9110["5.6.1.2-1"]),),
        control="persistence.close",
        why="Connection is a list, and empty members of a list are to be ignored; this value means close.",
    ),
    *family(
        Scenario(
            id="persistence.no-close-option",
            title="An option that only looks like close",
            clause=RFC9112["9.3-p1"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Connection: <value>\r\n"
                b"\r\n",
            ),
            accept=answers(SUCCESS) & stays_open,
            breaches=(_ANNOUNCED_CLOSE,),
            control="persistence.kept-open",
            why="A server that matches part of an option closes connections that should stay open.",
        ),
        {
            "longer": b"closed",
            "hyphenated": b"close-notify",
            "keep-alive": b"keep-alive",
            "shorter": b"clos",
            "with-a-prefix": b"x-close",
            "underscored": b"close_",
            "nothing": b"",
            "only-commas": b", ,",
        },
    ),
    Scenario(
        id="persistence.request-after-close",
        title="A request sent after one with Connection: close",
        clause=RFC9112["9.6-6"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n"
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_ANSWERS & in_step & closes,
        breaches=(Breach(_ANSWERS & in_step & does_not_close, RFC9112["9.6-4"]),),
        control="persistence.close",
        why="The client has given this request up and may repeat it elsewhere; it must not be carried out.",
    ),
    Scenario(
        id="persistence.half-close",
        title="A client that closes its sending side after a request",
        clause=(RFC9112["9.6-p1"], RFC9112["9.5-2"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            HALF_CLOSE,
        ),
        accept=sees(target=b"<witness>?n=1") & closes,
        breaches=(Breach(answers(SUCCESS) & does_not_close, RFC9112["9.5-2"]),),
        control="basics.get",
        why="Programs that close once they have sent everything, like a shell pipe, never see a response.",
    ),
    *family(
        Scenario(
            id="persistence.other-field",
            title="A field that is not Connection",
            clause=(RFC9112["9.3-p1"], RFC9110["7.6.1-p2"]),
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>\r\n"
                b"\r\n",
            ),
            accept=answers(SUCCESS) & stays_open,
            breaches=(_ANNOUNCED_CLOSE,),
            control="persistence.kept-open",
            why="Only the close option in Connection ends a connection; no other field does.",
        ),
        {
            "x-connection": b"X-Connection: close",
            "connection-in-a-value": b"X-Test: Connection: close",
            "keep-alive": b"Keep-Alive: timeout=5, max=0",
        },
    ),
    Scenario(
        id="persistence.length-named-as-option",
        title="Connection: Content-Length",
        clause=RFC9112["9.3-5"],
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: Content-Length\r\n"
            b"Content-Length: 41\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(
            sees(body=b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"),
            sees(target=b"<witness>?n=1", body=b""),
        )
        | (_ERRORS & in_step & closes),
        breaches=_BODY_OR_NEXT_LOST,
        control="pipelining.body-like-a-request",
        risk=Risk.SMUGGLING,
        why="A server that drops the fields listed here before the body is read takes it for a request.",
    ),
    Scenario(
        id="persistence.coding-named-as-option",
        title="Connection: Transfer-Encoding with a chunked body",
        clause=RFC9112["9.3-5"],
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: Transfer-Encoding\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"29\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n"
            b"0\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(
            sees(body=b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"),
            sees(target=b"<witness>?n=1", body=b""),
        )
        | (_ERRORS & in_step & closes),
        breaches=_BODY_OR_NEXT_LOST,
        control="pipelining.get-after-chunked-post",
        risk=Risk.SMUGGLING,
        why="A server that drops the fields listed here before the body is read takes it for a request.",
    ),
    Scenario(
        id="persistence.host-named-as-option",
        title="Connection: Host",
        clause=(RFC9112["3.3-p1"], RFC9110["2.4-1"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: Host\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=1", fields={b"Host": b"<host>"}) | answers(CLIENT_ERROR),
        control="basics.target-as-understood",
        risk=Risk.ROUTING,
        why="Host is for every recipient; a client must not be able to take it away from the application.",
    ),
    Scenario(
        id="persistence.proxy-connection",
        title="Two requests, the first with Proxy-Connection: close",
        clause=(RFC9112["9.3-p1"], RFC9110["7.6.1-p2"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Proxy-Connection: close\r\n"
            b"\r\n"
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2")),
        control="pipelining.two",
        why="Only the close option in Connection ends a connection; no other field does.",
    ),
    *family(
        Scenario(
            id="persistence.pipelined-behind-another-field",
            title="Two requests, the first with a field that is not Connection",
            clause=(RFC9112["9.3-p1"], RFC9110["7.6.1-p2"]),
            send=(
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>\r\n"
                b"\r\n"
                b"GET <witness>?n=2 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2")),
            control="pipelining.two",
            why="Only the close option in Connection ends a connection; no other field does.",
        ),
        {
            "x-connection": b"X-Connection: close",
            "keep-alive": b"Keep-Alive: timeout=5, max=0",
            "connection-in-a-value": b"X-Test: Connection: close",
        },
    ),
    Scenario(
        id="persistence.request-after-an-error",
        title="A request sent after one whose length is not a number",
        clause=(RFC9112["6.3-5"], RFC9112["9.6-8"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 0x0\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400) & in_step & closes,
        # More octets after a refusal are wrong, but no request was carried out.
        breaches=(
            Breach(out_of_step(), RFC9112["6.3-5"], Risk.SMUGGLING),
            Breach(answers(400) & closes, RFC9110["15-p2"]),
        ),
        control="basics.post-answered",
        risk=Risk.SMUGGLING,
        why="The end of the body is unknown; what follows may be part of it and must not be carried out.",
    ),
    Scenario(
        id="persistence.garbage-after-close",
        title="Bytes that are not a request, after a request with Connection: close",
        clause=(RFC9112["9.6-p2"], RFC9112["9.6-6"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n"
            b"\x00\x01\x02\x03\r\n\r\n",
        ),
        accept=sees(target=b"<witness>?n=1") & in_step & closes,
        control="persistence.close",
        why="Bytes that the server need not read must not cost the client its response.",
    ),
    Scenario(
        id="persistence.half-close-behind-two",
        title="A client that closes its sending side after two requests",
        clause=(RFC9112["9.6-p1"], RFC9112["9.3.2-3"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"POST <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
            HALF_CLOSE,
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2", body=b"hello")) & closes,
        breaches=(Breach(in_turn(_ANSWERS, _ANSWERS) & does_not_close, RFC9112["9.5-2"]),),
        control="persistence.half-close",
        why="The client still waits for the responses to both requests, not only to the first.",
    ),
    Scenario(
        id="persistence.half-close-before-a-late-answer",
        title="A client that closes its sending side while its request is processed",
        clause=RFC9112["9.6-p1"],
        send=(
            b"GET <slow>?ms=100 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            HALF_CLOSE,
        ),
        accept=answers(SUCCESS) & closes,
        breaches=(Breach(answers(SUCCESS) & does_not_close, RFC9112["9.5-2"]),),
        control="persistence.kept-open",
        why="A client that has sent everything still waits for its response, however late it comes.",
    ),
    Scenario(
        id="persistence.close-noticed",
        title="A client that closes its sending side after a response",
        clause=RFC9112["9.5-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            HALF_CLOSE,
        ),
        accept=answers(SUCCESS) & closes,
        control="persistence.kept-open",
        why="Connections whose clients are gone use up resources that others need.",
    ),
    Scenario(
        id="persistence.left-idle",
        title="A connection that is left idle for a while",
        clause=RFC9112["9.5-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            PAUSE,
            PAUSE,
        ),
        # A server may wait as long as it likes, and usually waits longer than this.
        accept=answers(SUCCESS) & (stays_open | closes_gracefully),
        control="persistence.kept-open",
        why="A reset may destroy data that the client has not read yet, and looks like a failure.",
    ),
    Scenario(
        id="persistence.thirty-in-turn",
        title="Thirty requests on one connection, one after the other",
        clause=(RFC9112["9.5-4"], RFC9112["9.3-1"]),
        send=tuple(
            step
            for number in range(30)
            for step in (
                b"GET <witness>?n=%d HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n" % number,
                Await.RESPONSE,
            )
        ),
        accept=in_turn(*(sees(target=b"<witness>?n=%d" % number) for number in range(30))),
        control="persistence.second-request",
        why="A server that closes after a few requests makes the next one pay for a new handshake.",
    ),
)
