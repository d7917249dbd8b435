"""A limit on how often something may begin, for servers that count.

It gives turns; who waits for them, and what is done in them, is not known here.
"""

import time
from threading import Lock


class Rate:
    """So many turns a second at most, for all threads together, the first at once."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self._gap = 1 / per_second
        self._lock = Lock()
        self._next = 0.0

    def turn(self) -> float:
        """Take the next turn; return the seconds until it comes."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        return turn - now
