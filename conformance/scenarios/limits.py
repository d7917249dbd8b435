"""Limits: whatever a peer sends too much of is refused in good order, or served whole.

No rule says how large a limit has to be, so both branches are open nearly everywhere; silence, an error of
the server's own, and a request that is served without what was too large are not.
"""

from clients.steps import ASIDE
from conformance.clauses import RFC9110, RFC9112
from conformance.judging.model import Scenario, family
from conformance.judging.outcomes import CLIENT_ERROR, answers
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
        control="basics.get-as-understood",
        why="A client that is told what was too long can ask for less; one that is told nothing tries again.",
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
        control="basics.get-as-understood",
        why="A client that is told what was too long can ask for less; one that is told nothing tries again.",
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
        why="Links of that length exist; a server that refuses them breaks pages that work elsewhere.",
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
        control="basics.get-as-understood",
        why="Whoever comes from a page with a long address would not be served.",
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
        control="basics.get-as-understood",
        why="A field that is too large and silently dropped leaves the request with another meaning.",
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
        control="basics.get-as-understood",
        why="A name that is cut off becomes that of another field.",
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
        control="basics.get-as-understood",
        why="A name that is cut off becomes that of another site.",
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
        control="basics.get-as-understood",
        why="Fields beyond a limit must not be dropped: one of them may have forbidden what is done.",
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
        control="basics.get-as-understood",
        why="Fields beyond a limit must not be dropped: one of them may have forbidden what is done.",
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
        why="Lines that are joined at a cost which grows with their square stop a server for everyone.",
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
        control="basics.get-as-understood",
        why="Fields beyond a limit must not be dropped: one of them may have forbidden what is done.",
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
        control="basics.get-as-understood",
        why="A cookie that arrives cut off, or not at all, logs people out for no reason that they can see.",
    ),
    *family(
        Scenario(
            id="limits.endless",
            title="Two megabytes of what has no end",
            clause=RFC9110["2.3-1"],
            send=(b"<value>",),
            accept=answers(CLIENT_ERROR, 501),
            control="basics.get",
            why="A server that goes on collecting can be filled up by anyone with patience.",
        ),
        {
            "method": b"M" * _MUCH,
            "target": b"GET /" + b"a" * _MUCH,
            "version": b"GET / HTTP/1." + b"1" * _MUCH,
            "field-name": b"GET <witness> HTTP/1.1\r\nHost: <host>\r\nX-" + b"a" * _MUCH,
            "field-value": b"GET <witness> HTTP/1.1\r\nHost: <host>\r\nX-Test: " + b"a" * _MUCH,
            "white-space": b"GET <witness> HTTP/1.1\r\nHost: <host>\r\nX-Test: " + b" " * _MUCH,
            "fields": b"GET <witness> HTTP/1.1\r\nHost: <host>\r\n" + b"X-Test: a\r\n" * (_MUCH // 11),
        },
    ),
    *family(
        Scenario(
            id="limits.endless-chunk",
            title="Two megabytes of what has no end, in a chunked body",
            clause=(RFC9112["7.1.1-p1"], RFC9110["2.3-1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Transfer-Encoding: chunked\r\n"
                b"\r\n"
                b"<value>",
            ),
            accept=answers(CLIENT_ERROR),
            control="chunked.post",
            why="What belongs to no content is bounded by no limit on content, and needs one of its own.",
        ),
        {
            "extension-name": b"5;" + b"a" * _MUCH,
            "extension-value": b"5;a=" + b"a" * _MUCH,
            "extensions": b"5" + b";a=b" * (_MUCH // 4),
            "size": b"0" * _MUCH,
            "trailer-line": b"5\r\nhello\r\n0\r\nX-Test: " + b"a" * _MUCH,
            "trailers": b"5\r\nhello\r\n0\r\n" + b"X-Test: a\r\n" * (_MUCH // 11),
        },
    ),
    Scenario(
        id="limits.next-client",
        title="A client beside one that sent two megabytes of field lines, and no end",
        clause=RFC9110["2.3-1"],
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
        control="basics.get-as-understood",
        why="What one client sends too much of must not end the service for all others.",
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
        control="chunked.post",
        why="An extension that is too long may be refused, but not shift what is taken for the chunk.",
    ),
    Scenario(
        id="limits.extension-on-each-of-20000-chunks",
        title="Chunks of one octet, with extensions of two megabytes in all",
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
        tolerate=sees(body=b"x" * 20_000),
        control="chunked.post",
        why="Short extensions that are never added up let a small body cost a hundred times its size.",
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
        control="chunked.post",
        why="Programs that write a body octet by octet exist, and are slow but right.",
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
        control="chunked.trailers",
        why="A trailer section that is too large has to be refused or read to its end, not left there.",
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
        control="chunked.trailers",
        why="A trailer section that is too large has to be refused or read to its end, not left there.",
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
        control="request-line.empty-line-first",
        why="One empty line is a habit of old clients; a server that skips them for ever can be kept busy.",
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
        why="A photograph has that size; it arrives whole, or the client learns that it is too large.",
    ),
)
