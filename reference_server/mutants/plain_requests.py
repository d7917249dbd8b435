"""Mutants that fail at plain requests, the ones that other scenarios have as their controls."""

from reference_server.httputil import HTTPHeaders
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import CONNECTION, HTTP11
from reference_server.parsing.message import Fields, Refusal
from reference_server.request import HTTPRequest
from reference_server.responses import respond
from reference_server.witness.callback import Witness


class Refusing(Witness):
    """Refuses the requests that ``refuses`` tells, as an application might."""

    status = 403

    def refuses(self, request: HTTPRequest) -> bool:
        """Return whether a request is refused."""
        return False

    def __call__(self, request: HTTPRequest) -> None:
        if self.refuses(request):
            respond(request, self.status, b"refused; HTTP/1.1 is spoken here\n")
        else:
            super().__call__(request)


class PostIsForbidden(Refusing):
    """Answers 403 to POST."""

    def refuses(self, request: HTTPRequest) -> bool:
        return request.method == "POST"


class HTTP10IsNotSupported(Refusing):
    """Answers 505 to HTTP/1.0."""

    status = 505

    def refuses(self, request: HTTPRequest) -> bool:
        return request.version == "HTTP/1.0"


class PostInHTTP10IsForbidden(Refusing):
    """Answers 403 to an HTTP/1.0 POST."""

    def refuses(self, request: HTTPRequest) -> bool:
        return request.method == "POST" and request.version == "HTTP/1.0"


class RequestsOverTLSAreForbidden(Refusing):
    """Answers 403 to all requests over TLS."""

    def refuses(self, request: HTTPRequest) -> bool:
        return request.protocol == "https"


class DocumentedRequestsAreForbidden(Refusing):
    """The documented server answers 403 to all requests in clear."""

    def refuses(self, request: HTTPRequest) -> bool:
        return request.protocol == "http"


class DocumentedPostIsForbidden(PostIsForbidden):
    """The documented server answers 403 to POST."""


class DocumentedRequestsOverTLSAreForbidden(RequestsOverTLSAreForbidden):
    """The documented server answers 403 to all requests over TLS."""


class QueryIsNotGiven(Witness):
    """Gives the application a target without its query."""

    def __call__(self, request: HTTPRequest) -> None:
        request.uri = request.uri.partition("?")[0]
        super().__call__(request)


class UnknownFieldsAreNotGiven(Witness):
    """Gives the application no field whose name begins with X-."""

    def __call__(self, request: HTTPRequest) -> None:
        for name in list(request.headers):
            if name.startswith("X-"):
                del request.headers[name]
        super().__call__(request)


class TrailersAreServerErrors(HTTP11):
    """Answers 500 to a chunked body with a trailer section."""

    def read_trailers(self, block: bytes) -> HTTPHeaders:
        if block:
            raise Refusal(500, "trailers are not implemented")
        return super().read_trailers(block)


class EmptyMemberEndsList(HTTP11):
    """Reads the options of Connection up to the first empty member of the list."""

    def persists(self, version: str, fields: Fields) -> bool:
        members = [member.strip(b" \t") for member in b",".join(fields.values(CONNECTION)).split(b",")]
        read = members[: members.index(b"")] if b"" in members else members
        return super().persists(version, fields) or (version == "HTTP/1.1" and b"close" not in read)


MUTANTS = (
    Mutant(PostIsForbidden, ("basics.post-answered",)),
    Mutant(HTTP10IsNotSupported, ("http10.get-answered",)),
    Mutant(PostInHTTP10IsForbidden, ("http10.post-answered",)),
    Mutant(RequestsOverTLSAreForbidden, ("tls.get-answered",)),
    Mutant(QueryIsNotGiven, ("basics.target-as-understood",)),
    Mutant(UnknownFieldsAreNotGiven, ("basics.field-as-understood",)),
    Mutant(TrailersAreServerErrors, ("chunked.body-before-trailers", "chunked.trailers-answered")),
    Mutant(EmptyMemberEndsList, ("fields.empty-list-members-*",)),
    Mutant(DocumentedRequestsAreForbidden, ("documented-lines.get-answered",), Documented),
    Mutant(DocumentedPostIsForbidden, ("documented-bodies.post-answered",), Documented),
    Mutant(DocumentedRequestsOverTLSAreForbidden, ("documented-tls.get-answered",), Documented),
)
