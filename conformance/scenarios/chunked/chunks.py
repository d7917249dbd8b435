"""The chunked coding of a request: chunks, their size lines and their extensions."""

from clients.steps import HALF_CLOSE, PAUSE
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    falls_silent,
    hangs_up,
    stays_open,
    waits,
)
from conformance.judging.witness_outcomes import sees

SCENARIOS = (
    Scenario(
        id="chunked.post-answered",
        title="A chunked POST, as the client sees it",
        clause=(RFC9112["6.1-1"], RFC9112["7.1-2"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(SUCCESS),
        tolerate=answers(411),
        control="basics.post-answered",
        why="Clients that do not know the length in advance have no other way to send a body.",
    ),
    Scenario(
        id="chunked.post",
        title="A chunked POST",
        clause=(RFC9112["7.1-2"], RFC9112["6.1-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"6\r\n world\r\n"
            b"0\r\n\r\n",
        ),
        accept=sees(body=b"hello world"),
        control="basics.post",
        why="Clients that do not know the length in advance have no other way to send a body.",
    ),
    *family(
        Scenario(
            id="chunked.size-line",
            title="An unusual but valid chunk-size line",
            clause=(RFC9112["7.1.1-1"], RFC9112["7.1-2"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>\r\nhello worl\r\n"
                b"0\r\n\r\n",
            ),
            accept=sees(body=b"hello worl"),
            control="chunked.post",
            why="Unknown extensions must be ignored, and sizes are hexadecimal in either case; both occur.",
        ),
        {
            "upper-case": b"A",
            "leading-zeros": b"0000a",
            "extension": b"a;name=value",
            "extension-without-value": b"a;name",
            "quoted-extension": b'a;name="a;b\\"c"',
            "empty-quotes": b'a;name=""',
            "tab-in-quotes": b'a;name=";0\t"',
            "several-extensions": b'a;one=1;two;three="3"',
        },
    ),
    *family(
        Scenario(
            id="chunked.bad-white-space",
            title="White space within a chunk extension",
            clause=(RFC9110["5.6.3-6"], RFC9112["7.1.1-p2"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>\r\nhello\r\n"
                b"0\r\n\r\n",
            ),
            accept=sees(body=b"hello"),
            control="chunked.size-line-extension",
            why="Old clients send white space there; a server must accept it and drop it.",
        ),
        {
            "before-semicolon": b"5 ;name=value",
            "behind-semicolon": b"5; name=value",
            "around-equals-sign": b"5;name = value",
            "tab-before-semicolon": b"5\t;name=value",
            "tab-behind-semicolon": b"5;\tname=value",
            "tabs-around-equals-sign": b"5;name\t=\tvalue",
        },
    ),
    Scenario(
        id="chunked.post-kept-open",
        title="The connection after a chunked POST",
        clause=RFC9112["9.3-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(SUCCESS) & stays_open,
        control="chunked.post-answered",
        why="A client that uploads often needs a new connection, and a new handshake, for each upload.",
    ),
    Scenario(
        id="chunked.trailers-answered",
        title="A chunked body with a trailer section, as the client sees it",
        clause=(RFC9112["7.1-2"], RFC9112["7.1-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n"
            b"X-Trailer: one\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS),
        tolerate=answers(CLIENT_ERROR, 501),
        control="chunked.post-answered",
        why="A trailer section is part of the chunked coding; some clients send a checksum there.",
    ),
    Scenario(
        id="chunked.body-before-trailers",
        title="The content before a trailer section, as the application sees it",
        clause=(RFC9112["7.1-2"], RFC9112["7.1-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n"
            b"X-Trailer: one\r\n"
            b"\r\n",
        ),
        accept=sees(body=b"hello"),
        tolerate=answers(CLIENT_ERROR, 501),
        control="chunked.post",
        why="Whether its trailers are kept or dropped, the content of an upload must not change.",
    ),
    Scenario(
        id="chunked.trailers",
        title="A chunked body with a trailer section",
        clause=(RFC9112["7.1.2-3"], RFC9112["7.1-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n"
            b"X-Trailer: one\r\n"
            b"\r\n",
        ),
        accept=sees(body=b"hello", fields={b"X-Trailer": None}),
        control="chunked.body-before-trailers",
        why="A trailer that becomes a header field escapes every check that header fields pass.",
    ),
    Scenario(
        id="chunked.coding-name-case",
        title="Transfer-Encoding: CHUNKED",
        clause=(RFC9112["7.1-2"], RFC9112["7-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: CHUNKED\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=sees(body=b"hello"),
        control="chunked.post",
        why="Coding names are case-insensitive; a reader that does not know this one misreads the body.",
    ),
    Scenario(
        id="chunked.in-two-pieces",
        title="A chunked body cut within a chunk",
        clause=RFC9112["7.1-2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhel",
            PAUSE,
            b"lo\r\n"
            b"0\r\n\r\n",
        ),
        accept=waits & sees(body=b"hello"),
        control="chunked.post",
        why="Chunks and segments are unrelated; a server that mixes them up loses data.",
    ),
    *family(
        Scenario(
            id="chunked.malformed",
            title="A chunk that breaks the grammar",
            clause=(RFC9112["7.1-p1"], RFC9112["2.2-10"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>\r\n"
                b"0\r\n\r\n",
            ),
            accept=answers(400) & closes,
            control="chunked.post-answered",
            risk=Risk.SMUGGLING,
            why="Readers that repair a chunk differently find the next request in different places.",
        ),
        {
            "minus": b"-5\r\nhello",
            "plus": b"+5\r\nhello",
            "prefix": b"0x5\r\nhello",
            "underscore": b"0_5\r\nhello",
            "space-before": b" 5\r\nhello",
            "data-too-long": b"3\r\nhello",
            "bare-lf-behind-size": b"5\nhello",
            "bare-cr-behind-size": b"5\rhello",
            "two-crs-behind-size": b"5\r\r\nhello",
            "data-too-short": b"6\r\nhello",
            "no-line-end-behind-data": b"5\r\nhello0",
            "letters-behind-size": b"5g\r\nhello",
            "no-break-space-before": b"\xa05\r\nhello",
            "extension-without-name": b"5;\r\nhello",
            "bracket-in-extension": b"5;[=value\r\nhello",
            "nul-in-extension": b"5;name=val\0ue\r\nhello",
            "bare-cr-in-extension": b"5;name=val\rue\r\nhello",
            "bare-lf-behind-extension": b"5;name=value\nhello",
            "bare-cr-before-extension": b"5\r;name=value\r\nhello",
            "two-crs-behind-extension": b"5;name=value\r\r\nhello",
            "space-behind-size": b"5 \r\nhello",
            "two-crs-behind-data": b"5\r\nhello\r",
            "empty-line-behind-data": b"5\r\nhello\r\n",
        },
        without_risk=("space-behind-size",),
    ),
    Scenario(
        id="chunked.bare-lf-behind-data",
        title="Chunk data that ends in a bare LF",
        clause=(RFC9112["7.1-p1"], RFC9112["2.2-10"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\n"
            b"0\r\n\r\n",
        ),
        accept=answers(400) & closes,
        # So says the verifier of erratum 7633, which asked for the opposite and was rejected.
        control="chunked.post-answered",
        risk=Risk.SMUGGLING,
        why="The permission to accept a bare LF as a line end is for start lines and fields, not for chunks.",
    ),
    *family(
        Scenario(
            id="chunked.size-overflow",
            title="A chunk size that does not fit common integers",
            clause=RFC9112["7.1-3"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>\r\nhello\r\n"
                b"0\r\n\r\n",
                PAUSE,
                HALF_CLOSE,
            ),
            accept=answers(CLIENT_ERROR) | (waits & hangs_up),
            tolerate=(waits & falls_silent) | (answers(SERVER_ERROR) & closes),
            control="chunked.post-answered",
            risk=Risk.SMUGGLING,
            why="If the size wraps around to 5, the rest of the chunk is a smuggled request.",
        ),
        {
            "two-to-the-31-less-one": b"7fffffff",
            "two-to-the-31": b"80000000",
            "two-to-the-32-less-one": b"ffffffff",
            "two-to-the-32-and-5": b"100000005",
            "two-to-the-63-less-one": b"7fffffffffffffff",
            "two-to-the-63": b"8000000000000000",
            "two-to-the-64-less-one": b"ffffffffffffffff",
            "two-to-the-64-and-5": b"10000000000000005",
            "forty-digits": b"f" * 40,
        },
    ),
    Scenario(
        id="chunked.cut-short",
        title="A chunked body without its last chunk",
        clause=RFC9112["8-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n",
            HALF_CLOSE,
        ),
        accept=(answers(CLIENT_ERROR, SERVER_ERROR) & closes) | hangs_up,
        tolerate=falls_silent,
        control="chunked.post-answered",
        why="A truncated upload that passes for complete is stored as if it were whole.",
    ),
)
