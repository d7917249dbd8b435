"""The boundary of a multipart form, as Content-Type gives it.

A client may quote any boundary, and must quote some; quoted boundaries are what servers get wrong most often.
"""

from conformance.clauses import RFC2046, RFC9110
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import CLIENT_ERROR, SERVER_ERROR, answers
from conformance.judging.witness_outcomes import sees_argument, sees_file

_FIELD_AND_FILE = sees_argument("a", "1") & sees_file(
    "f", filename="one.txt", content=b"line\r\n--line\r\n", content_type="text/plain"
)

SCENARIOS = (
    *family(
        Scenario(
            id="multipart.quoted-boundary",
            title="A boundary in quotes",
            clause=(RFC2046["5.1.1-p3"], RFC9110["5.6.6-p1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; <parameter>\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--<boundary>\r\n"
                b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                b"--<boundary>\r\n"
                b'Content-Disposition: form-data; name="f"; filename="one.txt"\r\n'
                b"Content-Type: text/plain\r\n\r\nline\r\n--line\r\n\r\n"
                b"--<boundary>--\r\n",
            ),
            accept=_FIELD_AND_FILE,
            control="multipart.field-and-file",
            why="Many clients quote it; a server that takes the quotes for part of it finds an empty form.",
        ),
        {
            "space": {b"<parameter>": b'boundary="a b"', b"<boundary>": b"a b"},
            "colon": {b"<parameter>": b'boundary="a:b"', b"<boundary>": b"a:b"},
            "equals-sign": {b"<parameter>": b'boundary="a=b"', b"<boundary>": b"a=b"},
            "comma": {b"<parameter>": b'boundary="a,b"', b"<boundary>": b"a,b"},
            "question-mark": {b"<parameter>": b'boundary="a/?b"', b"<boundary>": b"a/?b"},
        },
    ),
    *family(
        Scenario(
            id="multipart.quoted-boundary",
            title="A boundary in quotes",
            clause=(RFC9110["5.6.6-p1"], RFC2046["5.1.1-p3"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; <parameter>\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--<boundary>\r\n"
                b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                b"--<boundary>\r\n"
                b'Content-Disposition: form-data; name="f"; filename="one.txt"\r\n'
                b"Content-Type: text/plain\r\n\r\nline\r\n--line\r\n\r\n"
                b"--<boundary>--\r\n",
            ),
            accept=_FIELD_AND_FILE,
            control="multipart.field-and-file",
            why="Many clients quote it; a server that takes the quotes for part of it finds an empty form.",
        ),
        {
            "plain": {b"<parameter>": b'boundary="abc"', b"<boundary>": b"abc"},
            "before-a-parameter": {b"<parameter>": b'boundary="abc"; charset=utf-8', b"<boundary>": b"abc"},
            "behind-a-parameter": {b"<parameter>": b'charset="utf-8"; boundary="abc"', b"<boundary>": b"abc"},
            "without-space-before": {b"<parameter>": b'charset=utf-8;boundary="abc"', b"<boundary>": b"abc"},
            "parameter-name-case": {b"<parameter>": b'BOUNDARY="abc"', b"<boundary>": b"abc"},
        },
    ),
    *family(
        Scenario(
            id="multipart.quoted-boundary",
            title="A boundary in quotes",
            clause=(RFC9110["5.6.6-p1"], RFC2046["5.1.1-p3"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; <parameter>\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--<boundary>\r\n"
                b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                b"--<boundary>\r\n"
                b'Content-Disposition: form-data; name="f"; filename="one.txt"\r\n'
                b"Content-Type: text/plain\r\n\r\nline\r\n--line\r\n\r\n"
                b"--<boundary>--\r\n",
            ),
            accept=_FIELD_AND_FILE,
            # An error status loses the form, but deceives nobody.
            breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC9110["5.6.6-p1"]),),
            control="multipart.quoted-boundary-plain",
            risk=Risk.CORRUPTION,
            why="What is quoted is content; a server that looks for parameters in it finds another boundary.",
        ),
        {
            "behind-a-quoted-semicolon": {
                b"<parameter>": b'x="; boundary=no"; boundary="abc"', b"<boundary>": b"abc"
            },
            "behind-a-quoted-quote": {b"<parameter>": b'x="\\"; y="; boundary="abc"', b"<boundary>": b"abc"},
        },
    ),
    Scenario(
        id="multipart.quoted-boundary-quoted-pair",
        title="A boundary in quotes: quoted pair",
        clause=(RFC9110["5.6.4-1"], RFC9110["5.6.6-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b'Content-Type: multipart/form-data; boundary="a\\bc"\r\n'
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
        # Clients should not send a backslash that is not needed, and what is refused is not misread.
        tolerate=answers(CLIENT_ERROR, SERVER_ERROR),
        control="multipart.quoted-boundary-plain",
        why="A server that takes the backslash for part of the boundary finds an empty form.",
    ),
    *family(
        Scenario(
            id="multipart.boundary",
            title="A boundary with unusual characters or length",
            clause=RFC2046["5.1.1-p1"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; boundary=<boundary>\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--<boundary>\r\n"
                b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                b"--<boundary>--\r\n",
            ),
            accept=sees_argument("a", "1"),
            control="multipart.field-and-file",
            why="Clients make up their own boundaries, and may use any of these characters.",
        ),
        {
            "hyphens": {b"<boundary>": b"----WebKitFormBoundary7MA4YWxkTrZu0gW"},
            "punctuation": {b"<boundary>": b"'+_-.a"},
            "one-character": {b"<boundary>": b"x"},
            "seventy-characters": {b"<boundary>": b"0123456789" * 7},
        },
    ),
    Scenario(
        id="multipart.boundary-of-71-octets",
        title="A boundary of 71 characters, one more than there may be",
        clause=(RFC2046["5.1.1-3"], RFC2046["5.1.1-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=" + b"b" * 71 + b"\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--" + b"b" * 71 + b"\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--" + b"b" * 71 + b"--\r\n",
        ),
        accept=answers(CLIENT_ERROR) | sees_argument("a"),
        control="multipart.boundary-seventy-characters",
        why="Some searches for a long boundary take very long; a limit on its length is the end of that.",
    ),
)
