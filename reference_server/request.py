"""The request as the application sees it (DOC-REQ).

Text of the head is latin-1 read as Unicode, one code point for each octet, so that nothing is lost. The body
and the values of arguments are bytes; names of arguments and of files are decoded as UTF-8.

A request is made by hand, as the document shows it, or from a head that came off the wire. The latter puts
off what costs time until it is first asked for: headers, arguments and files. What costs much, a large form,
is read in steps before the application is called.
"""

from dataclasses import dataclass
from functools import cached_property
from time import monotonic
from typing import Any, Protocol, Self

from reference_server.httputil import HTTPHeaders
from reference_server.iostream import SSLIOStream
from reference_server.parsing.forms import (
    Arguments,
    Files,
    Form,
    logger,
    parse_urlencoded,
    urlencoded_steps,
)
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Head, Refusal
from reference_server.parsing.multipart import multipart_steps
from reference_server.parsing.profile import Profile
from reference_server.parsing.steps import Steps, finish

DEFAULT_HOST = "127.0.0.1"

FORM_METHODS = ("POST", "PUT")

PROTOCOLS = ("http", "https")


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

    @property
    def xheaders(self) -> bool:
        """Whether a proxy's fields are believed (DOC-REQ-4)."""

    @property
    def stream(self) -> Stream:
        """The stream of octets below."""

    def write(self, chunk: bytes) -> None:
        """Send a piece of the response."""

    def finish(self) -> None:
        """Say that the response is complete."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What all requests of one connection share: the peer's address, the protocol below, and the rules."""

    remote_ip: str
    protocol: str
    profile: Profile


