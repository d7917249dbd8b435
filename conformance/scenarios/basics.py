"""Plain requests that every server must answer; most other scenarios have one of them as their control."""

from clients.steps import Await
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.comparisons import same_length, tells_our_time
from conformance.judging.deviations import leaves_unanswered
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    content_size,
    in_step,
    in_turn,
    lacks_field,
    no_answer,
    version,
    well_formed,
)
from conformance.judging.witness_outcomes import sees

_ANSWERS = answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR)
_ERRORS = answers(CLIENT_ERROR, SERVER_ERROR)

SCENARIOS = (
    Scenario(
        id="basics.get",
        title="A plain GET",
        clause=(RFC9110["9.1-1"], RFC9112["2.1-p1"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS),
        why="A server that cannot answer a plain GET cannot be used, or tested any further.",
    ),
    Scenario(
        id="basics.grammar",
        title="The grammar of the response to a plain GET",
        clause=(RFC9110["2.2-12"], RFC9112["2.1-p1"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & well_formed,
        control="basics.get",
        why="Each client repairs a malformed response in its own way, and so they see different responses.",
    ),
    Scenario(
        id="basics.reset-content",
        title="A 205 response, which has no content",
        clause=RFC9110["15.3.6-1"],
        send=(
            b"GET <status>/205 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(205) & content_size(0) & in_step,
        # Whether this status can be had is up to the server and the application.
        tolerate=_ANSWERS & content_size(0) & in_step,
        control="basics.get",
        why="A 205 resets a form and has no content; content would be shown or read as the next response.",
    ),
    Scenario(
        id="basics.target-as-understood",
        title="The request-target of a plain GET, as the application sees it",
        clause=RFC9112["3.3-p1"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=1"),
        control="basics.get",
        why="An application that sees another target gives the response to another request.",
    ),
    Scenario(
        id="basics.field-as-understood",
        title="A field of a plain GET, as the application sees it",
        clause=RFC9112["5-p1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"X-Test": b"one"}),
        control="basics.get",
        why="Whatever a client says about its request, the application has to know.",
    ),
    Scenario(
        id="basics.get-as-understood",
        title="A plain GET, as the application sees it",
        clause=RFC9112["3.3-p1"],
        send=(
            b"GET <witness>?a=1&b=%20 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: one\r\n"
            b"\r\n",
        ),
        accept=sees(
            method=b"GET",
            target=b"<witness>?a=1&b=%20",
            version=b"HTTP/1.1",
            body=b"",
            fields={b"X-Test": b"one"},
        ),
        control="basics.get",
        why="An application that sees a different request from the one sent gives the wrong answer.",
    ),
    Scenario(
        id="basics.head",
        title="A HEAD request",
        clause=(RFC9110["9.3.2-1"], RFC9112["6.3-p1"]),
        send=(
            b"HEAD <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & in_step,
        breaches=(Breach((_ERRORS & in_step) | no_answer, RFC9110["9.1-1"]),),
        control="basics.get",
        why="Content after a HEAD response is read as the next response, and all later ones are misread.",
    ),
    Scenario(
        id="basics.post-answered",
        title="A POST with Content-Length, as the client sees it",
        clause=RFC9110["9.1-2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=answers(SUCCESS),
        control="basics.get",
        why="Without a resource that takes content, nothing can be said about how a server reads it.",
    ),
    Scenario(
        id="basics.post",
        title="A POST with Content-Length",
        clause=RFC9112["6.3-p3"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(body=b"hello"),
        control="basics.get",
        why="Forms, uploads and APIs need the application to receive exactly the bytes that were sent.",
    ),
    Scenario(
        id="basics.post-without-length",
        title="A POST with neither Content-Length nor Transfer-Encoding",
        clause=RFC9112["6.3-p4"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=(sees(method=b"POST", body=b"") & in_step) | answers(411),
        tolerate=_ERRORS & in_step & closes,
        control="basics.post",
        risk=Risk.SMUGGLING,
        why="A server that waits for a body that was never announced hangs until it times out.",
    ),
    Scenario(
        id="basics.get-with-body",
        title="A GET with a body",
        clause=(RFC9112["9.3-5"], RFC9112["6-p1"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 41\r\n"
            b"\r\n"
            b"GET /smuggled HTTP/1.1\r\nHost: invalid\r\n\r\n",
        ),
        accept=answers(range(200, 300), range(400, 500)) & in_step,
        tolerate=in_step,
        control="basics.get",
        risk=Risk.SMUGGLING,
        why="If bytes of the body are answered as a request, requests can be smuggled.",
    ),
    Scenario(
        id="basics.version-of-the-answer",
        title="The version of the response to a plain GET",
        clause=(RFC9112["2.3-3"], RFC9110["6.2-4"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & version(b"HTTP/1.1"),
        control="basics.get",
        why="Clients reuse connections to HTTP/1.1 servers; to an HTTP/1.0 server they reconnect each time.",
    ),
    Scenario(
        id="basics.date",
        title="The time in the Date of the response to a plain GET",
        clause=RFC9110["6.6.1-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Date: <date>\r\n"
            b"\r\n",
        ),
        # Another rule requires a Date.
        accept=answers(SUCCESS) & (tells_our_time | lacks_field(b"Date")),
        control="basics.get",
        why="Caches compute ages from Date; a Date in local time, or a stale one, makes them wrong.",
    ),
    *family(
        Scenario(
            id="basics.length-of-not-modified",
            title="Content-Length in a 304 response",
            clause=(RFC9110["8.6-6"], RFC9110["8.6-5"]),
            send=(
                b"GET <value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
                Await.RESPONSE,
                b"GET <value> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"If-None-Match: *\r\n"
                b"\r\n",
            ),
            # Whether the server evaluates the condition is not judged here.
            accept=(in_turn(answers(SUCCESS), answers(304)) & same_length)
            | in_turn(answers(SUCCESS), answers(SUCCESS, CLIENT_ERROR, SERVER_ERROR))
            | in_turn(answers(REDIRECTION, CLIENT_ERROR, SERVER_ERROR), _ANSWERS),
            breaches=(Breach(leaves_unanswered(2), RFC9110["15-p2"]),),
            control="persistence.kept-open",
            why="A cache compares it with its stored response, and discards that if they differ.",
        ),
        {"of-the-url": b"<path>", "of-what-is-static": b"<static>"},
    ),
    Scenario(
        id="basics.head-then-get",
        title="A GET after a HEAD on the same connection",
        clause=(RFC9110["9.3.2-1"], RFC9110["15-p2"]),
        send=(
            b"HEAD <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS), sees(method=b"GET", target=b"<witness>?n=2")),
        # Where two responses come, and nothing else, no content was sent after the first.
        breaches=(
            Breach(in_turn(_ERRORS, _ANSWERS) | no_answer, RFC9110["9.1-1"]),
            Breach(in_turn(_ANSWERS, _ANSWERS) | leaves_unanswered(2), RFC9110["15-p2"]),
        ),
        control="persistence.kept-open",
        risk=Risk.SPLITTING,
        why="Content after a HEAD response is read as the next response, and all later ones are misread.",
    ),
    Scenario(
        id="basics.stream",
        title="Content of unknown length, then a GET on the same connection",
        clause=RFC9112["7.1-p2"],
        send=(
            b"GET <stream>?parts=3&size=10 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS) & content_size(30), sees(method=b"GET", target=b"<witness>?n=2"))
        | (answers(SUCCESS) & content_size(30) & closes),
        control="basics.get",
        why="Miscounted chunks cut the content short, or are read as the next response.",
    ),
)
