"""The URL of a target: what it means for the connection, and what requests must carry.

A URL names host and port, or a Unix socket in their place. Nothing is resolved and nothing is connected here.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

from conformance.errors import BadUsage

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65535

# A registered name or an IPv4 address, or an IPv6 address in its brackets.
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._~-]+)?\]")
_HOST_AND_PORT = re.compile(rf"(?:{_HOST.pattern})(?::(?P<port>[0-9]{{1,5}}))?")

# A Unix socket, in the two forms that other tools use: the path alone, or percent-encoded as the host.
_PATH_ALONE = "unix:"
_PATH_AS_HOST = re.compile(r"(https?)\+unix://([^/?#]+)(.*)", re.DOTALL | re.IGNORECASE)
_HOST_OF_A_SOCKET = "localhost"

_FORMS = "http://host:port/ or https://host:port/, unix:/path or http+unix://%2Fpath/"


@dataclass(frozen=True)
class TargetUrl:
    """A URL, taken apart."""

    scheme: str
    """`http` or `https`."""
    host: str
    """The host to connect to, and to name in TLS; without brackets, not percent-decoded."""
    port: int
    unix_socket: str
    """The path of a Unix socket to connect to instead; empty without."""
    authority: bytes
    """The value of Host: without the scheme's default port."""
    path: bytes
    """The path with the query, percent-encoded where a request needs it."""


def parse_url(url: str) -> TargetUrl:
    """Take a URL apart. Raises BadUsage if it does not name a server that can be tested."""
    parts, unix_socket = _split(url)
    host, scheme = parts.hostname or "", parts.scheme
    port = parts.port or _DEFAULT_PORTS[scheme]
    return TargetUrl(scheme, host, port, unix_socket, _authority(host, port, scheme), _path(parts))


def parse_authority(text: str) -> bytes:
    """Return the value of Host for `name` or `name:port`. Raises BadUsage if it cannot be one."""
    matched = _HOST_AND_PORT.fullmatch(text)
    if matched is None or int(matched["port"] or 0) > _LAST_PORT:
        raise BadUsage(f"{text!r} is not a valid value for Host; give HOST or HOST:PORT")
    return text.encode("ascii")


def _split(url: str) -> tuple[SplitResult, str]:
    """Return the parts of a URL and the path of the Unix socket, if it names one."""
    try:
        url.encode()
        plain, unix_socket = _separate_unix_socket(url)
        parts = urlsplit(plain)
        port, host = parts.port, _host_in_authority(parts.hostname or "")
    except ValueError as error:
        raise BadUsage(f"{url!r} is not a URL: {error}") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise BadUsage(f"{url!r} is not a URL of the form {_FORMS}")
    if not _HOST.fullmatch(host):
        raise BadUsage(f"{url!r} has a host that is not valid in a request (RFC 3986, 3.2.2)")
    if parts.username is not None:
        raise BadUsage(f"{url!r} has a user name, which is not allowed in a request (RFC 9110, 4.2.4)")
    if port == 0:
        raise BadUsage(f"{url!r} has port 0, on which no server can listen")
    return parts, unix_socket


def _separate_unix_socket(url: str) -> tuple[str, str]:
    """Return the URL with `localhost` in place of a Unix socket, and the socket's path; empty without."""
    if url.startswith(_PATH_ALONE):
        plain, path = f"http://{_HOST_OF_A_SOCKET}/", url.removeprefix(_PATH_ALONE)
    elif encoded := _PATH_AS_HOST.fullmatch(url):
        plain, path = f"{encoded[1]}://{_HOST_OF_A_SOCKET}{encoded[3]}", unquote(encoded[2])
    else:
        return url, ""
    if not path.startswith("/") or "\0" in path:
        raise ValueError("the path of a Unix socket starts with / and contains no NUL")
    return plain, path


def _authority(host: str, port: int, scheme: str) -> bytes:
    name = _host_in_authority(host)
    return (name if port == _DEFAULT_PORTS[scheme] else f"{name}:{port}").encode("ascii")


def _host_in_authority(host: str) -> str:
    return f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")


def _path(parts: SplitResult) -> bytes:
    path = quote(parts.path, safe="/%:@!$&'()*+,;=-._~") or "/"
    query = quote(parts.query, safe="/%:@!$&'()*+,;=-._~?")
    return (f"{path}?{query}" if query else path).encode("ascii")
