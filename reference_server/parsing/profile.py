"""What a profile has to decide. ``documented.py`` and ``http11.py`` are the two that there are.

The parser and the connection ask; a profile answers, from what has been received alone. So a profile is a
value without state: one serves all connections, and a variant of a server is a subclass with one rule
replaced.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from reference_server.httputil import HTTPHeaders
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.parsing.multipart import boundary_of

LONGEST_BOUNDARY = 70
"""Octets of a boundary (RFC 2046, section 5.1.1)."""


class FormType(NamedTuple):
    """What kind of a form a body is. A multipart form without a boundary of its own has an empty one."""

    multipart: bool
    boundary: bytes = b""


class Progress:
    """How far the lines of an unfinished head have been looked at: the octets and the lines that are done."""

    __slots__ = ("lines", "position")

    def __init__(self) -> None:
        self.position = 0
        self.lines = 0


class Profile(ABC):
    """The rules by which requests are read and connections are kept, and the limits they apply.

    ``blank_lines`` is how many empty lines are skipped before a request line (DOC-LINE-1).
    ``delimiters_within_lines`` says whether a multipart delimiter counts that does not begin a line
    (DOC-MP-6).
    """

    name: ClassVar[str]
    blank_lines: int = 0
    delimiters_within_lines: bool = False

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()

    @abstractmethod
    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Understand a complete head, its final empty line included. Raises ``Refusal``.

        ``secure`` tells that it came over TLS.
        """

    def read_similar_head(self, block: bytes, previous: Head) -> Head | None:  # noqa: ARG002
        """Return what ``read_head`` would, if ``previous`` makes that easy; else None.

        ``previous`` is the head before it on the same connection. Nothing else is remembered.
        """
        return None

    @abstractmethod
    def check_unfinished_head(self, block: bytes | bytearray, since: int, progress: Progress) -> None:
        """Raise ``Refusal`` when nothing that may follow can make this beginning of a head a good one.

        The octets before ``since`` have been checked before; ``progress`` is kept from one call to the next.
        """

    def read_trailers(self, block: bytes) -> HTTPHeaders:
        """Read the trailer section of a chunked body, its last CRLF left out. Raises ``Refusal``."""
        return HTTPHeaders.parse(block.decode("latin-1"))

    def content_type(self, fields: Fields) -> str:
        """Return the Content-Type in the spelling that forms are recognised by, or nothing (DOC-FORM-2)."""
        return fields.headers.get("Content-Type") or ""

    def form_type(self, fields: Fields) -> FormType | None:
        """Return what kind of a form the body is, None when it is not one (DOC-FORM-2, DOC-MP-1)."""
        content_type = self.content_type(fields)
        if content_type.startswith("application/x-www-form-urlencoded"):
            return FormType(multipart=False)
        if content_type.startswith("multipart/form-data"):
            return FormType(multipart=True, boundary=self.boundary(content_type))
        return None

    def boundary(self, content_type: str) -> bytes:
        """Return the boundary of a multipart form; empty when there is none that can be one (DOC-MP-3)."""
        boundary = boundary_of(content_type) if len(content_type) <= self.limits.field_line else b""
        return boundary if len(boundary) <= LONGEST_BOUNDARY else b""

    @abstractmethod
    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        """Return what is sent before the body is read: an interim response, or nothing."""

    @abstractmethod
    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:
        """Return what is sent before the connection is closed on a bad request, or nothing.

        ``to_head`` tells that the method is HEAD: the response then has no content.
        """
