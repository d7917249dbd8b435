"""The documented server's forms: urlencoded arguments, multipart fields and files."""

from conformance.clauses import DOC
from conformance.judging.model import Need, Scenario, family
from conformance.judging.outcomes import stays_open
from conformance.judging.witness_outcomes import sees, sees_argument, sees_file

_FORMS = frozenset({Need.FORMS})

SCENARIOS: tuple[Scenario, ...] = (
    # Query strings and urlencoded bodies
    Scenario(
        id="documented-forms.query",
        title="Arguments in the query",
        clause=DOC["FORM-1"],
        send=(
            b"GET <witness>?a=1&b=2&a=3 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees_argument("a", "1", "3") & sees_argument("b", "2"),
        control="documented-lines.get-answered",
        needs=_FORMS,
        why="The application does not get the arguments in its links.",
    ),
    Scenario(
        id="documented-forms.urlencoded",
        title="A urlencoded POST",
        clause=(DOC["FORM-2"], DOC["FORM-1"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=1&b=2&a=3",
        ),
        accept=sees_argument("a", "1", "3") & sees_argument("b", "2") & sees(body=b"a=1&b=2&a=3"),
        control="documented-forms.query",
        needs=_FORMS,
        why="Text that users type into a form does not reach the application.",
    ),
    Scenario(
        id="documented-forms.put",
        title="A urlencoded PUT",
        clause=DOC["FORM-2"],
        send=(
            b"PUT <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=1",
        ),
        accept=sees_argument("a", "1"),
        control="documented-forms.query",
        needs=_FORMS,
        why="Arguments sent with PUT do not reach the application.",
    ),
    *family(
        Scenario(
            id="documented-forms.unparsed-method",
            title="A urlencoded body with a method that is neither POST nor PUT",
            clause=DOC["FORM-2"],
            send=(
                b"<value> <witness>?q=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"a=1",
            ),
            accept=sees_argument("q", "1") & sees_argument("a") & sees(body=b"a=1"),
            control="documented-forms.urlencoded",
            needs=_FORMS,
            why="Arguments appear where the documentation rules them out, past checks that rely on it.",
        ),
        {"get": b"GET", "patch": b"PATCH", "post-in-lower-case": b"post"},
    ),
    *family(
        Scenario(
            id="documented-forms.unparsed-type",
            title="A body with another Content-Type",
            clause=DOC["FORM-2"],
            send=(
                b"POST <witness>?q=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: <value>\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b"a=1",
            ),
            accept=sees_argument("q", "1") & sees_argument("a") & sees(body=b"a=1"),
            control="documented-forms.urlencoded",
            needs=_FORMS,
            why="If other types are read as forms, other sites can send forms past browsers' checks.",
        ),
        {"in-other-case": b"Application/X-WWW-Form-Urlencoded", "of-plain-text": b"text/plain"},
    ),
    Scenario(
        id="documented-forms.type-with-charset",
        title="A urlencoded POST with a charset parameter",
        clause=DOC["FORM-2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=1",
        ),
        accept=sees_argument("a", "1"),
        control="documented-forms.query",
        needs=_FORMS,
        why="Scripts send forms with a charset; all of them would arrive empty.",
    ),
    Scenario(
        id="documented-forms.query-before-body",
        title="The same argument in the query and in the body",
        clause=DOC["FORM-1"],
        send=(
            b"POST <witness>?a=1&a=2 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=3&b=5&a=4",
        ),
        accept=sees_argument("a", "1", "2", "3", "4") & sees_argument("b", "5"),
        control="documented-forms.query",
        needs=_FORMS,
        why="Applications take the first or the last value; in another order, they get a different one.",
    ),
    Scenario(
        id="documented-forms.empty-values-in-query",
        title="Empty values and a bare name in the query",
        clause=DOC["FORM-1"],
        send=(
            b"GET <witness>?a=&b=1&c&b=&=d HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees_argument("a") & sees_argument("b", "1") & sees_argument("c"),
        control="documented-forms.query",
        needs=_FORMS,
        why="The application finds an empty value where the documentation promises that there is none.",
    ),
    Scenario(
        id="documented-forms.empty-values-in-body",
        title="Empty values and a bare name in a urlencoded body",
        clause=DOC["FORM-1"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=&b=1&c&b=",
        ),
        accept=sees_argument("a") & sees_argument("b", "1") & sees_argument("c"),
        control="documented-forms.query",
        needs=_FORMS,
        why="The application finds an empty value where the documentation promises that there is none.",
    ),
    Scenario(
        id="documented-forms.escapes-in-query",
        title="Plus signs and percent-escapes in the query",
        clause=DOC["FORM-3"],
        send=(
            b"GET <witness>?a=x+y%2B%26%3d%C3%a9&b%20c=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=sees_argument("a", "x y+&=é") & sees_argument("b c", "1"),
        control="documented-forms.query",
        needs=_FORMS,
        why="Spaces, punctuation and accented letters arrive as something else.",
    ),
    Scenario(
        id="documented-forms.escapes-in-body",
        title="Plus signs and percent-escapes in a urlencoded body",
        clause=DOC["FORM-3"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"a=x+y%2B%26%3d%C3%a9&b%20c=1",
        ),
        accept=sees_argument("a", "x y+&=é") & sees_argument("b c", "1"),
        control="documented-forms.query",
        needs=_FORMS,
        why="Spaces, punctuation and accented letters arrive as something else.",
    ),
    # multipart/form-data: fields
    Scenario(
        id="documented-forms.multipart",
        title="A multipart POST with fields",
        clause=(DOC["MP-1"], DOC["MP-4"]),
        send=(
            b"POST <witness>?a=1 HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n2\r\n'
            b'--limit\r\nContent-Disposition: form-data; name="b"\r\n\r\nx\r\ny\r\n'
            b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n3\r\n'
            b"--limit--\r\n",
        ),
        accept=sees_argument("a", "1", "2", "3") & sees_argument("b", "x\r\ny"),
        control="documented-forms.query",
        needs=_FORMS,
        why="Text that users type into a form with a file does not reach the application.",
    ),
    Scenario(
        id="documented-forms.multipart-put",
        title="A multipart PUT",
        clause=DOC["MP-1"],
        send=(
            b"PUT <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--limit--\r\n",
        ),
        accept=sees_argument("a", "1"),
        control="documented-forms.multipart",
        needs=_FORMS,
        why="Arguments sent with PUT do not reach the application.",
    ),
    *family(
        Scenario(
            id="documented-forms.boundary",
            title="A boundary parameter written in an unusual way",
            clause=(DOC["MP-1"], DOC["MP-2"]),
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; <value>\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                b"--limit--\r\n",
            ),
            accept=sees_argument("a", "1"),
            control="documented-forms.multipart",
            needs=_FORMS,
            why="Some clients write it this way; their forms would arrive empty.",
        ),
        {
            "quoted": b'boundary="limit"',
            "behind-another-parameter": b"charset=utf-8; boundary=limit",
            "before-another-parameter": b"boundary=limit; charset=utf-8",
        },
    ),
    Scenario(
        id="documented-forms.boundary-quoted-with-spaces",
        title="A quoted boundary with spaces and punctuation",
        clause=DOC["MP-2"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=\"the odd limit:(1)/?,'+\"\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--the odd limit:(1)/?,'+\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
            b"--the odd limit:(1)/?,'+--\r\n",
        ),
        accept=sees_argument("a", "1"),
        control="documented-forms.boundary-quoted",
        needs=_FORMS,
        why="The server never finds the quoted boundary in the body, and the form arrives empty.",
    ),
    *family(
        Scenario(
            id="documented-forms.boundary",
            title="A multipart POST without a usable boundary",
            clause=DOC["MP-3"],
            send=(
                b"POST <witness>?q=1 HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data<value>\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b'--\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                b"----\r\n",
            ),
            accept=sees_argument("q", "1") & sees_argument("a") & sees(method=b"POST") & stays_open,
            control="documented-forms.multipart",
            needs=_FORMS,
            why="A careless client's request is lost, or its connection is closed.",
        ),
        {"missing": b"", "empty": b"; boundary="},
    ),
    Scenario(
        id="documented-forms.empty-field",
        title="A multipart field with an empty value",
        clause=DOC["MP-4"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
            b"--limit--\r\n",
        ),
        accept=sees_argument("a", ""),
        control="documented-forms.multipart",
        needs=_FORMS,
        why="The application cannot tell a field that was left empty from one that was not sent.",
    ),
    *family(
        Scenario(
            id="documented-forms.part",
            title="A part that is not a field, between two fields",
            clause=DOC["MP-6"],
            send=(
                b"POST <witness> HTTP/1.1\r\n"
                b"Host: <host>\r\n"
                b"Content-Type: multipart/form-data; boundary=limit\r\n"
                b"Content-Length: <length>\r\n"
                b"\r\n"
                b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                b"--limit\r\n<value>"
                b'--limit\r\nContent-Disposition: form-data; name="b"\r\n\r\n2\r\n'
                b"--limit--\r\n",
            ),
            accept=sees_argument("a", "1") & sees_argument("b", "2") & sees_argument("odd") & stays_open,
            control="documented-forms.multipart",
            needs=_FORMS,
            why="One odd part loses the whole form, or is read where it is documented to be skipped.",
        ),
        {
            "without-headers": b'name="odd": with no blank line, there is no header\r\n',
            "without-form-data": b'Content-Disposition: file; name="odd"\r\n\r\nx\r\n',
            "without-name": b'Content-Disposition: form-data; x="odd"\r\n\r\nx\r\n',
            "without-line-end": b'Content-Disposition: form-data; name="odd"\r\n\r\nx',
        },
    ),
    Scenario(
        id="documented-forms.utf-8-names",
        title="Non-ASCII letters in a field name, a value and a filename",
        clause=DOC["MP-7"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="n\xc3\xa4me"\r\n\r\n\xe2\x82\xac\r\n'
            b"--limit\r\n"
            b'Content-Disposition: form-data; name="f\xc3\xaf"; filename="r\xc3\xa9sum\xc3\xa9.txt"\r\n'
            b"\r\nabc\r\n"
            b"--limit--\r\n",
        ),
        accept=sees_argument("näme", "€") & sees_file("fï", filename="résumé.txt", content=b"abc"),
        control="documented-forms.file",
        needs=_FORMS,
        why="Users whose language has other letters find their files and fields misnamed.",
    ),
    Scenario(
        id="documented-forms.multipart-without-final-line-end",
        title="A multipart body that ends right after the closing delimiter",
        clause=DOC["MP-8"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--limit--",
        ),
        accept=sees_argument("a", "1"),
        control="documented-forms.multipart",
        needs=_FORMS,
        why="Clients differ here; some of their forms arrive empty or without the last field.",
    ),
    Scenario(
        id="documented-forms.multipart-with-preamble",
        title="A multipart body with text before its first part",
        clause=DOC["MP-8"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"This is a message in several parts.\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b"--limit--\r\n",
        ),
        accept=sees_argument("a", "1"),
        control="documented-forms.multipart",
        needs=_FORMS,
        why="Text that some programs put there is read as a field, or makes the server refuse the form.",
    ),
    # multipart/form-data: files
    Scenario(
        id="documented-forms.file",
        title="A file and a field",
        clause=(DOC["MP-5"], DOC["MP-4"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b'--limit\r\nContent-Disposition: form-data; name="f"; filename="a.css"\r\n'
            b"Content-Type: text/css\r\n\r\nabc\r\n"
            b"--limit--\r\n",
        ),
        accept=sees_file("f", filename="a.css", content=b"abc", content_type="text/css")
        & sees_argument("a", "1")
        & sees_argument("f"),
        control="documented-forms.multipart",
        needs=_FORMS,
        why="Files that users upload do not reach the application.",
    ),
    Scenario(
        id="documented-forms.file-without-type",
        title="A file without a Content-Type",
        clause=DOC["MP-5"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\nabc\r\n'
            b"--limit--\r\n",
        ),
        accept=sees_file("f", filename="a.bin", content=b"abc", content_type="application/unknown"),
        control="documented-forms.file",
        needs=_FORMS,
        why="An application that reads the type of each file, as documented, fails on this one.",
    ),
    Scenario(
        id="documented-forms.file-without-filename",
        title="A part with an empty filename",
        clause=(DOC["MP-5"], DOC["MP-4"]),
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="f"; filename=""\r\n\r\nabc\r\n'
            b"--limit--\r\n",
        ),
        accept=sees_argument("f", "abc"),
        control="documented-forms.file",
        needs=_FORMS,
        why="Browsers send this when no file was chosen; the application gets a file without a name.",
    ),
    Scenario(
        id="documented-forms.file-of-all-bytes",
        title="A file of all 256 byte values that begins and ends with line ends and near-boundaries",
        clause=DOC["MP-5"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n',
            b"\r\n\r\n--limi\r\n" + bytes(range(256)) + b"\r\n-limit\r\n\r\n",
            b"\r\n--limit--\r\n",
        ),
        accept=sees_file(
            "f", filename="a", content=b"\r\n\r\n--limi\r\n" + bytes(range(256)) + b"\r\n-limit\r\n\r\n"
        ),
        control="documented-forms.file",
        needs=_FORMS,
        why="Pictures and archives arrive damaged.",
    ),
    Scenario(
        id="documented-forms.nested",
        title="A multipart inside a part",
        clause=DOC["MP-9"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="f"\r\n'
            b"Content-Type: multipart/mixed; boundary=inner\r\n\r\n"
            b'--inner\r\nContent-Disposition: file; filename="a"\r\n\r\nabc\r\n--inner--\r\n'
            b"--limit--\r\n",
        ),
        accept=sees_argument(
            "f", '--inner\r\nContent-Disposition: file; filename="a"\r\n\r\nabc\r\n--inner--'
        ),
        control="documented-forms.multipart",
        needs=_FORMS,
        why="An application that parses the inner parts itself does not find them.",
    ),
    Scenario(
        id="documented-forms.part-with-transfer-encoding",
        title="A part with Content-Transfer-Encoding: base64",
        clause=DOC["MP-9"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b'--limit\r\nContent-Disposition: form-data; name="a"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n"
            b"--limit--\r\n",
        ),
        accept=sees_argument("a", "aGVsbG8="),
        control="documented-forms.multipart",
        needs=_FORMS,
        why="An application that decodes the part itself, as documented, decodes it twice.",
    ),
    Scenario(
        id="documented-forms.extended-filename",
        title="A part with filename* and no filename",
        clause=DOC["MP-9"],
        send=(
            b"POST <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"Content-Type: multipart/form-data; boundary=limit\r\n"
            b"Content-Length: <length>\r\n"
            b"\r\n"
            b"--limit\r\nContent-Disposition: form-data; name=\"f\"; filename*=UTF-8''a.txt\r\n\r\nabc\r\n"
            b"--limit--\r\n",
        ),
        accept=sees_argument("f", "abc"),
        control="documented-forms.multipart",
        needs=_FORMS,
        why="Two names for one file let it pass a check under one and be stored under the other.",
    ),
)
