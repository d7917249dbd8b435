"""Content-Length: malformed, contradictory and oversized values, and odd ones that are valid."""

from clients.steps import HALF_CLOSE, PAUSE
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.deviations import does_not_close, out_of_step
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    falls_silent,
    hangs_up,
    in_step,
    in_turn,
    waits,
)
from conformance.judging.witness_outcomes import sees

# The application decides whether it serves the method at all.
_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)

_ERRORS = answers(CLIENT_ERROR, SERVER_ERROR)
_REFUSED = _ERRORS & in_step & closes

# A response that is followed by more than its Content-Length says is wrong, but the request was refused.
_MORE_THAN_A_REFUSAL = (
    Breach(out_of_step(), RFC9112["6.3-5"], Risk.SMUGGLING),
    Breach(answers(400) & closes, RFC9110["15-p2"]),
)

SCENARIOS = (
    *family(
        Scenario(
            id="content-length.oversized",
            title="A Content-Length far larger than the body sent",
            clause=RFC9110["8.6-10"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: <value>\r\n"
                b"\r\n"
                b"hello",
                PAUSE,
                HALF_CLOSE,
            ),
            accept=_ERRORS | (waits & hangs_up),
            tolerate=waits & falls_silent,
            # Who waits has read the number. What is made of the end of the body is another matter.
            breaches=(
                Breach(waits & closes, RFC9112["8-1"]),
                Breach(waits & does_not_close, RFC9112["6.3-8"]),
            ),
            control="basics.post-answered",
            risk=Risk.SMUGGLING,
            why="If the number wraps around to 5, the body ends early and the rest is a smuggled request.",
        ),
        {
            "two-to-the-31-less-one": b"2147483647",
            "two-to-the-31": b"2147483648",
            "two-to-the-32-less-one": b"4294967295",
            "two-to-the-32": b"4294967296",
            "two-to-the-32-and-5": b"4294967301",
            "two-to-the-63-less-one": b"9223372036854775807",
            "two-to-the-63": b"9223372036854775808",
            "two-to-the-64-less-one": b"18446744073709551615",
            "two-to-the-64": b"18446744073709551616",
            "two-to-the-64-and-5": b"18446744073709551621",
            "thirty-digits": b"100000000000000000000000000005",
            "hundred-digits": b"9" * 100,
            "five-thousand-digits": b"9" * 5000,
        },
    ),
    *family(
        Scenario(
            id="content-length.malformed",
            title="A Content-Length that is not a number",
            clause=(RFC9112["6.3-5"], RFC9110["8.6-p1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: <value>\r\n"
                b"\r\n"
                b"hello",
            ),
            accept=answers(400) & closes,
            control="basics.post-answered",
            risk=Risk.SMUGGLING,
            why="Readers that interpret the length differently find the next request in different places.",
        ),
        {
            "plus": b"+5",
            "minus": b"-5",
            "hexadecimal": b"0x5",
            "two-numbers": b"5 5",
            "fraction": b"5.0",
            "underscore": b"0_5",
            "unequal-list": b"5, 6",
            "octal": b"0o5",
            "letters-behind": b"5a",
            "exponent": b"5e0",
            "quoted": b'"5"',
            "semicolon": b"5;",
            "vertical-tab-before": b"\x0b5",
            "form-feed-behind": b"5\x0c",
            "no-break-space-before": b"\xa05",
            "list-with-letters": b"5, five",
        },
    ),
    *family(
        Scenario(
            id="content-length.malformed",
            title="A Content-Length that is not a number, and that may be taken for zero, then a GET",
            clause=(RFC9112["6.3-5"], RFC9110["8.6-p1"], RFC9112["9.6-8"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: <value>\r\n"
                b"\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(400) & in_step & closes,
            breaches=_MORE_THAN_A_REFUSAL,
            control="basics.post-answered",
            risk=Risk.SMUGGLING,
            why="Readers that interpret the length differently find the next request in different places.",
        ),
        {
            "letters": b"five",
            "empty": b"",
            "superscript": b"\xb2",
            "minus-nothing": b"-0",
            "plus-nothing": b"+0",
            "fraction-of-nothing": b"0.0",
        },
    ),
    *family(
        Scenario(
            id="content-length.zero-and-another",
            title="A Content-Length of zero and another one, with a body that looks like a request",
            clause=(RFC9112["6.3-5"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>\r\n"
                b"\r\n"
                b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(400) & in_step & closes,
            breaches=_MORE_THAN_A_REFUSAL,
            control="basics.post-answered",
            risk=Risk.SMUGGLING,
            why="Whichever of the two a filter believes, the other one makes a request of a body.",
        ),
        {
            "first": b"Content-Length: 0\r\nX-Test: between\r\nX-Other: between\r\nContent-Length: 41",
            "last": b"Content-Length: 41\r\nX-Test: between\r\nX-Other: between\r\nContent-Length: 0",
            "in-a-list": b"Content-Length: 0, 41",
            "in-another-case": b"Content-Length: 0\r\nX-Test: between\r\ncontent-length: 41",
        },
    ),
    *family(
        Scenario(
            id="content-length.empty-member",
            title="A Content-Length with a stray comma",
            clause=(RFC9112["6.3-5"], RFC9110["5.6.1.2-1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: <value>\r\n"
                b"\r\n"
                b"hello",
            ),
            accept=(answers(400) & closes) | (sees(body=b"hello") & in_step),
            control="basics.post",
            risk=Risk.SMUGGLING,
            why="It may be refused or read as a list of one; a server that does neither misreads the body.",
        ),
        {"behind": b"5,", "before": b",5"},
    ),
    *family(
        Scenario(
            id="content-length.malformed-empty-line",
            title="A Content-Length beside one without a value",
            clause=(RFC9112["6.3-5"], RFC9112["6.3-4"], RFC9110["5.6.1.2-1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length:<value>\r\n"
                b"\r\n"
                b"hello",
            ),
            # Two lines are one list, and an empty member of a list does not count.
            accept=(answers(400) & closes) | (sees(body=b"hello") & in_step),
            tolerate=_REFUSED,
            control="basics.post-answered",
            risk=Risk.SMUGGLING,
            why="It may be refused or read as a list of one; a server that does neither misreads the body.",
        ),
        {"before": b" \r\nContent-Length: 5", "behind": b" 5\r\nContent-Length:"},
    ),
    *family(
        Scenario(
            id="content-length.nul",
            title="A NUL next to a Content-Length",
            clause=(RFC9110["5.5-4"], RFC9112["6.3-5"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: <value>\r\n"
                b"\r\n"
                b"hello",
            ),
            # If the server replaces the NUL by SP, as the clause allows, it is white space around the value.
            accept=(answers(CLIENT_ERROR) & closes) | (sees(body=b"hello") & in_step),
            breaches=(Breach(_ERRORS, RFC9112["6.3-5"]),),
            control="basics.post",
            risk=Risk.SMUGGLING,
            why="A C string ends at the NUL, other strings do not; so two recipients disagree on the body.",
        ),
        {"behind": b"5\0", "before": b"\x005"},
    ),
    Scenario(
        id="content-length.nul-before-more-digits",
        title="A NUL within a Content-Length, then a GET",
        clause=(RFC9110["5.5-4"], RFC9112["6.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\x000\r\n"
            b"\r\n"
            b"hello"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        # With SP for the NUL it is two numbers, which are no length.
        accept=answers(CLIENT_ERROR) & in_step & closes,
        breaches=(Breach(_ERRORS & does_not_close, RFC9112["6.3-5"]),),
        control="basics.post-answered",
        risk=Risk.SMUGGLING,
        why="A C string ends at the NUL, other strings do not; so two recipients disagree on the body.",
    ),
    Scenario(
        id="content-length.thirty-zeros",
        title="A Content-Length with thirty zeros before it",
        clause=(RFC9110["8.6-10"], RFC9110["8.6-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 0000000000000000000000000000005\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(body=b"hello") & in_step,
        tolerate=_REFUSED,
        control="basics.post",
        risk=Risk.SMUGGLING,
        why="Zeros do not make a number large; a server that counts digits refuses or misreads the body.",
    ),
    *family(
        Scenario(
            id="content-length.field-like",
            title="A field whose name only resembles Content-Length, then a GET",
            clause=(RFC9112["6.3-p4"], RFC9110["5.1-2"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"<value>: 41\r\n"
                b"\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(
                sees(method=b"POST", body=b"") | answers(411), sees(target=b"<witness>?n=1", body=b"")
            )
            | (answers(411) & in_step & closes),
            tolerate=_REFUSED,
            control="pipelining.get-after-bodiless-post",
            risk=Risk.SMUGGLING,
            why="It is another field; a server that takes it for the length swallows the next request.",
        ),
        {
            "prefix": b"X-Content-Length",
            "plural": b"Content-Lengths",
            "no-hyphen": b"ContentLength",
            "suffix": b"Content-Length-X",
        },
    ),
    Scenario(
        id="content-length.hidden-behind-lf",
        title="A Content-Length after a bare LF in another field, with a body that looks like a request",
        clause=(RFC9110["5.5-4"], RFC9112["2.2-2"], RFC9112["9.3-5"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\nContent-Length: 41\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        # The LF may be refused or taken for a line end; as a part of the value it becomes SP.
        accept=(answers(400) & in_step & closes)
        | in_turn(
            sees(body=b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"),
            sees(target=b"<witness>?n=1", body=b""),
        )
        | in_turn(
            sees(fields={b"X-Test": b"one Content-Length: 41"}, body=b""),
            _ANSWERS,
            sees(target=b"<witness>?n=1", body=b""),
        ),
        control="pipelining.body-like-a-request",
        risk=Risk.SMUGGLING,
        why="A length that one reader sees and another does not lets requests be smuggled.",
    ),
    *family(
        Scenario(
            id="content-length.hidden-behind",
            title="A Content-Length after a bare CR in another field, with a body that looks like a request",
            clause=(RFC9112["2.2-4"], RFC9112["9.3-5"]),
            send=(
                b"POST <witness>?n=0 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"X-Test: one<value>Content-Length: 41\r\n"
                b"\r\n"
                b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n"
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            # With SP for the CR there is no length, and so what follows is two requests.
            accept=(answers(400) & in_step & closes)
            | in_turn(
                sees(method=b"POST", body=b"", fields={b"Content-Length": None}),
                _ANSWERS,
                sees(target=b"<witness>?n=1", body=b""),
            )
            | in_turn(
                sees(method=b"POST", body=b"", fields={b"Content-Length": None}), answers(CLIENT_ERROR)
            ),
            control="pipelining.body-like-a-request",
            risk=Risk.SMUGGLING,
            why="A length that one reader sees and another does not lets requests be smuggled.",
        ),
        {"cr": b"\r", "cr-and-octet": b"\rX"},
    ),
    Scenario(
        id="content-length.unequal-lines",
        title="Two Content-Length lines that differ",
        clause=RFC9112["6.3-5"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Content-Length: 6\r\n"
            b"\r\n"
            b"hello!",
        ),
        accept=answers(400) & closes,
        control="basics.post-answered",
        risk=Risk.SMUGGLING,
        why="Two readers that choose different lengths disagree on where the next request starts.",
    ),
    *family(
        Scenario(
            id="content-length.equal",
            title="The same Content-Length twice",
            clause=(RFC9112["6.3-4"], RFC9110["8.6-13"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: <value>\r\n"
                b"\r\n"
                b"hello",
            ),
            accept=(answers(400) & closes) | (sees(body=b"hello") & in_step),
            tolerate=_ERRORS & in_step,
            control="basics.post",
            risk=Risk.SMUGGLING,
            why="It may be refused or read as one number; a server that does neither misreads the body.",
        ),
        {"list": b"5, 5", "lines": b"5\r\nContent-Length: 5", "list-of-three": b"5,5,5"},
    ),
    Scenario(
        id="content-length.leading-zeros",
        title="A Content-Length with leading zeros",
        clause=RFC9110["8.6-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 0000000011\r\n"
            b"\r\n"
            b"hello world",
        ),
        accept=sees(body=b"hello world") & in_step,
        tolerate=_REFUSED,
        control="basics.post",
        risk=Risk.SMUGGLING,
        why="It is still a decimal number; read as an octal one, it cuts the body short.",
    ),
    Scenario(
        id="content-length.two-zeros",
        title="Content-Length: 00, then a pipelined GET",
        clause=(RFC9110["8.6-p1"], RFC9112["6.3-p3"]),
        send=(
            b"POST <witness>?n=0 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 00\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(method=b"POST", body=b""), sees(target=b"<witness>?n=1", body=b"")),
        tolerate=_REFUSED,
        control="pipelining.get-after-post",
        risk=Risk.SMUGGLING,
        why="It is still zero; a server that reads another number takes the next request for the body.",
    ),
)
