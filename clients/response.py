"""The strict, lossless response reader that verdicts rest on.

It turns the bytes of one connection into responses *and* their flaws, by RFC 9112 sections 4 to 7. It never
raises: a break of the grammar is reported as a `Flaw`, and the response is read as far as it makes sense. It
needs the methods of the requests, because a response cannot be delimited without them, and whether the
connection ended in good order. It does not know what the server should have sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache

from clients.chunked import read_chunked


class Flaw(Enum):
    """A break of the grammar or the framing rules, as a phrase that follows "the response has"."""

    EMPTY_LINE_FIRST = "an empty line before its status line"
    STATUS_LINE = "a status line that is not HTTP-version SP three digits SP reason-phrase"
    BARE_LF = "a line that ends in LF alone"
    BARE_CR = "a CR without LF"
    WHITESPACE_AFTER_STATUS_LINE = "white space before its first field line"
    FOLDED_LINE = "a folded field line"
    FIELD_NAME = "a field line without a valid name and a colon"
    FIELD_VALUE = "a control character in a field value"
    CONTENT_LENGTH = "a Content-Length that is not one decimal number"
    LENGTH_AND_CODING = "both Content-Length and Transfer-Encoding"
    FRAMING_FORBIDDEN = "a framing field that its status code forbids"
    CHUNK = "a chunk that breaks the chunked grammar"


class Framing(Enum):
    """What delimits a response's content (RFC 9112, 6.3)."""

    NONE = "no content by its status code or request method"
    LENGTH = "Content-Length"
    CHUNKED = "the chunked coding"
    CLOSE = "the end of the connection"


@dataclass(frozen=True)
class Response:
    """One response, as it was on the wire. Responses are equal wherever in the stream they stand."""

    start: int = field(compare=False)
    """The offset of its first byte in the bytes that were read."""

    end: int = field(compare=False)
    """The offset after its last byte."""

    version: bytes
    """The HTTP-version, such as b"HTTP/1.1"."""

    status: int

    reason: bytes

    fields: tuple[tuple[bytes, bytes], ...]
    """Names and values as sent, without the white space around values."""

    content: bytes
    """Decoded from chunks, as far as it has come."""

    framing: Framing

    complete: bool
    """Whether all of it has come."""

    trailers: tuple[tuple[bytes, bytes], ...] = ()
    """The fields of the trailer section, like `fields`."""

    flaws: tuple[Flaw, ...] = ()
    """What is wrong with it; each flaw once, in the order in which it was found."""

    missing: int = 0
    """How many bytes of its Content-Length have not come."""

    @property
    def interim(self) -> bool:
        """Whether more responses follow for the same request (RFC 9110, 15.2); after 101 no HTTP follows."""
        return 100 <= self.status < 200 and self.status != 101

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """All values of the fields with that name, in order. Case does not matter in names."""
        return self._values.get(name.lower(), ())

    @cached_property
    def _values(self) -> dict[bytes, tuple[bytes, ...]]:
        """All values by the names in lower case, because many fields are looked up that a response lacks."""
        values: dict[bytes, list[bytes]] = {}
        for name, value in self.fields:
            values.setdefault(name.lower(), []).append(value)
        return {name: tuple(several) for name, several in values.items()}

    def members(self, name: bytes) -> tuple[bytes, ...]:
        """The members of a list-based field, in lower case, over all its lines (RFC 9110, 5.6.1)."""
        members = b",".join(self.values(name)).split(b",")
        return tuple(member.strip(b" \t").lower() for member in members if member.strip(b" \t"))

    @property
    def persists(self) -> bool:
        """Whether the connection may be used after this response (RFC 9112, 9.3)."""
        options = self.members(b"connection")
        if self.framing is Framing.CLOSE or b"close" in options:
            return False
        return self.version != b"HTTP/1.0" or b"keep-alive" in options


@dataclass(frozen=True)
class Reading:
    """The bytes of a connection, read as responses."""

    responses: tuple[Response, ...]
    """Interim and final ones, in order; only the last can be incomplete."""

    rest: bytes
    """The bytes after them, which belong to no response: an unfinished head, or not the start of a head."""

    @property
    def finals(self) -> tuple[Response, ...]:
        """The final responses, complete or not."""
        return tuple(response for response in self.responses if not response.interim)


