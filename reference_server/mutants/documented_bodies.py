"""Mutants of the documented server that misread its bodies, and what is expected before them."""

import re

from reference_server.httputil import HTTPHeaders
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.bodies import LengthReader
from reference_server.parsing.documented import Documented
from reference_server.parsing.message import Head, Refusal
from reference_server.request import HTTPRequest


class BodyIsNotGiven(HTTPRequest):
    """A body is read, and not given to the application."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        """Leave it out."""


class BodyIsStripped(HTTPRequest):
    """The white space around a body is left out."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        """Strip it."""
        super().receive_body(content.strip(), trailers)


class BodyIsReadAsText(HTTPRequest):
    """A body is read as text, and what is not UTF-8 is replaced."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        """Decode it, and encode it again."""
        super().receive_body(content.decode("utf-8", "replace").encode(), trailers)


class FirstPieceOfBodyIsEnough(LengthReader):
    """A request is served when the first octets of its body are there."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        """Take what is there for all."""
        end = super().read(buffer, position, since)
        self.complete = self.received > 0
        return end


class BodyTakesAllThatIsThere(LengthReader):
    """What comes behind a body in the same read is thrown away."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        """Go to the end of the buffer."""
        end = super().read(buffer, position, since)
        return len(buffer) if self.complete else end


class GetHasNoBody(Documented):
    """The body of a GET is taken for the next request."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Take its length for 0."""
        head = super().read_head(block, secure=secure)
        if head.method == "GET":
            head.body_length = 0
        return head


class UnknownMethodHasNoBody(Documented):
    """The body of a method that the server does not know is taken for the next request."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Take its length for 0."""
        head = super().read_head(block, secure=secure)
        if head.method not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            head.body_length = 0
        return head


class LengthOfZeroIsMalformed(Documented):
    """A Content-Length of 0 is malformed."""

    def body_length(self, headers: HTTPHeaders) -> int:
        """Want more."""
        if headers.get("Content-Length") == "0":
            raise Refusal(400, "Content-Length is 0")
        return super().body_length(headers)


class PostNeedsLength(Documented):
    """A POST without Content-Length is malformed."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Look for it."""
        head = super().read_head(block, secure=secure)
        if head.method == "POST" and "Content-Length" not in head.fields.headers:
            raise Refusal(411, "no Content-Length")
        return head


class BodyOfOneMegabyteIsTooLong(Documented):
    """A body of a megabyte does not fit the buffer."""

    def body_length(self, headers: HTTPHeaders) -> int:
        """Look at the length."""
        length = super().body_length(headers)
        if length >= 1_000_000:
            raise Refusal(413, "Content-Length is too long")
        return length


class LimitItselfIsTooLong(Documented):
    """A body that just fits the buffer is refused."""

    def body_length(self, headers: HTTPHeaders) -> int:
        """Want less than the limit."""
        length = super().body_length(headers)
        if length == self.limits.body:
            raise Refusal(413, "Content-Length is too long")
        return length


class LengthHasNoLimit(Documented):
    """A body may be longer than the buffer."""

    def body_length(self, headers: HTTPHeaders) -> int:
        """Take any number."""
        value = headers.get("Content-Length") or ""
        return int(value) if value.isdigit() else super().body_length(headers)


class LengthEndsWithItsDigits(Documented):
    """A Content-Length is read as far as it has digits, and is 0 when it has none."""

    def body_length(self, headers: HTTPHeaders) -> int:
        """Leave the rest out."""
        digits = re.match(r"\d*", headers.get("Content-Length") or "")
        return super().body_length(HTTPHeaders({"Content-Length": digits[0] or "0"} if digits else {}))


class LengthMayBeHexadecimal(Documented):
    """A Content-Length is read in the base that its prefix names."""

    def body_length(self, headers: HTTPHeaders) -> int:
        """Read the prefix."""
        value = headers.get("Content-Length") or ""
        return int(value, 16) if value.startswith("0x") else super().body_length(headers)


class EqualLengthsAreOne(Documented):
    """Several lines of Content-Length that are equal are taken for one."""

    def body_length(self, headers: HTTPHeaders) -> int:
        """Take one of them."""
        values = set(headers.get_list("Content-Length"))
        return super().body_length(
            HTTPHeaders({"Content-Length": values.pop()}) if len(values) == 1 else headers
        )


