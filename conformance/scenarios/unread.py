"""Unread bodies: what is left of them on the connection must not be taken for a request."""

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
    falls_silent,
    hangs_up,
    in_step,
    in_turn,
    no_answer,
)
from conformance.judging.witness_outcomes import sees

# How an application answers a body that it does not want is up to the application.
_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)

_NEXT_SEEN = sees(method=b"GET", target=b"<witness>?n=1", body=b"")

_IN_STEP_OR_CLOSED = in_turn(_ANSWERS, _NEXT_SEEN) | (_ANSWERS & in_step & closes)

# What is wrong if no octet of the body is answered, but the request after it is not answered either.
_NEXT_LOST = Breach(leaves_unanswered(2), RFC9112["9.3.2-3"])

_REFUSAL = answers(REDIRECTION, CLIENT_ERROR, SERVER_ERROR)

_SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"

_LARGE = b"x" * (3_000_000 - len(_SMUGGLED)) + _SMUGGLED

SCENARIOS = (
    Scenario(
        id="unread.ignored-body",
        title="A body that the application does not read and that looks like a request",
        clause=RFC9112["9.3-5"],
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 41\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_IN_STEP_OR_CLOSED,
        breaches=(_NEXT_LOST,),
        control="pipelining.body-like-a-request",
        risk=Risk.SMUGGLING,
        why="If a body is taken for a request, one user can smuggle requests in another user's name.",
    ),
    Scenario(
        id="unread.ignored-chunked-body",
        title="A chunked body that the application does not read and that looks like a request",
        clause=RFC9112["9.3-5"],
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"29\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n"
            b"0\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_IN_STEP_OR_CLOSED,
        breaches=(_NEXT_LOST,),
        control="framing.nothing-smuggled",
        risk=Risk.SMUGGLING,
        why="If a body is taken for a request, one user can smuggle requests in another user's name.",
    ),
    Scenario(
        id="unread.ignored-body-of-many-requests",
        title="An 80 KiB body that the application does not read and that looks like 2,000 requests",
        clause=RFC9112["9.3-5"],
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 82000\r\n"
            b"\r\n",
            _SMUGGLED * 2000,
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_IN_STEP_OR_CLOSED,
        breaches=(_NEXT_LOST,),
        control="unread.ignored-body",
        risk=Risk.SMUGGLING,
        why="A server that skips only what its buffer holds reads the rest of the body as requests.",
    ),
    *family(
        Scenario(
            id="unread.body-of-a-request-answered",
            title="A body that looks like a request, sent to a resource that answers at once",
            clause=RFC9112["9.3-5"],
            send=(
                b"POST <status>/<value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 41\r\n"
                b"\r\n"
                b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_IN_STEP_OR_CLOSED,
            breaches=(_NEXT_LOST,),
            control="pipelining.body-like-a-request",
            risk=Risk.SMUGGLING,
            why="Servers refuse before they read the body; what is left of it becomes the next request.",
        ),
        {str(status): b"%d" % status for status in (204, 304, 401, 404, 405, 413, 500, 501, 503)},
    ),
    *family(
        Scenario(
            id="unread.body-on",
            title="A body that looks like a request, whatever the method",
            clause=(RFC9112["9.3-5"], RFC9112["6-p1"]),
            send=(
                b"<value> <path> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 41\r\n"
                b"\r\n"
                b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
                b"GET <path> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(_ANSWERS, answers(SUCCESS)) | (_ANSWERS & in_step & closes),
            breaches=(_NEXT_LOST,),
            control="pipelining.two-of-the-url",
            risk=Risk.SMUGGLING,
            why="Servers tend to leave a body on the connection if the method has no use for it.",
        ),
        {
            "get": b"GET",
            "post": b"POST",
            "put": b"PUT",
            "delete": b"DELETE",
            "options": b"OPTIONS",
            "an-unknown-method": b"BREW",
            "trace": b"TRACE",
            "query": b"QUERY",
        },
    ),
    *family(
        Scenario(
            id="unread.chunked-body-on",
            title="A chunked body that looks like a request, whatever the method",
            clause=(RFC9112["9.3-5"], RFC9112["6-p1"]),
            send=(
                b"<value> <path> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"29\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n"
                b"0\r\n\r\n"
                b"GET <path> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(_ANSWERS, answers(SUCCESS)) | (_ANSWERS & in_step & closes),
            breaches=(_NEXT_LOST,),
            control="pipelining.two-of-the-url",
            risk=Risk.SMUGGLING,
            why="Servers tend to leave a body on the connection if the method has no use for it.",
        ),
        {
            "get": b"GET",
            "post": b"POST",
            "put": b"PUT",
            "delete": b"DELETE",
            "options": b"OPTIONS",
            "an-unknown-method": b"BREW",
            "trace": b"TRACE",
            "query": b"QUERY",
        },
    ),
    Scenario(
        id="unread.body-on-head",
        title="A body that looks like a request, whatever the method: head",
        clause=(RFC9112["9.3-5"], RFC9112["6-p1"]),
        send=(
            b"HEAD <path> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 41\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
            b"GET <path> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(_ANSWERS, answers(SUCCESS)) | (_ANSWERS & in_step & closes),
        breaches=(_NEXT_LOST,),
        # Where content follows a response to HEAD, it cannot be seen what became of the body.
        control="basics.head",
        risk=Risk.SMUGGLING,
        why="Servers tend to leave a body on the connection if the method has no use for it.",
    ),
    Scenario(
        id="unread.chunked-body-on-head",
        title="A chunked body that looks like a request, whatever the method: head",
        clause=(RFC9112["9.3-5"], RFC9112["6-p1"]),
        send=(
            b"HEAD <path> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"29\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n"
            b"0\r\n\r\n"
            b"GET <path> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(_ANSWERS, answers(SUCCESS)) | (_ANSWERS & in_step & closes),
        breaches=(_NEXT_LOST,),
        # Where content follows a response to HEAD, it cannot be seen what became of the body.
        control="basics.head",
        risk=Risk.SMUGGLING,
        why="Servers tend to leave a body on the connection if the method has no use for it.",
    ),
    *family(
        Scenario(
            id="unread.malformed-chunks",
            title="Malformed chunks that the application does not read, then a GET",
            clause=(RFC9112["2.2-10"], RFC9112["9.3-5"]),
            send=(
                b"POST <ignore> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
                # An answer that came before the chunks were looked at could not announce the close.
                PAUSE,
            ),
            accept=(_ANSWERS & in_step & closes) | (in_turn(_ANSWERS, answers(400)) & closes),
            # A server that waits for more has taken nothing for another request.
            tolerate=leaves_unanswered(2),
            control="chunked.post-kept-open",
            risk=Risk.SMUGGLING,
            why="A body that nobody reads still ends where its chunks say; a broken one does not say it.",
        ),
        {
            "bad-size": b"zz\r\n\r\n",
            "two-octets-behind-data": b"5\r\nhelloXX0\r\n\r\n",
            "cr-and-octet-behind-data": b"5\r\nhello\rX0\r\n\r\n",
            "bad-last-size": b"5\r\nhello\r\n0z\r\n\r\n",
            "bad-trailer": b"5\r\nhello\r\n0\r\nX-Trailer one\r\n\r\n",
            "open-quote": b'5;a="\r\nhello\r\n0\r\n\r\n',
            "cr-and-octet-behind-size": b"5\rXhello\r\n0\r\n\r\n",
        },
    ),
    Scenario(
        id="unread.request-in-the-trailer",
        title="A trailer section that reads as a request, and that the application does not read",
        clause=(RFC9112["9.3-5"], RFC9112["2.2-10"]),
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n"
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            # An answer that came before the chunks were looked at could not announce the close.
            PAUSE,
        ),
        accept=(_ANSWERS & in_step & closes) | (in_turn(_ANSWERS, answers(400)) & closes),
        # Skipping what is malformed, or waiting for more, is not what the clause is about.
        tolerate=in_turn(_ANSWERS, _NEXT_SEEN) | leaves_unanswered(2),
        control="chunked.post-kept-open",
        risk=Risk.SMUGGLING,
        why="A request that stands where a filter looks for fields is carried out without a check.",
    ),
    Scenario(
        id="unread.ignored-trailers",
        title="A trailer section that the application does not read, then a GET",
        clause=RFC9112["9.3-5"],
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n"
            b"X-First: one\r\n"
            b"X-Second: two\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_IN_STEP_OR_CLOSED,
        breaches=(_NEXT_LOST,),
        control="chunked.post-kept-open",
        risk=Risk.SMUGGLING,
        why="What is left of a body is read as the next request; a trailer section belongs to the body.",
    ),
    *family(
        Scenario(
            id="unread.body-of-what-is-not-there",
            title="A body that looks like a request, sent to a path that does not exist",
            clause=RFC9112["9.3-5"],
            send=(
                b"POST /wirecheck-looks-for-nothing-here HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>"
                b"GET <path> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(_ANSWERS, answers(SUCCESS)) | (_ANSWERS & in_step & closes),
            breaches=(_NEXT_LOST,),
            control="pipelining.two-of-the-url",
            risk=Risk.SMUGGLING,
            why="A server answers 404 by itself, before any application would have read the body.",
        ),
        {
            "length": b"Content-Length: 41\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
            "chunked": (
                b"Transfer-Encoding: chunked\r\n\r\n"
                b"29\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n0\r\n\r\n"
            ),
        },
    ),
    *family(
        Scenario(
            id="unread.body-on-options-asterisk",
            title="A body that looks like a request, on OPTIONS for the server as a whole",
            clause=(RFC9112["9.3-5"], RFC9112["6-p1"]),
            send=(
                b"OPTIONS * HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>"
                b"GET <path> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(_ANSWERS, answers(SUCCESS)) | (_ANSWERS & in_step & closes),
            breaches=(_NEXT_LOST,),
            control="pipelining.two-of-the-url",
            risk=Risk.SMUGGLING,
            why="A server answers this by itself, and may forget that a request can have a body.",
        ),
        {
            "length": b"Content-Length: 41\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
            "chunked": (
                b"Transfer-Encoding: chunked\r\n\r\n"
                b"29\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n0\r\n\r\n"
            ),
        },
    ),
    Scenario(
        id="unread.end-of-a-large-body",
        title="A body of 3 MB that ends in what looks like a request, then a GET",
        clause=(RFC9112["9.3-5"], RFC9112["6.3-p3"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 3000000\r\n"
            b"\r\n",
            _LARGE,
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        # Whether so much is kept, and what is answered if not, is up to the server and the application.
        accept=in_turn(sees(body=_LARGE) | _REFUSAL, _NEXT_SEEN) | (_REFUSAL & in_step & closes),
        breaches=(_NEXT_LOST, Breach(in_turn(_ANSWERS, _NEXT_SEEN), RFC9112["6.3-p3"])),
        control="basics.post-answered",
        risk=Risk.SMUGGLING,
        why="A server that reads only as much as it keeps takes the end of a large body for a request.",
    ),
    Scenario(
        id="unread.answered-before-the-body",
        title="Answered before the body is sent; body sent anyway",
        clause=(RFC9112["9.3-5"], RFC9110["10.1.1-10"]),
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 41\r\n"
            b"\r\n",
            Await.RESPONSE,
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_IN_STEP_OR_CLOSED,
        breaches=(_NEXT_LOST,),
        control="unread.ignored-body",
        risk=Risk.SMUGGLING,
        why="A server that forgets the body once it has answered takes it for the next request.",
    ),
    Scenario(
        id="unread.answered-before-the-body-is-asked-for",
        title="Final response instead of 100; body sent anyway",
        clause=(RFC9112["9.3-5"], RFC9110["10.1.1-10"]),
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 41\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_IN_STEP_OR_CLOSED,
        breaches=(_NEXT_LOST,),
        control="unread.ignored-body",
        risk=Risk.SMUGGLING,
        why="The client may still send the announced body; taken for a request, it is smuggled in.",
    ),
    Scenario(
        id="unread.answered-during-the-upload",
        title="An upload of 1 MiB that the application does not read",
        clause=RFC9112["9.6-p2"],
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 1048576\r\n"
            b"\r\n",
            b"0123456789abcde\n" * 65536,
        ),
        accept=_ANSWERS & in_step,
        breaches=(Breach(out_of_step(), RFC9112["9.3-5"], Risk.SMUGGLING),),
        control="basics.post-answered",
        why="If the server closes at once, a reset destroys its response, and the client never learns why.",
    ),
    Scenario(
        id="unread.answered-and-closed",
        title="An upload of 1 MiB that the application does not read, with Connection: close",
        clause=RFC9112["9.6-p2"],
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 1048576\r\n"
            b"Connection: close\r\n"
            b"\r\n",
            b"0123456789abcde\n" * 65536,
        ),
        accept=_ANSWERS & in_step & closes,
        breaches=(
            Breach(out_of_step(), RFC9112["9.3-5"], Risk.SMUGGLING),
            Breach(_ANSWERS & in_step & does_not_close, RFC9112["9.6-4"]),
        ),
        control="persistence.close",
        why="If the server closes at once, a reset destroys its response, and the client never learns why.",
    ),
    Scenario(
        id="unread.body-never-sent",
        title="A client that is asked for its body and leaves without sending it",
        clause=RFC9112["6.3-8"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            HALF_CLOSE,
        ),
        # A server may say that the message is incomplete (RFC 9112, 8); what an application makes of one
        # is its own business.
        accept=(answers(CLIENT_ERROR, SERVER_ERROR) | no_answer) & closes,
        tolerate=(_ANSWERS & closes) | falls_silent,
        control="basics.post-answered",
        why="A connection that waits for a body that never comes is lost to everyone else.",
    ),
    Scenario(
        id="unread.upload-given-up",
        title="An upload that the client abandons once it is answered",
        clause=RFC9112["6.3-8"],
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 1048576\r\n"
            b"\r\n"
            b"hello",
            Await.RESPONSE,
            HALF_CLOSE,
        ),
        # A second response may say that the message is incomplete (RFC 9112, 8).
        accept=(_ANSWERS & closes) | hangs_up,
        tolerate=falls_silent,
        control="persistence.kept-open",
        why="A connection that waits for the rest of a body that never comes is lost to everyone else.",
    ),
)