class HTTPRequest:
    """One request (DOC-REQ-1), and the way to answer it: ``write`` and ``finish`` (DOC-REQ-6).

    ``HTTPRequest(method, uri)`` makes one by hand, for a test say (DOC-REQ-10). All text is as it would be
    sent. ``headers`` is an ``HTTPHeaders``, ``body`` the content as bytes. ``remote_ip`` is the peer's
    address, ``protocol`` is ``http`` or ``https``, by default what the stream of ``connection`` speaks, else
    ``http`` (DOC-REQ-3); a connection with ``xheaders`` believes a proxy's fields instead (DOC-REQ-4).
    ``host`` is what the request is for, by default the Host field, else ``127.0.0.1`` (DOC-REQ-2). ``files``
    maps names to lists of dictionaries (DOC-REQ-11). ``arguments`` are those of ``uri``: a body is not read
    as a form. ``connection`` is what the request came on and is answered through; without one, whatever
    needs it raises ``AttributeError``. Raises ``Refusal`` when ``uri`` has more arguments than the limit.

    ``persistent`` is ours: it tells whether the connection goes on after the response. An application may set
    it to False, to end a response of unknown length by closing the connection. Of a request made by hand
    nothing is known, so it is False.
    """

    # None where a request made by hand was given none, which is not what callbacks meet
    remote_ip: str | Any
    connection: Connection | Any

    # What most requests never get
    body: bytes = b""
    finished: float | None = None
    """The moment of the monotonic clock at which the response was complete, None until then."""
    persistent: bool = False
    _trailers: HTTPHeaders | None = None
    _ahead: tuple[bytes, Form | Refusal] | None = None
    _profile: Profile = HTTP11()
    _head: Head

    def __init__(  # noqa: PLR0917 - the document has them in this order
        self,
        method: str,
        uri: str,
        version: str = "HTTP/1.0",
        headers: HTTPHeaders | None = None,
        body: bytes | None = None,
        remote_ip: str | None = None,
        protocol: str | None = None,
        host: str | None = None,
        files: Files | None = None,
        connection: Connection | None = None,
    ) -> None:
        self.method = method
        self.uri = uri
        self.version = version
        self.headers = headers or HTTPHeaders()
        self.body = body or b""
        self.remote_ip = remote_ip
        secure = connection is not None and isinstance(connection.stream, SSLIOStream)
        self.protocol = protocol or ("https" if secure else "http")
        if connection is not None and connection.xheaders:
            self._believe_proxy()
        self.host = host or self.headers.get("Host") or DEFAULT_HOST
        self.files = files or {}
        self.connection = connection
        self.path, self.query = self._split()
        self.arguments = self.read_urlencoded(self.query.encode("latin-1"))
        self._started = monotonic()

    @classmethod
    def from_head(cls, head: Head, connection: Connection, wire: Wire) -> Self:
        """Make a request of a head that has come. What takes time is found out when it is first asked for."""
        request = cls.__new__(cls)
        request.receive_head(head, connection, wire)
        return request

    # What was sent

    @cached_property
    def headers(self) -> HTTPHeaders:
        """The header fields, a dictionary (DOC-HDR-1)."""
        return self._head.fields.headers

    @cached_property
    def trailers(self) -> HTTPHeaders:
        """The trailer fields of a chunked body, which are never merged into the headers; usually empty."""
        return self._trailers or HTTPHeaders()

    @cached_property
    def path(self) -> str:
        """The path of the target, as sent (DOC-REQ-1)."""
        return self._split()[0]

    @cached_property
    def query(self) -> str:
        """What follows the first ``?`` of the target, as sent (DOC-REQ-1)."""
        return self._split()[1]

    @cached_property
    def arguments(self) -> Arguments:
        """Lists of values (bytes) by name: the query's, then those of a form (DOC-FORM-1, DOC-REQ-11).

        Raises ``Refusal`` when there are more than the limit; the server answers it with its status.
        """
        return self._form.arguments

    @cached_property
    def files(self) -> Files:
        """Lists of ``HTTPFile`` by name, of a multipart form (DOC-MP-5, DOC-REQ-11).

        Raises like ``arguments``.
        """
        return self._form.files

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

        Raises ``AssertionError`` when the request is finished (DOC-CONN-2), ``AttributeError`` when it has no
        connection (DOC-REQ-10).
        """
        if self.finished is not None:
            raise AssertionError("Request closed")
        self.connection.write(chunk)

    def finish(self) -> None:
        """Say that the response is complete (DOC-REQ-6). Raises like ``write``."""
        if self.finished is not None:
            raise AssertionError("Request closed")
        finish = self.connection.finish
        self.finished = monotonic()
        finish()

    def request_time(self) -> float:
        """Return the seconds since the request came, or those it took once it is finished (DOC-REQ-6)."""
        return (self.finished or monotonic()) - self._started

    def receive_head(self, head: Head, connection: Connection, wire: Wire) -> None:
        """Begin with what has come. For ``from_head`` only."""
        self.method = head.method
        self.uri = head.target
        self.version = head.version
        self.host = head.host
        self.connection = connection
        self.persistent = head.persistent
        self.remote_ip = wire.remote_ip
        self.protocol = wire.protocol
        self._head = head
        self._profile = wire.profile
        self._started = monotonic()
        if connection.xheaders:
            self._believe_proxy()

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        """Take the body. For the connection only."""
        self.body = content
        self._trailers = trailers

    def read_ahead(self) -> Steps[None]:
        """Read the form in the body in steps, if there is one, before the application asks for it.

        Too much in it is refused when the application asks, as if it were read only then.
        """
        if self.method not in FORM_METHODS:
            return
        form_type = self._profile.form_type(self._head.fields)
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
        return parse_urlencoded(text, self._profile.limits)

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
        profile = self._profile
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

    @cached_property
    def _form(self) -> Form:
        return self._read_form()

    def _read_form(self) -> Form:
        """Read the form in the body, if it is one, and the query."""
        form = self._body_form() if self.body and self.method in FORM_METHODS else Form()
        if query := self.query:
            form = form.after(self.read_urlencoded(query.encode("latin-1")))
        return form

    def _body_form(self) -> Form:
        """Read the body, if it is a form (DOC-FORM-2, DOC-MP-1, DOC-MP-3)."""
        form_type = self._profile.form_type(self._head.fields)
        if form_type is None:
            return Form()
        if not form_type.multipart:
            return Form(self.read_urlencoded(self.body))
        if form_type.boundary:
            return self.read_multipart(form_type.boundary)
        logger.warning("Invalid multipart/form-data: no boundary, or too long a one")
        return Form()

    def _believe_proxy(self) -> None:
        self.remote_ip = self._forwarded_ip()
        self.protocol = self._forwarded_protocol()

    def _forwarded_ip(self) -> str | Any:
        """Return the address a proxy names (DOC-REQ-4)."""
        headers = self.headers
        return headers.get("X-Real-Ip") or headers.get("X-Forwarded-For") or self.remote_ip

    def _forwarded_protocol(self) -> str:
        """Return the protocol a proxy names; anything unknown reads as http (DOC-REQ-4)."""
        headers = self.headers
        named = headers.get("X-Scheme") or headers.get("X-Forwarded-Proto") or self.protocol
        return named if named in PROTOCOLS else "http"
