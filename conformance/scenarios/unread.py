"""Bodies that nobody reads: what stays of them on the connection must not be taken for a request."""

from clients.steps import HALF_CLOSE, Await
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Scenario, family
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

# What an application says to a body that it does not want is its own affair.
_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)

_NEXT_SEEN = sees(method=b"GET", target=b"<witness>?n=1", body=b"")

_IN_STEP_OR_CLOSED = in_turn(_ANSWERS, _NEXT_SEEN) | (_ANSWERS & in_step & closes)

_SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"

SCENARIOS = (
    Scenario(
        id="unread.ignored-body",
        title="A body that the application does not read, and that reads as a request",
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
        control="pipelining.body-like-a-request",
        why="A body that is taken for a request lets one user smuggle requests in the name of another.",
    ),
    Scenario(
        id="unread.ignored-chunked-body",
        title="A chunked body that the application does not read, and that reads as a request",
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
        control="framing.nothing-smuggled",
        why="A body that is taken for a request lets one user smuggle requests in the name of another.",
    ),
    Scenario(
        id="unread.ignored-body-of-many-requests",
        title="A body of 80 KiB that the application does not read, and that reads as 2,000 requests",
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
        control="unread.ignored-body",
        why="A server that skips no more than its buffer holds reads the rest of the body as requests.",
    ),
    *family(
        Scenario(
            id="unread.body-of-a-request-answered",
            title="A body that reads as a request, sent to a resource that answers at once",
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
            control="pipelining.body-like-a-request",
            why="Refusals are written before the body is read; what is left of it becomes the next request.",
        ),
        {str(status): b"%d" % status for status in (204, 304, 401, 404, 405, 413, 500, 501, 503)},
    ),
    *family(
        Scenario(
            id="unread.body-on",
            title="A body that reads as a request, whatever the method",
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
            control="pipelining.two-of-the-url",
            why="Where a method has no use for a body, a server easily leaves it on the connection.",
        ),
        {
            "get": b"GET",
            "post": b"POST",
            "put": b"PUT",
            "delete": b"DELETE",
            "options": b"OPTIONS",
            "head": b"HEAD",
            "an-unknown-method": b"BREW",
        },
    ),
    *family(
        Scenario(
            id="unread.chunked-body-on",
            title="A chunked body that reads as a request, whatever the method",
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
            control="pipelining.two-of-the-url",
            why="Where a method has no use for a body, a server easily leaves it on the connection.",
        ),
        {
            "get": b"GET",
            "post": b"POST",
            "put": b"PUT",
            "delete": b"DELETE",
            "options": b"OPTIONS",
            "head": b"HEAD",
            "an-unknown-method": b"BREW",
        },
    ),
    Scenario(
        id="unread.answered-before-the-body",
        title="An answer that comes before the body, and the body all the same",
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
        control="unread.ignored-body",
        why="A server that forgets the body once it has answered takes it for the next request.",
    ),
    Scenario(
        id="unread.answered-before-the-body-is-asked-for",
        title="A final answer in the place of 100, and the body all the same",
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
        control="unread.ignored-body",
        why="The client may send the body that it has announced; taken for a request, it is smuggled in.",
    ),
    Scenario(
        id="unread.answered-during-the-upload",
        title="An upload of 1 MiB that the application does not read",
        clause=(RFC9112["9.6-p2"], RFC9112["9.3-5"]),
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 1048576\r\n"
            b"\r\n",
            b"0123456789abcde\n" * 65536,
        ),
        accept=_ANSWERS & in_step,
        control="content-length.body-of-one-megabyte",
        why="If the server closes at once, a reset destroys its answer, and the client never learns why.",
    ),
    Scenario(
        id="unread.answered-and-closed",
        title="An upload of 1 MiB that the application does not read, with Connection: close",
        clause=(RFC9112["9.6-p2"], RFC9112["9.6-4"]),
        send=(
            b"POST <ignore> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 1048576\r\n"
            b"Connection: close\r\n"
            b"\r\n",
            b"0123456789abcde\n" * 65536,
        ),
        accept=_ANSWERS & in_step & closes,
        control="unread.answered-during-the-upload",
        why="If the server closes at once, a reset destroys its answer, and the client never learns why.",
    ),
    Scenario(
        id="unread.body-never-sent",
        title="A client that is asked for its body, and goes without sending it",
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
        accept=(answers(CLIENT_ERROR) | no_answer) & closes,
        tolerate=falls_silent,
        control="expect.continue",
        why="A connection that waits for a body that will never come is lost to everybody else.",
    ),
    Scenario(
        id="unread.upload-given-up",
        title="An upload that the client gives up once it is answered",
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
        # That the message is incomplete may be said in a second answer (8-1).
        accept=(_ANSWERS & closes) | hangs_up,
        tolerate=falls_silent,
        control="content-length.cut-short",
        why="A connection that waits for a body that will never be complete is lost to everybody else.",
    ),
)
