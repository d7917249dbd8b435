"""Mutants that answer HTTP/1.0 as if it was HTTP/1.1, or the other way round."""

from reference_server.connection import HTTPConnection
from reference_server.mutants.altering import AlteringConnection, with_line
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.http11 import HOST, HTTP11
from reference_server.parsing.message import Fields, Refusal
from reference_server.request import HTTPRequest
from reference_server.witness.callback import Witness
from reference_server.witness.core import PREFIX


class AnsweredInVersionOfRequest(AlteringConnection):
    """A request of HTTP/1.0 is answered in HTTP/1.0."""

    def altered(self, response: bytes) -> bytes:
        """Say what the client said."""
        version = self.request.version if self.request is not None else "HTTP/1.1"
        return version.encode("ascii") + response[len(version) :]


class AnsweredInHTTP10(AlteringConnection):
    """A request of HTTP/1.1 is answered in HTTP/1.0, and with Connection: keep-alive."""

    def altered(self, response: bytes) -> bytes:
        """Say less than can be done."""
        if self.request is None or self.request.version != "HTTP/1.1":
            return response
        return with_line(response.replace(b"HTTP/1.1", b"HTTP/1.0", 1), b"Connection: keep-alive")


class ChunksSentToHTTP10(Witness):
    """Content of unknown length is chunked for HTTP/1.0, too."""

    def __call__(self, request: HTTPRequest) -> None:
        """Overlook the version."""
        if request.path.startswith(f"{PREFIX}/stream"):
            request.version = "HTTP/1.1"
        super().__call__(request)


class KeptAliveWithoutLength(HTTPConnection):
    """A connection of HTTP/1.0 is kept open as asked for, behind a response that only its close ends."""

    def finish(self) -> None:
        """Look at the request alone."""
        request = self.request
        if request is not None and request.version == "HTTP/1.0":
            request.persistent = request.headers.get("Connection") == "keep-alive"
        super().finish()


class HTTP10WithoutHostIsServerError(HTTP11):
    """A request of HTTP/1.0 without Host is an error of the server's."""

    def host(self, version: str, authority: bytes, fields: Fields) -> str:
        """Fail without one."""
        if version == "HTTP/1.0" and not fields.values(HOST):
            raise Refusal(500, "there is no such field")
        return super().host(version, authority, fields)


MUTANTS = (
    Mutant(
        AnsweredInVersionOfRequest,
        ("http10.version-of-the-answer", "invariant.version", "request-line.minor-version-of-the-answer"),
    ),
    Mutant(AnsweredInHTTP10, ("basics.version-of-the-answer",)),
    Mutant(ChunksSentToHTTP10, ("http10.no-chunked-answer",)),
    Mutant(KeptAliveWithoutLength, ("http10.keep-alive-and-unknown-length",)),
    Mutant(HTTP10WithoutHostIsServerError, ("http10.without-host",)),
)
