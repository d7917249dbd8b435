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


class PlainGetIsForbidden(Refusing):
    """Answers 403 to a GET of the witness without any field but Host."""

    protocol = "http"

    def refuses(self, request: HTTPRequest) -> bool:
        is_plain = request.method == "GET" and len(request.headers) == 1
        return is_plain and request.protocol == self.protocol and request.path.startswith(self._prefix)


class PlainGetOverTLSIsForbidden(PlainGetIsForbidden):
    """Answers 403 over TLS to a GET of the witness without any field but Host."""

    protocol = "https"


class DocumentedPlainGetIsForbidden(PlainGetIsForbidden):
    """The documented server answers 403 to a GET of the witness without any field but Host."""


class DocumentedPlainGetOverTLSIsForbidden(PlainGetOverTLSIsForbidden):
    """The documented server answers 403 over TLS to a GET of the witness without any field but Host."""


class DocumentedPostIsForbidden(PostIsForbidden):
    """The documented server answers 403 to POST."""


class ShortQueryIsNotGiven(Witness):
    """Gives the application a target without its query if that has only three characters."""

    def __call__(self, request: HTTPRequest) -> None:
        if len(request.query) == 3:
            request.uri = request.path
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
        members = [
            member.strip(b" \t").lower() for member in b",".join(fields.values(CONNECTION)).split(b",")
        ]
        read = members[: members.index(b"")] if b"" in members else members
        return super().persists(version, fields) or (version == "HTTP/1.1" and b"close" not in read)


MUTANTS = (
    Mutant(PlainGetIsForbidden, ("basics.get",)),
    Mutant(
        PostIsForbidden,
        (
            "basics.post",
            "basics.post-answered",
            "http10.post-answered",
            "persistence.half-close-behind-two",
            "persistence.nothing-left-over",
            "pipelining.body-like-a-request",
            "pipelining.get-after-post",
            "pipelining.hundred-mixed",
            "pipelining.large-bodies",
            "pipelining.octet-*",
            "pipelining.slow-between",
            "tls.large-body",
            "tls.pipelining",
            "tls.records-of-one-octet",
            "tls.request-in-two-records",
        ),
        clause="RFC9110-9.1-2",
    ),
    Mutant(
        HTTP10IsNotSupported,
        ("http10.get", "http10.get-answered", "tls.clean-close-in-http10"),
        clause="RFC9110-6.2-4",
    ),
    Mutant(PostInHTTP10IsForbidden, ("http10.post-answered",)),
    Mutant(PlainGetOverTLSIsForbidden, ("tls.absolute-form", "tls.client-certificate", "tls.get-answered")),
    Mutant(
        ShortQueryIsNotGiven,
        (
            "basics.head-then-get",
            "basics.stream",
            "basics.target-as-understood",
            "beside.late-answer",
            "beside.slow-reader",
            "beside.stalled-*",
            "chunked.framing-*",
            "chunked.trailer-that-*",
            "fragmentation.body-before-the-last-octet",
            "fragmentation.body-behind-the-head",
            "fragmentation.body-in-a-character",
            "fragmentation.chunk-extension",
            "fragmentation.chunked-*",
            "fragmentation.head-*",
            "fragmentation.line-by-line",
            "fragmentation.octet-by-octet",
            "fragmentation.reset-*",
            "fragmentation.trailers-*",
            "methods.content-location",
            "methods.trace",
            "methods.unknown",
            "methods.unknown-*",
            "persistence.garbage-after-close",
            "persistence.half-close",
            "persistence.second-request",
            "pipelining.get-after-chunked-post",
            "pipelining.two",
            "request-line.empty-line-first",
            "request-line.lines-first-two",
            "tls.close-notify-first",
            "tls.cut-*",
            "tls.get",
            "tls.half-close",
            "tls.no-server-name",
            "tls.offered-*",
            "tls.pipelining",
            "tls.records-of-one-octet",
            "tls.requests-across-records",
            "tls.several-requests-in-a-record",
            "tls.stalled-*",
            "http10.keep-alive-pipelined",
            "tls.unknown-server-name",
            "unread.end-of-a-large-body",
            "unread.ignored-chunked-body",
            "unread.ignored-trailers",
            "upgrade.http10-*",
            "upgrade.request-behind-the-body-*",
        ),
        clause="RFC9112-3.3-p1",
    ),
    Mutant(
        UnknownFieldsAreNotGiven,
        (
            "basics.field-as-understood",
            "basics.get-as-understood",
            "chunked.trailer-of-a-header",
            "fragmentation.head-*",
            "fragmentation.octet-by-octet",
        ),
        clause="RFC9112-5-p1",
    ),
    Mutant(
        TrailersAreServerErrors,
        (
            "chunked.body-before-trailers",
            "chunked.trailer-that-*",
            "chunked.trailers-answered",
            "chunked.trailers-before-a-get",
            "fragmentation.every-offset-in-the-chunks",
        ),
        clause="RFC9112-7.1-2",
    ),
    Mutant(
        EmptyMemberEndsList,
        (
            "fields.empty-list-members-between",
            "fields.empty-list-members-first",
            "fields.empty-list-members-with-tabs",
            "persistence.close-option-among-empty-members",
        ),
    ),
    Mutant(DocumentedPlainGetIsForbidden, ("documented-lines.get-answered",), Documented),
    Mutant(
        DocumentedPostIsForbidden,
        (
            "documented-bodies.post",
            "documented-bodies.post-answered",
            "documented-keep-alive.nothing-left-over",
            "documented-keep-alive.old-version-post",
            "documented-keep-alive.old-version-without-length-post",
            "documented-keep-alive.pipelined-behind-body",
            "documented-tls.in-pieces",
            "documented-tls.large-request",
        ),
        Documented,
    ),
    Mutant(DocumentedPlainGetOverTLSIsForbidden, ("documented-tls.get-answered",), Documented),
)
