"""How a finding is seen again: the command that plays its scenario, and a shell line that sends its bytes.

From a finding, its target and the options of its run to text. A record is a file that anybody may have
written, so nothing of it becomes an option or a command by accident: what does not look like a host, a URL or
an id gives no line at all. What a terminal does with the lines is not known here.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from reports.rendering.text import counted

# The kinds of events, as the record spells them.
_CONNECTED, _SECURED, _SENT = "connected", "TLS established", "sent"
_WAITS = ("sent nothing for a quiet window", "closed our sending side", "sent close_notify")

_ID = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
_URL = re.compile(r"https?://.+|unix:/.+|https?\+unix://.+", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9_.:]([A-Za-z0-9_.:%-]*)")
_UNIX = re.compile(r"unix:(?P<path>/.*)|(?P<scheme>https?)\+unix://(?P<encoded>[^/?#]+)", re.DOTALL)

# Options of a run that a replay needs as well. --spawn is not among them: a report is no place for a command.
_OF_A_TARGET = ("ca", "cert", "key", "sni", "host", "witness")

# What printf(1) takes for something else, and what cannot be seen, goes into it as octets.
_NAMED = {0x0D: r"\r", 0x0A: r"\n", 0x09: r"\t", 0x25: "%%", 0x5C: r"\\"}
_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b"'\\%")
_FORMATS = tuple(
    chr(octet) if octet in _PLAIN else _NAMED.get(octet, f"\\{octet:03o}") for octet in range(0x100)
)


@dataclass(frozen=True)
class Replay:
    """How to see a finding again. command, shell: empty where there is none. notes: what to know of them."""

    command: str
    shell: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Place:
    """Where a target listens. socket: the path of its Unix socket, in place of host and port."""

    host: str
    port: int
    socket: str = ""


def replay(
    finding: Mapping[str, Any], target: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> Replay:
    """Return how to see a finding again. target: None when the record does not describe it."""
    if target is None or not _URL.fullmatch(target["url"]) or not _ID.fullmatch(finding["scenario"]):
        return Replay("", "", ())
    shell, missing = _shell(finding["events"], target, options)
    notes = [
        *_notes_of_command(finding, target, options),
        *([missing] if missing else _notes_of_shell(finding["events"], target)),
    ]
    return Replay(_command(finding["scenario"], target, options), shell, tuple(notes))


def printf_format(data: bytes) -> str:
    """Return the bytes as a quoted format of POSIX printf(1), which prints just them."""
    return f"'{_without_hyphen(''.join(map(_FORMATS.__getitem__, data)))}'"


def _without_hyphen(text: str) -> str:
    return r"\055" + text[1:] if text.startswith("-") else text  # some printf would look for options


def _command(scenario: str, target: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    words = ["python", "-m", "conformance"]
    # An invariant looks at all responses of a run, and an embedded server is there for a run only.
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


def _notes_of_command(
    finding: Mapping[str, Any], target: Mapping[str, Any], options: Mapping[str, Any]
) -> Iterator[str]:
    if target["embedded"]:
        yield "The server was started for the run and is gone with it; the command starts it again."
    if options.get("spawn"):
        yield "The server was started for the run by --spawn, so start it first."
    if _header_names(options):
        yield "The record does not repeat the values of --header: put them in."
    if finding["scenario"].startswith("invariant."):
        yield "This is judged from all responses of a run, so the command plays them all."


def _notes_of_shell(events: Sequence[Mapping[str, Any]], target: Mapping[str, Any]) -> Iterator[str]:
    connections = sum(event["kind"] == _CONNECTED for event in events)
    if connections > 1:
        yield f"The shell line sends just the bytes of the last of {counted(connections, 'connection')}."
    last = _last_connection(events)
    if any(event["kind"] in _WAITS for event in last) or _is_split(last):
        yield "The shell line sends all bytes at once; the scenario waits, or does more, between them."
    if target["embedded"]:
        yield "For the shell line, put in the address of a server that runs."


def _is_split(events: Sequence[Mapping[str, Any]]) -> bool:
    return len([event for event in events if event["kind"] == _SENT]) > 1


def _last_connection(events: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    starts = [index for index, event in enumerate(events) if event["kind"] == _CONNECTED]
    return events[starts[-1] :] if starts else events


def _shell(
    events: Sequence[Mapping[str, Any]], target: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[str, str]:
    """Return the shell line, or why there is none."""
    last = _last_connection(events)
    sent = [event for event in last if event["kind"] == _SENT and event.get("data")]
    place = _place(target["url"])
    if not sent or place is None:
        return "", ""
    if any("cut" in event for event in sent):
        return "", "The record holds these bytes in part only, so there is no shell line for them."
    data = "".join(event["data"] for event in sent).encode("latin-1", "replace")
    secured = any(event["kind"] == _SECURED for event in last)
    reader = _openssl(place, options) if secured else _nc(place)
    # A server may take its time, and some nc leave as soon as there is nothing more to send.
    return f"(printf {printf_format(data)}; sleep 2) | {shlex.join(reader)}", ""


def _nc(place: _Place) -> list[str]:
    return ["nc", "-U", place.socket] if place.socket else ["nc", place.host, str(place.port)]


def _openssl(place: _Place, options: Mapping[str, Any]) -> list[str]:
    host = f"[{place.host}]" if ":" in place.host else place.host
    words = ["openssl", "s_client", "-quiet"]
    words += ["-unix", place.socket] if place.socket else ["-connect", f"{host}:{place.port}"]
    name = options.get("sni") or ("" if place.socket or _is_address(place.host) else place.host)
    for option, value in (("servername", name), ("CAfile", options.get("ca")), ("cert", options.get("cert"))):
        words += [f"-{option}", str(value)] if value and not str(value).startswith("-") else []
    key = options.get("key")
    return [*words, "-key", str(key)] if key and not str(key).startswith("-") else words


def _is_address(host: str) -> bool:
    return ":" in host or bool(re.fullmatch(r"[0-9.]+", host))


@cache
def _place(url: str) -> _Place | None:
    """Return where a URL leads; None when that is nothing to put into a shell line."""
    if unix := _UNIX.match(url):
        path = unix["path"] or unquote(unix["encoded"])
        return _Place("", 0, path) if path.startswith("/") else None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    return _Place(host, port) if _HOST.fullmatch(host) else None
