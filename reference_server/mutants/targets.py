"""Mutants that misread request-targets: their characters, their forms, and what an absolute one names."""

import re
from dataclasses import replace
from urllib.parse import unquote

from reference_server.connection import HTTPConnection
from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.grammar import STRICT
from reference_server.parsing.http11 import HTTP11, RequestLine
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.request import HTTPRequest


class TargetUnchecked(HTTP11):
    """A path and a query may hold any octet but white space and line ends."""

    grammar = replace(STRICT, origin_form=rb"/[^ \r\n]*+")


class TargetCutAtNUL(RewritingHTTP11):
    """A target ends at a NUL, as a string of C does."""

    def rewritten(self, block: bytes) -> bytes:
        """Cut it there."""
        return re.sub(rb"\A([A-Z]+ [^ \r\n\x00]*)\x00[^ \r\n]*", rb"\1", block)


class RelativeTargetAccepted(RewritingHTTP11):
    """A target that begins with no slash gets one."""

    def rewritten(self, block: bytes) -> bytes:
        """Put it there."""
        return re.sub(rb"\A([A-Z]+) (?!/|\*|[a-z]+://|[0-9.]+:[0-9]+ )\\?", rb"\1 /", block)


class AsteriskWithGetServed(RewritingHTTP11):
    """The target * is taken for the path /."""

    def rewritten(self, block: bytes) -> bytes:
        """Write the path in its place."""
        return block.replace(b"GET * ", b"GET / ", 1)


class AuthorityWithGetServed(RewritingHTTP11):
    """A target of a host and a port is taken for the path /."""

    def rewritten(self, block: bytes) -> bytes:
        """Write the path in its place."""
        return re.sub(rb"\AGET [0-9.]+:[0-9]+ ", b"GET / ", block)


class AbsoluteFormRefused(HTTP11):
    """A target in absolute-form is refused, as if only proxies had to know it."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        """Refuse it."""
        if target.startswith((b"http://", b"https://")):
            raise Refusal(400, "this is no proxy")
        return super().request_target(method, target)


class AbsoluteFormTakenForPath(HTTP11):
    """A target in absolute-form is taken for a path."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        """Put a slash before it."""
        target = b"/" + line.target if line.scheme else line.target
        return super().understand(
            line._replace(target=target, scheme=b"", authority=b""), fields, secure=secure
        )


class QueryOfAbsoluteFormDropped(HTTP11):
    """The query of an absolute-form target is left out."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        """Cut it off."""
        target = line.target.partition(b"?")[0] if line.scheme else line.target
        return super().understand(line._replace(target=target), fields, secure=secure)


class AbsoluteFormWithoutPathRefused(HTTP11):
    """An absolute-form target without a path is refused."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        """Ask for one more slash."""
        if re.fullmatch(rb"http://[^/]*", target):
            raise Refusal(400, "the target has no path")
        return super().request_target(method, target)


class HostBeforeTarget(HTTP11):
    """Of two names, that of Host counts, not that of the target."""

    def host(self, version: str, authority: bytes, fields: Fields) -> str:  # noqa: ARG002
        """Ask Host first."""
        return super().host(version, b"", fields)


class UserInTargetAccepted(HTTP11):
    """A user name in a target is skipped."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        """Leave it out."""
        return super().request_target(method, re.sub(rb"\A(https?://)[^/]*@", rb"\1", target))


class AuthorityOfTargetUnchecked(HTTP11):
    """What stands where the authority of a target belongs is not looked at."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        """Put a good one in its place."""
        odd = re.match(rb"https?://(?!/)[^/@]*?(\[::1(?!\])|\[::g|:port|:80:|%zz)", target)
        return super().request_target(method, b"http://a.example/" if odd else target)


class EmptyAuthorityAccepted(HTTP11):
    """A target may have an empty authority."""

    def request_target(self, method: bytes, target: bytes) -> tuple[bytes, bytes]:
        """Put a good one in its place."""
        if re.match(rb"https?:///", target):
            return b"", b""
        return super().request_target(method, target)


class HttpsTargetInClearServed(HTTP11):
    """A target of https is served over plain TCP."""

    def check_scheme(self, scheme: bytes, *, secure: bool) -> None:
        """Believe it."""
        super().check_scheme(scheme, secure=secure or scheme == b"https")


class TargetDecoded(HTTPRequest):
    """The application is given the request-target with its percent-encoding decoded."""

    def __init__(self, head: Head, connection: HTTPConnection) -> None:
        super().__init__(head, connection)
        self.uri = unquote(head.target, "latin-1")


class SlashesFirstMalformed(HTTP11):
    """A path that begins with two slashes is refused, as if it named a host."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        """Refuse it."""
        if line.target.startswith(b"//"):
            raise Refusal(400, "the target names a host")
        return super().understand(line, fields, secure=secure)


class ContentLocationFollowed(HTTP11):
    """Content-Location in a request takes the place of its target."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        """Go where the content came from."""
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
    Mutant(TargetUnchecked, ("request-line.nul-in-target", "request-line.target-character-*")),
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
