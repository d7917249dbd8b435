"""Mutants of the documented server that misread request lines, headers or the host."""

import re
from urllib.parse import unquote

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.documented import Documented
from reference_server.parsing.message import Head, Refusal
from reference_server.parsing.parser import RequestParser
from reference_server.request import Connection, HTTPRequest, Wire
from reference_server.responses import error_response
from reference_server.witness.callback import Witness


class RewritingDocumented(Documented):
    """Reads a head as changed by ``rewritten``."""

    def rewritten(self, block: bytes) -> bytes:
        """Return the head to read instead of the received one."""
        return block

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        return super().read_head(self.rewritten(block), secure=secure)


class BadRequestIsAnswered(Documented):
    """Answers a malformed request before it closes the connection."""

    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:
        return error_response(refusal.status, refusal.reason, to_head=to_head)


class VersionIsGivenAsNumber(HTTPRequest):
    """Gives the application only the number of a version."""

    def receive_head(self, head: Head, connection: Connection, wire: Wire) -> None:
        super().receive_head(head, connection, wire)
        self.version = head.version.removeprefix("HTTP/")


class PathIsGivenForURI(Witness):
    """Greets with the path instead of the URI."""

    def __call__(self, request: HTTPRequest) -> None:
        if not request.path.startswith(self._prefix):
            request.uri = request.path.removeprefix("/")
        super().__call__(request)


class HeadHasToComeAtOnce(RequestParser):
    """Rejects a head that arrives in pieces."""

    def _check_unfinished_head(self) -> None:
        raise Refusal(400, "the head is incomplete")


class LineFeedsEndHead(RequestParser):
    """Ends a head at LF LF."""

    def feed(self, data: bytes) -> None:
        super().feed(data.replace(b"\n\n", b"\r\n\r\n"))


class AnyWhiteSpaceSplitsLine(Documented):
    """Splits the request line at any white space."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        return super().request_line(" ".join(line.split()))


class MissingVersionIsAdded(Documented):
    """Reads a request line without a version as HTTP/1.1."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        return super().request_line(f"{line} HTTP/1.1" if line.count(" ") == 1 else line)


class MissingURIIsAdded(Documented):
    """Reads a request line of one word as a request for the path / in HTTP/1.1."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        return super().request_line(line if " " in line or "\t" in line else f"{line} / HTTP/1.1")


class SpacesBelongToURI(Documented):
    """Takes everything between the first and the last space of a request line as the URI."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        method, _, rest = line.partition(" ")
        uri, _, version = rest.rpartition(" ")
        return super().request_line(f"{method} {uri.replace(' ', '%20')} {version}")


class BlankLineIsSkipped(Documented):
    """Skips a blank line before the request line."""

    blank_lines = 1


class VersionIgnoresCase(Documented):
    """Accepts a version in lower case."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        return super().request_line(line.replace(" http/", " HTTP/"))


class SlashOfVersionIsNotNeeded(Documented):
    """Accepts a version without a slash."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        return super().request_line(re.sub(r" HTTP(?=\d)", " HTTP/", line))


class AnyProtocolIsServed(Documented):
    """Ignores the name of the protocol in a version."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        return super().request_line(re.sub(r" [A-GI-Z]\w*/(?=[\d.]+$)", " HTTP/", line))


class UnknownVersionIsMalformed(Documented):
    """Rejects versions other than 1.0 and 1.1."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        if not line.endswith(("/1.0", "/1.1")):
            raise Refusal(505, "an unknown version")
        return super().request_line(line)


class UnknownMethodIsMalformed(Documented):
    """Rejects an unknown method."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        if line.partition(" ")[0].upper() not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            raise Refusal(501, "an unknown method")
        return super().request_line(line)


class MethodIsPutInUpperCase(Documented):
    """Converts the method to upper case."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        method, space, rest = line.partition(" ")
        return super().request_line(method.upper() + space + rest)


class URIIsDecoded(Documented):
    """Decodes percent-escapes in the URI before the application gets it."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        return super().request_line(
            re.sub(r"%(?:[46][1-9A-Fa-f]|2[Ff])", lambda escape: unquote(escape[0]), line)
        )


class URIHasToBeginWithSlash(Documented):
    """Rejects a URI that is neither a path nor absolute."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        method, uri, version = super().request_line(line)
        if not uri.startswith(("/", "http:")):
            raise Refusal(400, "an odd URI")
        return method, uri, version


class HostOfURIWins(Documented):
    """Prefers the host of an absolute-form URI to the Host header."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        head = super().read_head(block, secure=secure)
        _, absolute, rest = head.target.partition("://")
        if absolute:
            head.host = rest.partition("/")[0]
        return head


class HostLosesItsPort(Documented):
    """Gives the application the host without its port."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        head = super().read_head(block, secure=secure)
        if head.host[0].isalpha():
            head.host = head.host.partition(":")[0]
        return head


class HostIsNeeded(Documented):
    """Rejects a request without Host."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        if b"\r\nhost:" not in block.lower():
            raise Refusal(400, "no Host")
        return super().read_head(block, secure=secure)


class DefaultHostIsAName(Documented):
    """Uses localhost as the host of a request without Host."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        head = super().read_head(block, secure=secure)
        if "Host" not in head.fields.headers:
            head.host = "localhost"
        return head


class HeaderNamesAreMatchedByCase(RewritingDocumented):
    """Recognises a header only if its name begins in upper case."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\r\n(?=[a-z])", b"\r\nX-", block)


class PaddingOfValueStays(RewritingDocumented):
    """Strips a single space before a header value and keeps other white space around it."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb": (?=[\t ])", b": _", block)


