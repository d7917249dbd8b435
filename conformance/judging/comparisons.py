"""Outcomes that compare: an answer with the one behind it, or with what our own request said.

They belong into conversations of like requests, whose answers differ only in what a rule lets differ. What
they hold against each other is on the wire; what a resource is they do not know.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from clients.response import Response
from conformance.judging.observation import Observation
from conformance.judging.outcomes import Outcome
from conformance.text import show

# Fields of one message alone, and those whose value may only be known once content is generated.
_OF_ONE_MESSAGE = frozenset(
    {
        b"connection", b"keep-alive", b"transfer-encoding", b"trailer", b"age", b"set-cookie",
        b"content-length", b"content-encoding", b"content-digest", b"content-md5", b"digest", b"etag",
    }
)  # fmt: skip

# Fields whose value stays for as long as the resource does.
_LASTING = (b"Content-Type", b"Last-Modified")


def _other_fields(one: Response, next_one: Response) -> str:
    names = {name.lower() for name, _ in one.fields} | _OF_ONE_MESSAGE
    missing = [name for name, _ in next_one.fields if name.lower() not in names]
    if missing:
        return f"the next answer has {show(missing[0])}, and it has not"
    changed = [name for name in _LASTING if one.values(name) != next_one.values(name)]
    return f"{changed[0].decode()} is not that of the next answer" if changed else ""


def _other_length(one: Response, next_one: Response) -> str:
    length, next_length = one.values(b"Content-Length"), next_one.values(b"Content-Length")
    if length and next_length and length != next_length:
        return f"Content-Length is {show(length[0])}, and {show(next_length[0])} in the next answer"
    return ""


def _like_the_next(text: str, difference: Callable[[Response, Response], str]) -> Outcome:
    return Outcome(
        text,
        lambda seen: len(seen.answers) > 1 and not difference(*seen.answers[:2]),
        answers=2,
        detail=lambda seen: difference(*seen.answers[:2]) if len(seen.answers) > 1 else "",
    )


same_fields = _like_the_next("sends the fields that the next answer has", _other_fields)

same_length = _like_the_next("names no other length than the next answer does", _other_length)


# How far a clock may be from ours before it is not kept at all; no time zone is so near to the next.
_MOST_ASTRAY = timedelta(minutes=15)

_DATE_LINE = re.compile(rb"^Date: ([^\r\n]+)", re.MULTILINE)


def _date(value: bytes) -> datetime | None:
    try:
        date = parsedate_to_datetime(value.decode("ascii"))
    except ValueError:
        return None
    return date if date.tzinfo is not None else None


def _is_near(seen: Observation) -> bool:
    ours = _DATE_LINE.search(seen.transcript.sent)
    theirs = seen.answer.values(b"Date") if seen.answer is not None else ()
    dates = [_date(value) for value in (*theirs, *([ours[1]] if ours else []))]
    known = [date for date in dates if date is not None]
    return len(dates) == len(known) == 2 and abs(known[0] - known[1]) <= _MOST_ASTRAY


def _shown_date(seen: Observation) -> str:
    values = seen.answer.values(b"Date") if seen.answer is not None else ()
    return f"its Date is {', '.join(map(show, values)) or 'not there'}"


tells_our_time = Outcome(
    "has a Date within a quarter of an hour of the one in the request", _is_near, detail=_shown_date
)
