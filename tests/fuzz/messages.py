"""Requests made by chance, each with what is due for it: right ones, ones with one named fault, mutated ones.

What is due follows from how a request was made, not from reading it: nothing here is a parser. A mutated
request is one that octets were changed in by chance, and what is due for it is not known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

Fields = list[tuple[bytes, bytes]]

TOKEN = b"!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz"
QUERY = b"abcXYZ019-._~!$&'()*+,;=:@/?"
VALUE = bytes([*range(0x21, 0x7F), *range(0x80, 0x100)])

LONGEST_METHOD = 32


@dataclass(frozen=True)
class Message:
    """One request, or what is left of one, and what is due for it."""

    octets: bytes
    method: bytes = b"GET"
    target: bytes = b""
    body: bytes = b""
    """The content that the application is to see."""
    served: bool = False
    """Whether it is to be answered by the application."""
    refused: bool = False
    """Whether the server is to refuse it, and to close the connection."""
    persists: bool = False
    """Whether another request is to be answered after it."""
    fault: str = ""
    """What is wrong with it."""

    @property
    def known(self) -> bool:
        """Whether it is known what is due for it."""
        return self.served or self.refused


# Right requests


def right(chance: Random, profile: str) -> Message:
    """Make a request that is to be served."""
    version = b"HTTP/1.1" if chance.random() < 0.85 else b"HTTP/1.0"
    method = chance.choice([b"GET", b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", _method(chance)])
    target = b"/witness/echo?" + _some(chance, QUERY, 0, 30)
    if profile == "http11" and chance.random() < 0.1:
        target = chance.choice([b"http://h", b"HTTP://example.org:80", b"http://[::1]"]) + target
    fields: Fields = [(_cased(chance, b"Host"), chance.choice([b"h", b"h:80", b"[::1]:8", b"EXAMPLE.org"]))]
    fields += [(b"X-" + _some(chance, TOKEN, 1, 9), _value(chance)) for _ in range(chance.randrange(4))]
    length, body, framing = _body(chance, profile, version)
    fields += framing
    persists, options = _connection(chance, profile, version, method, has_length=length)
    fields += options
    if length and chance.random() < 0.1:
        fields.append((b"Expect", b"100-continue"))
    chance.shuffle(fields)
    content = body
    if not length and body:
        body = _chunked(chance, body)
    elif (b"Transfer-Encoding", b"chunked") in fields:
        body = _chunked(chance, b"")
    empty = b"\r\n" if profile == "http11" and chance.random() < 0.05 else b""
    head = b"%b %b %b\r\n" % (method, target, version) + _lines(chance, fields)
    return Message(empty + head + body, method, target, content, served=True, persists=persists)


def _method(chance: Random) -> bytes:
    method = _some(chance, TOKEN, 1, 12)
    return method if method not in (b"CONNECT", b"TRACE", b"HEAD") else b"GET"


def _some(chance: Random, octets: bytes, least: int, most: int) -> bytes:
    return bytes(chance.choices(octets, k=chance.randint(least, most)))


def _cased(chance: Random, name: bytes) -> bytes:
    return chance.choice([name, name.lower(), name.upper()])


def _value(chance: Random) -> bytes:
    words = [_some(chance, VALUE, 1, 8) for _ in range(chance.randrange(4))]
    return chance.choice([b" ", b"\t"]).join(words)


def _lines(chance: Random, fields: Fields) -> bytes:
    spaces = [b" ", b" ", b"", b"\t ", b"  "]
    lines = [b"%b:%b%b%b\r\n" % (name, chance.choice(spaces), value, chance.choice([b"", b"", b" "]))
             for name, value in fields]  # fmt: skip
    return b"".join(lines) + b"\r\n"


def _body(chance: Random, profile: str, version: bytes) -> tuple[bool, bytes, Fields]:
    """Return whether it has a length, the content, and the fields that delimit it."""
    kind = chance.random()
    if kind < 0.5:
        return False, b"", []
    size = chance.choice([0, 1, 2, 9, 10, 300, chance.randrange(5000), chance.randrange(100_000)])
    body = chance.choice(
        [chance.randbytes(size), (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * (size // 27 + 1))[:size]]
    )
    if kind < 0.75 or profile == "documented" or version == b"HTTP/1.0":
        zeros = b"0" * chance.randrange(3)
        return True, body, [(_cased(chance, b"Content-Length"), b"%b%d" % (zeros, size))]
    return False, body, [(b"Transfer-Encoding", b"chunked")]


def _chunked(chance: Random, body: bytes) -> bytes:
    pieces = []
    while body:
        size = chance.choice([1, 2, 16, len(body), chance.randint(1, len(body))])
        chunk, body = body[:size], body[size:]
        extension = chance.choice([b"", b"", b"", b";a", b";a=b", b';a="b;\\"c"'])
        numeral = chance.choice([b"%x", b"%X", b"0%x"]) % len(chunk)
        pieces.append(b"%b%b\r\n%b\r\n" % (numeral, extension, chunk))
    trailers = [(b"X-Trailer", _value(chance)) for _ in range(chance.choice([0, 0, 0, 2]))]
    return b"".join(pieces) + chance.choice([b"0", b"000"]) + b"\r\n" + _lines(chance, trailers)


def _connection(
    chance: Random, profile: str, version: bytes, method: bytes, *, has_length: bool
) -> tuple[bool, Fields]:
    """Return whether the connection persists, and the field that says so."""
    value = chance.choice([b"", b"", b"", b"close", b"Keep-Alive", b"keep-alive", b"x, Close", b"Close"])
    fields = [(b"Connection", value)] if value else []
    if profile == "documented":
        if version == b"HTTP/1.1":
            return value != b"close", fields
        return value == b"Keep-Alive" and (method in (b"GET", b"HEAD") or has_length), fields
    options = {option.strip() for option in value.lower().split(b",")}
    if b"close" in options:
        return False, fields
    return version == b"HTTP/1.1" or b"keep-alive" in options, fields


# Requests with one fault

_TARGET = b"/witness/echo"


def _broken(head: bytes, body: bytes = b"") -> bytes:
    return head.replace(b"\n", b"\r\n").replace(b"<lf>", b"\n").replace(b"<t>", _TARGET) + body


_FAULTS: Mapping[str, Mapping[str, bytes]] = {
    "http11": {
        "no Host": b"GET <t> HTTP/1.1\n\n",
        "two Hosts": b"GET <t> HTTP/1.1\nHost: h\nHost: h\n\n",
        "a Host that is not valid": b"GET <t> HTTP/1.1\nHost: a b\n\n",
        "two spaces": b"GET  <t> HTTP/1.1\nHost: h\n\n",
        "two words": b"GET <t>\nHost: h\n\n",
        "a method that is not a token": b"G(T <t> HTTP/1.1\nHost: h\n\n",
        "a version in lower case": b"GET <t> http/1.1\nHost: h\n\n",
        "another major version": b"GET <t> HTTP/2.0\nHost: h\n\n",
        "white space before a colon": b"GET <t> HTTP/1.1\nHost: h\nA : b\n\n",
        "no colon": b"GET <t> HTTP/1.1\nHost: h\nA\n\n",
        "a folded line": b"GET <t> HTTP/1.1\nHost: h\nA: b\n c\n\n",
        "a NUL": b"GET <t> HTTP/1.1\nHost: h\nA: b\0\n\n",
        "a bare CR": b"GET <t> HTTP/1.1\nHost: h\nA: b\rc\n\n",
        "a bare LF": b"GET <t> HTTP/1.1\nHost: h\nA: b<lf>B: c\n\n",
        "length with a sign": b"POST <t> HTTP/1.1\nHost: h\nContent-Length: +3\n\nabc",
        "length that is not a number": b"POST <t> HTTP/1.1\nHost: h\nContent-Length: 3x\n\nabc",
        "two lengths": b"POST <t> HTTP/1.1\nHost: h\nContent-Length: 3\nContent-Length: 4\n\nabcd",
        "length and coding": b"POST <t> HTTP/1.1\nHost: h\nContent-Length: 5\n"
        b"Transfer-Encoding: chunked\n\n0\n\n",
        "chunked twice": b"POST <t> HTTP/1.1\nHost: h\nTransfer-Encoding: chunked, chunked\n\n0\n\n",
        "a coding that is not known": b"POST <t> HTTP/1.1\nHost: h\nTransfer-Encoding: x, chunked\n\n0\n\n",
        "a coding without chunked": b"POST <t> HTTP/1.1\nHost: h\nTransfer-Encoding: identity\n\n",
        "a chunk size with a prefix": b"POST <t> HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n"
        b"0x1\na\n0\n\n",
        "a chunk that is too long": b"POST <t> HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n1\nab\n0\n\n",
        "a chunk size in a bare LF line": b"POST <t> HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n"
        b"1<lf>a\n0\n\n",
    },
    "documented": {
        "an empty line first": b"\nGET <t> HTTP/1.1\n\n",
        "two spaces": b"GET  <t> HTTP/1.1\n\n",
        "two words": b"GET <t>\n\n",
        "a version in lower case": b"GET <t> http/1.1\n\n",
        "no colon": b"GET <t> HTTP/1.1\nA\n\n",
        "length that is not a number": b"POST <t> HTTP/1.1\nContent-Length: 3x\n\nabc",
    },
}


def broken(chance: Random, profile: str) -> Message:
    """Make a request with one fault, which is to be refused."""
    fault, template = chance.choice(sorted(_FAULTS[profile].items()))
    return Message(_broken(template), template.split(b" ")[0].strip(), refused=True, fault=fault)


# Mutated requests


def mutated(chance: Random, profile: str) -> Message:
    """Make a request, right or with a fault, and change octets in it by chance."""
    octets = chance.choice([right, right, broken])(chance, profile).octets[:4000]
    for _ in range(chance.choice([1, 1, 2, 5])):
        octets = chance.choice(_MUTATIONS)(chance, octets)
    return Message(octets, fault="mutated")


_WORDS = [
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b" ", b"\t", b":", b";", b",", b"0", b"\xff", b'"', b"%", b"-",
    b"HTTP/1.1", b"HTTP/1.0", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n", b"Host: h\r\n", b"Expect: 100-continue\r\n",
    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"0\r\n\r\n", b"ffffffffffffffff",
]  # fmt: skip


def _insert(chance: Random, octets: bytes) -> bytes:
    place = chance.randint(0, len(octets))
    return octets[:place] + chance.choice(_WORDS) + octets[place:]


def _delete(chance: Random, octets: bytes) -> bytes:
    place = chance.randint(0, len(octets))
    return octets[:place] + octets[place + chance.choice([1, 1, 2, 10]) :]


def _replace(chance: Random, octets: bytes) -> bytes:
    place = chance.randint(0, len(octets))
    return octets[:place] + bytes([chance.randrange(256)]) + octets[place + 1 :]


def _repeat(chance: Random, octets: bytes) -> bytes:
    start = chance.randint(0, len(octets))
    end = min(len(octets), start + chance.choice([1, 5, 40]))
    return octets[:end] + octets[start:]


def _swap_lines(chance: Random, octets: bytes) -> bytes:
    lines = octets.split(b"\r\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\r\n".join(lines)


_MUTATIONS: list[Callable[[Random, bytes], bytes]] = [_insert, _delete, _replace, _repeat, _swap_lines]
