"""Methods: unknown and over-long ones, HEAD, OPTIONS, TRACE and CONNECT, and what a refusal has to say."""

from clients.steps import Await
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.comparisons import same_fields
from conformance.judging.model import Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    content_lacks,
    has_field,
    in_step,
    in_turn,
    lacks_field,
)
from conformance.judging.witness_outcomes import sees

_NOT_ALLOWED = answers(405) & has_field(b"Allow")
_OPTIONS = answers(SUCCESS) & has_field(b"Allow")
_REFLECTED = answers(200) & has_field(b"Content-Type", b"message/http")

SCENARIOS = (
    Scenario(
        id="methods.unknown",
        title="A method that nobody has heard of",
        clause=RFC9110["9.1-3"],
        send=(
            b"WIRECHECK <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(501) | sees(method=b"WIRECHECK", target=b"<witness>?n=1"),
        control="basics.get",
        why="A client that tries a new method has to learn that it is the method which is not known.",
    ),
    Scenario(
        id="methods.unknown-like-get",
        title="An unknown method that begins like GET",
        clause=RFC9110["9.1-3"],
        send=(
            b"GETS <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(501) | sees(method=b"GETS", target=b"<witness>?n=1"),
        control="basics.get",
        why="A method that is matched by its beginning is taken for one that was not asked for.",
    ),
    Scenario(
        id="methods.unknown-of-one-letter",
        title="An unknown method of one letter",
        clause=RFC9110["9.1-3"],
        send=(
            b"G <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(501) | sees(method=b"G", target=b"<witness>?n=1"),
        control="basics.get",
        why="A short method is a method; what is taken for the beginning of another one is misunderstood.",
    ),
    Scenario(
        id="methods.unknown-of-all-token-characters",
        title="An unknown method of all the odd characters that a token may have",
        clause=RFC9110["9.1-3"],
        send=(
            b"M!#$%&'*+-.^_`|~0 <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(501) | sees(method=b"M!#$%&'*+-.^_`|~0", target=b"<witness>?n=1"),
        control="basics.get",
        why="It is a well-formed method, and refusing it as malformed hides that it is merely unknown.",
    ),
    Scenario(
        id="methods.long",
        title="A method of 300 octets",
        clause=RFC9112["3-2"],
        send=(
            b"M" * 300 + b" <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(501) | sees(method=b"M" * 300, target=b"<witness>?n=1"),
        control="basics.get",
        why="A method cut to the size of a buffer may become one that the client did not ask for.",
    ),
    Scenario(
        id="methods.longer-than-known",
        title="A method of 40 octets that begins like one of WebDAV",
        clause=RFC9112["3-2"],
        send=(
            b"VERSION-CONTROLVERSION-CONTROLVERSION-CO <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(501)
        | sees(method=b"VERSION-CONTROLVERSION-CONTROLVERSION-CO", target=b"<witness>?n=1"),
        control="basics.get",
        why="A method cut to the size of a buffer may become one that the client did not ask for.",
    ),
    Scenario(
        id="methods.head-in-lower-case",
        title="The method head in lower case",
        clause=(RFC9110["9.1-p1"], RFC9112["3.1-p1"]),
        send=(
            b"head <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(400, 405, 501) | sees(method=b"head"),
        control="basics.head",
        why="Methods are case-sensitive: who takes this for HEAD leaves out content that was announced.",
    ),
    Scenario(
        id="methods.post-in-mixed-case",
        title="The method Post in mixed case",
        clause=(RFC9110["9.1-p1"], RFC9112["3.1-p1"]),
        send=(
            b"Post <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=answers(400, 405, 501) | sees(method=b"Post", body=b"hello"),
        control="basics.post",
        why="Methods are case-sensitive; a filter that blocks POST does not block what looks like it.",
    ),
    *family(
        Scenario(
            id="methods.refused",
            title="A method that is known to all, and maybe not allowed here",
            clause=(RFC9110["10.2.1-1"], RFC9110["15.5.6-1"], RFC9110["9.1-4"]),
            send=(
                b"<value> <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Length: 0\r\n"
                b"\r\n",
            ),
            accept=_NOT_ALLOWED | answers(401, 403, 404, 409, 411, 415, 501) | sees(body=b""),
            tolerate=answers(400, REDIRECTION),
            control="basics.get",
            why="A client that is told 405 looks into Allow for what it may do instead.",
        ),
        {"put": b"PUT", "delete": b"DELETE", "patch": b"PATCH"},
    ),
    Scenario(
        id="methods.trace",
        title="A TRACE request",
        clause=(RFC9110["10.2.1-1"], RFC9110["9.3.8-1"]),
        send=(
            b"TRACE <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_NOT_ALLOWED
        | answers(403, 501)
        | _REFLECTED
        | sees(method=b"TRACE", target=b"<witness>?n=1"),
        tolerate=answers(400, 404),
        control="basics.get",
        why="TRACE shows what arrives at the server; any other 200 would be taken for that.",
    ),
    Scenario(
        id="methods.trace-of-credentials",
        title="A TRACE request with credentials",
        clause=RFC9110["9.3.8-3"],
        send=(
            b"TRACE <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Authorization: Basic d2lyZTpjaGVjaw==\r\n"
            b"Cookie: session=d2lyZWNoZWNr\r\n"
            b"\r\n",
        ),
        accept=_NOT_ALLOWED
        | answers(403, 501)
        | (_REFLECTED & content_lacks(b"d2lyZTpjaGVjaw==") & content_lacks(b"d2lyZWNoZWNr"))
        | sees(method=b"TRACE", target=b"<witness>?n=1"),
        tolerate=answers(400, 404),
        control="methods.trace",
        why="A script that may not read a cookie reads it in what TRACE sends back.",
    ),
    *family(
        Scenario(
            id="methods.body-like-a-request",
            title="A method that mostly has no body, with one that reads as a request",
            clause=RFC9112["6-p1"],
            send=(
                b"<value> <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: text/plain\r\n"
                b"Content-Length: 41\r\n"
                b"\r\n"
                b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
            ),
            accept=(
                answers(CLIENT_ERROR, 501)
                | _OPTIONS
                | _REFLECTED
                | sees(body=b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n")
            )
            & in_step,
            control="basics.post",
            why="Whether there is a body does not depend on the method; what is left over becomes a request.",
        ),
        {"options": b"OPTIONS", "trace": b"TRACE", "patch": b"PATCH", "unknown": b"WIRECHECK"},
    ),
    Scenario(
        id="methods.head-with-body",
        title="A HEAD with a body that reads as a request",
        clause=(RFC9112["6-p1"], RFC9110["9.3.2-1"]),
        send=(
            b"HEAD <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 41\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
        ),
        accept=answers(SUCCESS, CLIENT_ERROR) & in_step,
        control="basics.head",
        why="A body that is forgotten for the method's sake becomes a request of its own.",
    ),
    Scenario(
        id="methods.head-length",
        title="The length that a HEAD response names",
        clause=(RFC9110["8.6-4"], RFC9110["8.6-3"]),
        send=(
            b"HEAD <size>/1000 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS)
        & (has_field(b"Content-Length", b"1000") | lacks_field(b"Content-Length"))
        & in_step,
        control="basics.head",
        why="Clients ask HEAD for a size before they download; a wrong one, 0 for instance, misleads them.",
    ),
    *family(
        Scenario(
            id="methods.head-fields",
            title="The fields of a HEAD response and those of GET",
            clause=RFC9110["9.3.2-2"],
            send=(
                b"HEAD <value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
                Await.RESPONSE,
                b"GET <value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            # That a resource has no HEAD at all is another matter.
            accept=(in_turn(answers(SUCCESS), answers(SUCCESS)) & same_fields)
            | in_turn(answers(CLIENT_ERROR, 501), answers(SUCCESS)),
            control="persistence.kept-open",
            why="HEAD is asked to learn of a resource without it; a field that is left out is not learned.",
        ),
        {"of-the-url": b"<path>", "of-what-is-static": b"<static>"},
    ),
    Scenario(
        id="methods.head-of-a-large-resource",
        title="HEAD of a resource of 1 MiB",
        clause=RFC9110["9.3.2-1"],
        send=(
            b"HEAD <size>/1048576 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & in_step,
        control="methods.head-length",
        why="Content after a HEAD response is taken for the next response, and every one after it is wrong.",
    ),
    Scenario(
        id="methods.head-of-a-stream",
        title="HEAD of a resource whose length is not known",
        clause=(RFC9110["9.3.2-1"], RFC9110["9.3.2-3"], RFC9112["6.1-6"]),
        send=(
            b"HEAD <stream>?parts=3&size=10 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & in_step,
        control="basics.head",
        why="Not even the last chunk may follow a HEAD response; it is taken for the next response.",
    ),
    Scenario(
        id="methods.head-of-an-error",
        title="HEAD of what gives 404",
        clause=RFC9110["9.3.2-1"],
        send=(
            b"HEAD <status>/404 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(404) & in_step,
        control="basics.head",
        why="The page that explains an error is content, too, and must not follow a HEAD response.",
    ),
    Scenario(
        id="methods.options",
        title="OPTIONS of a resource",
        clause=(RFC9110["9.3.7-1"], RFC9110["10.2.1-2"]),
        send=(
            b"OPTIONS <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=_OPTIONS
        | _NOT_ALLOWED
        | answers(501)
        | sees(method=b"OPTIONS"),
        control="basics.get",
        why="An answer to OPTIONS that names no option leaves the client as wise as before.",
    ),
    Scenario(
        id="methods.options-asterisk",
        title="OPTIONS of the server as a whole, and a GET behind it",
        clause=RFC9110["9.3.7-p1"],
        send=(
            b"OPTIONS * HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS, 403, 404, 405, 501), sees(target=b"<witness>?n=2"))
        | _NOT_ALLOWED
        | answers(501),
        control="pipelining.two",
        why="It is a request like a ping, well-formed, and must not upset what comes after it.",
    ),
    Scenario(
        id="methods.options-absolute-form-without-path",
        title="OPTIONS with an absolute-form target that has no path, and a GET behind it",
        clause=RFC9112["3.2.2-6"],
        send=(
            b"OPTIONS <origin> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS, REDIRECTION, 403, 404, 405, 501), sees(target=b"<witness>?n=2"))
        | answers(403, 404, 405, 501),
        control="pipelining.two",
        why="That is how a client asks a proxy for the options of a server as a whole.",
    ),
    *family(
        Scenario(
            id="methods.connect-port",
            title="CONNECT with a port that is none",
            clause=RFC9110["9.3.6-2"],
            send=(
                b"CONNECT <value> HTTP/1.1\r\n"
                b"Host: <value>\r\n"
                b"\r\n",
            ),
            accept=answers(CLIENT_ERROR, 501),
            tolerate=answers(SERVER_ERROR, REDIRECTION),
            control="basics.get",
            why="A success tells the client that it now talks to the named port, and there is none.",
        ),
        {
            "empty": b"a.example:",
            "letters": b"a.example:https",
            "too-large": b"a.example:65536",
            "wrapping-around": b"a.example:65616",
            "negative": b"a.example:-80",
        },
    ),
    *family(
        Scenario(
            id="methods.connect-form",
            title="CONNECT with a target in another form",
            clause=RFC9112["3.2-1"],
            send=(
                b"CONNECT <value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(CLIENT_ERROR, 501),
            control="basics.get",
            why="A tunnel is for a host and a port; taken from anything else it leads somewhere else.",
        ),
        {
            "origin-form": b"<witness>",
            "absolute-form": b"<origin><witness>",
            "asterisk-form": b"*",
            "user-name": b"user@<host>",
            "without-port": b"a.example",
        },
    ),
    Scenario(
        id="methods.connect",
        title="CONNECT to a host and port",
        clause=(RFC9110["9.3.6-6"], RFC9110["8.6-8"], RFC9112["6.1-8"], RFC9110["9.3.6-3"]),
        send=(
            b"CONNECT <host> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(REDIRECTION, CLIENT_ERROR, SERVER_ERROR)
        | (answers(SUCCESS) & lacks_field(b"Content-Length") & lacks_field(b"Transfer-Encoding")),
        control="basics.get",
        why="Behind a success there is a tunnel; a length announces content that no client reads as such.",
    ),
    Scenario(
        id="methods.content-location",
        title="A Content-Location in a request",
        clause=RFC9110["8.7-4"],
        send=(
            b"POST <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Location: /elsewhere?n=2\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(method=b"POST", target=b"<witness>?n=1", body=b"hello"),
        control="basics.post",
        why="It says where the content came from; a server that goes there serves what was not asked for.",
    ),
    Scenario(
        id="methods.max-forwards",
        title="Max-Forwards: 0 with GET",
        clause=RFC9110["7.6.2-5"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Max-Forwards: 0\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>?n=1", fields={b"Max-Forwards": b"0"}),
        control="basics.get-as-understood",
        why="The field means something for TRACE and OPTIONS; a GET is to be answered all the same.",
    ),
)
