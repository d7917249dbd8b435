"""A target: a server under test as a user names it, and what was found out about it before the run.

`examine` is the preflight: it turns a URL into a target or says in one sentence why it cannot be tested. It
asks only plain things; what the rules say is not known here.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from clients.conversation import Conversation, Patience
from clients.driver import play
from clients.endpoint import Endpoint, Rate
from clients.response import Response
from clients.steps import Handshake, Identity
from clients.tls import Security, make_security
from clients.transcript import Ending, Transcript
from conformance.judging.echo import Echo, echo_in
from conformance.judging.model import Need
from conformance.judging.observation import observe
from conformance.judging.outcomes import FOLLOW_UP_MARK
from conformance.judging.placeholders import fill
from conformance.targets.extra_fields import add_fields, field_line


class BadUsage(Exception):
    """What the user asked for makes no sense; the message is one sentence."""


class Untestable(Exception):
    """The target cannot be tested; the message is one sentence."""


@dataclass(frozen=True)
class Target:
    """A server under test.

    name: short, unique in a run. path: of the URL. authority: the value of Host. witness: the path it is
    mounted under, or None. fields: lines that are added to every request. offers: the capabilities it has.
    server: what its Server field said. verified: whether its certificate is; None without TLS.
    reserved_for: a capability that the target exists for; it plays only scenarios that need it. embedded:
    whether it was started for the run, and is gone with it.
    """

    name: str
    url: str
    endpoint: Endpoint
    authority: bytes
    path: bytes
    profile: str = "http11"
    witness: bytes | None = None
    fields: bytes = b""
    offers: frozenset[Need] = frozenset()
    server: str = ""
    verified: bool | None = None
    reserved_for: Need | None = None
    embedded: bool = False

    @cached_property
    def placeholders(self) -> Mapping[bytes, bytes]:
        """What the placeholders in a scenario's bytes stand for."""
        scheme = b"https" if self.endpoint.security else b"http"
        filled = {
            b"<host>": self.authority,
            b"<origin>": scheme + b"://" + self.authority,
            b"<path>": self.path,
        }
        if self.witness is None:
            return filled | {b"<witness>": self.path}
        mounted = (b"status", b"size", b"stream", b"slow", b"static", b"ignore")
        return (
            filled
            | {b"<witness>": self.witness + b"/echo"}
            | {b"<%s>" % name: self.witness + b"/" + name for name in mounted}
        )

    def follow_up(self) -> bytes:
        """The plain request that proves a connection open; it asks for the close."""
        request = b"GET <witness>%s HTTP/1.1\r\nHost: <host>\r\nConnection: close\r\n\r\n" % FOLLOW_UP_MARK
        return self.request(request)

    def request(self, template: bytes) -> bytes:
        """Make a plain request of its own of one that has placeholders."""
        return fill(add_fields(template, self.fields), self.placeholders)


_DEFAULT_PORTS = {"http": 80, "https": 443}

# A registered name or an IPv4 address, or an IPv6 address in its brackets.
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._~-]+)?\]")
_HOST_AND_PORT = re.compile(rf"(?:{_HOST.pattern})(?::(?P<port>[0-9]{{1,5}}))?")
_LAST_PORT = 65535


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
    """Make a target of a URL, without talking to it.

    authority: PEM file to verify an https target with. client, untrusted_client: PEM files of identities.
    client_key: that of the client's key, if it is in another file. server_name: what TLS asks for and
    verifies in place of the host.
    Raises BadUsage when it is no URL that can be tested, or a file cannot be used.
    """
    parts, unix_socket = _split(url)
    host, scheme = parts.hostname or "", parts.scheme
    port = parts.port or _DEFAULT_PORTS[scheme]
    security: Security | None = None
    if scheme == "https":
        try:
            security = make_security(
                server_name or host,
                authority=authority,
                insecure=insecure,
                client=client,
                client_key=client_key,
                untrusted_client=untrusted_client,
            )
        except OSError as error:
            raise BadUsage(f"the certificate file cannot be used: {error.strerror or error}") from error
    elif authority or insecure or client or server_name:
        raise BadUsage(f"--ca, --insecure, --cert and --sni are about https, but {url} is plain http")
    offers = {Need.TLS} if security else set()
    if client is not None and untrusted_client is not None:
        offers.add(Need.CLIENT_CERTIFICATE)
    return Target(
        name=name or scheme,
        url=url,
        endpoint=Endpoint(host, port, security, unix_socket),
        authority=_authority(host, port, scheme),
        path=_path(parts),
        profile=profile,
        offers=frozenset(offers),
        verified=None if security is None else not insecure,
        reserved_for=reserved_for,
    )


