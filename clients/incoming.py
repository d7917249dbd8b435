"""What has come over one connection, read as responses while more is still coming.

A driver waits by it: it counts the final responses that are complete, finds an awaited one among them, and
says whether the connection seems to persist. It keeps only what is not complete yet, and reads that again
only when something can have become complete, because a server may send without end. It knows neither sockets
nor the end of a connection.
"""

from clients.response import Framing, Response, read_responses
from clients.steps import Await

# The end of a head, or of a chunked body: a line end and an empty line.
_EMPTY_LINES = (b"\n\r\n", b"\n\n")
_BEFORE_THE_END = 2  # the most bytes of these that may have come before the last one


class Incoming:
    """The responses on one connection, as far as they have come.

    methods: those of the requests on the connection, in order; they are needed to delimit the responses.
    """

    def __init__(self, methods: tuple[bytes, ...]) -> None:
        self._methods = methods
        self._size = 0
        self._unfinished = bytearray()
        self._framing: Framing | None = None  # of the unfinished response, once its head is there
        self._missing = 0  # bytes of its Content-Length that have not come
        self._interim: list[bool] = []  # for each complete response, whether it is interim
        self._finals = 0
        self._persists = False
        self._consumed = 0  # how many of the complete responses have ended a wait

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return self._size

    @property
    def unfinished(self) -> int:
        """How many of them came after the last complete response."""
        return len(self._unfinished)

    @property
    def responses(self) -> int:
        """How many responses are complete."""
        return len(self._interim)

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
        self._size += len(data)
        self._unfinished += data
        if not self._may_be_complete(len(data)):
            return
        reading = read_responses(bytes(self._unfinished), self._methods[self._finals :], ended=False)
        self._framing, self._missing = None, 0
        for response in reading.responses:
            if response.complete:
                self._count(response)
            else:
                self._framing, self._missing = response.framing, response.missing
        complete = [response.end for response in reading.responses if response.complete]
        del self._unfinished[: complete[-1] if complete else 0]

    def _may_be_complete(self, new: int) -> bool:
        if self._framing is Framing.LENGTH:
            self._missing -= new
            return self._missing <= 0
        tail = self._unfinished[-new - _BEFORE_THE_END :]
        return self._framing is not Framing.CLOSE and any(line in tail for line in _EMPTY_LINES)

    def _count(self, response: Response) -> None:
        self._interim.append(response.interim)
        if not response.interim:
            self._finals += 1
            self._persists = response.persists

    def consume(self, what: Await) -> bool:
        """Look for an awaited response that is complete; if there is one, it ends no other wait.

        What comes before it is passed over. A final response also ends the wait for an interim one, and may
        still be awaited as a final response. Two responses may come in one read and end two waits.
        """
        for index, interim in enumerate(self._interim[self._consumed :], self._consumed):
            if interim and what is Await.INTERIM:
                self._consumed = index + 1
                return True
            if not interim:
                self._consumed = index + (what is Await.RESPONSE)
                return True
        return False
