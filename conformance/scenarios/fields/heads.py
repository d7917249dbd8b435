"""Heads as a whole: lines that begin or break in the wrong place, and the fields that result."""

from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Risk, Scenario, family
from conformance.judging.outcomes import answers, closes
from conformance.judging.witness_outcomes import sees

_NUMBERS = tuple(b"%d" % number for number in range(30))

SCENARIOS = (
    *family(
        Scenario(
            id="fields.odd-begin-of-line",
            title="A field line that begins with white space other than SP and HTAB",
            clause=RFC9112["2.2-10"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one\r\n"
                b"<value>X-Decoy: two\r\n"
                b"\r\n",
            ),
            accept=answers(400) & closes,
            control="basics.get",
            risk=Risk.SMUGGLING,
            why="Some readers take it for a continued line, others for a field; both are wrong.",
        ),
        {"form-feed": b"\x0c", "vertical-tab": b"\x0b", "no-break-space": b"\xa0"},
    ),
    Scenario(
        id="fields.bare-cr-begins-a-line",
        title="A bare CR at the beginning of a field line",
        clause=RFC9112["2.2-4"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\r\n"
            b"\rX-Decoy: two\r\n"
            b"\r\n",
        ),
        # With SP in place of the CR, the line is a folded one, which may be refused or unfolded.
        accept=answers(400)
        | sees(fields={b"X-Test": b"one X-Decoy: two", b"X-Decoy": None})
        | sees(fields={b"X-Test": b"one  X-Decoy: two", b"X-Decoy": None})
        | sees(fields={b"X-Test": b"one   X-Decoy: two", b"X-Decoy": None}),
        control="basics.field-as-understood",
        risk=Risk.SMUGGLING,
        why="A reader that takes CR LF CR for the end of the head reads the rest as a body or a request.",
    ),
    *family(
        Scenario(
            id="fields.broken-name",
            title="A field name that is broken in two",
            clause=RFC9112["2.2-10"],
            send=(
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-De<value>coy: one\r\n"
                b"\r\n",
            ),
            accept=answers(400) & closes,
            control="basics.get",
            risk=Risk.SMUGGLING,
            why="One reader joins the name and another cuts it, so they see different fields.",
        ),
        {"tab": b"\t", "line-end": b"\r\n", "line-end-and-space": b"\r\n "},
    ),
    Scenario(
        id="fields.folded-many-times",
        title="A value folded over thirty lines",
        clause=RFC9112["5.2-2"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: " + b"\r\n ".join(_NUMBERS) + b"\r\n"
            b"X-Next: two\r\n"
            b"\r\n",
        ),
        # A fold becomes one or more SP: one for all of it, or one for each of its octets.
        accept=answers(400)
        | sees(fields={b"X-Test": b" ".join(_NUMBERS), b"X-Next": b"two"})
        | sees(fields={b"X-Test": b"  ".join(_NUMBERS), b"X-Next": b"two"})
        | sees(fields={b"X-Test": b"   ".join(_NUMBERS), b"X-Next": b"two"}),
        control="basics.field-as-understood",
        why="Certificates used to be passed this way; a value that loses a line is a different value.",
    ),
    Scenario(
        id="fields.content-type-of-nothing",
        title="A GET with a meaningless Content-Type and no content",
        clause=RFC9110["2.3-1"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: ;;=/;\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>?n=1", body=b"") | answers(400, 415),
        control="basics.target-as-understood",
        why="An unused field must not make a request fail with a server error.",
    ),
)
