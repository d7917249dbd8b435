"""What a mutant is: the reference server with one rule broken, under a name of its own.

A mutant replaces one class of the server by a subclass, whose docstring says which rule it breaks. This
module puts the class in its place. It knows no single rule, and of scenarios only their names.
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
"""Which class of the server holds which other, and under which name: from the innermost to the server."""


@dataclass(frozen=True)
class Mutant:
    """One broken rule, and what has to notice it.

    ``part`` is a subclass of a class of the server: of a profile, of ``Witness``, or of one in ``_HOLDERS``.
    Its name is the mutant's name, its docstring the sentence that says what is wrong. ``noticed_by`` are the
    ids of all checks of the suite that the mutant does not pass, ``*`` standing for any characters; no other
    check notices it. ``base`` is the profile, where the part is none.
    """

    part: type
    noticed_by: tuple[str, ...]
    base: type[Profile] = HTTP11

    @property
    def name(self) -> str:
        """The class's name as the command line has it: ``LoneLFEndsLine`` is ``lone-lf-ends-line``."""
        return "-".join(_WORD.findall(self.part.__name__)).lower()

    @property
    def breaks(self) -> str:
        """What is wrong with it, in a sentence."""
        return (self.part.__doc__ or "").strip()

    @property
    def profile(self) -> type[Profile]:
        """The rules that it reads requests by."""
        return self.part if issubclass(self.part, Profile) else self.base

    @property
    def application(self) -> type[Witness]:
        """What answers its requests."""
        return self.part if issubclass(self.part, Witness) else Witness

    @property
    def server(self) -> type[HTTPServer]:
        """The server that its connections are made by."""
        part = self.part
        for held, holder, name in _HOLDERS:
            if issubclass(part, held):
                part = type(part.__name__, (holder,), {name: part})
        return part if issubclass(part, HTTPServer) else HTTPServer