_STATUS_LINE = re.compile(rb"HTTP/\d\.\d \d{3} [\t\x20-\x7e\x80-\xff]*")
_LIKE_A_STATUS_LINE = re.compile(rb"[ \t]*(HTTP/\d+\.\d+)[ \t]+(\d{3})(?![^\s])[ \t]*(.*)", re.DOTALL)
# A token (RFC 9110, 5.6.2), such as a method or the name of a field, as a pattern.
TOKEN_CHARACTER = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
TOKEN = TOKEN_CHARACTER + rb"+"

_FIELD_NAME = re.compile(TOKEN)
_EMPTY_LINES = re.compile(rb"(?:\r?\n)*+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def read_responses(data: bytes, methods: Sequence[bytes], *, ended: bool, start: int = 0) -> Reading:
    """Read all responses in `data` from offset `start` on.

    methods: of the requests that are answered, in order; after the last of them, GET is assumed.
    ended: whether the server ended the connection in good order, which completes a close-delimited response.
    """
    responses: list[Response] = []
    awaited = list(methods)
    while start < len(data):
        method = awaited[0] if awaited else b"GET"
        response = read_response(data, start, method, ended=ended)
        if response is None:
            break
        responses.append(response)
        start = response.end
        if not response.interim:
            awaited = awaited[1:]
        if not response.complete or response.status == 101 or _opens_tunnel(method, response.status):
            break
    return Reading(tuple(responses), data[start:])


def read_response(data: bytes, start: int, method: bytes, *, ended: bool) -> Response | None:
    """Read the response to `method` that begins at `start`; None if its head is unfinished or not valid."""
    empty = _EMPTY_LINES.match(data, start)
    begins = empty.end() if empty else start
    head_ends = _END_OF_HEAD.search(data, begins)
    if head_ends is None:
        return None
    head = _head(data[begins : head_ends.end()], method)
    if head is None:
        return None
    flaws = [Flaw.EMPTY_LINE_FIRST] if begins > start else []
    flaws += head.flaws
    content, end, complete, missing = b"", head_ends.end(), True, 0  # as if there were no content
    trailers: tuple[tuple[bytes, bytes], ...] = ()
    if head.framing is Framing.LENGTH:
        wanted = end + head.length
        content, end = data[end:wanted], min(wanted, len(data))
        missing = wanted - end
        complete = not missing
    elif head.framing is Framing.CHUNKED:
        chunked = read_chunked(data, end)
        content, end, complete = chunked.content, chunked.end, chunked.complete
        if chunked.broken:
            flaws.append(Flaw.CHUNK)
        trailers = _read_fields(chunked.trailer_lines, flaws)
    elif head.framing is Framing.CLOSE:
        content, end, complete = data[end:], len(data), ended and Flaw.CONTENT_LENGTH not in flaws
    return Response(
        start=start,
        end=end,
        version=head.version,
        status=head.status,
        reason=head.reason,
        fields=head.fields,
        content=content,
        framing=head.framing,
        complete=complete,
        trailers=trailers,
        flaws=tuple(dict.fromkeys(flaws)),
        missing=missing,
    )


@dataclass(frozen=True)
class _Head:
    """The head of a response, and how it delimits the content."""

    version: bytes
    status: int
    reason: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    framing: Framing
    length: int
    """The Content-Length, if that delimits the content; 0 otherwise."""
    flaws: tuple[Flaw, ...]


# The end of the last line of a head, and the empty line after it.
_END_OF_HEAD = re.compile(rb"\n\r?\n")

# A server sends the same heads over and over, and each is read when it comes and again when it is judged. So
# heads are remembered, up to this length in bytes and up to this number.
_LONGEST_REMEMBERED = 2048
_MOST_REMEMBERED = 512


def _head(data: bytes, method: bytes) -> _Head | None:
    """Read the head, up to its empty line, of the response to `method`; None if it is not valid."""
    read = _remembered_head if len(data) <= _LONGEST_REMEMBERED else _read_head
    return read(data, method)


def _read_head(data: bytes, method: bytes) -> _Head | None:
    flaws: list[Flaw] = []
    lines = [_without_line_end(line, flaws) for line in data.split(b"\n")[:-1]][:-1]
    status_line = _LIKE_A_STATUS_LINE.fullmatch(lines[0])
    if status_line is None:
        return None
    if not _STATUS_LINE.fullmatch(lines[0]):
        flaws.append(Flaw.STATUS_LINE)
    if len(lines) > 1 and lines[1][:1] in (b" ", b"\t"):
        flaws.append(Flaw.WHITESPACE_AFTER_STATUS_LINE)
    fields = _read_fields(lines[1:], flaws)
    status = int(status_line[2])
    framing, length = _framing(method, status, fields, flaws)
    return _Head(status_line[1], status, status_line[3], fields, framing, length, tuple(flaws))


_remembered_head = lru_cache(_MOST_REMEMBERED)(_read_head)


def _without_line_end(line: bytes, flaws: list[Flaw]) -> bytes:
    """Return a line, split off at its LF, without its CR; note what is wrong with its end."""
    if not line.endswith(b"\r"):
        flaws.append(Flaw.BARE_LF)
    line = line.removesuffix(b"\r")
    if b"\r" in line:
        flaws.append(Flaw.BARE_CR)
    return line


def _read_fields(lines: Sequence[bytes], flaws: list[Flaw]) -> tuple[tuple[bytes, bytes], ...]:
    fields: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            flaws.append(Flaw.FOLDED_LINE)
            if fields:
                name, value = fields[-1]
                fields[-1] = (name, (value + b" " + line.strip(b" \t")).strip(b" \t"))
            if _CONTROL.search(line):
                flaws.append(Flaw.FIELD_VALUE)
            continue
        name, colon, value = line.partition(b":")
        if not colon or not _FIELD_NAME.fullmatch(name):
            flaws.append(Flaw.FIELD_NAME)
        if _CONTROL.search(value):
            flaws.append(Flaw.FIELD_VALUE)
        if colon:
            fields.append((name.rstrip(b" \t"), value.strip(b" \t")))
    return tuple(fields)


def _framing(
    method: bytes, status: int, fields: Sequence[tuple[bytes, bytes]], flaws: list[Flaw]
) -> tuple[Framing, int]:
    """Decide how the content is delimited, in the order of RFC 9112, 6.3; return that and the length."""
    lengths = [value for name, value in fields if name.lower() == b"content-length"]
    codings = [value.lower() for name, value in fields if name.lower() == b"transfer-encoding"]
    unframed = 100 <= status < 200 or status == 204 or _opens_tunnel(method, status)
    if unframed and (lengths or codings):
        flaws.append(Flaw.FRAMING_FORBIDDEN)
    if lengths and codings:
        flaws.append(Flaw.LENGTH_AND_CODING)
    if lengths and not (len(lengths) == 1 and lengths[0].isdigit()):
        flaws.append(Flaw.CONTENT_LENGTH)
    if method == b"HEAD" or unframed or status == 304:
        return Framing.NONE, 0
    if codings:
        last = b",".join(codings).rstrip(b", \t").split(b",")[-1].strip(b" \t")
        return (Framing.CHUNKED if last == b"chunked" else Framing.CLOSE), 0
    # A number that is sent several times is a flaw, but still delimits the content.
    numerals = {numeral.strip(b" \t") for value in lengths for numeral in value.split(b",")}
    if len(numerals) == 1 and (numeral := numerals.pop()).isdigit():
        return _length(numeral)
    return Framing.CLOSE, 0


# No server can send as much as a longer numeral says; int() itself refuses more than 4,300 digits.
_MOST_DIGITS = 30


def _length(numeral: bytes) -> tuple[Framing, int]:
    return Framing.LENGTH, int(numeral) if len(numeral) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _opens_tunnel(method: bytes, status: int) -> bool:
    return method == b"CONNECT" and 200 <= status < 300
