"""The request as the application sees it (DOC-REQ).

Text of the head is latin-1 read as Unicode, one code point for each octet, so that nothing is lost. The body
and the values of arguments are bytes; names of arguments and of files are decoded as UTF-8. What costs time
is done when it is first asked for: headers, arguments and files. What costs much, a large form, is read in
steps before the application is called.
"""

from time import monotonic
from typing import Any, Protocol

from reference_server.httputil import HTTPHeaders
from reference_server.parsing.forms import (
    Arguments,
    Files,
    Form,
    logger,
    parse_urlencoded,
    urlencoded_steps,
)
from reference_server.parsing.message import Head, Refusal
from reference_server.parsing.multipart import multipart_steps
from reference_server.parsing.profile import Profile
from reference_server.parsing.steps import Steps, finish

FORM_METHODS = ("POST", "PUT")

LARGE = 256 * 1024
"""Octets of a form that is read in steps; a smaller one is read at once, and only if it is asked for."""

PROTOCOLS = ("http", "https")


class Options(Protocol):
    """What a request needs to know of the options that its server was made with."""

    @property
    def profile(self) -> Profile:
        """The rules of the server."""

    @property
    def no_keep_alive(self) -> bool:
        """Whether each connection is closed after one request."""

    @property
    def xheaders(self) -> bool:
        """Whether a proxy's fields are believed (DOC-REQ-4)."""


class Stream(Protocol):
    """What a request needs of the stream below its connection."""

    def peer_certificate(self) -> dict[str, Any] | None:
        """Return the client's certificate, or None."""

    def closed(self) -> bool:
        """Whether the connection has ended."""

    def close(self) -> None:
        """End the connection."""


class Connection(Protocol):
    """What a request knows of the connection that it came on, and answers through."""

    remote_ip: str
    protocol: str

    @property
    def service(self) -> Options:
        """What all connections of a server share."""

    @property
    def stream(self) -> Stream:
        """The stream of octets below."""

    @property
    def request(self) -> object:
        """The request that is being answered, or None."""

    def write(self, chunk: bytes) -> None:
        """Send a piece of the response."""

    def finish(self) -> None:
        """Say that the response is complete."""


