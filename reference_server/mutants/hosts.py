"""Mutants that misread the Host field."""

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.http11 import DEFAULT_HOST, HOST, HTTP11
from reference_server.parsing.message import Fields, Refusal


class MissingHostAccepted(HTTP11):
    """Serves an HTTP/1.1 request without Host."""

    def host(self, version: str, authority: bytes, fields: Fields) -> str:
        if not fields.values(HOST):
            return authority.decode("ascii") or DEFAULT_HOST
        return super().host(version, authority, fields)


class FirstOfSeveralHostsCounts(HTTP11):
    """Uses the first of several Host lines."""

    def host(self, version: str, authority: bytes, fields: Fields) -> str:
        values = fields.values(HOST)
        if len(values) > 1:
            return (authority or values[0]).decode("ascii")
        return super().host(version, authority, fields)


class HostUnchecked(HTTP11):
    """Accepts any value in Host."""

    def host(self, version: str, authority: bytes, fields: Fields) -> str:
        values = fields.values(HOST)
        if len(values) == 1:
            return (authority or values[0]).decode("latin-1")
        return super().host(version, authority, fields)


class EmptyHostIsServerError(HTTP11):
    """Answers 500 to an empty Host."""

    def host(self, version: str, authority: bytes, fields: Fields) -> str:
        if fields.values(HOST) == [b""]:
            raise Refusal(500, "there is no such site")
        return super().host(version, authority, fields)


class UnknownHostIsServerError(HTTP11):
    """Answers 500 to a Host other than its own."""

    def host(self, version: str, authority: bytes, fields: Fields) -> str:
        host = super().host(version, authority, fields)
        if not host.startswith(DEFAULT_HOST):
            raise Refusal(500, "there is no such site")
        return host


MUTANTS = (
    Mutant(
        MissingHostAccepted,
        (
            "chunked.host-in-a-trailer-alone",
            "expect.without-host",
            "host.missing-with-absolute-form",
            "host.refused-missing",
            "methods.*-without-host",
        ),
    ),
    Mutant(
        FirstOfSeveralHostsCounts,
        (
            "host.refused-two-equal-lines",
            "host.refused-two-lines",
            "host.two-*",
            "http10.two-hosts",
        ),
    ),
    Mutant(
        HostUnchecked,
        (
            "host.malformed-in-http10",
            "host.refused-*-port",
            "host.refused-above-ascii",
            "host.refused-backslash",
            "host.refused-behind-ipv6",
            "host.refused-circumflex",
            "host.refused-fragment",
            "host.refused-ip-of-the-future-of-nothing",
            "host.refused-ipv6-*",
            "host.refused-path",
            "host.refused-port-*",
            "host.refused-query",
            "host.refused-quotes",
            "host.refused-scheme",
            "host.refused-slashes-first",
            "host.refused-space",
            "host.refused-stray-percent",
            "host.refused-tab",
            "host.refused-two-ports",
            "host.refused-user-name",
            "host.refused-utf-8",
        ),
    ),
    Mutant(EmptyHostIsServerError, ("host.empty",)),
    Mutant(
        UnknownHostIsServerError,
        (
            "host.unknown-*",
            "request-line.absolute-form-of-*",
        ),
        tolerated=True,
    ),
)
