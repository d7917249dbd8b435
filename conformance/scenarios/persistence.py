"""Keeping and closing connections: what keeps them open, and what the close option demands."""

from clients.steps import HALF_CLOSE, Await
from conformance.clauses import RFC9110, RFC9112
from conformance.model import Scenario, family
from conformance.outcomes import (
    CLIENT_ERROR,
    SUCCESS,
    answers,
    closes,
    has_field,
    in_step,
    in_turn,
    stays_open,
)
from conformance.witness import sees

SCENARIOS = (
    Scenario(
        id="persistence.kept-open",
        title="A connection after a plain GET",
        clause=RFC9112["9.3-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & stays_open,
        control="basics.get",
        why="Without persistence, every request pays for a new connection, and a new handshake over TLS.",
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
        why="An answer that belongs to another request is worse than none.",
    ),
    Scenario(
        id="persistence.nothing-left-over",
        title="A second request without what the first one had",
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
        control="persistence.second-request",
        why="What one request leaves behind becomes part of another, perhaps of another user.",
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
        control="persistence.kept-open",
        why="A client that asked for the close may wait for it, to know that the response is complete.",
    ),
    Scenario(
        id="persistence.close-announced",
        title="The answer to Connection: close",
        clause=RFC9112["9.6-5"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & has_field(b"Connection", b"close"),
        control="persistence.close",
        why="A client that is not told of the close may send its next request into it, and lose it.",
    ),
    *family(
        Scenario(
            id="persistence.close-option",
            title="The close option in another spelling",
            clause=(RFC9110["7.6.1-p1"], RFC9112["9.6-4"]),
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Connection: <value>\r\n"
                b"\r\n",
            ),
            accept=answers(SUCCESS) & closes,
            control="persistence.close",
            why="Connection lists options that match without regard to case; each of these means close.",
        ),
        {
            "upper-case": b"CLOSE",
            "after-another": b"x-option, close",
            "before-another": b"close, x-option",
            "without-space": b"x-option,close",
            "among-empty-members": b", close ,",
            "on-a-second-line": b"x-option\r\nConnection: close",
            "with-keep-alive": b"keep-alive, close",
        },
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
            control="persistence.second-request",
            why="Matching part of an option closes connections that were to be kept.",
        ),
        {"longer": b"closed", "hyphenated": b"close-notify", "keep-alive": b"keep-alive"},
    ),
    Scenario(
        id="persistence.request-after-close",
        title="A request sent behind one with Connection: close",
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
        accept=answers(SUCCESS, CLIENT_ERROR) & in_step & closes,
        control="persistence.close",
        why="A request that the client has given up, and may repeat elsewhere, is carried out all the same.",
    ),
    Scenario(
        id="persistence.half-close",
        title="A client that closes its sending side behind a request",
        clause=RFC9112["9.6-p1"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            HALF_CLOSE,
        ),
        accept=sees(target=b"<witness>?n=1") & closes,
        control="basics.get",
        why="Programs that have sent all they have to say, like a shell pipe, never see their answer.",
    ),
)
