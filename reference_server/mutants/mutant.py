"""A mutant: the reference server with one broken rule, under a name of its own.

A mutant replaces one class of the server with a subclass whose docstring says what is wrong. This module puts
the class into the server. It does not know any rule, and knows scenarios only by their names.
"""

import re
from dataclasses import dataclass

from reference_server.connection import HTTPConnection
from reference_server.httpserver import HTTPServer
from reference_server.iostream import SSLIOStream
from reference_server.network.tls import Session
from reference_server.parsing.bodies import ChunkedReader, LengthReader
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.parser import RequestParser
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest
from reference_server.witness.callback import Witness

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[0-9]+")

_HOLDERS = (
    (LengthReader, RequestParser, "length_reader"),
    (ChunkedReader, RequestParser, "chunked_reader"),
    (RequestParser, HTTPConnection, "parser_class"),
    (HTTPRequest, HTTPConnection, "request_class"),
    (HTTPConnection, HTTPServer, "connection_class"),
    (Session, SSLIOStream, "session_class"),
    (SSLIOStream, HTTPServer, "secure_stream_class"),
)
"""A class of the server, the class that holds it, and the attribute; from the innermost to the server."""


@dataclass(frozen=True)
class Mutant:
    """One broken rule, and the checks that must notice it."""

    part: type
    """A subclass of a profile, of ``Witness`` or of a class in ``_HOLDERS``, with ``breaks`` as docstring."""
    noticed_by: tuple[str, ...]
    """The ids of all checks that do not pass on the mutant; ``*`` stands for any characters."""
    base: type[Profile] = HTTP11
    """The profile, unless the part is one."""
    clause: str = ""
    """The id of the clause that it breaks, unless most of its strictest checks are judged by that clause."""
    tolerated: bool = False
    """Whether it breaks that clause only in a tolerated way: by another error status, or by closing."""

    @property
    def name(self) -> str:
        """The name on the command line: ``lone-lf-ends-line`` for a part ``LoneLFEndsLine``."""
        return "-".join(_WORD.findall(self.part.__name__)).lower()

    @property
    def breaks(self) -> str:
        """What the mutant does wrong, in a sentence without a subject."""
        return (self.part.__doc__ or "").strip()

    @property
    def profile(self) -> type[Profile]:
        """The profile of the mutant."""
        return self.part if issubclass(self.part, Profile) else self.base

    @property
    def application(self) -> type[Witness]:
        """The application that answers its requests."""
        return self.part if issubclass(self.part, Witness) else Witness

    @property
    def server(self) -> type[HTTPServer]:
        """The server class of the mutant."""
        part = self.part
        for held, holder, name in _HOLDERS:
            if issubclass(part, held):
                part = type(part.__name__, (holder,), {name: part})
        return part if issubclass(part, HTTPServer) else HTTPServer
