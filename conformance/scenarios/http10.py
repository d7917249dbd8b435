"""HTTP/1.0 requests: what an old client understands, and when its connection ends."""

from clients.steps import PAUSE
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
    content_size,
    falls_silent,
    has_field,
    in_step,
    in_turn,
    lacks_field,
    no_answer,
    no_interim,
    stays_open,
    version,
)
from conformance.judging.witness_outcomes import sees

_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)
_ERRORS = answers(CLIENT_ERROR, SERVER_ERROR)

# The rule of persistence: unless the client asks for it, and is told so, an HTTP/1.0 connection ends.
_NOT_CLOSED = Breach(_ANSWERS & in_step & does_not_close, RFC9112["9.3-p2"])

SCENARIOS = (
    Scenario(
        id="http10.get-answered",
        title="An HTTP/1.0 GET, as the client sees it",
        clause=RFC9110["6.2-4"],
        send=(
            b"GET <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS),
        control="basics.get",
        why="Old clients and simple health checks still send HTTP/1.0.",
    ),
    Scenario(
        id="http10.get",
        title="An HTTP/1.0 GET",
        clause=RFC9112["9.3-p2"],
        send=(
            b"GET <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & closes,
        breaches=(Breach(_ERRORS & closes, RFC9110["6.2-4"]),),
        control="persistence.kept-open",
        why="An HTTP/1.0 client takes the close as the end of the response, and waits for it.",
    ),
    Scenario(
        id="http10.post-answered",
        title="An HTTP/1.0 POST, as the client sees it",
        clause=RFC9110["9.1-2"],
        send=(
            b"POST <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=answers(SUCCESS),
        control="http10.get-answered",
        why="Without a resource that takes content, nothing can be said about how a server reads it.",
    ),
    Scenario(
        id="http10.post",
        title="An HTTP/1.0 POST",
        clause=RFC9112["6.3-p3"],
        send=(
            b"POST <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(method=b"POST", version=b"HTTP/1.0", body=b"hello") & closes,
        breaches=(Breach(sees(body=b"hello") & does_not_close, RFC9112["9.3-p2"]),),
        control="http10.post-answered",
        why="Content-Length delimits a body in HTTP/1.0 too.",
    ),
    Scenario(
        id="http10.version-of-the-answer",
        title="The version in the response to an HTTP/1.0 request",
        clause=RFC9110["6.2-4"],
        send=(
            b"GET <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & version(b"HTTP/1.1"),
        control="http10.get-answered",
        why="The version in a response says what the server supports, not what the client asked with.",
    ),
    Scenario(
        id="http10.without-host",
        title="HTTP/1.0 without Host",
        clause=RFC9112["3.3-p2"],
        send=(
            b"GET <witness> HTTP/1.0\r\n"
            b"\r\n",
        ),
        accept=(sees(method=b"GET", fields={b"Host": None}) | answers(REDIRECTION, CLIENT_ERROR)) & closes,
        breaches=(_NOT_CLOSED,),
        control="http10.get-answered",
        why="HTTP/1.0 does not require Host; health checks of old load balancers omit it.",
    ),
    Scenario(
        id="http10.keep-alive",
        title="HTTP/1.0 with Connection: keep-alive",
        clause=RFC9112["9.3-p2"],
        send=(
            b"GET <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Connection: keep-alive\r\n"
            b"\r\n",
        ),
        accept=sees(version=b"HTTP/1.0") & (closes | (has_field(b"Connection", b"keep-alive") & stays_open)),
        control="http10.get-answered",
        why="Unless the response says keep-alive, the client waits for a close that does not come.",
    ),
    Scenario(
        id="http10.second-request",
        title="A second HTTP/1.0 request after one without keep-alive",
        clause=RFC9112["9.3-p2"],
        send=(
            b"GET <witness>?n=1 HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=2 HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & in_step & closes,
        control="http10.get",
        why="Without keep-alive, an HTTP/1.0 request is the last one on its connection.",
    ),
    Scenario(
        id="http10.no-chunked-answer",
        title="A response of unknown length to HTTP/1.0",
        clause=RFC9112["6.1-11"],
        send=(
            b"GET <stream>?parts=3&size=10 HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & lacks_field(b"Transfer-Encoding") & content_size(30) & closes,
        # Where a response comes without the field, its length or its end is what is wrong.
        breaches=(
            Breach(lacks_field(b"Transfer-Encoding") & does_not_close, RFC9112["9.3-p2"]),
            Breach(lacks_field(b"Transfer-Encoding") | falls_silent, RFC9112["6.3-p5"]),
        ),
        control="http10.get-answered",
        risk=Risk.SPLITTING,
        why="An HTTP/1.0 client takes chunk sizes for content.",
    ),
    Scenario(
        id="http10.transfer-encoding",
        title="Transfer-Encoding in HTTP/1.0",
        clause=RFC9112["6.1-14"],
        send=(
            b"POST <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Connection: keep-alive\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=_ANSWERS & in_step & closes,
        control="persistence.kept-open",
        risk=Risk.SMUGGLING,
        why="An HTTP/1.0 proxy forwards the field without understanding it; only a close is safe.",
    ),
    Scenario(
        id="http10.expect",
        title="Expect: 100-continue in HTTP/1.0",
        clause=RFC9110["10.1.1-7"],
        send=(
            b"POST <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            PAUSE,
            b"hello",
        ),
        accept=no_interim & sees(body=b"hello"),
        # The body may come too late for the application, or be lost, with the expectation ignored.
        breaches=(
            Breach(no_interim & (answers(SUCCESS, SERVER_ERROR) | falls_silent), RFC9112["6.3-p3"]),
        ),
        control="http10.post-answered",
        why="HTTP/1.0 has no interim responses; the client takes the 100 as the final response.",
    ),
    Scenario(
        id="http10.two-hosts",
        title="Two Host lines in HTTP/1.0",
        clause=RFC9112["3.2-6"],
        send=(
            b"GET <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Host: other.example\r\n"
            b"\r\n",
        ),
        accept=answers(400),
        control="http10.get-answered",
        risk=Risk.ROUTING,
        why="Two recipients that choose different hosts send one request to two different sites.",
    ),
    *family(
        Scenario(
            id="http10.no-keep-alive-option",
            title="HTTP/1.0 with a Connection option that is not keep-alive",
            clause=RFC9112["9.3-p2"],
            send=(
                b"GET <witness> HTTP/1.0\r\n"
                b"Host: <host>\r\n"
                b"Connection: <value>\r\n"
                b"\r\n",
            ),
            accept=answers(SUCCESS) & closes,
            tolerate=_ERRORS & closes,
            control="http10.get",
            why="Without keep-alive, an HTTP/1.0 client waits for the connection to close.",
        ),
        {
            "longer": b"keep-alives",
            "with-a-prefix": b"x-keep-alive",
            "another": b"x-option",
            "nothing": b"",
        },
    ),
    Scenario(
        id="http10.no-keep-alive-option-close-beside-keep-alive",
        title="HTTP/1.0 with Connection: keep-alive, close",
        clause=(RFC9112["9.6-4"], RFC9112["9.3-p2"]),
        send=(
            b"GET <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Connection: keep-alive, close\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & closes,
        tolerate=_ERRORS & closes,
        control="http10.get",
        why="Close comes before keep-alive; the client that asked for it waits for the connection to end.",
    ),
    Scenario(
        id="http10.keep-alive-and-unknown-length",
        title="A response of unknown length to HTTP/1.0 with keep-alive",
        clause=(RFC9112["6.3-p5"], RFC9112["6.1-11"], RFC9112["9.3-p2"]),
        send=(
            b"GET <stream>?parts=3&size=10 HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Connection: keep-alive\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS)
        & lacks_field(b"Transfer-Encoding")
        & content_size(30)
        & (closes | (has_field(b"Content-Length") & stays_open)),
        breaches=(Breach(has_field(b"Transfer-Encoding"), RFC9112["6.1-11"], Risk.SPLITTING),),
        control="http10.no-chunked-answer",
        why="Without chunks or a length, only the close shows where the response ends.",
    ),
    Scenario(
        id="http10.keep-alive-pipelined",
        title="Two pipelined HTTP/1.0 requests with keep-alive, then one of HTTP/1.1",
        clause=(RFC9112["9.3-p2"], RFC9112["9.3.2-3"]),
        send=(
            b"GET <witness>?n=0 HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Connection: keep-alive\r\n"
            b"\r\n"
            b"GET <witness>?n=1 HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Connection: keep-alive\r\n"
            b"\r\n"
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(
            sees(target=b"<witness>?n=0") & has_field(b"Connection", b"keep-alive"),
            sees(target=b"<witness>?n=1") & has_field(b"Connection", b"keep-alive"),
            sees(target=b"<witness>?n=2"),
        )
        | (sees(target=b"<witness>?n=0") & in_step & closes)
        | (in_turn(sees(target=b"<witness>?n=0"), sees(target=b"<witness>?n=1")) & closes),
        control="http10.get-answered",
        why="A connection that is kept open serves whatever comes next on it, in whichever version.",
    ),
    Scenario(
        id="http10.head",
        title="An HTTP/1.0 HEAD",
        clause=RFC9110["9.3.2-1"],
        send=(
            b"HEAD <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        # That the connection is closed is another rule, and another scenario's.
        accept=answers(SUCCESS) & in_step,
        breaches=(Breach((_ERRORS & in_step) | no_answer, RFC9110["9.1-1"]),),
        control="http10.get-answered",
        why="Health checks of old load balancers send this, and take content for the next response.",
    ),
    Scenario(
        id="http10.body-like-a-request",
        title="An HTTP/1.0 GET whose body looks like a request",
        clause=(RFC9112["9.3-5"], RFC9112["6-p1"]),
        send=(
            b"GET <witness>?n=0 HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Connection: keep-alive\r\n"
            b"Content-Length: 41\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.0\r\nHost: invalid\r\n\r\n",
        ),
        accept=_ANSWERS & in_step,
        tolerate=in_step,
        control="http10.post-answered",
        risk=Risk.SMUGGLING,
        why="If a body is taken for a request, one user can smuggle requests in another user's name.",
    ),
    Scenario(
        id="http10.request-behind-transfer-encoding",
        title="A request after an HTTP/1.0 one with Transfer-Encoding and Content-Length",
        clause=RFC9112["6.1-14"],
        send=(
            b"POST <witness>?n=0 HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Connection: keep-alive\r\n"
            b"Content-Length: 15\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n\r\n"
            b"GET <witness>?n=1 HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Connection: keep-alive\r\n"
            b"\r\n",
        ),
        accept=_ANSWERS & in_step & closes,
        control="persistence.kept-open",
        risk=Risk.SMUGGLING,
        why="An HTTP/1.0 proxy forwards the field without understanding it; only a close is safe.",
    ),
    Scenario(
        id="http10.no-interim",
        title="Expect: 100-continue in HTTP/1.0, with the body sent at once",
        clause=RFC9110["15.2-1"],
        send=(
            b"POST <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"Expect: 100-continue\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=no_interim & sees(body=b"hello") & in_step,
        breaches=(
            Breach(no_interim & answers(417), RFC9110["10.1.1-7"]),
            Breach(out_of_step() & no_interim, RFC9112["9.3-5"], Risk.SMUGGLING),
            Breach(no_interim, RFC9112["6.3-p3"]),
        ),
        control="http10.post-answered",
        why="HTTP/1.0 has no interim responses; the client takes the 100 as the final response.",
    ),
)
