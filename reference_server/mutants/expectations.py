"""Mutants that misread Expect, or send 100 Continue wrongly."""

from reference_server.connection import HTTPConnection
from reference_server.httputil import split_tokens
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.http11 import EXPECT, HTTP11, RequestLine
from reference_server.parsing.message import Event, Fields, Head, Refusal
from reference_server.parsing.parser import RequestParser
from reference_server.request import HTTPRequest

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

# The Expect field


class ExpectComparedWhole(HTTP11):
    """Recognises 100-continue only as the single member of Expect and ignores any other value."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        return version != "HTTP/1.0" and b"\r\nexpect: 100-continue\r\n" in fields.raw.lower()


class ExpectMatchedByCase(HTTP11):
    """Recognises 100-continue only in lower case."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        in_lower_case = any(b"continue" in value for value in fields.values(EXPECT))
        return super().expects_continue(version, fields) and in_lower_case


class ExpectMatchedByBeginning(HTTP11):
    """Takes anything that begins with 100-continue as 100-continue and answers it at once."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        members = split_tokens(fields.values(EXPECT))
        if version != "HTTP/1.0" and any(member.startswith(b"100-continue") for member in members):
            return True
        return super().expects_continue(version, fields)

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        return CONTINUE if head.body_length != 0 else b""


class ExpectSearched(HTTP11):
    """Takes any Expect that contains 100-continue as 100-continue and answers it at once."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        values = fields.values(EXPECT)
        if version != "HTTP/1.0" and any(b"100-continue" in value.lower() for value in values):
            return True
        return super().expects_continue(version, fields)

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        return CONTINUE if head.body_length != 0 else b""


class UnknownExpectationIs400(HTTP11):
    """Answers 400 to an unknown expectation."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        try:
            return super().expects_continue(version, fields)
        except Refusal as refusal:
            raise Refusal(400, refusal.reason) from refusal


class ExpectationWithValueIs400(HTTP11):
    """Answers 400 to an expectation with a value."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        if any(b"=" in value for value in fields.values(EXPECT)):
            raise Refusal(400, "the expectation is not a token")
        return super().expects_continue(version, fields)


class ExpectWithoutBodyRefused(HTTP11):
    """Rejects 100-continue in a request without a body."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        head = super().understand(line, fields, secure=secure)
        if head.expects_continue and head.body_length == 0:
            raise Refusal(417, "there is nothing to continue with")
        return head


# Whether 100 is sent


class ContinueNeverSent(HTTP11):
    """Never sends 100 Continue."""

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        return b""


class ContinueNotForChunked(HTTP11):
    """Does not send 100 Continue for a chunked body."""

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        return super().interim_response(head, body_arrived=body_arrived) if head.body_length else b""


class ContinueSentToHTTP10(HTTP11):
    """Sends 100 Continue to HTTP/1.0 clients, and even if the body has arrived."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        return super().expects_continue("HTTP/1.1", fields)

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        return CONTINUE if head.body_length != 0 else b""


class ContinueSentOncePerConnection(HTTPConnection):
    """Sends 100 Continue only for the first request of a connection."""

    _later = False

    def _begin_body(self, head: Head, request: HTTPRequest) -> None:
        head.expects_continue = head.expects_continue and not self._later
        super()._begin_body(head, request)

    def _serve(self, request: HTTPRequest) -> None:
        self._later = True
        super()._serve(request)


class ContinueMalformed(HTTP11):
    """Sends 100 Continue with white space before the colon of a field."""

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        interim = super().interim_response(head, body_arrived=body_arrived)
        return interim and interim[:-2] + b"X-Interim : yes\r\n\r\n"


class BodyBeforeContinueLost(RequestParser):
    """Loses a body that is sent before 100 Continue."""

    def next_event(self) -> Event | None:
        event = super().next_event()
        if isinstance(event, Head) and event.expects_continue and event.body_length and self.buffered:
            self._position += event.body_length
            event.body_length, self._body = 0, None
        return event


MUTANTS = (
    Mutant(
        ExpectComparedWhole,
        ("expect.list-before-unknown", "expect.list-behind-unknown", "expect.list-of-one-*"),
    ),
    Mutant(ExpectMatchedByCase, ("expect.continue-in-another-case",)),
    Mutant(
        ExpectMatchedByBeginning,
        (
            "expect.unknown-with-a-value-continue-*",
            "expect.unknown-with-a-value-longer-than-continue",
        ),
    ),
    Mutant(
        UnknownExpectationIs400,
        ("expect.unknown",),
    ),
    Mutant(
        ExpectationWithValueIs400,
        (
            "expect.unknown-with-a-value-continue-*",
            "expect.unknown-with-a-value-quoted",
            "expect.unknown-with-a-value-token",
        ),
    ),
    Mutant(ExpectWithoutBodyRefused, ("expect.length-of-zero", "expect.nothing-to-expect")),
    Mutant(
        ContinueNeverSent,
        (
            "expect.behind-another-request",
            "expect.continue",
            "expect.held-*",
        ),
    ),
    Mutant(ContinueNotForChunked, ("expect.continue-chunked",)),
    Mutant(ContinueSentToHTTP10, ("http10.expect", "http10.no-interim", "invariant.no-interim-to-http10")),
    Mutant(ContinueSentOncePerConnection, ("expect.behind-another-request",)),
    Mutant(ContinueMalformed, ("expect.interim-response", "invariant.field-grammar")),
    Mutant(BodyBeforeContinueLost, ("expect.body-at-once",)),
    Mutant(
        ExpectSearched,
        (
            "expect.malformed-*",
            "expect.unknown-with-a-value-continue-*",
            "expect.unknown-with-a-value-longer-than-continue",
            "expect.unknown-with-a-value-quoted",
        ),
    ),
)
