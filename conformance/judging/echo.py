"""What the witness's application saw of a request, read from its JSON response (docs/witness.md).

The JSON comes from the server under test and is not trusted: a member that is missing or has the wrong shape
counts as absent, and an absent member is unknown (None), never wrong. This module does not know what the
application should have seen. `echo.schema.json` describes the JSON for authors of witnesses.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clients.response import Response

# A name that stays recognizable if an interface changes its case, or writes `_` for `-`.
_PLAIN_NAME = re.compile(rb"[A-Za-z0-9-]+")


@dataclass(frozen=True)
class Echo:
    """What the witness's application saw of one request, according to its JSON."""

    # The JSON object as it came, with members of any shape.
    seen: Mapping[str, Any]

    def octets(self, name: str) -> bytes | None:
        """The member of that name as bytes; None if the witness does not report it."""
        value = self.seen.get(name)
        return value.encode("latin-1", "replace") if isinstance(value, str) else None

    def has(self, name: str, expected: bytes) -> bool | None:
        """Whether the member of that name is exactly these bytes; None if it is not reported.

        Many interfaces keep only the query of the request-target as received. Comparing the query is then
        enough: that the echo came at all shows that the path was understood.
        """
        value = self.octets(name)
        if value is None and name == "target":
            value, expected = self.query, _query(expected)
        return None if value is None else value == expected

    @property
    def query(self) -> bytes | None:
        """The part of the request-target after the first `?`; None if it is not reported."""
        target = self.octets("target")
        return self.octets("query") if target is None else _query(target)

    def tells_field(self, name: bytes, sent: bytes) -> bool:
        """Whether the echo would report a field of that name, and would not confuse it with another one.

        sent: the bytes sent in the conversation. An interface that merges names, such as CGI, reports a field
        `X_A` as `X-A`; so such a name is certain only if its twin was not sent.
        """
        if not isinstance(self.seen.get("headers"), list):
            return False
        if self.seen.get("headers_as_received") is not False:
            return True
        twin = name.replace(b"-", b"_").lower()
        return bool(_PLAIN_NAME.fullmatch(name)) and (b"-" not in name or twin not in sent.lower())

    def field(self, name: bytes, *, section: str = "headers") -> bytes | None:
        """The value of a field, its lines joined by commas; None if there is no such field.

        section: "headers" or "trailers".
        """
        wanted = name.decode("latin-1").lower()
        lines = map(_texts, _list(self.seen.get(section)))
        values = [line[1] for line in lines if len(line) == 2 and line[0].lower() == wanted]
        return ", ".join(values).encode("latin-1", "replace") if values else None

    def holds_body(self, expected: bytes) -> bool | None:
        """Whether the body was exactly these bytes; None if it is not reported."""
        body = self.seen.get("body")
        return None if body is None else are_octets(body, expected)

    def arguments(self, name: str) -> tuple[str, ...]:
        """The values of a form field, in order; empty if the field is missing."""
        return _texts(_mapping(self.seen.get("arguments")).get(name))

    def files(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """The files in a form field: filename, content_type, length and sha256 of each."""
        listed = _list(_mapping(self.seen.get("files")).get(name))
        return tuple(
            {key: value for key, value in _mapping(file).items() if isinstance(value, str | int)}
            for file in listed
        )

    @property
    def body(self) -> bytes:
        """The body if the witness quotes it, else empty."""
        quoted = _mapping(self.seen.get("body")).get("base64")
        try:
            return base64.b64decode(quoted) if isinstance(quoted, str) else b""
        except ValueError:
            return b""


def echo_in(response: Response) -> Echo | None:
    """Read a response as the witness's echo; None if it is not one."""
    if response.status != 200:
        return None
    try:
        seen = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return Echo(seen) if isinstance(seen, dict) and seen.get("witness") == 1 else None


def are_octets(described: object, expected: bytes) -> bool:
    """Whether a JSON object describes exactly these bytes, by `length` and `sha256`."""
    description = _mapping(described)
    digest = hashlib.sha256(expected).hexdigest()
    return (description.get("length"), description.get("sha256")) == (len(expected), digest)


def _query(target: bytes) -> bytes:
    return target.partition(b"?")[2]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    texts = tuple(text for text in _list(value) if isinstance(text, str))
    return texts if len(texts) == len(_list(value)) else ()
