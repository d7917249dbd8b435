"""Field lines: malformed ones that must be refused, odd ones that must be understood."""

from clients.steps import PAUSE
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import CLIENT_ERROR, answers, closes, waits
from conformance.judging.witness_outcomes import sees

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
            risk=Risk.SMUGGLING,
            why="Readers that disagree on the name of a field disagree on what it does, framing included.",
        ),
        {"space": b" ", "tab": b"\t", "two-spaces": b"  "},
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
        control="basics.post-answered",
        risk=Risk.SMUGGLING,
        why="A length that one reader sees and another does not lets requests be smuggled.",
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
            # A fold becomes one or more SP: one for all of it, or one for each of its octets.
            accept=answers(400)
            | sees(fields={b"X-Test": b"one two"})
            | sees(fields={b"X-Test": b"one  two"})
            | sees(fields={b"X-Test": b"one   two"}),
            # A tab that is kept from the fold is not SP, but means the same.
            tolerate=sees(fields={b"X-Test": b"one\ttwo"}),
            control="basics.field-as-understood",
            why="A folded line that is read as a separate field lets a client hide fields from a filter.",
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
        accept=answers(400)
        | sees(fields={b"X-Test": b"one X-Decoy: two", b"X-Decoy": None})
        | sees(fields={b"X-Test": b"one  X-Decoy: two", b"X-Decoy": None})
        | sees(fields={b"X-Test": b"one   X-Decoy: two", b"X-Decoy": None}),
        control="basics.field-as-understood",
        why="A folded line that is read as a separate field lets a client hide fields from a filter.",
    ),
    *family(
        Scenario(
            id="fields.malformed-line",
            title="A line that is not a valid field line",
            clause=RFC9112["2.2-10"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>\r\n"
                b"\r\n",
            ),
            accept=answers(400) & closes,
            control="basics.get",
            risk=Risk.SMUGGLING,
            why="Some readers skip such a line, some repair it, and then they disagree about the request.",
        ),
        {
            "no-colon": b"X-Test",
            "empty-name": b": one",
            "space-in-name": b"X Test: one",
            "parenthesis-in-name": b"X(Test: one",
            "slash-in-name": b"X/Test: one",
            "control-in-name": b"X\x01Test: one",
            "above-ascii-in-name": b"X\xe9Test: one",
            "at-sign-in-name": b"X@Test: one",
            "comma-in-name": b"X,Test: one",
            "semicolon-in-name": b"X;Test: one",
            "quote-in-name": b'X"Test: one',
            "bracket-in-name": b"X[Test]: one",
            "equals-sign-for-colon": b"X-Test=one",
            "nul-in-name": b"X\x00Test: one",
            "vertical-tab-behind-name": b"X-Test\x0b: one",
            "delete-in-name": b"X\x7fTest: one",
            "no-break-space-in-name": b"X-Test\xa0: one",
        },
        without_risk=(
            "parenthesis-in-name", "slash-in-name", "above-ascii-in-name", "at-sign-in-name",
            "comma-in-name", "semicolon-in-name", "quote-in-name", "bracket-in-name",
            "equals-sign-for-colon", "delete-in-name",
        ),
    ),
    *family(
        Scenario(
            id="fields.value",
            title="A character that is not allowed in a field value",
            clause=RFC9110["5.5-4"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one<value>two\r\n"
                b"\r\n",
            ),
            accept=answers(400) | sees(fields={b"X-Test": b"one two"}),
            control="basics.field-as-understood",
            why="A CR or NUL that reaches the application ends a line or a string where the value is used.",
        ),
        {"nul": b"\x00", "bare-cr": b"\r"},
    ),
    Scenario(
        id="fields.bare-cr-like-a-field",
        title="A bare CR before text that reads as a field line",
        clause=RFC9112["2.2-4"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\rX-Decoy: two\r\n"
            b"\r\n",
        ),
        accept=answers(400) | sees(fields={b"X-Test": b"one X-Decoy: two", b"X-Decoy": None}),
        control="basics.field-as-understood",
        risk=Risk.SMUGGLING,
        why="A reader that ends a line at CR sees fields that others do not see.",
    ),
    Scenario(
        id="fields.bare-lf",
        title="A field line that ends in a bare LF",
        clause=(RFC9110["5.5-4"], RFC9112["2.2-2"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\n"
            b"X-Next: two\r\n"
            b"\r\n",
        ),
        accept=answers(400)
        | sees(fields={b"X-Test": b"one", b"X-Next": b"two"})
        | sees(fields={b"X-Test": b"one X-Next: two", b"X-Next": None}),
        control="basics.field-as-understood",
        why="A bare LF may end the line, be read as a space or be refused, but not stay in a value.",
    ),
    Scenario(
        id="fields.above-ascii",
        title="Non-ASCII octets in a field value",
        clause=RFC9110["5.5-3"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: caf\xe9 \xc3\xa9\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"X-Test": b"caf\xe9 \xc3\xa9"}),
        control="basics.field-as-understood",
        why="Such octets are opaque data; refusing them breaks clients and applications that use them.",
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
            control="basics.field-as-understood",
            why="White space around a value is not part of it; comparisons fail if it is kept.",
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
        why="Field names are case-insensitive, including those that frame a message.",
    ),
    Scenario(
        id="fields.repeated",
        title="Two lines of the same field",
        clause=(RFC9110["5.2-p1"], RFC9110["5.3-1"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\r\n"
            b"X-Other: between\r\n"
            b"X-Test: two\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"X-Test": b"one, two"}),
        control="basics.field-as-understood",
        why="Repeated lines form one list, in order; a server that drops one loses its value.",
    ),
    Scenario(
        id="fields.unknown",
        title="An unknown field",
        clause=RFC9110["5.1-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-!#$%&'*+-.^_`|~: one\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"X-!#$%&'*+-.^_`|~": b"one"}),
        control="basics.field-as-understood",
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
        control="basics.field-as-understood",
        why="Silently dropping a field that is too large changes the meaning of the request.",
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
        control="basics.field-as-understood",
        why="A server that acts on a request before its last field has come acts without that field.",
    ),
    *family(
        Scenario(
            id="fields.not-a-line-end",
            title="Octets that end a line in text, but not in HTTP",
            clause=RFC9112["2.2-1"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one<value>X-Decoy: two\r\n"
                b"X-Next: three\r\n"
                b"\r\n",
            ),
            accept=answers(400) | sees(fields={b"X-Decoy": None, b"X-Next": b"three"}),
            control="basics.field-as-understood",
            risk=Risk.SMUGGLING,
            why="A reader that splits decoded text into lines sees fields that others do not see.",
        ),
        {
            "vertical-tab": b"\x0b",
            "form-feed": b"\x0c",
            "file-separator": b"\x1c",
            "record-separator": b"\x1e",
            "next-line": b"\x85",
            "next-line-in-utf-8": b"\xc2\x85",
            "line-separator": b"\xe2\x80\xa8",
            "cut-to-cr-lf": b"\xc4\x8d\xc4\x8a",
            "overlong-cr-lf": b"\xc0\x8d\xc0\x8a",
        },
    ),
    *family(
        Scenario(
            id="fields.malformed-utf-8-before-line-end",
            title="A character whose last octets are cut off by the end of the line",
            clause=RFC9112["2.2-1"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one<value>\r\n"
                b"X-Next: two\r\n"
                b"\r\n",
            ),
            accept=answers(400) | sees(fields={b"X-Next": b"two"}),
            control="basics.field-as-understood",
            why="A decoder that takes CR and LF for the rest of the character joins two lines.",
        ),
        {"of-two": b"\xc3", "of-three": b"\xe2\x80", "of-four": b"\xf0\x9f", "shift-jis": b"\x82"},
    ),
    *family(
        Scenario(
            id="fields.kept-octets",
            title="Non-ASCII octets at both ends of a value",
            clause=(RFC9110["5.5-3"], RFC9110["5.5-1"]),
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: <value>one<value>\r\n"
                b"\r\n",
            ),
            accept=sees(fields={b"X-Test": b"\xa0one\xa0"}) | sees(fields={b"X-Test": b"\x85one\x85"}),
            control="basics.field-as-understood",
            why="Only spaces and tabs are white space here; any other octet belongs to the value.",
        ),
        {"no-break-space": b"\xa0", "next-line": b"\x85"},
    ),
    *family(
        Scenario(
            id="fields.control",
            title="A control character in a field value",
            clause=RFC9110["5.5-5"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one<value>\r\n"
                b"X-Next: two\r\n"
                b"\r\n",
            ),
            accept=answers(400) | sees(fields={b"X-Next": b"two"}),
            control="basics.field-as-understood",
            why="It is invalid; a server may refuse it, or pass it on where that is safe.",
        ),
        {"start-of-heading": b"\x01", "backspace": b"\x08", "escape": b"\x1b", "delete": b"\x7f"},
    ),
    *family(
        Scenario(
            id="fields.empty-value",
            title="A field with an empty value",
            clause=(RFC9112["5-p1"], RFC9110["5.5-1"]),
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test:<value>\r\n"
                b"X-Next: two\r\n"
                b"\r\n",
            ),
            accept=sees(fields={b"X-Test": b"", b"X-Next": b"two"}),
            control="basics.field-as-understood",
            why="An empty value is a value; leaving the field out means something else.",
        ),
        {"nothing": b"", "space": b" ", "spaces-and-tabs": b" \t \t"},
    ),
    Scenario(
        id="fields.colons-in-value",
        title="Colons in a field value",
        clause=RFC9112["5-p1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test::one: two:\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"X-Test": b":one: two:"}),
        control="basics.field-as-understood",
        why="The first colon ends the name; values such as times and addresses contain more.",
    ),
    Scenario(
        id="fields.quoted-string",
        title="A quoted string in a field value",
        clause=RFC9110["5.6.4-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b'X-Test: "one \\" ; two\\\\": three\r\n'
            b"X-Next: two\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"X-Test": b'"one \\" ; two\\\\": three', b"X-Next": b"two"}),
        control="basics.field-as-understood",
        why="Each field defines what quotes mean; a server that changes them changes the value.",
    ),
    Scenario(
        id="fields.underscore",
        title="Two field names that differ only in a hyphen and an underscore",
        clause=RFC9110["17.10-p1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\r\n"
            b"X_Test: two\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"X-Test": b"one"}) | answers(400),
        control="basics.field-as-understood",
        risk=Risk.ROUTING,
        why="If both become one name, a client can set fields that only a proxy in front should set.",
    ),
    *family(
        Scenario(
            id="fields.underscore-framing",
            title="A field that looks like a framing field, with an underscore",
            clause=(RFC9110["5.1-2"], RFC9110["17.10-p1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: <length>\r\n"
                b"<value>\r\n"
                b"\r\n"
                b"5\r\nhello\r\n"
                b"0\r\n\r\n",
            ),
            accept=sees(body=b"5\r\nhello\r\n0\r\n\r\n") | answers(400),
            control="basics.post",
            risk=Risk.SMUGGLING,
            why="It is a different field; a server that frames by it reads a different body.",
        ),
        {"length": b"Content_Length: 1", "coding": b"Transfer_Encoding: chunked"},
    ),
    Scenario(
        id="fields.folded-blank-line",
        title="A folded line that is only white space",
        clause=RFC9112["5.2-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\r\n"
            b" \r\n"
            b"X-Next: two\r\n"
            b"\r\n",
        ),
        accept=answers(400) | sees(fields={b"X-Test": b"one", b"X-Next": b"two"}),
        # White space left at the end of a value breaks another rule, which another scenario tests.
        tolerate=sees(fields={b"X-Test": b"one ", b"X-Next": b"two"}),
        control="basics.field-as-understood",
        why="If it is taken for the empty line, the fields after it become a body or a request.",
    ),
    Scenario(
        id="fields.folded-content-length",
        title="A folded Content-Length",
        clause=RFC9112["5.2-2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length:\r\n"
            b" 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=answers(400) | sees(body=b"hello"),
        control="basics.post",
        risk=Risk.SMUGGLING,
        why="A length that one reader sees and another does not lets requests be smuggled.",
    ),
    Scenario(
        id="fields.transfer-encoding-before-colon",
        title="White space between Transfer-Encoding and its colon",
        clause=RFC9112["5.1-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding : chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(400),
        control="chunked.post-answered",
        risk=Risk.SMUGGLING,
        why="A coding that one reader sees and another does not lets requests be smuggled.",
    ),
    Scenario(
        id="fields.bare-lf-ends-the-head",
        title="A head whose empty line is a bare LF",
        clause=RFC9112["2.2-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\n"
            b"\n",
        ),
        accept=answers(400) | sees(fields={b"X-Test": b"one"}),
        control="basics.field-as-understood",
        why="It may end the head or be refused, but the server must not wait for more.",
    ),
    Scenario(
        id="fields.two-crs-before-lf",
        title="A field line that ends in CR CR LF",
        clause=RFC9112["2.2-4"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\r\r\n"
            b"X-Next: two\r\n"
            b"\r\n",
        ),
        accept=answers(400) | sees(fields={b"X-Test": b"one", b"X-Next": b"two"}),
        control="basics.field-as-understood",
        risk=Risk.SMUGGLING,
        why="The first CR is a bare CR; passed on, it ends a line wherever the value is used.",
    ),
)
