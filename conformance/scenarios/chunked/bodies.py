"""Chunked bodies as a whole: their sizes, their last chunk, and the trailer section after it."""

from clients.steps import HALF_CLOSE, PAUSE
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    content_size,
    falls_silent,
    hangs_up,
    in_step,
    in_turn,
    waits,
    well_formed,
)
from conformance.judging.witness_outcomes import sees

# Sizes around those of common buffers; and octets that do not repeat, so that a lost one shows.
_SIZES = (1, 4095, 4096, 4097, 8191, 8192, 8193, 16383, 16384, 16385, 65535, 65536, 65537)
_OCTETS = b"".join(b"%07x\n" % number for number in range(8193))

SCENARIOS = (
    *(
        Scenario(
            id="chunked.chunk-of-" + str(size) + "-octets",
            title="A chunk of " + str(size) + " octets, then a pipelined GET",
            clause=(RFC9112["7.1-2"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"%x\r\n" % size,
                _OCTETS[:size],
                b"\r\n"
                b"0\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(sees(body=_OCTETS[:size]), sees(target=b"<witness>?n=1", body=b""))
            | (answers(413) & in_step),
            control="pipelining.get-after-chunked-post",
            why="Servers lose an octet where a chunk just fills a buffer, or misses it by one.",
        )
        for size in _SIZES
    ),
    Scenario(
        id="chunked.thousand-small-chunks",
        title="A thousand chunks of one octet in one write, then a pipelined GET",
        clause=(RFC9112["7.1-2"], RFC9112["9.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n",
            b"".join(b"1\r\n%c\r\n" % octet for octet in _OCTETS[:1000]),
            b"0\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(body=_OCTETS[:1000]), sees(target=b"<witness>?n=1", body=b"")),
        control="pipelining.get-after-chunked-post",
        why="Programs that write character by character send bodies like this.",
    ),
    Scenario(
        id="chunked.empty",
        title="An empty chunked body, then a pipelined GET",
        clause=(RFC9112["7.1-2"], RFC9112["9.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"0\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(method=b"POST", body=b""), sees(target=b"<witness>?n=1", body=b"")),
        control="pipelining.get-after-chunked-post",
        why="An empty upload still has a last chunk, which must not be left on the connection.",
    ),
    Scenario(
        id="chunked.length-required",
        title="A chunked body where a length may be required",
        clause=RFC9112["6.3-10"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=(sees(body=b"hello") & in_step) | (answers(411) & in_step),
        control="basics.post",
        why="A server that needs the length in advance can answer 411; any other status misleads.",
    ),
    *family(
        Scenario(
            id="chunked.te",
            title="A response of unknown length to a client that sends TE",
            clause=(RFC9112["7.1-p2"], RFC9112["6.3-9"]),
            send=(
                b"GET <stream>?parts=3&size=10 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Connection: TE\r\n"
                b"TE: <value>\r\n"
                b"\r\n",
            ),
            accept=answers(SUCCESS) & well_formed & content_size(30),
            control="basics.get",
            why="Every HTTP/1.1 client understands chunked, whatever TE lists, and waits for its end.",
        ),
        {"chunked": b"chunked", "chunked-refused": b"chunked;q=0", "trailers": b"trailers", "nothing": b""},
    ),
    *family(
        Scenario(
            id="chunked.size-wraps-to-none",
            title="A chunk size that wraps around to zero, then what would end the body",
            clause=RFC9112["7.1-3"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>\r\n\r\n",
                PAUSE,
                HALF_CLOSE,
            ),
            accept=answers(CLIENT_ERROR) | (waits & hangs_up),
            tolerate=(waits & falls_silent) | (answers(SERVER_ERROR) & closes),
            control="chunked.post-answered",
            risk=Risk.SMUGGLING,
            why="If the size wraps around to zero, the body ends early and the rest is a smuggled request.",
        ),
        {
            "two-to-the-32": b"100000000",
            "two-to-the-64": b"10000000000000000",
            "two-to-the-128": b"1" + b"0" * 32,
        },
    ),
    *family(
        Scenario(
            id="chunked.malformed-last",
            title="A last chunk that breaks the grammar",
            clause=(RFC9112["7.1-p1"], RFC9112["2.2-10"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"<value>\r\n\r\n",
            ),
            accept=answers(400) & closes,
            control="chunked.post-answered",
            risk=Risk.SMUGGLING,
            why="Readers that repair the end of a body differently disagree on where the next request is.",
        ),
        {
            "minus": b"-0",
            "plus": b"+0",
            "prefix": b"0x0",
            "letters": b"zero",
            "letters-behind": b"0z",
            "space-before": b" 0",
            "underscore": b"0_0",
            "bare-cr-behind": b"0\r",
            "space-behind": b"0 ",
        },
        without_risk=("space-behind",),
    ),
    *family(
        Scenario(
            id="chunked.last-size-line",
            title="An unusual but valid last chunk, then a pipelined GET",
            clause=(RFC9112["7.1-2"], RFC9112["7.1.1-1"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"<value>\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(sees(body=b"hello"), sees(target=b"<witness>?n=1", body=b"")),
            control="pipelining.get-after-chunked-post",
            why="A server that misses the end of the body swallows the next request, or hangs.",
        ),
        {
            "several-zeros": b"000",
            "extension": b"0;name=value",
            "quoted-extension": b'0;name="a;b\\"c"',
        },
    ),
    *family(
        Scenario(
            id="chunked.cut-off",
            title="A chunked body cut off within a chunk or after it",
            clause=RFC9112["8-p1"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\n<value>",
                HALF_CLOSE,
            ),
            accept=(answers(CLIENT_ERROR) & closes) | hangs_up,
            tolerate=falls_silent,
            control="chunked.post-answered",
            why="A truncated upload that passes for complete is stored as if it were whole.",
        ),
        {
            "in-the-data": b"hel",
            "behind-the-data": b"hello",
            "in-the-last-size": b"hello\r\n0",
            "behind-the-last-size": b"hello\r\n0\r\n",
            "in-the-trailers": b"hello\r\n0\r\nX-Trailer: one\r\n",
        },
    ),
    Scenario(
        id="chunked.megabyte-of-extensions",
        title="A chunk extension of 1 MiB",
        clause=RFC9112["7.1.1-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5;name=",
            b"v" * 1048576,
            b"\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(CLIENT_ERROR),
        control="chunked.post-answered",
        risk=Risk.EXHAUSTION,
        why="Extensions cost the server work and carry nothing; without a limit, they can exhaust it.",
    ),
    Scenario(
        id="chunked.trailers-kept-or-dropped",
        title="Trailer fields that may be kept or dropped",
        clause=(RFC9112["7.1.2-2"], RFC9110["5.5-1"], RFC9112["7.1.2-1"], RFC9110["6.5-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Trailer: X-Trailer\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n"
            b"X-Trailer: one\r\n"
            b"\r\n",
        ),
        accept=sees(body=b"hello", fields={b"X-Trailer": None}, trailers={b"X-Trailer": b"one"})
        | sees(body=b"hello", fields={b"X-Trailer": None}, trailers={b"X-Trailer": None}),
        control="chunked.body-before-trailers",
        why="They may be kept apart or dropped, but must not be changed or mixed with the header fields.",
    ),
    Scenario(
        id="chunked.trailer-of-a-header",
        title="A trailer field with the name of a header field",
        clause=(RFC9112["7.1.2-2"], RFC9110["6.5.1-2"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: in the header\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n"
            b"X-Test: in the trailer\r\n"
            b"\r\n",
        ),
        accept=sees(body=b"hello", fields={b"X-Test": b"in the header"}),
        control="chunked.body-before-trailers",
        why="A header field must not be changed or added to after it was checked.",
    ),
    *family(
        Scenario(
            id="chunked.forbidden-trailer",
            title="A trailer field that is allowed only in the header section",
            clause=(RFC9110["6.5.1-2"], RFC9112["7.1.2-3"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n"
                b"<value>\r\n"
                b"\r\n",
            ),
            accept=sees(
                body=b"hello",
                fields={
                    b"Host": b"<host>",
                    b"Authorization": None,
                    b"Content-Encoding": None,
                    b"Content-Type": None,
                    b"Cookie": None,
                    b"X-Forwarded-For": None,
                },
            )
            | answers(CLIENT_ERROR),
            control="chunked.body-before-trailers",
            why="Routing, access and content depend on the header; a trailer comes after all checks.",
        ),
        {
            "host": b"Host: other.example",
            "authorization": b"Authorization: Basic Og==",
            "content-encoding": b"Content-Encoding: gzip",
            "cookie": b"Cookie: a=b",
            "forwarded": b"X-Forwarded-For: 192.0.2.1",
            "content-type": b"Content-Type: text/html",
        },
    ),
    *family(
        Scenario(
            id="chunked.framing-in-a-trailer",
            title="A trailer field that would frame the body anew, then a pipelined GET",
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
                sees(body=b"hello") | answers(CLIENT_ERROR), sees(target=b"<witness>?n=1", body=b"")
            )
            | (answers(CLIENT_ERROR) & in_step & closes),
            control="chunked.body-before-trailers",
            risk=Risk.SMUGGLING,
            why="Framing that comes after the body can only be meant to swallow the next request.",
        ),
        {"content-length": b"Content-Length: 20", "transfer-encoding": b"Transfer-Encoding: chunked"},
    ),
    Scenario(
        id="chunked.folded-trailer",
        title="A folded trailer field line",
        clause=RFC9112["5.2-2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n"
            b"X-Trailer: one\r\n"
            b" X-Test: two\r\n"
            b"\r\n",
        ),
        accept=answers(400) | (sees(body=b"hello", fields={b"X-Trailer": None, b"X-Test": None}) & in_step),
        control="chunked.body-before-trailers",
        why="A folded line continues the value before it; it must not become a field or a request.",
    ),
    *family(
        Scenario(
            id="chunked.malformed-trailer",
            title="A trailer section that breaks the grammar",
            clause=RFC9112["2.2-10"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n"
                b"<value>\r\n"
                b"\r\n",
            ),
            accept=answers(CLIENT_ERROR) & closes,
            control="chunked.trailers-answered",
            risk=Risk.SMUGGLING,
            why="Readers that skip what they do not understand see the body end in different places.",
        ),
        {
            "no-colon": b"X-Trailer one",
            "two-letters": b"ab",
            "no-name": b": one",
            "bracket-in-the-name": b"X[Trailer]: one",
            "space-before-colon": b"X-Trailer : one",
            "nul-in-the-value": b"X-Trailer: o\0ne",
            "bare-cr-in-the-value": b"X-Trailer: o\rne",
        },
    ),
)
