"""The documented server's request bodies: where they end, which are refused, and Expect."""

from clients.steps import HALF_CLOSE, PAUSE, Await
from conformance.clauses import DOC
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import (
    SUCCESS,
    answers,
    closes,
    hangs_up,
    in_step,
    interim,
    no_interim,
    stays_open,
    waits,
)
from conformance.judging.witness_outcomes import sees

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        id="documented-bodies.post-answered",
        title="A POST with a body, as the client sees it",
        clause=DOC["LEN-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=answers(SUCCESS),
        control="documented-lines.get-answered",
        why="Without this, no client can send anything.",
    ),
    Scenario(
        id="documented-bodies.post",
        title="A POST with a body",
        clause=(DOC["LEN-1"], DOC["REQ-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(method=b"POST", target=b"<witness>", body=b"hello") & stays_open,
        control="documented-lines.get-answered",
        why="Without this, no client can send anything to the application.",
    ),
    Scenario(
        id="documented-bodies.get-with-body",
        title="A GET with a body",
        clause=DOC["LEN-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(method=b"GET", body=b"hello") & in_step & stays_open,
        control="documented-bodies.post-answered",
        risk=Risk.SMUGGLING,
        why="A body left unread is read as the next request.",
    ),
    Scenario(
        id="documented-bodies.unknown-method-with-body",
        title="An unknown method with a body",
        clause=(DOC["LEN-1"], DOC["LINE-4"]),
        send=(
            b"BREW <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(method=b"BREW", body=b"hello") & in_step & stays_open,
        control="documented-bodies.post-answered",
        risk=Risk.SMUGGLING,
        why="A body left unread is read as the next request.",
    ),
    Scenario(
        id="documented-bodies.empty",
        title="Content-Length: 0",
        clause=DOC["LEN-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 0\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"POST", body=b"") & in_step & stays_open,
        control="documented-bodies.post-answered",
        why="The server waits for a body that never comes, and the client waits for its response.",
    ),
    Scenario(
        id="documented-bodies.none-without-length",
        title="A POST without Content-Length",
        clause=DOC["LEN-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"POST", body=b"") & in_step & stays_open,
        control="documented-bodies.post-answered",
        why="The server waits for a body that never comes, and the client waits for its response.",
    ),
    Scenario(
        id="documented-bodies.in-pieces",
        title="A body whose last byte comes late",
        clause=DOC["LEN-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hell",
            PAUSE,
            b"o",
        ),
        accept=waits & sees(method=b"POST", body=b"hello"),
        control="documented-bodies.post-answered",
        why="The application receives half an upload and takes it for the whole.",
    ),
    Scenario(
        id="documented-bodies.like-a-request",
        title="A body that looks like a request",
        clause=DOC["LEN-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 36\r\n"
            b"\r\n"
            b"\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        accept=sees(method=b"POST", body=b"\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        & in_step
        & stays_open,
        control="documented-bodies.post-answered",
        risk=Risk.SMUGGLING,
        why="A user who chooses a body can send requests in the name of others (request smuggling).",
    ),
    Scenario(
        id="documented-bodies.all-bytes",
        title="A body of all 256 byte values",
        clause=(DOC["LEN-1"], DOC["REQ-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 256\r\n"
            b"\r\n",
            bytes(range(256)),
        ),
        accept=sees(method=b"POST", body=bytes(range(256))),
        control="documented-bodies.post-answered",
        why="Uploads are damaged on the way to the application.",
    ),
    Scenario(
        id="documented-bodies.large",
        title="A body of 1 MiB",
        clause=DOC["LEN-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 1048576\r\n"
            b"\r\n",
            b"a" * 1048576,
        ),
        accept=sees(method=b"POST", body=b"a" * 1048576) & stays_open,
        control="documented-bodies.post-answered",
        why="A body larger than one read of the server is cut short or never answered.",
    ),
    # Lengths that are refused
    Scenario(
        id="documented-bodies.at-the-limit",
        title="A Content-Length equal to the buffer limit",
        clause=(DOC["LEN-2"], DOC["LEN-6"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 104857600\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            HALF_CLOSE,
        ),
        accept=interim(100) & closes,
        control="documented-bodies.post-answered",
        why="Uploads of a size that the documentation allows are refused.",
    ),
    *family(
        Scenario(
            id="documented-bodies.oversized",
            title="A Content-Length above the buffer limit",
            clause=(DOC["LEN-2"], DOC["LINE-3"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: <value>\r\n"
                b"\r\n",
            ),
            accept=hangs_up,
            control="documented-bodies.post-answered",
            risk=Risk.EXHAUSTION,
            why="One client can make the server allocate as much memory as it likes.",
        ),
        {
            "by-one": b"104857601",
            "by-far": b"99999999999999999999999999999999999999999",
        },
    ),
    Scenario(
        id="documented-bodies.oversized-with-expect",
        title="A Content-Length above the buffer limit, with Expect",
        clause=(DOC["LEN-2"], DOC["LEN-6"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 104857601\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
        ),
        accept=hangs_up,
        control="documented-bodies.post-answered",
        risk=Risk.EXHAUSTION,
        why="The server asks for a body and refuses it after the client has sent all of it.",
    ),
    *family(
        Scenario(
            id="documented-bodies.length",
            title="A Content-Length that is not an integer",
            clause=(DOC["LEN-3"], DOC["CONN-6"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: <value>\r\n"
                b"\r\n"
                b"hello",
            ),
            accept=hangs_up,
            control="documented-bodies.post-answered",
            risk=Risk.SMUGGLING,
            why="The server guesses where the body ends, and reads the rest as another request.",
        ),
        {
            "in-letters": b"abc",
            "in-hexadecimal": b"0x5",
            "with-a-point": b"5.0",
            "of-two-words": b"5 5",
            "given-twice-alike": b"5\r\nContent-Length: 5",
            "given-twice-unlike": b"5\r\nContent-Length: 6",
        },
    ),
    # Transfer-Encoding
    Scenario(
        id="documented-bodies.chunked-is-not-decoded",
        title="A chunked body with a Content-Length",
        clause=(DOC["LEN-5"], DOC["LEN-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 15\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n0\r\n\r\n",
        ),
        accept=sees(method=b"POST", body=b"5\r\nhello\r\n0\r\n\r\n"),
        control="documented-bodies.post-answered",
        why="Applications decode such a body themselves, as documented, and would decode it twice.",
    ),
    Scenario(
        id="documented-bodies.transfer-encoding-gives-no-body",
        title="Transfer-Encoding without Content-Length",
        clause=DOC["LEN-5"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", body=b""),
        control="documented-bodies.post-answered",
        why="The server waits for a body in a coding that it cannot read.",
    ),
    # Expect
    Scenario(
        id="documented-bodies.expect-continue",
        title="Expect: 100-continue, with the body sent after the 100",
        clause=DOC["LEN-6"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"hello",
        ),
        accept=interim(100) & sees(method=b"POST", body=b"hello"),
        control="documented-bodies.post-answered",
        why="A client that asks before it sends a large body is slow or hangs.",
    ),
    Scenario(
        id="documented-bodies.expect-continue-for-nothing",
        title="Expect: 100-continue with Content-Length: 0",
        clause=DOC["LEN-6"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 0\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
        ),
        accept=interim(100) & sees(method=b"POST", body=b""),
        control="documented-bodies.expect-continue",
        why="A client that always waits for the 100 hangs.",
    ),
    Scenario(
        id="documented-bodies.expect-continue-without-length",
        title="Expect: 100-continue without Content-Length",
        clause=DOC["LEN-6"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
        ),
        accept=no_interim & sees(method=b"POST", body=b""),
        control="documented-bodies.post-answered",
        why="A client that expects only the final response, as documented, takes the 100 for it.",
    ),
    *family(
        Scenario(
            id="documented-bodies.expect",
            title="An Expect that is not exactly 100-continue",
            clause=DOC["LEN-6"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 5\r\n"
                b"Expect: <value>\r\n"
                b"\r\n",
                PAUSE,
                b"hello",
            ),
            accept=waits & no_interim & sees(method=b"POST", body=b"hello"),
            control="documented-bodies.post-answered",
            why="A client that expects only the final response, as documented, takes the 100 for it.",
        ),
        {
            "in-other-case": b"100-Continue",
            "of-something-else": b"200-ok",
            "of-more": b"100-continue, 200-ok",
        },
    ),
)
