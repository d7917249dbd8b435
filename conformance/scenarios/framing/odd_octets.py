"""Framing fields next to octets that do not belong there, and framing fields that other fields hide.

The bodies are valid under the wrong reading, and a whole request follows them, so that it shows.
"""

from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    in_step,
    in_turn,
)
from conformance.judging.witness_outcomes import sees

# How an application answers is up to the application.
_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)

_REFUSED = answers(400) & in_step & closes

_NEXT_SEEN = sees(method=b"GET", target=b"<witness>?n=1", body=b"")

# Controls, octets above ASCII, and what libraries take for white space. CR and LF stand elsewhere.
_OCTETS = {
    "nul": b"\x00",
    "start-of-heading": b"\x01",
    "backspace": b"\x08",
    "vertical-tab": b"\x0b",
    "form-feed": b"\x0c",
    "file-separator": b"\x1c",
    "unit-separator": b"\x1f",
    "delete": b"\x7f",
    "next-line": b"\x85",
    "no-break-space": b"\xa0",
    "soft-hyphen": b"\xad",
    "last-octet": b"\xff",
}

SCENARIOS = (
    *family(
        Scenario(
            id="framing.octet-behind-the-name",
            title="An octet that is not allowed in a field name after Transfer-Encoding, then a GET",
            clause=(RFC9112["2.2-10"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding<value>: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            control="chunked.post-kept-open",
            risk=Risk.SMUGGLING,
            why="If only one of two recipients takes this for the field, requests can be smuggled.",
        ),
        _OCTETS,
    ),
    *family(
        Scenario(
            id="framing.octet-behind-the-name-of-the-length",
            title="An octet that is not allowed in a field name after Content-Length, then a GET",
            clause=(RFC9112["2.2-10"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length<value>: 5\r\n"
                b"\r\n"
                b"hello"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            control="basics.post-answered",
            risk=Risk.SMUGGLING,
            why="If only one of two recipients takes this for the field, requests can be smuggled.",
        ),
        {"nul": b"\x00", "vertical-tab": b"\x0b", "no-break-space": b"\xa0", "bare-cr": b"\r"},
    ),
    *family(
        Scenario(
            id="framing.octet-before-the-coding",
            title="An octet that is not white space before chunked, then a GET",
            clause=(RFC9112["6.3-3"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: <value>chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            # An unknown coding also justifies 501 (RFC 9112, 6.1), and the close makes that safe.
            tolerate=answers(501) & in_step & closes,
            control="chunked.post-kept-open",
            risk=Risk.SMUGGLING,
            why="If only one of two recipients takes this for chunked, requests can be smuggled.",
        ),
        {name: octet for name, octet in _OCTETS.items() if name != "nul"},
    ),
    *family(
        Scenario(
            id="framing.octet-behind-the-coding",
            title="An octet that is not white space after chunked, then a GET",
            clause=(RFC9112["6.3-3"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked<value>\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            # An unknown coding also justifies 501 (RFC 9112, 6.1), and the close makes that safe.
            tolerate=answers(501) & in_step & closes,
            control="chunked.post-kept-open",
            risk=Risk.SMUGGLING,
            why="If only one of two recipients takes this for chunked, requests can be smuggled.",
        ),
        {name: octet for name, octet in _OCTETS.items() if name != "nul"},
    ),
    Scenario(
        id="framing.coding-hidden-behind-lf",
        title="A Transfer-Encoding after a bare LF in another field, with a chunked body",
        clause=(RFC9110["5.5-4"], RFC9112["2.2-2"], RFC9112["9.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\nTransfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        # The LF may be refused or taken for a line end; as a part of the value it becomes SP.
        accept=_REFUSED
        | in_turn(sees(body=b"hello"), _NEXT_SEEN)
        | in_turn(sees(fields={b"X-Test": b"one Transfer-Encoding: chunked"}, body=b""), answers(400)),
        control="pipelining.get-after-chunked-post",
        risk=Risk.SMUGGLING,
        why="A coding that one reader sees and another does not lets requests be smuggled.",
    ),
    *family(
        Scenario(
            id="framing.coding-hidden-behind",
            title="A Transfer-Encoding after a bare CR in another field, with a chunked body",
            clause=(RFC9112["2.2-4"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: <value>Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            # With SP for the CR there is no body, and what follows is no request.
            accept=_REFUSED
            | in_turn(sees(body=b"", fields={b"Transfer-Encoding": None}), answers(CLIENT_ERROR, 501, 505)),
            control="chunked.post",
            risk=Risk.SMUGGLING,
            why="A coding that one reader sees and another does not lets requests be smuggled.",
        ),
        {
            "cr": b"one\r",
            "cr-and-octet": b"one\rX",
            "cr-in-an-empty-value": b"\r",
            "cr-and-octet-in-an-empty-value": b"\rx",
        },
    ),
    Scenario(
        id="framing.empty-coding",
        title="An empty Transfer-Encoding, then a GET",
        clause=RFC9112["6.3-3"],
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding:\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_REFUSED,
        # As an empty list of codings, the field has no meaning, and there is no body.
        tolerate=(answers(501) & in_step & closes) | in_turn(sees(method=b"POST", body=b""), _NEXT_SEEN),
        control="pipelining.get-after-chunked-post",
        risk=Risk.SMUGGLING,
        why="The field is present and does not end in chunked; if servers guess, requests can be smuggled.",
    ),
    Scenario(
        id="framing.empty-line-behind-coding",
        title="An empty Transfer-Encoding line after the one that says chunked, then a GET",
        clause=(RFC9110["5.6.1.2-1"], RFC9112["6.3-3"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"Transfer-Encoding:\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(body=b"hello"), _NEXT_SEEN),
        # Refusing an odd framing field does no harm, as long as the body is not read in another way.
        tolerate=answers(400, 501) & in_step & closes,
        control="pipelining.get-after-chunked-post",
        why="A server for which the last line counts sees no coding, and reads the chunks as a request.",
    ),
    Scenario(
        id="framing.semicolon-behind-chunked",
        title="Transfer-Encoding: chunked with a semicolon and no parameter, then a GET",
        clause=(RFC9112["7.1-4"], RFC9112["6.3-3"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked;\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400, 501) & in_step & closes,
        control="chunked.post-kept-open",
        risk=Risk.SMUGGLING,
        why="If only one of two recipients takes this for chunked, requests can be smuggled.",
    ),
    *family(
        Scenario(
            id="framing.length-of-zero",
            title="Content-Length: 0 beside Transfer-Encoding, then a GET",
            clause=(RFC9112["6.1-13"], RFC9112["6.1-12"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=(sees(body=b"hello") | answers(CLIENT_ERROR)) & in_step & closes,
            tolerate=answers(SERVER_ERROR) & in_step & closes,
            control="chunked.post",
            risk=Risk.SMUGGLING,
            why="Zero is a length, too; a server that tests for more than zero misses that there are two.",
        ),
        {
            "before": b"Content-Length: 0\r\nTransfer-Encoding: chunked",
            "behind": b"Transfer-Encoding: chunked\r\nContent-Length: 0",
        },
    ),
    Scenario(
        id="framing.chunked-as-content-coding",
        title="Content-Encoding: chunked with a Content-Length, then a GET",
        clause=(RFC9112["6.3-p3"], RFC9112["9.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Encoding: chunked\r\n"
            b"Content-Length: 15\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(body=b"5\r\nhello\r\n0\r\n\r\n") | answers(400, 415), _NEXT_SEEN)
        | (answers(400, 415) & in_step & closes),
        control="pipelining.get-after-post",
        why="A content coding says what the content is, and never where the message ends.",
    ),
    Scenario(
        id="framing.connection-before-colon",
        title="White space between Connection and its colon, before a field that it names",
        clause=RFC9112["5.1-1"],
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection : Content-Length\r\n"
            b"Content-Length: 41\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=(answers(400) & in_step) | in_turn(answers(400), _NEXT_SEEN),
        control="pipelining.body-like-a-request",
        why="Recipients that disagree on the name of a field disagree on what is taken out of the request.",
    ),
)
