"""The documented server's request line and head: what it serves, and what it closes the connection on."""

from clients.steps import PAUSE
from conformance.clauses import DOC
from conformance.judging.model import Scenario, family
from conformance.judging.outcomes import SUCCESS, answers, closes, content, hangs_up, waits
from conformance.judging.witness_outcomes import sees

SCENARIOS: tuple[Scenario, ...] = (
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
        why="A server that cannot answer this cannot be used, nor tested any further.",
    ),
    Scenario(
        id="documented-lines.main-example",
        title="The request of the document's main example",
        clause=(DOC["CONN-5"], DOC["SRV-1"]),
        send=(
            b"GET /hello HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(200) & content(b"You requested /hello\n"),
        control="documented-lines.get",
        why="The first program that a reader of the document tries does not do what the document says.",
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
        control="documented-lines.get",
        why="A request is handled before all of it is known, or lost when it comes in pieces.",
    ),
    Scenario(
        id="documented-lines.line-feeds-end-no-head",
        title="Two bare line feeds where a head might end",
        clause=DOC["CONN-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Odd: a\n\n",
            PAUSE,
            b"\r\n\r\n",
        ),
        # What the bare line feeds mean within the head is not promised, only that they do not end it.
        accept=waits & (answers(SUCCESS) | hangs_up),
        control="documented-lines.head-in-two-pieces",
        why="What one reader takes for the rest of a head, another takes for the next request.",
    ),
    # The request line
    *family(
        Scenario(
            id="documented-lines.request-line",
            title="A request line that is not three parts",
            clause=(DOC["LINE-1"], DOC["LINE-3"]),
            send=(
                b"<value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=hangs_up,
            control="documented-lines.get",
            why="What is no request is guessed at, and somebody is answered what they did not ask.",
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
        control="documented-lines.get",
        why="A client is told by the document that this is malformed, and by the server that it is not.",
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
            control="documented-lines.get",
            why="A client of another protocol is answered as though it had spoken HTTP.",
        ),
        {
            "in-lower-case": b"http/1.1",
            "without-slash": b"HTTP1.1",
            "of-another-protocol": b"RTSP/1.0",
        },
    ),
    Scenario(
        id="documented-lines.version-9-9",
        title="A version that nobody has heard of",
        clause=(DOC["LINE-2"], DOC["KA-3"]),
        send=(
            b"GET <witness> HTTP/9.9\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>", version=b"HTTP/9.9") & closes,
        control="documented-lines.get",
        why="The application is not told which version its client spoke.",
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
        control="documented-lines.get",
        why="The document promises that what follows HTTP/ is not looked at.",
    ),
    Scenario(
        id="documented-lines.unknown-method",
        title="A method that nobody has heard of",
        clause=DOC["LINE-4"],
        send=(
            b"BREW-2 <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"BREW-2", target=b"<witness>"),
        control="documented-lines.get",
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
        control="documented-lines.get",
        why="Methods differ by case; a server that folds them lets get pass for GET.",
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
        control="documented-lines.get",
        why="Signatures and links are computed over the URI as it was sent; a tidied one does not match.",
    ),
    Scenario(
        id="documented-lines.absolute-form",
        title="A URI in absolute form, of another host than the Host header's",
        clause=(DOC["LINE-4"], DOC["REQ-2"]),
        send=(
            b"GET http://elsewhere.example<witness> HTTP/1.1\r\n"
            b"Host: here.example\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"http://elsewhere.example<witness>", host=b"here.example"),
        control="documented-lines.host-given",
        why="A proxy's request is not answered, or the application is told another host than documented.",
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
        why="The application is the one to decide what such a URI means, and never sees it.",
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
        why="The application is the one to decide what such a URI means, and never sees it.",
    ),
    # Host
    Scenario(
        id="documented-lines.host-given",
        title="A Host header with another name than the server's",
        clause=DOC["REQ-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: here.example:81\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", host=b"here.example:81"),
        control="documented-lines.get",
        why="Sites that share a server by their names are taken for each other.",
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
        control="documented-lines.get",
        why="A script that sends the least it can, as the document allows, is turned away.",
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
        control="documented-lines.get",
        why="Old clients do not know Host.",
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
        why="Clients spell names as they like; a header that is missed changes what the request means.",
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
        why="A value that keeps its padding is equal to nothing that the application compares it with.",
    ),
    Scenario(
        id="documented-lines.no-white-space-before-value",
        title="A header value directly behind the colon",
        clause=DOC["HDR-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host:here.example\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", host=b"here.example"),
        control="documented-lines.host-given",
        why="A value that loses its first letter is another value.",
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
        control="documented-lines.get",
        why="Times, URIs and addresses have colons; cut off there, they are wrong without notice.",
    ),
    Scenario(
        id="documented-lines.repeated-header",
        title="A header given twice",
        clause=DOC["HDR-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"X-Odd: a\r\n"
            b"Host: <host>\r\n"
            b"x-odd: b\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", fields={b"X-Odd": b"a,b"}),
        control="documented-lines.get",
        why="One of the values is lost, or they change places.",
    ),
    Scenario(
        id="documented-lines.repeated-header-reads-as-one",
        title="Host given twice",
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
        control="documented-lines.get",
        why="A line that nobody understands is dropped in silence, though it may have meant something.",
    ),
)
