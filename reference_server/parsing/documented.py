"""The ``documented`` profile: the server as its document describes it, and as it was measured.

Lenient where the original is lenient: this profile is what the suite compares other servers of that age with,
and nothing to put on the Internet. A bad request gets no answer (DOC-LINE-3); the connection is closed.
"""

import re

from reference_server.httputil import HTTPHeaders
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.parsing.profile import Profile, Progress

MAX_BUFFER_SIZE = 104_857_600

INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
"""What the original takes for a Content-Length (DOC-LEN-3, DOC-LEN-4)."""

LIMITS = Limits(head=MAX_BUFFER_SIZE, body=MAX_BUFFER_SIZE, fields=1000)
"""One buffer bounds heads and bodies alike (DOC-LEN-2, DOC-LEN-7). Each line costs more than its octets."""


class Documented(Profile):
    """The documented server."""

    name = "documented"
    delimiters_within_lines = True

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(limits or LIMITS)

    def read_head(self, block: bytes, *, secure: bool) -> Head:  # noqa: ARG002
        """Understand a complete head. Raises ``Refusal``."""
        self.check_unfinished_head(block, 0, Progress())
        end = block.find(b"\r\n")
        method, target, version = self.request_line(block[:end].decode("latin-1"))
        fields = Fields(block[end:-2])
        try:
            headers = fields.headers
        except ValueError:
            raise Refusal(400, "a header line without a colon") from None
        return Head(
            method=method,
            target=target,
            version=version,
            host=headers.get("Host") or "127.0.0.1",
            fields=fields,
            body_length=self.body_length(headers),
            persistent=self.persists(method, version, headers),
            expects_continue=self.expects_continue(headers),
        )

    def check_unfinished_head(self, block: bytes | bytearray, since: int, progress: Progress) -> None:
        """Refuse nothing before CRLF CRLF (DOC-CONN-1) but what is too much (DOC-LEN-7)."""
        limit = self.limits.head
        # each CR and each LF may end a line (DOC-HDR-3); a line that both of them end is counted twice
        progress.lines += block.count(b"\n", since, limit) + block.count(b"\r", since, limit)
        if progress.lines > 2 * (self.limits.fields + 2):
            raise Refusal(431, f"more than {self.limits.fields} field lines")
        if len(block) > limit:
            raise Refusal(431, "reached the maximum buffer size")

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Split the request line at its two single spaces (DOC-LINE-1, DOC-LINE-2, DOC-LINE-4)."""
        parts = line.split(" ")
        if len(parts) != 3:
            raise Refusal(400, "the request line has not three parts")
        method, target, version = parts
        if not version.startswith("HTTP/"):
            raise Refusal(400, "the version does not begin with HTTP/")
        return method, target, version

    def body_length(self, headers: HTTPHeaders) -> int:
        """Return the octets of the body; Transfer-Encoding changes nothing (DOC-LEN-1 to DOC-LEN-5)."""
        value = headers.get("Content-Length")
        if not value:
            return 0
        if not INTEGER.fullmatch(value):
            raise Refusal(400, "Content-Length is not an integer")
        length = int(value)
        if length > self.limits.body:
            raise Refusal(413, "Content-Length is too long")
        return max(0, length)

    def persists(self, method: str, version: str, headers: HTTPHeaders) -> bool:
        """Tell whether the connection may go on (DOC-KA-2, DOC-KA-3, DOC-KA-4)."""
        connection = headers.get("Connection")
        if version == "HTTP/1.1":
            return connection != "close"
        if method in ("GET", "HEAD") or "Content-Length" in headers:
            return connection == "Keep-Alive"
        return False

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        """Tell whether an interim response is due: this spelling, and a Content-Length, only (DOC-LEN-6)."""
        return headers.get("Expect") == "100-continue" and bool(headers.get("Content-Length"))

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:  # noqa: ARG002 - always sent
        """Return what the original says, in its own words (DOC-LEN-6)."""
        return b"HTTP/1.1 100 (Continue)\r\n\r\n" if head.expects_continue else b""

    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:  # noqa: ARG002
        """Return nothing: a bad request gets no answer (DOC-LINE-3)."""
        return b""
