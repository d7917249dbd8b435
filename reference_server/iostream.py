"""Non-blocking streams over sockets, plain (``IOStream``) and over TLS (``SSLIOStream``): DOC-IO-2, DOC-IO-3.

A stream has one reader at a time. ``read_until`` and ``read_bytes`` are the documented ways to read;
``read_all`` hands over whatever arrives, as it arrives, which is what the HTTP connection lives on.

It knows sockets and the loop, and nothing of HTTP. All callbacks run in the loop.
"""

import contextlib
import socket
import ssl
from collections.abc import Mapping
from typing import Any, ClassVar

from reference_server.basestream import MAX_BUFFER_SIZE, READ_SIZE, SEND_SIZE, BaseStream, Consumer
from reference_server.ioloop import IOLoop
from reference_server.logs import safe_logger
from reference_server.network.tls import Session, server_context

logger = safe_logger(__name__)


class IOStream(BaseStream):
    """A non-blocking stream over a connected socket (DOC-IO-2).

    ``socket`` is a connected stream socket, which the stream owns from now on; ``io_loop`` defaults to
    ``IOLoop.instance()``; ``max_buffer_size`` bounds the octets that have been read and not yet asked for:
    above it the stream closes itself (DOC-LEN-7). It bounds those written and not yet sent, too, unless
    ``max_unsent`` is set to another number: above it, ``write`` raises ``BufferError``.
    """

    def __init__(
        self, socket: socket.socket, io_loop: IOLoop | None = None, max_buffer_size: int = MAX_BUFFER_SIZE
    ) -> None:
        super().__init__(socket, io_loop, max_buffer_size)
        self.max_buffer_size = max_buffer_size
        # what read_until and read_bytes have not given out yet
        self._buffer = bytearray()
        self._wanted: int | bytes | None = None
        self._read_callback: Consumer | None = None
        self._searched = 0

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
        super().read_all(consumer)
        left_over, self._buffer = bytes(self._buffer), bytearray()
        if left_over:
            consumer(left_over)

    def reading(self) -> bool:
        """Tell whether a ``read_until`` or ``read_bytes`` waits for its data."""
        return self._read_callback is not None

    def close(self) -> None:
        """Close at once, whatever waits to be read or sent (DOC-IO-2)."""
        self._read_callback = None
        super().close()

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
        session = self._session
        if not ciphertext:
            self._reach_end()
        elif session.failure is None:
            self._hand_over(session.receive(ciphertext))
            self._schedule_flush()  # of handshake messages, which nobody has written
        elif self._ending and self._consumer is not None:
            self._consumer(ciphertext)

    def _hand_over(self, plaintext: bytes) -> None:
        """Pass on what has become readable, and then how the session stands."""
        session = self._session
        if plaintext and self._consumer is not None:
            self._consumer(plaintext)
        if session.failure is not None:
            self._fail(session.failure)
        elif session.ended and not self._at_end:
            self._reach_end()

    def _fail(self, failure: str) -> None:
        """Say nothing more but the alert."""
        if not self._ending:
            logger.info("TLS failure: %s", failure)
        self._pending.clear()
        self.end()
        if self._failure_callback is not None:
            self._failure_callback()
        else:
            self._at_end = True
            self.pause()

    def _take(self) -> bytes:
        session, encrypted = self._session, 0
        if self._pending and session.established and session.failure is None:
            data = memoryview(self._take_some())
            if len(data) > SEND_SIZE:
                self._pending.appendleft(data[SEND_SIZE:])
            encrypted = session.send(data[:SEND_SIZE])
        elif self._ending:
            session.close()
        output = session.output()
        self.backlog += len(output) - encrypted
        return output
