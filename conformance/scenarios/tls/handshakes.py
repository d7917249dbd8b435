"""TLS before HTTP: server names, offered protocols, old versions of TLS, and records of all sizes."""

import re

from clients.steps import ASIDE, CLEARTEXT, SEGMENT, Handshake, ServerName
from conformance.clauses import RFC6066, RFC7301, RFC8446, RFC8996, RFC9110, RFC9112
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import CLIENT_ERROR, REDIRECTION, SERVER_ERROR, SUCCESS, answers, in_turn
from conformance.judging.tls_outcomes import refuses_tls, sends_alert
from conformance.judging.witness_outcomes import sees

# The rest of an old ClientHello, after its version and random octets: no session, six cipher suites of that
# time, no compression, and the elliptic curve groups.
_OLD_HELLO = (
    b"\x00"
    b"\x00\x0c\xc0\x14\xc0\x13\xc0\x0a\xc0\x09\x00\x35\x00\x2f"
    b"\x01\x00"
    b"\x00\x12"
    b"\x00\x0a\x00\x08\x00\x06\x00\x1d\x00\x17\x00\x18"
    b"\x00\x0b\x00\x02\x01\x00"
)

# A request split into single octets, but with each placeholder kept whole.
_OCTETS = re.findall(
    rb"<[a-z]+>|.",
    b"POST <witness>?n=1 HTTP/1.1\r\n"
    b"Host: <host>\r\n"
    b"Content-Length: 5\r\n"
    b"\r\n"
    b"hello",
    re.DOTALL,
)

SCENARIOS = (
    Scenario(
        id="tls.no-server-name",
        title="A handshake without a server name",
        clause=RFC8446["9.2-1"],
        send=(
            Handshake(name=ServerName.ABSENT),
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=1") | answers(CLIENT_ERROR) | sends_alert,
        control="basics.get",
        why="To an IP address, a client sends no SNI; serve or refuse it, but do not leave it waiting.",
    ),
    Scenario(
        id="tls.unknown-server-name",
        title="A handshake with a server name that the server does not have",
        clause=RFC6066["3-1"],
        send=(
            Handshake(name=ServerName.UNKNOWN),
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=1") | answers(CLIENT_ERROR) | sends_alert,
        control="tls.get-answered",
        why="A client at the wrong server should learn so at once, from an alert or from the certificate.",
    ),
    *(
        Scenario(
            id="tls.offered-protocols-" + kind,
            title="A handshake that offers protocols (ALPN): " + kind.replace("-", " "),
            clause=(RFC7301["3.2-3"], RFC7301["3.1-1"]),
            send=(
                Handshake(protocols=protocols),
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=sees(target=b"<witness>?n=1"),
            breaches=(Breach(refuses_tls, RFC7301["3.2-4"]),),
            control="tls.get-answered",
            why="Browsers offer the protocols they speak; a server must speak the one that it chooses.",
        )
        for kind, protocols in {
            "http-1-1": ("http/1.1",),
            "http-1-1-behind-unknown": ("wirecheck/1", "http/1.1"),
            "http-1-1-before-unknown": ("http/1.1", "wirecheck/1"),
        }.items()
    ),
    Scenario(
        id="tls.unknown-protocol-alone",
        title="A handshake that offers only an unknown protocol",
        clause=(RFC7301["3.2-2"], RFC7301["3.1-1"]),
        send=(
            Handshake(protocols=("wirecheck/1",)),
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        # A server that does not support ALPN ignores the offer.
        accept=sends_alert | sees(target=b"<witness>?n=1"),
        control="tls.get-answered",
        why="If the two sides cannot agree, an alert says so; otherwise each waits for the other.",
    ),
    *(
        Scenario(
            id="tls.old-version-" + version.replace(".", "-"),
            title="A ClientHello of TLS " + version,
            clause=clause,
            send=(
                CLEARTEXT,
                b"\x16\x03\x01" + (38 + len(_OLD_HELLO)).to_bytes(2, "big")
                + b"\x01" + (34 + len(_OLD_HELLO)).to_bytes(3, "big") + octets
                + bytes(range(32)) + _OLD_HELLO,
            ),
            accept=refuses_tls,
            control="tls.get-answered",
            risk=Risk.DISCLOSURE,
            why="Old versions can be broken; a server that still speaks them can be made to use them.",
        )
        for version, octets, clause in (
            ("1.0", b"\x03\x01", RFC8996["4-1"]),
            ("1.1", b"\x03\x02", RFC8996["5-1"]),
        )
    ),
    Scenario(
        id="tls.records-of-one-octet",
        title="A request in records of one octet",
        clause=(RFC9112["9.7-1"], RFC8446["5.1-1"]),
        send=(Handshake(), *(step for octet in _OCTETS for step in (octet, SEGMENT))),
        accept=sees(method=b"POST", target=b"<witness>?n=1", body=b"hello"),
        control="tls.get-answered",
        why="A client may split records anywhere; a server that reads one per request sees one letter.",
    ),
    Scenario(
        id="tls.several-requests-in-a-record",
        title="Ten requests in one record",
        clause=RFC9112["9.3.2-3"],
        send=(
            Handshake(),
            *(b"GET <witness>?n=%d HTTP/1.1\r\nHost: <host>\r\n\r\n" % number for number in range(10)),
        ),
        accept=in_turn(*(sees(target=b"<witness>?n=%d" % number) for number in range(10))),
        control="tls.get-answered",
        why="Requests from one record wait in the TLS layer, not in the socket, and are easily forgotten.",
    ),
    *family(
        Scenario(
            id="tls.stalled",
            title="Another client, while one stalls in its handshake",
            clause=RFC9110["2.3-1"],
            send=(
                CLEARTEXT,
                b"<value>",
                ASIDE,
                b"GET <witness>?n=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"\r\n",
            ),
            accept=sees(target=b"<witness>?n=1"),
            # Whatever is answered, the server goes on.
            breaches=(Breach(answers(SUCCESS, REDIRECTION, CLIENT_ERROR, SERVER_ERROR), RFC9110["2.3-1"]),),
            control="tls.get-answered",
            risk=Risk.EXHAUSTION,
            why="Anyone can start a handshake and then stop; other clients must not have to wait for it.",
        ),
        {
            "before-it": b"",
            "in-a-record-header": b"\x16\x03\x01",
            "in-a-client-hello": b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + b"\x00" * 32,
        },
    ),
)
