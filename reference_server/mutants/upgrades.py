"""Mutants that accept an offer to change the protocol, or fail on one."""

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.http11 import HTTP11, RequestLine
from reference_server.parsing.message import Fields, Head, Refusal, field_start
from reference_server.request import HTTPRequest
from reference_server.responses import render_head
from reference_server.witness.callback import Witness

UPGRADE = field_start("Upgrade")


class AnyOfferTakenUp(Witness):
    """Answers 101 to whatever Upgrade offers, before the body has arrived."""

    def __call__(self, request: HTTPRequest) -> None:
        if "Upgrade" not in request.headers:
            super().__call__(request)
            return
        fields = [("Upgrade", request.headers["Upgrade"]), ("Connection", "upgrade")]
        request.write(render_head(101, fields))
        request.finish()

    def answers_early(self, request: HTTPRequest) -> bool:
        return "Upgrade" in request.headers or super().answers_early(request)


class OfferIsServerError(HTTP11):
    """Answers 500 to an offer to change the protocol."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        if fields.values(UPGRADE):
            raise Refusal(500, "no other protocol is spoken here")
        return super().understand(line, fields, secure=secure)


class BodyOfOfferUnread(HTTP11):
    """Leaves the body of a request with Upgrade on the connection."""

    def understand(self, line: RequestLine, fields: Fields, *, secure: bool) -> Head:
        head = super().understand(line, fields, secure=secure)
        if fields.values(UPGRADE):
            head.body_length = 0
        return head


MUTANTS = (
    Mutant(
        AnyOfferTakenUp,
        (
            "invariant.close-announced",
            "upgrade.h2c-*",
            "upgrade.http10-*",
            "upgrade.request-*",
            "upgrade.unknown-*",
            "upgrade.websocket-*",
            "upgrade.with-*",
            "upgrade.without-connection-option",
        ),
    ),
    Mutant(
        OfferIsServerError,
        (
            "upgrade.h2c",
            "upgrade.http10-*",
            "upgrade.request-*",
            "upgrade.unknown-*",
            "upgrade.websocket-*",
            "upgrade.with-body",
            "upgrade.without-connection-option",
        ),
        tolerated=True,
    ),
    Mutant(
        BodyOfOfferUnread,
        (
            "upgrade.request-behind-the-*",
            "upgrade.with-*",
        ),
    ),
)
