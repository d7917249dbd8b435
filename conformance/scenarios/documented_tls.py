"""The documented server over TLS: requests, endings, handshakes that fail, client certificates."""

from clients.steps import CLEARTEXT, CLOSE_NOTIFY, HALF_CLOSE, PAUSE, RESET, Await, Handshake, Identity
from conformance.clauses import DOC
from conformance.judging.model import Need, Risk, Scenario
from conformance.judging.outcomes import SUCCESS, answers, closes, in_turn, stays_open
from conformance.judging.tls_outcomes import refuses_tls
from conformance.judging.witness_outcomes import sees

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        id="documented-tls.get-answered",
        title="A plain GET over TLS, as the client sees it",
        clause=DOC["SRV-10"],
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS),
        why="The server cannot be used over TLS, or tested any further.",
    ),
    Scenario(
        id="documented-tls.get",
        title="A plain GET over TLS",
        clause=(DOC["SRV-10"], DOC["REQ-3"]),
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>", protocol=b"https") & stays_open,
        control="documented-tls.get-answered",
        why="The server cannot be used over TLS, or the application takes TLS for plain HTTP.",
    ),
    Scenario(
        id="documented-tls.scheme-headers",
        title="Headers over TLS that claim plain HTTP",
        clause=(DOC["REQ-4"], DOC["REQ-3"]),
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Scheme: http\r\n"
            b"X-Forwarded-Proto: http\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", protocol=b"https", fields={b"X-Scheme": b"http"}),
        control="documented-tls.get-answered",
        why="Any client can make the application believe what only a trusted proxy may say.",
    ),
    Scenario(
        id="documented-tls.pipelined",
        title="Two requests in one TLS record",
        clause=(DOC["IO-3"], DOC["CONN-4"]),
        send=(
            Handshake(),
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2")) & stays_open,
        control="documented-tls.get-answered",
        why="The server forgets bytes that are already decrypted while it waits for the socket.",
    ),
    Scenario(
        id="documented-tls.in-pieces",
        title="A request in several TLS records, the last one late",
        clause=(DOC["IO-3"], DOC["CONN-1"]),
        send=(
            Handshake(),
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hell",
            PAUSE,
            b"o",
        ),
        accept=sees(method=b"POST", body=b"hello") & stays_open,
        control="documented-tls.get-answered",
        why="A record that comes late is never read, or ends the connection.",
    ),
    Scenario(
        id="documented-tls.large-request",
        title="A request body of 1 MiB over TLS",
        clause=(DOC["IO-3"], DOC["LEN-1"]),
        send=(
            Handshake(),
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 1048576\r\n"
            b"\r\n",
            b"a" * 1048576,
        ),
        accept=sees(method=b"POST", body=b"a" * 1048576) & stays_open,
        control="documented-tls.get-answered",
        why="Uploads over TLS stall when the last record is decrypted but not read.",
    ),
    Scenario(
        id="documented-tls.large-response",
        title="A response of 1 MiB over TLS, then another request",
        clause=(DOC["IO-3"], DOC["CONN-4"]),
        send=(
            Handshake(),
            b"GET <size>/1048576 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(answers(SUCCESS), sees(target=b"<witness>?n=2")) & stays_open,
        control="documented-tls.get-answered",
        why="A download is cut off where one write over TLS did not take all of the data.",
    ),
    # Endings
    Scenario(
        id="documented-tls.close",
        title="Connection: close over TLS",
        clause=(DOC["KA-2"], DOC["IO-3"]),
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>") & closes,
        control="documented-tls.get-answered",
        why="A client that reads until the end of the connection waits forever.",
    ),
    Scenario(
        id="documented-tls.clean-close-by-client",
        title="A client that sends close_notify right after its request",
        clause=(DOC["KA-6"], DOC["IO-3"]),
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            CLOSE_NOTIFY,
        ),
        accept=sees(target=b"<witness>") & closes,
        control="documented-tls.get-answered",
        why="A client that closes cleanly loses its response, or its connection is kept forever.",
    ),
    Scenario(
        id="documented-tls.clean-close-when-idle",
        title="A client that sends close_notify after receiving its response",
        clause=(DOC["KA-6"], DOC["IO-3"]),
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            CLOSE_NOTIFY,
        ),
        accept=sees(target=b"<witness>") & closes,
        control="documented-tls.get-answered",
        why="The server keeps connections of clients that have left, until it can accept no more.",
    ),
    # Handshakes that fail
    Scenario(
        id="documented-tls.garbage-handshake",
        title="Garbage in place of a handshake",
        clause=DOC["SRV-10"],
        send=(
            CLEARTEXT,
            b"\x80\x80\xff\xfe\x00\x01garbage that no TLS record begins with\r\n\r\n",
        ),
        accept=refuses_tls,
        control="documented-tls.get-answered",
        why="Scanners probe every port; each probe would leave a connection open.",
    ),
    Scenario(
        id="documented-tls.garbage-then-next-client",
        title="Garbage in place of a handshake, then another client",
        clause=(DOC["SRV-11"], DOC["IO-3"]),
        send=(
            CLEARTEXT,
            b"\x16\x03\x01\x00\x05\xff\xff\xff\xff\xff",
            RESET,
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", protocol=b"https") & stays_open,
        control="documented-tls.get-answered",
        risk=Risk.EXHAUSTION,
        why="One scanner takes the server down for everybody.",
    ),
    Scenario(
        id="documented-tls.plain-http",
        title="Plain HTTP sent to the TLS port",
        clause=(DOC["SRV-10"], DOC["IO-3"]),
        send=(
            CLEARTEXT,
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=refuses_tls,
        control="documented-tls.get-answered",
        why="A user who forgets the s in https waits forever, or is answered in the clear.",
    ),
    Scenario(
        id="documented-tls.half-a-handshake",
        title="A handshake that breaks off in the middle",
        clause=(DOC["SRV-10"], DOC["IO-3"]),
        send=(
            CLEARTEXT,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            HALF_CLOSE,
        ),
        accept=refuses_tls,
        control="documented-tls.get-answered",
        why="Clients that lose their network while connecting would leave connections open.",
    ),
    Scenario(
        id="documented-tls.stalled-then-next-client",
        title="A client that stalls in its handshake and resets, then another client",
        clause=DOC["IO-3"],
        send=(
            CLEARTEXT,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            PAUSE,
            RESET,
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", protocol=b"https") & stays_open,
        control="documented-tls.get-answered",
        risk=Risk.EXHAUSTION,
        why="One slow or malicious client holds up all others.",
    ),
    Scenario(
        id="documented-tls.gone-before-handshake",
        title="A client that resets before its handshake, then another client",
        clause=DOC["SRV-10"],
        send=(
            CLEARTEXT,
            RESET,
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", protocol=b"https") & stays_open,
        control="documented-tls.get-answered",
        risk=Risk.EXHAUSTION,
        why="A load balancer that checks whether the port is open takes the server down.",
    ),
    # Client certificates
    Scenario(
        id="documented-tls.client-certificate",
        title="A trusted client certificate where one is required",
        clause=(DOC["REQ-8"], DOC["SRV-10"]),
        send=(
            Handshake(Identity.USUAL),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>", protocol=b"https") & stays_open,
        control="documented-tls.get-answered",
        needs=frozenset({Need.CLIENT_CERTIFICATE}),
        why="Users with the right certificate cannot get in.",
    ),
    Scenario(
        id="documented-tls.client-certificate-missing",
        title="No client certificate where one is required",
        clause=(DOC["SRV-10"], DOC["REQ-8"]),
        send=(
            Handshake(Identity.ANONYMOUS),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=refuses_tls,
        control="documented-tls.get-answered",
        needs=frozenset({Need.CLIENT_CERTIFICATE}),
        risk=Risk.DISCLOSURE,
        why="A server that is configured to require a certificate lets everybody in.",
    ),
    Scenario(
        id="documented-tls.client-certificate-of-stranger",
        title="A client certificate from an unknown authority",
        clause=(DOC["SRV-10"], DOC["REQ-8"]),
        send=(
            Handshake(Identity.UNTRUSTED),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=refuses_tls,
        control="documented-tls.get-answered",
        needs=frozenset({Need.CLIENT_CERTIFICATE}),
        risk=Risk.DISCLOSURE,
        why="Anybody can make a certificate; one without a trusted issuer must not grant access.",
    ),
)
