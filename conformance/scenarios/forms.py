"""Urlencoded forms, and the fields that the application gets from them."""

from clients.steps import PAUSE
from conformance.clauses import RFC9110, RFC9112, URL
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import CLIENT_ERROR, SERVER_ERROR, answers
from conformance.judging.witness_outcomes import sees, sees_argument

SCENARIOS = (
    Scenario(
        id="forms.urlencoded",
        title="A urlencoded form of two fields",
        clause=URL["5.1-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=1&b=two",
        ),
        accept=sees_argument("a", "1") & sees_argument("b", "two"),
        control="basics.post-answered",
        why="Every HTML form without files is sent this way.",
    ),
    Scenario(
        id="forms.semicolon",
        title="A semicolon in a urlencoded value",
        clause=URL["5.1-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=1;b=2",
        ),
        accept=sees_argument("a", "1;b=2") & sees_argument("b"),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), URL["5.1-p1"]),),
        control="forms.urlencoded",
        risk=Risk.CORRUPTION,
        why="A server that splits at semicolons where a cache does not lets the cache be poisoned.",
    ),
    *family(
        Scenario(
            id="forms.decoded",
            title="An encoded value",
            clause=URL["5.1-p3"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"a=<value>",
            ),
            accept=sees_argument("a", "x y&=+\u00e9"),
            control="forms.urlencoded",
            why="User input must reach the application unchanged, whatever characters it contains.",
        ),
        {
            "percent": b"x%20y%26%3D%2B%C3%A9",
            "lower-case-percent": b"x%20y%26%3d%2b%c3%a9",
            "needless-percent": b"%78%20%79%26%3D%2B%C3%A9",
        },
    ),
    Scenario(
        id="forms.decoded-plus",
        title="An encoded value: plus",
        clause=(URL["5.1-p2"], URL["5.1-p3"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=x+y%26%3D%2B%C3%A9",
        ),
        accept=sees_argument("a", "x y&=+\u00e9"),
        control="forms.urlencoded",
        why="User input must reach the application unchanged, whatever characters it contains.",
    ),
    Scenario(
        id="forms.stray-percent",
        title="A percent sign without two hex digits",
        clause=URL["5.1-p3"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=100%&b=%zz",
        ),
        accept=sees_argument("a", "100%") & sees_argument("b", "%zz"),
        control="forms.urlencoded",
        why="People write such values in links by hand; a stray percent sign must not lose a form.",
    ),
    Scenario(
        id="forms.repeated",
        title="A name with several values",
        clause=URL["5.1-p4"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=1&b=x&a=2",
        ),
        accept=sees_argument("a", "1", "2"),
        control="forms.urlencoded",
        why="Check boxes and multiple selections send one pair for each choice.",
    ),
    Scenario(
        id="forms.equals-in-value",
        title="An equals sign in a value",
        clause=URL["5.1-p5"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=b=c",
        ),
        accept=sees_argument("a", "b=c"),
        control="forms.urlencoded",
        why="Base64 tokens end in equals signs, which not every client escapes.",
    ),
    *family(
        Scenario(
            id="forms.content-type",
            title="The media type of a urlencoded form, spelled differently",
            clause=(RFC9110["8.3.1-p1"], RFC9110["5.6.6-p1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: <value>\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"a=1",
            ),
            accept=sees_argument("a", "1"),
            control="forms.urlencoded",
            why="Browsers add a charset; a form that is not recognized with it arrives empty.",
        ),
        {
            "with-charset": b"application/x-www-form-urlencoded; charset=UTF-8",
            "without-space": b"application/x-www-form-urlencoded;charset=utf-8",
            "in-another-case": b"Application/X-WWW-Form-Urlencoded",
        },
    ),
    Scenario(
        id="forms.charset-that-does-not-exist",
        title="A urlencoded form with a charset that does not exist",
        clause=RFC9110["2.3-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded; charset=nonsense-8\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=1",
        ),
        accept=sees(method=b"POST") | answers(CLIENT_ERROR),
        control="basics.post-answered",
        why="Anyone can send this; looking up the name of a charset must not cause a server error.",
    ),
    Scenario(
        id="forms.encoded-name",
        title="An encoded name",
        clause=(URL["5.1-p3"], URL["5.1-p2"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"x+y%26%3d%C3%A9=1",
        ),
        accept=sees_argument("x y&=\u00e9", "1"),
        control="forms.urlencoded",
        why="Field names are the form author's choice, and may be in any language.",
    ),
    Scenario(
        id="forms.encoded-twice",
        title="A value encoded twice",
        clause=URL["5.1-p3"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=%2526b%253D1",
        ),
        accept=sees_argument("a", "%26b%3D1") & sees_argument("b"),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), URL["5.1-p3"]),),
        control="forms.urlencoded",
        risk=Risk.CORRUPTION,
        why="Decoding twice turns a user's text into fields that nobody sent.",
    ),
    *family(
        Scenario(
            id="forms.malformed-utf-8",
            title="A value that is not UTF-8",
            clause=(URL["5.1-p6"], URL["5.1-p3"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"a=<value>&b=2",
            ),
            accept=(sees_argument("a", "x\ufffdy") & sees_argument("b", "2")) | answers(400),
            control="forms.urlencoded",
            why="Text that cannot be decoded must not lose the rest of the form.",
        ),
        {"latin-1": b"x%E9y", "no-utf-8-octet": b"x%FFy", "cut-off": b"x%E2%82y"},
    ),
    Scenario(
        id="forms.empty-pairs",
        title="Empty pairs between ampersands",
        clause=(URL["5.1-p7"], URL["5.1-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"&&a=1&&&b=2&",
        ),
        accept=sees_argument("a", "1") & sees_argument("b", "2") & sees_argument(""),
        control="forms.urlencoded",
        why="Forms generated by programs contain stray ampersands, which mean nothing.",
    ),
    Scenario(
        id="forms.empty-values",
        title="Names with an empty value, and one without an equals sign",
        clause=(URL["5.1-p5"], URL["5.1-p4"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=&b=2&c&a=",
        ),
        # Some APIs leave empty values out; none may lose other values or confuse them.
        accept=sees_argument("b", "2")
        & (sees_argument("a", "", "") | sees_argument("a"))
        & (sees_argument("c", "") | sees_argument("c")),
        control="forms.urlencoded",
        why="Browsers send an empty text field this way; it must not get the value of the next one.",
    ),
    Scenario(
        id="forms.name-not-utf-8",
        title="A name that is not UTF-8",
        clause=(URL["5.1-p6"], URL["5.1-p3"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"x%E9y=1&b=2",
        ),
        accept=sees_argument("b", "2") | answers(400),
        control="forms.urlencoded",
        why="Text that cannot be decoded must not lose the rest of the form.",
    ),
    Scenario(
        id="forms.name-case",
        title="Names that differ by case",
        clause=URL["5.1-p4"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=1&A=2",
        ),
        accept=sees_argument("a", "1") & sees_argument("A", "2"),
        control="forms.urlencoded",
        why="Unlike header field names, the names in a form are case-sensitive.",
    ),
    Scenario(
        id="forms.nul",
        title="A NUL and line ends in a value",
        clause=(URL["5.1-p3"], URL["5.1-p4"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=x%00y%0D%0Az",
        ),
        accept=sees_argument("a", "x\x00y\r\nz"),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), URL["5.1-p3"]),),
        control="forms.urlencoded",
        risk=Risk.CORRUPTION,
        why="Text of several lines contains line ends; a value cut off at a NUL is a different value.",
    ),
    Scenario(
        id="forms.query",
        title="Arguments in the query of a GET",
        clause=URL["5.1-p1"],
        send=(
            b"GET <witness>?a=1&b=x+y%20%C3%A9&a=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees_argument("a", "1", "2") & sees_argument("b", "x y \u00e9"),
        control="basics.get",
        why="Forms with the method GET, and most links, carry their arguments there.",
    ),
    *family(
        Scenario(
            id="forms.in-two-pieces",
            title="A form that arrives in two pieces",
            clause=(URL["5.1-p3"], URL["5.1-p6"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"<first>",
                PAUSE,
                b"<second>",
            ),
            accept=sees_argument("a", "x\u00e9y") & sees_argument("b", "2"),
            control="forms.urlencoded",
            risk=Risk.CORRUPTION,
            why="The network may split a form anywhere; no value may depend on it.",
        ),
        {
            "within-an-escape": {b"<first>": b"a=x%C3%A", b"<second>": b"9y&b=2"},
            "within-a-character": {b"<first>": b"a=x%C3", b"<second>": b"%A9y&b=2"},
        },
    ),
    *family(
        Scenario(
            id="forms.in-two-pieces",
            title="A form that arrives in two pieces",
            clause=(URL["5.1-p1"], URL["5.1-p3"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"<first>",
                PAUSE,
                b"<second>",
            ),
            accept=sees_argument("a", "x\u00e9y") & sees_argument("b", "2"),
            control="forms.urlencoded",
            risk=Risk.CORRUPTION,
            why="The network may split a form anywhere; no value may depend on it.",
        ),
        {
            "before-an-ampersand": {b"<first>": b"a=x%C3%A9y", b"<second>": b"&b=2"},
            "within-a-name": {b"<first>": b"a=x%C3%A9y&", b"<second>": b"b=2"},
        },
    ),
    Scenario(
        id="forms.chunked",
        title="A urlencoded form in a chunked body",
        clause=(URL["5.1-p1"], RFC9112["6.3-10"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"6\r\na=x%C3\r\n"
            b"3\r\n%A9\r\n"
            b"4\r\n&b=2\r\n"
            b"0\r\n\r\n",
        ),
        accept=(sees_argument("a", "x\u00e9") & sees_argument("b", "2")) | answers(411),
        control="forms.urlencoded",
        why="Programs send forms in chunks; the transfer coding must not change the fields.",
    ),
    Scenario(
        id="forms.many-fields",
        title="A form of 1000 fields",
        clause=(URL["5.1-p4"], URL["5.1-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n",
            b"&".join(b"a%d=%d" % (number, number) for number in range(1, 1001)),
        ),
        accept=(sees_argument("a1", "1") & sees_argument("a1000", "1000")) | answers(400, 413),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), URL["5.1-p4"]),),
        control="forms.urlencoded",
        risk=Risk.CORRUPTION,
        why="A long form must be read whole or refused; fields that are dropped are lost silently.",
    ),
)
