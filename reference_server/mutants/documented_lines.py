"""Mutants of the documented server that misread its request lines, its headers and its host."""

import re
from urllib.parse import unquote

from reference_server.connection import HTTPConnection
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.documented import Documented
from reference_server.parsing.message import Head, Refusal
from reference_server.parsing.parser import RequestParser
from reference_server.request import HTTPRequest
from reference_server.responses import error_response
from reference_server.witness.callback import Witness


class RewritingDocumented(Documented):
    """Reads what ``rewritten`` makes of a head."""

    def rewritten(self, block: bytes) -> bytes:
        """Return the head that is read in place of the one that came."""
        return block

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Understand another head than was sent."""
        return super().read_head(self.rewritten(block), secure=secure)


class BadRequestIsAnswered(Documented):
    """A malformed request is answered, before its connection is closed."""

    def refusal_response(self, refusal: Refusal, *, to_head: bool) -> bytes:
        """Return an error response."""
        return error_response(refusal.status, refusal.reason, to_head=to_head)


class VersionIsGivenAsNumber(HTTPRequest):
    """The application is told the number of a version only."""

    def __init__(self, head: Head, connection: HTTPConnection) -> None:
        super().__init__(head, connection)
        self.version = head.version.removeprefix("HTTP/")


class PathIsGivenForURI(Witness):
    """The application greets with the path in place of the URI."""

    def __call__(self, request: HTTPRequest) -> None:
        """Leave out the slash that it begins with."""
        if not request.path.startswith(self._prefix):
            request.uri = request.path.removeprefix("/")
        super().__call__(request)


class HeadHasToComeAtOnce(RequestParser):
    """A head that comes in pieces is malformed."""

    def _check_unfinished_head(self) -> None:
        raise Refusal(400, "the head is incomplete")


class LineFeedsEndHead(RequestParser):
    """Two line feeds end a head."""

    def feed(self, data: bytes) -> None:
        """Take them for two line ends."""
        super().feed(data.replace(b"\n\n", b"\r\n\r\n"))


class AnyWhiteSpaceSplitsLine(Documented):
    """A request line is split at any white space."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Put single spaces there."""
        return super().request_line(" ".join(line.split()))


class MissingVersionIsAdded(Documented):
    """A request line without a version is taken for HTTP/1.1."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Add the version."""
        return super().request_line(f"{line} HTTP/1.1" if line.count(" ") == 1 else line)


class MissingURIIsAdded(Documented):
    """A request line of a method alone is taken for a GET of the path /."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Add the rest."""
        return super().request_line(line if " " in line or "\t" in line else f"{line} / HTTP/1.1")


class SpacesBelongToURI(Documented):
    """All that stands between the first and the last space of a request line is the URI."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Escape the spaces in between."""
        method, _, rest = line.partition(" ")
        uri, _, version = rest.rpartition(" ")
        return super().request_line(f"{method} {uri.replace(' ', '%20')} {version}")


class BlankLineIsSkipped(Documented):
    """A blank line before the request line is skipped."""

    blank_lines = 1


class VersionIgnoresCase(Documented):
    """A version may be written in lower case."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Write it in upper case."""
        return super().request_line(line.replace(" http/", " HTTP/"))


class SlashOfVersionIsNotNeeded(Documented):
    """A version need not have a slash."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Add it."""
        return super().request_line(re.sub(r" HTTP(?=\d)", " HTTP/", line))


class AnyProtocolIsServed(Documented):
    """The protocol that a version names is not looked at."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Put HTTP in its place."""
        return super().request_line(re.sub(r" [A-GI-Z]\w*/(?=[\d.]+$)", " HTTP/", line))


class UnknownVersionIsMalformed(Documented):
    """Versions other than 1.0 and 1.1 are malformed."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Look at the number."""
        if not line.endswith(("/1.0", "/1.1")):
            raise Refusal(505, "an unknown version")
        return super().request_line(line)


class UnknownMethodIsMalformed(Documented):
    """A method that the server does not know is malformed."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Look for it among those that are known."""
        if line.partition(" ")[0].upper() not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            raise Refusal(501, "an unknown method")
        return super().request_line(line)


class MethodIsPutInUpperCase(Documented):
    """A method is given in upper case, however it was sent."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Put it in upper case."""
        method, space, rest = line.partition(" ")
        return super().request_line(method.upper() + space + rest)


