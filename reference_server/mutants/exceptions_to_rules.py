"""Mutants that keep a rule in general and forget it in one place: on a method, at a target, in a list.

Parsers have such gaps where somebody wrote a second path through the same rule.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from reference_server.connection import HTTPConnection
from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.grammar import STRICT
from reference_server.parsing.http11 import DEFAULT_HOST, EXPECT, HOST, HTTP11, RequestLine
from reference_server.parsing.message import Body, Event, Fields, Head, Refusal, field_start
from reference_server.parsing.parser import RequestParser

UPGRADE = field_start("Upgrade")

# Bodies


class BodyForgottenHTTP11(HTTP11):
    """Reads no body where ``forgotten`` says so."""

    def forgotten(self, line: RequestLine, fields: Fields) -> bool:
        """Whether the body of this request is forgotten."""
        return False

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        head = super().understand(line, fields, secure=secure)
        head.body_length = 0 if self.forgotten(line, fields) else head.body_length
        return head


class QueryHasNoBody(BodyForgottenHTTP11):
    """Takes the body of a QUERY as the next request."""

    def forgotten(self, line: RequestLine, fields: Fields) -> bool:
        return line.method == b"QUERY"


class TraceHasNoBody(BodyForgottenHTTP11):
    """Takes the body of a TRACE as the next request."""

    def forgotten(self, line: RequestLine, fields: Fields) -> bool:
        return line.method == b"TRACE"


class OptionsAsteriskHasNoBody(BodyForgottenHTTP11):
    """Takes the body of an OPTIONS for the server as a whole as the next request."""

    def forgotten(self, line: RequestLine, fields: Fields) -> bool:
        return line.target == b"*"


class BodyOfUnknownPathUnread(BodyForgottenHTTP11):
    """Takes the body of a request for a path that does not exist as the next request."""

    def forgotten(self, line: RequestLine, fields: Fields) -> bool:
        return not re.match(rb"/(?:witness\b|\?|\Z)|\*|https?:", line.target)


class ChunkedBodyOfOfferUnread(BodyForgottenHTTP11):
    """Leaves the chunked body of a request with Upgrade on the connection."""

    def forgotten(self, line: RequestLine, fields: Fields) -> bool:
        return bool(fields.values(UPGRADE)) and self.body_length("HTTP/1.1", fields) is None


class BodyOfHeadAwaitedInVain(BodyForgottenHTTP11):
    """Takes a body that a HEAD holds back for its 100 as the next request."""

    def forgotten(self, line: RequestLine, fields: Fields) -> bool:
        return line.method == b"HEAD" and bool(fields.values(EXPECT))


# Host


class ConnectNeedsNoHost(HTTP11):
    """Serves a CONNECT without Host."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        if line.method == b"CONNECT" and not fields.values(HOST):
            fields = Fields(b"\r\nHost: %b%b" % (line.target, fields.raw))
        return super().understand(line, fields, secure=secure)


class OptionsAsteriskNeedsNoHost(HTTP11):
    """Serves an OPTIONS for the server as a whole without Host."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        if line.target == b"*" and not fields.values(HOST):
            fields = Fields(b"\r\nHost: %b%b" % (DEFAULT_HOST.encode(), fields.raw))
        return super().understand(line, fields, secure=secure)


class HostOfTrailerCounts(HTTP11):
    """Lets a trailer field stand for a missing Host."""

    def host(self, version: str, authority: bytes, fields: Fields) -> str:
        if not fields.values(HOST) and b"chunked" in fields.raw:
            return DEFAULT_HOST
        return super().host(version, authority, fields)


class SignBeforePortIgnored(HTTP11):
    """Accepts a sign before the port of a host."""

    grammar = replace(STRICT, port=rb"[+-]?[0-9]*+")


class EmptyFutureAddressAccepted(HTTP11):
    """Accepts an IP address of the future that is only a version."""

    grammar = replace(STRICT, host=STRICT.host + rb"|\[v[0-9A-Fa-f]++\.\]")


class HostOfMoreCharacters(HTTP11):
    """Accepts slashes at the beginning of a host, and a circumflex in it."""

    grammar = replace(STRICT, host=STRICT.host + rb"|(?://)?+[a-z.^]++")


class AddressInBracketsUnchecked(HTTP11):
    """Accepts anything of hexadecimal digits and colons as an IPv6 address."""

    def check_authority(self, authority: bytes) -> None:
        if not re.fullmatch(rb"\[[0-9A-Fa-f:]+\]", authority):
            super().check_authority(authority)


# Lists


class FirstLengthOfListCounts(HTTP11):
    """Uses the first number of a list in Content-Length."""

    def content_length(self, values: Sequence[bytes]) -> int:
        if len(values) == 1:
            values = [values[0].partition(b",")[0]]
        return super().content_length(values)


class StrayCommaInLengthIsServerError(HTTP11):
    """Answers 500 to an empty member in Content-Length."""

    def content_length(self, values: Sequence[bytes]) -> int:
        if values[0].startswith(b",") or values[0].endswith(b","):
            raise Refusal(500, "the length cannot be read")
        return super().content_length(values)


class ExpectUnquoted(HTTP11):
    """Takes 100-continue in quotes for the expectation, and answers it at once."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        if list(fields.values(EXPECT)) == [b'"100-continue"']:
            return True
        return super().expects_continue(version, fields)

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        quoted = b'"' in b"".join(head.fields.values(EXPECT))
        return super().interim_response(head, body_arrived=body_arrived and not quoted)


