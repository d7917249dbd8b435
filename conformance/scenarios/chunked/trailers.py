"""The trailer section after a chunked body: its line ends, and what must not come of what it says."""

from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    in_step,
    in_turn,
)
from conformance.judging.witness_outcomes import sees

_REFUSED = answers(CLIENT_ERROR) & in_step & closes

# The wire shows whether a server finds the end of the section, whether or not the application sees bodies.
_BOTH_ANSWERED = in_turn(answers(SUCCESS), answers(SUCCESS))

# A server may answer before it has looked at the trailer section, and refuse what is wrong with it then.
_REFUSED_LATE = in_turn(answers(SUCCESS), answers(400)) & closes

_NEXT_SEEN = sees(method=b"GET", target=b"<witness>?n=1", body=b"")

SCENARIOS = (
    Scenario(
        id="chunked.trailers-before-a-get",
        title="A GET pipelined after a chunked body with a trailer section",
        clause=(RFC9112["9.3-5"], RFC9112["7.1-2"], RFC9112["7.1-1"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Trailer: X-First, X-Second\r\n"
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
        accept=_BOTH_ANSWERED | _REFUSED,
        control="chunked.post-kept-open",
        risk=Risk.SMUGGLING,
        why="A server that stops at the last chunk reads the trailer section as the next request.",
    ),
    *family(
        Scenario(
            id="chunked.trailer-section-in-lf",
            title="A trailer section whose lines end in LF alone, then a GET",
            clause=(RFC9112["2.2-10"], RFC9112["2.2-2"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n"
                b"<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED | _BOTH_ANSWERED,
            control="chunked.trailers-before-a-get",
            why="A server that looks for CR LF CR LF swallows the next request, which nobody answers.",
        ),
        {
            "a-line": b"X-Trailer: one\n\r\n",
            "a-line-and-the-end": b"X-Trailer: one\n\n",
            "the-end": b"X-Trailer: one\r\n\n",
            "an-empty-one": b"\n",
        },
    ),
    *family(
        Scenario(
            id="chunked.malformed-trailer",
            title="A bare CR instead of a line end of the trailer section, then a GET",
            clause=(RFC9112["2.2-4"], RFC9112["2.2-10"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n"
                b"<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            # The clause wants the element taken for invalid, but names no status and no close. With SP for
            # the CR, the section goes on in what follows, and some servers drop it without a look.
            tolerate=answers(CLIENT_ERROR, SERVER_ERROR) | (answers(SUCCESS) & in_step) | _REFUSED_LATE,
            control="chunked.trailers-answered",
            risk=Risk.SMUGGLING,
            why="With SP for the CR, no line ends there; a reader that ends one finds other requests.",
        ),
        {
            "cr-and-octet-behind": b"X-Trailer: one\rX\r\n",
            "bare-cr-behind": b"X-Trailer: one\r\r\n",
            "cr-and-octet-at-the-end": b"X-Trailer: one\r\n\rX",
        },
    ),
    *family(
        Scenario(
            id="chunked.request-in-a-trailer",
            title="A trailer section that reads as a request, then a GET",
            clause=(RFC9112["9.3-5"], RFC9112["2.2-10"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n"
                b"<value>"
                b"\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            # Skipping what is malformed is not what the clause is about.
            tolerate=_BOTH_ANSWERED | _REFUSED_LATE,
            control="chunked.trailers-before-a-get",
            risk=Risk.SMUGGLING,
            why="A request that stands where a filter looks for fields is carried out without a check.",
        ),
        {
            "at-once": b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n",
            "behind-a-field": b"X-Trailer: one\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n",
        },
    ),
    *family(
        Scenario(
            id="chunked.trailer-that-controls",
            title="A trailer field that controls a connection or a request, then a GET",
            clause=(RFC9110["6.5.1-2"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n"
                b"<value>\r\n"
                b"\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(
                sees(method=b"POST", target=b"<witness>?n=0", body=b"hello") | answers(400), _NEXT_SEEN
            )
            | (answers(400) & in_step & closes),
            control="chunked.post",
            why="A trailer field comes after the request was understood, and must not change what it meant.",
        ),
        {
            "connection": b"Connection: close",
            "expect": b"Expect: x-unheard-of",
            "upgrade": b"Connection: upgrade\r\nUpgrade: wirecheck/1.0",
            "method": b"X-HTTP-Method-Override: DELETE\r\nMethod: DELETE",
            "target": b"X-Original-URL: /smuggled\r\nPath: /smuggled",
        },
    ),
    Scenario(
        id="chunked.host-in-a-trailer-alone",
        title="A chunked request whose only Host is a trailer field",
        clause=(RFC9112["3.2-6"], RFC9110["6.5.1-2"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        control="chunked.trailers-answered",
        why="A request is routed by its header section; what comes after it cannot say where it belongs.",
    ),
)
