"""What the witness's application saw of a request, read from the JSON that it answers (DESIGN 5).

The JSON comes from the server under test, so nothing in it is taken for granted: what is missing or of an odd
shape reads as absent, and what is absent is unknown (None), never wrong. What should have been seen is not
known here. `echo.schema.json` describes the JSON for those who write a witness.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clients.response import Response

# A name that is still the same when an interface has changed its letters' case, and written `_` for `-`.
_PLAIN_NAME = re.compile(rb"[A-Za-z0-9-]+")


@dataclass(frozen=True)
class Echo:
    """What the witness's application saw of one request, as its JSON says (DESIGN 5)."""

    seen: Mapping[str, Any]

    def octets(self, name: str) -> bytes | None:
        """The member of that name as bytes; None when the witness does not report it."""
        value = self.seen.get(name)
        return value.encode("latin-1", "replace") if isinstance(value, str) else None

    def has(self, name: str, expected: bytes) -> bool | None:
        """Whether the member of that name is just these bytes; None when it is not reported.

        Many interfaces keep only the query of the request-target as it was received. Then that has to do:
        that the path was understood, the echo itself shows.
        """
        found = self.octets(name)
        if found is None and name == "target":
            found, expected = self.query, _query(expected)
        return None if found is None else found == expected

    @property
    def query(self) -> bytes | None:
        """What follows the first `?` of the request-target; None when that is not reported."""
        target = self.octets("target")
        return self.octets("query") if target is None else _query(target)

    def tells_field(self, name: bytes, sent: bytes) -> bool:
        """Whether a field of that name would be found, and no other be taken for it.

        sent: the bytes of the conversation. Where the fields are not as received, `X_A` is reported as `X-A`.
        """
        if not isinstance(self.seen.get("headers"), list):
            return False
        if self.seen.get("headers_as_received") is not False:
            return True
        twin = name.replace(b"-", b"_").lower()
        return bool(_PLAIN_NAME.fullmatch(name)) and (b"-" not in name or twin not in sent.lower())

    def field(self, name: bytes, *, section: str = "headers") -> bytes | None:
        """The value of a field, its lines joined by commas; None when there is no such field."""
        wanted = name.decode("latin-1").lower()
        lines = map(_texts, _list(self.seen.get(section)))
        values = [line[1] for line in lines if len(line) == 2 and line[0].lower() == wanted]
        return ", ".join(values).encode("latin-1", "replace") if values else None

    def holds_body(self, expected: bytes) -> bool | None:
        """Whether the body was just these bytes; None when it is not reported."""
        body = self.seen.get("body")
        return None if body is None else are_octets(body, expected)

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


def _query(target: bytes) -> bytes:
    return target.partition(b"?")[2]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    texts = tuple(text for text in _list(value) if isinstance(text, str))
    return texts if len(texts) == len(_list(value)) else ()
