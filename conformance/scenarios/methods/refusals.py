"""Methods in requests that are refused: HEAD, CONNECT and OPTIONS, and what follows them."""

from conformance.clauses import RFC9110, RFC9112, RFC9931
from conformance.judging.model import Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    in_step,
)

SCENARIOS = (
    *family(
        Scenario(
            id="methods.head-refused",
            title="A HEAD that is refused before it reaches the application",
            clause=RFC9110["9.3.2-1"],
            send=(
                b"HEAD <witness><query> HTTP/1.1\r\n"
                b"<value>"
                b"\r\n",
            ),
            # A server that need not refuse it answers as usual.
            accept=answers(SUCCESS, CLIENT_ERROR, 501) & in_step,
            # Content that is followed by the end of the connection cannot be taken for a response.
            tolerate=answers(CLIENT_ERROR, 501) & closes,
            control="basics.head",
            why="A parser that refuses a request still has to know that HEAD is answered without content.",
        ),
        {
            "no-host": {b"<query>": b"", b"<value>": b"X-Test: one\r\n"},
            "malformed-field": {b"<query>": b"", b"<value>": b"Host: <host>\r\nX Test: one\r\n"},
            "malformed-length": {b"<query>": b"", b"<value>": b"Host: <host>\r\nContent-Length: x\r\n"},
            "unknown-coding": {b"<query>": b"", b"<value>": b"Host: <host>\r\nTransfer-Encoding: xyz\r\n"},
            "long-target": {b"<query>": b"?a=" + b"a" * 100_000, b"<value>": b"Host: <host>\r\n"},
            "unknown-expectation": {b"<query>": b"", b"<value>": b"Host: <host>\r\nExpect: x-unheard-of\r\n"},
        },
    ),
    Scenario(
        id="methods.connect-without-host",
        title="CONNECT without Host",
        clause=RFC9112["3.2-6"],
        send=(
            b"CONNECT a.example:80 HTTP/1.1\r\n"
            b"X-Test: one\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        # Another refusal is one, too; only its reason is another.
        tolerate=answers(CLIENT_ERROR, 501),
        control="methods.connect",
        why="The rule makes no exception for a method; a tunnel for a malformed request helps an attacker.",
    ),
    Scenario(
        id="methods.options-asterisk-without-host",
        title="OPTIONS of the server as a whole, without Host",
        clause=RFC9112["3.2-6"],
        send=(
            b"OPTIONS * HTTP/1.1\r\n"
            b"X-Test: one\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        tolerate=answers(CLIENT_ERROR, 501),
        control="basics.get",
        why="The rule makes no exception for a target; a server answers for one host, and must know which.",
    ),
    *family(
        Scenario(
            id="methods.options-asterisk-and-more",
            title="OPTIONS of a target that only begins like the one for the server as a whole",
            clause=(RFC9112["3.2-1"], RFC9112["3.2.4-p1"]),
            send=(
                b"OPTIONS <value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(400, 301) & in_step,
            control="basics.get",
            why="A target of an asterisk and more has none of the four forms; servers that guess differ.",
        ),
        {"query": b"*?a=1", "letter": b"*x", "slash": b"*/"},
    ),
    *family(
        Scenario(
            id="methods.connect-with-body",
            title="CONNECT with a body that looks like a request",
            clause=(RFC9112["6-p1"], RFC9112["9.3-5"]),
            send=(
                b"CONNECT a.example:80 HTTP/1.1\r\n"
                b"Host: a.example:80\r\n"
                b"<value>",
            ),
            # A tunnel may begin. RFC 9110 leaves open what the octets after the head are (9.3.6).
            accept=answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR) & in_step,
            control="methods.connect",
            why="After a refusal there is no tunnel; what a client sent into it must not be carried out.",
        ),
        {
            "length": b"Content-Length: 41\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
            "chunked": (
                b"Transfer-Encoding: chunked\r\n\r\n"
                b"29\r\nGET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n\r\n0\r\n\r\n"
            ),
        },
    ),
    Scenario(
        id="methods.request-behind-connect",
        title="A request right after a CONNECT",
        clause=(RFC9931["8-p1"], RFC9931["8-1"]),
        send=(
            b"CONNECT a.example:80 HTTP/1.1\r\n"
            b"Host: a.example:80\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.1\r\n"
            b"Host: a.example\r\n"
            b"\r\n",
        ),
        accept=(answers(REDIRECTION, CLIENT_ERROR, SERVER_ERROR) & in_step & closes)
        | (answers(SUCCESS) & in_step),
        control="methods.connect",
        why="A client may send what it is told to send into the tunnel before it learns that there is none.",
    ),
)
