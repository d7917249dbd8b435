"""Small things of HTTP: header dictionaries, dates, quoted strings, token lists.

Text here is latin-1 read as Unicode: every octet of a field is one code point, so that nothing is lost.
This module knows no sockets, no profiles and no requests.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from email.utils import formatdate
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Self

PARAMETER = re.compile(r';[ \t]*+([^ \t=;"]++)[ \t]*+=[ \t]*+(?:"((?:[^"\\]++|\\.)*+)"|([^;"]*+))', re.DOTALL)
"""One parameter of a field value: its name, then its quoted or its plain value.

A quote that is never closed is looked for once: any quote that could open another parameter would close it.
"""

QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


RENAMED = {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable"}
"""Statuses whose words are older in Python 3.11 than in RFC 9110."""


LONGEST_KEPT = 64
"""Characters of a field name that is kept to be met again; a peer can make up many longer ones."""


def normalize_name(name: str) -> str:
    """Return a field name in Http-Header-Case (DOC-HDR-1)."""
    return _kept_name(name) if len(name) <= LONGEST_KEPT else _capitalized(name)


def _capitalized(name: str) -> str:
    return "-".join([word.capitalize() for word in name.split("-")])


_kept_name = lru_cache(maxsize=1024)(_capitalized)


class HTTPHeaders(MutableMapping[str, str]):
    """Header fields (DOC-IO-4): a dictionary whose names ignore case, with all values of repeated fields.

    ``headers[name]`` is all values joined by a comma (DOC-HDR-1); ``get_list`` has them one by one.
    """

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] = (), **named: str) -> None:
        self._values: dict[str, list[str]] = {}
        if fields or named:
            self.update(fields, **named)

    def add(self, name: str, value: str) -> None:
        """Add one value, after those the name already has (DOC-IO-4)."""
        key = normalize_name(name)
        if key in self._values:
            self._values[key].append(value)
        else:
            self._values[key] = [value]

    def get_list(self, name: str) -> list[str]:
        """Return all values of a name, in order; an empty list when there are none (DOC-IO-4)."""
        return list(self._values.get(normalize_name(name), ()))

    def get_all(self) -> Iterator[tuple[str, str]]:
        """Yield a pair of name and value for each value (DOC-IO-4)."""
        for name, values in self._values.items():
            for value in values:
                yield name, value

    def parse_line(self, line: str) -> None:
        """Add one line, ``name: value``. Raises ``ValueError`` when there is no colon (DOC-IO-4)."""
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"no colon in field line {line!r}")
        self.add(name, value.strip(" \t\v\f"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read field lines, ended by CRLF, LF or CR, empty ones skipped (DOC-IO-4, DOC-HDR-3)."""
        headers = cls()
        for line in text.replace("\r", "\n").split("\n"):
            if line:
                headers.parse_line(line)
        return headers

    def __getitem__(self, name: str) -> str:
        return ",".join(self._values[normalize_name(name)])

    def __setitem__(self, name: str, value: str) -> None:
        self._values[normalize_name(name)] = [value]

    def __delitem__(self, name: str) -> None:
        del self._values[normalize_name(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"


def split_parameters(value: str, wanted: Collection[str]) -> tuple[str, dict[str, str]]:
    """Take a field value such as ``form-data; name="a;b"`` apart, quoted strings and all.

    Returns what stands before the first parameter, and the ``wanted`` parameters by name in lower case; of a
    name that comes twice the first counts. A ``;`` or an escaped quote inside a quoted string belongs to the
    value. What is no parameter is skipped up to the next one (DOC-MP-1, DOC-MP-2, DOC-MP-10).
    """
    essence, semicolon, _ = value.partition(";")
    parameters: dict[str, str] = {}
    if semicolon:
        for found in PARAMETER.finditer(value, len(essence)):
            name = found[1].lower()
            if name in wanted and name not in parameters:
                quoted = found[2] or ""
                text = QUOTED_PAIR.sub(r"\1", quoted) if "\\" in quoted else quoted
                parameters[name] = text or (found[3] or "").strip()
    return essence.strip(), parameters


def split_tokens(values: Sequence[bytes]) -> list[bytes]:
    """Return the members of a comma-separated list over all its lines, in lower case, empty ones left out."""
    joined = values[0] if len(values) == 1 else b",".join(values)
    return [token for part in joined.lower().split(b",") if (token := part.strip(b" \t"))]


@lru_cache(maxsize=1)
def format_date(second: int) -> str:
    """Return a time since the epoch, in whole seconds, as HTTP writes it."""
    return formatdate(second, usegmt=True)


@cache
def reason_phrase(status: int) -> str:
    """Return the usual words for a status code, nothing for one that has none."""
    if status in RENAMED:
        return RENAMED[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
