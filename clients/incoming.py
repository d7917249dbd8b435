"""What has come over one connection, read as responses while more is still coming.

A driver waits by it: it counts the final responses that are complete, finds an awaited one among them, and
says whether the connection seems to persist. Each byte is read once, and little is kept of content, because a
server may send without end. It knows neither sockets nor the end of a connection.
"""

import sys

from clients.reader import ResponseReader
from clients.response import Reading, Response
from clients.steps import Await


class Incoming:
    """The responses on one connection, as far as they have come.

    methods: those of the requests on the connection, in order; they are needed to delimit the responses.
    kept: how many octets of their content are kept.
    """

    def __init__(self, methods: tuple[bytes, ...], kept: int = sys.maxsize) -> None:
        self._reader = ResponseReader(methods, kept=kept)
        self._finals = 0
        self._persists = False
        self._consumed = 0  # how many of the complete responses have ended a wait

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return self._reader.position

    @property
    def unfinished(self) -> int:
        """How many of them came after the last complete response."""
        complete = self._reader.responses
        return self.size - (complete[-1].end if complete else 0)

    @property
    def held(self) -> int:
        """How many bytes of an unfinished head have come."""
        return self._reader.held

    @property
    def responses(self) -> int:
        """How many responses are complete."""
        return len(self._reader.responses)

    @property
    def finals(self) -> int:
        """How many final responses are complete."""
        return self._finals

    @property
    def persists(self) -> bool:
        """Whether there is a final response, and the last one lets the connection persist."""
        return self._persists

    def take(self, data: bytes) -> None:
        """Add what has come. Afterwards all counts include it."""
        before = self.responses
        self._reader.take(data)
        for response in self._reader.responses[before:]:
            self._count(response)

    def reading(self, *, ended: bool) -> Reading:
        """Return what has come so far. ended: whether the server ended the connection in good order."""
        return self._reader.reading(ended=ended)

    def _count(self, response: Response) -> None:
        if not response.interim:
            self._finals += 1
            self._persists = response.persists

    def consume(self, what: Await) -> bool:
        """Look for an awaited response that is complete; if there is one, it ends no other wait.

        What comes before it is passed over. A final response also ends the wait for an interim one, and may
        still be awaited as a final response. Two responses may come in one read and end two waits.
        """
        complete = self._reader.responses
        for index in range(self._consumed, len(complete)):
            if complete[index].interim and what is Await.INTERIM:
                self._consumed = index + 1
                return True
            if not complete[index].interim:
                self._consumed = index + (what is Await.RESPONSE)
                return True
        return False
