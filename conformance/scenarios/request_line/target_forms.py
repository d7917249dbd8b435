"""The forms of a request-target: valid, odd and malformed URIs, and targets in none of the four forms."""

from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SUCCESS,
    answers,
    closes,
    in_turn,
    lacks_field,
)
from conformance.judging.witness_outcomes import sees

_AUTHORITIES = {
    "ipv4": b"192.0.2.1",
    "ipv4-and-port": b"192.0.2.1:8080",
    "ipv6-and-port": b"[2001:db8::1]:8080",
    "a-name": b"a.example",
}

_ESCAPES = {
    "nul": b"%00",
    "line-ends": b"%0D%0AX-Decoy:%20one%0D%0A",
    "percent-sign": b"%2500%250D%250A",
}

SCENARIOS = (
    *family(
        Scenario(
            id="request-line.no-form",
            title="A request-target in none of the four forms",
            clause=RFC9112["3.2-1"],
            send=(
                b"GET <value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(400, 301),
            control="basics.get",
            risk=Risk.ROUTING,
            why="If servers must guess the target, two of them will guess differently.",
        ),
        {
            "relative": b"witness/echo",
            "query": b"?a=1",
            "dot": b".<witness>",
            "exclamation-mark": b"!",
            "scheme-without-slashes": b"http:<witness>",
            "backslash": b"\\<witness>",
        },
        without_risk=("scheme-without-slashes",),
    ),
    Scenario(
        id="request-line.absolute-form-query",
        title="The query of an absolute-form target",
        clause=(RFC9112["3.2.2-6"], RFC9112["3.3-p1"]),
        send=(
            b"GET <origin><witness>?n=1&m=%20/?: HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<origin><witness>?n=1&m=%20/?:") | sees(target=b"<witness>?n=1&m=%20/?:"),
        control="request-line.absolute-form-as-understood",
        why="A URI names the same resource in either form, and its query is part of it.",
    ),
    *family(
        Scenario(
            id="request-line.absolute-form-scheme",
            title="An absolute-form target with its scheme in another case",
            clause=(RFC9112["3.2.2-6"], RFC9110["4.2.3-1"]),
            send=(
                b"GET <value>://<host><witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            # Over TLS, such a request may be misdirected, whatever the case of its scheme.
            accept=sees(method=b"GET") | answers(421),
            control="request-line.absolute-form-as-understood",
            why="The scheme of a URI is the same in either case; taken for a path, it names something else.",
        ),
        {"in-upper-case": b"HTTP", "in-mixed-case": b"hTTp"},
    ),
    Scenario(
        id="request-line.ftp-target",
        title="An ftp target",
        clause=RFC9110["2.4-2"],
        send=(
            b"GET ftp://<host><witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR, 501),
        control="request-line.absolute-form",
        why="What is served is not what the URI names, which is a file on another kind of server.",
    ),
    *family(
        Scenario(
            id="request-line.absolute-form-without-path",
            title="A GET after an absolute-form target without a path",
            clause=(RFC9112["3.2.2-6"], RFC9110["4.2.3-1"]),
            send=(
                b"GET <origin><value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n"
                b"GET <witness>?n=2 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(answers(SUCCESS, REDIRECTION, 401, 403, 404, 405), sees(target=b"<witness>?n=2")),
            control="pipelining.two",
            why="A URI without a path is the address of a site as people usually write it.",
        ),
        {"nor-query": b"", "but-with-query": b"?a=1"},
    ),
    *family(
        Scenario(
            id="request-line.absolute-form-user",
            title="An absolute-form target with a user name",
            clause=RFC9110["4.2.4-2"],
            send=(
                b"GET http://<value>@<host><witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(CLIENT_ERROR),
            control="request-line.absolute-form",
            risk=Risk.ROUTING,
            why="Attackers put user names into URIs to make them look like URIs of another host.",
        ),
        {"name": b"a.example", "name-and-password": b"user:password", "empty": b""},
    ),
    *family(
        Scenario(
            id="request-line.absolute-form-malformed",
            title="An absolute-form target with a malformed authority",
            clause=RFC9112["3.2-1"],
            send=(
                b"GET http://<value><witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(CLIENT_ERROR, 301),
            control="request-line.absolute-form",
            risk=Risk.ROUTING,
            why="If servers must guess the host, two of them will guess differently.",
        ),
        {
            "bracket": b"[::1",
            "no-address": b"[::g]",
            "port-of-letters": b"a.example:port",
            "two-ports": b"a.example:80:80",
            "escape": b"a%zz.example",
            "nul-in-the-port": b"a.example:8\x000",
            "fragment-behind": b"<host>#fragment",
        },
    ),
    *family(
        Scenario(
            id="request-line.absolute-form-nul",
            title="A NUL in an absolute-form target",
            clause=RFC9112["3.2-1"],
            send=(
                b"GET <value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(CLIENT_ERROR, 301),
            control="request-line.absolute-form",
            risk=Risk.ROUTING,
            why="If a NUL ends the string for only one of two recipients, they see different targets.",
        ),
        {
            "in-the-scheme": b"ht\0tp://<host><witness>",
            "in-the-delimiter": b"http:\0//<host><witness>",
            "behind-the-host": b"<origin>\0<witness>",
            "in-the-path": b"<origin><witness>\0",
            "in-the-query": b"<origin><witness>?a=\0",
        },
    ),
    *(
        Scenario(
            id="request-line.absolute-form-of-" + kind,
            title="An absolute-form target with another authority, as in Host: " + kind.replace("-", " "),
            clause=(RFC9112["3.2.2-5"], RFC9112["3.2.2-6"]),
            send=(
                b"GET http://%b<witness> HTTP/1.1\r\n"
                b"Host: %b\r\n"
                b"\r\n" % (authority, authority),
            ),
            accept=sees(host=authority) | answers(CLIENT_ERROR, REDIRECTION),
            control="request-line.absolute-form-as-understood",
            why="The authority names a site, whatever its form; a server that gets it wrong serves another.",
        )
        for kind, authority in _AUTHORITIES.items()
    ),
    *(
        Scenario(
            id="request-line.escaped-" + what,
            title="A GET after a target with an escaped character: " + what.replace("-", " "),
            clause=RFC9112["3.3-p1"],
            send=(
                b"GET <witness>?a=%b HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n"
                b"GET <witness>?n=2 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n" % escape,
            ),
            accept=in_turn(
                (sees(target=b"<witness>?a=" + escape, fields={b"X-Decoy": None}) & lacks_field(b"X-Decoy"))
                | answers(400),
                sees(target=b"<witness>?n=2"),
            )
            | (answers(400) & closes),
            control="basics.target-as-understood",
            risk=Risk.SPLITTING if what == "line-ends" else None,
            why="A server that decodes before it parses turns a user's text into lines and fields.",
        )
        for what, escape in _ESCAPES.items()
    ),
    Scenario(
        id="request-line.authority-form-with-get",
        title="A target in authority-form with GET",
        clause=RFC9112["3.2.3-p1"],
        send=(
            b"GET <host> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR),
        control="basics.get",
        risk=Risk.ROUTING,
        why="Only CONNECT uses this form; taken for a path, the target names something else.",
    ),
    *family(
        Scenario(
            id="request-line.slashes-first",
            title="A GET after a path that starts with several slashes",
            clause=RFC9112["3.3-p1"],
            send=(
                b"GET <value><witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n"
                b"GET <witness>?n=2 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            # What is served there, if anything, is up to the application.
            accept=in_turn(answers(SUCCESS, REDIRECTION, 403, 404), sees(target=b"<witness>?n=2")),
            control="basics.target-as-understood",
            risk=Risk.ROUTING,
            why="It is still a path; only in links does the name of a host follow two slashes.",
        ),
        {"two": b"/", "three": b"//"},
    ),
    Scenario(
        id="request-line.https-target",
        title="An https target",
        clause=(RFC9110["7.4-2"], RFC9110["7.4-1"]),
        send=(
            b"GET https://<host><witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(method=b"GET", protocol=b"https"),
        control="request-line.absolute-form",
        why="A response sent in cleartext can be forged and read by anyone; https promises otherwise.",
    ),
    Scenario(
        id="request-line.https-target-without-host",
        title="An https target with an empty host",
        clause=RFC9110["4.2.2-2"],
        send=(
            b"GET https://<witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR),
        control="basics.get",
        why="A URI without a host does not name any resource.",
    ),
)
