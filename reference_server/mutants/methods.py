"""Mutants that treat methods wrongly: HEAD, OPTIONS, TRACE and CONNECT, and which may have a body."""

from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.http11 import HTTP11, RequestLine
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.request import HTTPRequest
from reference_server.responses import PLAIN_TEXT, connection_fields, render_head, respond
from reference_server.witness.callback import Witness


class BodyOnlyWithPOSTAndPUT(HTTP11):
    """Reads a body only with POST and PUT; that of another method is taken as a request."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        head = super().understand(line, fields, secure=secure)
        if head.method not in {"POST", "PUT"}:
            head.body_length = 0
        return head


class HeadAnsweredWithContent(Witness):
    """Sends content in response to HEAD, as to GET."""

    def __call__(self, request: HTTPRequest) -> None:
        if request.method == "HEAD":
            request.method = "GET"
        super().__call__(request)


class HeadAnsweredWithLengthZero(Witness):
    """Answers HEAD with Content-Length: 0."""

    def __call__(self, request: HTTPRequest) -> None:
        if request.method != "HEAD":
            super().__call__(request)
        else:
            fields = [("Content-Type", PLAIN_TEXT), ("Content-Length", "0"), *connection_fields(request)]
            request.write(render_head(200, fields))
            request.finish()


class LargeContentSentToHead(Witness):
    """Sends content in response to HEAD if it is large or of unknown length."""

    def __call__(self, request: HTTPRequest) -> None:
        if request.method == "HEAD" and request.path.endswith(("/size/1048576", "/stream")):
            request.method = "GET"
        super().__call__(request)


class NotModifiedHasLengthZero(Witness):
    """Sends Content-Length: 0 with a 304."""

    def __call__(self, request: HTTPRequest) -> None:
        if request.headers.get("If-None-Match") is None:
            super().__call__(request)
        else:
            request.write(render_head(304, [("Content-Length", "0"), *connection_fields(request)]))
            request.finish()


class OptionsAnsweredWithoutAllow(Witness):
    """Answers OPTIONS with a text and without Allow."""

    def __call__(self, request: HTTPRequest) -> None:
        if request.method == "OPTIONS":
            respond(request, 200, b"hello\n")
        else:
            super().__call__(request)


class OptionsAsteriskMalformed(HTTP11):
    """Rejects OPTIONS for the server as a whole."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        if line.method == b"OPTIONS" and b"/" not in line.target.replace(b"://", b""):
            raise Refusal(400, "the target has no path")
        return super().understand(line, fields, secure=secure)


class TraceAnsweredWithText(Witness):
    """Answers TRACE with a text."""

    def __call__(self, request: HTTPRequest) -> None:
        if request.method == "TRACE":
            respond(request, 200, b"hello\n")
        else:
            super().__call__(request)


class TraceReflectsCredentials(Witness):
    """Answers TRACE with the whole request, credentials included."""

    def __call__(self, request: HTTPRequest) -> None:
        if request.method != "TRACE":
            super().__call__(request)
            return
        lines = [f"TRACE {request.uri} {request.version}"]
        lines += [f"{name}: {value}" for name, value in request.headers.get_all()]
        respond(request, 200, "\r\n".join(lines).encode("latin-1"), content_type="message/http")


class MethodNotAllowedWithoutAllow(Witness):
    """Answers PUT, PATCH and DELETE with 405 and without Allow."""

    def __call__(self, request: HTTPRequest) -> None:
        if request.method in {"PUT", "PATCH", "DELETE"}:
            respond(request, 405, b"not allowed\n")
        else:
            super().__call__(request)


class ConnectTakenForGet(RewritingHTTP11):
    """Takes CONNECT as GET of the path /, whatever its target."""

    def rewritten(self, block: bytes) -> bytes:
        return b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" if block.startswith(b"CONNECT ") else block


class MaxForwardsOfZeroRefused(HTTP11):
    """Rejects any request with Max-Forwards: 0."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        if fields.values(b"\r\nmax-forwards:") == [b"0"]:
            raise Refusal(400, "this request must not be forwarded")
        return super().understand(line, fields, secure=secure)


MUTANTS = (
    Mutant(
        NotModifiedHasLengthZero,
        ("basics.length-*",),
    ),
    Mutant(
        LargeContentSentToHead,
        ("methods.head-of-a-*",),
    ),
    Mutant(
        TraceReflectsCredentials,
        ("methods.trace-of-credentials",),
    ),
    Mutant(
        BodyOnlyWithPOSTAndPUT,
        (
            "basics.get-with-body",
            "content-length.on-*",
            "expect.held-*",
            "framing.body-on-delete",
            "framing.chunked-body-*",
            "http10.body-like-a-request",
            "methods.body-*",
            "methods.head-with-body",
            "methods.post-in-mixed-case",
            "unread.*-on-delete",
            "unread.*-on-get",
            "unread.*-on-head",
            "unread.*-on-options",
            "unread.*-on-query",
            "unread.*-on-trace",
            "unread.*-unknown-method",
            "unread.body-on-options-*",
        ),
    ),
    Mutant(
        HeadAnsweredWithContent,
        (
            "basics.head",
            "basics.head-then-get",
            "content-length.on-head",
            "framing.chunked-body-on-head",
            "http10.head",
            "methods.head-fields-*",
            "pipelining.get-after-head",
            "pipelining.hundred-mixed",
        ),
        clause="RFC9110-9.3.2-1",
    ),
    Mutant(
        HeadAnsweredWithLengthZero,
        (
            "methods.head-fields-of-what-is-static",
            "methods.head-length",
            "methods.head-of-an-error",
            "pipelining.hundred-mixed",
        ),
    ),
    Mutant(
        OptionsAnsweredWithoutAllow,
        ("methods.body-like-a-request-options", "methods.options"),
        clause="RFC9110-9.3.7-1",
    ),
    Mutant(
        OptionsAsteriskMalformed,
        (
            "methods.options-absolute-form-without-path",
            "methods.options-asterisk",
        ),
    ),
    Mutant(
        TraceAnsweredWithText,
        ("methods.body-like-a-request-trace", "methods.trace"),
        clause="RFC9110-10.2.1-1",
    ),
    Mutant(MethodNotAllowedWithoutAllow, ("invariant.allow", "methods.refused-*")),
    Mutant(
        ConnectTakenForGet,
        (
            "methods.connect",
            "methods.connect-form-*",
            "methods.connect-port-*",
        ),
    ),
    Mutant(MaxForwardsOfZeroRefused, ("methods.max-forwards",)),
)
