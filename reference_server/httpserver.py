r"""The server: listens, accepts, and gives each connection to an ``HTTPConnection`` (DOC-SRV).

    def handle_request(request):
        message = b"You requested %s\n" % request.uri.encode()
        request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(message), message))
        request.finish()

    http_server = HTTPServer(handle_request)
    http_server.listen(8888)
    ioloop.IOLoop.instance().start()

It knows sockets, processes and the loop; it does not know what is said on a connection.
"""

import errno
import logging
import signal
import socket
import ssl
from collections.abc import Callable, Mapping
from functools import partial
from types import FrameType
from typing import Any, ClassVar

from reference_server.access_log import AccessLog, LoggedConnection
from reference_server.connection import HTTPConnection, RequestCallback
from reference_server.ioloop import IOLoop
from reference_server.iostream import MAX_BUFFER_SIZE, IOStream, SSLIOStream
from reference_server.network import prefork
from reference_server.network.listening import listening_socket, unmapped
from reference_server.network.tls import server_context
from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Refusal
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest
from reference_server.sweeper import Sweeper

__all__ = ["HTTP11", "Documented", "HTTPConnection", "HTTPRequest", "HTTPServer"]

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5
"""How long to accept nothing when there are no descriptors left."""

BEING_TURNED_AWAY = 100
"""Connections beyond the limit that are told so at one time; more are closed without a word."""

HARD_END_SECONDS = 5.0
"""How long after ``grace_seconds`` a process is killed that does not end: its callback hangs."""

OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class HTTPServer:
    """A non-blocking, single-threaded HTTP server (DOC-SRV-1).

    ``request_callback(request)`` is called for every request. A callback may have a method
    ``answers_early(request)`` beside: see ``HTTPConnection``. ``no_keep_alive`` closes after every response
    (DOC-KA-1). ``io_loop`` is the loop to serve in; ``start`` sets it to ``IOLoop.instance()`` if it is None.
    ``xheaders`` believes what a proxy says of the client (DOC-REQ-4). ``ssl_options``, a dictionary with
    ``certfile`` and more, makes it a server over TLS (DOC-SRV-10, DOC-REQ-8); it raises ``OSError`` when a
    file in it is no good. All are attributes of the same names (DOC-SRV-12).

    The rest is ours. ``profile`` holds the rules and the limits: ``HTTP11()``, or ``Documented()``.
    ``access_log`` takes a line for each request.
    """

    connection_class: ClassVar[type[HTTPConnection]] = HTTPConnection
    secure_stream_class: ClassVar[type[SSLIOStream]] = SSLIOStream

    def __init__(
        self,
        request_callback: RequestCallback,
        no_keep_alive: bool = False,
        io_loop: IOLoop | None = None,
        xheaders: bool = False,
        ssl_options: Mapping[str, Any] | None = None,
        *,
        profile: Profile | None = None,
        access_log: AccessLog | None = None,
    ) -> None:
        self.request_callback = request_callback
        self.no_keep_alive = no_keep_alive
        self.io_loop = io_loop
        self.xheaders = xheaders
        self.ssl_options = ssl_options
        self.profile = profile or HTTP11()
        self._new_connection: Callable[..., HTTPConnection] = self.connection_class
        if access_log is not None:
            self._new_connection = partial(LoggedConnection, access_log=access_log)
        self._tls = self.tls_context(ssl_options) if ssl_options is not None else None
        self._socket: socket.socket | None = None
        self._started = False
        self._connections: Sweeper[HTTPConnection] = Sweeper()
        self._drained: Callable[[], None] | None = None

    @staticmethod
    def tls_context(ssl_options: Mapping[str, Any]) -> ssl.SSLContext:
        """Make what TLS connections are made of. Raises ``OSError`` when a file is no good."""
        return server_context(ssl_options)

    # Listening

    def listen(self, port: int, address: str = "", address_family: int | None = None) -> None:
        """Bind to a port and start, in one process (DOC-SRV-2)."""
        self.bind(port, address, address_family)
        self.start(1)

    def bind(self, port: int, address: str = "", address_family: int | None = None) -> None:
        """Listen on a port, once (DOC-SRV-3).

        ``address`` is a name or a number, IPv4 or IPv6; empty means all interfaces. ``address_family`` is
        ``socket.AF_INET``, ``socket.AF_INET6``, or ``socket.AF_UNSPEC`` for both at once; without it the
        address tells, and ``::`` means both. Port 0 is any free one; ``address`` of this object then tells
        which. Raises ``OSError`` when it cannot be had.
        """
        if self._socket is not None:
            raise AssertionError("Already bound")
        self._socket = listening_socket(port, address, address_family)

    @property
    def address(self) -> tuple[str, int]:
        """The address and the port we listen on."""
        if self._socket is None:
            raise AssertionError("Not bound")
        host, port, *_ = self._socket.getsockname()
        return host, port

    def start(self, num_processes: int | None = 1) -> None:
        """Start to accept, once (DOC-SRV-4).

        With more than one process (None, 0 or less: one for each CPU, DOC-SRV-5) the children return from
        here and run their loops, while the parent looks after them and ends with them (DOC-SRV-7): it
        replaces those that fail, and SIGTERM and Ctrl-C end them all as ``end_on_signals`` says. Where the
        loop of the process exists already, forking would share it: that is logged, and one process serves
        (DOC-SRV-6).
        """
        if self._started:
            raise AssertionError("Already started")
        self._started = True
        processes = prefork.process_count(num_processes)
        if processes > 1 and (IOLoop.initialized() or self.io_loop is not None):
            logger.error("Cannot run in multiple processes: the IOLoop exists already. Call start() first.")
            processes = 1
        if processes > 1:
            logger.info("Pre-forking %d server processes", processes)
            prefork.fork_and_supervise(
                prefork.Family(
                    count=processes,
                    patience=self._patience,
                    set_up_child=self._set_up_child,
                    wind_up=self.stop,
                )
            )
        else:
            self._begin()

    def stop(self) -> None:
        """Accept no more. Open connections go on (DOC-SRV-8)."""
        if self._socket is None:
            return
        if self.io_loop is not None:
            self.io_loop.remove_handler(self._socket.fileno())
        self._socket.close()
        self._socket = None

    def end_on_signals(self) -> None:
        """Let SIGTERM and Ctrl-C drain the server and then stop its loop.

        A signal that the application handles, or ignores, is left to it. A process that does not come to that
        end, because a callback hangs, is ended by SIGALRM.
        """
        for number in prefork.END_SIGNALS:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, self._end)

    def drain(self, callback: Callable[[], None]) -> None:
        """Stop, answer the requests in flight, close what is idle; then call ``callback()``.

        What takes longer than the limit ``grace_seconds`` is closed.
        """
        self.stop()
        if self.io_loop is None or not self._connections:
            callback()
            return
        self._drained = callback
        for connection in self._connections:
            connection.drain()
        self.io_loop.call_later(self.profile.limits.grace_seconds, self.close_all)

    def close_all(self) -> None:
        """Close every connection at once."""
        for connection in self._connections:
            connection.stream.close()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        """Take a signal. The loop may be anywhere; so it is asked to do the work."""
        loop = self.io_loop or IOLoop.instance()

        def end() -> None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            loop.stop()

        signal.setitimer(signal.ITIMER_REAL, self._patience)
        loop.add_callback(lambda: self.drain(end))

    @property
    def _patience(self) -> float:
        """The seconds after which a process that was told to end has had its time."""
        return self.profile.limits.grace_seconds + HARD_END_SECONDS

    def _begin(self) -> None:
        """Accept connections, in the loop that was given or in that of the process."""
        self.io_loop = self.io_loop or IOLoop.instance()
        self._accept_again()

    def _set_up_child(self) -> None:
        self._begin()
        self.end_on_signals()

    # Accepting

    def _accept_again(self) -> None:
        if self._socket is not None and self.io_loop is not None:
            self.io_loop.add_handler(self._socket.fileno(), self._handle_events, IOLoop.READ)

    def _handle_events(self, fd: int, _events: int) -> None:
        """Accept until the socket would block (DOC-SRV-9). The document gives its name away (DOC-SRV-12)."""
        while self._socket is not None:
            try:
                accepted, address = self._socket.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                if error.errno in OUT_OF_DESCRIPTORS and self.io_loop is not None:
                    self.io_loop.remove_handler(fd)
                    self.io_loop.call_later(PAUSE_SECONDS, self._accept_again)
                raise
            try:
                self._set_up(accepted, (unmapped(address[0]), *address[1:]))
            except Exception:
                logger.exception("Error in connection callback")  # DOC-SRV-11
                accepted.close()

    def _set_up(self, accepted: socket.socket, address: tuple[Any, ...]) -> None:
        """Make a connection of an accepted socket. The TLS handshake comes later (DOC-SRV-10)."""
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        room = max(MAX_BUFFER_SIZE, self.profile.limits.body)
        if self._tls is None:
            stream = IOStream(accepted, self.io_loop, room)
        else:
            stream = self.secure_stream_class(accepted, self.io_loop, room, ssl_options=self._tls)
        connection = self._new_connection(
            stream,
            address,
            self.request_callback,
            self.no_keep_alive,
            self.xheaders,
            profile=self.profile,
            sweeper=self._connections,
            on_close=self._forget,
        )
        too_many = len(self._connections) - self.profile.limits.connections
        if too_many > BEING_TURNED_AWAY:
            stream.close()
        elif too_many > 0:
            connection.refuse(Refusal(503, "too many connections"))

    def _forget(self, _connection: HTTPConnection) -> None:
        if self._drained is not None and not self._connections:
            callback, self._drained = self._drained, None
            callback()
