"""Host: values that must be refused, values that may be refused, and values that look odd but are valid."""

from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import REDIRECTION, answers
from conformance.judging.witness_outcomes import sees

SCENARIOS = (
    *family(
        Scenario(
            id="host.refused",
            title="Host lines that must be refused",
            clause=RFC9112["3.2-6"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"<value>X-Test: one\r\n"
                b"\r\n",
            ),
            accept=answers(400),
            control="basics.get",
            risk=Risk.ROUTING,
            why="Two recipients that choose different hosts send one request to two different sites.",
        ),
        {
            "two-lines": b"Host: <host>\r\nHost: other.example\r\n",
            "two-equal-lines": b"Host: <host>\r\nHost: <host>\r\n",
            "user-name": b"Host: user@<host>\r\n",
            "path": b"Host: <host>/path\r\n",
            "space": b"Host: a b\r\n",
            "nul": b"Host: a.\0example\r\n",
            "port-of-letters": b"Host: a.example:port\r\n",
            "negative-port": b"Host: a.example:-80\r\n",
            "two-ports": b"Host: a.example:80:80\r\n",
            "space-before-port": b"Host: a.example: 80\r\n",
            "scheme": b"Host: <origin>\r\n",
            "query": b"Host: a.example?a=1\r\n",
            "fragment": b"Host: a.example#a\r\n",
            "quotes": b'Host: "a.example"\r\n',
            "backslash": b"Host: a.example\\b.example\r\n",
            "stray-percent": b"Host: a%zz.example\r\n",
            "above-ascii": b"Host: caf\xe9.example\r\n",
            "utf-8": b"Host: caf\xc3\xa9.example\r\n",
            "ipv6-without-brackets": b"Host: ::1\r\n",
            "ipv6-unbalanced": b"Host: [::1\r\n",
            "ipv6-of-no-address": b"Host: [::g]\r\n",
            "ipv6-empty": b"Host: []\r\n",
            "behind-ipv6": b"Host: [::1]a.example\r\n",
            "ipv6-of-two-gaps": b"Host: [1::2::3]\r\n",
            "ip-of-the-future-of-nothing": b"Host: [v1.]\r\n",
            "port-with-a-sign": b"Host: a.example:+80\r\n",
            "tab": b"Host: a\tb\r\n",
            "circumflex": b"Host: a^b.example\r\n",
            "slashes-first": b"Host: //a.example\r\n",
            "folded": b"Host: a.example\r\n X-Decoy: 1\r\n",
            "bare-cr": b"Host: a.example\rb.example\r\n",
        },
    ),
    Scenario(
        id="host.refused-missing",
        title="Host lines that must be refused: missing",
        clause=RFC9112["3.2-6"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"X-Test: one\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        control="basics.get",
        why="HTTP/1.1 requires Host in every request; without it, the server has to guess the site.",
    ),
    Scenario(
        id="host.second-line-with-a-space-before-its-colon",
        title="A second Host line, with white space before its colon",
        clause=(RFC9112["5.1-1"], RFC9112["3.2-6"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Host : other.example\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        control="basics.get",
        risk=Risk.ROUTING,
        why="Recipients that disagree on the name of the field disagree on the site.",
    ),
    Scenario(
        id="host.missing-with-absolute-form",
        title="No Host, but an absolute-form target",
        clause=RFC9112["3.2-6"],
        send=(
            b"GET <origin><witness> HTTP/1.1\r\n"
            b"X-Test: one\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        control="request-line.absolute-form",
        why="HTTP/1.1 requires Host in every request; a client that omits it is not speaking HTTP/1.1.",
    ),
    Scenario(
        id="host.two-lines-with-absolute-form",
        title="Two Host lines, and an absolute-form target",
        clause=RFC9112["3.2-6"],
        send=(
            b"GET <origin><witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Host: other.example\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        control="request-line.absolute-form",
        risk=Risk.ROUTING,
        why="The target decides; a client that sends two Hosts is probing for a parser that picks wrong.",
    ),
    Scenario(
        id="host.malformed-in-http10",
        title="A malformed Host in HTTP/1.0",
        clause=RFC9112["3.2-6"],
        send=(
            b"GET <witness> HTTP/1.0\r\n"
            b"Host: user@<host>/path\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        control="http10.get-answered",
        risk=Risk.ROUTING,
        why="HTTP/1.0 does not require Host, but a Host that is sent is used and must be valid.",
    ),
    Scenario(
        id="host.two-lines-of-other-case",
        title="Two Host lines with names in different case",
        clause=RFC9112["3.2-6"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\r\n"
            b"hOST: other.example\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        control="basics.get",
        risk=Risk.ROUTING,
        why="Two recipients that choose different hosts send one request to two different sites.",
    ),
    Scenario(
        id="host.empty",
        title="An empty Host",
        clause=(RFC9112["3.3-p2"], RFC9112["3.3-1"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host:\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET") | answers(REDIRECTION, 400, 403, 404, 421),
        control="basics.get",
        why="A request without a host may be refused or served by default, but not cause a server error.",
    ),
    *family(
        Scenario(
            id="host.unknown",
            title="A valid Host that is unknown here",
            clause=(RFC9110["2.3-1"], RFC9110["15.5.20-p1"]),
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <value>\r\n"
                b"\r\n",
            ),
            accept=sees(method=b"GET") | answers(REDIRECTION, 400, 403, 404, 421),
            control="basics.get",
            why="Such names come from scanners, old links and typos; a server must handle them.",
        ),
        {
            "name": b"other.example",
            "upper-case": b"OTHER.EXAMPLE",
            "trailing-dot": b"other.example.",
            "underscore": b"other_one.example",
            "comma": b"a.example,b.example",
            "escape": b"%6fther.example",
            "empty-port": b"other.example:",
            "large-port": b"other.example:99999",
            "ipv4": b"192.0.2.1",
            "ipv6": b"[2001:db8::1]",
            "ipv6-with-port": b"[2001:db8::1]:8080",
            "ip-of-the-future": b"[v1.fe]",
            "long": b"a." * 126 + b"example",
        },
    ),
    *family(
        Scenario(
            id="host.white-space",
            title="White space around Host",
            clause=RFC9110["5.5-1"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host:<value>\r\n"
                b"\r\n",
            ),
            accept=sees(fields={b"Host": b"<host>"}),
            control="basics.field-as-understood",
            why="White space around a value is not part of it; a server that keeps it cannot find the site.",
        ),
        {"much": b" \t <host> \t "},
    ),
    *family(
        Scenario(
            id="host.white-space",
            title="No white space before Host's value",
            clause=RFC9112["5-p1"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host:<value>\r\n"
                b"\r\n",
            ),
            accept=sees(fields={b"Host": b"<host>"}),
            control="basics.field-as-understood",
            why="White space before a value is optional; a client may leave it out.",
        ),
        {"none": b"<host>"},
    ),
)
