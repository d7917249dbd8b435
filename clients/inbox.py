"""What has come over one connection, read as responses while more is still coming.

It tells a driver what there is to wait for: how many final responses are complete, whether an awaited one is
among them, and whether the connection seems to persist. It knows neither sockets nor the end of a connection.
"""

from clients.response import Response, read_responses
from clients.steps import Await


class Inbox:
    """The bytes and the complete responses of one connection. methods: of its requests, to delimit them."""

    def __init__(self, methods: tuple[bytes, ...]) -> None:
        self._methods = methods
        self._received = bytearray()
        self._complete: list[Response] = []
        self._heeded = 0  # how many of the complete responses were awaited already

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return len(self._received)

    @property
    def finals(self) -> int:
        """How many final responses are complete."""
        return sum(not response.interim for response in self._complete)

    @property
    def persists(self) -> bool:
        """Whether there is a final response, and the last one lets the connection persist."""
        finals = [response for response in self._complete if not response.interim]
        return bool(finals) and finals[-1].persists

    def take(self, data: bytes) -> None:
        """Add what has come, and read on behind the last complete response."""
        self._received += data
        start = self._complete[-1].end if self._complete else 0
        reading = read_responses(
            bytes(self._received), self._methods[self.finals :], ended=False, start=start
        )
        self._complete.extend(response for response in reading.responses if response.complete)

    def heed(self, what: Await) -> bool:
        """Look for the awaited response behind those that were awaited before; two may come in one read."""
        for index, response in enumerate(self._complete[self._heeded :], self._heeded):
            if response.interim and what is Await.INTERIM:
                self._heeded = index + 1
                return True
            if not response.interim:
                # In the place of an interim response it is still to be awaited as what it is.
                self._heeded = index + (what is Await.RESPONSE)
                return True
        return False
