"""Where a request body ends: Transfer-Encoding with Content-Length, and codings that do not say."""

from conformance.clauses import RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import CLIENT_ERROR, SERVER_ERROR, SUCCESS, answers, closes
from conformance.judging.witness_outcomes import sees

SCENARIOS = (
    Scenario(
        id="framing.te-with-content-length",
        title="Transfer-Encoding and Content-Length in one request",
        clause=(RFC9112["6.1-13"], RFC9112["6.1-12"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 4\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(SUCCESS, CLIENT_ERROR, SERVER_ERROR) & closes,
        control="chunked.post-kept-open",
        risk=Risk.SMUGGLING,
        why="Two recipients that trust different lengths disagree on where the next request starts.",
    ),
    Scenario(
        id="framing.te-before-content-length",
        title="Transfer-Encoding and a Content-Length that would cut the body short",
        clause=RFC9112["6.3-p2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"Content-Length: 3\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(body=b"hello"),
        control="chunked.post",
        risk=Risk.SMUGGLING,
        why="A server that goes by Content-Length reads most of the body as the next request.",
    ),
    *family(
        Scenario(
            id="framing.last-coding",
            title="A Transfer-Encoding that does not end in chunked",
            clause=RFC9112["6.3-3"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: <value>\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n",
            ),
            accept=answers(400) & closes,
            # An unknown coding also justifies 501 (RFC 9112, 6.1), and the close makes that safe.
            tolerate=answers(501) & closes,
            control="chunked.post-answered",
            risk=Risk.SMUGGLING,
            why="The end of the body is unknown; a server that guesses may read the rest as a request.",
        ),
        {
            "unknown": b"xyz",
            "identity": b"identity",
            "chunked-before": b"chunked, xyz",
            "like-chunked": b"xchunked",
            "gzip": b"gzip",
            "chunked-before-gzip": b"chunked, gzip",
            "chunked-between": b"identity, chunked, identity",
        },
    ),
    Scenario(
        id="framing.unknown-coding-before-chunked",
        title="Transfer-Encoding: xyz, chunked",
        clause=RFC9112["6.1-9"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: xyz, chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(501),
        control="chunked.post-answered",
        risk=Risk.SMUGGLING,
        why="If a coding is not decoded, the application gets other content than the client sent.",
    ),
    Scenario(
        id="framing.coding-parameter",
        title="Transfer-Encoding: chunked with a parameter",
        clause=RFC9112["7.1-4"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked;a=b\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(400, 501),
        control="chunked.post-answered",
        risk=Risk.SMUGGLING,
        why="If only one of two recipients takes this for chunked, requests can be smuggled.",
    ),
    Scenario(
        id="framing.body-on-delete",
        title="A chunked body on DELETE",
        clause=RFC9112["6-p1"],
        send=(
            b"DELETE <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=sees(method=b"DELETE", body=b"hello") | answers(CLIENT_ERROR),
        control="chunked.post",
        risk=Risk.SMUGGLING,
        why="Whether there is a body does not depend on the method; an unread body becomes a request.",
    ),
    Scenario(
        id="framing.nothing-smuggled",
        title="A chunked body that looks like a request",
        clause=RFC9112["9.3-5"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"29\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n"
            b"0\r\n\r\n",
        ),
        accept=sees(method=b"POST", body=b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"),
        control="chunked.post",
        risk=Risk.SMUGGLING,
        why="If a body is taken for a request, one user can smuggle requests in another user's name.",
    ),
)
