"""What several mutants are made of: responses that are altered on their way out."""

import re

from reference_server.connection import HTTPConnection
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Refusal


class AlteringConnection(HTTPConnection):
    """Sends what ``altered`` makes of the beginning of each response of the application."""

    def altered(self, response: bytes) -> bytes:
        """Return what is sent in place of what the application wrote first: the head, and maybe content."""
        return response

    def write(self, chunk: bytes) -> None:
        """Alter the first piece, and no other."""
        super().write(chunk if self._answering else self.altered(chunk))


class AlteringHTTP11(HTTP11):
    """Sends what ``altered`` makes of the responses to bad requests."""

    def altered(self, response: bytes) -> bytes:
        """Return what is sent in place of a whole response."""
        return response

    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:
        """Alter the response."""
        return self.altered(super().refusal_response(refusal, to_head=to_head))


def status_of(response: bytes) -> int:
    """Return the status code of a response."""
    return int(response[9:12])


def with_line(response: bytes, line: bytes) -> bytes:
    """Return the response with another field line, behind the others."""
    return response.replace(b"\r\n\r\n", b"\r\n%b\r\n\r\n" % line, 1)


def without_field(response: bytes, name: bytes) -> bytes:
    """Return the response without the field lines of that name."""
    head, end, content = response.partition(b"\r\n\r\n")
    return re.sub(rb"\r\n%b:[^\r]*" % name, b"", head) + end + content
