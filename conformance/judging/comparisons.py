"""Outcomes that compare a response with the next one, or with our own request.

They are for conversations of similar requests, whose responses may only differ where a rule lets them. They
compare what is on the wire and know nothing about the resource.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from clients.response import Response
from conformance.judging.observation import Observation
from conformance.judging.outcomes import Outcome
from conformance.text import show

# Fields about one message only, and fields whose value a server may know only once it generates the content.
_OF_ONE_MESSAGE = frozenset(
    {
        b"connection", b"keep-alive", b"transfer-encoding", b"trailer", b"age", b"set-cookie",
        b"content-length", b"content-encoding", b"content-digest", b"content-md5", b"digest", b"etag",
    }
)  # fmt: skip

# Fields whose value stays the same as long as the resource does.
_LASTING = (b"Content-Type", b"Last-Modified")


def _other_fields(one: Response, next_one: Response) -> str:
    names = {name.lower() for name, _ in one.fields} | _OF_ONE_MESSAGE
    missing = [name for name, _ in next_one.fields if name.lower() not in names]
    if missing:
        return f"the next response has {show(missing[0])}, but this one does not"
    changed = [name for name in _LASTING if one.values(name) != next_one.values(name)]
    return f"its {changed[0].decode()} differs from the next response's" if changed else ""


def _other_length(one: Response, next_one: Response) -> str:
    length, next_length = one.values(b"Content-Length"), next_one.values(b"Content-Length")
    if length and next_length and length != next_length:
        return f"its Content-Length is {show(length[0])}, but the next response's is {show(next_length[0])}"
    return ""


def _like_the_next(text: str, difference: Callable[[Response, Response], str]) -> Outcome:
    return Outcome(
        text,
        lambda seen: len(seen.answers) > 1 and not difference(*seen.answers[:2]),
        answers=2,
        detail=lambda seen: difference(*seen.answers[:2]) if len(seen.answers) > 1 else "",
    )


same_fields = _like_the_next("sends every field that the next response has", _other_fields)

same_length = _like_the_next("sends no Content-Length that differs from the next response's", _other_length)


# How far the server's clock may be from ours. Time zones lie further apart, so local time is not accepted.
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
    return f"its Date is {', '.join(map(show, values))}" if values else "it has no Date"


tells_our_time = Outcome(
    "sends a Date within 15 minutes of the one in the request", _is_near, detail=_shown_date
)
