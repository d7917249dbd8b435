"""Limits: input that is too large must be refused properly or served whole.

No rule says how large a limit must be, so both outcomes are accepted nearly everywhere. Not accepted are
silence, a server error, and a request that is served without the part that was too large.
"""

from clients.steps import ASIDE
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import CLIENT_ERROR, SUCCESS, answers, closes
from conformance.judging.witness_outcomes import sees

_MUCH = 2_000_000

SCENARIOS = (
    Scenario(
        id="limits.target-of-20000",
        title="A request-target of 20,000 octets",
        clause=RFC9112["3-3"],
        send=(
            b"GET <witness>?a=" + b"a" * 20_000 + b" HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(414) | sees(target=b"<witness>?a=" + b"a" * 20_000),
        tolerate=answers(CLIENT_ERROR),
        control="basics.target-as-understood",
        why="A client that learns what was too long can send less; one that learns nothing tries again.",
    ),
    Scenario(
        id="limits.target-of-1000000",
        title="A request-target of 1,000,000 octets",
        clause=RFC9110["2.3-1"],
        send=(
            b"GET <witness>?a=" + b"a" * 1_000_000 + b" HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(target=b"<witness>?a=" + b"a" * 1_000_000),
        control="basics.target-as-understood",
        why="A client that learns what was too long can send less; one that learns nothing tries again.",
    ),
    Scenario(
        id="limits.absolute-form-of-8000",
        title="An absolute-form target of 8000 octets",
        clause=RFC9110["4.1-1"],
        send=(
            b"GET <origin><witness>?a=" + b"a" * 7900 + b" HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(method=b"GET"),
        control="request-line.absolute-form-as-understood",
        why="Links of this length exist; a server that refuses them breaks pages that work elsewhere.",
    ),
    Scenario(
        id="limits.referer-of-8000",
        title="A Referer of 8000 octets",
        clause=RFC9110["4.1-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Referer: http://a.example/?" + b"a" * 7975 + b"\r\n"
            b"\r\n",
        ),
        accept=sees(fields={b"Referer": b"http://a.example/?" + b"a" * 7975}),
        control="basics.field-as-understood",
        why="A visitor who comes from a page with a long address would not be served.",
    ),
    Scenario(
        id="limits.field-line-of-40000",
        title="A field line of 40,000 octets",
        clause=RFC9110["5.4-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: " + b"a" * 40_000 + b"\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(fields={b"X-Test": b"a" * 40_000}),
        control="basics.field-as-understood",
        risk=Risk.SMUGGLING,
        why="A server that silently drops a large field changes the meaning of the request.",
    ),
    Scenario(
        id="limits.field-name-of-100000",
        title="A field name of 100,000 octets",
        clause=RFC9110["5.4-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-" + b"a" * 100_000 + b": one\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(fields={b"X-" + b"a" * 100_000: b"one"}),
        control="basics.field-as-understood",
        risk=Risk.SMUGGLING,
        why="A truncated name becomes the name of another field.",
    ),
    Scenario(
        id="limits.host-of-100000",
        title="A Host of 100,000 octets",
        clause=RFC9110["5.4-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: " + b"a." * 50_000 + b"example\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(fields={b"Host": b"a." * 50_000 + b"example"}),
        control="basics.field-as-understood",
        risk=Risk.ROUTING,
        why="A truncated name becomes the name of another site.",
    ),
    Scenario(
        id="limits.fields-100",
        title="One hundred field lines",
        clause=RFC9110["5.4-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n",
            b"".join(b"X-Test-%d: %d\r\n" % (number, number) for number in range(1, 101)),
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(fields={b"X-Test-1": b"1", b"X-Test-100": b"100"}),
        control="basics.field-as-understood",
        risk=Risk.SMUGGLING,
        why="Fields beyond a limit must not be dropped: one of them may forbid what the server then does.",
    ),
    Scenario(
        id="limits.fields-5000",
        title="Five thousand field lines",
        clause=RFC9110["5.4-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n",
            b"".join(b"X-Test-%d: %d\r\n" % (number, number) for number in range(1, 5001)),
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(fields={b"X-Test-1": b"1", b"X-Test-5000": b"5000"}),
        control="basics.field-as-understood",
        risk=Risk.SMUGGLING,
        why="Fields beyond a limit must not be dropped: one of them may forbid what the server then does.",
    ),
    Scenario(
        id="limits.equal-fields-5000",
        title="Five thousand lines of the same field",
        clause=RFC9110["5.4-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n",
            b"X-Test: a\r\n" * 5000,
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(fields={b"X-Test": b"a" + b", a" * 4999}),
        control="fields.repeated",
        risk=Risk.EXHAUSTION,
        why="If joining lines takes quadratic time, one request stops the server for everyone.",
    ),
    Scenario(
        id="limits.field-section-of-500000",
        title="A field section of 500,000 octets, in lines of 5,000",
        clause=RFC9110["5.4-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-First: one\r\n",
            (b"X-Test: " + b"a" * 5000 + b"\r\n") * 100,
            b"X-Last: two\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(fields={b"X-First": b"one", b"X-Last": b"two"}),
        control="basics.field-as-understood",
        risk=Risk.SMUGGLING,
        why="Fields beyond a limit must not be dropped: one of them may forbid what the server then does.",
    ),
    Scenario(
        id="limits.cookies-of-4000",
        title="A Cookie of 4000 octets",
        clause=RFC9110["5.4-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Cookie: a=" + b"a" * 3990 + b"\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(fields={b"Cookie": b"a=" + b"a" * 3990}),
        control="basics.field-as-understood",
        why="A cookie that arrives truncated, or not at all, logs people out for no visible reason.",
    ),
    *family(
        Scenario(
            id="limits.endless",
            title="A 2 MB element that never ends",
            clause=RFC9110["2.3-1"],
            send=(b"<value>",),
            accept=answers(CLIENT_ERROR, 501),
            # Who closes takes no more of it, whatever the answer is.
            tolerate=closes,
            control="basics.get",
            risk=Risk.EXHAUSTION,
            why="If a server keeps buffering it, anyone with patience can exhaust the server's memory.",
        ),
        {
            "method": b"M" * _MUCH,
            "target": b"GET /" + b"a" * _MUCH,
            "version": b"GET / HTTP/1." + b"1" * _MUCH,
            "field-name": b"GET <witness> HTTP/1.1\r\nHost: <host>\r\nX-" + b"a" * _MUCH,
            "field-value": b"GET <witness> HTTP/1.1\r\nHost: <host>\r\nX-Test: " + b"a" * _MUCH,
            "fields": b"GET <witness> HTTP/1.1\r\nHost: <host>\r\n" + b"X-Test: a\r\n" * (_MUCH // 11),
        },
    ),
    Scenario(
        id="limits.endless-white-space",
        title="A 2 MB element that never ends: white space",
        clause=RFC9110["2.3-1"],
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"X-Test: " + b" " * _MUCH,
        ),
        accept=answers(CLIENT_ERROR, 501),
        control="basics.get",
        why="White space before a value need not be kept, but has to be read for as long as it comes.",
    ),
    *family(
        Scenario(
            id="limits.endless-chunk",
            title="A 2 MB element that never ends, in a chunked body",
            clause=RFC9112["7.1.1-p1"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>",
            ),
            accept=answers(CLIENT_ERROR),
            # Who closes takes no more of it, whatever the answer is.
            tolerate=closes,
            control="chunked.post-answered",
            risk=Risk.EXHAUSTION,
            why="A limit on content does not cover bytes that are not content; they need their own limit.",
        ),
        {
            "extension-name": b"5;" + b"a" * _MUCH,
            "extension-value": b"5;a=" + b"a" * _MUCH,
            "extensions": b"5" + b";a=b" * (_MUCH // 4),
        },
    ),
    *family(
        Scenario(
            id="limits.endless-chunk",
            title="A 2 MB element that never ends, in a chunked body",
            clause=RFC9110["2.3-1"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>",
            ),
            accept=answers(CLIENT_ERROR),
            tolerate=closes,
            control="chunked.post-answered",
            risk=Risk.EXHAUSTION,
            why="A limit on content does not cover bytes that are not content; they need their own limit.",
        ),
        {
            "size": b"0" * _MUCH,
            "trailer-line": b"5\r\nhello\r\n0\r\nX-Test: " + b"a" * _MUCH,
            "trailers": b"5\r\nhello\r\n0\r\n" + b"X-Test: a\r\n" * (_MUCH // 11),
        },
    ),
    Scenario(
        id="limits.next-client",
        title="Another client, while one has sent 2 MB of field lines without an end",
        clause=RFC9110["15-p2"],
        send=(
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n",
            b"X-Test: a\r\n" * (_MUCH // 11),
            ASIDE,
            b"GET <witness>?n=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees(target=b"<witness>?n=2"),
        control="basics.target-as-understood",
        risk=Risk.EXHAUSTION,
        why="One client that sends too much must not end the service for everyone else.",
    ),
    Scenario(
        id="limits.chunk-extension-of-100000",
        title="A chunk extension of 100,000 octets",
        clause=RFC9112["7.1.1-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5;a=" + b"a" * 100_000 + b"\r\nhello\r\n"
            b"0\r\n\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(body=b"hello"),
        breaches=(Breach(answers(SUCCESS), RFC9112["7.1.1-1"], Risk.SMUGGLING),),
        control="chunked.post",
        why="A server may refuse a long extension, but must not misread where the chunk begins.",
    ),
    Scenario(
        id="limits.extension-on-each-of-20000-chunks",
        title="20,000 chunks of one octet, with 2 MB of extensions in total",
        clause=RFC9112["7.1.1-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n",
            (b"1;" + b"a" * 95 + b"\r\nx\r\n") * 20_000,
            b"0\r\n\r\n",
        ),
        accept=answers(CLIENT_ERROR),
        tolerate=closes,
        control="chunked.post-answered",
        risk=Risk.EXHAUSTION,
        why="If short extensions are not counted together, a small body costs a hundred times its size.",
    ),
    Scenario(
        id="limits.chunks-of-one-octet",
        title="Twenty thousand chunks of one octet",
        clause=RFC9112["7.1-2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n",
            b"1\r\nx\r\n" * 20_000,
            b"0\r\n\r\n",
        ),
        accept=sees(body=b"x" * 20_000) | answers(413),
        tolerate=answers(CLIENT_ERROR),
        control="chunked.post",
        why="Some programs write a body octet by octet, which is slow but valid.",
    ),
    Scenario(
        id="limits.trailer-line-of-300000",
        title="A trailer field line of 300,000 octets",
        clause=RFC9110["2.3-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n"
            b"X-Test: " + b"a" * 300_000 + b"\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(body=b"hello"),
        control="chunked.body-before-trailers",
        why="A trailer section that is too large must be refused or read to its end, not left unread.",
    ),
    Scenario(
        id="limits.trailers-5000",
        title="Five thousand trailer field lines",
        clause=RFC9110["2.3-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"5\r\nhello\r\n"
            b"0\r\n",
            b"".join(b"X-Test-%d: %d\r\n" % (number, number) for number in range(1, 5001)),
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(body=b"hello"),
        control="chunked.body-before-trailers",
        why="A trailer section that is too large must be refused or read to its end, not left unread.",
    ),
    Scenario(
        id="limits.empty-lines-100000",
        title="One hundred thousand empty lines before a request line",
        clause=RFC9110["2.3-1"],
        send=(
            b"\r\n" * 100_000,
            b"GET <witness>?n=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees(target=b"<witness>?n=1"),
        control="basics.get",
        why="Old clients send one empty line; a server that skips any number can be kept busy for ever.",
    ),
    Scenario(
        id="limits.body-of-two-megabytes",
        title="A body of 2,000,000 octets",
        clause=(RFC9112["6.3-p3"], RFC9110["15.5.14-1"], RFC9110["15.5.14-2"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Length: 2000000\r\n"
            b"\r\n",
            b"0123456789" * 200_000,
        ),
        accept=sees(body=b"0123456789" * 200_000) | answers(413),
        control="basics.post",
        why="A photo has this size; it must arrive whole, or the client must learn that it is too large.",
    ),
)
