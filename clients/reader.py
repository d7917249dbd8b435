"""The strict response reader that verdicts rest on.

It turns the bytes of one connection into responses *and* their flaws, by RFC 9112 sections 4 to 7, however
they are cut, and in a time that is proportional to their number. It never raises: where the grammar is
broken, a response is read as far as it makes sense. It needs the methods of the requests, because a response
cannot be delimited without them, and whether the connection ended in good order. It keeps no more of content
than it is asked to, and does not know what the server should have sent.
"""

import re
import sys
from collections.abc import Sequence

from clients.chunked import ChunkedReader
from clients.response import Flaw, Framing, Head, Reading, Response, opens_tunnel, read_fields, read_head

_EMPTY_LINES = re.compile(rb"(?:\r?\n)*+")

# The end of the last line of a head, and the empty line after it.
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_BEFORE_THE_END = 2  # the most bytes of these that may have come before the last one


def read_responses(data: bytes, methods: Sequence[bytes], *, ended: bool, start: int = 0) -> Reading:
    """Read all responses in `data` from offset `start` on.

    methods: of the requests that are answered, in order; after the last of them, GET is assumed.
    ended: whether the server ended the connection in good order, which completes a close-delimited response.
    """
    reader = ResponseReader(methods, start=start)
    reader.take(data[start:])
    return reader.reading(ended=ended)


class ResponseReader:
    """Reads the responses of one connection as they come.

    methods: of the requests that are answered, in order; after the last of them, GET is assumed. kept: how
    many octets of all content together are kept, of more the first, and so of what belongs to no response. No
    response takes more than half of the room that is left. start: the offset of the first byte.
    """

    def __init__(self, methods: Sequence[bytes], *, kept: int = sys.maxsize, start: int = 0) -> None:
        self.responses: list[Response] = []
        """Those that are complete, without one that only the end of the connection completes."""

        self.position = start
        """The offset after what has come."""

        self._awaited = list(reversed(methods))
        self._room = kept
        self._start = start  # of the response that is being read
        self._held = bytearray()  # what has come of its head
        self._empty = 0  # how much of that is empty lines before it
        self._searched = 0  # how much of it has no end of a head
        self._head: Head | None = None
        self._content = bytearray()
        self._missing = 0  # bytes of its Content-Length
        self._cut = 0  # bytes of its content that were not kept
        self._chunked: ChunkedReader | None = None
        self._rest: bytearray | None = None  # what belongs to no response, once there can be no more of them

    @property
    def held(self) -> int:
        """How many bytes of an unfinished head have come."""
        return len(self._held)

    def take(self, data: bytes) -> None:
        """Read on with the bytes that come next."""
        self.position += len(data)
        position = 0
        while position < len(data) and self._rest is None:
            position = self._take_head(data, position) if self._head is None else self._body(data, position)
        if position < len(data) and self._rest is not None:
            self._rest += data[position : position + max(0, self._room - len(self._rest))]

    def reading(self, *, ended: bool) -> Reading:
        """Return what was read; more may be taken afterwards. ended: see `read_responses`."""
        if self._head is not None:
            close_delimited = self._head.framing is Framing.CLOSE
            complete = close_delimited and ended and Flaw.CONTENT_LENGTH not in self._head.flaws
            last = self._response(self._head, self.position, complete=complete)
            return Reading((*self.responses, last), b"")
        rest = bytes(self._held if self._rest is None else self._rest)
        return Reading(tuple(self.responses), rest, self.position - self._start - len(rest))

    def _take_head(self, data: bytes, position: int) -> int:
        """Look for the end of the head; return the position up to which the data was read."""
        held = len(self._held)
        if held:
            self._held += data[position:]
        buffer, first = (self._held, 0) if held else (data, position)
        empty = _EMPTY_LINES.match(buffer, first + self._empty)
        begins = empty.end() if empty else first
        end = _END_OF_HEAD.search(buffer, max(begins, first + self._searched - _BEFORE_THE_END))
        if end is None:
            self._empty, self._searched = begins - first, len(buffer) - first
            if not held:
                self._held += data[position:]
            return len(data)
        self._head = read_head(bytes(buffer[begins : end.end()]), self._method)
        if self._head is None:
            self._rest = bytearray(buffer[first : first + self._room])
            position = len(data)
        else:
            self._empty = begins - first
            position += end.end() - first - held
            self._begin_body(self._head, self.position - len(data) + position)
        self._held, self._searched = bytearray(), 0
        return position

    @property
    def _method(self) -> bytes:
        """Of the request that the next response answers."""
        return self._awaited[-1] if self._awaited else b"GET"

    def _begin_body(self, head: Head, end: int) -> None:
        """Prepare for the body. end: the offset of the end of the head."""
        self._missing = head.length
        if head.framing is Framing.CHUNKED:
            self._chunked = ChunkedReader(self._room // 2)
        elif head.framing is Framing.NONE or (head.framing is Framing.LENGTH and not head.length):
            self._finish(head, end)

    def _body(self, data: bytes, position: int) -> int:
        """Read on in the body; return the position up to which the data was read."""
        head = self._head
        if head is None:
            return position
        if self._chunked is not None:
            end = self._chunked.take(data, position)
            complete = self._chunked.complete
        else:
            end = min(position + self._missing, len(data)) if head.framing is Framing.LENGTH else len(data)
            piece = data[position : min(end, position + self._room // 2 - len(self._content))]
            self._content += piece
            self._cut += end - position - len(piece)
            self._missing -= end - position
            complete = head.framing is Framing.LENGTH and not self._missing
        if complete:
            self._finish(head, self.position - len(data) + end)
        return end

    def _finish(self, head: Head, end: int) -> None:
        """Note that the response is complete. end: the offset after it."""
        response = self._response(head, end, complete=True)
        self.responses.append(response)
        if response.status == 101 or opens_tunnel(self._method, response.status):
            self._rest = bytearray()
        if self._awaited and not response.interim:
            self._awaited.pop()
        self._start, self._room = end, self._room - len(response.content)
        self._head, self._chunked, self._empty, self._cut = None, None, 0, 0
        self._content = bytearray()

    def _response(self, head: Head, end: int, *, complete: bool) -> Response:
        flaws = [Flaw.EMPTY_LINE_FIRST] if self._empty else []
        flaws += head.flaws
        content, cut, missing = self._content, self._cut, self._missing
        trailers: tuple[tuple[bytes, bytes], ...] = ()
        if self._chunked is not None:
            content, cut = self._chunked.content, self._chunked.size - len(self._chunked.content)
            flaws += [Flaw.CHUNK] if self._chunked.broken else []
            trailers = read_fields(self._chunked.trailer_lines, flaws)
        return Response(
            start=self._start,
            end=end,
            version=head.version,
            status=head.status,
            reason=head.reason,
            fields=head.fields,
            content=bytes(content),
            framing=head.framing,
            complete=complete,
            trailers=trailers,
            flaws=tuple(dict.fromkeys(flaws)),
            missing=missing if head.framing is Framing.LENGTH else 0,
            cut=cut,
            empty=self._empty,
            head=head.data,
        )
