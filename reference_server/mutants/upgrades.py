"""Mutants that take up an offer to change the protocol, or stumble over one."""

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.http11 import HTTP11, RequestLine
from reference_server.parsing.message import Fields, Head, Refusal, field_start
from reference_server.request import HTTPRequest
from reference_server.responses import render_head
from reference_server.witness.callback import Witness

UPGRADE = field_start("Upgrade")


class AnyOfferTakenUp(Witness):
    """Whatever Upgrade offers is said to be switched to, before a body has come."""

    def __call__(self, request: HTTPRequest) -> None:
        """Switch."""
        if "Upgrade" not in request.headers:
            super().__call__(request)
            return
        fields = [("Upgrade", request.headers["Upgrade"]), ("Connection", "upgrade")]
        request.write(render_head(101, fields))
        request.finish()

    def answers_early(self, request: HTTPRequest) -> bool:
        """Wait for no body."""
        return "Upgrade" in request.headers or super().answers_early(request)


class OfferIsServerError(HTTP11):
    """An offer to change the protocol is an error of the server's."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        """Fail."""
        if fields.values(UPGRADE):
            raise Refusal(500, "no other protocol is spoken here")
        return super().understand(line, fields, secure=secure)


class BodyOfOfferUnread(HTTP11):
    """The body of a request with an offer to change the protocol is left on the connection."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        """Expect another protocol behind the head."""
        head = super().understand(line, fields, secure=secure)
        if fields.values(UPGRADE):
            head.body_length = 0
        return head


MUTANTS = (
    Mutant(
        AnyOfferTakenUp,
        (
            "invariant.close-announced",
            "upgrade.h2c-that-cannot-be-*",
            "upgrade.http10-*",
            "upgrade.request-behind-an-offer",
            "upgrade.unknown-*",
            "upgrade.websocket-that-cannot-be-*",
            "upgrade.with-body",
            "upgrade.with-expectation",
            "upgrade.without-connection-option",
        ),
    ),
    Mutant(
        OfferIsServerError,
        (
            "upgrade.h2c",
            "upgrade.http10-*",
            "upgrade.request-behind-an-offer",
            "upgrade.unknown-*",
            "upgrade.websocket-that-cannot-be-*",
            "upgrade.with-body",
            "upgrade.with-expectation",
            "upgrade.without-connection-option",
        ),
    ),
    Mutant(BodyOfOfferUnread, ("upgrade.with-body", "upgrade.with-expectation")),
)
