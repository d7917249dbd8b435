"""Mutants that answer HTTP/1.0 as if it were HTTP/1.1, or the other way round."""

from reference_server.connection import HTTPConnection
from reference_server.mutants.altering import AlteringConnection, with_line
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.http11 import HOST, HTTP11
from reference_server.parsing.message import Fields, Refusal
from reference_server.request import HTTPRequest
from reference_server.witness.callback import Witness
from reference_server.witness.core import PREFIX


class AnsweredInVersionOfRequest(AlteringConnection):
    """Labels the response to an HTTP/1.0 request HTTP/1.0."""

    def altered(self, response: bytes) -> bytes:
        version = self.request.version if self.request is not None else "HTTP/1.1"
        return version.encode("ascii") + response[len(version) :]


class AnsweredInHTTP10(AlteringConnection):
    """Labels the response to an HTTP/1.1 request HTTP/1.0, with Connection: keep-alive."""

    def altered(self, response: bytes) -> bytes:
        if self.request is None or self.request.version != "HTTP/1.1":
            return response
        return with_line(response.replace(b"HTTP/1.1", b"HTTP/1.0", 1), b"Connection: keep-alive")


class ChunksSentToHTTP10(Witness):
    """Sends chunked content to HTTP/1.0 clients."""

    def __call__(self, request: HTTPRequest) -> None:
        if request.path.startswith(f"{PREFIX}/stream"):
            request.version = "HTTP/1.1"
        super().__call__(request)


class KeptAliveWithoutLength(HTTPConnection):
    """Keeps an HTTP/1.0 connection open, as requested, after a response that only its close ends."""

    def finish(self) -> None:
        request = self.request
        if request is not None and request.version == "HTTP/1.0":
            request.persistent = request.headers.get("Connection") == "keep-alive"
        super().finish()


class HTTP10WithoutHostIsServerError(HTTP11):
    """Answers 500 to an HTTP/1.0 request without Host."""

    def host(self, version: str, authority: bytes, fields: Fields) -> str:
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
