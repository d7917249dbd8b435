"""Field lines and Host: malformed ones that must be refused, odd ones that must be understood."""

from clients.steps import PAUSE
from conformance.clauses import RFC9110, RFC9112
from conformance.model import Scenario, family
from conformance.outcomes import CLIENT_ERROR, answers, closes, waits
from conformance.witness import sees

SCENARIOS = (
    *family(
        Scenario(
            id="fields.before-colon",
            title="White space between a field name and its colon",
            clause=RFC9112["5.1-1"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test<value>: one\r\n"
                b"\r\n",
            ),
            accept=answers(400),
            control="basics.get",
            why="Readers that disagree on the name of a field disagree on what it does, framing included.",
        ),
        {"space": b" ", "tab": b"\t"},
    ),
    Scenario(
        id="fields.content-length-before-colon",
        title="White space between Content-Length and its colon",
        clause=RFC9112["5.1-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length : 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=answers(400),
        control="basics.post",
        why="A length that one reader sees and another does not is how requests are smuggled.",
    ),
    *family(
        Scenario(
            id="fields.folded",
            title="A folded field line",
            clause=RFC9112["5.2-2"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one\r\n"
                b"<value>two\r\n"
                b"\r\n",
            ),
            accept=answers(400) | sees(fields={b"X-Test": b"one two"}),
            control="basics.get-as-understood",
            why="A folded line that is read as a field of its own lets fields be hidden from a filter.",
        ),
        {"space": b" ", "tab": b"\t"},
    ),
    Scenario(
        id="fields.folded-like-a-field",
        title="A folded line that reads as a field",
        clause=RFC9112["5.2-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\r\n"
            b" X-Decoy: two\r\n"
            b"\r\n",
        ),
        accept=answers(400) | sees(fields={b"X-Test": b"one X-Decoy: two", b"X-Decoy": None}),
        control="basics.get-as-understood",
        why="A folded line that is read as a field of its own lets fields be hidden from a filter.",
    ),
    *family(
        Scenario(
            id="fields.malformed-line",
            title="A line that is no field line",
            clause=RFC9112["2.2-10"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>\r\n"
                b"\r\n",
            ),
            accept=answers(400) & closes,
            control="basics.get",
            why="A line that readers skip, repair or refuse at will is where they begin to disagree.",
        ),
        {
            "no-colon": b"X-Test",
            "empty-name": b": one",
            "space-in-name": b"X Test: one",
            "parenthesis-in-name": b"X(Test: one",
            "slash-in-name": b"X/Test: one",
            "control-in-name": b"X\x01Test: one",
            "above-ascii-in-name": b"X\xe9Test: one",
        },
    ),
    *family(
        Scenario(
            id="fields.value",
            title="A character that no field value may hold",
            clause=RFC9110["5.5-4"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one<value>two\r\n"
                b"\r\n",
            ),
            accept=answers(400) | sees(fields={b"X-Test": b"one two"}),
            control="basics.get-as-understood",
            why="A CR or NUL that reaches the application ends a line or a string where it is used next.",
        ),
        {"nul": b"\x00", "bare-cr": b"\r"},
    ),
    Scenario(
        id="fields.bare-cr-like-a-field",
        title="A bare CR before what reads as a field",
        clause=RFC9112["2.2-4"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\rX-Decoy: two\r\n"
            b"\r\n",
        ),
        accept=answers(400) | sees(fields={b"X-Test": b"one X-Decoy: two", b"X-Decoy": None}),
        control="basics.get-as-understood",
        why="A reader that ends a line at CR sees fields that others do not see.",
    ),
    Scenario(
        id="fields.bare-lf",
        title="A field line that ends in LF alone",
        clause=RFC9112["2.2-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\n"
            b"X-Next: two\r\n"
            b"\r\n",
        ),
        accept=answers(400) | sees(fields={b"X-Test": b"one", b"X-Next": b"two"}),
        control="basics.get-as-understood",
        why="A lone LF may be taken for a line end or refused, but not become part of a value.",
    ),
    Scenario(
        id="fields.above-ascii",
        title="Octets above ASCII in a field value",
        clause=RFC9110["5.5-3"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: caf\xe9 \xc3\xa9\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"X-Test": b"caf\xe9 \xc3\xa9"}),
        control="basics.get-as-understood",
        why="Such octets are opaque; refusing them breaks what clients and applications agreed on.",
    ),
    *family(
        Scenario(
            id="fields.optional-white-space",
            title="White space around a field value",
            clause=RFC9110["5.5-1"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test:<value>\r\n"
                b"\r\n",
            ),
            accept=sees(fields={b"X-Test": b"one"}),
            control="basics.get-as-understood",
            why="White space around a value is not part of it; comparisons fail where it is left on.",
        ),
        {"none": b"one", "several": b"   one  ", "tabs": b"\tone\t"},
    ),
    Scenario(
        id="fields.name-case",
        title="Field names in another case",
        clause=RFC9110["5.1-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"hOST: <host>\r\n"
            b"cONTENT-lENGTH: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(body=b"hello"),
        control="basics.post",
        why="Field names match without regard to case, those that frame a message included.",
    ),
    Scenario(
        id="fields.repeated",
        title="Two lines of the same field",
        clause=RFC9110["5.2-p1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\r\n"
            b"X-Other: between\r\n"
            b"X-Test: two\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"X-Test": b"one, two"}),
        control="basics.get-as-understood",
        why="Repeated lines are one list, in their order; a server that drops one loses what it said.",
    ),
    Scenario(
        id="fields.unknown",
        title="A field that nobody has heard of",
        clause=RFC9110["5.1-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-!#$%&'*+-.^_`|~: one\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"X-!#$%&'*+-.^_`|~": b"one"}),
        control="basics.get-as-understood",
        why="New fields can only be introduced if old servers ignore them.",
    ),
    Scenario(
        id="fields.line-of-300000",
        title="A field line of 300,000 octets",
        clause=RFC9110["5.4-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: " + b"a" * 300_000 + b"\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(fields={b"X-Test": b"a" * 300_000}),
        control="basics.get-as-understood",
        why="A field that is too large and silently dropped leaves the request with another meaning.",
    ),
    Scenario(
        id="fields.head-in-two-pieces",
        title="A head that arrives in two pieces",
        clause=RFC9110["5.3-4"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n",
            PAUSE,
            b"X-Test: late\r\n"
            b"\r\n",
        ),
        accept=waits & sees(fields={b"X-Test": b"late"}),
        control="basics.get-as-understood",
        why="A request that is acted on before its fields have come is acted on without them.",
    ),
    *family(
        Scenario(
            id="host.refused",
            title="Host lines that have to be refused",
            clause=RFC9112["3.2-6"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"<value>X-Test: one\r\n"
                b"\r\n",
            ),
            accept=answers(400),
            control="basics.get",
            why="Two readers that choose different hosts disagree on whose site this is.",
        ),
        {
            "missing": b"",
            "two-lines": b"Host: <host>\r\nHost: other.example\r\n",
            "two-equal-lines": b"Host: <host>\r\nHost: <host>\r\n",
            "user-name": b"Host: user@<host>\r\n",
            "path": b"Host: <host>/path\r\n",
            "space": b"Host: a b\r\n",
            "port-of-letters": b"Host: a.example:port\r\n",
        },
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
        why="HTTP/1.1 asks for Host in every request; who leaves it out is not speaking HTTP/1.1.",
    ),
)
