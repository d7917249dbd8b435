"""What a response is, what can be wrong with it, and how its head is read (RFC 9112, sections 4 to 6).

Heads are read strictly, and nothing is raised: a break of the grammar is reported as a `Flaw`, and the head
is read as far as it makes sense. How responses are found in what a server sends is the business of `reader`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache


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
    """Decoded from chunks, as far as it has come and was kept."""

    framing: Framing

    complete: bool
    """Whether all of it has come."""

    trailers: tuple[tuple[bytes, bytes], ...] = ()
    """The fields of the trailer section, like `fields`."""

    flaws: tuple[Flaw, ...] = ()
    """What is wrong with it; each flaw once, in the order in which it was found."""

    missing: int = 0
    """How many bytes of its Content-Length have not come."""

    cut: int = 0
    """How many octets of its content have come and were not kept."""

    empty: int = field(default=0, compare=False)
    """How many bytes of empty lines come before its status line."""

    head: bytes = field(default=b"", compare=False, repr=False)
    """Its status line and field lines as they were on the wire, up to the empty line and with it."""

    @property
    def length(self) -> int:
        """How many octets of content have come."""
        return len(self.content) + self.cut

    @property
    def begins(self) -> int:
        """The offset of its status line, which may stand after empty lines."""
        return self.start + self.empty

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
    """The bytes after them, which belong to no response: an unfinished head, or not the start of a head.

    Like content, they are there as far as they were kept.
    """

    cut: int = 0
    """How many of them were not kept."""

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
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True)
class Head:
    """The head of a response, and how it delimits the content."""

    data: bytes
    """As it was on the wire."""
    version: bytes
    status: int
    reason: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    framing: Framing
    length: int
    """The Content-Length, if that delimits the content; 0 otherwise."""
    flaws: tuple[Flaw, ...]


# A server sends the same heads over and over, and each is read when it comes and again when it is judged. So
# heads are remembered, many of up to this length in bytes, and a few of any length: a megabyte that comes on
# forty connections at once is then in memory once.
_LONG = 2048
_MOST_REMEMBERED = 512
_MOST_LONG_REMEMBERED = 4


def read_head(data: bytes, method: bytes) -> Head | None:
    """Read the head, up to its empty line, of the response to `method`; None if it is not valid."""
    read = _remembered_head if len(data) <= _LONG else _remembered_long_head
    return read(data, method)


def _read_head(data: bytes, method: bytes) -> Head | None:
    flaws: list[Flaw] = []
    lines = [_without_line_end(line, flaws) for line in data.split(b"\n")[:-1]][:-1]
    status_line = _LIKE_A_STATUS_LINE.fullmatch(lines[0])
    if status_line is None:
        return None
    if not _STATUS_LINE.fullmatch(lines[0]):
        flaws.append(Flaw.STATUS_LINE)
    if len(lines) > 1 and lines[1][:1] in (b" ", b"\t"):
        flaws.append(Flaw.WHITESPACE_AFTER_STATUS_LINE)
    fields = read_fields(lines[1:], flaws)
    status = int(status_line[2])
    framing, length = _framing(method, status, fields, flaws)
    return Head(data, status_line[1], status, status_line[3], fields, framing, length, tuple(flaws))


_remembered_head = lru_cache(_MOST_REMEMBERED)(_read_head)
_remembered_long_head = lru_cache(_MOST_LONG_REMEMBERED)(_read_head)


def _without_line_end(line: bytes, flaws: list[Flaw]) -> bytes:
    """Return a line, split off at its LF, without its CR; note what is wrong with its end."""
    if not line.endswith(b"\r"):
        flaws.append(Flaw.BARE_LF)
    line = line.removesuffix(b"\r")
    if b"\r" in line:
        flaws.append(Flaw.BARE_CR)
    return line


def read_fields(lines: Sequence[bytes], flaws: list[Flaw]) -> tuple[tuple[bytes, bytes], ...]:
    """Read field lines, without their line ends, as names and values; add what is wrong to the flaws."""
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
    unframed = 100 <= status < 200 or status == 204 or opens_tunnel(method, status)
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


def opens_tunnel(method: bytes, status: int) -> bool:
    """Whether no HTTP follows a response, because a tunnel begins after it (RFC 9110, 9.3.6)."""
    return method == b"CONNECT" and 200 <= status < 300