class ChunkedIsDecoded(Documented):
    """A chunked body is decoded."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        """Take the length for unknown."""
        head = super().read_head(block, secure=secure)
        if head.fields.headers.get("Transfer-Encoding") == "chunked":
            head.body_length = None
        return head


class NothingIsContinued(Documented):
    """No request is told to continue."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        """Ignore Expect."""
        del headers
        return False


class NothingIsContinuedForEmptyBody(Documented):
    """A request whose body is empty is not told to continue."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        """Look at the length."""
        return super().expects_continue(headers) and headers.get("Content-Length") != "0"


class BodyNeedNotBeAnnouncedToContinue(Documented):
    """A request without Content-Length is told to continue, too."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        """Look at Expect alone."""
        return headers.get("Expect") == "100-continue"


class ExpectationIgnoresCase(Documented):
    """100-continue is recognised in any case."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        """Put it in lower case."""
        return "Content-Length" in headers and (headers.get("Expect") or "").lower() == "100-continue"


class AnyExpectationIsContinued(Documented):
    """A request with whatever expectation is told to continue."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        """Look whether there is one."""
        return "Content-Length" in headers and "Expect" in headers


class ExpectationIsAList(Documented):
    """100-continue is looked for in a list of expectations."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        """Look at each member."""
        return "Content-Length" in headers and "100-continue" in (headers.get("Expect") or "").split(", ")


MUTANTS = (
    Mutant(
        BodyIsNotGiven,
        (
            "documented-bodies.post",
            "documented-keep-alive.old-version-post",
            "documented-keep-alive.pipelined-behind-body",
            "documented-tls.in-pieces",
            "documented-tls.large-request",
        ),
        Documented,
    ),
    Mutant(
        BodyIsStripped,
        ("documented-bodies.chunked-is-not-decoded", "documented-bodies.like-a-request"),
        Documented,
    ),
    Mutant(
        BodyIsReadAsText, ("documented-bodies.all-bytes", "documented-forms.file-of-all-bytes"), Documented
    ),
    Mutant(
        FirstPieceOfBodyIsEnough,
        (
            "documented-bodies.in-pieces",
            "documented-bodies.large",
            "documented-tls.in-pieces",
            "documented-tls.large-request",
        ),
        Documented,
    ),
    Mutant(BodyTakesAllThatIsThere, ("documented-keep-alive.pipelined-behind-body",), Documented),
    Mutant(GetHasNoBody, ("documented-bodies.get-with-body", "documented-forms.unparsed-method-get")),
    Mutant(
        UnknownMethodHasNoBody,
        ("documented-bodies.unknown-method-with-body", "documented-forms.unparsed-method-post-in-lower-case"),
    ),
    Mutant(
        LengthOfZeroIsMalformed, ("documented-bodies.empty", "documented-bodies.expect-continue-for-nothing")
    ),
    Mutant(
        PostNeedsLength,
        (
            "documented-bodies.expect-continue-without-length",
            "documented-bodies.none-without-length",
            "documented-keep-alive.nothing-left-over",
            "documented-keep-alive.old-version-without-length-post",
        ),
    ),
    Mutant(
        BodyOfOneMegabyteIsTooLong,
        ("documented-bodies.at-the-limit", "documented-bodies.large", "documented-tls.large-request"),
    ),
    Mutant(LimitItselfIsTooLong, ("documented-bodies.at-the-limit",)),
    Mutant(LengthHasNoLimit, ("documented-bodies.oversized-*",)),
    Mutant(LengthEndsWithItsDigits, ("documented-bodies.length-*",)),
    Mutant(LengthMayBeHexadecimal, ("documented-bodies.length-in-hexadecimal",)),
    Mutant(EqualLengthsAreOne, ("documented-bodies.length-given-twice-alike",)),
    Mutant(
        ChunkedIsDecoded,
        ("documented-bodies.chunked-is-not-decoded", "documented-bodies.transfer-encoding-gives-no-body"),
    ),
    Mutant(NothingIsContinued, ("documented-bodies.expect-continue",)),
    Mutant(NothingIsContinuedForEmptyBody, ("documented-bodies.expect-continue-for-nothing",)),
    Mutant(BodyNeedNotBeAnnouncedToContinue, ("documented-bodies.expect-continue-without-length",)),
    Mutant(ExpectationIgnoresCase, ("documented-bodies.expect-in-other-case",)),
    Mutant(
        AnyExpectationIsContinued,
        (
            "documented-bodies.expect-in-other-case",
            "documented-bodies.expect-of-more",
            "documented-bodies.expect-of-something-else",
        ),
    ),
    Mutant(ExpectationIsAList, ("documented-bodies.expect-of-more",)),
)
