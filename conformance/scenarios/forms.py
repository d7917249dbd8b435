"""Urlencoded forms, as the application is given their fields."""

from conformance.clauses import RFC9110, URL
from conformance.model import Scenario, family
from conformance.witness import sees_argument

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
        control="basics.post",
        why="This is how every HTML form without files is sent.",
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
        control="forms.urlencoded",
        why="A server that separates at semicolons, where a cache does not, lets the cache be poisoned.",
    ),
    *family(
        Scenario(
            id="forms.decoded",
            title="An encoded value",
            clause=(URL["5.1-p3"], URL["5.1-p2"]),
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
            why="What the user typed has to reach the application, whatever characters it holds.",
        ),
        {
            "percent": b"x%20y%26%3D%2B%C3%A9",
            "lower-case-percent": b"x%20y%26%3d%2b%c3%a9",
            "plus": b"x+y%26%3D%2B%C3%A9",
        },
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
        why="Such values occur where people write links by hand; they are no reason to lose a form.",
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
        why="Check boxes and multiple choices send one pair for each thing chosen.",
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
        why="Tokens in base64 end in equals signs, which not every client escapes.",
    ),
    *family(
        Scenario(
            id="forms.content-type",
            title="The media type of a urlencoded form in another spelling",
            clause=RFC9110["5.6.6-p1"],
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
            why="Browsers add a charset; a form that is not recognised for it arrives empty.",
        ),
        {
            "with-charset": b"application/x-www-form-urlencoded; charset=UTF-8",
            "without-space": b"application/x-www-form-urlencoded;charset=utf-8",
            "in-another-case": b"Application/X-WWW-Form-Urlencoded",
        },
    ),
)
