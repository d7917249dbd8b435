"""Mutants that misread request-targets: their characters, their forms, and the authority they name."""

import re
from dataclasses import replace
from urllib.parse import unquote

from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.grammar import STRICT
from reference_server.parsing.http11 import HTTP11, RequestLine
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.request import Connection, HTTPRequest, Wire


class TargetUnchecked(HTTP11):
    """Accepts any bytes in a path and a query but white space and line ends."""

    grammar = replace(STRICT, origin_form=rb"/[^ \r\n]*+")


class TargetCutAtNUL(RewritingHTTP11):
    """Ends a request-target at a NUL, like a string in C."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\A([A-Z]+ [^ \r\n\x00]*)\x00[^ \r\n]*", rb"\1", block)


class RelativeTargetAccepted(RewritingHTTP11):
    """Adds a slash to a request-target that does not begin with one."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\A([A-Z]+) (?!/|\*|[a-z]+://|[0-9.]+:[0-9]+ )\\?", rb"\1 /", block)


class AsteriskWithGetServed(RewritingHTTP11):
    """Takes the target * of a GET as the path /."""

    def rewritten(self, block: bytes) -> bytes:
        return block.replace(b"GET * ", b"GET / ", 1)


class AuthorityWithGetServed(RewritingHTTP11):
    """Takes an authority as the target of a GET as the path /."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\AGET [0-9.]+:[0-9]+ ", b"GET / ", block)


class AbsoluteFormRefused(HTTP11):
    """Rejects a target in absolute-form, as if only proxies had to accept it."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        if target.startswith((b"http://", b"https://")):
            raise Refusal(400, "this is not a proxy")
        return super().request_target(method, target)


class AbsoluteFormTakenForPath(HTTP11):
    """Takes a target in absolute-form as a path."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        target = b"/" + line.target if line.scheme else line.target
        return super().understand(
            line._replace(target=target, scheme=b"", authority=b""), fields, secure=secure
        )


class QueryOfAbsoluteFormDropped(HTTP11):
    """Drops the query of a target in absolute-form."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        target = line.target.partition(b"?")[0] if line.scheme else line.target
        return super().understand(line._replace(target=target), fields, secure=secure)


class AbsoluteFormWithoutPathRefused(HTTP11):
    """Rejects a target in absolute-form without a path."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        if re.fullmatch(rb"http://[^/]*", target):
            raise Refusal(400, "the target has no path")
        return super().request_target(method, target)


class HostBeforeTarget(HTTP11):
    """Prefers Host to the authority of the target."""

    def host(self, version: str, authority: bytes, fields: Fields) -> str:
        return super().host(version, b"", fields)


class UserInTargetAccepted(HTTP11):
    """Ignores user information in a target."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        return super().request_target(method, re.sub(rb"\A(https?://)[^/]*@", rb"\1", target))


class AuthorityOfTargetUnchecked(HTTP11):
    """Accepts a malformed authority in a target."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        odd = re.match(rb"https?://(?!/)[^/@]*?(\[::1(?!\])|\[::g|:port|:80:|%zz)", target)
        return super().request_target(method, b"http://a.example/" if odd else target)


class EmptyAuthorityAccepted(HTTP11):
    """Accepts an empty authority in a target."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        if re.match(rb"https?:///", target):
            return b"", b""
        return super().request_target(method, target)


class HttpsTargetInClearServed(HTTP11):
    """Serves an https target over plain TCP."""

    def check_scheme(self, scheme: bytes, *, secure: bool) -> None:
        super().check_scheme(scheme, secure=secure or scheme == b"https")


class TargetDecoded(HTTPRequest):
    """Gives the application the request-target with percent-escapes decoded."""

    def receive_head(self, head: Head, connection: Connection, wire: Wire) -> None:
        super().receive_head(head, connection, wire)
        self.uri = unquote(head.target, "latin-1")


class SlashesFirstMalformed(HTTP11):
    """Rejects a path that begins with two slashes, as if it named a host."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        if line.target.startswith(b"//"):
            raise Refusal(400, "the target names a host")
        return super().understand(line, fields, secure=secure)


class ContentLocationFollowed(HTTP11):
    """Uses Content-Location instead of the request-target."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        head = super().understand(line, fields, secure=secure)
        for place in fields.values(b"\r\ncontent-location:"):
            head.target = place.decode("latin-1")
        return head


MUTANTS = (
    Mutant(
        SlashesFirstMalformed,
        ("request-line.slashes-*",),
    ),
    Mutant(
        ContentLocationFollowed,
        ("methods.content-location",),
    ),
    Mutant(
        TargetUnchecked,
        (
            "request-line.nul-in-target",
            "request-line.query-*",
            "request-line.target-character-*",
        ),
    ),
    Mutant(
        TargetCutAtNUL,
        (
            "request-line.absolute-form-malformed-nul-in-the-port",
            "request-line.absolute-form-nul-behind-the-host",
            "request-line.absolute-form-nul-in-the-path",
            "request-line.absolute-form-nul-in-the-query",
            "request-line.nul-in-target",
        ),
    ),
    Mutant(
        RelativeTargetAccepted,
        (
            "request-line.absolute-*-case",
            "request-line.malformed-space-for-target",
            "request-line.no-*",
            "tls.absolute-form",
        ),
    ),
    Mutant(AsteriskWithGetServed, ("request-line.asterisk-form-with-get",)),
    Mutant(AuthorityWithGetServed, ("request-line.authority-form-with-get",)),
    Mutant(
        AbsoluteFormRefused,
        (
            "methods.options-absolute-form-without-path",
            "request-line.absolute-form",
            "request-line.absolute-form-without-*",
        ),
    ),
    Mutant(
        AbsoluteFormTakenForPath,
        (
            "request-line.absolute-form-as-understood",
            "request-line.ftp-target",
            "request-line.https-target",
        ),
    ),
    Mutant(QueryOfAbsoluteFormDropped, ("request-line.absolute-form-query",)),
    Mutant(
        AbsoluteFormWithoutPathRefused,
        (
            "methods.options-absolute-form-without-path",
            "request-line.absolute-form-without-*",
        ),
    ),
    Mutant(HostBeforeTarget, ("request-line.absolute-form-other-host",)),
    Mutant(UserInTargetAccepted, ("request-line.absolute-form-user-*",)),
    Mutant(
        AuthorityOfTargetUnchecked,
        (
            "request-line.absolute-form-malformed-bracket",
            "request-line.absolute-form-malformed-escape",
            "request-line.absolute-form-malformed-no-address",
            "request-line.absolute-form-malformed-port-of-letters",
            "request-line.absolute-form-malformed-two-ports",
        ),
    ),
    Mutant(
        EmptyAuthorityAccepted,
        (
            "request-line.absolute-form-empty-host",
            "request-line.https-target-without-host",
        ),
    ),
    Mutant(HttpsTargetInClearServed, ("request-line.https-target",)),
    Mutant(
        TargetDecoded,
        (
            "basics.get-as-understood",
            "request-line.absolute-form-query",
            "request-line.escaped-*",
        ),
    ),
)