class ContinueNotForGetAndHead(HTTP11):
    """Sends no 100 Continue to a GET or a HEAD with a body."""

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        if head.method in {"GET", "HEAD"}:
            return b""
        return super().interim_response(head, body_arrived=body_arrived)


# Octets


class NonASCIIDropped(RewritingHTTP11):
    """Decodes a head as ASCII and drops what is not."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"[\x80-\xff]", b"", block)


class CodingStrippedOfControls(RewritingHTTP11):
    """Strips control characters from both ends of a field value."""

    def rewritten(self, block: bytes) -> bytes:
        line, end, rest = block.partition(b"\r\n")
        rest = re.sub(rb":[ \t]*+[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+", b": ", rest)
        return line + end + re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+(?=\r\n)", b"", rest)


# Between requests


class EmptyLineBehindChunksRefused(RequestParser):
    """Rejects an empty line after a chunked body."""

    def next_event(self) -> Event | None:
        event = super().next_event()
        chunked = isinstance(event, Body) and event.trailers is None and self._behind_chunks
        if isinstance(event, Head):
            self._behind_chunks = event.body_length is None
        if chunked and self._buffer.startswith(b"\r\n", self._position):
            self._position += 2
            self._buffer = b"\0\r\n\r\n"
            self._position = self._searched = 0
        return event

    _behind_chunks = False


class EmptyLineAnswered(HTTPConnection):
    """Answers 400 to an empty line that nothing follows."""

    def _received(self, data: bytes) -> None:
        super()._received(data)
        waiting = self.request is None and not self._ended and self._parser.body_received is None
        if waiting and data.endswith(b"hello\r\n"):
            self.refuse(Refusal(400, "the request line is empty"))


MUTANTS = (
    Mutant(
        QueryHasNoBody,
        (
            "content-length.on-query",
            "methods.body-like-a-request-query",
            "unread.*-on-query",
        ),
    ),
    Mutant(
        TraceHasNoBody,
        (
            "content-length.on-trace",
            "framing.chunked-body-on-trace",
            "methods.body-like-a-request-trace",
            "unread.*-on-trace",
        ),
    ),
    Mutant(OptionsAsteriskHasNoBody, ("unread.body-on-options-*",)),
    Mutant(BodyOfUnknownPathUnread, ("unread.body-of-what-*",)),
    Mutant(ChunkedBodyOfOfferUnread, ("upgrade.request-behind-the-body-of-an-offer-chunked",)),
    Mutant(BodyOfHeadAwaitedInVain, ("expect.held-back-on-head",)),
    Mutant(ConnectNeedsNoHost, ("methods.connect-without-host",), tolerated=True),
    Mutant(OptionsAsteriskNeedsNoHost, ("methods.options-asterisk-without-host",)),
    Mutant(HostOfTrailerCounts, ("chunked.host-in-a-trailer-alone",)),
    Mutant(
        SignBeforePortIgnored,
        (
            "host.refused-negative-port",
            "host.refused-port-with-a-sign",
        ),
    ),
    Mutant(EmptyFutureAddressAccepted, ("host.refused-ip-of-the-future-of-nothing",)),
    Mutant(
        HostOfMoreCharacters,
        (
            "host.refused-circumflex",
            "host.refused-slashes-first",
        ),
    ),
    Mutant(AddressInBracketsUnchecked, ("host.refused-ipv6-of-two-gaps",)),
    Mutant(
        FirstLengthOfListCounts,
        (
            "content-length.malformed-list-with-letters",
            "content-length.malformed-unequal-list",
            "content-length.zero-and-another-in-a-list",
        ),
    ),
    Mutant(StrayCommaInLengthIsServerError, ("content-length.empty-*",)),
    Mutant(ExpectUnquoted, ("expect.malformed-quoted",)),
    Mutant(
        ContinueNotForGetAndHead,
        (
            "expect.held-back-on-get",
            "expect.held-back-on-head",
        ),
    ),
    Mutant(
        NonASCIIDropped,
        (
            "content-length.malformed-no-break-space-before",
            "fields.above-ascii",
            "fields.kept-*",
            "fields.malformed-line-above-ascii-in-name",
            "fields.malformed-line-no-break-space-in-name",
            "fields.odd-begin-of-line-no-break-space",
            "fragmentation.head-*",
            "fragmentation.octet-by-octet",
            "framing.*-last-octet",
            "framing.*-next-line",
            "framing.*-soft-hyphen",
            "framing.octet-*-space",
            "framing.odd-coding-no-break-space",
            "host.refused-above-ascii",
            "host.refused-utf-8",
            "request-line.*-above-ascii",
            "request-line.*-utf-8",
            "request-line.method-character-byte-order-mark",
        ),
    ),
    Mutant(
        CodingStrippedOfControls,
        (
            "content-length.malformed-form-feed-behind",
            "content-length.malformed-vertical-tab-before",
            "framing.*-coding-backspace",
            "framing.*-coding-delete",
            "framing.*-coding-file-separator",
            "framing.*-coding-form-feed",
            "framing.*-coding-start-of-heading",
            "framing.*-coding-unit-separator",
            "framing.*-coding-vertical-tab",
        ),
    ),
    Mutant(EmptyLineBehindChunksRefused, ("pipelining.empty-*-chunked",)),
    Mutant(EmptyLineAnswered, ("pipelining.empty-line-at-the-end-length",)),
)
