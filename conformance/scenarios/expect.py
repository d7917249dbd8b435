"""Expect and interim responses: a body that is held back until the server asks for it."""

from clients.steps import PAUSE, Await
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
    in_step,
    in_turn,
    interim,
    no_interim,
    sends_what_is_awaited,
    well_formed,
)
from conformance.judging.witness_outcomes import sees

_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)

# Any final response will do, if it comes at once (RFC 9110, 10.1.1).
_ANSWERED_AT_ONCE = answers(REDIRECTION, CLIENT_ERROR, SERVER_ERROR) & sends_what_is_awaited

# What is wrong where the client need not wait in vain.
_SMUGGLED = Breach(out_of_step(), RFC9112["9.3-5"], Risk.SMUGGLING)
_NEVER_ANSWERED = Breach(interim(100) & leaves_unanswered(1), RFC9110["10.1.1-9"])
_BODY_LOST = Breach(answers(SUCCESS) & sends_what_is_awaited, RFC9112["6.3-p3"])
_BREACHES = (_SMUGGLED, _NEVER_ANSWERED, _BODY_LOST)

SCENARIOS = (
    Scenario(
        id="expect.continue",
        title="Expect: 100-continue with the body held back",
        clause=(RFC9110["10.1.1-11"], RFC9110["10.1.1-12"], RFC9110["10.1.1-9"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"hello",
        ),
        accept=(interim(100) & sees(body=b"hello")) | _ANSWERED_AT_ONCE,
        breaches=_BREACHES,
        control="basics.post",
        why="A client that waits for the 100, as curl does for a second, loses that time on every upload.",
    ),
    Scenario(
        id="expect.continue-in-another-case",
        title="Expect: 100-CONTINUE",
        clause=(RFC9110["10.1.1-11"], RFC9110["10.1.1-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-CONTINUE\r\n"
            b"\r\n",
            Await.INTERIM,
            b"hello",
        ),
        accept=interim(100) & sees(body=b"hello"),
        tolerate=answers(CLIENT_ERROR),
        breaches=_BREACHES,
        control="expect.continue",
        why="Expectations are case-insensitive; a client that writes it this way would wait in vain.",
    ),
    Scenario(
        id="expect.continue-chunked",
        title="Expect: 100-continue with a chunked body held back",
        clause=(RFC9110["10.1.1-11"], RFC9110["10.1.1-9"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=(interim(100) & sees(body=b"hello")) | _ANSWERED_AT_ONCE,
        breaches=_BREACHES,
        control="expect.continue",
        why="Transfer-Encoding announces a body, too; a client with a chunked upload would wait in vain.",
    ),
    Scenario(
        id="expect.body-at-once",
        title="Expect: 100-continue with the body sent at once",
        clause=(RFC9112["6.3-p3"], RFC9110["10.1.1-8"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n"
            b"hello",
        ),
        # Whoever expects something may be refused, even if it did not wait.
        accept=sees(body=b"hello") | (_ANSWERED_AT_ONCE & in_step),
        breaches=(_SMUGGLED,),
        control="basics.post",
        why="A client need not wait; the body has arrived and must be read, with or without a 100.",
    ),
    Scenario(
        id="expect.nothing-to-expect",
        title="Expect: 100-continue without a body",
        clause=RFC9110["10.1.1-8"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", body=b""),
        breaches=(Breach(leaves_unanswered(1), RFC9112["6.3-p4"]),),
        control="basics.get",
        why="A server that waits for a body that was never announced hangs until it times out.",
    ),
    Scenario(
        id="expect.unknown",
        title="An unknown expectation",
        clause=RFC9110["10.1.1-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: x-unheard-of\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=answers(417) | (no_interim & sees(body=b"hello")),
        control="basics.post",
        why="It may be refused with 417 or ignored; anything else leaves the client guessing.",
    ),
    *family(
        Scenario(
            id="expect.list",
            title="A list of expectations, with the body held back",
            clause=(RFC9110["10.1.1-11"], RFC9110["10.1.1-p1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 5\r\n"
                b"Expect: <value>\r\n"
                b"\r\n",
                Await.INTERIM,
                b"hello",
            ),
            # The unknown member is a reason to answer 417.
            accept=(interim(100) & sees(body=b"hello")) | answers(417) | _ANSWERED_AT_ONCE,
            breaches=_BREACHES,
            control="expect.continue",
            why="A server that compares the whole value misses the member, and the client waits in vain.",
        ),
        {
            "before-unknown": b"100-continue, x-unheard-of",
            "behind-unknown": b"x-unheard-of, 100-continue",
            "on-a-second-line": b"x-unheard-of\r\nExpect: 100-continue",
        },
    ),
    *family(
        Scenario(
            id="expect.list-of-one",
            title="100-continue as the only member of an odd list",
            clause=(RFC9110["10.1.1-11"], RFC9110["5.6.1.2-1"], RFC9110["10.1.1-p1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 5\r\n"
                b"Expect: <value>\r\n"
                b"\r\n",
                Await.INTERIM,
                b"hello",
            ),
            accept=(interim(100) & sees(body=b"hello")) | _ANSWERED_AT_ONCE,
            breaches=_BREACHES,
            control="expect.continue",
            why="A server that compares the whole value misses the member, and the client waits in vain.",
        ),
        {
            "comma-before": b", 100-continue",
            "comma-behind": b"100-continue,",
            "twice": b"100-continue, 100-continue",
            "tabs-around": b"\t100-continue\t",
        },
    ),
    *family(
        Scenario(
            id="expect.unknown-with-a-value",
            title="An unknown expectation with a value",
            clause=RFC9110["10.1.1-1"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 5\r\n"
                b"Expect: <value>\r\n"
                b"\r\n"
                b"hello",
            ),
            accept=answers(417) | (no_interim & sees(body=b"hello")),
            control="expect.unknown",
            why="It may be refused with 417 or ignored; anything else leaves the client guessing.",
        ),
        {
            "token": b"x-unheard-of=1",
            "quoted": b'x-unheard-of="100-continue, a"',
            "longer-than-continue": b"100-continued",
            "continue-with-a-value": b"100-continue=1",
            "continue-with-a-parameter": b"100-continue;a=b",
        },
    ),
    *family(
        Scenario(
            id="expect.malformed",
            title="An expectation that breaks the grammar and contains 100-continue",
            clause=(RFC9110["10.1.1-1"], RFC9110["10.1.1-p1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 5\r\n"
                b"Expect: <value>\r\n"
                b"\r\n"
                b"hello",
            ),
            accept=answers(417, 400) | (no_interim & sees(body=b"hello")),
            control="expect.unknown",
            why="A server that searches for the word sends 100 where another recipient sees no expectation.",
        ),
        {"behind-a-word": b"y 100-continue", "quoted": b'"100-continue"'},
    ),
    *family(
        Scenario(
            id="expect.held-back-on",
            title="Expect: 100-continue with a body held back, on a method that seldom has one",
            clause=(RFC9110["10.1.1-11"], RFC9112["9.3-5"]),
            send=(
                b"<value> <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 41\r\n"
                b"Expect: 100-continue\r\n"
                b"\r\n",
                Await.INTERIM,
                b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
            ),
            accept=_ANSWERS & sends_what_is_awaited & in_step,
            breaches=(_SMUGGLED,),
            control="basics.post-answered",
            why="Whether a body is awaited does not depend on the method; unread, it becomes a request.",
        ),
        {"get": b"GET", "delete": b"DELETE", "options": b"OPTIONS"},
    ),
    Scenario(
        id="expect.held-back-on-head",
        title="Expect: 100-continue with a body held back, on a method that seldom has one: head",
        clause=(RFC9110["10.1.1-11"], RFC9112["9.3-5"]),
        send=(
            b"HEAD <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 41\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
        ),
        accept=_ANSWERS & sends_what_is_awaited & in_step,
        breaches=(_SMUGGLED,),
        # Where content follows a response to HEAD, it cannot be seen what became of the body.
        control="basics.head",
        why="Whether a body is awaited does not depend on the method; unread, it becomes a request.",
    ),
    *family(
        Scenario(
            id="expect.beside",
            title="Expect: 100-continue beside a length that must be refused, with the body held back",
            clause=(RFC9112["6.3-5"], RFC9110["10.1.1-11"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>"
                b"Expect: 100-continue\r\n"
                b"\r\n",
                Await.INTERIM,
                b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
            ),
            accept=answers(400) & sends_what_is_awaited & in_step & closes,
            # More octets after a refusal are wrong, but no request was carried out.
            breaches=(
                Breach(out_of_step(), RFC9112["6.3-5"], Risk.SMUGGLING),
                Breach(answers(400) & in_step & closes, RFC9110["10.1.1-11"]),
                Breach(answers(400) & closes, RFC9110["15-p2"]),
            ),
            control="basics.post-answered",
            risk=Risk.SMUGGLING,
            why="The client waits for a word on its body; without one, neither side goes on.",
        ),
        {
            "a-malformed-length": b"Content-Length: x\r\n",
            "two-lengths": b"Content-Length: 41\r\nContent-Length: 0\r\n",
        },
    ),
    Scenario(
        id="expect.without-host",
        title="Expect: 100-continue without Host, with the body held back",
        clause=(RFC9112["3.2-6"], RFC9110["10.1.1-11"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Content-Length: 41\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
        ),
        accept=answers(400) & in_step,
        breaches=(Breach(answers(400), RFC9112["9.3-5"], Risk.SMUGGLING),),
        control="basics.post-answered",
        why="A request that must be refused must be refused whether or not it waits for the server.",
    ),
    Scenario(
        id="expect.beside-a-malformed-field",
        title="Expect: 100-continue beside a malformed field line, with the body held back",
        clause=(RFC9112["2.2-10"], RFC9110["10.1.1-11"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X Test: one\r\n"
            b"Content-Length: 41\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
        ),
        accept=answers(400) & sends_what_is_awaited & in_step & closes,
        breaches=(Breach(out_of_step(), RFC9112["2.2-10"], Risk.SMUGGLING),),
        control="basics.post-answered",
        why="The client waits for a word on its body; without one, neither side goes on.",
    ),
    Scenario(
        id="expect.interim-response",
        title="The format of a 100 response",
        clause=RFC9110["15.2-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"hello",
        ),
        accept=(interim(100) & well_formed & sees(body=b"hello") & in_step) | _ANSWERED_AT_ONCE,
        control="expect.continue",
        why="A client reads anything after the empty line of a 100 as the final response.",
    ),
    Scenario(
        id="expect.length-of-zero",
        title="Expect: 100-continue with Content-Length: 0",
        clause=RFC9110["10.1.1-8"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 0\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"POST", body=b"") & in_step,
        breaches=(Breach(leaves_unanswered(1), RFC9112["6.3-p3"]),),
        control="basics.post",
        why="There is no body to wait for; a server that waits hangs until it times out.",
    ),
    Scenario(
        id="expect.body-in-pieces",
        title="A body that comes in pieces after the 100",
        clause=(RFC9110["10.1.1-9"], RFC9112["6.3-p3"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 10\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"hello",
            PAUSE,
            b"world",
        ),
        accept=(interim(100) & sees(body=b"helloworld") & in_step) | _ANSWERED_AT_ONCE,
        breaches=(
            _SMUGGLED,
            _BODY_LOST,
            Breach(sees(body=b"helloworld") & in_step, RFC9110["10.1.1-11"]),
        ),
        control="expect.continue",
        why="The 100 asks for the whole body, including the part that comes late.",
    ),
    Scenario(
        id="expect.next-request",
        title="A GET pipelined after a body that waited for the 100",
        clause=(RFC9112["9.3-5"], RFC9110["15-p2"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"hello"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(body=b"hello"), sees(target=b"<witness>?n=1", body=b""))
        | (_ANSWERED_AT_ONCE & in_step & closes),
        breaches=(
            Breach(interim(100) & leaves_unanswered(1), RFC9110["10.1.1-9"]),
            Breach(leaves_unanswered(2), RFC9112["9.3.2-3"]),
            Breach(in_turn(_ANSWERS, sees(target=b"<witness>?n=1", body=b"")), RFC9112["6.3-p3"]),
        ),
        control="pipelining.get-after-post",
        risk=Risk.SMUGGLING,
        why="A 100 must not change where the body ends, or be counted as the final response.",
    ),
    Scenario(
        id="expect.behind-another-request",
        title="Expect: 100-continue in the second of two requests",
        clause=RFC9110["10.1.1-11"],
        send=(
            b"GET <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"POST <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.RESPONSE,
            Await.INTERIM,
            b"hello",
        ),
        accept=in_turn(
            sees(target=b"<witness>?n=0"),
            sees(target=b"<witness>?n=1", body=b"hello") | answers(REDIRECTION, CLIENT_ERROR, SERVER_ERROR),
        )
        & sends_what_is_awaited,
        breaches=(
            Breach(out_of_step(2), RFC9112["9.3-5"], Risk.SMUGGLING),
            Breach(in_turn(_ANSWERS, _ANSWERS) & sends_what_is_awaited, RFC9112["6.3-p3"]),
        ),
        control="pipelining.get-after-post",
        why="On a persistent connection, an upload is seldom the first request.",
    ),
)
