"""How to reproduce a finding: the command that plays its scenario, and a shell line that sends its bytes.

From a finding, its target and the options of its run to text. A record is a file that anybody may have
written, so none of it becomes an option or a command by accident: what does not look like a host, a URL or
an id gives no line at all. Terminals are not known here.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from clients.transcript import Kind
from conformance.record_lines import EventLine, FindingLine, TargetLine
from reports.rendering.text import quantity

_CONNECTED, _SECURED, _SENT = Kind.CONNECTED.name, Kind.SECURED.name, Kind.SENT.name

# What a shell line cannot do between two writes.
_BETWEEN_WRITES = (Kind.PAUSED.name, Kind.HALF_CLOSED.name, Kind.CLOSE_NOTIFY_SENT.name)

_ID = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
_URL = re.compile(r"https?://.+|unix:/.+|https?\+unix://.+", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9_.:]([A-Za-z0-9_.:%-]*)")
_UNIX = re.compile(r"unix:(?P<path>/.*)|(?P<scheme>https?)\+unix://(?P<encoded>[^/?#]+)", re.DOTALL)

# Options of a run that a replay needs as well. --spawn is not among them: a report must not carry a command.
_OF_A_TARGET = ("ca", "cert", "key", "sni", "host", "witness")

# Octets that mean something else to printf(1), or that cannot be seen, are escaped.
_NAMED = {0x0D: r"\r", 0x0A: r"\n", 0x09: r"\t", 0x25: "%%", 0x5C: r"\\"}
_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b"'\\%")
_FORMATS = tuple(
    chr(octet) if octet in _PLAIN else _NAMED.get(octet, f"\\{octet:03o}") for octet in range(0x100)
)


@dataclass(frozen=True)
class Reproduction:
    """How to reproduce a finding."""

    command: str  # "" when there is none
    shell: str  # "" when there is none
    notes: tuple[str, ...]  # what to know before using them


@dataclass(frozen=True)
class _Address:
    """Where a target listens."""

    host: str
    port: int
    socket: str = ""  # the path of its Unix socket, instead of host and port


def reproduction(finding: FindingLine, target: TargetLine | None, options: Mapping[str, Any]) -> Reproduction:
    """Return how to reproduce a finding. target: None when the record does not describe it."""
    if target is None or not _URL.fullmatch(target["url"]) or not _ID.fullmatch(finding["scenario"]):
        return Reproduction("", "", ())
    shell, missing = _shell(finding["events"], target, options)
    notes = [
        *_notes_of_command(finding, target, options),
        *([missing] if missing else _notes_of_shell(finding["events"], target)),
    ]
    return Reproduction(_command(finding["scenario"], target, options), shell, tuple(notes))


def printf_format(data: bytes) -> str:
    """Return a quoted format with which POSIX printf(1) prints exactly these bytes."""
    return f"'{_without_hyphen(''.join(map(_FORMATS.__getitem__, data)))}'"


def _without_hyphen(text: str) -> str:
    return r"\055" + text[1:] if text.startswith("-") else text  # some printf would look for options


def _command(scenario: str, target: TargetLine, options: Mapping[str, Any]) -> str:
    words = ["python", "-m", "conformance"]
    # An invariant is judged on all responses of a run, and an embedded server exists only during one.
    in_a_run = scenario.startswith("invariant.") or target["embedded"]
    words += ["--only" if in_a_run else "replay", scenario]
    words += [] if target["embedded"] else [target["url"]]
    words += ["--profile", target["profile"]] if target["embedded"] or target["profile"] != "http11" else []
    words += ["--insecure"] if target["verified"] is False else []
    for name in _OF_A_TARGET:
        words += _option(name, options.get(name))
    for name in _header_names(options):
        words.append(f"--header={name}: …")
    if options.get("delivery", "whole") != "whole":
        words += [*_option("delivery", options["delivery"]), *_option("seed", options.get("seed"))]
    return shlex.join(words)


def _option(name: str, value: object) -> list[str]:
    if value in (None, False, ""):
        return []
    return [f"--{name}={value}"] if str(value).startswith("-") else [f"--{name}", str(value)]


def _header_names(options: Mapping[str, Any]) -> list[str]:
    return [name for name in str(options.get("header") or "").split(", ") if name]


def _notes_of_command(finding: FindingLine, target: TargetLine, options: Mapping[str, Any]) -> Iterator[str]:
    if target["embedded"]:
        yield "The server was started for the run and ended with it; the command starts it again."
    if options.get("spawn"):
        yield "The server was started for the run with --spawn: start it first."
    if _header_names(options):
        yield "The record does not hold the values of --header: fill them in."
    if finding["scenario"].startswith("invariant."):
        yield "This rule is judged on all responses of a run, so the command plays every scenario."


def _notes_of_shell(events: Sequence[EventLine], target: TargetLine) -> Iterator[str]:
    connections = sum(event["kind"] == _CONNECTED for event in events)
    if connections > 1:
        yield f"The shell line sends only the bytes of the last of {quantity(connections, 'connection')}."
    last = _last_connection(events)
    if any(event["kind"] in _BETWEEN_WRITES for event in last) or _is_split(last):
        yield "The shell line sends all bytes at once; the scenario waits or does more between its writes."
    if target["embedded"]:
        yield "In the shell line, replace the address with that of a running server."


def _is_split(events: Sequence[EventLine]) -> bool:
    return sum(event["kind"] == _SENT for event in events) > 1


def _last_connection(events: Sequence[EventLine]) -> Sequence[EventLine]:
    starts = [index for index, event in enumerate(events) if event["kind"] == _CONNECTED]
    return events[starts[-1] :] if starts else events


def _shell(events: Sequence[EventLine], target: TargetLine, options: Mapping[str, Any]) -> tuple[str, str]:
    """Return the shell line, or why there is none."""
    last = _last_connection(events)
    sent = [event for event in last if event["kind"] == _SENT and event.get("data")]
    address = _address(target["url"])
    if not sent or address is None:
        return "", ""
    if any("cut" in event for event in sent):
        return "", "The record holds only part of these bytes, so there is no shell line."
    data = "".join(event["data"] for event in sent).encode("latin-1", "replace")
    secured = any(event["kind"] == _SECURED for event in last)
    reader = _openssl(address, options) if secured else _nc(address)
    # Some nc leave as soon as there is nothing more to send, before a slow server has answered.
    return f"(printf {printf_format(data)}; sleep 2) | {shlex.join(reader)}", ""


def _nc(address: _Address) -> list[str]:
    return ["nc", "-U", address.socket] if address.socket else ["nc", address.host, str(address.port)]


def _openssl(address: _Address, options: Mapping[str, Any]) -> list[str]:
    host = f"[{address.host}]" if ":" in address.host else address.host
    words = ["openssl", "s_client", "-quiet"]
    words += ["-unix", address.socket] if address.socket else ["-connect", f"{host}:{address.port}"]
    name = options.get("sni") or ("" if address.socket or _is_ip_address(address.host) else address.host)
    for option, value in (("servername", name), ("CAfile", options.get("ca")), ("cert", options.get("cert"))):
        words += [f"-{option}", str(value)] if value and not str(value).startswith("-") else []
    key = options.get("key")
    return [*words, "-key", str(key)] if key and not str(key).startswith("-") else words


def _is_ip_address(host: str) -> bool:
    return ":" in host or bool(re.fullmatch(r"[0-9.]+", host))


@cache
def _address(url: str) -> _Address | None:
    """Return where a URL leads; None when that must not stand in a shell line."""
    if unix := _UNIX.match(url):
        path = unix["path"] or unquote(unix["encoded"])
        return _Address("", 0, path) if path.startswith("/") else None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    return _Address(host, port) if _HOST.fullmatch(host) else None
