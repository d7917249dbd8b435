"""Broken or odd multipart forms: what a server must keep of them, and that nothing worse happens."""

from conformance.clauses import RFC2046, RFC7578, RFC9110
from conformance.judging.model import Breach, Risk, Scenario, family
from conformance.judging.outcomes import CLIENT_ERROR, SERVER_ERROR, SUCCESS, answers
from conformance.judging.witness_outcomes import sees, sees_argument, sees_file

_MAIL = (
    b"Content-Type: multipart/form-data; boundary=xyz\r\n\r\n"
    b"--xyz\r\n"
    b'Content-Disposition: form-data; name="b"\r\n\r\n2\r\n'
    b"--xyz--\r\n"
)

_ODD_FILENAMES = {"a-parameter": "one; name=b", "an-equals-sign": "one=two"}

SCENARIOS = (
    Scenario(
        id="multipart.extended-filename",
        title="A part with both filename and filename*",
        clause=(RFC7578["4.2-p5"], RFC7578["4.2-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename="one.txt"; '
            b"filename*=UTF-8''two%C3%A9.txt\r\n"
            b"\r\nx\r\n"
            b"--abc--\r\n",
        ),
        accept=sees_file("f", filename="one.txt", content=b"x") | answers(CLIENT_ERROR),
        # An error of the server loses the form, but deceives nobody.
        breaches=(Breach(answers(SERVER_ERROR), RFC7578["4.2-p5"]),),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="A filter that reads filename, as the RFC says, checks another name than the application gets.",
    ),
    *family(
        Scenario(
            id="multipart.other-part",
            title="A part that is not a form field, before one that is",
            # Clients must not send such parts (RFC 7578, 4.2), which does not say what becomes of them.
            clause=(RFC9110["2.3-1"], RFC7578["4.2-1"], RFC7578["4.2-2"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; boundary=abc\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--abc\r\n"
                b"<value>\r\n\r\nx\r\n"
                b"--abc\r\n"
                b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                b"--abc--\r\n",
            ),
            accept=sees_argument("a", "1") | answers(CLIENT_ERROR),
            control="multipart.field-and-file",
            why="It may be skipped or refused, but must not hide the parts after it.",
        ),
        {
            "without-name": b"Content-Disposition: form-data",
            "without-disposition": b"Content-Type: text/plain",
        },
    ),
    Scenario(
        id="multipart.other-part-of-another-disposition",
        title="A part that is not a form field, before one that is: of another disposition",
        clause=(RFC7578["4.2-3"], RFC7578["4.2-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: attachment; name="b"\r\n\r\nx\r\n'
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--abc--\r\n",
        ),
        accept=(sees_argument("a", "1") & sees_argument("b")) | answers(CLIENT_ERROR),
        breaches=(Breach(sees_argument("a") | answers(SERVER_ERROR), RFC9110["2.3-1"]),),
        control="multipart.field-and-file",
        why="It may be skipped or refused, but must not become a field, or hide the parts after it.",
    ),
    Scenario(
        id="multipart.form-in-the-epilogue",
        title="Text after the last delimiter that looks like a part",
        clause=(RFC2046["5.1.1-p6"], RFC2046["5.1.1-p2"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--abc--\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n2\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("a", "1") | answers(400),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC2046["5.1.1-p6"]),),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="A filter that stops at the last delimiter does not see what the application receives.",
    ),
    Scenario(
        id="multipart.nested",
        title="A file that is itself a multipart message",
        clause=(RFC7578["4.1-p1"], RFC2046["5.1.1-p4"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename="mail.eml"\r\n'
            b"Content-Type: message/rfc822\r\n"
            b"\r\n" + _MAIL + b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_file("f", filename="mail.eml", content=_MAIL)
        & sees_argument("a", "1")
        & sees_argument("b"),
        # An error status loses the form, but deceives nobody.
        breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC7578["4.1-p1"]),),
        control="multipart.field-and-file",
        risk=Risk.CORRUPTION,
        why="A saved email has parts and fields of its own; here they are only content.",
    ),
    *family(
        Scenario(
            id="multipart.not-utf-8",
            title="A name or a filename that is not UTF-8",
            clause=RFC7578["5.1.3-p1"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; boundary=abc\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--abc\r\n"
                b"Content-Disposition: form-data; <value>\r\n\r\nx\r\n"
                b"--abc\r\n"
                b'Content-Disposition: form-data; name="b"\r\n\r\n2\r\n'
                b"--abc--\r\n",
            ),
            accept=sees_argument("b", "2") | answers(CLIENT_ERROR),
            control="multipart.field-and-file",
            why="Text that cannot be decoded must not cost the rest of the form.",
        ),
        {"name": b'name="x\xe9y"', "filename": b'name="f"; filename="x\xe9y.txt"'},
    ),
    *(
        Scenario(
            id="multipart.filename-with-" + odd,
            title="An unusual filename: " + odd.replace("-", " "),
            clause=(RFC7578["4.2-p2"], RFC7578["4.2-p1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; boundary=abc\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--abc\r\n"
                b'Content-Disposition: form-data; name="f"; filename="%b"\r\n\r\nx\r\n'
                b"--abc\r\n"
                b'Content-Disposition: form-data; name="b"\r\n\r\n2\r\n'
                b"--abc--\r\n" % filename.encode(),
            ),
            accept=sees_file("f", filename=filename, content=b"x") & sees_argument("b", "2"),
            # An error status loses the form, but deceives nobody.
            breaches=(Breach(answers(CLIENT_ERROR, SERVER_ERROR), RFC7578["4.2-p2"]),),
            control="multipart.field-and-file",
            risk=Risk.CORRUPTION,
            why="People name their files as they like; a server that splits a name loses the upload.",
        )
        for odd, filename in _ODD_FILENAMES.items()
    ),
    Scenario(
        id="multipart.filename-with-a-leading-space",
        title="An unusual filename: a leading space",
        clause=(RFC7578["4.2-p2"], RFC7578["4.2-p6"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename=" one"\r\n\r\nx\r\n'
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="b"\r\n\r\n2\r\n'
            b"--abc--\r\n",
        ),
        # A receiver may change a filename, and some strip the white space around it.
        accept=(sees_file("f", filename=" one", content=b"x") | sees_file("f", filename="one", content=b"x"))
        & sees_argument("b", "2"),
        control="multipart.field-and-file",
        why="People name their files as they like; a server that splits a name loses the upload.",
    ),
    Scenario(
        id="multipart.filename-with-letters-beyond-ascii",
        title="An unusual filename: letters beyond ASCII",
        clause=(RFC7578["4.2-p3"], RFC7578["4.2-p1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="f"; filename="\xc3\xa9.txt"\r\n\r\nx\r\n'
            b"--abc\r\n"
            b'Content-Disposition: form-data; name="b"\r\n\r\n2\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_file("f", filename="\u00e9.txt", content=b"x") & sees_argument("b", "2"),
        control="multipart.field-and-file",
        why="Most people's names for their files are not ASCII.",
    ),
    *family(
        Scenario(
            id="multipart.folded-field-of-a-part",
            title="A folded field line in the head of a file",
            clause=RFC2046["5.1-p1"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; boundary=abc\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--abc\r\n"
                b"<value>\r\n\r\nx\r\n"
                b"--abc\r\n"
                b'Content-Disposition: form-data; name="b"\r\n\r\n2\r\n'
                b"--abc--\r\n",
            ),
            accept=(sees_file("f", filename="one.txt", content=b"x") & sees_argument("b", "2"))
            | answers(400, 422),
            control="multipart.field-and-file",
            why="Clients that write mail fold long lines; a part that is left out is lost without a trace.",
        ),
        {
            "disposition": b'Content-Disposition: form-data;\r\n name="f"; filename="one.txt"',
            "type": (
                b'Content-Disposition: form-data; name="f"; filename="one.txt"\r\n'
                b'Content-Type: text/plain;\r\n name="one.txt"'
            ),
            "unknown": (
                b"X-Test: one\r\n two\r\n"
                b'Content-Disposition: form-data; name="f"; filename="one.txt"'
            ),
        },
    ),
    Scenario(
        id="multipart.many-semicolons",
        title="Ten thousand semicolons in a quoted parameter",
        clause=RFC9110["2.3-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=abc\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--abc\r\n"
            b'Content-Disposition: form-data; x="' + b";" * 10_000 + b'"; name="a"\r\n\r\n1\r\n'
            b"--abc--\r\n",
        ),
        accept=sees_argument("a", "1") | answers(CLIENT_ERROR),
        # Whatever is answered, the server goes on.
        breaches=(Breach(answers(SUCCESS, SERVER_ERROR), RFC9110["2.3-1"]),),
        control="multipart.disposition-unknown-parameter-first",
        risk=Risk.EXHAUSTION,
        why="If parsing takes quadratic time, a small form keeps a server busy.",
    ),
    *family(
        Scenario(
            id="multipart.malformed-utf-8",
            title="A value that is not UTF-8",
            clause=(RFC7578["5.1.3-p1"], RFC7578["5.1.2-p1"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; boundary=abc\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"--abc\r\n"
                b'Content-Disposition: form-data; name="a"\r\n\r\nx<value>y\r\n'
                b"--abc\r\n"
                b'Content-Disposition: form-data; name="b"\r\n\r\n2\r\n'
                b"--abc--\r\n",
            ),
            # Nothing says how it is decoded: with U+FFFD, or in the encoding that the form may have had.
            accept=sees_argument("b", "2") | answers(CLIENT_ERROR),
            control="multipart.field-and-file",
            why="Text that cannot be decoded must not cost the rest of the form.",
        ),
        {"latin-1": b"\xe9", "no-utf-8-octet": b"\xff", "cut-off": b"\xe2\x82"},
    ),
    *family(
        Scenario(
            id="multipart.broken",
            title="A broken multipart form",
            clause=RFC9110["2.3-1"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data<parameter>\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"<body>",
            ),
            accept=sees(method=b"POST") | answers(CLIENT_ERROR),
            # Whatever is answered, the server goes on.
            breaches=(Breach(answers(SUCCESS, SERVER_ERROR), RFC9110["2.3-1"]),),
            control="basics.post-answered",
            risk=Risk.EXHAUSTION,
            why="Anyone can send this; it must not cause a server error or silence.",
        ),
        {
            "no-boundary": {b"<parameter>": b"", b"<body>": b"--abc\r\n\r\n1\r\n--abc--\r\n"},
            "empty-boundary": {b"<parameter>": b"; boundary=", b"<body>": b"--\r\n\r\n1\r\n----\r\n"},
            "boundary-of-a-quote": {b"<parameter>": b'; boundary="', b"<body>": b'--"\r\n\r\n1\r\n--"--\r\n'},
            "boundary-above-ascii": {
                b"<parameter>": b"; boundary=\xff\xfe", b"<body>": b"--\xff\xfe\r\n\r\n1\r\n--\xff\xfe--\r\n"
            },
            "no-body": {b"<parameter>": b"; boundary=abc", b"<body>": b""},
            "no-delimiter": {b"<parameter>": b"; boundary=abc", b"<body>": b"a=1"},
            "no-parts": {b"<parameter>": b"; boundary=abc", b"<body>": b"--abc--\r\n"},
            "no-last-delimiter": {
                b"<parameter>": b"; boundary=abc",
                b"<body>": b'--abc\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
            },
            "no-end-of-a-head": {
                b"<parameter>": b"; boundary=abc",
                b"<body>": b'--abc\r\nContent-Disposition: form-data; name="a"\r\n--abc--\r\n',
            },
            "a-head-without-colon": {
                b"<parameter>": b"; boundary=abc", b"<body>": b"--abc\r\nno field\r\n\r\n1\r\n--abc--\r\n"
            },
            "nul-in-a-filename": {
                b"<parameter>": b"; boundary=abc",
                b"<body>": b'--abc\r\nContent-Disposition: form-data; name="f"; filename="x\0y"\r\n'
                b"\r\n1\r\n--abc--\r\n",
            },
            "an-open-quote": {
                b"<parameter>": b"; boundary=abc",
                b"<body>": b'--abc\r\nContent-Disposition: form-data; name="a\r\n\r\n1\r\n--abc--\r\n',
            },
        },
    ),
)
