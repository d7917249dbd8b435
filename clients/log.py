"""The log of a conversation: its events as they happen, over all its connections, each with its time.

A server may send without end, and a run has many conversations under way. So of what is received only the
beginning and the end are kept, and it is said of each event how much is left out. What the bytes mean is not
known here.
"""

from collections import deque
from collections.abc import Callable

from clients.transcript import Event, Kind

# The share of what is kept that is the end of what was received; the rest is its beginning.
_END = 4

# Pieces that have grown to this size, in bytes, are joined with no more.
_JOINED = 4096


class Log:
    """The events of one conversation. To be used by one thread at a time.

    clock: the time in seconds, from any moment on. kept: how many bytes are kept of what is received; the
    last piece comes on top of it. most: the number of events after which pieces that are received one after
    another are joined.
    """

    def __init__(self, clock: Callable[[], float], kept: int, most: int) -> None:
        self.events: list[Event] = []
        self._clock = clock
        self._most = most
        self._room = kept - kept // _END  # for the beginning
        self._most_at_the_end = kept // _END
        self._late: deque[tuple[int, int]] = deque()  # which events may be cut, and the room that each has
        self._late_size = 0
        self.began = clock()
        """When the conversation began, by the clock; the times of events count from here."""

    @property
    def elapsed(self) -> float:
        """The seconds since the conversation began."""
        return self._clock() - self.began

    @property
    def is_cut(self) -> bool:
        """Whether something that was received is left out."""
        return any(event.cut for event in self.events)

    def restart(self) -> None:
        """Let the conversation begin now. Call this before the first event."""
        self.began = self._clock()

    def add(self, kind: Kind, data: bytes = b"", note: str = "") -> None:
        """Add an event that happens now."""
        if kind is Kind.RECEIVED and self._joins():
            data = self._take_back() + data
        self.events.append(Event(self.elapsed, kind, data, note))
        if kind is Kind.RECEIVED:
            self._find_room(len(data))

    def _joins(self) -> bool:
        """Whether what is received next belongs to the last event."""
        last = self.events[-1] if len(self.events) >= self._most else None
        return last is not None and last.kind is Kind.RECEIVED and last.size < _JOINED and not last.cut

    def _take_back(self) -> bytes:
        """Remove the last event, and return its bytes."""
        last = self.events.pop()
        if self._late and self._late[-1][0] == len(self.events):
            self._room += self._late.pop()[1]
            self._late_size -= len(last.data)
        else:
            self._room += len(last.data)
        return last.data

    def _find_room(self, size: int) -> None:
        """Keep the last event as far as there is room: for now all of it, for it may be the last of all."""
        if size <= self._room:
            self._room -= size
            return
        self._late.append((len(self.events) - 1, self._room))
        self._room = 0
        self._late_size += size
        while self._late_size - len(self.events[self._late[0][0]].data) >= self._most_at_the_end:
            index, room = self._late.popleft()
            event = self.events[index]
            self._late_size -= len(event.data)
            self.events[index] = event.shortened(room, 0)