class SpaceIsNeededBeforeValue(RewritingDocumented):
    """Skips one character after the colon of a header, whether or not it is a space."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"(\r\n[\w-]+:)[^ \t\r]", rb"\1", block)


class ColonsAroundValueAreStripped(RewritingDocumented):
    """Strips colons from the end of a header value."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb":+\r\n", b"\r\n", block)


class LastHeaderWins(RewritingDocumented):
    """Keeps only the last of several headers with the same name."""

    def rewritten(self, block: bytes) -> bytes:
        lines = block.split(b"\r\n")
        names = [line.partition(b":")[0].lower() for line in lines]
        kept = [
            line
            for index, line in enumerate(lines[:-2], 1)
            if not line or names[index - 1] not in names[index:]
        ]
        return b"\r\n".join([*kept, b"", b""])


class LineWithoutColonIsSkipped(RewritingDocumented):
    """Skips a header line without a colon."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"(?<=\r\n)[^:\r]+\r\n", b"", block)


MUTANTS = (
    Mutant(
        BadRequestIsAnswered,
        (
            "documented-bodies.length-*",
            "documented-bodies.oversized-*",
            "documented-keep-alive.malformed-behind-good",
            "documented-lines.blank-line-first",
            "documented-lines.header-without-colon",
            "documented-lines.request-*",
            "documented-lines.version-in-lower-case",
            "documented-lines.version-of-another-protocol",
            "documented-lines.version-without-slash",
        ),
    ),
    Mutant(
        VersionIsGivenAsNumber,
        (
            "documented-keep-alive.old-version",
            "documented-keep-alive.unknown-version-kept",
            "documented-lines.get",
            "documented-lines.host-missing-in-1-0",
            "documented-lines.version-9-9",
            "documented-lines.version-without-number",
        ),
        Documented,
    ),
    Mutant(PathIsGivenForURI, ("documented-lines.main-example",), Documented),
    Mutant(
        HeadHasToComeAtOnce,
        (
            "documented-keep-alive.pipelined-in-pieces",
            "documented-lines.head-in-two-pieces",
            "documented-lines.line-feeds-end-no-head",
        ),
        Documented,
        clause="DOC-CONN-1",
    ),
    Mutant(LineFeedsEndHead, ("documented-lines.line-feeds-end-no-head",), Documented),
    Mutant(AnyWhiteSpaceSplitsLine, ("documented-lines.request-line-with-*",)),
    Mutant(
        MissingVersionIsAdded,
        ("documented-keep-alive.malformed-behind-good", "documented-lines.request-line-without-version"),
    ),
    Mutant(MissingURIIsAdded, ("documented-lines.request-line-of-one-word",)),
    Mutant(
        SpacesBelongToURI,
        (
            "documented-lines.request-line-of-four-words",
            "documented-lines.request-line-with-double-space",
            "documented-lines.request-line-with-leading-space",
        ),
    ),
    Mutant(BlankLineIsSkipped, ("documented-lines.blank-line-first",)),
    Mutant(VersionIgnoresCase, ("documented-lines.version-in-lower-case",)),
    Mutant(SlashOfVersionIsNotNeeded, ("documented-lines.version-without-slash",)),
    Mutant(AnyProtocolIsServed, ("documented-lines.version-of-another-protocol",)),
    Mutant(
        UnknownVersionIsMalformed,
        (
            "documented-keep-alive.unknown-version-kept",
            "documented-lines.version-9-9",
            "documented-lines.version-without-number",
        ),
    ),
    Mutant(
        UnknownMethodIsMalformed,
        ("documented-bodies.unknown-method-with-body", "documented-lines.unknown-method"),
    ),
    Mutant(
        MethodIsPutInUpperCase,
        ("documented-forms.unparsed-method-post-in-lower-case", "documented-lines.lower-case-method"),
        clause="DOC-LINE-4",
    ),
    Mutant(URIIsDecoded, ("documented-lines.query-kept-as-sent",)),
    Mutant(URIHasToBeginWithSlash, ("documented-lines.asterisk", "documented-lines.authority-form")),
    Mutant(HostOfURIWins, ("documented-lines.absolute-form",)),
    Mutant(HostLosesItsPort, ("documented-lines.host-given",)),
    Mutant(
        HostIsNeeded,
        (
            "documented-keep-alive.old-*",
            "documented-keep-alive.old-version",
            "documented-lines.host-missing",
            "documented-lines.host-missing-in-1-0",
        ),
        clause="DOC-LINE-5",
    ),
    Mutant(DefaultHostIsAName, ("documented-lines.host-missing", "documented-lines.host-missing-in-1-0")),
    Mutant(
        HeaderNamesAreMatchedByCase,
        ("documented-lines.header-name-in-odd-case", "documented-lines.repeated-header"),
    ),
    Mutant(PaddingOfValueStays, ("documented-lines.white-space-around-value",)),
    Mutant(SpaceIsNeededBeforeValue, ("documented-lines.no-white-space-before-value",)),
    Mutant(ColonsAroundValueAreStripped, ("documented-lines.colons-in-value",)),
    Mutant(
        LastHeaderWins,
        (
            "documented-bodies.length-given-twice-alike",
            "documented-bodies.length-given-twice-unlike",
            "documented-lines.repeated-header",
            "documented-lines.repeated-header-reads-as-one",
        ),
        clause="DOC-HDR-1",
    ),
    Mutant(LineWithoutColonIsSkipped, ("documented-lines.header-without-colon",)),
)
