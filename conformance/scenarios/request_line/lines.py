"""Malformed and unusual request lines: which must be refused, and which must still be understood."""

from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    falls_silent,
    hangs_up,
    in_turn,
    version,
)
from conformance.judging.witness_outcomes import sees

SCENARIOS = (
    *family(
        Scenario(
            id="request-line.malformed",
            title="A malformed request line",
            clause=(RFC9112["3.2-1"], RFC9112["2.2-10"], RFC9112["3.2-2"]),
            send=(
                b"<value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=(answers(400) & closes) | answers(301),
            control="basics.get",
            risk=Risk.SMUGGLING,
            why="A request line that a server repairs means something else to a filter in front of it.",
        ),
        {
            "no-version": b"GET <witness>",
            "no-target": b"GET HTTP/1.1",
            "method-only": b"GET",
            "extra-word": b"GET <witness> extra HTTP/1.1",
            "word-behind": b"GET <witness> HTTP/1.1 extra",
            "colon": b"GET: <witness> HTTP/1.1",
            "space-for-version": b"GET <witness> ",
            "space-for-target": b"GET  HTTP/1.1",
            "space-in-version": b"GET <witness> HTTP/ 1.1",
            "word-before": b"one GET <witness> HTTP/1.1",
            "status-line": b"HTTP/1.1 200 OK",
        },
        without_risk=(
            "no-version", "no-target", "method-only", "colon", "space-for-version",
            "space-for-target", "space-in-version", "word-before", "status-line",
        ),
    ),
    *family(
        Scenario(
            id="request-line.white-space",
            title="A request line with odd white space",
            clause=(RFC9112["3.2-1"], RFC9112["3-1"]),
            send=(
                b"<value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=(answers(400) & closes) | sees(method=b"GET", target=b"<witness>"),
            control="basics.get",
            why="A server may split at any white space (RFC 9112, 3) or refuse, but not misread the target.",
        ),
        {
            "two-spaces-before-target": b"GET  <witness> HTTP/1.1",
            "two-spaces-behind-target": b"GET <witness>  HTTP/1.1",
            "tab": b"GET\t<witness>\tHTTP/1.1",
            "leading-space": b" GET <witness> HTTP/1.1",
            "trailing-space": b"GET <witness> HTTP/1.1 ",
            "vertical-tab": b"GET\x0b<witness>\x0bHTTP/1.1",
            "form-feed": b"GET\x0c<witness>\x0cHTTP/1.1",
        },
    ),
    *family(
        Scenario(
            id="request-line.version",
            title="A malformed version",
            clause=RFC9112["2.3-p1"],
            send=(
                b"GET <witness> <value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(400),
            control="basics.get",
            why="Without a valid version, a server cannot know by which rules to read the rest.",
        ),
        {
            "lower-case": b"http/1.1",
            "two-digits": b"HTTP/1.10",
            "leading-zero": b"HTTP/01.1",
            "no-minor": b"HTTP/1",
            "other-name": b"HTTPS/1.1",
            "comma": b"HTTP/1,1",
            "no-slash": b"HTTP1.1",
            "no-digits": b"HTTP/",
            "no-dot": b"HTTP/111",
            "major-of-many-digits": b"HTTP/" + b"1" * 120 + b".1",
            "beyond-eight-bits": b"HTTP/257.257",
            "no-major": b"HTTP/.1",
            "mixed-case": b"Http/1.1",
            "sign": b"HTTP/+1.1",
            "hexadecimal": b"HTTP/1.b",
            "three-numbers": b"HTTP/1.1.1",
            "many-digits": b"HTTP/1.4294967297",
            "digits-beyond-ascii": b"HTTP/1.\xd9\xa1",
            "nul-behind": b"HTTP/1.1\x00",
        },
    ),
    *family(
        Scenario(
            id="request-line.major-version",
            title="The version in the response to a major version other than 1",
            clause=(RFC9110["6.2-5"], RFC9110["6.2-4"]),
            send=(
                b"GET <witness> <value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=(
                answers(SUCCESS, CLIENT_ERROR, SERVER_ERROR) & (version(b"HTTP/1.1") | version(b"HTTP/1.0"))
            )
            | hangs_up,
            tolerate=answers(REDIRECTION) | falls_silent,
            control="basics.get",
            why="A server that claims a version it does not speak misleads clients about later requests.",
        ),
        {"two": b"HTTP/2.0", "nine": b"HTTP/9.9"},
    ),
    Scenario(
        id="request-line.higher-minor-version",
        title="HTTP/1.2",
        clause=RFC9110["6.2-6"],
        send=(
            b"GET <witness> HTTP/1.2\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>"),
        control="basics.get",
        why="A higher minor version is compatible by definition; refusing it breaks that promise.",
    ),
    *family(
        Scenario(
            id="request-line.target-character",
            title="A character that is not allowed in a request-target",
            clause=RFC9112["3.2-1"],
            send=(
                b"GET <witness>?a=<value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(400, 301),
            control="basics.get",
            risk=Risk.ROUTING,
            why="Recipients that treat such characters differently disagree on what was requested.",
        ),
        {
            "fragment": b"1#fragment",
            "control": b"\x01",
            "delete": b"\x7f",
            "double-quote": b'"',
            "above-ascii": b"\xe9",
            "utf-8": b"\xc3\xa9",
            "overlong-utf-8": b"\xc0\xaf",
            "backslash": b"\\",
            "stray-percent": b"100%",
            "percent-without-hex": b"%zz",
        },
        without_risk=(
            "delete", "double-quote", "above-ascii", "utf-8", "overlong-utf-8", "stray-percent",
            "percent-without-hex",
        ),
    ),
    Scenario(
        id="request-line.nul-in-target",
        title="A NUL in the request-target",
        clause=RFC9112["3.2-1"],
        send=(
            b"GET <witness>?a=\x00 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400, 301),
        control="basics.get",
        risk=Risk.ROUTING,
        why="If a NUL ends the string for only one of two recipients, they see different targets.",
    ),
    *family(
        Scenario(
            id="request-line.method-character",
            title="A method that is not a token",
            clause=RFC9112["3.2-1"],
            send=(
                b"<value> <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(400, 405, 501),
            control="basics.get",
            why="A server must not act on a method that is not valid.",
        ),
        {"parenthesis": b"GE(T", "at-sign": b"GE@T", "control": b"GE\x01T", "above-ascii": b"G\xc9T"}
        | {"comma": b"GET,HEAD", "nul": b"GET\x00", "byte-order-mark": b"\xef\xbb\xbfGET"},
    ),
    Scenario(
        id="request-line.method-case",
        title="The method get in lower case",
        clause=RFC9112["3.1-p1"],
        send=(
            b"get <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400, 405, 501) | sees(method=b"get"),
        control="basics.get",
        why="Methods are case-sensitive; a filter that blocks GET does not block get.",
    ),
    Scenario(
        id="request-line.absolute-form",
        title="A request-target in absolute-form",
        clause=RFC9112["3.2.2-6"],
        send=(
            b"GET <origin><witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS),
        control="basics.get",
        why="Proxies, and clients that believe they are talking to one, send the whole URI.",
    ),
    Scenario(
        id="request-line.absolute-form-as-understood",
        title="The resource that an absolute-form target names",
        clause=(RFC9112["3.2.2-6"], RFC9112["3.3-p1"]),
        send=(
            b"GET <origin><witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(),
        control="request-line.absolute-form",
        why="A URI names the same resource in either form; taken for a path, it names another one.",
    ),
    Scenario(
        id="request-line.absolute-form-other-host",
        title="An absolute-form target whose authority differs from Host",
        clause=RFC9112["3.2.2-5"],
        send=(
            b"GET <origin><witness> HTTP/1.1\r\n"
            b"Host: other.example\r\n"
            b"\r\n",
        ),
        accept=sees(host=b"<host>"),
        control="request-line.absolute-form-as-understood",
        why="The name in the target counts; a filter and a server must not choose differently.",
    ),
    Scenario(
        id="request-line.absolute-form-empty-host",
        title="An absolute-form target with an empty host",
        clause=RFC9110["4.2.1-2"],
        send=(
            b"GET http://<witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR),
        control="basics.get",
        why="A URI without a host does not name any resource.",
    ),
    Scenario(
        id="request-line.asterisk-form-with-get",
        title="The target * with GET",
        clause=RFC9112["3.2.4-p1"],
        send=(
            b"GET * HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR),
        control="basics.get",
        why="The asterisk stands for the server as a whole, which has no content to GET.",
    ),
    Scenario(
        id="request-line.empty-line-first",
        title="An empty line before the request line",
        clause=RFC9112["2.2-7"],
        send=(
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=1"),
        control="basics.get",
        why="Old clients send a stray CRLF before a request, which does no harm.",
    ),
    Scenario(
        id="request-line.bare-lf",
        title="A request line that ends in LF alone",
        clause=RFC9112["2.2-2"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400) | sees(target=b"<witness>?n=1", version=b"HTTP/1.1"),
        control="basics.get",
        why="A lone LF may end the line or be refused, but must not become part of the version.",
    ),
    Scenario(
        id="request-line.bare-cr",
        title="A request line that ends in CR alone",
        clause=RFC9112["2.2-4"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        # The clause wants the line refused but names no status; the missing Host then requires 400.
        tolerate=answers(CLIENT_ERROR, SERVER_ERROR),
        control="basics.get",
        risk=Risk.SMUGGLING,
        why="A recipient that ends a line at CR sees fields that others do not see.",
    ),
    Scenario(
        id="request-line.bare-cr-in-version",
        title="A bare CR within the version",
        clause=RFC9112["2.2-4"],
        send=(
            b"GET <witness> HTTP/1\r.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        tolerate=answers(505),
        control="basics.get",
        risk=Risk.SMUGGLING,
        why="If recipients drop the CR, replace it or end the line there, they see different requests.",
    ),
    Scenario(
        id="request-line.lf-before-version",
        title="An LF instead of the space before the version",
        clause=(RFC9112["3.2-1"], RFC9112["2.2-10"]),
        send=(
            b"GET <witness>\n"
            b"HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        tolerate=answers(505),
        control="basics.get",
        why="LF may end a line but is not a space; two joined lines are a request that nobody sent.",
    ),
    Scenario(
        id="request-line.bare-lf-throughout",
        title="A request whose lines all end in LF alone",
        clause=RFC9112["2.2-2"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\n"
            b"Host: <host>\n"
            b"X-Test: one\n"
            b"\n",
        ),
        accept=answers(400) | sees(target=b"<witness>?n=1", version=b"HTTP/1.1", fields={b"X-Test": b"one"}),
        control="basics.get",
        why="People and scripts write such requests; serve or refuse them, but do not leave them waiting.",
    ),
    *family(
        Scenario(
            id="request-line.major-version-zero",
            title="A version below HTTP/1.0",
            clause=(RFC9110["6.2-5"], RFC9110["6.2-4"]),
            send=(
                b"GET <witness> <value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=(
                answers(SUCCESS, CLIENT_ERROR, SERVER_ERROR) & (version(b"HTTP/1.1") | version(b"HTTP/1.0"))
            )
            | hangs_up,
            tolerate=answers(REDIRECTION) | falls_silent,
            control="basics.get",
            why="A server that claims a version it does not speak misleads clients about later requests.",
        ),
        {"nought": b"HTTP/0.0", "nine": b"HTTP/0.9"},
    ),
    Scenario(
        id="request-line.white-space-before-first-field",
        title="A line that starts with white space right after the request line",
        clause=RFC9112["2.2-9"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b" X-Decoy: 1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400) | sees(method=b"GET", target=b"<witness>", fields={b"X-Decoy": None}),
        tolerate=answers(CLIENT_ERROR, SERVER_ERROR),
        control="basics.get",
        why="Such a line is a field to one recipient and part of the request line to another.",
    ),
    Scenario(
        id="request-line.garbage",
        title="Octets that are not a request, then a request",
        clause=RFC9112["2.2-10"],
        send=(
            b"\x80\x03\x01\x00\xff\xfe\x00garbage\r\n\r\n"
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400) & closes,
        control="basics.get",
        why="A server that keeps such a connection open spends resources on nothing.",
    ),
    Scenario(
        id="request-line.target-of-8000",
        title="A request line of 8000 octets",
        clause=RFC9112["3-4"],
        send=(
            b"GET <witness>?a=" + b"a" * 7950 + b" HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?a=" + b"a" * 7950),
        control="basics.target-as-understood",
        why="Links of this length exist; a server that refuses them breaks pages that work elsewhere.",
    ),
    Scenario(
        id="request-line.target-of-100000",
        title="A request-target of 100,000 octets",
        clause=RFC9112["3-3"],
        send=(
            b"GET <witness>?a=" + b"a" * 100_000 + b" HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(414) | sees(target=b"<witness>?a=" + b"a" * 100_000),
        tolerate=answers(CLIENT_ERROR),
        control="basics.get",
        why="Only the right status tells a client that it has hit a limit and not a fault.",
    ),
    *family(
        Scenario(
            id="request-line.minor-version",
            title="A minor version that does not exist yet",
            clause=RFC9110["6.2-6"],
            send=(
                b"GET <witness> <value>\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=sees(method=b"GET", target=b"<witness>"),
            control="basics.get",
            why="A higher minor version is compatible by definition; refusing it breaks that promise.",
        ),
        {"three": b"HTTP/1.3", "nine": b"HTTP/1.9"},
    ),
    Scenario(
        id="request-line.minor-version-of-the-answer",
        title="The version in the response to HTTP/1.9",
        clause=(RFC9110["6.2-5"], RFC9110["6.2-4"]),
        send=(
            b"GET <witness> HTTP/1.9\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=version(b"HTTP/1.1") | version(b"HTTP/1.0"),
        tolerate=hangs_up,
        control="basics.get",
        why="A server that claims an undefined version misleads clients about later requests.",
    ),
    Scenario(
        id="request-line.persistent-in-a-higher-minor-version",
        title="The connection after an HTTP/1.9 request",
        clause=RFC9110["6.2-6"],
        send=(
            b"GET <witness>?n=1 HTTP/1.9\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2")),
        control="pipelining.two",
        why="A request that is processed as HTTP/1.1 also keeps the connection open like HTTP/1.1.",
    ),
    Scenario(
        id="request-line.simple-request",
        title="An HTTP/0.9 request, which is only a method and a path",
        clause=(RFC9112["C.1-p1"], RFC9112["3.2-1"]),
        send=(b"GET <witness>\r\n\r\n",),
        accept=answers(CLIENT_ERROR, 505),
        control="basics.get",
        why="It names no host, and its response is bare content, which can be made to look like anything.",
    ),
    *family(
        Scenario(
            id="request-line.lines-first",
            title="Two or more empty lines before the request line",
            clause=(RFC9110["2.3-1"], RFC9112["2.2-7"]),
            send=(
                b"<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=sees(target=b"<witness>?n=1") | answers(400),
            control="basics.get",
            why="The server may skip or refuse them, but must not wait for a request that has arrived.",
        ),
        {"two": b"\r\n\r\n", "ten": b"\r\n" * 10, "lf-alone": b"\n"},
    ),
    Scenario(
        id="request-line.white-space-line-first",
        title="A line of spaces before the request line",
        clause=RFC9112["2.2-10"],
        send=(
            b"   \r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400) & closes,
        control="basics.get",
        why="The line is not empty; if only some recipients skip it, they disagree on the first line.",
    ),
)
