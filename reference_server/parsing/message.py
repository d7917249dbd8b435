"""What a parser finds: the head of a request, its body, or a reason to refuse it.

These are the values that pass between the parser, the profiles and the connection. They know neither sockets
nor how they were found.
"""

from collections.abc import Sequence

from reference_server.httputil import HTTPHeaders


class Refusal(Exception):
    """A request that is not going to be served: the status that says so, and a sentence for the peer.

    Rules raise it; the parser catches it, and hands it over as a value.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and self.args == other.args

    def __hash__(self) -> int:
        return hash(self.args)


def field_start(name: str) -> bytes:
    """Return what a line of this field begins with, in lower case, the CRLF before it included."""
    return f"\r\n{name.lower()}:".encode("ascii")


class Fields:
    """The field section of a message as it was received, taken apart only as far as somebody asks.

    ``raw`` begins with the CRLF before the first field line and ends with the CRLF of the last. Nothing here
    changes, so requests with equal fields may share them.
    """

    __slots__ = ("_folded", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._folded: bytes | None = None

    def values(self, start: bytes) -> Sequence[bytes]:
        """Return the values of a field, one for each of its lines. ``start`` is a ``field_start``."""
        folded = self._folded
        if folded is None:
            folded = self._folded = self.raw.lower()
        found = folded.find(start)
        if found < 0:
            return ()
        values = []
        while found >= 0:
            value = found + len(start)
            end = folded.find(b"\r\n", value)
            values.append(self.raw[value:end].strip(b" \t"))
            found = folded.find(start, end)
        return values

    @property
    def headers(self) -> HTTPHeaders:
        """All fields as a dictionary, a new one each time. Raises ``ValueError`` for a line without colon."""
        return HTTPHeaders.parse(self.raw.decode("latin-1"))


class Head:
    """The head of a request, understood.

    ``method``, ``target`` and ``version`` are text as sent; ``host`` is what the request is for.
    ``body_length`` is the octets of the body, None when it is chunked. ``persistent`` tells whether the
    request lets the connection go on after the response; ``expects_continue`` whether it asks for an interim
    response. ``ending`` is all that followed the target, when another head that ends so means the same but
    for its method and target; else it is empty.
    """

    __slots__ = (
        "body_length",
        "ending",
        "expects_continue",
        "fields",
        "host",
        "method",
        "persistent",
        "target",
        "version",
    )

    def __init__(  # noqa: PLR0917 - nearly every request makes one, and names cost
        self,
        method: str,
        target: str,
        version: str,
        host: str,
        fields: Fields,
        body_length: int | None,
        persistent: bool,
        expects_continue: bool,
        ending: bytes = b"",
    ) -> None:
        self.method = method
        self.target = target
        self.version = version
        self.host = host
        self.fields = fields
        self.body_length = body_length
        self.persistent = persistent
        self.expects_continue = expects_continue
        self.ending = ending

    def again(self, method: str, target: str) -> "Head":
        """Return the head of another request with the same version and fields."""
        return Head(
            method,
            target,
            self.version,
            self.host,
            self.fields,
            self.body_length,
            self.persistent,
            self.expects_continue,
            self.ending,
        )


class Body:
    """The body of a request, complete and decoded, with the trailer fields of a chunked one."""

    __slots__ = ("content", "trailers")

    def __init__(self, content: bytes, trailers: HTTPHeaders | None = None) -> None:
        self.content = content
        self.trailers = trailers


Event = Head | Body | Refusal
"""What the parser finds."""
