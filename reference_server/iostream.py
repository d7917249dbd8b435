"""Non-blocking streams over sockets, plain (``IOStream``) and over TLS (``SSLIOStream``): DOC-IO-2, DOC-IO-3.

A stream has one reader at a time. ``read_until`` and ``read_bytes`` are the documented ways to read;
``read_all`` hands over whatever arrives, as it arrives, which is what the HTTP connection lives on. Writes
are collected and leave in one ``send`` at the end of the round of the loop.

It knows sockets and the loop, and nothing of HTTP. All callbacks run in the loop.
"""

import contextlib
import fcntl
import logging
import socket
import ssl
import struct
import termios
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from reference_server.ioloop import IOLoop
from reference_server.network.tls import Session, server_context

logger = logging.getLogger(__name__)

READ_SIZE = 256 * 1024
"""Octets asked for in one ``recv``: a usual upload comes in one piece."""

RECORDS_SIZE = 256 * 1024
"""Octets of plaintext encrypted at once, so that a large response is not held twice."""

MAX_BUFFER_SIZE = 104_857_600

READ, WRITE, ERROR = IOLoop.READ, IOLoop.WRITE, IOLoop.ERROR

Consumer = Callable[[bytes], None]


class IOStream:
    """A non-blocking stream over a connected socket (DOC-IO-2).

    ``socket`` is a connected stream socket, which the stream owns from now on; ``io_loop`` defaults to
    ``IOLoop.instance()``; ``max_buffer_size`` bounds the octets that have been read and not yet asked for:
    above it the stream closes itself (DOC-LEN-7).
    """

    def __init__(
        self, socket: socket.socket, io_loop: IOLoop | None = None, max_buffer_size: int = MAX_BUFFER_SIZE
    ) -> None:
        socket.setblocking(False)
        self.socket = socket
        self.io_loop = io_loop or IOLoop.instance()
        self.max_buffer_size = max_buffer_size
        self._fd = socket.fileno()
        self._events = 0
        self._consumer: Consumer | None = None
        self._at_end = self._closed = False
        self._close_callback: Callable[[], None] | None = None
        # what is to be sent: pieces not yet looked at, and the rest of what a send did not take
        self._pending: list[bytes | memoryview] = []
        self.backlog = 0
        """Octets written and not yet sent."""
        self._sent = 0
        self._unsent: bytes | memoryview = b""
        self._flush_scheduled = self._ending = False
        self._write_callback: Callable[[], None] | None = None
        self._write_side_open = True
        # what read_until and read_bytes have not given out yet
        self._buffer = bytearray()
        self._wanted: int | bytes | None = None
        self._read_callback: Consumer | None = None
        self._searched = 0

    # Reading

    def read_until(self, delimiter: bytes, callback: Consumer) -> None:
        """Call ``callback(data)`` once with everything up to and including ``delimiter`` (DOC-IO-2)."""
        self._read(delimiter, callback)

    def read_bytes(self, num_bytes: int, callback: Consumer) -> None:
        """Call ``callback(data)`` once with exactly so many octets (DOC-IO-2)."""
        self._read(num_bytes, callback)

    def read_all(self, consumer: Consumer) -> None:
        """Call ``consumer(data)`` with what other reads have left over, at once, and with whatever arrives.

        ``b""`` is the end of it; the stream stays open for writing. A second call replaces the consumer.
        """
        self._consumer = consumer
        self.resume()
        left_over, self._buffer = bytes(self._buffer), bytearray()
        if left_over:
            consumer(left_over)

    def pause(self) -> None:
        """Read no more until ``resume``; what arrives waits in the kernel, and then with the peer."""
        self._set_events(self._events & ~READ)

    def resume(self) -> None:
        """Go on reading after ``pause``."""
        if not (self._closed or self._at_end):
            self._set_events(self._events | READ)

    def reading(self) -> bool:
        """Tell whether a ``read_until`` or ``read_bytes`` waits for its data."""
        return self._read_callback is not None

    # Writing

    def write(self, data: bytes, callback: Callable[[], None] | None = None) -> None:
        """Send ``data``, after all that was written before; then call ``callback()`` (DOC-IO-2).

        Data for a stream that is closed, or whose write side is, is dropped.
        """
        if self._closed or self._ending:
            return
        if data:
            self._pending.append(data)
            self.backlog += len(data)
        if callback is not None:
            self._write_callback = callback
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
        self._consumer = self._read_callback = self._write_callback = None
        callback, self._close_callback = self._close_callback, None
        if callback is not None:
            self.io_loop.add_callback(callback)

    def closed(self) -> bool:
        """Tell whether the stream is closed."""
        return self._closed

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        """Call ``callback()`` when the stream is closed, from whichever side (DOC-IO-2)."""
        self._close_callback = callback

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

    def _take(self) -> bytes:
        """Return the octets that are to be sent next, ``b""`` when there are none."""
        data = b"".join(self._pending)  # no copy of a single piece
        self._pending.clear()
        return data

    # Events

    def _set_events(self, events: int) -> None:
        """Tell the loop what we wait for, if that has changed."""
        events |= ERROR
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
                self._unsent = memoryview(data)[sent:] if sent < len(data) else b""
                if not (self._unsent or self._pending or self._ending):
                    break  # nothing is left: only the end of a TLS session needs to be asked for
        except BlockingIOError:
            self._unsent = data
            self.backlog = len(data) + sum(map(len, self._pending))
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
        callback, self._write_callback = self._write_callback, None
        if callback is not None:
            self.io_loop.add_callback(callback)

    def _shut_down(self) -> None:
        if self._at_end:
            self.close()
            return
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.close()

    # read_until and read_bytes

    def _read(self, wanted: int | bytes, callback: Consumer) -> None:
        assert self._read_callback is None, "Already reading"  # noqa: S101 - the document's own contract
        self._wanted, self._read_callback, self._searched = wanted, callback, 0
        self.io_loop.add_callback(self._satisfy)
        self._consumer = self._collect
        self.resume()

    def _collect(self, data: bytes) -> None:
        if not data:
            self.close()
            return
        self._buffer += data
        self._satisfy()
        if len(self._buffer) > self.max_buffer_size:
            logger.error("Reached maximum read buffer size")
            self.close()

    def _satisfy(self) -> None:
        """Give the reader what it waits for, if that is there."""
        if self._read_callback is None:
            return
        end = self._wanted_end()
        if end is None:
            return
        data = bytes(self._buffer[:end])
        del self._buffer[:end]
        callback, self._read_callback = self._read_callback, None
        self._consumer = None
        try:
            callback(data)
        except Exception:
            self.close()
            raise

    def _wanted_end(self) -> int | None:
        """Return where in the buffer the wanted data ends, None when it is not all there."""
        if isinstance(self._wanted, int):
            return self._wanted if len(self._buffer) >= self._wanted else None
        delimiter = self._wanted or b""
        found = self._buffer.find(delimiter, self._searched)
        self._searched = max(0, len(self._buffer) - len(delimiter) + 1)
        return found + len(delimiter) if found >= 0 else None


