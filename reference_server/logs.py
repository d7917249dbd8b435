"""What the server logs: lines that no peer can forge, and that nobody can hold the server up with.

Every module that logs what came from a peer, or from an application, has a ``safe_logger``. The command
writes to a ``LogOutput``. Nothing here knows what is logged.
"""

import contextlib
import errno
import logging
import os
import re
import select
import stat
import time

UNSAFE = re.compile(r"[^\x20-\x5b\x5d-\x7e]")

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""What changes how a terminal or a reader of lines takes the rest; without TAB and LF."""

INDENT = "\n    "
"""What the lines of a traceback begin with. No record begins so."""

MOST_WAITING = 64 * 1024
"""Octets that wait for a reader that is slow, and the most of one record. More are lost."""


def escape(text: str, unsafe: re.Pattern[str] = UNSAFE) -> str:
    r"""Return ``text`` with ``\xHH`` for what ``unsafe`` matches: backslashes, and all but visible ASCII."""
    return unsafe.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def safe_logger(name: str) -> logging.Logger:
    """Return the logger of a module, with a filter that makes its records harmless in every handler."""
    logger = logging.getLogger(name)
    logger.addFilter(make_harmless)
    return logger


def make_harmless(record: logging.LogRecord) -> bool:
    """Escape the text that a record was given, and that of its traceback, whose lines are indented."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            escape(str(value)) if isinstance(value, str | BaseException) else value for value in record.args
        )
    if record.exc_info and not record.exc_text:
        text = logging.Formatter().formatException(record.exc_info)
        record.exc_text = INDENT[1:] + escape(text, CONTROL).replace("\n", INDENT)
    return True


class LogOutput:
    """A descriptor that text is written to without ever waiting for its reader.

    What cannot be written at once waits for the next ``write`` or ``flush``. What is too much for that is
    lost, by whole writes, and their number is written as soon as there is room. One thread at a time may use
    it.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._poll: select.poll | None = None
        self._opened = False
        self._waiting = bytearray()
        self._lost = 0

    def write(self, text: str) -> None:
        """Write, or keep for later, or lose. Raises ``OSError`` when it cannot be written at all."""
        data = text.encode("utf-8", "backslashreplace")
        if len(data) > MOST_WAITING:
            data = data[:MOST_WAITING] + b" (cut)\n"
        self.flush()
        if self._waiting and len(self._waiting) + len(data) > MOST_WAITING:
            self._lost += 1
            return
        if self._lost:
            self._waiting += b"%d lines were lost: they could not be written in time\n" % self._lost
            self._lost = 0
        self._waiting += data
        self.flush()

    def flush(self) -> None:
        """Write what waits, as far as that is possible at once. Raises like ``write``."""
        if not self._opened:
            self._opened = True
            self._fd, self._poll = without_waiting(self._fd)
        try:
            while self._waiting and (self._poll is None or self._poll.poll(0)):
                # what is ready for a little may block for more
                most = len(self._waiting) if self._poll is None else select.PIPE_BUF
                del self._waiting[: os.write(self._fd, self._waiting[:most])]
        except BlockingIOError:
            pass
        except OSError:
            self._waiting.clear()
            raise

    def settle(self, seconds: float) -> None:
        """Give the reader so much time to take what waits, as the last thing that is done."""
        until = time.monotonic() + seconds
        ready = select.poll()
        ready.register(self._fd, select.POLLOUT)
        with contextlib.suppress(OSError):
            while self._waiting and ready.poll(max(0, until - time.monotonic()) * 1000):
                self.flush()


def without_waiting(fd: int) -> "tuple[int, select.poll | None]":
    """Return a descriptor for the same file that does not block, or else one to poll before each write.

    Not to block is a property of what was opened, which we may share with other processes. So pipes and
    terminals are opened once more. Regular files do not block.
    """
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode):
        return fd, None
    if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
        try:
            return os.open(f"/dev/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), None
        except OSError as error:
            if error.errno == errno.ENXIO:  # nobody reads: writing tells
                return fd, None
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    return fd, poll
