"""Header fields that a user wants in every request, such as a token without which nobody is served.

They follow the Host line, or the request line of a first request without one: there they disturb neither
what is odd about the first field nor what is odd about the last. What has neither line in its usual form is
sent as it is, and a scenario that wants an answer to it is not played, since a server that asks for the token
would answer to its absence. A Host line whose value is filled in never stands in a body of a fixed length.
"""

import re
from collections.abc import Iterator

from clients.steps import Action, Step, last_connection

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_FIELD = re.compile(_TOKEN + rb":[ \t]*[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?")

# What scenarios are about themselves; more of it would make another request of theirs.
_OF_THE_SCENARIOS = frozenset(
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

# A line that a folded one follows is not in its usual form.
_LINE_ENDS = rb"(?=\r\n(?![ \t])|\Z)"
_HOST_LINE = re.compile(rb"(?:\A|(?<=\r\n))Host: <host>" + _LINE_ENDS)
_REQUEST_LINE = re.compile(rb"\A" + _TOKEN + rb" \S+ HTTP/1\.[01]" + _LINE_ENDS)
_HEAD_ENDS = b"\r\n\r\n"


def field_line(text: str) -> bytes:
    """Make a field line of `Name: value`, as a user writes it. Raises ValueError with the reason not to."""
    line = text.strip().encode("utf-8", "replace")
    name = line.partition(b":")[0]
    if not _FIELD.fullmatch(line):
        raise ValueError("it is not of the form Name: value")
    if name.lower() in _OF_THE_SCENARIOS:
        raise ValueError(f"{name.decode('ascii')} is what scenarios are about")
    return line + b"\r\n"


def add_fields(request: bytes, lines: bytes) -> bytes:
    """Add whole field lines to one plain request whose placeholders are not filled in yet."""
    return _added_behind(_HOST_LINE, request, b"\r\n" + lines.removesuffix(b"\r\n")) if lines else request


def with_fields(steps: tuple[Step, ...], lines: bytes) -> tuple[Step, ...]:
    """Add whole field lines to the requests of a conversation whose placeholders are not filled in yet."""
    return tuple(_with_fields(steps, b"\r\n" + lines.removesuffix(b"\r\n"))) if lines else steps


def takes_fields(steps: tuple[Step, ...], answers: int) -> bool:
    """Whether so many requests on the last connection, as many as are to be answered, can be given more."""
    marked = last_connection(tuple(_with_fields(steps, _MARK)))
    return sum(step.count(_MARK) for step in marked if isinstance(step, bytes)) >= answers


def names_any(lines: bytes, sent: bytes, *sentences: str) -> bool:
    """Whether the bytes of a conversation, or what is said of its outcome, name a field of these lines."""
    said = sent + " ".join(sentences).encode("utf-8")
    names = (re.escape(line.partition(b":")[0]) for line in lines.splitlines())
    return any(re.search(rb"(?i)(?<![\w-])" + name + rb"(?![\w-])", said) for name in names)


_MARK = b"<added>"


def _with_fields(steps: tuple[Step, ...], added: bytes) -> Iterator[Step]:
    for index, step in enumerate(steps):
        if not isinstance(step, bytes):
            yield step
            continue
        heads = step.split(_HEAD_ENDS)
        if _begins(steps, index) and not _HOST_LINE.search(_first_head(steps[index:])):
            heads[0] = _added_behind(_REQUEST_LINE, heads[0], added)
        yield _HEAD_ENDS.join(_added_behind(_HOST_LINE, head, added) for head in heads)


def _added_behind(line: re.Pattern[bytes], head: bytes, added: bytes) -> bytes:
    return line.sub(lambda found: found[0] + added, head, count=1)


def _begins(steps: tuple[Step, ...], index: int) -> bool:
    """Whether a step is the first that is sent on its connection."""
    before = steps[:index]
    return not any(isinstance(step, bytes) for step in before) or before[-1] in (Action.RESET, Action.ASIDE)


def _first_head(steps: tuple[Step, ...]) -> bytes:
    """The head that some steps begin with, across the boundaries between them."""
    ends = [index for index, step in enumerate(steps) if step in (Action.RESET, Action.ASIDE)]
    sent = b"".join(step for step in steps[: ends[0] if ends else None] if isinstance(step, bytes))
    return sent.partition(_HEAD_ENDS)[0]
