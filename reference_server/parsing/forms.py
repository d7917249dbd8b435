"""Forms: urlencoded arguments (DOC-FORM) and multipart/form-data (DOC-MP).

Names and filenames are text, decoded as UTF-8; values and file contents are bytes. Nothing a peer writes into
a form raises an exception, except that there may be too much of it.

This module knows neither requests nor profiles. What it logs are the warnings that the document names.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import unquote_to_bytes

from reference_server.httputil import HTTPHeaders, split_parameters
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Refusal

logger = logging.getLogger(__name__)

DASHES = b"--"
"""What a delimiter begins with, and the last one also ends with (RFC 2046, section 5.1.1)."""

DELIMITER_REST = re.compile(rb"(?P<last>--[ \t]*+(?:\r\n|\Z))|(?P<next>[ \t]*+\r\n)")
"""What may stand between a delimiter and the part that follows it."""


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


def parse_urlencoded(text: bytes, limit: int) -> Arguments:
    """Read ``name=value&…`` into lists of values by name (DOC-FORM-1, DOC-FORM-3).

    ``+`` and percent-escapes are decoded; a ``%`` without two hexadecimal digits stays as it is. Empty
    values, and names that have no other, are left out. Pairs end at ``&`` only. Names that are not UTF-8 get
    U+FFFD in the place of what is not. Raises ``Refusal`` when there are more than ``limit`` pairs.
    """
    if text.count(b"&") >= limit:
        raise Refusal(413, f"more than {limit} form fields")
    arguments: Arguments = {}
    for pair in text.replace(b"+", b" ").split(b"&"):
        name, _, value = pair.partition(b"=")
        if not value:
            continue
        if b"%" in pair:
            name, value = unquote_to_bytes(name), unquote_to_bytes(value)
        key = name.decode("utf-8", "replace")
        if key in arguments:
            arguments[key].append(value)
        else:
            arguments[key] = [value]
    return arguments


def boundary_of(content_type: str) -> bytes:
    """Return the boundary of a multipart Content-Type, empty when it has none (DOC-MP-1, DOC-MP-2)."""
    return split_parameters(content_type)[1].get("boundary", "").encode("latin-1")


def parse_multipart(boundary: bytes, body: bytes, limits: Limits, *, within_lines: bool = False) -> Form:
    """Take a multipart/form-data body apart (DOC-MP-4 to DOC-MP-10).

    ``within_lines`` takes what reads like a delimiter for one wherever it stands, not only at the start of a
    line. A part that is malformed, or whose header section is too long, is skipped with a warning. Raises
    ``Refusal`` when there are too many parts.
    """
    form = Form()
    for count, (start, end) in enumerate(find_parts(DASHES + boundary, body, within_lines=within_lines)):
        if count >= limits.form_fields:
            raise Refusal(413, f"more than {limits.form_fields} parts in a form")
        add_part(form, body, start, end, limits.part_head)
    return form


def find_parts(delimiter: bytes, body: bytes, *, within_lines: bool) -> Iterator[tuple[int, int]]:
    """Yield where each part starts, after its delimiter line, and ends, at the next delimiter.

    A delimiter counts at the start of a line, when white space and CRLF follow it; the last one, with ``--``,
    also at the end of the body (DOC-MP-8; RFC 2046, section 5.1.1). The preamble and the epilogue are no
    parts, nor is what no delimiter ends.
    """
    start = -1
    found = body.find(delimiter)
    while found >= 0:
        line = None
        if found == 0 or within_lines or body.endswith(b"\r\n", 0, found):
            line = DELIMITER_REST.match(body, found + len(delimiter))
        if line is None:
            found = body.find(delimiter, found + 1)
            continue
        if start >= 0:
            yield start, found
        if line.lastgroup == "last":
            return
        start = line.end()
        found = body.find(delimiter, start)
    logger.warning("Invalid multipart/form-data: no closing delimiter")


def add_part(form: Form, body: bytes, start: int, end: int, head_limit: int) -> None:
    """Add the part between ``start`` and ``end`` to the form, or warn and leave it out (DOC-MP-6).

    The CRLF before the next delimiter belongs to that. It may be the one that ends the header section: then
    the part has no body, and the value is empty (RFC 2046, section 5.1.1).
    """
    head_end = body.find(b"\r\n\r\n", start, min(end, start + head_limit))
    if head_end < 0 or body.startswith(b"\r\n", start):
        logger.warning("multipart/form-data missing headers")
        return
    try:
        headers = HTTPHeaders.parse(body[start:head_end].decode("latin-1"))
        disposition, parameters = split_parameters(headers.get("Content-Disposition") or "")
        name = parameters.get("name", "").encode("latin-1").decode("utf-8")
    except ValueError:  # a line without a colon, or a name that is not UTF-8
        logger.warning("Invalid multipart/form-data")
        return
    if disposition.lower() != "form-data" or not body.endswith(b"\r\n", head_end + 2, end):
        logger.warning("Invalid multipart/form-data")
        return
    if not name:
        logger.warning("multipart/form-data value missing name")
        return
    value = body[head_end + 4 : end - 2]
    if filename := parameters.get("filename"):
        filename = filename.encode("latin-1").decode("utf-8", "replace")
        content_type = headers.get("Content-Type") or "application/unknown"
        file = HTTPFile(filename=filename, content_type=content_type, body=value)
        form.files.setdefault(name, []).append(file)
    else:
        form.arguments.setdefault(name, []).append(value)
