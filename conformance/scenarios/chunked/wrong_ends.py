"""Chunks that end in the wrong place, before a whole request: a lenient reader sees two requests.

Each body is whole for a reader that takes the odd octets for what should be there. So the answers show what a
server made of them, and not only that it stumbled over what follows.
"""

from conformance.clauses import RFC9112
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

_REFUSED = answers(400) & in_step & closes

# A server may answer before it looks at the body. What matters is that nothing after the fault is served.
_NOT_SERVED = (
    answers(CLIENT_ERROR, SERVER_ERROR)
    | (answers(SUCCESS) & in_step & closes)
    | (in_turn(answers(SUCCESS), answers(400)) & closes)
)

_NEXT_SEEN = sees(method=b"GET", target=b"<witness>?n=1", body=b"")

SCENARIOS = (
    *family(
        Scenario(
            id="chunked.malformed",
            title="A chunk that breaks the grammar, then a GET",
            clause=(RFC9112["7.1-p1"], RFC9112["2.2-10"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            control="chunked.post-kept-open",
            risk=Risk.SMUGGLING,
            why="Readers that repair a chunk differently find the next request in different places.",
        ),
        {
            # Sizes that a lenient reader takes for zero, before the empty line that ends the body.
            "letters": b"5\r\nhello\r\nxyz\r\n\r\n",
            "empty-size": b"5\r\nhello\r\n\r\n\r\n",
            "extension-without-size": b"5\r\nhello\r\n;name=value\r\n\r\n",
            "nul-behind-size": b"5\0\r\nhello\r\n0\r\n\r\n",
            "tab-behind-size": b"5\t\r\nhello\r\n0\r\n\r\n",
            "fraction": b"5.0\r\nhello\r\n0\r\n\r\n",
            "digits-beyond-ascii": b"\xd9\xa5\r\nhello\r\n0\r\n\r\n",
            # What is taken for the line end after the data
            "two-octets-behind-data": b"5\r\nhelloXX0\r\n\r\n",
            "lf-and-octet-behind-data": b"5\r\nhello\nX0\r\n\r\n",
            "octet-and-lf-behind-data": b"5\r\nhelloX\n0\r\n\r\n",
            "lf-and-cr-behind-data": b"5\r\nhello\n\r0\r\n\r\n",
            "nuls-behind-data": b"5\r\nhello\0\0000\r\n\r\n",
            "octet-before-line-end": b"5\r\nhelloX\r\n0\r\n\r\n",
            "nothing-behind-data": b"5\r\nhello0\r\n\r\n",
            "second-lf-behind-data": b"5\r\nhello\n\n0\r\n\r\n",
            # Extensions that are taken for whatever stands before the line end
            "extension-without-value": b"5;a=\r\nhello\r\n0\r\n\r\n",
            "extension-of-a-value": b"5;=b\r\nhello\r\n0\r\n\r\n",
            "empty-extension-between": b"5;;a\r\nhello\r\n0\r\n\r\n",
            "octets-behind-quotes": b'5;a="b"c\r\nhello\r\n0\r\n\r\n',
            "open-quote": b'5;a="\r\nhello\r\n0\r\n\r\n',
            "escaped-quote": b'5;a="b\\"\r\nhello\r\n0\r\n\r\n',
            "control-in-extension": b"5;a=b\x01\r\nhello\r\n0\r\n\r\n",
            "bare-lf-in-extension": b"5;a\nb\r\nhello\r\n0\r\n\r\n",
        },
        without_risk=("tab-behind-size",),
    ),
    *family(
        Scenario(
            id="chunked.malformed",
            title="A bare CR instead of a line end, then a GET",
            clause=(RFC9112["2.2-4"], RFC9112["7.1-p1"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            # The clause wants the element taken for invalid, but names no status and no close.
            tolerate=_NOT_SERVED,
            control="chunked.post-kept-open",
            risk=Risk.SMUGGLING,
            why="With SP for the CR, no line ends there; a reader that ends one finds other requests.",
        ),
        {
            "cr-and-octet-behind-size": b"5\rXhello\r\n0\r\n\r\n",
            "two-crs-for-line-end-of-size": b"5\r\rhello\r\n0\r\n\r\n",
            "cr-and-octet-behind-extension": b"5;a\rXhello\r\n0\r\n\r\n",
            "bare-cr-behind-extension": b"5;a\rhello\r\n0\r\n\r\n",
            "bare-cr-behind-data": b"5\r\nhello\r0\r\n\r\n",
            "cr-and-octet-behind-data": b"5\r\nhello\rX0\r\n\r\n",
            "two-crs-for-line-end-of-data": b"5\r\nhello\r\r0\r\n\r\n",
        },
    ),
    *family(
        Scenario(
            id="chunked.malformed-last",
            title="A last chunk that breaks the grammar, then a GET",
            clause=(RFC9112["7.1-p1"], RFC9112["2.2-10"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            control="chunked.post-kept-open",
            risk=Risk.SMUGGLING,
            why="Readers that end a body differently disagree on where the next request is.",
        ),
        {
            "bare-lf-behind": b"0\n\r\n",
            "bare-lf-behind-extension": b"0;a\n\r\n",
            "nul-behind": b"0\0\r\n\r\n",
            "extension-without-name": b"0;\r\n\r\n",
            "open-quote": b'0;a="\r\n\r\n',
        },
    ),
    *family(
        Scenario(
            id="chunked.malformed-last",
            title="A bare CR instead of a line end of the last chunk, then a GET",
            clause=(RFC9112["2.2-4"], RFC9112["7.1-p1"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            # The clause wants the element taken for invalid, but names no status and no close. With SP for
            # the CR, all that follows is a trailer section, which some servers drop without a look.
            tolerate=_NOT_SERVED | (answers(SUCCESS) & in_step),
            control="chunked.post-kept-open",
            risk=Risk.SMUGGLING,
            why="With SP for the CR, no line ends there; a reader that ends one finds other requests.",
        ),
        {
            "cr-and-octet-behind": b"0\rX\r\n",
            "bare-crs-throughout": b"0\r\r",
            "cr-and-octet-at-the-end": b"0\r\n\rX",
            "bare-cr-at-the-end": b"0\r\n\r",
        },
    ),
    *family(
        Scenario(
            id="chunked.hidden-behind",
            title="A request that is data to one reader of the chunks, and a request to another",
            clause=(RFC9112["2.2-10"], RFC9112["7.1-p1"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            control="chunked.post-kept-open",
            risk=Risk.SMUGGLING,
            why="A filter in front saw one body; what was hidden in it is carried out without being checked.",
        ),
        {
            # The size is 2 where the LF ends its line; else the line goes on, and the data comes after it.
            "an-lf-in-an-extension": (
                b"2;\nxx\r\n"
                b"42\r\n0\r\n\r\n"
                b"POST /smuggled HTTP/1.1\r\nHost: invalid\r\nContent-Length: 7\r\n\r\n"
                b"\r\n0\r\n\r\n"
            ),
            # The data is X where the quotes do not hide the line end; else the next quote ends the size line.
            "an-open-quote": (
                b'1;a="\r\nX\r\n0\r\n\r\n'
                b"POST /smuggled HTTP/1.1\r\nHost: invalid\r\nContent-Length: 11\r\n\r\n"
                b'"\r\nX\r\n0\r\n\r\n'
            ),
        },
    ),
    Scenario(
        id="chunked.data-like-the-end",
        title="Data that contains what ends a chunked body, and a request",
        clause=(RFC9112["7.1-2"], RFC9112["9.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"35\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n"
            b"0\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(
            sees(body=b"hello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"), _NEXT_SEEN
        ),
        control="pipelining.get-after-chunked-post",
        why="A server that looks for the end instead of counting reads the data as a request.",
    ),
    Scenario(
        id="chunked.many-zeros-before-a-size",
        title="A chunk size after nineteen zeros, then a pipelined GET",
        clause=(RFC9112["7.1-3"], RFC9112["7.1-2"], RFC9112["9.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"00000000000000000005\r\nhello\r\n"
            b"00000000000000000000\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(body=b"hello"), _NEXT_SEEN),
        # Refusing so much padding breaks the grammar's promise, but nobody is misled by it.
        tolerate=answers(CLIENT_ERROR) & closes,
        control="pipelining.get-after-chunked-post",
        why="Zeros do not make a number large; a server that counts digits refuses or misreads the body.",
    ),
)