# A Unix socket in place of host and port, as tools write it: the path alone, or encoded as a host.
_PATH_ALONE = "unix:"
_PATH_AS_HOST = re.compile(r"(https?)\+unix://([^/?#]+)(.*)", re.DOTALL | re.IGNORECASE)
_ON_THIS_MACHINE = "localhost"

_FORMS = "http://host:port/ or https://host:port/, unix:/path or http+unix://%2Fpath/"


def _split(url: str) -> tuple[SplitResult, str]:
    """Take a URL apart; return its parts, and the path of the Unix socket where it names one."""
    try:
        url.encode()
        plain, unix_socket = _unix_socket(url)
        parts = urlsplit(plain)
        port, host = parts.port, _shown(parts.hostname or "")
    except ValueError as error:
        raise BadUsage(f"{url!r} is not a URL: {error}") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise BadUsage(f"{url!r} is not a URL of the form {_FORMS}")
    if not _HOST.fullmatch(host):
        raise BadUsage(f"{url!r} names a host that no request can carry (RFC 3986, 3.2.2)")
    if parts.username is not None:
        raise BadUsage(f"{url!r} holds a user name, which no request can carry (RFC 9110, 4.2.4)")
    if port == 0:
        raise BadUsage(f"{url!r} names port 0, where nothing can listen")
    return parts, unix_socket


def _unix_socket(url: str) -> tuple[str, str]:
    """Return the URL with a host in place of a Unix socket, and the path of that; empty without."""
    if url.startswith(_PATH_ALONE):
        plain, path = f"http://{_ON_THIS_MACHINE}/", url.removeprefix(_PATH_ALONE)
    elif encoded := _PATH_AS_HOST.fullmatch(url):
        plain, path = f"{encoded[1]}://{_ON_THIS_MACHINE}{encoded[3]}", unquote(encoded[2])
    else:
        return url, ""
    if not path.startswith("/") or "\0" in path:
        raise ValueError("the path of a Unix socket begins with / and has no NUL")
    return plain, path


def asked_as(target: Target, host: str) -> Target:
    """Let requests name another host, as `name` or `name:port`. Raises BadUsage when none can be named so."""
    named = _HOST_AND_PORT.fullmatch(host)
    if named is None or int(named["port"] or 0) > _LAST_PORT:
        raise BadUsage(f"{host!r} is no host that a request can name, nor a host and a port")
    return replace(target, authority=host.encode("ascii"))


def asked_with(target: Target, fields: Iterable[str]) -> Target:
    """Add fields, each as `Name: value`, to every request. Raises BadUsage for one that cannot be added."""
    lines = []
    for field in fields:
        try:
            lines.append(field_line(field))
        except ValueError as error:
            raise BadUsage(f"--header cannot add {field.partition(':')[0]!r}: {error}") from error
    return replace(target, fields=b"".join(lines))


def asked_at(target: Target, rate: float) -> Target:
    """Begin no more conversations with the target than so many a second. Raises BadUsage for none at all."""
    if not 0 < rate < math.inf:
        raise BadUsage("--rate is a number of conversations a second, above 0")
    return replace(target, endpoint=replace(target.endpoint, rate=Rate(rate)))


def _authority(host: str, port: int, scheme: str) -> bytes:
    shown = _shown(host)
    return (shown if port == _DEFAULT_PORTS[scheme] else f"{shown}:{port}").encode("ascii")


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")


def _path(parts: SplitResult) -> bytes:
    path = quote(parts.path, safe="/%:@!$&'()*+,;=-._~") or "/"
    query = quote(parts.query, safe="/%:@!$&'()*+,;=-._~?")
    return (f"{path}?{query}" if query else path).encode("ascii")


# Within the ten seconds in which a user wants to hear that nothing is there.
_PREFLIGHT = Patience(silence=4.0, whole=6.0)
_DISCOVERY = Patience(silence=1.0, whole=2.0)

