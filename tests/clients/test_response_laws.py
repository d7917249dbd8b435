"""Laws of the response reader: for any bytes, for valid responses, and compared with h11."""

from dataclasses import dataclass

import h11
from hypothesis import given
from hypothesis import strategies as st

from clients.reader import read_responses
from clients.response import Framing, Reading

_TOKEN = st.text(
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=9
).map(str.encode)
_TEXT = st.binary(max_size=20).map(lambda raw: bytes(byte for byte in raw if byte > 0x20 and byte != 0x7F))
_METHODS = st.lists(st.sampled_from([b"GET", b"HEAD", b"POST", b"CONNECT", b"OPTIONS"]), max_size=4)

# Pieces from which hypothesis builds bytes that are nearly a response.
_PIECES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.0 204 \r\n",
        b"HTTP/1.1 101 x\r\n\r\n",
        b"Content-Length: 3\r\n",
        b"Content-Length: 3, 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"\r\n",
        b"\n",
        b"\r",
        b" folded\r\n",
        b"abc",
        b"3\r\nabc\r\n",
        b"0\r\n",
        b"0\r\n\r\n",
        b"\x00",
        b":",
    ]
)
_ANYTHING = st.binary() | st.lists(_PIECES | st.binary(max_size=3), max_size=20).map(b"".join)


@dataclass(frozen=True)
class Printed:
    """A valid response, and what it was printed from."""

    raw: bytes
    method: bytes
    status: int
    fields: tuple[tuple[bytes, bytes], ...]
    content: bytes
    framing: Framing


@st.composite
def _responses(draw: st.DrawFn, framings: tuple[Framing, ...]) -> Printed:
    framing = draw(st.sampled_from(framings))
    statuses = {
        Framing.NONE: st.sampled_from([200, 204, 304, 404]),
        Framing.LENGTH: st.integers(200, 599),
        Framing.CHUNKED: st.integers(200, 599),
        Framing.CLOSE: st.integers(200, 599),
    }[framing]
    status = draw(statuses.filter(lambda code: framing is Framing.NONE or code not in (204, 304)))
    method = b"HEAD" if framing is Framing.NONE and status not in (204, 304) else b"GET"
    content = b"" if framing is Framing.NONE else draw(st.binary(max_size=40))
    fields = draw(st.lists(st.tuples(_TOKEN.map(lambda name: b"X-" + name), _TEXT), max_size=4))
    body = content
    if framing is Framing.LENGTH:
        fields.append((draw(st.sampled_from([b"Content-Length", b"content-length"])), b"%d" % len(content)))
    elif framing is Framing.CHUNKED:
        fields.append((b"Transfer-Encoding", draw(st.sampled_from([b"chunked", b"Chunked"]))))
        body = _chunks(content, draw(st.integers(1, 9))) + b"0\r\n\r\n"
    fields = draw(st.permutations(fields))
    spaces = st.text(" \t", max_size=2).map(str.encode)
    lines = [b"%b:%b%b%b" % (name, draw(spaces), value, draw(spaces)) for name, value in fields]
    head = [b"HTTP/1.1 %d %b" % (status, draw(_TEXT)), *lines, b"", b""]
    return Printed(b"\r\n".join(head) + body, method, status, tuple(fields), content, framing)


def _chunks(content: bytes, size: int) -> bytes:
    pieces = (content[start : start + size] for start in range(0, len(content), size))
    return b"".join(b"%X\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


_DELIMITED = (Framing.NONE, Framing.LENGTH, Framing.CHUNKED)
_CONVERSATIONS = st.tuples(
    st.lists(_responses(_DELIMITED), max_size=3),
    st.lists(_responses((*_DELIMITED, Framing.CLOSE)), min_size=1, max_size=1),
).map(lambda parts: parts[0] + parts[1])


@given(_ANYTHING, _METHODS, st.booleans())
def test_no_bytes_raise(data: bytes, methods: list[bytes], ended: bool) -> None:
    assert isinstance(read_responses(data, methods, ended=ended), Reading)


@given(_ANYTHING, _METHODS, st.booleans())
def test_responses_and_rest_account_for_every_byte(data: bytes, methods: list[bytes], ended: bool) -> None:
    reading = read_responses(data, methods, ended=ended)
    position = 0
    for response in reading.responses:
        assert response.start == position
        assert response.end > position
        position = response.end
    assert data[position:] == reading.rest


@given(_ANYTHING, _METHODS, st.booleans())
def test_only_the_last_response_can_be_incomplete(data: bytes, methods: list[bytes], ended: bool) -> None:
    reading = read_responses(data, methods, ended=ended)
    assert all(response.complete for response in reading.responses[:-1])


@given(_ANYTHING, _METHODS, st.integers(0))
def test_a_complete_response_stays_as_it_is_when_more_comes(
    data: bytes, methods: list[bytes], cut: int
) -> None:
    early = read_responses(data[:cut], methods, ended=False).responses
    late = read_responses(data, methods, ended=False).responses
    complete = [response for response in early if response.complete]
    assert complete == list(late[: len(complete)])


@given(_ANYTHING, _METHODS)
def test_reading_on_after_a_final_response_is_the_same_as_reading_all(
    data: bytes, methods: list[bytes]
) -> None:
    reading = read_responses(data, methods, ended=False)
    for index, response in enumerate(reading.responses[:-1]):
        left = methods[sum(not each.interim for each in reading.responses[: index + 1]) :]
        rest = read_responses(data, left, ended=False, start=response.end)
        assert rest.responses == reading.responses[index + 1 :]


@given(_ANYTHING, _METHODS)
def test_fields_have_no_white_space_around_their_values(data: bytes, methods: list[bytes]) -> None:
    for response in read_responses(data, methods, ended=True).responses:
        assert all(value == value.strip(b" \t") for _, value in (*response.fields, *response.trailers))


@given(_CONVERSATIONS)
def test_valid_responses_are_read_back_without_flaws(printed: list[Printed]) -> None:
    raw = b"".join(each.raw for each in printed)
    reading = read_responses(raw, [each.method for each in printed], ended=True)
    assert [
        (each.status, each.fields, each.content, each.framing, each.complete, each.flaws)
        for each in reading.responses
    ] == [(each.status, each.fields, each.content, each.framing, True, ()) for each in printed]
    assert reading.rest == b""


@given(_responses((*_DELIMITED, Framing.CLOSE)))
def test_h11_reads_the_same_from_a_valid_response(printed: Printed) -> None:
    (ours,) = read_responses(printed.raw, [printed.method], ended=True).responses
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=printed.method, target=b"/", headers=[(b"Host", b"a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(printed.raw)
    client.receive_data(b"")
    head, content = None, b""
    while type(event := client.next_event()) is not h11.EndOfMessage:
        if isinstance(event, h11.Response):
            head = event
        else:
            assert isinstance(event, h11.Data)
            content += bytes(event.data)
    assert head is not None
    theirs = (head.status_code, bytes(head.reason), _normal(head.headers.raw_items()), content)
    assert theirs == (ours.status, ours.reason, _normal(ours.fields), ours.content)


def _normal(fields: object) -> list[tuple[bytes, bytes]]:
    """The fields as h11 keeps them: framing values in lower case."""
    assert isinstance(fields, list | tuple)
    return [
        (bytes(name), bytes(value).lower() if name.lower() == b"transfer-encoding" else bytes(value))
        for name, value in fields
    ]
