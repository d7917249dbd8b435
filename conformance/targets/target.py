"""A target: a server under test, as the user names it and with what is known about it before the run.

A target is a value, and nothing is sent here: `preflight` finds out what a target offers, `measuring` how
fast it is.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from clients.endpoint import Endpoint, Rate
from clients.tls import Security, make_security
from conformance.errors import BadUsage
from conformance.judging.model import Need
from conformance.judging.outcomes import FOLLOW_UP_MARK
from conformance.judging.placeholders import NEED_WITNESS, fill
from conformance.targets.extra_fields import add_fields, field_line
from conformance.targets.url import parse_authority, parse_url


@dataclass(frozen=True)
class Target:
    """A server under test."""

    name: str
    """Short, and unique in a run."""
    url: str
    """As the user wrote it."""
    endpoint: Endpoint
    """Where to connect to, with the TLS settings and the rate limit."""
    authority: bytes
    """The value of Host in requests."""
    path: bytes
    """The path and query of the URL."""
    profile: str = "http11"
    """The rules that the server is held to."""
    witness: bytes | None = None
    """The path that the witness is mounted at, without a final slash; None if there is none."""
    fields: bytes = b""
    """Whole field lines that are added to every request."""
    offers: frozenset[Need] = frozenset()
    """The capabilities that it has."""
    server: str = ""
    """The value of Server in its response to a plain GET."""
    verified: bool | None = None
    """Whether its certificate is verified; None without TLS."""
    reserved_for: Need | None = None
    """If set, the target plays only scenarios that need this capability."""
    embedded: bool = False
    """Whether it is started for the run and ends with it."""
    labels_http10: bool = False
    """Whether its response to a plain GET is labelled HTTP/1.0."""
    second_opinion: str = ""
    """A sentence about how h11 frames its response to a plain GET differently; empty if it does not."""

    @cached_property
    def placeholders(self) -> Mapping[bytes, bytes]:
        """The value of each placeholder in a scenario's bytes."""
        scheme = b"https" if self.endpoint.security else b"http"
        values = {
            b"<host>": self.authority,
            b"<origin>": scheme + b"://" + self.authority,
            b"<path>": self.path,
        }
        if self.witness is None:
            return values | {b"<witness>": self.path}
        # A resource of the witness has the name of its placeholder.
        resources = {name: self.witness + b"/" + name.strip(b"<>") for name in NEED_WITNESS}
        return values | {b"<witness>": self.witness + b"/echo"} | resources

    def request(self, template: bytes) -> bytes:
        """Return a plain request of our own: the template with added fields and filled placeholders."""
        return fill(add_fields(template, self.fields), self.placeholders)

    def follow_up(self) -> bytes:
        """Return the plain request whose response proves a connection open; it asks for the close."""
        return self.request(
            b"GET <witness>%s HTTP/1.1\r\nHost: <host>\r\nConnection: close\r\n\r\n" % FOLLOW_UP_MARK
        )

    def with_host(self, host: str) -> "Target":
        """Return the target with another value of Host: `name` or `name:port`. Raises BadUsage."""
        return replace(self, authority=parse_authority(host))

    def with_fields(self, fields: Iterable[str]) -> "Target":
        """Return the target with fields, each `Name: value`, added to every request. Raises BadUsage."""
        lines = []
        for field in fields:
            try:
                lines.append(field_line(field))
            except ValueError as error:
                raise BadUsage(f"--header cannot add {field.partition(':')[0]!r}: {error}") from error
        return replace(self, fields=b"".join(lines))

    def with_rate(self, per_second: float) -> "Target":
        """Return the target with a limit on requests per second. Raises BadUsage."""
        if not 0 < per_second < math.inf:
            raise BadUsage("--rate must be a number of requests per second above 0")
        return replace(self, endpoint=replace(self.endpoint, rate=Rate(per_second)))


def locate(
    url: str,
    *,
    profile: str = "http11",
    name: str = "",
    authority: Path | None = None,
    insecure: bool = False,
    client: Path | None = None,
    client_key: Path | None = None,
    untrusted_client: Path | None = None,
    server_name: str = "",
    reserved_for: Need | None = None,
) -> Target:
    """Return the target that a URL names, without connecting to it.

    name: of the target (default: the scheme). authority: PEM file with the CA to verify an https target with.
    insecure: do not verify it. client, untrusted_client: PEM files with client certificates. client_key: PEM
    file with the key of `client`, if it is in another file. server_name: the name to send in SNI and to
    verify, instead of the URL's host. For the others see Target.
    Raises BadUsage if the URL does not name a server that can be tested, or a file cannot be used.
    """
    parsed = parse_url(url)
    security: Security | None = None
    if parsed.scheme == "https":
        try:
            security = make_security(
                server_name or parsed.host,
                authority=authority,
                insecure=insecure,
                client=client,
                client_key=client_key,
                untrusted_client=untrusted_client,
            )
        except OSError as error:
            raise BadUsage(f"the certificate file cannot be used: {error.strerror or error}") from error
    elif authority or insecure or client or server_name:
        raise BadUsage(f"--ca, --insecure, --cert and --sni need an https URL, but {url} is plain http")
    offers = {Need.TLS} if security else set()
    if client is not None and untrusted_client is not None:
        offers.add(Need.CLIENT_CERTIFICATE)
    return Target(
        name=name or parsed.scheme,
        url=url,
        endpoint=Endpoint(parsed.host, parsed.port, security, parsed.unix_socket),
        authority=parsed.authority,
        path=parsed.path,
        profile=profile,
        offers=frozenset(offers),
        verified=None if security is None else not insecure,
        reserved_for=reserved_for,
    )
