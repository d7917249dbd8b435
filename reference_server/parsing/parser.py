"""The request parser, sans I/O: octets in, events out.

Feed it whatever arrives, however it was cut; ask for events until there is none. An event is the head of a
request, its body, or the refusal of a request. Nothing a peer sends raises an exception here.

The parser finds where heads and bodies end. What they mean, and which are good, is the profile's to say. It
knows no sockets, no clock and no application.
"""

from typing import ClassVar

from reference_server.parsing.bodies import BodyReader, ChunkedReader, LengthReader
from reference_server.parsing.message import Body, Event, Head, Refusal
from reference_server.parsing.profile import Profile, Progress

HEAD_END = b"\r\n\r\n"
CR = 0x0D

REMEMBERED = 4096
"""Octets of a head that is kept until the next one comes, which mostly has the same fields."""


class RequestParser:
    """Reads the requests of one connection, one after the other (DOC-CONN-1, DOC-CONN-8).

    ``profile`` has the rules; ``secure`` tells that the octets come over TLS. A head with a body is followed
    by the event of the body; a head with ``body_length`` 0 is not. After a refusal there is nothing more.
    """

    length_reader: ClassVar[type[LengthReader]] = LengthReader
    chunked_reader: ClassVar[type[ChunkedReader]] = ChunkedReader

    def __init__(self, profile: Profile, *, secure: bool = False) -> None:
        self._profile = profile
        self._secure = secure
        self._buffer: bytes | bytearray = b""
        self._position = 0  # where the octets begin that belong to no event yet
        self._searched = 0  # where the octets begin that have not been looked at
        self._progress: Progress | None = None
        self._blank_lines = 0
        self._previous: Head | None = None
        self._previous_block: bytes = b""
        self._body: BodyReader | None = None
        self._refused = False
        self.method = ""
        """The method of the last head, also of one that was refused."""

    def feed(self, data: bytes) -> None:
        """Take octets that have arrived."""
        if self._position == len(self._buffer):
            self._buffer = data
            self._position = self._searched = 0
        else:
            self._compact()
            self._buffer += data

    def next_event(self) -> Event | None:
        """Return what comes next, None when more octets are needed for it."""
        if self._refused:
            return None
        if self._position == len(self._buffer) and self._body is None:
            self._buffer = b""  # a large body need not wait here for the next request
            self._position = self._searched = 0
            return None
        try:
            return self._read_head() if self._body is None else self._read_body(self._body)
        except Refusal as refusal:
            self._refused = True
            return refusal.with_traceback(None)

    def discard_body(self) -> None:
        """Keep no more of the body that comes: it still is an event when it is over, or too long."""
        if self._body is not None:
            try:
                self._body.discard(self._profile.limits.discarded_body)
            except Refusal:
                self._refused = True

    @property
    def buffered(self) -> int:
        """The octets that wait for their event."""
        return len(self._buffer) - self._position

    @property
    def body_received(self) -> int | None:
        """The octets of the body so far, None when a head is awaited."""
        return None if self._body is None else self._body.received

    @property
    def between_requests(self) -> bool:
        """Whether not one octet of a request has come that is not over."""
        return self._body is None and self._position == len(self._buffer)

    def _read_head(self) -> Head | None:
        head = self._previous
        if head is not None and self._buffer.startswith(self._previous_block, self._position):
            self._position += len(self._previous_block)  # octet for octet the same again
        else:
            head = self._read_another_head()
            if head is None:
                return None
        self._blank_lines = 0
        self._progress = None
        if head.body_length != 0:
            self._body = self._new_body(head.body_length)
        return head

    def _read_another_head(self) -> Head | None:
        buffer, position = self._buffer, self._position
        if buffer[position] == CR:
            position = self._skip_blank_lines()
        end = buffer.find(HEAD_END, max(position, self._searched - 3))
        if end < 0:
            self._check_unfinished_head()
            return None
        end += len(HEAD_END)
        head = self._understand(bytes(buffer[position:end]))
        self._position = end
        return head

    def _understand(self, block: bytes) -> Head:
        """Let the profile read a complete head, and remember it. Raises ``Refusal``."""
        head = None
        if self._previous is not None:
            head = self._profile.read_similar_head(block, self._previous)
        if head is None:
            self.method = block.partition(b" ")[0].decode("latin-1")
            head = self._profile.read_head(block, secure=self._secure)
        self.method = head.method
        short = len(block) <= REMEMBERED
        self._previous, self._previous_block = (head, block) if short else (None, b"")
        return head

    def _skip_blank_lines(self) -> int:
        """Go past the empty lines that may stand before a request; return where it begins."""
        while self._blank_lines < self._profile.blank_lines:
            if not self._buffer.startswith(b"\r\n", self._position):
                break
            self._blank_lines += 1
            self._position += 2
        return self._position

    def _new_body(self, length: int | None) -> BodyReader:
        return self.chunked_reader(self._profile) if length is None else self.length_reader(length)

    def _check_unfinished_head(self) -> None:
        """Refuse early; keep what is there in a shape that grows cheaply."""
        since = max(0, self._searched - self._position)
        self._compact()
        self._searched = len(self._buffer)
        if self._progress is None:
            self._progress = Progress()
        try:
            self._profile.check_unfinished_head(self._buffer, since, self._progress)
        except Refusal:
            self.method = "HEAD" if self._buffer.startswith(b"HEAD ") else ""
            raise

    def _read_body(self, reader: BodyReader) -> Body | None:
        self._position = reader.read(self._buffer, self._position, self._searched)
        if not reader.complete:
            self._searched = len(self._buffer)
            return None
        self._body = None
        return Body(reader.content.getvalue(), reader.trailers)

    def _compact(self) -> None:
        """Drop the octets that are done with. A ``bytearray`` grows without being copied each time."""
        if isinstance(self._buffer, bytearray):
            del self._buffer[: self._position]
        else:
            self._buffer = bytearray(memoryview(self._buffer)[self._position :])
        self._searched = max(0, self._searched - self._position)
        self._position = 0
