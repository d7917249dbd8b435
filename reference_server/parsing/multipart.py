"""Bodies of multipart/form-data: their delimiters and their parts (DOC-MP; RFC 2046, section 5.1.1).

Nothing a peer writes into a form raises an exception, except that there may be too much of it. The cost is
linear in the body, whatever the boundary: no octet is searched again because of what was found before it.

This module knows neither requests nor profiles. What it logs are the warnings that the document names.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from reference_server.httputil import HTTPHeaders, split_parameters
from reference_server.parsing.forms import Form, HTTPFile, Tally, logger
from reference_server.parsing.limits import Limits
from reference_server.parsing.steps import STEP, Steps, finish, gather

CRLF = b"\r\n"

DASHES = b"--"
"""What a delimiter begins with, and the last one also ends with."""

LONGEST_PADDING = 998
"""White space that may follow a delimiter; with more the line is content, as it is no line of any mail."""

_PADDING = rb"[ \t]{0,%d}+" % LONGEST_PADDING
_REST = rb"(?:(?P<last>--%b(?:\r\n|\Z))|%b\r\n)" % (_PADDING, _PADDING)
DELIMITER_REST = re.compile(_REST)
"""What may stand between a delimiter and the part that follows it."""

LONGEST_REST = len(DASHES) + LONGEST_PADDING + len(CRLF)

FOLD = re.compile(rb"\r\n(?=[ \t])")
"""A line end within a field of a part's header section (RFC 822, section 3.1.1)."""


def boundary_of(content_type: str) -> bytes:
    """Return the boundary of a multipart Content-Type, empty when it has none (DOC-MP-1, DOC-MP-2)."""
    return split_parameters(content_type, ("boundary",))[1].get("boundary", "").encode("latin-1")


def parse_multipart(boundary: bytes, body: bytes, limits: Limits, *, within_lines: bool = False) -> Form:
    """Do at once what ``multipart_steps`` does."""
    return finish(multipart_steps(boundary, body, limits, within_lines=within_lines))


def multipart_steps(
    boundary: bytes, body: bytes, limits: Limits, *, within_lines: bool = False
) -> Steps[Form]:
    """Take a multipart/form-data body apart (DOC-MP-4 to DOC-MP-10).

    ``within_lines`` takes what reads like a delimiter for one wherever it stands, not only at the start of a
    line. A part that is malformed, or whose header section is too long, is skipped with a warning. Raises
    ``Refusal`` when there are too many parts, or their names are too long.
    """
    form = Form()
    tally = Tally(limits)
    done = 0
    for part in find_parts(Delimiters(boundary, within_lines=within_lines), body):
        if part is None:
            yield
            continue
        start, end = part
        tally.add(1, 0)
        yield from add_part(form, tally, body, start, end)
        if end - done >= STEP:
            yield
            done = end
    return form


class Delimiter(NamedTuple):
    """A delimiter line: where its dashes are, where the part after it starts, and whether it is the last."""

    dashes: int
    end: int
    last: bool


class Delimiters:
    """Finds the delimiters of one boundary.

    A delimiter counts at the start of a line, when white space and CRLF follow it; the last one, with ``--``,
    also at the end of the body (DOC-MP-8). ``within_lines`` lets one count wherever it stands.
    """

    def __init__(self, boundary: bytes, *, within_lines: bool) -> None:
        before = b"" if within_lines else CRLF
        self._before = len(before)
        self._start = before + DASHES + boundary
        self._whole: re.Pattern[bytes] | None = None

    @property
    def longest(self) -> int:
        """The octets of the longest delimiter line."""
        return len(self._start) + LONGEST_REST

    def at_start(self, body: bytes) -> Delimiter | None:
        """Return the delimiter that the body begins with, None if it does not."""
        dashes = self._start[self._before :]
        rest = DELIMITER_REST.match(body, len(dashes)) if body.startswith(dashes) else None
        return None if rest is None else Delimiter(0, rest.end(), rest["last"] is not None)

    def find(self, body: bytes, start: int, end: int) -> Delimiter | None:
        """Return the first delimiter that begins between ``start`` and ``end``.

        Most bodies hold nothing that begins like a delimiter and is none, and are searched for the beginning
        alone. One that does is searched by a pattern, which passes them all in one go; it is dear to make.
        """
        if self._whole is None:
            found = body.find(self._start, start, end + len(self._start) - 1)
            if found < 0:
                return None
            rest = DELIMITER_REST.match(body, found + len(self._start))
            if rest is not None:
                return Delimiter(found + self._before, rest.end(), rest["last"] is not None)
            self._whole = re.compile(re.escape(self._start) + _REST)
            start = found + 1
        match = self._whole.search(body, start, end + self.longest)
        if match is None or match.start() >= end:
            return None
        return Delimiter(match.start() + self._before, match.end(), match["last"] is not None)


def find_parts(delimiters: Delimiters, body: bytes) -> Iterator[tuple[int, int] | None]:
    """Yield where each part starts, after its delimiter line, and ends, at the next delimiter.

    None is yielded where a step has found nothing. The preamble and the epilogue are no parts, nor is what no
    delimiter ends.
    """
    found = delimiters.at_start(body)
    start = -1
    position = 0
    while found is not None or position < len(body):
        if found is None:
            yield None
        else:
            if start >= 0:
                yield start, found.dashes
            if found.last:
                return
            start = found.end
            position = start - len(CRLF)  # the line end may belong to the next delimiter as well
        found = delimiters.find(body, position, position + STEP)
        position += STEP
    logger.warning("Invalid multipart/form-data: no closing delimiter")


def add_part(form: Form, tally: Tally, body: bytes, start: int, end: int) -> Steps[None]:
    """Add the part between ``start`` and ``end`` to the form, or warn and leave it out (DOC-MP-6).

    The CRLF before the next delimiter belongs to that. It may be the one that ends the header section: then
    the part has no body, and the value is empty (RFC 2046, section 5.1.1). A field line may be folded.
    """
    head_end = body.find(CRLF + CRLF, start, min(end, start + tally.limits.part_head))
    if head_end < 0 or body.startswith(CRLF, start):
        tally.warn("multipart/form-data missing headers")
        return
    try:
        headers = HTTPHeaders.parse(FOLD.sub(b"", body[start:head_end]).decode("latin-1"))
        disposition, parameters = split_parameters(
            headers.get("Content-Disposition") or "", ("name", "filename")
        )
        encoded_name = parameters.get("name", "").encode("latin-1")
        name = encoded_name.decode("utf-8")
    except ValueError:  # a line without a colon, or a name that is not UTF-8
        tally.warn("Invalid multipart/form-data")
        return
    if disposition.lower() != "form-data" or not body.endswith(CRLF, head_end + 2, end):
        tally.warn("Invalid multipart/form-data")
        return
    if not name:
        tally.warn("multipart/form-data value missing name")
        return
    filename = parameters.get("filename", "")
    content_type = headers.get("Content-Type") or "application/unknown"
    tally.add(0, len(encoded_name) + len(filename) + len(content_type))
    value = yield from cut(body, head_end + 4, end - 2)
    if filename:
        filename = filename.encode("latin-1").decode("utf-8", "replace")
        file = HTTPFile(filename=filename, content_type=content_type, body=value)
        form.files.setdefault(name, []).append(file)
    else:
        form.arguments.setdefault(name, []).append(value)


def cut(body: bytes, start: int, end: int) -> Steps[bytes]:
    """Return what stands between ``start`` and ``end``, copied in steps if it is long."""
    if end - start <= STEP:
        return body[start:end]
    return (yield from gather(body[at : min(at + STEP, end)] for at in range(start, end, STEP)))
