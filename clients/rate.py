"""A limit on how often something may begin, for servers that count.

It gives turns to threads; what they do in their turn is not known here.
"""

import time
from threading import Event, Lock


class Rate:
    """So many turns a second at most, for all threads together, the first at once."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self._gap = 1 / per_second
        self._lock = Lock()
        self._next = 0.0

    def take_turn(self, called_off: Event) -> None:
        """Wait for a turn, or until it is called off."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            called_off.wait(turn - now)
