"""Base classes of mutants that change responses on their way out."""

import re

from reference_server.basestream import Callback
from reference_server.connection import HTTPConnection
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Refusal


class AlteringConnection(HTTPConnection):
    """Sends each response of the application with its first part, the head, changed by ``altered``."""

    def altered(self, response: bytes) -> bytes:
        """Return what is sent instead of the first part of a response: the head, and perhaps content."""
        return response

    def write(self, chunk: bytes, callback: Callback | None = None) -> None:
        super().write(chunk if self._answering else self.altered(chunk), callback)


class AlteringHTTP11(HTTP11):
    """Sends error responses to bad requests changed by ``altered``."""

    def altered(self, response: bytes) -> bytes:
        """Return what is sent instead of a whole error response."""
        return response

    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:
        return self.altered(super().refusal_response(refusal, to_head=to_head))


def status_of(response: bytes) -> int:
    """Return the status code of a response."""
    return int(response[9:12])


def with_line(response: bytes, line: bytes) -> bytes:
    """Return the response with another field line after the others."""
    return response.replace(b"\r\n\r\n", b"\r\n%b\r\n\r\n" % line, 1)


def without_field(response: bytes, name: bytes) -> bytes:
    """Return the response without the field lines of that name."""
    head, end, content = response.partition(b"\r\n\r\n")
    return re.sub(rb"\r\n%b:[^\r]*" % name, b"", head) + end + content
