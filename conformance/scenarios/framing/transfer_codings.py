"""Odd forms of Transfer-Encoding, with bodies that are valid under the wrong reading, so that it shows."""

import gzip

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

# Whether a method is served at all is up to the application.
_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)

_HELLO_IN_GZIP = gzip.compress(b"hello", mtime=0)

SCENARIOS = (
    *family(
        Scenario(
            id="framing.odd-coding",
            title="A Transfer-Encoding that only resembles chunked",
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
            why="If only one of two recipients takes this for chunked, requests can be smuggled.",
        ),
        {
            "quoted": b'"chunked"',
            "vertical-tab": b"\x0bchunked",
            "form-feed": b"\x0cchunked",
            "no-break-space": b"\xa0chunked",
            "next-line": b"chunked\x85",
            "space-within": b"chun ked",
            "letter-behind": b"chunkedx",
            "two-words": b"chunked identity",
            "semicolon-before": b";chunked",
            "letters-missing": b"chunk",
            "in-single-quotes": b"'chunked'",
            "other-coding-on-a-second-line": b"chunked\r\nTransfer-Encoding: identity",
        },
    ),
    *family(
        Scenario(
            id="framing.odd-coding-with-length",
            title="A Content-Length with a Transfer-Encoding that only resembles chunked",
            clause=(RFC9112["6.3-3"], RFC9112["6.3-p2"], RFC9112["6.1-13"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 15\r\n"
                b"Transfer-Encoding: <value>\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n",
            ),
            accept=answers(400) & closes,
            tolerate=answers(501) & closes,
            control="chunked.post-answered",
            risk=Risk.SMUGGLING,
            why="A server that falls back on the length disagrees with a proxy that sees chunked.",
        ),
        {
            "quoted": b'"chunked"',
            "vertical-tab": b"\x0bchunked",
            "no-break-space": b"\xa0chunked",
            "letter-before": b"xchunked",
            "identity": b"identity",
            "other-coding-behind": b"chunked, identity",
            "other-coding-on-a-second-line": b"chunked\r\nTransfer-Encoding: identity",
            "unknown": b"xyz",
        },
    ),
    *family(
        Scenario(
            id="framing.te-with-length",
            title="Another spelling of chunked with a Content-Length, then a GET",
            clause=(RFC9112["6.1-13"], RFC9112["6.1-12"], RFC9112["6.3-p2"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 15\r\n"
                b"Transfer-Encoding:<value>\r\n"
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
            why="Each of these means chunked; a recipient that misses it goes by the length, others do not.",
        ),
        {
            "mixed-case": b" ChUnKeD",
            "tab-before": b"\tchunked",
            "space-behind": b" chunked ",
            "comma-before": b" , chunked",
            "folded": b"\r\n chunked",
        },
    ),
    *family(
        Scenario(
            id="framing.hidden-behind",
            title="A request after a body that Content-Length and chunked delimit differently",
            clause=(RFC9112["6.1-13"], RFC9112["6.1-12"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<fields>\r\n"
                b"\r\n"
                b"<body>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(SUCCESS, CLIENT_ERROR, SERVER_ERROR) & in_step & closes,
            control="chunked.post-kept-open",
            risk=Risk.SMUGGLING,
            why="If a body has two possible ends, what follows may be part of it and must not be served.",
        ),
        {
            "a-longer-length": {
                b"<fields>": b"Content-Length: 46\r\nTransfer-Encoding: chunked",
                b"<body>": b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
            },
            "a-shorter-length": {
                b"<fields>": b"Transfer-Encoding: chunked\r\nContent-Length: 4",
                b"<body>": b"29\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n0\r\n\r\n",
            },
            "a-length-of-one-more": {
                b"<fields>": b"Content-Length: 6\r\nTransfer-Encoding: chunked",
                b"<body>": b"0\r\n\r\nX",
            },
            "a-length-with-a-sign": {
                b"<fields>": b"Content-Length: +46\r\nTransfer-Encoding: chunked",
                b"<body>": b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
            },
        },
    ),
    *family(
        Scenario(
            id="framing.nul-in-coding",
            title="A NUL next to chunked",
            clause=RFC9110["5.5-4"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: <value>\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n",
            ),
            # If the server replaces the NUL by SP, as the clause allows, it is white space around the value.
            accept=(answers(CLIENT_ERROR, 501) & closes) | (sees(body=b"hello") & in_step),
            control="chunked.post",
            risk=Risk.SMUGGLING,
            why="A C string ends at the NUL, other strings do not; so two recipients disagree on the body.",
        ),
        {"before": b"\0chunked", "behind": b"chunked\0"},
    ),
    *family(
        Scenario(
            id="framing.white-space-around-coding",
            title="White space around chunked",
            clause=RFC9110["5.5-1"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding:<value>\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n",
            ),
            accept=sees(body=b"hello") & in_step,
            control="chunked.post",
            why="White space around a value is not part of it, so each of these values means chunked.",
        ),
        {
            "none": b"chunked",
            "tab-before": b"\tchunked",
            "space-behind": b" chunked ",
            "tab-behind": b" chunked\t",
        },
    ),
    *family(
        Scenario(
            id="framing.empty-members",
            title="An empty member in the list of transfer codings",
            clause=(RFC9110["5.6.1.2-1"], RFC9112["7.1-2"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: <value>\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n",
            ),
            accept=sees(body=b"hello") & in_step,
            # Refusing an odd framing field does no harm, as long as the body is not read in another way.
            tolerate=answers(400, 501) & in_step & closes,
            control="chunked.post",
            why="Senders that join lists leave stray commas; a server that drops the body loses data.",
        ),
        {
            "comma-behind": b"chunked,",
            "comma-before": b", chunked",
            "empty-line-before": b"\r\nTransfer-Encoding: chunked",
        },
    ),
    Scenario(
        id="framing.empty-coding-with-length",
        title="An empty Transfer-Encoding with a Content-Length",
        clause=RFC9112["6.3-3"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding:\r\n"
            b"Content-Length: 15\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(400) & closes,
        # As an empty list of codings, the field has no meaning, and the length applies.
        tolerate=(answers(501) & closes) | (sees(body=b"5\r\nhello\r\n0\r\n\r\n") & in_step),
        control="chunked.post",
        risk=Risk.SMUGGLING,
        why="The field is present and does not end in chunked; if servers guess, requests can be smuggled.",
    ),
    *family(
        Scenario(
            id="framing.chunked-twice",
            title="The chunked coding listed twice",
            clause=RFC9112["6.1-9"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: <value>\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n",
            ),
            accept=answers(400, 501),
            control="chunked.post-answered",
            risk=Risk.SMUGGLING,
            why="No sender may chunk twice; recipients that decode once or twice disagree.",
        ),
        {
            "list": b"chunked, chunked",
            "lines": b"chunked\r\nTransfer-Encoding: chunked",
            "around-another": b"chunked, identity, chunked",
        },
    ),
    *family(
        Scenario(
            id="framing.coding-before-chunked",
            title="A coding that is not understood before chunked",
            clause=RFC9112["6.1-9"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: <value>\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n",
            ),
            accept=answers(501),
            control="chunked.post-answered",
            risk=Risk.SMUGGLING,
            why="If a coding is not decoded, the application gets other content than the client sent.",
        ),
        {
            "identity": b"identity, chunked",
            "on-a-line-before": b"xyz\r\nTransfer-Encoding: chunked",
        },
    ),
    *family(
        Scenario(
            id="framing.gzip-before-chunked",
            title="A body in gzip, then chunked",
            clause=RFC9112["6.1-9"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: <value>\r\n"
                b"\r\n"
                b"%x\r\n" % len(_HELLO_IN_GZIP) + _HELLO_IN_GZIP + b"\r\n"
                b"0\r\n\r\n",
            ),
            accept=answers(501) | sees(body=b"hello"),
            control="chunked.post",
            risk=Risk.SMUGGLING,
            why="If the server does not decode a transfer coding, the application reads garbage.",
        ),
        {"list": b"gzip, chunked", "lines": b"gzip\r\nTransfer-Encoding: chunked"},
    ),
    Scenario(
        id="framing.parameter-of-a-compression-coding",
        title="Transfer-Encoding: gzip with a parameter, then chunked",
        clause=RFC9112["7.2-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: gzip;a=b, chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(400, 501),
        control="chunked.post-answered",
        why="An undefined parameter may change what the octets mean.",
    ),
    *family(
        Scenario(
            id="framing.field-like-transfer-encoding",
            title="A field whose name only resembles Transfer-Encoding",
            clause=RFC9112["6.3-p3"],
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 15\r\n"
                b"<value>: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(
                sees(body=b"5\r\nhello\r\n0\r\n\r\n"), sees(target=b"<witness>?n=1", body=b"")
            ),
            # Some servers refuse names with an underscore, which CGI cannot tell from a hyphen.
            tolerate=answers(400) & in_step & closes,
            control="pipelining.get-after-post",
            risk=Risk.SMUGGLING,
            why="It is another field and does not frame the body; taken for the real one, it hides requests.",
        ),
        {
            "underscore": b"Transfer_Encoding",
            "prefix": b"X-Transfer-Encoding",
            "plural": b"Transfer-Encodings",
            "no-hyphen": b"TransferEncoding",
        },
    ),
    Scenario(
        id="framing.space-before-colon",
        title="White space between Transfer-Encoding and its colon",
        clause=RFC9112["5.1-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 15\r\n"
            b"Transfer-Encoding : chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(400),
        control="chunked.post-answered",
        risk=Risk.SMUGGLING,
        why="This is how request smuggling was first done.",
    ),
    Scenario(
        id="framing.folded-transfer-encoding",
        title="A Transfer-Encoding that is the folded continuation of another field",
        clause=RFC9112["5.2-2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 15\r\n"
            b"X-Test: one\r\n"
            b" Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(400)
        | (sees(body=b"5\r\nhello\r\n0\r\n\r\n", fields={b"Transfer-Encoding": None}) & in_step),
        control="chunked.post",
        risk=Risk.SMUGGLING,
        why="A folded line continues the field before it; read as a field, it moves the body's end.",
    ),
    *family(
        Scenario(
            id="framing.chunked-body-on",
            title="A chunked body on a method that seldom has one, then a GET",
            clause=(RFC9112["9.3-5"], RFC9112["6-p1"]),
            send=(
                b"<value> <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"29\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n"
                b"0\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(_ANSWERS, sees(target=b"<witness>?n=1", body=b""))
            | (_ANSWERS & in_step & closes),
            control="pipelining.get-after-chunked-post",
            risk=Risk.SMUGGLING,
            why="Whether there is a body does not depend on the method; an unread body becomes a request.",
        ),
        {"get": b"GET", "head": b"HEAD", "delete": b"DELETE", "options": b"OPTIONS", "trace": b"TRACE"},
    ),
)
