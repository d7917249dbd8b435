"""Upgrade: offers that may be ignored, offers that must be ignored, and HTTP that goes on afterwards."""

from clients.steps import Await
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.deviations import leaves_unanswered, out_of_step
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    falls_silent,
    has_field,
    in_step,
    in_turn,
    interim,
    lacks_field,
    sends_what_is_awaited,
)
from conformance.judging.witness_outcomes import sees

# An offer that is not accepted must not cost the client its response; but no protocol was switched.
_NOT_SERVED = Breach(answers(SUCCESS, REDIRECTION, SERVER_ERROR) | falls_silent, RFC9110["2.3-1"])

# After 101, what follows would no longer be HTTP.
_SMUGGLED = Breach(out_of_step(), RFC9112["9.3-5"], Risk.SMUGGLING)

SCENARIOS = (
    *family(
        Scenario(
            id="upgrade.unknown",
            title="An Upgrade offer of unknown protocols",
            clause=(RFC9110["7.8-6"], RFC9110["7.8-2"], RFC9110["7.8-7"]),
            send=(
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Connection: upgrade\r\n"
                b"Upgrade: <value>\r\n"
                b"\r\n",
            ),
            accept=sees(method=b"GET", target=b"<witness>?n=1") | answers(CLIENT_ERROR, 501),
            breaches=(_NOT_SERVED,),
            control="basics.target-as-understood",
            why="After 101 the client speaks the new protocol, to a server that does not know it.",
        ),
        {
            "one": b"wirecheck/1.0",
            "several": b"wirecheck/1.0, wirecheck, spdy/99",
            "like-websocket": b"websockets",
            "like-h2c": b"h2c-99",
            "empty": b"",
            "empty-members": b", ,",
            "no-token": b"/",
            "above-ascii": b"caf\xe9",
        },
    ),
    *family(
        Scenario(
            id="upgrade.http10",
            title="An Upgrade offer in HTTP/1.0",
            clause=RFC9110["7.8-12"],
            send=(
                b"GET <witness>?n=1 HTTP/1.0\r\n"
                b"Host: <host>\r\n"
                b"<value>\r\n"
                b"\r\n",
            ),
            accept=sees(method=b"GET", target=b"<witness>?n=1"),
            control="http10.get-answered",
            why="An HTTP/1.0 proxy may have forwarded the field without understanding it.",
        ),
        {
            "unknown": (
                b"Connection: upgrade\r\n"
                b"Upgrade: wirecheck/1.0"
            ),
            "h2c": (
                b"Connection: upgrade, http2-settings\r\n"
                b"Upgrade: h2c\r\n"
                b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"
            ),
            "websocket": (
                b"Connection: upgrade\r\n"
                b"Upgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA=="
            ),
        },
    ),
    Scenario(
        id="upgrade.without-connection-option",
        title="An Upgrade offer that Connection does not list",
        clause=RFC9110["7.6.1-p2"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Upgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>?n=1") | answers(CLIENT_ERROR),
        breaches=(Breach(answers(101), RFC9110["7.6.1-p2"], Risk.SMUGGLING),),
        control="basics.target-as-understood",
        why="Without the option, the offer may come from a client behind a proxy that forwarded it.",
    ),
    Scenario(
        id="upgrade.h2c",
        title="An offer of HTTP/2 over cleartext TCP (h2c)",
        clause=RFC9110["7.8-6"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: upgrade, http2-settings\r\n"
            b"Upgrade: h2c\r\n"
            b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>?n=1")
        | answers(CLIENT_ERROR, 501)
        | (answers(101) & has_field(b"Upgrade", b"h2c")),
        breaches=(_NOT_SERVED, Breach(answers(101) & lacks_field(b"Upgrade"), RFC9110["7.8-4"])),
        control="basics.target-as-understood",
        why="Clients offer it to all kinds of servers; one that does not know it must answer as usual.",
    ),
    *family(
        Scenario(
            id="upgrade.h2c-that-cannot-be",
            title="An offer of HTTP/2 without valid settings",
            clause=RFC9110["7.8-10"],
            send=(
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Connection: upgrade, http2-settings\r\n"
                b"Upgrade: h2c\r\n"
                b"<value>"
                b"\r\n",
            ),
            accept=sees(method=b"GET", target=b"<witness>?n=1") | answers(CLIENT_ERROR),
            # RFC 7540, 3.2.1, forbids this; HTTP/1.1 does not.
            tolerate=answers(101),
            breaches=(_NOT_SERVED,),
            control="upgrade.h2c",
            why="A switch to a protocol whose settings are missing leaves both sides stuck.",
        ),
        {
            "none": b"",
            "two": b"HTTP2-Settings: AAMAAABk\r\nHTTP2-Settings: AAMAAABk\r\n",
            "no-base64": b"HTTP2-Settings: !!!\r\n",
        },
    ),
    *family(
        Scenario(
            id="upgrade.websocket-that-cannot-be",
            title="An invalid WebSocket handshake",
            clause=(RFC9110["7.8-10"], RFC9110["7.8-2"]),
            send=(
                b"<method> <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Connection: upgrade\r\n"
                b"Upgrade: websocket\r\n"
                b"<fields>"
                b"\r\n",
            ),
            accept=sees(target=b"<witness>?n=1") | answers(CLIENT_ERROR, 501),
            # RFC 6455, 4.2, forbids this; HTTP/1.1 does not.
            tolerate=answers(101),
            breaches=(_NOT_SERVED,),
            control="basics.target-as-understood",
            why="A switch to a protocol that was not opened properly leaves both sides stuck.",
        ),
        {
            "version": {
                b"<method>": b"GET",
                b"<fields>": b"Sec-WebSocket-Version: 99\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n",
            },
            "without-key": {b"<method>": b"GET", b"<fields>": b"Sec-WebSocket-Version: 13\r\n"},
            "short-key": {
                b"<method>": b"GET",
                b"<fields>": b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQID\r\n",
            },
        },
    ),
    Scenario(
        id="upgrade.websocket-that-cannot-be-post",
        title="An invalid WebSocket handshake: post",
        clause=(RFC9110["7.8-10"], RFC9110["7.8-2"]),
        send=(
            b"POST <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: upgrade\r\n"
            b"Upgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n"
            b"Content-Length: 0\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=1") | answers(CLIENT_ERROR, 501),
        breaches=(_NOT_SERVED,),
        control="basics.target-as-understood",
        why="WebSocket has nothing that a POST could mean; the client waits for a response to it.",
    ),
    Scenario(
        id="upgrade.request-behind-an-offer",
        title="A request after one with an Upgrade offer that is not accepted",
        clause=(RFC9112["6.3-p4"], RFC9110["7.8-2"]),
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: upgrade\r\n"
            b"Upgrade: wirecheck/1.0\r\n"
            b"\r\n"
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2")),
        breaches=(Breach(leaves_unanswered(2), RFC9112["9.3.2-3"]),),
        control="pipelining.two",
        why="If the server did not switch protocols, what follows is still HTTP/1.1.",
    ),
    Scenario(
        id="upgrade.with-expectation",
        title="An offer of h2c with Expect: 100-continue and the body held back",
        clause=RFC9110["7.8-13"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: upgrade, http2-settings\r\n"
            b"Upgrade: h2c\r\n"
            b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
            b"Content-Length: 5\r\n"
            b"Expect: 100-continue\r\n"
            b"\r\n",
            Await.INTERIM,
            b"hello",
        ),
        accept=(interim(100) & (sees(body=b"hello") | answers(101)))
        | (answers(REDIRECTION, CLIENT_ERROR, SERVER_ERROR) & sends_what_is_awaited),
        breaches=(
            _SMUGGLED,
            Breach(interim(100), RFC9112["6.3-p3"]),
            Breach(answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR), RFC9110["10.1.1-11"]),
        ),
        control="expect.continue",
        why="A client that must switch before it has sent its body has no way left to send it.",
    ),
    Scenario(
        id="upgrade.with-body",
        title="An Upgrade offer in a request with a body",
        clause=(RFC9112["6.3-p3"], RFC9110["7.8-2"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: upgrade\r\n"
            b"Upgrade: wirecheck/1.0\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello",
        ),
        accept=sees(method=b"POST", body=b"hello") | answers(CLIENT_ERROR, 501),
        breaches=(_SMUGGLED,),
        control="basics.post",
        why="A body left unread because of the offer is taken for the new protocol or for a request.",
    ),
    *family(
        Scenario(
            id="upgrade.request-behind-the-body-of-an-offer",
            title="A GET after a body with an Upgrade offer that is not accepted",
            clause=(RFC9112["6.3-p3"], RFC9110["7.8-2"]),
            send=(
                b"POST <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Connection: upgrade\r\n"
                b"Upgrade: wirecheck/1.0\r\n"
                b"<value>"
                b"GET <witness>?n=2 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=in_turn(
                sees(target=b"<witness>?n=1", body=b"hello"), sees(target=b"<witness>?n=2", body=b"")
            )
            | (answers(CLIENT_ERROR, 501) & in_step & closes),
            breaches=(
                Breach(leaves_unanswered(2), RFC9112["9.3.2-3"]),
                Breach(out_of_step(2), RFC9112["9.3-5"], Risk.SMUGGLING),
            ),
            control="basics.post",
            why="If the server did not switch protocols, what follows is still HTTP/1.1.",
        ),
        {
            "length": b"Content-Length: 5\r\n\r\nhello",
            "chunked": b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        },
    ),
)
