"""What ends a run before its time: Ctrl-C, SIGTERM and SIGHUP, at whatever moment they come.

Before there is anything to end, the process ends at once. Later, the main thread is told by an exception,
KeyboardInterrupt, and begins to end what it has begun. The interpreter may lose it: in a callback of its own,
an exception has nowhere to go. So what goes on for long asks from time to time whether it is still wanted.
While the run is being ended, a second signal is no news; a third one ends the process at once, and the
servers that it has started notice that it is gone. Nothing is imported here that takes time.
"""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# As `gate.Exit` has it, which may not be loaded yet.
_INTERRUPTED = 2

_NO_RESULT = "interrupted before there was a result"

# So many signals end the process at once, whatever it has begun.
_IN_EARNEST = 3


class Interruption:
    """The wish of a user to end the run. To be used by the main thread.

    A signal that was ignored when the process began, as by nohup, stays ignored.
    """

    def __init__(self) -> None:
        self._signals = 0
        self._heeded = False
        self._held = False
        self._place = ""

    def listen(self) -> None:
        """From now on, raise KeyboardInterrupt when the first signal comes, in whatever is done then."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._hear)

    def hold(self) -> None:
        """Let signals wait for `release`, and interrupt nothing until then."""
        self._held = True

    def release(self) -> None:
        """Raise KeyboardInterrupt if a signal came since `hold`; from now on, raise it when one comes."""
        self._held = False
        self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt if a signal has come that nobody has heeded."""
        if self._signals and not self._heeded:
            raise KeyboardInterrupt

    def heed(self, place: str = "") -> None:
        """Let no more signals interrupt what is done from now on: the run is being ended.

        place: where is kept what was judged.
        """
        self._heeded = True
        self._place = place or self._place

    def _hear(self, *_: object) -> None:
        self._signals += 1
        if self._signals >= _IN_EARNEST:
            kept = f"; what was judged until then is in {self._place}" if self._place else ""
            end_at_once(f"interrupted {self._signals} times, and ended at once{kept}")
        if self._signals == 1 and not (self._heeded or self._held):
            raise KeyboardInterrupt


def end_at_once(what: str = _NO_RESULT) -> NoReturn:
    """Say what has happened and end the process, without asking what is half done to end."""
    os.write(sys.stderr.fileno(), f"wirecheck: {what}\n".encode(errors="backslashreplace"))
    os._exit(_INTERRUPTED)


def end_at_once_from_now_on() -> None:
    """Let the process end at once when a signal comes: there is nothing that would have to be ended."""
    _set(_end_at_once)


def ignore_from_now_on() -> None:
    """Let no signal change how the process ends: it has its result."""
    _set(signal.SIG_IGN)


def _set(handler: signal.Handlers | object) -> None:
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)  # type: ignore[arg-type]


def _end_at_once(_: int, __: FrameType | None) -> None:
    end_at_once()
