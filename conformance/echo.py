"""What the witness's application saw of a request, read from the JSON that it answers (DESIGN 5).

The JSON comes from the server under test, so nothing in it is taken for granted: what is missing or of an odd
shape reads as absent. What should have been seen is not known here.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clients.response import Response


@dataclass(frozen=True)
class Echo:
    """What the witness's application saw of one request, as its JSON says (DESIGN 5)."""

    seen: Mapping[str, Any]

    def octets(self, name: str) -> bytes | None:
        """The member of that name as bytes; None when the witness does not report it."""
        value = self.seen.get(name)
        return value.encode("latin-1", "replace") if isinstance(value, str) else None

    def field(self, name: bytes, *, section: str = "headers") -> bytes | None:
        """The value of a field, its lines joined by commas; None when there is no such field."""
        wanted = name.decode("latin-1").lower()
        lines = map(_texts, _list(self.seen.get(section)))
        values = [line[1] for line in lines if len(line) == 2 and line[0].lower() == wanted]
        return ", ".join(values).encode("latin-1", "replace") if values else None

    def holds_body(self, expected: bytes) -> bool:
        """Whether the body was just these bytes."""
        return are_octets(self.seen.get("body"), expected)

    def arguments(self, name: str) -> tuple[str, ...]:
        """The values of a form field, in order; none when it was not given."""
        return _texts(_mapping(self.seen.get("arguments")).get(name))

    def files(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """The files given under a form field: filename, content_type, length and sha256 of each."""
        listed = _list(_mapping(self.seen.get("files")).get(name))
        return tuple(
            {key: value for key, value in _mapping(file).items() if isinstance(value, str | int)}
            for file in listed
        )

    @property
    def body(self) -> bytes:
        """The body, as far as the witness quotes it."""
        quoted = _mapping(self.seen.get("body")).get("base64")
        try:
            return base64.b64decode(quoted) if isinstance(quoted, str) else b""
        except ValueError:
            return b""


def echo_in(response: Response) -> Echo | None:
    """Read a response as the witness's echo; None when it is not one."""
    if response.status != 200:
        return None
    try:
        seen = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return Echo(seen) if isinstance(seen, dict) and seen.get("witness") == 1 else None


def are_octets(described: object, expected: bytes) -> bool:
    """Whether a JSON object describes just these bytes, by `length` and `sha256`."""
    description = _mapping(described)
    digest = hashlib.sha256(expected).hexdigest()
    return (description.get("length"), description.get("sha256")) == (len(expected), digest)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    texts = tuple(text for text in _list(value) if isinstance(text, str))
    return texts if len(texts) == len(_list(value)) else ()
