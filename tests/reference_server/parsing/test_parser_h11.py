"""The parser beside h11, on the same octets: the same requests, or a clause that says why not."""

import itertools

import h11
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Head, Refusal
from reference_server.parsing.parser import RequestParser

LINES = [
    b"GET / HTTP/1.1",
    b"POST /a?b=c HTTP/1.1",
    b"PUT http://h:80/x HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"GET * HTTP/1.1",
    b"CONNECT h:80 HTTP/1.1",
    b"CONNECT h HTTP/1.1",
    b"CONNECT / HTTP/1.1",
    b"GET ftp://h/ HTTP/1.1",
    b"GET h:80 HTTP/1.1",
    b"GET / HTTP/1.0",
    b"GET / HTTP/1.2",
    b"GET / HTTP/2.0",
    b"GET / http/1.1",
    b"GET  / HTTP/1.1",
    b"GET / HTTP/1.1 ",
    b"GET /#f HTTP/1.1",
    b'GET /" HTTP/1.1',
    b"GET /%zz HTTP/1.1",
    b"GET /\xe9 HTTP/1.1",
    b"GET https://h/ HTTP/1.1",
    b"GET http:///x HTTP/1.1",
    b"G@T / HTTP/1.1",
    b"A" * 40 + b" / HTTP/1.1",
    b"",
]

FIELDS = [
    b"Host: h",
    b"Host: h:80",
    b"Host: a b",
    b"Host:",
    b"Host: u@h",
    b"Host: [::1]",
    b"Host: [1:2]",
    b"Content-Length: 3",
    b"Content-Length: 03",
    b"Content-Length: 3, 3",
    b"Content-Length: +3",
    b"Content-Length:",
    b"Content-Length: 99999999999999999",
    b"Content-Length: 999999999999999999999",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: Chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: identity",
    b"Connection: close",
    b"Expect: 100-continue",
    b"Expect: nonsense",
    b"A: b",
    b"A : b",
    b"A:\tb \t",
    b"A: \x00",
    b"A: \x07",
    b"A: \xe9\x85",
    b"no colon",
    b": no name",
    b" folded",
    b"A: b\rc",
]

ENDS = [b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\n"]

WHY = {
    # the beginning of our reason: the clause that we keep, and h11 does not
    "a field line is folded": "RFC 9112, 5.2: a server MUST reject obs-fold, or replace it; h11 replaces",
    "LF without CR": "RFC 9112, 2.2: a recipient MAY take a bare LF for a line end; h11 does, we do not",
    "control character": "RFC 9110, 5.5: they are invalid; a recipient MAY keep them where that is safe",
    "the request-target is malformed": "RFC 9112, 3.2: four forms, each with its grammar; h11 takes VCHAR",
    "CONNECT needs": "RFC 9110, 9.3.6: CONNECT has a host and a port",
    "no Host": "RFC 9110, 2.5: HTTP/1.2 is read as HTTP/1.1, which needs a Host; h11 asks 1.1 only",
    "the host is malformed": "RFC 9112, 3.2: 400 for an invalid Host; h11 looks at no value",
    "the host is not an IPv6 address": "RFC 3986, 3.2.2, by RFC 9112, 3.2",
    "only HTTP/1.0 and": "RFC 9110, 15.6.6: 505; h11 takes any version, and leaves it to the application",
    "only http and https": "RFC 9110, 7.4: 421",
    "an https target": "RFC 9110, 7.4: 421",
    "both Transfer-Encoding and": "RFC 9112, 6.1: may be rejected; h11 lets Transfer-Encoding win",
    "Transfer-Encoding in HTTP/1.0": "RFC 9112, 6.1: the framing is faulty",
    "Content-Length is not one": "RFC 9112, 6.3: equal values MAY be taken for one; h11 does",
    "the body is longer": "RFC 9110, 15.5.14: our limit; h11 has none",
    "the method is longer": "RFC 9112, 3: 501 for a method that is longer than any known",
    "100-continue is the only": "RFC 9110, 10.1.1: 417; h11 leaves it to the application",
}

heads = st.builds(
    lambda line, fields, end: end.join([line, *fields, b"", b""]),
    st.sampled_from(LINES),
    st.lists(st.sampled_from(FIELDS), max_size=5),
    st.sampled_from(ENDS),
) | st.builds(
    lambda line, fields: b"\r\n".join([line, b"Host: h", *fields, b"", b""]),
    st.sampled_from(LINES[:6]),
    st.lists(st.sampled_from(FIELDS[7:]), max_size=3),
)


def ours(data: bytes) -> Head | Refusal | None:
    parser = RequestParser(HTTP11())
    parser.feed(data)
    found = parser.next_event()
    assert found is None or isinstance(found, Head | Refusal)
    return found


def theirs(data: bytes) -> tuple[h11.Request | None, int | None]:
    """Return the request that h11 finds, and the length of its body: None when it is chunked."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    try:
        request = connection.next_event()
    except h11.RemoteProtocolError:
        return None, None
    if not isinstance(request, h11.Request):
        return None, None
    framing = dict(request.headers)
    if b"transfer-encoding" in framing:
        return request, None
    return request, int(framing.get(b"content-length", b"0"))


def like_h11(name: str, value: str) -> str:
    """Return a value as h11 hands it on: the name of a coding has no case (RFC 9112, 7)."""
    return value.lower() if name == "transfer-encoding" else value


@settings(max_examples=400)
@given(data=heads)
@example(data=b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n")
@example(data=b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n")
@example(data=b"GET / HTTP/1.1\nHost: h\n\n")
def test_h11_reads_the_same_or_a_clause_says_why_not(data: bytes) -> None:
    """DOC-LINE-1 to DOC-LINE-5, DOC-HDR-1, DOC-HDR-2, DOC-LEN-1, DOC-LEN-3: the http11 profile."""
    found = ours(data)
    request, length = theirs(data)
    if isinstance(found, Head):
        assert request is not None, "h11 refuses what we accept"
        assert (found.method, found.target) == (request.method.decode(), request.target.decode())
        assert found.version == f"HTTP/{request.http_version.decode()}"
        assert found.body_length == length
        mine = sorted((name.lower(), value) for name, value in found.fields.headers.get_all())
        both = sorted((name.decode(), value.decode("latin-1")) for name, value in request.headers)
        assert [(name, like_h11(name, value)) for name, value in mine] == both
        event("both accept")
    elif isinstance(found, Refusal) and request is not None:
        clause = [clause for reason, clause in WHY.items() if found.reason.startswith(reason)]
        assert clause, f"h11 accepts what we refuse, and no clause says why: {found}"
        event(clause[0])
    else:
        assert request is None, "h11 finds a request where we wait for more"


def test_each_explanation_is_of_use() -> None:
    """So that the table does not outlive what it explains."""
    unused = set(WHY)
    pairs = [[b"Host: h", *fields] for fields in itertools.product(FIELDS, FIELDS)]
    for line, fields, end in itertools.product(
        LINES, [[], *([field] for field in FIELDS), *pairs], set(ENDS)
    ):
        data = end.join([line, *fields, b"", b""])
        found = ours(data)
        if isinstance(found, Refusal) and theirs(data)[0] is not None:
            unused -= {reason for reason in unused if found.reason.startswith(reason)}
    assert sorted(unused) == []
