"""Forms: their values, and urlencoded arguments (DOC-FORM). ``multipart`` reads the other kind.

Names and filenames are text, decoded as UTF-8; values and file contents are bytes. Nothing a peer writes into
a form raises an exception, except that there may be too much of it.

This module knows neither requests nor profiles. What it logs are the warnings that the document names.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypedDict

from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Refusal
from reference_server.parsing.steps import STEP, Steps, finish, gather

logger = logging.getLogger(__name__)

ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")

HEXADECIMAL = b"0123456789ABCDEFabcdef"

OCTETS = {
    digits: bytes.fromhex(digits.decode())
    for digits in (bytes((high, low)) for high in HEXADECIMAL for low in HEXADECIMAL)
}
"""What each percent-escape stands for, by its digits."""


class HTTPFile(TypedDict):
    """One uploaded file (DOC-MP-5, DOC-REQ-11): its name and type as the part says, its content as sent."""

    filename: str
    content_type: str
    body: bytes


Arguments = dict[str, list[bytes]]
Files = dict[str, list[HTTPFile]]


@dataclass(slots=True)
class Form:
    """What a body held: ``arguments`` and ``files``, each a list of values by name."""

    arguments: Arguments = field(default_factory=dict)
    files: Files = field(default_factory=dict)

    def after(self, arguments: Arguments) -> "Form":
        """Return the form with these arguments, of a query, before its own (DOC-FORM-1)."""
        for name, values in self.arguments.items():
            arguments.setdefault(name, []).extend(values)
        return Form(arguments, self.files)


class Tally:
    """Counts what one form holds, and refuses what is too much of it. Of each kind of fault it warns once."""

    __slots__ = ("_fields", "_names", "_warnings", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._fields = 0
        self._names = 0
        self._warnings: set[str] = set()

    def add(self, fields: int, names: int) -> None:
        """Count more fields, and the octets of names. Raises ``Refusal`` when there are too many."""
        self._fields += fields
        self._names += names
        if self._fields > self.limits.form_fields:
            raise Refusal(413, f"more than {self.limits.form_fields} form fields")
        if self._names > self.limits.form_names:
            raise Refusal(413, f"names of more than {self.limits.form_names} octets in one form")

    def warn(self, warning: str) -> None:
        """Log what is wrong with a part, unless that was said of another part of the form."""
        if warning not in self._warnings:
            self._warnings.add(warning)
            logger.warning(warning)


def decode(text: bytes) -> bytes:
    """Decode percent-escapes; a ``%`` without two hexadecimal digits stays as it is."""
    return ESCAPE.sub(lambda escape: OCTETS[escape[1]], text)


def parse_urlencoded(text: bytes, limits: Limits) -> Arguments:
    """Do at once what ``urlencoded_steps`` does."""
    return finish(urlencoded_steps(text, limits))


def urlencoded_steps(text: bytes, limits: Limits) -> Steps[Arguments]:
    """Read ``name=value&…`` into lists of values by name (DOC-FORM-1, DOC-FORM-3).

    ``+`` and percent-escapes are decoded. Empty values, and names that have no other, are left out. Pairs end
    at ``&`` only. What is not UTF-8 in a name is replaced by U+FFFD. Raises ``Refusal`` when there are too
    many pairs, or their names are too long.
    """
    arguments: Arguments = {}
    tally = Tally(limits)
    start = 0
    while start < len(text):
        end = pairs_end(text, start)
        if end - start > STEP:
            tally.add(1, 0)
            yield from add_long_pair(arguments, tally, text, start, end)
        else:
            add_pairs(arguments, tally, text[start:end])
        start = end + 1
        yield
    return arguments


def pairs_end(text: bytes, start: int) -> int:
    """Return where the pairs end that make up one step: several short ones, or one that may be long."""
    if len(text) - start <= STEP:
        return len(text)
    end = text.rfind(b"&", start, start + STEP)
    if end < 0:
        end = text.find(b"&", start + STEP)
    return end if end >= 0 else len(text)


def add_pairs(arguments: Arguments, tally: Tally, pairs: bytes) -> None:
    """Add some whole pairs."""
    tally.add(pairs.count(b"&") + 1, 0)
    names = 0
    for pair in pairs.replace(b"+", b" ").split(b"&"):
        name, _, value = pair.partition(b"=")
        if not value:
            continue
        if b"%" in pair:
            name, value = decode(name), decode(value)
        key = name.decode("utf-8", "replace")
        if key in arguments:
            arguments[key].append(value)
        else:
            arguments[key] = [value]
            names += len(name)
    tally.add(0, names)


def add_long_pair(arguments: Arguments, tally: Tally, text: bytes, start: int, end: int) -> Steps[None]:
    """Add one pair that is too long to be decoded at once."""
    equals = text.find(b"=", start, end)
    if equals < 0 or equals + 1 == end:
        return
    tally.add(0, equals - start)
    name = yield from gather(decoded_pieces(text, start, equals))
    value = yield from gather(decoded_pieces(text, equals + 1, end))
    arguments.setdefault(name.decode("utf-8", "replace"), []).append(value)


def decoded_pieces(text: bytes, start: int, end: int) -> Iterator[bytes]:
    """Decode what stands between ``start`` and ``end``, piece by piece. No piece ends within an escape."""
    while start < end:
        stop = min(start + STEP, end)
        if stop < end and (percent := text.rfind(b"%", stop - 2, stop)) >= 0:
            stop = percent
        yield decode(text[start:stop].replace(b"+", b" "))
        start = stop
