"""Laws of the parser that hold for any octets whatever."""

import itertools
import string
from collections.abc import Callable
from typing import Any

import h11
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.profile import Profile

Pieces = Callable[..., list[Any]]

PROFILES: dict[str, Profile] = {
    "http11": HTTP11(),
    "http11 with small limits": HTTP11(
        Limits(method=4, request_target=12, field_line=16, head=60, fields=3, trailers=12, chunk_extensions=8)
    ),
    "documented": Documented(),
}

each_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)

FRAGMENTS = [
    b"GET",
    b"POST",
    b"HEAD",
    b"CONNECT",
    b" ",
    b"\t",
    b"/",
    b"/a?b",
    b"*",
    b"http://h/",
    b"h:80",
    b"%zz",
    b"#",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/2.0",
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b":",
    b"Host: h\r\n",
    b"Content-Length: 3\r\n",
    b"Content-Length: 12\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"Expect: 100-continue\r\n",
    b"A: b\r\n",
    b"A : b\r\n",
    b"abc",
    b"3\r\nabc\r\n",
    b"0\r\n",
    b"0\r\n\r\n",
    b'1;a="b"',
    b"GET / HTTP/1.1\r\nHost: h\r\n",
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
]

octets = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(b"".join),
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=4)), max_size=12).map(b"".join),
)


@each_profile
@given(data=octets, cuts=st.lists(st.integers(0, 200), max_size=6))
def test_any_cut_of_any_octets_gives_the_same_events(
    profile: Profile, data: bytes, cuts: list[int], pieces: Pieces
) -> None:
    """DOC-CONN-1: and none raises an exception."""
    whole = pieces([data], profile)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    cut = [data[start:end] for start, end in itertools.pairwise(edges)]
    assert pieces(cut, profile) == whole
    assert pieces([data[index : index + 1] for index in range(len(data))], profile) == whole


@each_profile
@given(data=octets, more=octets)
def test_what_has_been_found_does_not_change_with_what_follows(
    profile: Profile, data: bytes, more: bytes, pieces: Pieces
) -> None:
    """DOC-CONN-8."""
    found = pieces([data], profile)
    assert pieces([data + more], profile)[: len(found)] == found


tokens = st.text(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~", min_size=1, max_size=8)
framing = ("host", "content-length", "transfer-encoding", "connection", "expect")
names = tokens.filter(lambda name: name.lower() not in framing)
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=8)
valid_values = values.filter(lambda value: not any(0x80 <= ord(char) < 0xA0 for char in value))
targets = st.text(string.ascii_letters + string.digits + "-._~!$&'()*+,;=:@/?", max_size=12).map("/".__add__)


@given(
    method=tokens.filter(lambda method: method != "CONNECT"),
    target=targets,
    fields=st.lists(st.tuples(names, valid_values.map(lambda value: value.strip(" \t"))), max_size=4),
    framed_body=st.tuples(st.binary(max_size=20), st.integers(0, 7)),
)
def test_what_is_printed_is_parsed_back_as_h11_does(
    method: str, target: str, fields: list[tuple[str, str]], framed_body: tuple[bytes, int], pieces: Pieces
) -> None:
    """DOC-HDR-1, DOC-LEN-1, DOC-LEN-5."""
    body, chunk = framed_body
    lines = [f"{method} {target} HTTP/1.1", "Host: h", *(f"{name}: {value}" for name, value in fields)]
    framed = ["Transfer-Encoding: chunked"] if chunk else [f"Content-Length: {len(body)}"]
    sent = "\r\n".join([*lines, *framed, "", ""]).encode("latin-1") + (
        chunked(body, chunk) if chunk else body
    )
    head, *bodies = pieces([sent], HTTP11())
    assert head.kind == "head"
    assert head.values[:3] == (method, target, "HTTP/1.1")
    content = b"".join(found.values[0] for found in bodies)
    assert content == body
    request, data = read_with_h11(sent)
    assert (request.method.decode(), request.target.decode("latin-1")) == (method, target)
    assert data == content
    ours = sorted((name.lower(), value) for name, value in head.values[4])
    assert ours == sorted((name.decode(), value.decode("latin-1")) for name, value in request.headers)


def chunked(body: bytes, size: int) -> bytes:
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def read_with_h11(data: bytes) -> tuple[h11.Request, bytes]:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    request = connection.next_event()
    assert isinstance(request, h11.Request)
    content = b""
    while isinstance(event := connection.next_event(), h11.Data):
        content += event.data
    assert isinstance(event, h11.EndOfMessage)
    return request, content


@given(data=octets)
def test_what_is_accepted_h11_accepts_too(data: bytes, pieces: Pieces) -> None:
    """Strictness: where h11 refuses the first head, so do we."""
    found = pieces([data], HTTP11())
    assume(found)
    if found[0].kind != "head" or data.startswith(b"\r\n"):
        return  # h11 skips no blank lines
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    assert isinstance(connection.next_event(), h11.Request)


@pytest.mark.parametrize(
    "hostile",
    [
        b"GET /" + b"%41" * 5000 + b"%",
        b"GET /" + b"a" * 16000 + b'"',
        b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * 120 + b"c",
        b"GET / HTTP/1.1\r\nA:" + b" " * 16000 + b"\x00",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1" + b';a="' * 4000 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1" + b" ;a" * 5000 + b" \r\n",
        b"GET / HTTP/1.1\r\nHost: " + b"%41" * 5000 + b"/\r\n\r\n",
    ],
)
def test_hostile_heads_are_refused_without_backtracking(hostile: bytes, pieces: Pieces) -> None:
    """Each took seconds with a pattern that backtracks; a hang here is the failure."""
    events = pieces([hostile + b"\r\n\r\n"], HTTP11())
    assert events[-1].kind == "refusal"
