"""Header fields that a user adds to every request, such as a token that the server demands.

They are inserted after the Host line, or after the request line of a first request that has no Host: there
they change neither the first field nor the last, which a scenario may be about. A request with neither line
in its usual form is sent unchanged. A scenario that expects a response to such a request is not played,
because a server that demands the token would respond to its absence. (`Host: <host>` is never part of a body
whose length is fixed, so no length becomes wrong.)
"""

import re
from collections.abc import Iterator

from clients.response import TOKEN
from clients.steps import Action, Step, last_connection

_FIELD = re.compile(TOKEN + rb":[ \t]*[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?")

# Fields that scenarios are about; adding one would change what they test.
_TESTED_FIELDS = frozenset(
    {
        b"host",
        b"connection",
        b"content-length",
        b"transfer-encoding",
        b"te",
        b"trailer",
        b"upgrade",
        b"expect",
    }
)

# A line that is continued by a folded one is not in its usual form.
_LINE_ENDS = rb"(?=\r\n(?![ \t])|\Z)"
_HOST_LINE = re.compile(rb"(?:\A|(?<=\r\n))Host: <host>" + _LINE_ENDS)
_REQUEST_LINE = re.compile(rb"\A" + TOKEN + rb" \S+ HTTP/1\.[01]" + _LINE_ENDS)
_HEAD_ENDS = b"\r\n\r\n"


def field_line(text: str) -> bytes:
    """Return the field line for `Name: value`, as a user writes it. Raises ValueError with a reason."""
    line = text.strip().encode("utf-8", "replace")
    name = line.partition(b":")[0]
    if not _FIELD.fullmatch(line):
        raise ValueError("it is not of the form Name: value")
    if name.lower() in _TESTED_FIELDS:
        raise ValueError("scenarios test this field, so it cannot be added to them")
    return line + b"\r\n"


def add_fields(request: bytes, lines: bytes) -> bytes:
    """Return a plain request, placeholders not yet filled in, with whole field lines added."""
    return _add_after(_HOST_LINE, request, b"\r\n" + lines.removesuffix(b"\r\n")) if lines else request


def with_fields(steps: tuple[Step, ...], lines: bytes) -> tuple[Step, ...]:
    """Return the steps of a scenario, placeholders not yet filled in, with lines added to each request."""
    return tuple(_with_fields(steps, b"\r\n" + lines.removesuffix(b"\r\n"))) if lines else steps


def takes_fields(steps: tuple[Step, ...], answers: int) -> bool:
    """Whether fields can be added to at least `answers` requests on the last connection."""
    marked = last_connection(tuple(_with_fields(steps, _MARK)))
    return sum(step.count(_MARK) for step in marked if isinstance(step, bytes)) >= answers


def names_any(lines: bytes, sent: bytes, *sentences: str) -> bool:
    """Whether the bytes of a conversation, or sentences about its outcome, name a field of these lines."""
    text = sent + " ".join(sentences).encode("utf-8")
    names = (re.escape(line.partition(b":")[0]) for line in lines.splitlines())
    return any(re.search(rb"(?i)(?<![\w-])" + name + rb"(?![\w-])", text) for name in names)


_MARK = b"<added>"


def _with_fields(steps: tuple[Step, ...], added: bytes) -> Iterator[Step]:
    for index, step in enumerate(steps):
        if not isinstance(step, bytes):
            yield step
            continue
        heads = step.split(_HEAD_ENDS)
        if _begins(steps, index) and not _HOST_LINE.search(_first_head(steps[index:])):
            heads[0] = _add_after(_REQUEST_LINE, heads[0], added)
        yield _HEAD_ENDS.join(_add_after(_HOST_LINE, head, added) for head in heads)


def _add_after(line: re.Pattern[bytes], head: bytes, added: bytes) -> bytes:
    return line.sub(lambda match: match[0] + added, head, count=1)


def _begins(steps: tuple[Step, ...], index: int) -> bool:
    """Whether a step is the first write on its connection."""
    before = steps[:index]
    return not any(isinstance(step, bytes) for step in before) or before[-1] in (Action.RESET, Action.ASIDE)


def _first_head(steps: tuple[Step, ...]) -> bytes:
    """The head at the start of these steps, even if several writes share it."""
    ends = [index for index, step in enumerate(steps) if step in (Action.RESET, Action.ASIDE)]
    sent = b"".join(step for step in steps[: ends[0] if ends else None] if isinstance(step, bytes))
    return sent.partition(_HEAD_ENDS)[0]
