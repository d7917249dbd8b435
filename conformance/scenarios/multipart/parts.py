"""Multipart forms: fields and files, as the application receives them, and the delimiters between them."""

from clients.steps import PAUSE
from conformance.clauses import RFC2046, RFC7578, RFC9112
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import CLIENT_ERROR, SERVER_ERROR, SUCCESS, answers
from conformance.judging.witness_outcomes import sees_argument, sees_file

_FIELD_AND_FILE = sees_argument("a", "1") & sees_file(
    "f", filename="one.txt", content=b"line\r\n--line\r\n", content_type="text/plain"
)

SCENARIOS = (
    Scenario(
        id="multipart.field-and-file",
        title="A multipart form of a field and a file",
        clause=(RFC7578["4.1-p1"], RFC7578["4.2-p1"], RFC2046["5.1.1-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename="one.txt"\r\n'
            b"Content-Type: text/plain\r\n\r\nline\r\n--line\r\n\r\n"
            b"--abc--\r\n",
        ),
        accept=_FIELD_AND_FILE,
        control="basics.post-answered",
        why="This is how every HTML form with a file is sent.",
    ),
    *family(
        Scenario(
            id="multipart.surroundings",
            title="What may surround the parts",
            clause=RFC2046["5.1.1-p2"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; boundary=abc\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"<before>--abc\r\n"
                b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                b"--abc--<behind>",
            ),
            accept=sees_argument("a", "1"),
            control="multipart.field-and-file",
            why="A form must not be lost because of what surrounds its parts.",
        ),
        {
            "preamble": {b"<before>": b"ignored\r\n", b"<behind>": b"\r\n"},
            "epilogue": {b"<before>": b"", b"<behind>": b"\r\nignored"},
        },
    ),
    Scenario(
        id="multipart.surroundings-no-last-line-end",
        title="What may surround the parts: no last line end",
        clause=(RFC2046["5.1.1-p6"], RFC7578["4.1-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--abc--",
        ),
        accept=sees_argument("a", "1"),
        control="multipart.field-and-file",
        why="A form must not be lost because of what surrounds its parts.",
    ),
    Scenario(
        id="multipart.surroundings-padding",
        title="White space after a delimiter",
        clause=(RFC2046["5.1.1-2"], RFC2046["5.1.1-p2"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc \t\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("a", "1"),
        # A transport of mail adds white space; HTTP does not, so a server may well say that this is wrong.
        tolerate=answers(CLIENT_ERROR),
        control="multipart.field-and-file",
        why="A form must not be lost because of white space that was added on its way.",
    ),
    Scenario(
        id="multipart.delimiter-within-a-line",
        title="A delimiter within a line of content",
        clause=RFC2046["5.1.1-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\none --abc two\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("a", "one --abc two"),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="Content that happens to contain the boundary within a line must not be cut in two.",
    ),
    Scenario(
        id="multipart.octets",
        title="A file with every octet value",
        clause=(RFC2046["5.1.1-p5"], RFC2046["5.1.1-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename="octets"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n" + bytes(range(256)) + b"\r\n"
            b"--abc--\r\n",
        ),
        accept=sees_file("f", filename="octets", content=bytes(range(256))),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC2046["5.1.1-p5"]),),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="A file that is decoded, stripped or truncated on the way is damaged.",
    ),
    Scenario(
        id="multipart.empty-file",
        title="A file without content",
        clause=RFC7578["4.2-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename="empty"\r\n\r\n\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_file("f", filename="empty", content=b""),
        control="multipart.field-and-file",
        why="An empty file is still a file; the application decides what to do with it.",
    ),
    Scenario(
        id="multipart.quoted-name",
        title="A semicolon and a quote in a quoted filename",
        # It is a field of a part, not of HTTP, so RFC 9110, 5.6.4, does not judge it.
        clause=(RFC7578["4.2-p2"], RFC7578["4.2-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; filename="a;b\\"c.txt"; name="f"\r\n\r\nx\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_file("f", filename='a;b"c.txt', content=b"x"),
        # An error status loses the form, and a backslash that stays is seen; neither deceives anybody.
        breaches=(
            Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC7578["4.2-p2"]),
            Breach(sees_file("f", filename='a;b\\"c.txt', content=b"x"), RFC7578["4.2-p2"]),
        ),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="People name their files as they like; splitting at a quoted semicolon loses the upload.",
    ),
    Scenario(
        id="multipart.name-beyond-ascii",
        title="A name and a value in UTF-8",
        clause=RFC7578["5.1.2-p1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="\xc3\xa9"\r\n\r\n\xe2\x82\xac\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("\u00e9", "\u20ac"),
        control="multipart.field-and-file",
        why="Most people's names are not ASCII.",
    ),
    Scenario(
        id="multipart.two-fields-of-a-name",
        title="Two fields with the same name",
        clause=(RFC7578["5.2-1"], RFC7578["5.2-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n2\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("a", "1", "2"),
        # Only what is merged is coalesced. What is lost, refused or in another order is not.
        breaches=(
            Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC7578["5.2-p1"]),
            Breach(sees_argument("a") | sees_argument("a", "1") | sees_argument("a", "2"), RFC7578["5.2-p1"]),
            Breach(sees_argument("a", "2", "1"), RFC7578["5.2-p1"]),
        ),
        control="multipart.field-and-file",
        why="Several files or choices share one name; keeping only the last one loses the others.",
    ),
    Scenario(
        id="multipart.part-field-name-case",
        title="Content-Disposition in lower case",
        clause=RFC2046["5.1-p2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'content-disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("a", "1"),
        control="multipart.field-and-file",
        why="Some clients write all field names in lower case, as HTTP/2 does; their forms arrive empty.",
    ),
    Scenario(
        id="multipart.unknown-part-field",
        title="A part with an unknown field",
        clause=RFC7578["4.8-2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b"X-Test: one\r\n"
            b'content-disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("a", "1"),
        # Clients must not send it, so to refuse it harms nobody.
        tolerate=answers(CLIENT_ERROR),
        control="multipart.part-field-name-case",
        why="Clients add fields of their own to a part; a field of the form must not be lost for that.",
    ),
    Scenario(
        id="multipart.length-of-a-part",
        title="A part whose Content-Length is less than its content",
        clause=RFC7578["4.8-2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b"Content-Length: 1\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\nhello\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("a", "hello"),
        # Clients must not send it, so to refuse it harms nobody.
        tolerate=answers(CLIENT_ERROR),
        # Where it is answered, what is lost is content.
        breaches=(Breach(answers(SUCCESS), RFC7578["4.8-2"], Risk.CORRUPTION),),
        control="multipart.field-and-file",
        risk=Risk.EXHAUSTION,
        why="Only delimiters end a part; a server that counts cuts it short, or hides the parts after it.",
    ),
    Scenario(
        id="multipart.beginning-of-the-delimiter",
        title="A line of content that starts like the delimiter",
        clause=(RFC7578["4.1-p1"], RFC2046["5.1.1-p4"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename="one.txt"\r\n\r\n'
            b"x\r\n--ab\r\n--ab\r\n"
            b"--abc--\r\n",
        ),
        accept=sees_file("f", filename="one.txt", content=b"x\r\n--ab\r\n--ab"),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC7578["4.1-p1"]),),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="A parser that sees a partial delimiter must keep those bytes if it turns out not to be one.",
    ),
    Scenario(
        id="multipart.delimiter-in-another-case",
        title="A line of content that is the delimiter in another case",
        clause=(RFC2046["5.1.1-p4"], RFC7578["4.1-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename="one.txt"\r\n\r\n'
            b"x\r\n--ABC\r\ny\r\n"
            b"--abc--\r\n",
        ),
        accept=sees_file("f", filename="one.txt", content=b"x\r\n--ABC\r\ny"),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC2046["5.1.1-p4"]),),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="Boundaries are case-sensitive; the same letters in another case are content.",
    ),
    Scenario(
        id="multipart.boundary-without-dashes",
        title="A line of content that is the boundary without its hyphens",
        clause=(RFC2046["5.1.1-p4"], RFC7578["4.1-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename="one.txt"\r\n\r\n'
            b"x\r\nabc\r\n-abc\r\ny\r\n"
            b"--abc--\r\n",
        ),
        accept=sees_file("f", filename="one.txt", content=b"x\r\nabc\r\n-abc\r\ny"),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC2046["5.1.1-p4"]),),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="A delimiter is two hyphens and the boundary; anything less is content.",
    ),
    Scenario(
        id="multipart.cr-before-delimiter",
        title="Content that ends in CR",
        clause=RFC2046["5.1.1-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename="one.txt"\r\n\r\n'
            b"x\r\r\n--ab\r\n\r\r\n"
            b"--abc--\r\n",
        ),
        accept=sees_file("f", filename="one.txt", content=b"x\r\r\n--ab\r\n\r"),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="The CRLF before a delimiter belongs to the delimiter; a CR before that is content.",
    ),
    *family(
        Scenario(
            id="multipart.in-two-pieces",
            title="A multipart form that arrives in two pieces",
            clause=(RFC7578["4.1-p1"], RFC2046["5.1.1-1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; boundary=abc\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--abc\r\n"
                b'Content-Disposition: form-data; name="a"\r\n\r\n<first>',
                PAUSE,
                b'<second>Content-Disposition: form-data; name="f"; filename="one.txt"\r\n'
                b"Content-Type: text/plain\r\n\r\nline\r\n--line\r\n\r\n"
                b"--abc--\r\n",
            ),
            accept=_FIELD_AND_FILE,
            control="multipart.field-and-file",
            risk=Risk.CORRUPTION,
            why="The network may split a form anywhere; the parts must not depend on where.",
        ),
        {
            "within-content": {b"<first>": b"", b"<second>": b"1\r\n--abc\r\n"},
            "between-cr-and-lf": {b"<first>": b"1\r", b"<second>": b"\n--abc\r\n"},
            "before-the-hyphens": {b"<first>": b"1\r\n", b"<second>": b"--abc\r\n"},
            "between-the-hyphens": {b"<first>": b"1\r\n-", b"<second>": b"-abc\r\n"},
            "within-the-boundary": {b"<first>": b"1\r\n--a", b"<second>": b"bc\r\n"},
            "behind-the-boundary": {b"<first>": b"1\r\n--abc", b"<second>": b"\r\n"},
            "behind-the-delimiter": {b"<first>": b"1\r\n--abc\r\n", b"<second>": b""},
        },
    ),
    Scenario(
        id="multipart.chunked",
        title="A multipart form in a chunked body, with a delimiter in two chunks",
        clause=(RFC7578["4.1-p1"], RFC2046["5.1.1-1"], RFC9112["6.3-10"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b"\r\n"
            b"37\r\n"
            b'--abc\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n-\r\n'
            b"8\r\n-abc--\r\n\r\n"
            b"0\r\n\r\n",
        ),
        accept=sees_argument("a", "1") | answers(411),
        control="multipart.field-and-file",
        why="Programs send forms in chunks; how a form was transferred must not matter when it is read.",
    ),
    *family(
        Scenario(
            id="multipart.disposition",
            title="Content-Disposition in another spelling",
            clause=(RFC7578["4.2-p2"], RFC7578["4.2-2"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; boundary=abc\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--abc\r\n"
                b"Content-Disposition:<value>\r\n\r\n1\r\n"
                b"--abc--\r\n",
            ),
            accept=sees_argument("a", "1"),
            control="multipart.field-and-file",
            why="A form field that is missed because of its spelling is lost without a trace.",
        ),
        {
            "token": b" form-data; name=a",
            "without-spaces": b'form-data;name="a"',
            "more-spaces": b'  form-data ; name="a" ',
            "parameter-name-case": b' form-data; NAME="a"',
            "unknown-parameter-behind": b' form-data; name="a"; x=y',
        },
    ),
    Scenario(
        id="multipart.disposition-unknown-parameter-first",
        title="Content-Disposition in another spelling: unknown parameter first",
        clause=(RFC7578["4.2-p2"], RFC7578["4.2-2"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; x="; name=b"; name="a"\r\n\r\n1\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("a", "1"),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC7578["4.2-p2"]),),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="A semicolon in quotes is content; a server that splits there takes a name that nobody gave.",
    ),
    Scenario(
        id="multipart.quoted-pair-in-name",
        title="A quote in the name of a field",
        # It is a field of a part, not of HTTP, so RFC 9110, 5.6.4, does not judge it.
        clause=RFC7578["4.2-p2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a\\"; b=\\"c"\r\n\r\n1\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument('a"; b="c', "1"),
        control="multipart.field-and-file",
        why="A backslash quotes the next character; a server that ignores it cuts the name short.",
    ),
    Scenario(
        id="multipart.empty-value",
        title="A field without content",
        clause=(RFC7578["4.2-p4"], RFC2046["5.1.1-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("a", ""),
        breaches=(Breach(sees_argument("a", "\r\n"), RFC2046["5.1.1-1"]),),
        control="multipart.field-and-file",
        why="A field left empty is not the same as a field that the form does not have.",
    ),
)
