"""HTTP over TLS: ordinary requests, the end of a connection, and bytes that are not TLS."""

from clients.steps import CLEARTEXT, CLOSE_NOTIFY, HALF_CLOSE, PAUSE, RESET, Await, Handshake, Identity
from conformance.clauses import RFC8446, RFC9110, RFC9112
from conformance.judging.model import Breach, Need, Risk, Scenario, family
from conformance.judging.outcomes import (
    CLIENT_ERROR,
    REDIRECTION,
    SERVER_ERROR,
    SUCCESS,
    answers,
    closes,
    content_size,
    falls_silent,
    hangs_up,
    in_turn,
    stays_open,
)
from conformance.judging.tls_outcomes import closes_cleanly, refuses_tls, sends_alert
from conformance.judging.witness_outcomes import sees

SCENARIOS = (
    Scenario(
        id="tls.get-answered",
        title="A plain GET over TLS, as the client sees it",
        clause=RFC9112["9.7-1"],
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS),
        control="basics.get",
        why="Nearly every request is sent this way today.",
    ),
    Scenario(
        id="tls.get",
        title="A plain GET over TLS",
        clause=RFC9112["9.7-1"],
        send=(
            Handshake(),
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET", target=b"<witness>?n=1"),
        control="tls.get-answered",
        why="Nearly every request is sent this way today.",
    ),
    Scenario(
        id="tls.protocol",
        title="The scheme that the application sees over TLS",
        clause=RFC9112["3.3-p1"],
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(protocol=b"https", host=b"<host>"),
        control="tls.get-answered",
        why="An application that believes it is served in cleartext makes links that leave TLS.",
    ),
    Scenario(
        id="tls.pipelining",
        title="Three pipelined requests over TLS",
        clause=RFC9112["9.3.2-3"],
        send=(
            Handshake(),
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"POST <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 5\r\n"
            b"\r\n"
            b"hello"
            b"GET <witness>?n=3 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(body=b"hello"), sees(target=b"<witness>?n=3")),
        control="tls.get-answered",
        why="Requests from one record wait in the TLS layer, not in the socket, and are easily forgotten.",
    ),
    Scenario(
        id="tls.large-body",
        title="A body of 1 MiB over TLS",
        clause=RFC9112["6.3-p3"],
        send=(
            Handshake(),
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n",
            b"0123456789abcdef" * 65536,
        ),
        accept=sees(body=b"0123456789abcdef" * 65536) | answers(413),
        control="tls.get-answered",
        why="A body in many records must not stall or lose any of them.",
    ),
    Scenario(
        id="tls.large-answer",
        title="A response of 1 MiB over TLS",
        clause=RFC9112["9.7-1"],
        send=(
            Handshake(),
            b"GET <size>/1048576 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & content_size(1_048_576),
        control="tls.get-answered",
        why="A response in many records must not stall or lose any of them.",
    ),
    Scenario(
        id="tls.clean-close",
        title="The end of a TLS connection",
        clause=(RFC9112["9.8-6"], RFC8446["6.1-1"]),
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Connection: close\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & closes_cleanly,
        # A connection that stays open breaks another rule.
        breaches=(
            Breach(answers(SUCCESS) & closes, RFC9112["9.8-6"], Risk.CORRUPTION),
            Breach(answers(SUCCESS), RFC9112["9.6-4"]),
        ),
        control="tls.get-answered",
        risk=Risk.CORRUPTION,
        why="Without close_notify, a response that an attacker truncated looks complete.",
    ),
    Scenario(
        id="tls.clean-close-behind-a-refusal",
        title="The end of a TLS connection after a refused request",
        clause=(RFC9112["9.8-6"], RFC8446["6.1-1"]),
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test : one\r\n"
            b"\r\n",
        ),
        # What is due here is the end; whether the request had to be refused is judged elsewhere.
        accept=(answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR) & (closes_cleanly | stays_open))
        | (hangs_up & closes_cleanly),
        control="tls.get-answered",
        risk=Risk.CORRUPTION,
        why="Servers often close differently after a refusal, and that end can be forged just as easily.",
    ),
    Scenario(
        id="tls.garbage-handshake",
        title="Octets that are not a TLS record",
        clause=RFC8446["5-1"],
        send=(CLEARTEXT, b"\x00\x01\x02\x03\xff\xfe\xfd" * 20),
        accept=refuses_tls,
        # As a record, they would be longer than they are; a server may look only at whole records. Some take
        # what is not TLS for HTTP, and refuse it in cleartext.
        tolerate=falls_silent | (answers(CLIENT_ERROR) & closes),
        control="tls.get-answered",
        why="This cannot become a handshake; a server that waits for more waits in vain.",
    ),
    Scenario(
        id="tls.next-client-after-garbage",
        title="The next client after a garbage handshake that was reset",
        clause=(RFC9110["2.3-1"], RFC9112["9.8-5"]),
        send=(
            CLEARTEXT,
            b"\x16\x03\x01\x00\x05garbage",
            RESET,
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET"),
        # Whatever is answered, the server goes on.
        breaches=(Breach(answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR), RFC9110["2.3-1"]),),
        control="tls.get-answered",
        risk=Risk.EXHAUSTION,
        why="One client's broken handshake must not end the service for all others.",
    ),
    Scenario(
        id="tls.cleartext-request",
        title="A cleartext request to the TLS port",
        clause=RFC9112["9.7-1"],
        send=(
            CLEARTEXT,
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=refuses_tls | answers(CLIENT_ERROR, REDIRECTION),
        # As a TLS record, it would be longer than it is; a server may look only at whole records.
        tolerate=falls_silent,
        control="tls.get-answered",
        risk=Risk.DISCLOSURE,
        why="Anything served in cleartext on the TLS port can be read and changed by anyone on the path.",
    ),
    Scenario(
        id="tls.client-certificate",
        title="A client certificate that is requested and sent",
        clause=(RFC9112["9.7-1"], RFC8446["4.3.2-1"]),
        send=(
            Handshake(Identity.USUAL),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET"),
        # Who may do what is the application's or the configuration's decision.
        tolerate=answers(CLIENT_ERROR),
        control="basics.get",
        needs=frozenset({Need.CLIENT_CERTIFICATE}),
        why="Clients that identify themselves properly must be served.",
    ),
    Scenario(
        id="tls.client-certificate-missing",
        title="A client certificate that is requested but not sent",
        clause=RFC8446["4.4.2.4-1"],
        send=(
            Handshake(Identity.ANONYMOUS),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sends_alert | answers(CLIENT_ERROR),
        control="tls.get-answered",
        needs=frozenset({Need.CLIENT_CERTIFICATE}),
        why="A server that serves clients without a certificate protects nothing by requesting one.",
    ),
    Scenario(
        id="tls.client-certificate-untrusted",
        title="A client certificate from an authority that the server does not know",
        clause=(RFC8446["4.4.2.4-2"], RFC9112["9.8-7"]),
        send=(
            Handshake(Identity.UNTRUSTED),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sends_alert | answers(CLIENT_ERROR),
        control="tls.get-answered",
        needs=frozenset({Need.CLIENT_CERTIFICATE}),
        why="A self-made certificate must not grant access.",
    ),
    Scenario(
        id="tls.request-in-two-records",
        title="A request split across TLS records",
        clause=(RFC9112["9.7-1"], RFC8446["5.1-1"]),
        send=(
            Handshake(),
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Le",
            PAUSE,
            b"ngth: 10\r\n"
            b"\r",
            PAUSE,
            b"\n"
            b"hello",
            PAUSE,
            b"world",
        ),
        accept=sees(method=b"POST", body=b"helloworld"),
        control="tls.get-answered",
        why="A client may split records anywhere; they do not show where a request ends.",
    ),
    Scenario(
        id="tls.requests-across-records",
        title="One request and the start of the next in one TLS record",
        clause=RFC9112["9.3.2-3"],
        send=(
            Handshake(),
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n"
            b"GET <witness>?n=2 HT",
            PAUSE,
            b"TP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=in_turn(sees(target=b"<witness>?n=1"), sees(target=b"<witness>?n=2")),
        control="tls.get-answered",
        why="The rest of a record belongs to the next request and must be kept until that is complete.",
    ),
    Scenario(
        id="tls.close-notify-first",
        title="A client that sends close_notify after its request",
        clause=RFC9112["9.6-p1"],
        send=(
            Handshake(),
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            CLOSE_NOTIFY,
        ),
        accept=sees(target=b"<witness>?n=1") & closes,
        tolerate=hangs_up,
        breaches=(Breach(sees(target=b"<witness>?n=1"), RFC9112["9.5-2"]),),
        control="tls.get-answered",
        why="A client that has sent everything still waits for the response.",
    ),
    Scenario(
        id="tls.half-close",
        title="A client that closes its sending side after its request",
        clause=RFC9112["9.6-p1"],
        send=(
            Handshake(),
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            HALF_CLOSE,
        ),
        accept=sees(target=b"<witness>?n=1") & closes,
        tolerate=hangs_up,
        breaches=(Breach(sees(target=b"<witness>?n=1"), RFC9112["9.5-2"]),),
        control="tls.get-answered",
        why="A client that has sent everything still waits for the response.",
    ),
    Scenario(
        id="tls.close-notify-in-answer",
        title="A client that sends close_notify after the response",
        clause=(RFC8446["6.1-1"], RFC9112["9.8-6"]),
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
            Await.RESPONSE,
            CLOSE_NOTIFY,
        ),
        accept=answers(SUCCESS) & closes_cleanly,
        # TLS 1.3 has a server close only its own side, when it likes; HTTP wants it to notice.
        breaches=(
            Breach(answers(SUCCESS) & closes, RFC8446["6.1-1"]),
            Breach(answers(SUCCESS), RFC9112["9.5-2"]),
        ),
        control="tls.get-answered",
        why="A client that closes properly needs the server's close_notify to know that nothing was cut off.",
    ),
    *family(
        Scenario(
            id="tls.cut-off",
            title="The next client after one that left without close_notify",
            clause=RFC9112["9.8-5"],
            send=(
                Handshake(),
                b"<value>",
                RESET,
                b"GET <witness>?n=2 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=sees(target=b"<witness>?n=2"),
            # Whatever is answered, the server goes on.
            breaches=(Breach(answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR), RFC9112["9.8-5"]),),
            control="tls.get-answered",
            risk=Risk.EXHAUSTION,
            why="Clients vanish all the time; other clients must not suffer for it.",
        ),
        {
            "within-a-head": b"GET <witness>?n=1 HTTP/1.1\r\nHost: <ho",
            "behind-a-request": b"GET <witness>?n=1 HTTP/1.1\r\nHost: <host>\r\n\r\n",
            "within-a-body": b"POST <witness> HTTP/1.1\r\nHost: <host>\r\nContent-Length: 10\r\n\r\nhello",
        },
    ),
    *family(
        Scenario(
            id="tls.next-client-after",
            title="The next client after an abandoned handshake",
            clause=(RFC9112["9.8-5"], RFC9110["2.3-1"]),
            send=(
                CLEARTEXT,
                b"<value>",
                PAUSE,
                RESET,
                b"GET <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=sees(method=b"GET"),
            # Whatever is answered, the server goes on.
            breaches=(Breach(answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR), RFC9112["9.8-5"]),),
            control="tls.get-answered",
            risk=Risk.EXHAUSTION,
            why="One client's stalled handshake must not end the service for all others.",
        ),
        {
            "one-octet": b"\x16",
            "a-record-header": b"\x16\x03\x01\x02\x00",
            "half-a-client-hello": b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + b"\x00" * 32,
        },
    ),
    *family(
        Scenario(
            id="tls.unexpected-record",
            title="A TLS record that cannot start a handshake",
            clause=RFC8446["5-1"],
            send=(CLEARTEXT, b"<value>"),
            accept=refuses_tls,
            tolerate=answers(CLIENT_ERROR) & closes,
            control="tls.get-answered",
            why="Data that arrives before the keys are agreed on may come from anyone.",
        ),
        {
            "application-data": b"\x17\x03\x03\x00\x05hello",
            "unknown-type": b"\x63\x03\x03\x00\x05hello",
        },
    ),
    Scenario(
        id="tls.unexpected-record-alert",
        title="A TLS record that cannot start a handshake: alert",
        clause=(RFC8446["6.2-1"], RFC8446["5-1"]),
        send=(CLEARTEXT, b"\x15\x03\x03\x00\x02\x02\x28"),
        accept=refuses_tls,
        tolerate=answers(CLIENT_ERROR) & closes,
        control="tls.get-answered",
        why="A client that sends a fatal alert has given up; a server that waits for more waits in vain.",
    ),
    Scenario(
        id="tls.clean-close-in-http10",
        title="The end of a TLS connection in HTTP/1.0",
        clause=(RFC9112["9.8-6"], RFC8446["6.1-1"]),
        send=(
            Handshake(),
            b"GET <witness> HTTP/1.0\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & closes_cleanly,
        # A connection that stays open breaks another rule.
        breaches=(
            Breach(answers(SUCCESS) & closes, RFC9112["9.8-6"], Risk.CORRUPTION),
            Breach(answers(SUCCESS), RFC9112["9.3-p2"]),
        ),
        control="tls.get-answered",
        risk=Risk.CORRUPTION,
        why="In HTTP/1.0 the close itself may end the content, and anyone on the path can forge a FIN.",
    ),
    Scenario(
        id="tls.absolute-form",
        title="An https target over TLS, with the scheme in upper case",
        clause=(RFC9112["3.2.2-6"], RFC9110["4.2.3-2"]),
        send=(
            Handshake(),
            b"GET HTTPS://<host><witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET"),
        control="request-line.absolute-form-as-understood",
        why="Schemes are case-insensitive, and over TLS the scheme is https.",
    ),
)
