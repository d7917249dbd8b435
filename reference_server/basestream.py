"""Octets over a connected socket, without blocking: what the documented streams are built on.

What arrives is handed over as it arrives. Writes are collected and leave in one ``send`` at the end of the
round of the loop. How much may wait to be sent has a limit, and a writer can be told when it is out.

It knows sockets and the loop, and nothing of HTTP, of TLS, and of readers that want a line or a number of
octets. All callbacks run in the loop.
"""

import fcntl
import select
import socket
import struct
import termios
from collections import deque
from collections.abc import Callable
from typing import Any

from reference_server.ioloop import IOLoop
from reference_server.logs import safe_logger

logger = safe_logger(__name__)

READ_SIZE = 256 * 1024
"""Octets asked for in one ``recv``: a usual upload comes in one piece."""

SEND_SIZE = 256 * 1024
"""Octets joined for one ``send``, or encrypted at once, so that a large response is not held twice."""

PIECE_COST = 64
"""What a piece that waits to be sent takes beside its octets, so that tiny pieces cannot fill the memory."""

MAX_BUFFER_SIZE = 104_857_600

READ, WRITE, ERROR = IOLoop.READ, IOLoop.WRITE, IOLoop.ERROR

HANG_UP: int = getattr(select, "EPOLLRDHUP", 0)
"""The peer has sent its FIN, also after octets that nobody reads for now. Not every system tells."""

Consumer = Callable[[bytes], None]

Callback = Callable[[], None]
"""What is called when something has happened, with nothing to say about it."""