DEFAULT_WITNESS = "/witness"


def examine(target: Target, *, witness: str | None = None) -> Target:
    """Find out whether the target can be tested, and what it offers.

    witness: the path under which it has to be; None looks for it where it usually is: below the URL's path,
    then below the root.
    Raises Untestable when there is no answer to a plain GET, BadUsage when a named witness is not there.
    """
    answer = _plain_get(target)
    server = b", ".join(answer.values(b"server")).decode("latin-1")
    for mount in (witness,) if witness is not None else _usual_mounts(target):
        found = replace(target, server=server, witness=mount.rstrip("/").encode("ascii", "replace"))
        if _echoes(found):
            offers = target.offers | {Need.WITNESS} | ({Need.FORMS} if _reports_forms(found) else set())
            return replace(found, offers=offers)
    if witness is not None:
        raise BadUsage(f"there is no witness at {target.url} under {witness}: {witness}/echo did not echo")
    if not 200 <= answer.status < 300:
        raise Untestable(
            f"{target.url} answers a plain GET with {answer.status}; name a path that answers with 200"
        )
    return replace(target, server=server)


def _usual_mounts(target: Target) -> tuple[str, ...]:
    folder = target.path.partition(b"?")[0].decode("ascii").rstrip("/")
    return (folder + DEFAULT_WITNESS, DEFAULT_WITNESS) if folder else (DEFAULT_WITNESS,)


def demands_certificate(target: Target) -> bool:
    """Whether the target refuses whoever offers no client certificate."""
    steps = (Handshake(Identity.ANONYMOUS), target.request(_PLAIN_GET))
    transcript = play(target.endpoint, Conversation(steps), _PREFLIGHT)
    answer = observe(transcript, filled=target.placeholders).answer
    return answer is None or 400 <= answer.status < 500


def ask_plainly(target: Target, patience: Patience = _PREFLIGHT) -> Transcript:
    """Send a plain GET, and return what came of it."""
    return play(target.endpoint, Conversation((target.request(_PLAIN_GET),)), patience)


def is_answered(target: Target, said: Transcript) -> bool:
    """Whether there is a whole answer in what came of a plain GET."""
    return observe(said, filled=target.placeholders).answer is not None


def still_answers(target: Target, patience: Patience = _PREFLIGHT) -> bool:
    """Whether the target answers a plain GET, as it did before the run."""
    return is_answered(target, ask_plainly(target, patience))


_PLAIN_GET = b"GET <path> HTTP/1.1\r\nHost: <host>\r\n\r\n"


def _plain_get(target: Target) -> Response:
    transcript = ask_plainly(target)
    seen = observe(transcript, filled=target.placeholders)
    if seen.answer is None:
        raise Untestable(f"{target.url} cannot be tested: {_why_no_answer(transcript)}")
    return seen.answer


def _why_no_answer(transcript: Transcript) -> str:
    ending, note = transcript.ending, transcript.note
    if ending is Ending.REFUSED:
        return f"no connection could be made ({note})"
    if ending in (Ending.ALERT, Ending.TLS_BROKEN) and not transcript.secured:
        advice = "; --ca names the authority to trust" if "certificate" in note else ""
        return f"no TLS connection could be made ({note}{advice})"
    if ending is Ending.FLOOD:
        return f"to a plain GET it {ending.value}; every scenario asks for a page, so name a small one"
    if not transcript.received:
        return f"it answers nothing to a plain GET and {ending.value}"
    return f"what it answers to a plain GET is not a complete HTTP/1.x response, and it {ending.value}"


def _echoes(target: Target) -> bool:
    return (
        _echo_of(target, b"GET <witness> HTTP/1.1\r\nHost: <host>\r\nConnection: close\r\n\r\n") is not None
    )


def _reports_forms(target: Target) -> bool:
    echo = _echo_of(
        target,
        b"POST <witness> HTTP/1.1\r\nHost: <host>\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=1",
    )
    return echo is not None and echo.arguments("a") == ("1",)


def _echo_of(target: Target, request: bytes) -> Echo | None:
    transcript = play(target.endpoint, Conversation((target.request(request),)), _DISCOVERY)
    answer = observe(transcript, filled=target.placeholders).answer
    return echo_in(answer) if answer is not None else None