class URIIsDecoded(Documented):
    """The percent-escapes of a URI are decoded before the application is given it."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Decode those of letters and slashes."""
        return super().request_line(
            re.sub(r"%(?:[46][1-9A-Fa-f]|2[Ff])", lambda escape: unquote(escape[0]), line)
        )


class URIHasToBeginWithSlash(Documented):
    """A URI that is neither a path nor a whole one is malformed."""

    def request_line(self, line: str) -> tuple[str, str, str]:
        """Look how it begins."""
        method, uri, version = super().request_line(line)
        if not uri.startswith(("/", "http:")):
            raise Refusal(400, "an odd URI")
        return method, uri, version


class HostOfURIWins(Documented):
    """The host of a URI in absolute form wins over the header's."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Look for it in the URI."""
        head = super().read_head(block, secure=secure)
        _, absolute, rest = head.target.partition("://")
        if absolute:
            head.host = rest.partition("/")[0]
        return head


class HostLosesItsPort(Documented):
    """The application is given the name of a host without its port."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Cut it off."""
        head = super().read_head(block, secure=secure)
        if head.host[0].isalpha():
            head.host = head.host.partition(":")[0]
        return head


class HostIsNeeded(Documented):
    """A request without Host is malformed."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Look for it."""
        if b"\r\nhost:" not in block.lower():
            raise Refusal(400, "no Host")
        return super().read_head(block, secure=secure)


class DefaultHostIsAName(Documented):
    """A request without Host is for localhost."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Name it."""
        head = super().read_head(block, secure=secure)
        if "Host" not in head.fields.headers:
            head.host = "localhost"
        return head


class HeaderNamesAreMatchedByCase(RewritingDocumented):
    """A header is only recognised when its name begins in upper case."""

    def rewritten(self, block: bytes) -> bytes:
        """Rename others."""
        return re.sub(rb"\r\n(?=[a-z])", b"\r\nX-", block)


class PaddingOfValueStays(RewritingDocumented):
    """Only one space before a header's value is left out, and all that follows it stays."""

    def rewritten(self, block: bytes) -> bytes:
        """Hide what is more behind another character."""
        return re.sub(rb": (?=[\t ])", b": _", block)


class SpaceIsNeededBeforeValue(RewritingDocumented):
    """A header's value is taken to begin two characters behind its name."""

    def rewritten(self, block: bytes) -> bytes:
        """Leave out the second of them, whatever it is."""
        return re.sub(rb"(\r\n[\w-]+:)[^ \t\r]", rb"\1", block)


class ColonsAroundValueAreStripped(RewritingDocumented):
    """Colons and white space around a header's value are left out."""

    def rewritten(self, block: bytes) -> bytes:
        """Leave out those behind it."""
        return re.sub(rb":+\r\n", b"\r\n", block)


class LastHeaderWins(RewritingDocumented):
    """Of several headers of a name only the last is kept."""

    def rewritten(self, block: bytes) -> bytes:
        """Leave out those that another one follows."""
        lines = block.split(b"\r\n")
        names = [line.partition(b":")[0].lower() for line in lines]
        kept = [
            line
            for index, line in enumerate(lines[:-2], 1)
            if not line or names[index - 1] not in names[index:]
        ]
        return b"\r\n".join([*kept, b"", b""])


class LineWithoutColonIsSkipped(RewritingDocumented):
    """A header line without a colon is skipped."""

    def rewritten(self, block: bytes) -> bytes:
        """Leave it out."""
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
    Mutant(VersionIsGivenAsNumber, ("documented-lines.get",), Documented),
    Mutant(PathIsGivenForURI, ("documented-lines.main-example",), Documented),
    Mutant(
        HeadHasToComeAtOnce,
        ("documented-keep-alive.pipelined-in-pieces", "documented-lines.head-in-two-pieces"),
        Documented,
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
    ),
    Mutant(URIIsDecoded, ("documented-lines.query-kept-as-sent",)),
    Mutant(URIHasToBeginWithSlash, ("documented-lines.asterisk", "documented-lines.authority-form")),
    Mutant(HostOfURIWins, ("documented-lines.absolute-form",)),
    Mutant(HostLosesItsPort, ("documented-lines.host-given",)),
    Mutant(
        HostIsNeeded,
        (
            "documented-keep-alive.old-version",
            "documented-lines.host-missing",
            "documented-lines.host-missing-in-1-0",
        ),
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
    ),
    Mutant(LineWithoutColonIsSkipped, ("documented-lines.header-without-colon",)),
)