class HTTPRequest:
    """One request (DOC-REQ-1), and the way to answer it: ``write`` and ``finish`` (DOC-REQ-6).

    ``method``, ``uri`` and ``version`` are as sent. ``host`` is what the request is for (DOC-REQ-2).
    ``remote_ip`` is the peer's address, ``protocol`` ``http`` or ``https`` (DOC-REQ-3, DOC-REQ-4). ``body``
    is the content, decoded. ``connection`` is the ``HTTPConnection`` that the request came on.

    ``persistent`` is ours: it tells whether the connection goes on after the response. An application may set
    it to False, to end a response of unknown length by closing the connection.
    """

    # What most requests never get
    body: bytes = b""
    _headers: HTTPHeaders | None = None
    _trailers: HTTPHeaders | None = None
    _form: Form | None = None
    _ahead: tuple[bytes, Form | Refusal] | None = None

    def __init__(self, head: Head, connection: Connection) -> None:
        self.method = head.method
        self.uri = head.target
        self.version = head.version
        self.host = head.host
        self.connection = connection
        self.persistent = head.persistent and not connection.service.no_keep_alive
        self._head = head
        self._started = monotonic()
        self._finished: float | None = None
        if connection.service.xheaders:
            self.remote_ip = self._forwarded_ip()
            self.protocol = self._forwarded_protocol()
        else:
            self.remote_ip = connection.remote_ip
            self.protocol = connection.protocol

    # What was sent

    @property
    def headers(self) -> HTTPHeaders:
        """The header fields, a dictionary (DOC-HDR-1)."""
        if self._headers is None:
            self._headers = self._head.fields.headers
        return self._headers

    @property
    def trailers(self) -> HTTPHeaders:
        """The trailer fields of a chunked body, which are never merged into the headers; usually empty."""
        if self._trailers is None:
            self._trailers = HTTPHeaders()
        return self._trailers

    @property
    def path(self) -> str:
        """The path of the target, as sent (DOC-REQ-1)."""
        return self._split()[0]

    @property
    def query(self) -> str:
        """What follows the first ``?`` of the target, as sent (DOC-REQ-1)."""
        return self._split()[1]

    @property
    def arguments(self) -> Arguments:
        """Lists of values (bytes) by name: the query's, then those of a form (DOC-FORM-1).

        Raises ``Refusal`` when there are more than the limit; the server answers it with its status.
        """
        return self._read_form().arguments

    @property
    def files(self) -> Files:
        """Lists of ``HTTPFile`` by name, of a multipart form (DOC-MP-5). Raises like ``arguments``."""
        return self._read_form().files

    def supports_http_1_1(self) -> bool:
        """Tell whether the version is HTTP/1.1, exactly (DOC-REQ-5)."""
        return self.version == "HTTP/1.1"

    def full_url(self) -> str:
        """Return protocol, ``://``, host and uri (DOC-REQ-7)."""
        return f"{self.protocol}://{self.host}{self.uri}"

    def get_ssl_certificate(self) -> dict[str, Any] | None:
        """Return the client's certificate as ``ssl.SSLSocket.getpeercert`` shapes it, or None (DOC-REQ-8)."""
        return self.connection.stream.peer_certificate()

    # The answer

    def write(self, chunk: bytes) -> None:
        """Send a piece of the response, which begins with its status line (DOC-REQ-6, DOC-CONN-5).

        Raises ``AssertionError`` when the request is finished (DOC-CONN-2).
        """
        if self.connection.request is not self:
            raise AssertionError("Request closed")
        self.connection.write(chunk)

    def finish(self) -> None:
        """Say that the response is complete (DOC-REQ-6). Raises ``AssertionError`` the second time."""
        if self.connection.request is not self:
            raise AssertionError("Request closed")
        self._finished = monotonic()
        self.connection.finish()

    def request_time(self) -> float:
        """Return the seconds since the request came, or those it took once it is finished (DOC-REQ-6)."""
        return (self._finished or monotonic()) - self._started

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        """Take the body. For the connection only."""
        self.body = content
        self._trailers = trailers

    def read_ahead(self) -> Steps[None]:
        """Read the form in the body, if there is one, in steps. For the connection only.

        Too much in it is refused when the application asks, as if it were read only then.
        """
        if self.method not in FORM_METHODS:
            return
        profile = self.connection.service.profile
        form_type = profile.form_type(self._head.fields)
        if form_type is None or (form_type.multipart and not form_type.boundary):
            return
        try:
            form = yield from self._body_steps(form_type.boundary)
        except Refusal as refusal:
            self._ahead = form_type.boundary, refusal.with_traceback(None)
        else:
            self._ahead = form_type.boundary, form

    def __repr__(self) -> str:
        """Show what came, for logs (DOC-REQ-9)."""
        names = ("protocol", "host", "method", "uri", "version", "remote_ip", "body")
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__name__}({shown}, headers={dict(self.headers)!r})"

    # How it is found out

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Read a query, or the body of a form (DOC-FORM-1). Raises ``Refusal``."""
        if text is self.body:
            return self._read_body(b"").arguments
        return parse_urlencoded(text, self.connection.service.profile.limits)

    def read_multipart(self, boundary: bytes) -> Form:
        """Take the body apart at its boundary (DOC-MP-4). Raises ``Refusal``."""
        return self._read_body(boundary)

    def _read_body(self, boundary: bytes) -> Form:
        """Return what was read ahead with this boundary, none for urlencoded; or read it now."""
        if self._ahead is None or self._ahead[0] != boundary:
            return finish(self._body_steps(boundary))
        form = self._ahead[1]
        if isinstance(form, Refusal):
            raise form
        return form

    def _body_steps(self, boundary: bytes) -> Steps[Form]:
        profile = self.connection.service.profile
        if not boundary:
            return Form((yield from urlencoded_steps(self.body, profile.limits)))
        within_lines = profile.delimiters_within_lines
        return (yield from multipart_steps(boundary, self.body, profile.limits, within_lines=within_lines))

    def _split(self) -> tuple[str, str]:
        """Return path and query. Of an absolute-form target, scheme and authority are left out."""
        target, _, query = self.uri.partition("#")[0].partition("?")
        if target.startswith("/") or "://" not in target:
            return target, query
        _, slash, path = target.partition("://")[2].partition("/")
        return (slash + path) or "/", query

    def _read_form(self) -> Form:
        if self._form is None:
            form = self._body_form() if self.body and self.method in FORM_METHODS else Form()
            if query := self.query:
                form = form.after(self.read_urlencoded(query.encode("latin-1")))
            self._form = form
        return self._form

    def _body_form(self) -> Form:
        """Read the body, if it is a form (DOC-FORM-2, DOC-MP-1, DOC-MP-3)."""
        form_type = self.connection.service.profile.form_type(self._head.fields)
        if form_type is None:
            return Form()
        if not form_type.multipart:
            return Form(self.read_urlencoded(self.body))
        if form_type.boundary:
            return self.read_multipart(form_type.boundary)
        logger.warning("Invalid multipart/form-data: no boundary, or too long a one")
        return Form()

    def _forwarded_ip(self) -> str:
        """Return the address a proxy names (DOC-REQ-4)."""
        headers = self.headers
        return headers.get("X-Real-Ip") or headers.get("X-Forwarded-For") or self.connection.remote_ip

    def _forwarded_protocol(self) -> str:
        """Return the protocol a proxy names; anything unknown reads as http (DOC-REQ-4)."""
        headers = self.headers
        named = headers.get("X-Scheme") or headers.get("X-Forwarded-Proto") or self.connection.protocol
        return named if named in PROTOCOLS else "http"