class SSLIOStream(IOStream):
    """The same over TLS, on the server's side (DOC-IO-3).

    ``ssl_options`` is the documented dictionary, or a context that was made of one. The handshake begins with
    the first octets that arrive, and waits like everything else in the loop.
    """

    session_class: ClassVar[type[Session]] = Session

    def __init__(
        self,
        socket: socket.socket,
        io_loop: IOLoop | None = None,
        max_buffer_size: int = MAX_BUFFER_SIZE,
        *,
        ssl_options: Mapping[str, Any] | ssl.SSLContext,
    ) -> None:
        super().__init__(socket, io_loop, max_buffer_size)
        context = ssl_options if isinstance(ssl_options, ssl.SSLContext) else server_context(ssl_options)
        self._session = self.session_class(context)

    def peer_certificate(self) -> dict[str, Any] | None:
        """Return the client's certificate as ``ssl.SSLSocket.getpeercert`` shapes it, or None (DOC-REQ-8)."""
        return self._session.peer_certificate()

    def close(self) -> None:
        """Close at once, after an attempt to say close_notify (RFC 9112, section 9.8)."""
        if not (self._closed or self._unsent):
            self._session.close()
            with contextlib.suppress(OSError):  # the peer is gone, or takes nothing
                self.socket.send(self._session.output())
        super().close()

    def _handle_read(self) -> None:
        ciphertext = self.socket.recv(READ_SIZE)
        if not ciphertext:
            self._reach_end()
            return
        session = self._session
        if session.failure is None:
            plaintext = session.receive(ciphertext)
            if plaintext and self._consumer is not None:
                self._consumer(plaintext)
        if session.failure is not None:
            self._fail(session.failure)
        elif session.ended and not self._at_end:
            self._reach_end()
        self._schedule_flush()  # of handshake messages, which nobody has written

    def _fail(self, failure: str) -> None:
        """Say nothing more but the alert. What the peer still sends is thrown away."""
        if not self._ending:
            logger.info("TLS failure: %s", failure)
        self._pending.clear()
        self.end()

    def _take(self) -> bytes:
        session, pending = self._session, self._pending
        if pending and session.established and session.failure is None:
            if len(pending) > 1 and len(pending[0]) < RECORDS_SIZE:
                pending[:] = [b"".join(pending)]
            data = memoryview(pending[0])
            session.send(data[:RECORDS_SIZE])
            pending[:1] = [data[RECORDS_SIZE:]] if len(data) > RECORDS_SIZE else []
        elif self._ending:
            session.close()
        return session.output()
