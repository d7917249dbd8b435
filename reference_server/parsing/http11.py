"""The ``http11`` profile: RFC 9112 and RFC 9110, on the strict branch wherever they leave a choice.

A head is read in two ways with one result. One pattern over the whole head takes what is usual and
well-formed. What it does not match is looked at line by line, from left to right, to find either that it is
well-formed after all (an absolute-form target, say) or what is wrong with it. An unfinished head is looked at
in the same way, so a fault is found as soon as its octet is there, and where a head was cut makes no
difference.

Rules are the methods without underscore, one for each thing that is decided. They raise ``Refusal``.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from reference_server.httputil import HTTPHeaders, split_tokens
from reference_server.parsing.grammar import CONTROL, STRICT, Grammar, control_name
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Fields, Head, Refusal, field_start
from reference_server.parsing.multipart import boundary_of
from reference_server.parsing.profile import LONGEST_BOUNDARY, Profile, Progress
from reference_server.responses import error_response

CRLF = b"\r\n"

DEFAULT_HOST = "127.0.0.1"
"""What a request without any Host is for (DOC-REQ-2)."""

HOST = field_start("Host")
CONTENT_LENGTH = field_start("Content-Length")
TRANSFER_ENCODING = field_start("Transfer-Encoding")
CONNECTION = field_start("Connection")
EXPECT = field_start("Expect")
CONTENT_TYPE = field_start("Content-Type")

LONGEST_LENGTH = 19
"""Digits of a Content-Length that are turned into a number; with more it is beyond every limit."""


class RequestLine(NamedTuple):
    """The request line, taken apart; scheme and authority when the target names them."""

    method: bytes
    target: bytes
    version: bytes
    scheme: bytes = b""
    authority: bytes = b""


class HTTP11(Profile):
    """RFC 9112 on the wire, under the documented API. The default.

    ``names`` are the hosts that the server is responsible for, without ports; a request for another one is
    misdirected. Without any the server is for whoever is asked for, and the application sees in ``host`` who
    that is.
    """

    name = "http11"
    grammar: ClassVar[Grammar] = STRICT
    fields_class: ClassVar[type[Fields]] = Fields

    def __init__(self, limits: Limits | None = None, *, names: Iterable[str] = ()) -> None:
        super().__init__(limits)
        self.names = frozenset(name.lower().encode("ascii") for name in names)
        self.blank_lines = self.limits.blank_lines
        # below these numbers a head cannot be beyond any limit but that of its method
        self._small = min(self.limits.head, self.limits.field_line, self.limits.request_target)
        self._most_lines = self.limits.fields + 2
        self._usual_head = self.grammar.head
        self._usual_beginning = self.grammar.method_and_target

    # The head as a whole

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Understand a complete head. Raises ``Refusal``."""
        if len(block) <= self._small and block.count(b"\n") <= self._most_lines:
            usual = self._usual_head.fullmatch(block)
            if usual is not None and usual.end(1) <= self.limits.method:
                fields = self.fields_class(block[usual.end(3) : -2])
                head = self.understand(RequestLine(*usual.groups()), fields, secure=secure)
                head.ending = block[usual.end(2) :]
                return head
        self.check_unfinished_head(block, 0, Progress())
        end = block.find(CRLF)
        return self.understand(
            self.request_line(block[:end]), self.fields_class(block[end:-2]), secure=secure
        )

    def read_similar_head(self, block: bytes, previous: Head) -> Head | None:
        """Look at method and target alone when the rest has been read before, as is usual on a connection."""
        ending = previous.ending
        if not ending or not block.endswith(ending) or len(block) > self._small:
            return None
        beginning = self._usual_beginning.fullmatch(block, 0, len(block) - len(ending))
        if beginning is None or beginning.end(1) > self.limits.method:
            return None
        method, target = beginning.groups()
        return previous.again(method.decode(), target.decode())

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        """Decide what a well-formed head means. Raises ``Refusal``."""
        version = line.version.decode("ascii")
        self.check_scheme(line.scheme, secure=secure)
        head = Head(
            method=line.method.decode("ascii"),
            target=line.target.decode("ascii"),
            version=version,
            host=self.host(version, line.authority, fields),
            fields=fields,
            body_length=self.body_length(version, fields),
            persistent=self.persists(version, fields) and self.goes_on(line.method),
            expects_continue=self.expects_continue(version, fields),
        )
        if head.body_length != 0:
            self.form_type(fields)  # its boundary may be too long
        return head

    def check_unfinished_head(self, block: bytes | bytearray, since: int, progress: Progress) -> None:
        """Check the lines that are there, up to the final empty one. Raises ``Refusal``."""
        end = min(len(block), self.limits.head)
        while (line_end := block.find(CRLF, progress.position, end)) >= 0:
            if line_end == progress.position and progress.lines:
                return
            self._check_octets(block, progress.position, line_end, since, progress.lines)
            line = bytes(block[progress.position : line_end])
            if progress.lines:
                self.check_field_line(line)
            else:
                self.request_line(line)
            progress.position = line_end + 2
            progress.lines += 1
        if block[end - 1 : end] == b"\r":
            end -= 1  # its LF may still come
        if end > progress.position:
            self._check_octets(block, progress.position, end, since, progress.lines)
        if len(block) > self.limits.head:
            raise Refusal(431, f"the head is longer than {self.limits.head} octets")

    def _check_octets(self, block: bytes | bytearray, start: int, end: int, since: int, index: int) -> None:
        """Refuse the first octet of a line that no line contains, or that makes it too long."""
        if index:
            overflow, refusal = self._field_overflow(start, index)
        else:
            overflow, refusal = self._request_line_overflow(block, start, end)
        control = CONTROL.search(block, max(start, since - 1), min(end, overflow + 1))
        if control is not None:
            raise Refusal(400, f"{control_name(control[0][0])} in the head")
        if refusal is not None and end > overflow:
            raise refusal

    def _field_overflow(self, start: int, index: int) -> tuple[int, Refusal | None]:
        """Return the first octet that is too much for a field line, and what it leads to."""
        if index > self.limits.fields:
            return start, Refusal(431, f"more than {self.limits.fields} field lines")
        limit = self.limits.field_line
        return start + limit, Refusal(431, f"a field line is longer than {limit} octets")

    def _request_line_overflow(
        self, block: bytes | bytearray, start: int, end: int
    ) -> tuple[int, Refusal | None]:
        """Return the first octet that is too much for a request line, and what that leads to."""
        space = block.find(b" ", start, end)
        limit = start + self.limits.method
        if space > limit or (space < 0 and end > limit):
            if self.grammar.method_only.fullmatch(block, start, limit + 1):
                return limit, Refusal(501, f"the method is longer than {self.limits.method} octets")
            return limit, Refusal(400, "the method is not a token")
        target_end = block.find(b" ", space + 1, end)
        limit = space + 1 + self.limits.request_target
        if space >= 0 and (target_end > limit or (target_end < 0 and end > limit)):
            return limit, Refusal(
                414, f"the request-target is longer than {self.limits.request_target} octets"
            )
        return end, None

    # The request line

    def request_line(self, line: bytes) -> RequestLine:
        """Take a complete request line apart. Raises ``Refusal``."""
        parts = line.split(b" ")
        if len(parts) != 3:
            raise Refusal(400, "the request line is not a method, a target and a version with single spaces")
        method, target, version = parts
        if not self.grammar.method_only.fullmatch(method):
            raise Refusal(400, "the method is not a token")
        self.check_version(version)
        scheme, authority = self.request_target(method, target)
        return RequestLine(method, target, version, scheme, authority)

    def check_version(self, version: bytes) -> None:
        """Serve HTTP/1.x; refuse other majors with 505, anything else with 400 (DOC-LINE-2)."""
        if not self.grammar.version_only.fullmatch(version):
            raise Refusal(400, "the version is malformed")
        if not version.startswith(b"HTTP/1."):
            raise Refusal(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        """Return the scheme and the authority that a target names; empty in origin-form (DOC-LINE-4)."""
        if method == b"CONNECT":
            return b"", self.tunnel_authority(target)
        if self.grammar.origin_form_only.fullmatch(target) or (target == b"*" and method == b"OPTIONS"):
            return b"", b""
        match = self.grammar.absolute_form.fullmatch(target)
        if match is None:
            raise Refusal(400, "the request-target is malformed")
        scheme, authority = match.groups()
        self.check_authority(authority)
        return scheme.lower(), authority

    def tunnel_authority(self, target: bytes) -> bytes:
        """Return the authority that a CONNECT is for: a host and a port, both needed."""
        self.check_authority(target)
        port = target.rpartition(b":")[2]
        if not port.isdigit() or len(port) > 5 or not 0 < int(port) < 65536:
            raise Refusal(400, "CONNECT needs a host and a port")
        return target

    def check_authority(self, authority: bytes) -> None:
        """Refuse an empty host, user information, and what is no host and port."""
        match = self.grammar.authority.fullmatch(authority)
        if match is None:
            raise Refusal(400, "the host is malformed")
        host: bytes = match[1]
        if host.startswith(b"[") and not host.startswith(b"[v"):
            try:
                ipaddress.IPv6Address(host[1:-1].decode("ascii"))
            except ValueError:
                raise Refusal(400, "the host is not an IPv6 address") from None

    def check_scheme(self, scheme: bytes, *, secure: bool) -> None:
        """Refuse a target that this connection cannot speak for (RFC 9110, sections 7.4 and 15.5.20)."""
        if scheme == b"https" and not secure:
            raise Refusal(421, "an https target needs a connection over TLS")
        if scheme == b"http" and secure:
            raise Refusal(421, "an http target does not belong on a connection over TLS")
        if scheme not in (b"", b"http", b"https"):
            raise Refusal(421, "only http and https are served here")

    def check_name(self, authority: bytes) -> None:
        """Refuse a host that is not one of ours, when we know which are (RFC 9110, section 7.4)."""
        if not self.names:
            return
        match = self.grammar.authority.fullmatch(authority)
        if match is None or match[1].lower() not in self.names:
            raise Refusal(421, "the request is for another host")

    # Field lines

    def check_field_line(self, line: bytes) -> None:
        """Refuse a line that is not a name, a colon and a value (DOC-HDR-2, DOC-HDR-3)."""
        match = self.grammar.field_line.fullmatch(line)
        if match is not None:
            return
        name, colon, _ = line.partition(b":")
        if line[:1] in (b" ", b"\t"):
            raise Refusal(400, "a field line is folded, or begins with white space")
        if not colon:
            raise Refusal(400, "a field line has no colon")
        if name.endswith((b" ", b"\t")):
            raise Refusal(400, "white space before the colon of a field line")
        raise Refusal(400, "a field name is not a token, or its value holds a control character")

    def content_type(self, fields: Fields) -> str:
        """Return the Content-Type with its type in lower case (RFC 9110, section 8.3.1; DOC-FORM-2)."""
        content_type = b",".join(fields.values(CONTENT_TYPE)).decode("latin-1")
        essence, semicolon, parameters = content_type.partition(";")
        return essence.lower() + semicolon + parameters

    def boundary(self, content_type: str) -> bytes:
        """Return the boundary of a multipart form, refused if it is too long for one (RFC 2046, 5.1.1)."""
        boundary = boundary_of(content_type)
        if len(boundary) > LONGEST_BOUNDARY:
            raise Refusal(400, f"the boundary is longer than {LONGEST_BOUNDARY} octets")
        return boundary

    def read_trailers(self, block: bytes) -> HTTPHeaders:
        """Check and read the trailer section of a chunked body. Raises ``Refusal``."""
        lines = block.split(CRLF)
        if len(lines) > self.limits.fields:
            raise Refusal(431, f"more than {self.limits.fields} trailer fields")
        for line in lines:
            self.check_field_line(line)
        return HTTPHeaders.parse(block.decode("latin-1"))

    # What the fields mean

    def host(self, version: str, authority: bytes, fields: Fields) -> str:
        """Return what the request is for: the target's authority, else Host (DOC-LINE-5, DOC-REQ-2).

        There must be exactly one valid Host; only HTTP/1.0 may do without. An empty one names nothing, and
        will do where the target itself says what it is for.
        """
        values = fields.values(HOST)
        if len(values) == 1:
            if values[0] or not authority:
                self.check_authority(values[0])
            self.check_name(authority or values[0])
            return (authority or values[0]).decode("ascii")
        if values:
            raise Refusal(400, "more than one Host")
        if version != "HTTP/1.0":
            raise Refusal(400, "no Host")
        return authority.decode("ascii") or DEFAULT_HOST

    def body_length(self, version: str, fields: Fields) -> int | None:
        """Return the octets of the body, None for a chunked one (DOC-LEN-1, DOC-LEN-5)."""
        lengths = fields.values(CONTENT_LENGTH)
        codings = fields.values(TRANSFER_ENCODING)
        if codings:
            if lengths:
                raise Refusal(400, "both Transfer-Encoding and Content-Length")
            if version == "HTTP/1.0":
                raise Refusal(400, "Transfer-Encoding in HTTP/1.0")
            self.check_transfer_coding(codings)
            return None
        return self.content_length(lengths) if lengths else 0

    def check_transfer_coding(self, values: Sequence[bytes]) -> None:
        """Accept ``chunked`` alone. A body that does not end with it has no end: 400; other codings: 501."""
        codings = split_tokens(values)
        if codings == [b"chunked"]:
            return
        if not codings or codings[-1] != b"chunked" or b"chunked" in codings[:-1]:
            raise Refusal(400, "the last transfer coding is not chunked, or chunked comes twice")
        raise Refusal(501, "chunked is the only transfer coding known here")

    def content_length(self, values: Sequence[bytes]) -> int:
        """Return the Content-Length, digits and nothing else, within the limit (DOC-LEN-2 to DOC-LEN-4)."""
        if len(values) > 1 or not values[0].isdigit():
            raise Refusal(400, "Content-Length is not one number")
        digits = values[0].lstrip(b"0")
        length = int(digits or b"0") if len(digits) <= LONGEST_LENGTH else None
        if length is None or length > self.limits.body:
            raise Refusal(413, f"the body is longer than {self.limits.body} octets")
        return length

    def persists(self, version: str, fields: Fields) -> bool:
        """Tell whether the connection may go on: Connection is a list of tokens (DOC-KA-2, DOC-KA-3)."""
        values = fields.values(CONNECTION)
        if not values:
            return version != "HTTP/1.0"
        options = split_tokens(values)
        return b"close" not in options and (version != "HTTP/1.0" or b"keep-alive" in options)

    def goes_on(self, method: bytes) -> bool:
        """Tell whether HTTP goes on after this method: what follows a CONNECT may be meant for a tunnel.

        There is none here, and what a client has sent into it too early is no request (RFC 9931, section 8).
        """
        return method != b"CONNECT"

    def expects_continue(self, version: str, fields: Fields) -> bool:
        """Tell whether an interim response is asked for; refuse other expectations (DOC-LEN-6)."""
        values = fields.values(EXPECT)
        if not values or version == "HTTP/1.0":
            return False
        members = split_tokens(values)
        if any(member != b"100-continue" for member in members):
            raise Refusal(417, "100-continue is the only expectation met here")
        return bool(members)

    # What is sent

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        """Return ``100 Continue`` for a body that is asked for and not there yet (DOC-LEN-6)."""
        if head.expects_continue and head.body_length != 0 and not body_arrived:
            return b"HTTP/1.1 100 Continue\r\n\r\n"
        return b""

    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:
        """Return a complete error response (DOC-LINE-3)."""
        return error_response(refusal.status, refusal.reason, to_head=to_head)
