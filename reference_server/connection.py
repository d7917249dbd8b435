"""One HTTP connection: requests in, one at a time, responses out, in order (DOC-CONN).

It stands between a stream, a parser and the application, and enforces the connection's deadlines. The parser
finds requests in the bytes; the profile decides which of them are valid.

A connection waits for a head, then for a body if there is one, then for the application's response, then for
the next head. It closes in stages (RFC 9112, section 9.6): first its own side, once the last response has
been sent; then it briefly discards what the peer still sends, because a reset could destroy the response.

What the connection waits for is its ``phase``. It follows from four facts; no other combinations occur:

    phase    request  incomplete  body begun  ended   waits for
    HEAD     -        -           no          no      a head: the first one, or one of which bytes are here
    IDLE     -        -           no          no      a later head of which nothing has arrived
    BODY     -        set         yes         no      the body of ``incomplete``
    BODY     -        -           yes         no      the rest of a body, to discard: answered early
    ANSWER   set      -           no, or yes  no      the application; yes if it answers without the body
    END      -        -           no, or yes  yes     the peer's FIN; whatever arrives is discarded

``request`` is being answered; ``incomplete`` has a head and still needs its body; the parser knows whether a
body has begun, and whether any byte of the next head is here. Three more facts:

- ``_peer_ended``: the peer has sent its FIN. HEAD, IDLE and BODY become END once all bytes here are parsed.
- ``_advancing``: ``_advance`` is running, so a ``finish`` within the callback leaves the next request to it.
- ``_answering``, in ANSWER only: part of the response is written, so no error response can replace it.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any, ClassVar

from reference_server.basestream import Callback
from reference_server.iostream import IOStream, SSLIOStream
from reference_server.logs import safe_logger
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Body, Head, Refusal
from reference_server.parsing.parser import RequestParser
from reference_server.parsing.profile import Profile
from reference_server.patience import Phase, Taking, Wait, patience
from reference_server.reading import LARGE, read_ahead
from reference_server.request import HTTPRequest, Wire
from reference_server.sweeper import Sweeper

logger = safe_logger(__name__)

TURN = range(100)
"""Heads and bodies of one connection that are served before others have their turn."""

RequestCallback = Callable[[HTTPRequest], None]


class HTTPConnection:
    """One connection (DOC-CONN-1 to DOC-CONN-8), made by an ``HTTPServer`` or by hand (DOC-CONN-9).

    ``stream`` is the ``IOStream`` that it owns from now on. ``address`` is the peer's, as ``accept()`` gives
    it; its first item becomes the ``remote_ip`` of the requests. ``request_callback(request)`` is called for
    every request. It may have a method ``answers_early(request)`` beside, which is asked when the head of a
    request with a body has come: whether the application wants to be called now, without the body, which is
    then discarded. ``no_keep_alive`` closes after the first response (DOC-KA-1), ``xheaders`` believes what a
    proxy says of the client (DOC-REQ-4). Making it starts to read.

    The rest is ours. ``profile`` holds the rules and the limits, by default ``HTTP11()``. ``sweeper`` looks
    at its deadlines; by default it has one of its own. ``on_close(connection)`` is called at the very end.
    ``request`` is the request that is being answered, None when there is none.
    """

    parser_class: ClassVar[type[RequestParser]] = RequestParser
    request_class: ClassVar[type[HTTPRequest]] = HTTPRequest

    def __init__(
        self,
        stream: IOStream,
        address: tuple[Any, ...] | str,
        request_callback: RequestCallback,
        no_keep_alive: bool = False,
        xheaders: bool = False,
        *,
        profile: Profile | None = None,
        sweeper: "Sweeper[HTTPConnection] | None" = None,
        on_close: Callable[["HTTPConnection"], None] | None = None,
    ) -> None:
        secure = isinstance(stream, SSLIOStream)
        self.stream = stream
        self.address = address
        self.request_callback = request_callback
        self.no_keep_alive = no_keep_alive
        self.xheaders = xheaders
        self.profile = profile or HTTP11()
        remote_ip = address[0] if address else ""  # a peer over a Unix socket mostly has no address
        self.wire = Wire(remote_ip, "https" if secure else "http", self.profile)
        self.request: HTTPRequest | None = None
        self._limits = self.profile.limits
        self._parser = self.parser_class(self.profile, secure=secure)
        self._sweeper: Sweeper[HTTPConnection] = Sweeper() if sweeper is None else sweeper
        self._on_close = on_close
        self._incomplete: HTTPRequest | None = None
        self._answering = self._advancing = self._paused = False
        self._peer_ended = self._draining = self._ended = False
        self._thrown_away = self._served = 0
        self._wait = Wait()
        self._taking = Taking(self._limits.send_seconds, self._limits.send_rate)
        self._sweeper.add(self, stream.io_loop)
        stream.max_unsent = self._limits.unsent
        stream.set_close_callback(self._closed)
        stream.set_failure_callback(self._failed)
        stream.read_all(self._received)

    # The documented way to answer

    def write(self, chunk: bytes, callback: Callback | None = None) -> None:
        """Send a piece of the response; dropped when the stream is closed (DOC-CONN-2).

        ``callback()`` is called when nothing is left to send, as ``IOStream.write`` does it; an exception in
        it ends the request like one in the request callback. Raises ``AssertionError`` when no request is
        active, ``TypeError`` for anything but bytes, and ``BufferError`` when more than the limit ``unsent``
        would wait to be sent.
        """
        if self.request is None:
            raise AssertionError("Request closed")
        if callback is None:
            self.stream.write(chunk)
        else:
            self.stream.write(chunk, self._guarded(self.request, callback))
        self._answering = True

    def finish(self) -> None:
        """End the response: the next request may come, or the connection ends (DOC-CONN-3, DOC-KA-5).

        Raises ``AssertionError`` when no request is active.
        """
        request = self.request
        if request is None:
            raise AssertionError("Request closed")
        self.request = None
        request.finished = request.finished or monotonic()  # where it was not the request that was told
        if not request.persistent:
            self._end()
        elif not (self._advancing or self.stream.closed()):
            self._advance()

    # What the server does with it

    def refuse(self, refusal: Refusal) -> None:
        """Give up on what the peer sends: respond with an error, and end the connection (DOC-LINE-3).

        A request that had its response before its body was complete gets no second one.
        """
        logger.info("Malformed HTTP request from %s: %s", self.wire.remote_ip, refusal.reason)
        if not self._discards_body:
            self.send_refusal(refusal)
        self._end()

    def drain(self) -> None:
        """Answer the requests that have come, or the one that may be on its way, and end the connection."""
        self._draining = True
        if self.request is not None and not self._parser.buffered:
            self.request.persistent = False

    @property
    def unfinished(self) -> HTTPRequest | None:
        """The request that is being answered, or of which the body is not complete; None if there is none."""
        return self.request or self._incomplete

    def sweep(self, now: float) -> None:
        """Do what is due at ``now``, a moment of the monotonic clock. Called about once a second.

        Nothing else here looks at a clock, or notes what is waited for: a request does not pay for deadlines.
        While the peer is behind with taking a response, only that counts.
        """
        if self.stream.closed():  # and another has taken the callback that would have told us
            self._closed()
            return
        if self.stream.blocked:
            self._wait.forget()
            if self._taking.is_too_slow(self.stream.taken(), now):
                self.stream.close()
            return
        self._taking.forget()
        phase, left = self.phase, self._peer_ended or self.stream.hung_up
        received = self._parser.body_received or 0
        seconds = patience(phase, self._limits, received, peer_left=left, draining=self._draining)
        if self._wait.is_over((phase, self._served, left), now, seconds):
            self._expire()

    # What a subclass may follow, besides write() and finish(): the access log does

    def send_refusal(self, refusal: Refusal) -> None:
        """Write the error response of the profile. ``unfinished`` is None where no head was valid."""
        to_head = self._parser.method == "HEAD"
        self.stream.write(self.profile.refusal_response(refusal, to_head=to_head))

    def abandon(self, request: HTTPRequest) -> None:
        """Called when the connection ends, or is lost, before ``request`` is finished."""

    # From the stream

    def _received(self, data: bytes) -> None:
        if not data:
            self._peer_ended = True
        elif self._ended:
            self._thrown_away += len(data)
            if self._thrown_away > self._limits.linger_octets:
                self.stream.close()
            return
        else:
            self._parser.feed(data)
        if self.request is None:
            self._advance()
        elif self._parser.buffered > self._limits.backlog:
            self._pause()

    def _failed(self) -> None:
        """TLS has failed: there is nothing to be read or said any more."""
        if self.request is not None:
            self.stream.close()
        else:
            self._end()

    def _closed(self) -> None:
        self._abandon_unfinished()
        self._sweeper.discard(self)
        on_close, self._on_close = self._on_close, None
        if on_close is not None:
            on_close(self)

    # From one request to the next

    def _advance(self) -> None:
        """Serve the requests that are there, until one is not finished at once (DOC-CONN-4).

        Other connections come in between when there are many. No more is read then, nor while the peer does
        not take its responses.
        """
        if self._advancing:
            return
        self._advancing = True
        try:
            for _ in TURN:
                if self.request is not None or self._ended:
                    return
                if self.stream.backlog > self._limits.backlog:
                    self._pause()
                    self.stream.write(b"", self._go_on)
                    return
                event = self._parser.next_event()
                if event is None:
                    if self._peer_ended:
                        self._end_of_input()
                    elif self._paused:
                        self._paused = False
                        self.stream.resume()
                    return
                self._handle(event)
            if self.request is None and not self._ended:
                self._pause()
                self.stream.io_loop.add_callback(self._go_on)
        finally:
            self._advancing = False

    def _pause(self) -> None:
        """Read no more until what has been read is served."""
        self._paused = True
        self.stream.pause()

    def _go_on(self) -> None:
        """Go on after the peer has taken its responses, or after the turn of others."""
        if self.request is None and not self.stream.closed():
            self._advance()

    def _end_of_input(self) -> None:
        """The peer sends no more, and all that it has sent has been looked at (DOC-KA-6)."""
        if self._parser.between_requests:
            self._end()
        else:
            self.refuse(Refusal(400, "the request is incomplete"))

    def _handle(self, event: Head | Body | Refusal) -> None:
        if isinstance(event, Head):
            request = self.request_class.from_head(event, self, self.wire)
            if self.no_keep_alive:
                request.persistent = False
            if event.body_length == 0 and not event.expects_continue:
                self._serve(request)
            else:
                self._begin_body(event, request)
        elif isinstance(event, Body):
            complete, self._incomplete = self._incomplete, None
            if complete is not None:
                complete.receive_body(event.content, event.trailers)
                self._serve(complete)
        else:
            self.refuse(event)

    def _begin_body(self, head: Head, request: HTTPRequest) -> None:
        """Wait for the body, and tell the peer so if it asks; or serve the request without it."""
        if (head.body_length or 0) > self.stream.max_buffer_size:  # DOC-LEN-2
            self._incomplete = request
            self.refuse(Refusal(413, "the body is longer than the buffer of the stream"))
            return
        if head.body_length != 0 and self._answers_early(request):
            self._parser.discard_body()
            too_long = head.body_length is not None and head.body_length > self._limits.discarded_body
            if head.expects_continue or too_long or isinstance(self._parser.next_event(), Refusal):
                request.persistent = False
            self._serve(request)
            return
        self._incomplete = request
        event = self._parser.next_event() if head.body_length != 0 else Body(b"")
        if head.expects_continue:
            self.stream.write(self.profile.interim_response(head, body_arrived=event is not None))
        if event is not None:
            self._handle(event)

    def _answers_early(self, request: HTTPRequest) -> bool:
        """Ask the application, if it can be asked, whether it answers without the body."""
        asked = getattr(self.request_callback, "answers_early", None)
        return asked is not None and asked(request)

    def _serve(self, request: HTTPRequest) -> None:
        """Call the application, once a large form is read."""
        self.request = request
        self._answering = False
        self._served += 1
        if self._draining and not self._parser.buffered:
            request.persistent = False  # it is the last one
        if len(request.body) > LARGE:
            read_ahead(request, self.stream, self._call)
        else:
            self._call(request)

    def _call(self, request: HTTPRequest) -> None:
        try:
            self.request_callback(request)
        except Exception as error:  # noqa: BLE001 - whatever an application raises
            self._fail(request, error)

    def _guarded(self, request: HTTPRequest, callback: Callback) -> Callback:
        """Return a callback of the application whose exceptions end ``request``."""

        def call() -> None:
            try:
                callback()
            except Exception as error:  # noqa: BLE001 - whatever an application raises
                self._fail(request, error)

        return call

    def _fail(self, request: HTTPRequest, error: Exception) -> None:
        """Give up on a request: with an error response when nothing was written (DOC-CONN-6)."""
        if isinstance(error, Refusal):
            refusal = error.with_traceback(None)
        else:
            what = "Exception in request callback for %s %s"
            logger.error(what, request.method, request.uri, exc_info=error)
            refusal = Refusal(500, "the application failed")
        if self.request is request and not self._answering:
            self.refuse(refusal)
        elif not self._ended and self.request in (request, None):
            self._end()

    def _end(self) -> None:
        """Close our side after what was written; then wait for the peer to close its own."""
        self._abandon_unfinished()
        self.request = self._incomplete = None
        self._ended = True
        self.stream.end()
        self.stream.resume()

    def _abandon_unfinished(self) -> None:
        unfinished = self.unfinished
        if unfinished is not None:
            self.abandon(unfinished)

    # The phase, and its deadline

    @property
    def _discards_body(self) -> bool:
        """Whether the body being read belongs to a request that has been answered already."""
        return self.request is None and self._incomplete is None and self._parser.body_received is not None

    @property
    def phase(self) -> Phase:
        """What is waited for. Before the first request it is a head, though not one octet has come."""
        if self._ended:
            return Phase.END
        if self.request is not None:
            return Phase.ANSWER
        if self._parser.body_received is not None:
            return Phase.BODY
        return Phase.IDLE if self._served and self._parser.between_requests else Phase.HEAD

    def _expire(self) -> None:
        """The peer has taken too long, or the application to answer a peer that has left."""
        if self._ended or self.request is not None:
            self.stream.close()
        elif not self._parser.between_requests:
            self.refuse(Refusal(408, "the request took too long"))
        elif not self.stream.unread():  # lest a request is lost that has come in this moment
            self._end()
