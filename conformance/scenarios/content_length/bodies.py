"""Bodies with a Content-Length: of many sizes, late, cut short, and on methods that seldom have one."""

from clients.steps import HALF_CLOSE, PAUSE
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.deviations import leaves_unanswered
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    falls_silent,
    hangs_up,
    in_step,
    in_turn,
    waits,
)
from conformance.judging.witness_outcomes import sees

# The application decides whether it serves the method at all.
_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)

_NEXT_SEEN = sees(target=b"<witness>?n=1", body=b"")

# What becomes of a body and of the request after it, if no octet of the body was taken for a request.
_NEXT_LOST = Breach(leaves_unanswered(2), RFC9112["9.3.2-3"])
_BODY_LOST = Breach(in_turn(_ANSWERS, _NEXT_SEEN), RFC9112["6.3-p3"])

# Sizes around those of common buffers; and octets that do not repeat, so that a lost one shows.
_SIZES = (1, 4095, 4096, 4097, 8191, 8192, 8193, 16383, 16384, 16385, 65535, 65536, 65537)
_OCTETS = b"".join(b"%07x\n" % number for number in range(8193))

SCENARIOS = (
    Scenario(
        id="content-length.zero",
        title="Content-Length: 0",
        clause=RFC9112["6.3-p3"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 0\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"POST", body=b"") & in_step,
        control="basics.post",
        why="A server that waits for an empty body hangs.",
    ),
    Scenario(
        id="content-length.body-later",
        title="A body that arrives after its head",
        clause=RFC9112["6.3-p3"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"he",
            PAUSE,
            b"llo",
        ),
        accept=waits & sees(body=b"hello"),
        control="basics.post",
        why="The network may deliver a body in pieces; the application must still get all of it.",
    ),
    Scenario(
        id="content-length.body-of-one-megabyte",
        title="A body of 1 MiB",
        clause=RFC9112["6.3-p3"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 1048576\r\n"
            b"\r\n",
            b"0123456789abcdef" * 65536,
        ),
        accept=sees(body=b"0123456789abcdef" * 65536) | answers(413),
        control="basics.post",
        why="An upload of common size must arrive whole, or be refused with a status that says why.",
    ),
    Scenario(
        id="content-length.cut-short",
        title="A body shorter than its Content-Length",
        clause=RFC9112["6.3-8"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 10\r\n"
            b"\r\n"
            b"hello",
            HALF_CLOSE,
        ),
        accept=(answers(CLIENT_ERROR, SERVER_ERROR) & closes) | hangs_up,
        # Whether the application is told that the body was cut short does not show here.
        tolerate=(_ANSWERS & closes) | falls_silent,
        control="basics.post-answered",
        why="A truncated upload that passes for complete is stored as if it were whole.",
    ),
    *family(
        Scenario(
            id="content-length.white-space",
            title="White space around a Content-Length",
            clause=RFC9110["5.5-1"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length:<value>\r\n"
                b"\r\n"
                b"hello",
            ),
            accept=sees(body=b"hello") & in_step,
            control="basics.post",
            why="White space around a value is not part of it; a server that keeps it may lose the body.",
        ),
        {"behind": b" 5 ", "much": b"     5     ", "tabs": b"\t5\t"},
    ),
    Scenario(
        id="content-length.white-space-none",
        title="White space around a Content-Length: none",
        clause=RFC9112["5-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length:5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(body=b"hello") & in_step,
        control="basics.post",
        why="White space before a value is optional; a client may leave it out.",
    ),
    *family(
        Scenario(
            id="content-length.on",
            title="A body that reads as a request on a method that seldom has one, then a GET",
            clause=(RFC9112["9.3-5"], RFC9112["6-p1"]),
            send=(
                b"<value> <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 41\r\n"
                b"\r\n"
                b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(_ANSWERS, sees(target=b"<witness>?n=1", body=b""))
            | (_ANSWERS & in_step & closes),
            breaches=(_NEXT_LOST,),
            control="pipelining.body-like-a-request",
            risk=Risk.SMUGGLING,
            why="Framing does not depend on the method; a server that ignores it reads it as a request.",
        ),
        {"get": b"GET", "head": b"HEAD", "delete": b"DELETE", "options": b"OPTIONS", "trace": b"TRACE"}
        | {"query": b"QUERY"},
    ),
    *(
        Scenario(
            id="content-length.body-of-" + str(size) + "-octets",
            title="A body of " + str(size) + " octets, then a pipelined GET",
            clause=(RFC9112["9.3-5"], RFC9112["6.3-p3"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: %d\r\n"
                b"\r\n" % size,
                _OCTETS[:size],
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(sees(body=_OCTETS[:size]), sees(target=b"<witness>?n=1", body=b""))
            | (answers(413) & in_step),
            breaches=(_NEXT_LOST, _BODY_LOST),
            control="pipelining.get-after-post",
            risk=Risk.SMUGGLING,
            why="Servers lose an octet where a body just fills a buffer, or misses it by one.",
        )
        for size in _SIZES
    ),
)
