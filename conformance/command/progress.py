"""How far a run has come, for people who wait.

On a terminal it is one line that is drawn anew, elsewhere a line now and then. It writes and measures time,
and decides nothing. What the phases of a run are is not known here.
"""

import time
from typing import TextIO

from conformance.running.progress import Phase

# How often the line is drawn at most, and how often a line is written where nothing can be drawn anew, in
# seconds.
_BETWEEN_DRAWINGS = 0.1
_BETWEEN_LINES = 10.0

_CLEAR = "\r\x1b[K"


class Progress:
    """Shows the progress of one run. To be used by one thread.

    stream: where it is written. quiet: whether nothing is. width: of the terminal, in columns.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False, width: int = 80) -> None:
        self._stream = stream
        self._quiet = quiet
        self._width = width
        self._draws = stream.isatty()
        self._planned = 0
        self._judged = 0
        self._phase = Phase("")
        self._shown = ""
        self._shown_at = time.monotonic()
        self._is_drawn = False

    def plan(self, number: int) -> None:
        """Begin a run. number: of the checks that it judges."""
        self._planned = number

    def judged(self) -> None:
        """Count one more check that was judged."""
        self._judged = min(self._planned, self._judged + 1)
        self._show(due=False)

    def enter(self, phase: Phase) -> None:
        """Enter a phase, or go on in it."""
        due = phase != self._phase and phase.seconds is not None
        self._phase = phase
        self._show(due=due)

    def close(self) -> None:
        """Remove what was drawn."""
        if self._is_drawn:
            self._stream.write(_CLEAR)
            self._stream.flush()
            self._is_drawn = False

    def _show(self, *, due: bool) -> None:
        if self._quiet or not self._planned:
            return
        text = f"{self._judged} of {self._planned} judged: {self._phase}"
        now = time.monotonic()
        between = _BETWEEN_DRAWINGS if self._draws else _BETWEEN_LINES
        if text == self._shown or (now < self._shown_at + between and not due):
            return
        self._shown, self._shown_at = text, now
        if self._draws:
            self._stream.write(_CLEAR + text[: self._width - 1])
            self._is_drawn = True
        else:
            self._stream.write(text + "\n")
        self._stream.flush()
