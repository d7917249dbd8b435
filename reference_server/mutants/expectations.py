"""Mutants that misunderstand Expect, or send 100 Continue when or how they must not."""

from reference_server.connection import HTTPConnection
from reference_server.httputil import split_tokens
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.http11 import EXPECT, HTTP11, RequestLine
from reference_server.parsing.message import Event, Fields, Head, Refusal
from reference_server.parsing.parser import RequestParser
from reference_server.request import HTTPRequest

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

# What is expected


class ExpectComparedWhole(HTTP11):
    """100-continue counts as the only member of Expect, and any other value is ignored."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        """Compare all of the line."""
        return version != "HTTP/1.0" and b"\r\nexpect: 100-continue\r\n" in fields.raw.lower()


class ExpectMatchedByCase(HTTP11):
    """100-continue counts in lower case alone."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        """Know no other."""
        in_lower_case = any(b"continue" in value for value in fields.values(EXPECT))
        return super().expects_continue(version, fields) and in_lower_case


class ExpectMatchedByBeginning(HTTP11):
    """Whatever begins like 100-continue is taken for it, and answered at once."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        """Look at the beginning."""
        members = split_tokens(fields.values(EXPECT))
        if version != "HTTP/1.0" and any(member.startswith(b"100-continue") for member in members):
            return True
        return super().expects_continue(version, fields)

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:  # noqa: ARG002
        """Do not look whether the body has come."""
        return CONTINUE if head.body_length != 0 else b""


class UnknownExpectationIs400(HTTP11):
    """An expectation that is not known is refused with 400."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        """Know one."""
        try:
            return super().expects_continue(version, fields)
        except Refusal as refusal:
            raise Refusal(400, refusal.reason) from refusal


class ExpectationWithValueIs400(HTTP11):
    """An expectation that has a value is malformed."""

    def expects_continue(self, version: str, fields: Fields) -> bool:
        """Ask for tokens."""
        if any(b"=" in value for value in fields.values(EXPECT)):
            raise Refusal(400, "the expectation is no token")
        return super().expects_continue(version, fields)


class ExpectWithoutBodyRefused(HTTP11):
    """100-continue in a request without a body is refused."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        """Ask for a body."""
        head = super().understand(line, fields, secure=secure)
        if head.expects_continue and head.body_length == 0:
            raise Refusal(417, "there is nothing to continue with")
        return head


# Whether 100 is sent


class ContinueNeverSent(HTTP11):
    """100 Continue is not sent."""

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:  # noqa: ARG002
        """Wait for the body."""
        return b""


class ContinueNotForChunked(HTTP11):
    """100 Continue is not sent for a chunked body."""

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        """Look for a length."""
        return super().interim_response(head, body_arrived=body_arrived) if head.body_length else b""


class ContinueSentToHTTP10(HTTP11):
    """100 Continue is sent to HTTP/1.0, too, and whether the body has come or not."""

    def expects_continue(self, version: str, fields: Fields) -> bool:  # noqa: ARG002
        """Overlook the version."""
        return super().expects_continue("HTTP/1.1", fields)

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:  # noqa: ARG002
        """Do not look whether the body has come."""
        return CONTINUE if head.body_length != 0 else b""


class ContinueSentOncePerConnection(HTTPConnection):
    """100 Continue is sent for the first request of a connection alone."""

    _later = False

    def _begin_body(self, head: Head, request: HTTPRequest) -> None:
        head.expects_continue = head.expects_continue and not self._later
        super()._begin_body(head, request)

    def _serve(self, request: HTTPRequest) -> None:
        self._later = True
        super()._serve(request)


class ContinueMalformed(HTTP11):
    """100 Continue has white space before the colon of a field."""

    def interim_response(self, head: Head, *, body_arrived: bool) -> bytes:
        """Add a field."""
        interim = super().interim_response(head, body_arrived=body_arrived)
        return interim and interim[:-2] + b"X-Interim : yes\r\n\r\n"


class BodyBeforeContinueLost(RequestParser):
    """A body that comes before it was asked for is lost."""

    def next_event(self) -> Event | None:
        """Leave it out."""
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
    Mutant(ExpectMatchedByBeginning, ("expect.unknown-with-a-value-longer-than-continue",)),
    Mutant(
        UnknownExpectationIs400,
        (
            "expect.list-before-unknown",
            "expect.list-behind-unknown",
            "expect.list-on-a-second-line",
            "expect.unknown",
        ),
    ),
    Mutant(
        ExpectationWithValueIs400, ("expect.unknown-with-a-value-quoted", "expect.unknown-with-a-value-token")
    ),
    Mutant(ExpectWithoutBodyRefused, ("expect.length-of-zero", "expect.nothing-to-expect")),
    Mutant(ContinueNeverSent, ("expect.continue",)),
    Mutant(ContinueNotForChunked, ("expect.continue-chunked",)),
    Mutant(ContinueSentToHTTP10, ("http10.expect", "http10.no-interim", "invariant.no-interim-to-http10")),
    Mutant(ContinueSentOncePerConnection, ("expect.behind-another-request",)),
    Mutant(ContinueMalformed, ("expect.interim-response", "invariant.field-grammar")),
    Mutant(BodyBeforeContinueLost, ("expect.body-at-once",)),
)
