"""A reader of requests, as a value: bytes in, the requests in them out.

By default it is right: it takes what the specifications define and refuses everything else. Each of its
fields is one piece of the grammar or one decision, so that a reader with one fault is the same value with one
field replaced (`tests.readers.faults`). It takes a whole conversation at once, knows no connections, and
shares no code with the reference server.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv6Address

from tests.conformance.canned_responses import Request

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
VALUE = rb"[\t\x20-\x7e\x80-\xff]*"
QUOTED = rb'"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"'
EXTENSION = rb"[ \t]*;[ \t]*" + TOKEN + rb"(?:[ \t]*=[ \t]*(?:" + TOKEN + rb"|" + QUOTED + rb"))?"

ESCAPE = rb"%[0-9A-Fa-f]{2}"
PATH = rb"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|" + ESCAPE + rb")*)"
QUERY = rb"(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|" + ESCAPE + rb")*)?"
NAME = rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|" + ESCAPE + rb")+"
LITERAL = rb"\[(?:[0-9A-Fa-f:.]+|[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\]"
AUTHORITY = rb"(?:" + LITERAL + rb"|" + NAME + rb")(?::[0-9]*)?"


class Refused(Exception):
    """The bytes are not a request, or not the whole of one."""


Fields = Sequence[tuple[bytes, bytes]]


def as_it_is(head: bytes) -> bytes:
    """Repair nothing."""
    return head


def decimal(value: bytes) -> int:
    """Read a Content-Length. Raises `Refused`."""
    if not re.fullmatch(rb"[0-9]+", value):
        raise Refused("the length is not a number")
    return int(value[:4000])  # a longer one is beyond everything, too


def hexadecimal(digits: bytes) -> int:
    """Read a chunk-size. Raises `Refused`."""
    if not re.fullmatch(rb"[0-9A-Fa-f]+", digits):
        raise Refused("the chunk-size is not a number")
    return int(digits, 16)


def only_one(lengths: Sequence[bytes]) -> bytes:
    """Choose among several lines of Content-Length. Raises `Refused`."""
    if len(lengths) > 1:
        raise Refused("several lengths")
    return lengths[0]


def chunked_alone(codings: Sequence[bytes]) -> bool:
    """Whether the lines of Transfer-Encoding say that the body is chunked. Raises `Refused`."""
    members = [member.strip(b" \t").lower() for line in codings for member in line.split(b",")]
    if [member for member in members if member] != [b"chunked"]:
        raise Refused("the transfer coding is not chunked")
    return True


def chunked_excludes_length(codings: Sequence[bytes], lengths: Sequence[bytes]) -> None:
    """Decide whether a request may have both. Raises `Refused`."""
    if codings and lengths:
        raise Refused("both framing fields")


def valid_authority(authority: bytes) -> bool:
    """Whether these bytes are a host, and perhaps a port."""
    if not re.fullmatch(AUTHORITY, authority):
        return False
    literal = re.match(rb"\[([0-9A-Fa-f:.]+)\]", authority)
    try:
        return literal is None or bool(IPv6Address(literal[1].decode()))
    except ValueError:
        return False


def valid_tunnel(target: bytes) -> bool:
    """Whether a CONNECT names a host and a port."""
    port = target.rpartition(b":")[2]
    return valid_authority(target) and port.isdigit() and 0 < int(port[:6]) < 65536


def valid_target(method: bytes, target: bytes) -> bool:
    """Whether the target has one of the four forms, and the one that the method needs."""
    if method == b"CONNECT":
        return valid_tunnel(target)
    if target == b"*":
        return method == b"OPTIONS"
    absolute = re.fullmatch(rb"https?://([^/?]*)" + PATH + rb"?" + QUERY, target, re.IGNORECASE)
    if absolute:
        return valid_authority(absolute[1])
    return re.fullmatch(PATH + QUERY, target) is not None


def one_valid_host(version: bytes, hosts: Sequence[bytes]) -> bool:
    """Whether the lines of Host are what the version needs."""
    if not hosts:
        return version < b"HTTP/1.1"
    return len(hosts) == 1 and (not hosts[0] or valid_authority(hosts[0]))


@dataclass(frozen=True, kw_only=True)
class Reader:
    """The pieces of the grammar, as patterns, and the decisions. The defaults are right.

    blank: what may come before a request. head_end, line_end: what ends a head, and a line in it. repair:
    what is made of a head before it is read. request_line: method, target and version in groups.
    field_line: name and value in groups. size_line: a line with a chunk-size, which is in a group. data_end:
    what ends chunk data. trailers: all that stands between the line of the last chunk and the next request.
    cut_off: whether a body may end where the bytes end.
    """

    blank: bytes = rb"(?:\r\n)*"
    head_end: bytes = rb"\r\n\r\n"
    line_end: bytes = rb"\r\n"
    repair: Callable[[bytes], bytes] = as_it_is
    request_line: bytes = rb"(" + TOKEN + rb") ([^ ]+) (HTTP/1\.[0-9])"
    field_line: bytes = rb"(" + TOKEN + rb"):(" + VALUE + rb")"
    target: Callable[[bytes, bytes], bool] = valid_target
    host: Callable[[bytes, Sequence[bytes]], bool] = one_valid_host
    lengths: Callable[[Sequence[bytes]], bytes] = only_one
    length: Callable[[bytes], int] = decimal
    chunked: Callable[[Sequence[bytes]], bool] = chunked_alone
    both: Callable[[Sequence[bytes], Sequence[bytes]], None] = chunked_excludes_length
    size_line: bytes = rb"([0-9A-Fa-f]+)(?:" + EXTENSION + rb")*\r\n"
    size: Callable[[bytes], int] = hexadecimal
    data_end: bytes = rb"\r\n"
    trailers: bytes = rb"(?:" + TOKEN + rb":" + VALUE + rb"\r\n)*\r\n"
    cut_off: bool = False

    def read(self, data: bytes) -> list[Request]:
        """Take the bytes of a conversation for requests, all of them. Raises `Refused`."""
        requests = list(self._requests(data))
        if not requests:
            raise Refused("there is no request")
        return requests

    def _requests(self, data: bytes) -> Iterator[Request]:
        position = _after(self.blank, data, 0)
        while position < len(data):
            found = re.compile(self.head_end).search(data, position)
            if found is None:
                raise Refused("the head has no end")
            request = self._head(self.repair(data[position : found.start()]))
            body, position = self._body(request, data, found.end())
            yield replace(request, body=body)
            position = _after(self.blank, data, position)

    def _head(self, head: bytes) -> Request:
        first, *lines = re.split(self.line_end, head)
        line = re.fullmatch(self.request_line, first)
        if line is None:
            raise Refused("the request line is malformed")
        method, target, version = line[1], line[2] or b"/", line[3] or b"HTTP/0.9"
        if not self.target(method, target):
            raise Refused("the target is malformed")
        fields = tuple(self._field(line) for line in lines)
        request = Request(method, target, version, fields, b"")
        if not self.host(version, _values(request.fields, b"host")):
            raise Refused("the Host is malformed")
        return request

    def _field(self, line: bytes) -> tuple[bytes, bytes]:
        match = re.fullmatch(self.field_line, line, re.DOTALL)
        if match is None:
            raise Refused("a field line is malformed")
        return match[1], match[2].strip(b" \t")

    def _body(self, request: Request, data: bytes, position: int) -> tuple[bytes, int]:
        """Return the body, and where the next request begins."""
        codings = _values(request.fields, b"transfer-encoding")
        lengths = _values(request.fields, b"content-length")
        self.both(codings, lengths)
        if codings and self.chunked(codings):
            if request.version == b"HTTP/1.0":
                raise Refused("chunked in HTTP/1.0")
            return self._chunks(data, position)
        return self._octets(data, position, self.length(self.lengths(lengths)) if lengths else 0)

    def _octets(self, data: bytes, position: int, size: int) -> tuple[bytes, int]:
        end = position + size
        if end > len(data):
            if not self.cut_off:
                raise Refused("the body is cut off")
            end = len(data)
        return data[position:end], end

    def _chunks(self, data: bytes, position: int) -> tuple[bytes, int]:
        pieces: list[bytes] = []
        while position < len(data) or not self.cut_off:
            line = re.compile(self.size_line, re.DOTALL).match(data, position)
            if line is None and self.cut_off and b"\r\n" not in data[position:]:
                return b"".join(pieces), len(data)
            if line is None:
                raise Refused("a chunk line is malformed")
            size, position = self.size(line[1]), line.end()
            if not size:
                break
            piece, position = self._octets(data, position, size)
            pieces.append(piece)
            if position < len(data) or not self.cut_off:
                position = _after(self.data_end, data, position)
        if self.cut_off and b"\r\n\r\n" not in data[position - 2 :]:
            return b"".join(pieces), len(data)
        return b"".join(pieces), _after(self.trailers, data, position)


def _after(pattern: bytes, data: bytes, position: int) -> int:
    """Return where a piece of the grammar ends. Raises `Refused` if it is not there."""
    match = re.compile(pattern, re.DOTALL).match(data, position)
    if match is None:
        raise Refused("something else is due here")
    return match.end()


def _values(fields: Fields, name: bytes) -> list[bytes]:
    return [value for field, value in fields if field.lower() == name]


RIGHT = Reader()
