"""Expect and interim responses: the body that is held back until the server asks for it."""

from clients.steps import Await
from conformance.clauses import RFC9110
from conformance.model import Scenario
from conformance.outcomes import CLIENT_ERROR, answers, interim, no_interim
from conformance.witness import sees

SCENARIOS = (
    Scenario(
        id="expect.continue",
        title="Expect: 100-continue with the body held back",
        clause=(RFC9110["10.1.1-11"], RFC9110["10.1.1-12"], RFC9110["10.1.1-9"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"hello",
        ),
        accept=(interim(100) & sees(body=b"hello")) | answers(CLIENT_ERROR),
        control="basics.post",
        why="A client that waits for the 100, as curl does for a second, loses that time with every upload.",
    ),
    Scenario(
        id="expect.continue-in-another-case",
        title="Expect: 100-Continue",
        clause=RFC9110["10.1.1-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-CONTINUE\r\n"
            b"\r\n",
            Await.INTERIM,
            b"hello",
        ),
        accept=interim(100) & sees(body=b"hello"),
        control="expect.continue",
        why="Expectations match without regard to case.",
    ),
    Scenario(
        id="expect.continue-chunked",
        title="Expect: 100-continue with a chunked body held back",
        clause=(RFC9110["10.1.1-11"], RFC9110["10.1.1-9"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"5\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=(interim(100) & sees(body=b"hello")) | answers(CLIENT_ERROR),
        control="expect.continue",
        why="A body is announced by Transfer-Encoding as well as by Content-Length.",
    ),
    Scenario(
        id="expect.body-at-once",
        title="Expect: 100-continue with the body sent at once",
        clause=RFC9110["10.1.1-8"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(body=b"hello"),
        control="basics.post",
        why="A client need not wait; the body is there, and with a 100 or without, it is to be read.",
    ),
    Scenario(
        id="expect.nothing-to-expect",
        title="Expect: 100-continue without a body",
        clause=RFC9110["10.1.1-8"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", body=b""),
        control="basics.get",
        why="A server that waits for a body that was never announced hangs until it times out.",
    ),
    Scenario(
        id="expect.unknown",
        title="An expectation that nobody knows",
        clause=RFC9110["10.1.1-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: x-unheard-of\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=answers(417) | (no_interim & sees(body=b"hello")),
        control="basics.post",
        why="It may be refused with 417 or ignored; anything else leaves the client guessing.",
    ),
)
