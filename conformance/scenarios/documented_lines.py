"""The documented server's request line and head: what it serves, and where it closes the connection."""

from clients.steps import PAUSE
from conformance.clauses import DOC
from conformance.judging.model import Scenario, family
from conformance.judging.outcomes import SUCCESS, answers, closes, content, hangs_up, waits
from conformance.judging.witness_outcomes import sees

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        id="documented-lines.get-answered",
        title="A plain GET, as the client sees it",
        clause=DOC["SRV-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS),
        why="A server that cannot answer a plain GET cannot be used, or tested any further.",
    ),
    Scenario(
        id="documented-lines.get",
        title="A plain GET",
        clause=(DOC["REQ-1"], DOC["SRV-1"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>", version=b"HTTP/1.1", host=b"<host>", body=b""),
        control="documented-lines.get-answered",
        why="A server that cannot answer a plain GET cannot be used, or tested any further.",
    ),
    Scenario(
        id="documented-lines.main-example",
        title="The request of the documentation's main example",
        clause=(DOC["CONN-5"], DOC["SRV-1"]),
        send=(
            b"GET /hello HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(200) & content(b"You requested /hello\n"),
        control="documented-lines.get-answered",
        why="The first program that a reader of the documentation tries does not do what it should.",
    ),
    Scenario(
        id="documented-lines.head-in-two-pieces",
        title="A head whose last line comes late",
        clause=DOC["CONN-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n",
            PAUSE,
            b"X-Late: yes\r\n"
            b"\r\n",
        ),
        accept=waits & sees(method=b"GET", target=b"<witness>", fields={b"X-Late": b"yes"}),
        control="documented-lines.get-answered",
        why="The server handles a request before all of it has come, or loses one that comes in pieces.",
    ),
    Scenario(
        id="documented-lines.line-feeds-end-no-head",
        title="Two bare LFs where a head might end",
        clause=DOC["CONN-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Odd: a\n\n",
            PAUSE,
            b"\r\n\r\n",
        ),
        # The documentation does not say what bare LFs mean in the head, only that they do not end it.
        accept=waits & (answers(SUCCESS) | hangs_up),
        control="documented-lines.get-answered",
        why="One reader takes the bytes for the rest of the head, another for the next request.",
    ),
    # The request line
    *family(
        Scenario(
            id="documented-lines.request-line",
            title="A request line that does not have three parts",
            clause=(DOC["LINE-1"], DOC["LINE-3"]),
            send=(
                b"<value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=hangs_up,
            control="documented-lines.get-answered",
            why="The server guesses what a malformed line means, and answers a request nobody made.",
        ),
        {
            "of-one-word": b"GET",
            "without-version": b"GET <witness>",
            "of-four-words": b"GET <witness> more HTTP/1.1",
            "with-double-space": b"GET  <witness> HTTP/1.1",
            "with-leading-space": b" GET <witness> HTTP/1.1",
            "with-trailing-space": b"GET <witness> HTTP/1.1 ",
            "with-tabs": b"GET\t<witness>\tHTTP/1.1",
        },
    ),
    Scenario(
        id="documented-lines.blank-line-first",
        title="A blank line before the request line",
        clause=(DOC["LINE-1"], DOC["LINE-3"]),
        send=(
            b"\r\n"
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=hangs_up,
        control="documented-lines.get-answered",
        why="The server accepts what its documentation calls malformed.",
    ),
    *family(
        Scenario(
            id="documented-lines.version",
            title="A version that does not begin with HTTP/",
            clause=(DOC["LINE-2"], DOC["LINE-3"]),
            send=(
                b"GET <witness> <value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=hangs_up,
            control="documented-lines.get-answered",
            why="A client of another protocol is answered as if it spoke HTTP.",
        ),
        {
            "in-lower-case": b"http/1.1",
            "without-slash": b"HTTP1.1",
            "of-another-protocol": b"RTSP/1.0",
        },
    ),
    Scenario(
        id="documented-lines.version-9-9",
        title="An unknown version",
        clause=(DOC["LINE-2"], DOC["KA-3"]),
        send=(
            b"GET <witness> HTTP/9.9\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>", version=b"HTTP/9.9") & closes,
        control="documented-lines.get-answered",
        why="The application does not learn which version its client speaks.",
    ),
    Scenario(
        id="documented-lines.version-without-number",
        title="A version without a number",
        clause=(DOC["LINE-2"], DOC["KA-3"]),
        send=(
            b"GET <witness> HTTP/\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>", version=b"HTTP/") & closes,
        control="documented-lines.get-answered",
        why="The documentation promises that the server ignores what follows HTTP/.",
    ),
    Scenario(
        id="documented-lines.unknown-method",
        title="An unknown method",
        clause=DOC["LINE-4"],
        send=(
            b"BREW-2 <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"BREW-2", target=b"<witness>"),
        control="documented-lines.get-answered",
        why="An application with methods of its own cannot be built on the server.",
    ),
    Scenario(
        id="documented-lines.lower-case-method",
        title="A method in lower case",
        clause=DOC["LINE-4"],
        send=(
            b"get <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"get", target=b"<witness>"),
        control="documented-lines.get-answered",
        why="Methods are case-sensitive; a server that folds case lets get pass for GET.",
    ),
    Scenario(
        id="documented-lines.query-kept-as-sent",
        title="A query with escapes and odd characters",
        clause=(DOC["LINE-4"], DOC["REQ-1"]),
        send=(
            b"GET <witness>?a=%41%2f&&b=//%zz?=c HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?a=%41%2f&&b=//%zz?=c"),
        control="documented-lines.get-answered",
        why="Signatures are computed over the URI as it was sent; a normalized one does not match.",
    ),
    Scenario(
        id="documented-lines.absolute-form",
        title="A URI in absolute form with a different host from the Host header",
        clause=(DOC["LINE-4"], DOC["REQ-2"]),
        send=(
            b"GET http://elsewhere.example<witness> HTTP/1.1\r\n"
            b"Host: here.example\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"http://elsewhere.example<witness>", host=b"here.example"),
        control="documented-lines.host-given",
        why="A proxy's request is not answered, or the application does not get the documented host.",
    ),
    Scenario(
        id="documented-lines.asterisk",
        title="The URI *",
        clause=(DOC["LINE-4"], DOC["CONN-5"]),
        send=(
            b"GET * HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(200) & content(b"You requested *\n"),
        control="documented-lines.main-example",
        why="The application decides what such a URI means, but never sees it.",
    ),
    Scenario(
        id="documented-lines.authority-form",
        title="A URI in authority form",
        clause=(DOC["LINE-4"], DOC["CONN-5"]),
        send=(
            b"GET elsewhere.example:443 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(200) & content(b"You requested elsewhere.example:443\n"),
        control="documented-lines.main-example",
        why="The application decides what such a URI means, but never sees it.",
    ),
    # Host
    Scenario(
        id="documented-lines.host-given",
        title="A Host header with a different name from the server's",
        clause=DOC["REQ-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: here.example:81\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", host=b"here.example:81"),
        control="documented-lines.get-answered",
        why="Sites that share a server under different names are confused.",
    ),
    Scenario(
        id="documented-lines.host-missing",
        title="HTTP/1.1 without Host",
        clause=(DOC["LINE-5"], DOC["REQ-2"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", host=b"127.0.0.1"),
        control="documented-lines.get-answered",
        why="A script that leaves out Host, as the documentation allows, is refused.",
    ),
    Scenario(
        id="documented-lines.host-missing-in-1-0",
        title="HTTP/1.0 without Host",
        clause=(DOC["LINE-5"], DOC["REQ-2"]),
        send=(
            b"GET <witness> HTTP/1.0\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", version=b"HTTP/1.0", host=b"127.0.0.1"),
        control="documented-lines.get-answered",
        why="Old clients do not send Host, and would be refused.",
    ),
    # Header lines
    Scenario(
        id="documented-lines.header-name-in-odd-case",
        title="A header name in odd case",
        clause=DOC["HDR-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"hOSt: here.example\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", host=b"here.example"),
        control="documented-lines.host-given",
        why="Clients spell names in any case; a header that is missed changes the request's meaning.",
    ),
    Scenario(
        id="documented-lines.white-space-around-value",
        title="A header value with white space around it",
        clause=DOC["HDR-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: \t  here.example \t \r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", host=b"here.example"),
        control="documented-lines.host-given",
        why="A value that keeps its padding never equals what the application compares it with.",
    ),
    Scenario(
        id="documented-lines.no-white-space-before-value",
        title="A header value directly after the colon",
        clause=DOC["HDR-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host:here.example\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", host=b"here.example"),
        control="documented-lines.host-given",
        why="A server that expects a space there cuts off the first letter of the value.",
    ),
    Scenario(
        id="documented-lines.colons-in-value",
        title="A header value with colons in it",
        clause=DOC["HDR-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Odd: a: b::c:\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", fields={b"X-Odd": b"a: b::c:"}),
        control="documented-lines.get-answered",
        why="Times, URIs and addresses contain colons; a value cut off there is silently wrong.",
    ),
    Scenario(
        id="documented-lines.repeated-header",
        title="A header sent twice",
        clause=DOC["HDR-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"X-Odd: a\r\n"
            b"Host: <host>\r\n"
            b"x-odd: b\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", fields={b"X-Odd": b"a,b"}),
        control="documented-lines.get-answered",
        why="One of the values is lost, or their order changes.",
    ),
    Scenario(
        id="documented-lines.repeated-header-reads-as-one",
        title="Host sent twice",
        clause=(DOC["HDR-1"], DOC["REQ-2"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: one.example\r\n"
            b"Host: two.example\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", host=b"one.example,two.example"),
        control="documented-lines.host-given",
        why="If one value silently wins, a proxy in front that chose the other is deceived.",
    ),
    Scenario(
        id="documented-lines.header-without-colon",
        title="A header line without a colon",
        clause=DOC["HDR-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Odd a\r\n"
            b"\r\n",
        ),
        accept=hangs_up,
        control="documented-lines.get-answered",
        why="The server silently drops a line that it does not understand, though it may have mattered.",
    ),
)
