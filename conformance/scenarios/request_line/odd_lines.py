"""Request lines that end or begin in an odd way, with the fields and bodies of a real request after them."""

from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import CLIENT_ERROR, SERVER_ERROR, answers, closes, in_step
from conformance.judging.witness_outcomes import sees

SCENARIOS = (
    *family(
        Scenario(
            id="request-line.simple-request-with-fields",
            title="A request line without a version, and the fields of a real request",
            clause=(RFC9112["3.2-1"], RFC9112["C.1-p1"]),
            send=(b"<value>",),
            accept=answers(CLIENT_ERROR, 505),
            control="basics.get",
            why="HTTP/0.9 has no fields; a server that reads them serves what no version allows.",
        ),
        {
            "get": b"GET <witness>\r\nHost: <host>\r\n\r\n",
            "get-in-lf": b"GET <witness>\nHost: <host>\r\n\r\n",
            "post-in-lf": b"POST <witness>\nHost: <host>\r\nContent-Length: 5\r\n\r\nhello",
            "post": b"POST <witness>\r\nHost: <host>\r\nContent-Length: 5\r\n\r\nhello",
        },
    ),
    *family(
        Scenario(
            id="request-line.crs-behind",
            title="A request line that ends in CR CR LF",
            clause=(RFC9112["2.2-4"], RFC9112["3.2-1"]),
            send=(
                b"GET <witness>?n=1 HTTP/1.1<value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            # With SP for the CR it has white space at its end, which may be ignored (RFC 9112, 3).
            accept=answers(400) | sees(method=b"GET", target=b"<witness>?n=1"),
            control="basics.target-as-understood",
            why="The first CR is a bare CR; passed on, it ends a line wherever the value is used.",
        ),
        {"one-more": b"\r", "two-more": b"\r\r"},
    ),
    *family(
        Scenario(
            id="request-line.cr-and-octet",
            title="A bare CR and an octet instead of the end of the request line",
            clause=(RFC9112["2.2-4"], RFC9112["3.2-1"]),
            send=(
                b"GET <witness>?n=1 HTTP/1.1<value>Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(400),
            # The clause wants the line refused but names no status.
            tolerate=answers(CLIENT_ERROR, SERVER_ERROR),
            control="basics.get",
            risk=Risk.SMUGGLING,
            why="A recipient that ends a line at CR sees fields that others do not see.",
        ),
        {"letter": b"\rX", "nul": b"\r\0", "cr": b"\r\r"},
    ),
    *family(
        Scenario(
            id="request-line.bare-cr-for-a-space",
            title="A bare CR instead of a space of the request line",
            clause=(RFC9112["2.2-4"], RFC9112["3-1"]),
            send=(
                b"<value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            # A bare CR may be taken for white space here (RFC 9112, 3).
            accept=answers(400) | sees(method=b"GET", target=b"<witness>"),
            tolerate=answers(CLIENT_ERROR, SERVER_ERROR),
            control="basics.get",
            risk=Risk.SMUGGLING,
            why="If recipients end the line there, or join its words, they see different requests.",
        ),
        {
            "before-the-target": b"GET\r<witness> HTTP/1.1",
            "before-the-version": b"GET <witness>\rHTTP/1.1",
        },
    ),
    *family(
        Scenario(
            id="request-line.query-character",
            title="Characters in a query that a URI may not contain, but that are common",
            clause=RFC9110["2.4-2"],
            send=(
                b"GET <witness>?a=<value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(400, 301),
            control="basics.get",
            why="Nearly every server lets them pass, since browsers send them; the strict ones refuse them.",
        ),
        {
            "brackets": b"[1]",
            "braces": b"{1}",
            "bar": b"1|2",
            "circumflex": b"1^2",
            "grave-accent": b"`1`",
            "angle": b"1>2",
        },
    ),
    Scenario(
        id="request-line.escaped-question-mark",
        title="An escaped question mark in a path",
        clause=RFC9112["3.3-p1"],
        send=(
            b"GET <witness>%3Fn=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(target=b"<witness>%3Fn=1"),
        control="basics.target-as-understood",
        why="It is a part of the path; a server that decodes before it divides sees a query nobody sent.",
    ),
    Scenario(
        id="request-line.words-behind-a-nul",
        title="A NUL and another word after the version, then a whole request",
        clause=(RFC9112["3.2-1"], RFC9112["2.2-10"]),
        send=(
            b"GET <witness>?n=0 HTTP/1.1\0 extra\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400) & in_step & closes,
        control="persistence.kept-open",
        risk=Risk.SMUGGLING,
        why="If a NUL ends the string for only one of two recipients, they see different requests.",
    ),
)
