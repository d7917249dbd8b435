"""Methods: unknown and very long ones, HEAD, OPTIONS, TRACE and CONNECT, and what a refusal must contain."""

from clients.steps import Await
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.comparisons import same_fields
from conformance.judging.model import Risk, Scenario, family
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
        title="An unknown method",
        clause=RFC9110["9.1-3"],
        send=(
            b"WIRECHECK <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(501) | sees(method=b"WIRECHECK", target=b"<witness>?n=1"),
        control="basics.get",
        why="A client that tries a new method must learn that the method is what the server does not know.",
    ),
    Scenario(
        id="methods.unknown-like-get",
        title="An unknown method that starts with GET",
        clause=RFC9110["9.1-3"],
        send=(
            b"GETS <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(501) | sees(method=b"GETS", target=b"<witness>?n=1"),
        control="basics.get",
        why="A server that matches only the start of a method acts on one that was not requested.",
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
        why="A short method is still a method, not the start of another one.",
    ),
    Scenario(
        id="methods.unknown-of-all-token-characters",
        title="An unknown method with every special character that a token may contain",
        clause=RFC9110["9.1-3"],
        send=(
            b"M!#$%&'*+-.^_`|~0 <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(501) | sees(method=b"M!#$%&'*+-.^_`|~0", target=b"<witness>?n=1"),
        control="basics.get",
        why="The method is valid; refusing it as malformed hides that it is merely unknown.",
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
        why="A method truncated to the size of a buffer may become one that was not requested.",
    ),
    Scenario(
        id="methods.longer-than-known",
        title="A method of 40 octets that starts like a WebDAV method",
        clause=RFC9112["3-2"],
        send=(
            b"VERSION-CONTROLVERSION-CONTROLVERSION-CO <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(501)
        | sees(method=b"VERSION-CONTROLVERSION-CONTROLVERSION-CO", target=b"<witness>?n=1"),
        control="basics.get",
        why="A method truncated to the size of a buffer may become one that was not requested.",
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
        why="Methods are case-sensitive; a server that treats it as HEAD omits content it announced.",
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
        why="Methods are case-sensitive; a filter that blocks POST does not block Post.",
    ),
    *family(
        Scenario(
            id="methods.refused",
            title="A common method that may not be allowed here",
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
            why="A client that receives 405 looks in Allow for the methods it may use instead.",
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
        why="TRACE shows what reached the server; a client takes any other 200 for that.",
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
        risk=Risk.DISCLOSURE,
        why="A script that may not read a cookie can read it in the response to TRACE.",
    ),
    *family(
        Scenario(
            id="methods.body-like-a-request",
            title="A method that seldom has a body, with a body that looks like a request",
            clause=(RFC9112["9.3-5"], RFC9112["6-p1"]),
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
            tolerate=in_step,
            control="basics.post",
            risk=Risk.SMUGGLING,
            why="Whether there is a body does not depend on the method; an unread body becomes a request.",
        ),
        {"options": b"OPTIONS", "trace": b"TRACE", "patch": b"PATCH", "unknown": b"WIRECHECK"}
        | {"query": b"QUERY"},
    ),
    Scenario(
        id="methods.head-with-body",
        title="A HEAD with a body that looks like a request",
        clause=(RFC9112["9.3-5"], RFC9112["6-p1"], RFC9110["9.3.2-1"]),
        send=(
            b"HEAD <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 41\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
        ),
        accept=answers(SUCCESS, CLIENT_ERROR) & in_step,
        tolerate=in_step,
        control="basics.head",
        risk=Risk.SMUGGLING,
        why="If the server forgets the body because the method is HEAD, the body becomes a request.",
    ),
    Scenario(
        id="methods.head-length",
        title="The Content-Length of a HEAD response",
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
        why="Clients use HEAD to learn a size before they download; a wrong one, such as 0, misleads them.",
    ),
    *family(
        Scenario(
            id="methods.head-fields",
            title="The fields of a HEAD response and of the GET response",
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
            # A resource that does not support HEAD at all is another matter.
            accept=(in_turn(answers(SUCCESS), answers(SUCCESS)) & same_fields)
            | in_turn(answers(CLIENT_ERROR, 501), answers(SUCCESS)),
            control="persistence.kept-open",
            why="HEAD describes a resource without its content; the client cannot learn an omitted field.",
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
        why="Content after a HEAD response is taken for the next response, and all later ones are wrong.",
    ),
    Scenario(
        id="methods.head-of-a-stream",
        title="HEAD of a resource of unknown length",
        clause=(RFC9110["9.3.2-1"], RFC9110["9.3.2-3"], RFC9112["6.1-6"]),
        send=(
            b"HEAD <stream>?parts=3&size=10 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & in_step,
        control="basics.head",
        why="Not even a last chunk may follow a HEAD response; it is taken for the next response.",
    ),
    Scenario(
        id="methods.head-of-an-error",
        title="HEAD of a resource that gives 404",
        clause=RFC9110["9.3.2-1"],
        send=(
            b"HEAD <status>/404 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(404) & in_step,
        control="basics.head",
        why="An error page is content too, and must not follow a HEAD response.",
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
        why="A response to OPTIONS that names no option tells the client nothing.",
    ),
    Scenario(
        id="methods.options-asterisk",
        title="OPTIONS of the server as a whole, then a GET",
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
        why="The request is valid and works like a ping; it must not disturb the request after it.",
    ),
    Scenario(
        id="methods.options-absolute-form-without-path",
        title="OPTIONS with an absolute-form target that has no path, then a GET",
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
        why="This is how a client asks, through a proxy, for the options of a server as a whole.",
    ),
    *family(
        Scenario(
            id="methods.connect-port",
            title="CONNECT with an invalid port",
            clause=RFC9110["9.3.6-2"],
            send=(
                b"CONNECT <value> HTTP/1.1\r\n"
                b"Host: <value>\r\n"
                b"\r\n",
            ),
            accept=answers(CLIENT_ERROR, 501),
            tolerate=answers(SERVER_ERROR, REDIRECTION),
            control="basics.get",
            why="A success tells the client that it is connected to that port, but there is no such port.",
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
            title="CONNECT with a target that is not in authority-form",
            clause=RFC9112["3.2-1"],
            send=(
                b"CONNECT <value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=answers(CLIENT_ERROR, 501),
            control="basics.get",
            why="A tunnel needs a host and a port; a server that guesses them connects somewhere else.",
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
        why="After a success comes the tunnel; a length announces content that no client reads as content.",
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
        why="It says where the content came from; a server that acts on it serves the wrong resource.",
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
        control="basics.target-as-understood",
        why="The field applies only to TRACE and OPTIONS; a GET must be answered as usual.",
    ),
)
