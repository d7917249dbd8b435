"""Mutants of the documented server that misread bodies, or expectations before them."""

import re
from dataclasses import replace

from reference_server.httputil import HTTPHeaders
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.bodies import LengthReader
from reference_server.parsing.documented import LIMITS, Documented
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Head, Refusal
from reference_server.request import HTTPRequest


class BodyIsNotGiven(HTTPRequest):
    """Reads the body but does not give it to the application."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        pass


class BodyIsStripped(HTTPRequest):
    """Strips white space around the body."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        super().receive_body(content.strip(), trailers)


class BodyIsReadAsText(HTTPRequest):
    """Reads the body as text and replaces bytes that are not UTF-8."""

    def receive_body(self, content: bytes, trailers: HTTPHeaders | None) -> None:
        super().receive_body(content.decode("utf-8", "replace").encode(), trailers)


class FirstPieceOfBodyIsEnough(LengthReader):
    """Serves a request as soon as the first bytes of its body have arrived."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        end = super().read(buffer, position, since)
        self.complete = self.received > 0
        return end


class BodyTakesAllThatIsThere(LengthReader):
    """Discards bytes that arrive in the same read as the end of a body."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        end = super().read(buffer, position, since)
        return len(buffer) if self.complete else end


class GetHasNoBody(Documented):
    """Takes the body of a GET as the next request."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        head = super().read_head(block, secure=secure)
        if head.method == "GET":
            head.body_length = 0
        return head


class UnknownMethodHasNoBody(Documented):
    """Takes the body of an unknown method as the next request."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        head = super().read_head(block, secure=secure)
        if head.method not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            head.body_length = 0
        return head


class LengthOfZeroIsMalformed(Documented):
    """Rejects Content-Length: 0."""

    def body_length(self, headers: HTTPHeaders) -> int:
        if headers.get("Content-Length") == "0":
            raise Refusal(400, "Content-Length is 0")
        return super().body_length(headers)


class PostNeedsLength(Documented):
    """Rejects a POST without Content-Length."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        head = super().read_head(block, secure=secure)
        if head.method == "POST" and "Content-Length" not in head.fields.headers:
            raise Refusal(411, "no Content-Length")
        return head


class BodyOfOneMegabyteIsTooLong(Documented):
    """Rejects a body of one megabyte."""

    def body_length(self, headers: HTTPHeaders) -> int:
        length = super().body_length(headers)
        if length >= 1_000_000:
            raise Refusal(413, "Content-Length is too long")
        return length


class LimitItselfIsTooLong(Documented):
    """Rejects a body that exactly fits the buffer."""

    def body_length(self, headers: HTTPHeaders) -> int:
        length = super().body_length(headers)
        if length == self.limits.body:
            raise Refusal(413, "Content-Length is too long")
        return length


class LengthHasNoLimit(Documented):
    """Accepts a body larger than the buffer."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or LIMITS, body=10**100))  # the buffers of its streams are as large

    def body_length(self, headers: HTTPHeaders) -> int:
        value = headers.get("Content-Length") or ""
        return int(value) if value.isdigit() else super().body_length(headers)


class LengthEndsWithItsDigits(Documented):
    """Reads Content-Length up to the first character that is not a digit, or as 0 without any digits."""

    def body_length(self, headers: HTTPHeaders) -> int:
        digits = re.match(r"\d*", headers.get("Content-Length") or "")
        return super().body_length(HTTPHeaders({"Content-Length": digits[0] or "0"} if digits else {}))


class LengthMayBeHexadecimal(Documented):
    """Reads Content-Length as hexadecimal after a prefix of 0x."""

    def body_length(self, headers: HTTPHeaders) -> int:
        value = headers.get("Content-Length") or ""
        return int(value, 16) if value.startswith("0x") else super().body_length(headers)


class EqualLengthsAreOne(Documented):
    """Accepts several equal Content-Length lines."""

    def body_length(self, headers: HTTPHeaders) -> int:
        values = set(headers.get_list("Content-Length"))
        return super().body_length(
            HTTPHeaders({"Content-Length": values.pop()}) if len(values) == 1 else headers
        )


class ChunkedIsDecoded(Documented):
    """Decodes a chunked body."""

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        head = super().read_head(block, secure=secure)
        if head.fields.headers.get("Transfer-Encoding") == "chunked":
            head.body_length = None
        return head


class NothingIsContinued(Documented):
    """Never sends 100 (Continue)."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        return False


class NothingIsContinuedForEmptyBody(Documented):
    """Does not send 100 (Continue) for an empty body."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        return super().expects_continue(headers) and headers.get("Content-Length") != "0"


class BodyNeedNotBeAnnouncedToContinue(Documented):
    """Sends 100 (Continue) to a request without Content-Length."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        return headers.get("Expect") == "100-continue"


class ExpectationIgnoresCase(Documented):
    """Recognises 100-continue in any case."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        return "Content-Length" in headers and (headers.get("Expect") or "").lower() == "100-continue"


class AnyExpectationIsContinued(Documented):
    """Sends 100 (Continue) for any expectation."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        return "Content-Length" in headers and "Expect" in headers


class ExpectationIsAList(Documented):
    """Finds 100-continue in a list of expectations."""

    def expects_continue(self, headers: HTTPHeaders) -> bool:
        return "Content-Length" in headers and "100-continue" in (headers.get("Expect") or "").split(", ")


MUTANTS = (
    Mutant(
        BodyIsNotGiven,
        (
            "documented-bodies.all-bytes",
            "documented-bodies.chunked-is-not-decoded",
            "documented-bodies.expect-continue",
            "documented-bodies.expect-in-other-case",
            "documented-bodies.expect-of-*",
            "documented-bodies.get-with-body",
            "documented-bodies.in-pieces",
            "documented-bodies.large",
            "documented-bodies.like-a-request",
            "documented-bodies.post",
            "documented-bodies.unknown-method-with-body",
            "documented-keep-alive.old-version-post",
            "documented-keep-alive.pipelined-behind-body",
            "documented-tls.in-pieces",
            "documented-tls.large-request",
        ),
        Documented,
        clause="DOC-LEN-1",
    ),
    Mutant(
        BodyIsStripped,
        ("documented-bodies.chunked-is-not-decoded", "documented-bodies.like-a-request"),
        Documented,
        clause="DOC-LEN-1",
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
        clause="DOC-LEN-1",
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
    Mutant(NothingIsContinued, ("documented-bodies.at-the-limit", "documented-bodies.expect-continue")),
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
