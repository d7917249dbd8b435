"""Lines of a head that end in the wrong place, before a whole request: a lenient reader sees two requests."""

from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    SERVER_ERROR,
    answers,
    closes,
    in_step,
    in_turn,
)
from conformance.judging.witness_outcomes import sees

_REFUSED = answers(400) & in_step & closes

SCENARIOS = (
    *family(
        Scenario(
            id="fields.end-of-head",
            title="A bare CR instead of the empty line of a head, then a whole request",
            clause=(RFC9112["2.2-4"], RFC9112["2.2-10"], RFC9112["9.3-5"]),
            send=(
                b"GET <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            # The clause wants the element taken for invalid, but names no status and no close.
            tolerate=answers(CLIENT_ERROR, SERVER_ERROR) & in_step,
            control="persistence.kept-open",
            risk=Risk.SMUGGLING,
            why="A filter that reads on sees one request where this server serves two.",
        ),
        {
            "cr-and-octet": b"\r\n\rX",
            "cr-alone": b"\r\n\r",
            "two-crs": b"\r\r",
            "cr-lf-cr-cr": b"\r\n\r\r",
        },
    ),
    *family(
        Scenario(
            id="fields.end-of-head",
            title="A line that is not quite empty at the end of a head, then a whole request",
            clause=(RFC9112["2.2-10"], RFC9112["9.3-5"]),
            send=(
                b"GET <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one<value>"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=_REFUSED,
            control="persistence.kept-open",
            risk=Risk.SMUGGLING,
            why="A filter that reads on sees one request where this server serves two.",
        ),
        {"nul-line": b"\r\n\0\r\n", "white-space-line": b"\r\n\x0b\r\n"},
    ),
    *family(
        Scenario(
            id="fields.bare-lf-before-the-empty-line",
            title="A head whose last field line ends in LF alone",
            clause=(RFC9112["2.2-10"], RFC9112["2.2-2"]),
            send=(
                b"<value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one\n"
                b"\r\n",
            ),
            accept=(answers(400) & closes) | (sees(fields={b"X-Test": b"one"}) & in_step),
            control="basics.field-as-understood",
            why="Serve it or refuse it, but do not leave it waiting for an end that has come.",
        ),
        {"of-a-get": b"GET <witness>", "of-a-head-without-body": b"DELETE <witness>"},
    ),
    *family(
        Scenario(
            id="fields.bare-cr-before-a-value",
            title="A bare CR before a value that has not begun",
            clause=RFC9112["2.2-4"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: <value>X-Decoy: two\r\n"
                b"X-Next: three\r\n"
                b"\r\n",
            ),
            accept=answers(400)
            | sees(fields={b"X-Test": b"X-Decoy: two", b"X-Decoy": None, b"X-Next": b"three"})
            | sees(fields={b"X-Test": b"xX-Decoy: two", b"X-Decoy": None, b"X-Next": b"three"}),
            control="basics.field-as-understood",
            risk=Risk.SMUGGLING,
            why="A reader that ends a line at CR, or skips the CR, sees fields that others do not see.",
        ),
        {"cr": b"\r", "cr-and-octet": b"\rx"},
    ),
    *family(
        Scenario(
            id="fields.bare-cr-within",
            title="A bare CR and an octet within a value, before text that reads as a field line",
            clause=RFC9112["2.2-4"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one<value>X-Decoy: two\r\n"
                b"X-Next: three\r\n"
                b"\r\n",
            ),
            # With SP for the CR, and for a NUL, all of it is the value.
            accept=answers(400)
            | sees(fields={b"X-Test": b"one xX-Decoy: two", b"X-Decoy": None, b"X-Next": b"three"})
            | sees(fields={b"X-Test": b"one  X-Decoy: two", b"X-Decoy": None, b"X-Next": b"three"}),
            control="basics.field-as-understood",
            risk=Risk.SMUGGLING,
            why="A reader that ends a line at CR sees fields that others do not see.",
        ),
        {"cr-and-octet": b"\rx", "two-crs": b"\r\r", "cr-and-space": b"\r ", "cr-and-nul": b"\r\0"},
    ),
    Scenario(
        id="fields.bare-cr-in-a-name",
        title="A bare CR within a field name",
        clause=(RFC9112["2.2-4"], RFC9112["5.1-1"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-De\rcoy: one\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        tolerate=answers(CLIENT_ERROR, SERVER_ERROR),
        control="basics.get",
        risk=Risk.SMUGGLING,
        why="One reader joins the name, another cuts it, and a third reads two lines.",
    ),
    *family(
        Scenario(
            id="fields.name-cut-at-nul",
            title="A NUL within the name of a field that decides what a request means",
            clause=(RFC9112["2.2-10"], RFC9112["9.6-4"]),
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>\r\n"
                b"\r\n",
            ),
            accept=answers(400) & closes,
            control="basics.get",
            risk=Risk.SMUGGLING,
            why="A C string ends at the NUL, other strings do not; so two recipients see different fields.",
        ),
        {
            "connection": b"Connection\0X: close",
            "another-host": b"Host\0: other.example",
            "credentials": b"Authorization\0: Basic Og==",
        },
    ),
    Scenario(
        id="fields.body-behind-a-bare-cr",
        title="A head that ends in CR LF CR and the first octet of a body",
        clause=(RFC9112["2.2-4"], RFC9112["9.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\rX"
            b"hello"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_REFUSED,
        tolerate=answers(CLIENT_ERROR, SERVER_ERROR) & in_step,
        control="basics.post-answered",
        risk=Risk.SMUGGLING,
        why="A filter that reads on sees one request where this server serves two.",
    ),
    Scenario(
        id="fields.bare-lf-before-a-body",
        title="A head whose last field line ends in LF alone, with a body and a GET after it",
        clause=(RFC9110["5.5-4"], RFC9112["2.2-2"], RFC9112["9.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\n"
            b"\r\n"
            b"hello"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_REFUSED
        | in_turn(sees(method=b"POST", body=b"hello"), sees(target=b"<witness>?n=1", body=b"")),
        control="pipelining.get-after-post",
        why="A server that ends the head one octet too early or too late reads another body.",
    ),
    Scenario(
        id="fields.charset-that-does-not-exist",
        title="A Content-Type with a charset that does not exist",
        clause=RFC9110["2.3-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: text/plain; charset=nonsense-8\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(body=b"hello") | answers(CLIENT_ERROR),
        control="basics.post",
        why="Anyone can send this; looking up the name of a charset must not cause a server error.",
    ),
)