class BaseStream:
    """A non-blocking stream over a connected socket.

    ``socket`` is a connected stream socket, which the stream owns from now on; ``io_loop`` defaults to
    ``IOLoop.instance()``. ``max_unsent`` bounds the octets that have been written and not yet sent: above it,
    ``write`` raises ``BufferError``.
    """

    def __init__(
        self, socket: socket.socket, io_loop: IOLoop | None = None, max_unsent: int = MAX_BUFFER_SIZE
    ) -> None:
        socket.setblocking(False)
        self.socket = socket
        self.io_loop = io_loop or IOLoop.instance()
        self.max_unsent = max_unsent
        self._fd = socket.fileno()
        self._events = 0
        self._consumer: Consumer | None = None
        self._at_end = False
        self.hung_up = False
        """Whether the peer was seen to end its side while nothing was read."""
        self._closed = False
        self._close_callback: Callback | None = None
        self._failure_callback: Callback | None = None
        # what is to be sent: pieces not yet looked at, and the rest of what a send did not take
        self._pending: deque[bytes | memoryview] = deque()
        self.backlog = 0
        """Octets written and not yet sent."""
        self._sent = 0
        self._unsent: bytes | memoryview = b""
        self._flush_scheduled = False
        self._write_callbacks: deque[Callback] = deque()
        self._ending = False
        self._write_side_open = True

    # Reading

    def read_all(self, consumer: Consumer) -> None:
        """Call ``consumer(data)`` with whatever arrives, from now on; ``b""`` is the end of it.

        At the end the stream stays open for writing. A second call replaces the consumer.
        """
        self._consumer = consumer
        self.resume()

    def pause(self) -> None:
        """Read no more until ``resume``; what arrives waits in the kernel, and then with the peer."""
        self._set_events(self._events & ~READ)

    def resume(self) -> None:
        """Go on reading after ``pause``."""
        if not (self._closed or self._at_end):
            self._set_events(self._events | READ)

    def unread(self) -> int:
        """Return the octets that have arrived and have not been read; over TLS, those of its records."""
        waiting: tuple[int] = struct.unpack("i", fcntl.ioctl(self.socket, termios.FIONREAD, bytes(4)))
        return waiting[0]

    # Writing

    def write(self, data: bytes, callback: Callback | None = None) -> None:
        """Send ``data``, after all that was written before; then call ``callback()`` (DOC-IO-2).

        The callback comes in a later round of the loop, when nothing is left to send. So a large response is
        written in pieces, each in the callback of the one before. Data for a stream that is closed, or whose
        write side is, is dropped, and the callback with it.

        Raises ``TypeError`` for anything but bytes, and ``BufferError`` when more than ``max_unsent`` octets
        would wait to be sent; of ``data``, nothing is then sent.
        """
        if not isinstance(data, bytes):
            raise TypeError(f"write() takes bytes, not {type(data).__name__}")
        if self._closed or self._ending:
            return
        if data:
            pending = self._pending
            backlog = self.backlog + len(data)
            if backlog + PIECE_COST * len(pending) > self.max_unsent:
                raise BufferError(f"more than {self.max_unsent} octets would wait to be sent")
            pending.append(data)
            self.backlog = backlog
        if callback is not None:
            self._write_callbacks.append(callback)
        if not self._flush_scheduled:
            self._schedule_flush()

    def writing(self) -> bool:
        """Tell whether something written has not been sent yet."""
        return bool(self._pending or self._unsent)

    @property
    def blocked(self) -> bool:
        """Whether the system takes no more from us: the peer is behind with reading."""
        return bool(self._events & WRITE)

    def taken(self) -> int:
        """Return the octets that the peer's system has acknowledged; over TLS, those of its records."""
        waiting: tuple[int] = struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, bytes(4)))
        return self._sent - waiting[0]

    def end(self) -> None:
        """Close the write side once everything written is out; reading goes on.

        When the peer has already ended its side, the whole stream is closed.
        """
        if self._closed or self._ending:
            return
        self._ending = True
        self._schedule_flush()

    # Closing

    def close(self) -> None:
        """Close at once, whatever waits to be read or sent (DOC-IO-2)."""
        if self._closed:
            return
        self._closed = True
        if self._events:
            self.io_loop.remove_handler(self._fd)
            self._events = 0
        self.socket.close()
        self._pending.clear()
        self._unsent = b""
        self.backlog = 0
        self._consumer = self._failure_callback = None
        self._write_callbacks.clear()
        callback, self._close_callback = self._close_callback, None
        if callback is not None:
            self.io_loop.add_callback(callback)

    def closed(self) -> bool:
        """Tell whether the stream is closed."""
        return self._closed

    def set_close_callback(self, callback: Callback | None) -> None:
        """Call ``callback()`` when the stream is closed, from whichever side (DOC-IO-2)."""
        self._close_callback = callback

    def set_failure_callback(self, callback: Callback) -> None:
        """Call ``callback()`` when TLS fails, which leaves nothing to be read or said but an alert.

        What the peer still sends then goes to the consumer of ``read_all``, as it came, to be thrown away. A
        stream without such a callback closes itself after the alert. Plain TCP does not fail.
        """
        self._failure_callback = callback

    def peer_certificate(self) -> dict[str, Any] | None:
        """Return the peer's certificate: over plain TCP there is none."""
        return None

    # The stages that TLS replaces

    def _handle_read(self) -> None:
        """Read once, and hand over what has arrived."""
        data, consumer = self.socket.recv(READ_SIZE), self._consumer
        if data and consumer is not None:
            consumer(data)
        else:
            self._reach_end()

    def _take(self) -> bytes | memoryview:
        """Return the octets that are to be sent next, ``b""`` when there are none."""
        pending = self._pending
        if self.backlog <= SEND_SIZE or not pending:
            data = b"".join(pending)  # no copy of a single piece
            pending.clear()
            return data
        return self._take_some()

    def _take_some(self) -> bytes | memoryview:
        """Return the first of many octets: one piece, or small ones joined."""
        pieces = [self._pending.popleft()]
        size = len(pieces[0])
        while self._pending and size + len(self._pending[0]) <= SEND_SIZE:
            pieces.append(self._pending.popleft())
            size += len(pieces[-1])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    # Events

    def _set_events(self, events: int) -> None:
        """Tell the loop what we wait for, if that has changed."""
        events |= ERROR
        if not (events & READ or self._at_end or self.hung_up):
            events |= HANG_UP
        if self._closed or events == self._events:
            return
        if self._events:
            self.io_loop.update_handler(self._fd, events)
        else:
            self.io_loop.add_handler(self._fd, self._handle_events, events)
        self._events = events

    def _handle_events(self, _fd: int, events: int) -> None:
        try:
            if events & WRITE:
                self._flush()
            if events & READ and self._events & READ:
                if self._consumer is None:
                    self.pause()
                else:
                    self._handle_read()
            elif events & ERROR:
                self.close()  # both directions are gone, and nobody reads to learn it
            elif events & HANG_UP:
                self.hung_up = True
                self._set_events(self._events & ~HANG_UP)
        except BlockingIOError:
            pass  # a false alarm
        except OSError as error:
            logger.debug("connection lost: %s", error)
            self.close()
        except Exception:
            self.close()
            raise

    def _reach_end(self) -> None:
        """Tell the consumer that there is no more to read."""
        self._at_end = True
        self.pause()
        if self._consumer is not None:
            self._consumer(b"")
        if not self._write_side_open:
            self.close()

    def _schedule_flush(self) -> None:
        if not self._flush_scheduled:
            self._flush_scheduled = True
            self.io_loop.add_last(self._flush)

    def _flush(self) -> None:
        """Send as much as the kernel takes; listen for WRITE when it does not take all."""
        self._flush_scheduled = False
        if self._closed:
            return
        try:
            while data := self._unsent or self._take():
                sent = self.socket.send(data)
                self._sent += sent
                self.backlog -= sent
                self._unsent = memoryview(data)[sent:] if sent < len(data) else b""
                if not (self._unsent or self._pending or self._ending):
                    break  # nothing is left: only the end of a TLS session needs to be asked for
        except BlockingIOError:
            self._unsent = data
            self._set_events(self._events | WRITE)
            return
        except OSError as error:
            logger.debug("connection lost: %s", error)
            self.close()
            return
        self._flushed()

    def _flushed(self) -> None:
        """Everything is out, unless a handshake must come first."""
        if self._pending:
            return
        self.backlog = 0
        if self._events & WRITE:
            self._set_events(self._events & ~WRITE)
        if self._ending and self._write_side_open:
            self._write_side_open = False
            self._shut_down()
        while self._write_callbacks:
            self.io_loop.add_callback(self._write_callbacks.popleft())

    def _shut_down(self) -> None:
        if self._at_end:
            self.close()
            return
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.close()
