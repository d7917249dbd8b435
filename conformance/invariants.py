"""Invariants: rules that bind every response, whatever it answers, checked on all responses of a run.

Each is a small predicate over one response, with its clause and its reason. A new one goes into the table at
the end of this file. Where the responses come from is not known here.
"""

import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from clients.response import Flaw, Framing
from conformance.clauses import RFC9110, RFC9112, Clause
from conformance.responses import Answered, Invariant
from conformance.words import show


def _any(_: Answered) -> bool:
    return True


def _final(answered: Answered) -> bool:
    return not answered.response.interim


def _status(*statuses: int | range) -> Callable[[Answered], bool]:
    allowed = {status for group in statuses for status in (group if isinstance(group, range) else (group,))}
    return lambda answered: answered.response.status in allowed


def _field(name: bytes) -> Callable[[Answered], bool]:
    return lambda answered: bool(answered.response.values(name))


def _flaws(*flaws: Flaw) -> Callable[[Answered], str]:
    def wrong(answered: Answered) -> str:
        found = [flaw.value for flaw in flaws if flaw in answered.response.flaws]
        return f"has {found[0]}" if found else ""

    return wrong


def _lacks(name: bytes) -> Callable[[Answered], str]:
    return lambda answered: "" if answered.response.values(name) else f"has no {name.decode()}"


def _has(name: bytes) -> Callable[[Answered], str]:
    return lambda answered: f"has {name.decode()}" if answered.response.values(name) else ""


def _values(name: bytes, right: Callable[[bytes], bool]) -> Callable[[Answered], str]:
    def wrong(answered: Answered) -> str:
        found = [value for value in answered.response.values(name) if not right(value)]
        return f"has {name.decode()}: {show(found[0])}" if found else ""

    return wrong


def _first(*checks: Callable[[Answered], str]) -> Callable[[Answered], str]:
    return lambda answered: next(filter(None, (check(answered) for check in checks)), "")


# Grammars of field values

_IMF_FIXDATE = re.compile(
    rb"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    rb"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT"
)
_ENTITY_TAG = re.compile(rb'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_USERINFO = re.compile(rb"https?://[^/?#]*@", re.IGNORECASE)
_EMPTY_HOST = re.compile(rb"https?://[/?#:]|https?://$", re.IGNORECASE)

_SINGLETONS = (
    b"Content-Length", b"Content-Type", b"Content-Location", b"Date", b"ETag", b"Expires", b"Last-Modified",
    b"Location", b"Retry-After", b"Server",
)  # fmt: skip
_LISTS = (b"Allow", b"Connection", b"Content-Encoding", b"Transfer-Encoding", b"Vary")
_END_TO_END = frozenset(
    {b"cache-control", b"content-length", b"content-type", b"date", b"etag", b"host", b"server", b"vary"}
)


def _is_date(value: bytes) -> bool:
    return _IMF_FIXDATE.fullmatch(value) is not None


def _is_delay_or_date(value: bytes) -> bool:
    return value.isdigit() or _is_date(value)


def _repeated(answered: Answered) -> str:
    repeated = [name for name in _SINGLETONS if len(answered.response.values(name)) > 1]
    return f"has more than one {repeated[0].decode()}" if repeated else ""


def _empty_member(answered: Answered) -> str:
    for name in _LISTS:
        for value in answered.response.values(name):
            members = [member.strip(b" \t") for member in value.split(b",")]
            if len(members) > 1 and b"" in members:
                return f"has {name.decode()}: {show(value)}"
    return ""


def _unlisted(name: bytes) -> Callable[[Answered], str]:
    option = name.lower()
    return lambda answered: (
        "" if option in answered.response.members(b"Connection") else f"has {name.decode()}, not listed"
    )


def _end_to_end_option(answered: Answered) -> str:
    listed = _END_TO_END & set(answered.response.members(b"Connection"))
    return f"lists {show(min(listed))} in Connection" if listed else ""


def _chunked_twice(answered: Answered) -> str:
    return (
        "lists chunked twice" if answered.response.members(b"Transfer-Encoding").count(b"chunked") > 1 else ""
    )


def _answers_after_close(answered: Answered) -> str:
    closes = b"close" in answered.response.members(b"Connection")
    return "says close, and yet another response follows" if closes and not answered.last else ""


def _silent_close(answered: Answered) -> str:
    unannounced = answered.unannounced_close and answered.response.persists
    return "says nothing of the close that follows" if unannounced else ""


def _close_delimited(answered: Answered) -> str:
    return "is delimited by the close alone" if answered.response.framing is Framing.CLOSE else ""


def _later_than_date(answered: Answered) -> str:
    dates = [answered.response.values(name) for name in (b"Last-Modified", b"Date")]
    if not all(len(values) == 1 and _is_date(values[0]) for values in dates):
        return ""
    try:
        modified, date = (parsedate_to_datetime(values[0].decode()) for values in dates)
    except ValueError:
        return ""
    return "has a Last-Modified that is later than its Date" if modified > date else ""


def _without_content(answered: Answered) -> str:
    return "" if answered.response.content else "has no content"


def _may_have_content(answered: Answered) -> bool:
    return answered.response.framing is not Framing.NONE


def _invariant(
    name: str,
    title: str,
    clause: Clause | tuple[Clause, ...],
    rule: str,
    wrong: Callable[[Answered], str],
    *,
    why: str,
    applies: Callable[[Answered], bool] = _any,
) -> Invariant:
    return Invariant(
        id=f"invariant.{name}", title=title, clause=clause, rule=rule, wrong=wrong, why=why, applies=applies
    )


_MISREAD = "A client that reads the response another way sees another one, or loses its place."
_UNUSABLE = "Clients act on this field; what they cannot read, they have to ignore or guess."

INVARIANTS: tuple[Invariant, ...] = (
    _invariant(
        "status-line", "The status line of every response",
        (RFC9110["2.2-12"], RFC9112["4-4"], RFC9112["4-p1"], RFC9112["2.1-p1"]),
        "begins with a status line of the grammar",
        _flaws(Flaw.EMPTY_LINE_FIRST, Flaw.STATUS_LINE), why=_MISREAD,
    ),
    _invariant(
        "line-ends", "The line ends of every response", (RFC9112["2.2-3"], RFC9112["2.1-p1"]),
        "ends its lines in CRLF and has no CR elsewhere", _flaws(Flaw.BARE_CR, Flaw.BARE_LF), why=_MISREAD,
    ),
    _invariant(
        "white-space-after-status-line", "The line behind the status line", RFC9112["2.2-8"],
        "has no white space before its first field line", _flaws(Flaw.WHITESPACE_AFTER_STATUS_LINE),
        why=_MISREAD,
    ),
    _invariant(
        "folded-lines", "Folded field lines", RFC9112["5.2-1"],
        "has no folded field line", _flaws(Flaw.FOLDED_LINE), why=_MISREAD,
    ),
    _invariant(
        "field-grammar", "The field lines of every response", (RFC9110["2.2-12"], RFC9110["5.6.3-5"]),
        "has field lines of the grammar", _flaws(Flaw.FIELD_NAME, Flaw.FIELD_VALUE), why=_MISREAD,
    ),
    _invariant(
        "content-length", "The Content-Length of every response", (RFC9110["2.2-12"], RFC9110["8.6-p1"]),
        "has one decimal number as Content-Length", _flaws(Flaw.CONTENT_LENGTH), why=_MISREAD,
        applies=_field(b"Content-Length"),
    ),
    _invariant(
        "length-and-coding", "Content-Length beside Transfer-Encoding", RFC9112["6.2-1"],
        "has not both Content-Length and Transfer-Encoding", _flaws(Flaw.LENGTH_AND_CODING), why=_MISREAD,
    ),
    _invariant(
        "no-transfer-encoding", "Transfer-Encoding where there is no content", RFC9112["6.1-7"],
        "has no Transfer-Encoding if it is a 1xx or 204", _has(b"Transfer-Encoding"), why=_MISREAD,
        applies=_status(range(100, 200), 204),
    ),
    _invariant(
        "no-content-length", "Content-Length where there is no content", RFC9110["8.6-7"],
        "has no Content-Length if it is a 1xx or 204", _has(b"Content-Length"), why=_MISREAD,
        applies=_status(range(100, 200), 204),
    ),
    _invariant(
        "chunks", "The chunks of every chunked response", (RFC9112["7.1-p2"], RFC9110["2.2-12"]),
        "has chunks of the grammar", _flaws(Flaw.CHUNK), why=_MISREAD, applies=_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "chunked-once", "The chunked coding, applied once", RFC9112["6.1-2"],
        "is chunked once at most", _chunked_twice, why=_MISREAD, applies=_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "self-delimited", "Responses that delimit themselves",
        (RFC9112["6.3-9"], RFC9110["8.6-9"], RFC9110["6.4.1-p2"]),
        "to HTTP/1.1 says where it ends", _close_delimited,
        why="A response that ends with the connection cannot be told from one that was cut off.",
        applies=lambda answered: _final(answered) and answered.version == b"HTTP/1.1",
    ),
    _invariant(
        "close-announced", "Closes that were not announced", (RFC9112["9.6-1"], RFC9112["9.3-3"]),
        "says close if the server closes the connection behind it", _silent_close,
        why="A client that is not told of the close may send its next request into it, and lose it.",
        applies=lambda answered: _final(answered) and answered.unannounced_close,
    ),
    _invariant(
        "close-carried-out", "Closes that were announced", RFC9112["9.6-7"],
        "that says close is the last one of its connection", _answers_after_close,
        why="A client that believes the announcement does not look for another response.", applies=_final,
    ),
    _invariant(
        "date", "The Date of every response", RFC9110["6.6.1-2"],
        "of status 2xx, 3xx or 4xx has a Date", _lacks(b"Date"),
        why="Caches compute ages from Date; without it they use the time of arrival, and are wrong.",
        applies=_status(range(200, 500)),
    ),
    _invariant(
        "date-grammar", "The format of dates", (RFC9110["5.6.7-2"], RFC9110["5.6.7-3"]),
        "gives its dates as IMF-fixdate",
        _first(_values(b"Date", _is_date), _values(b"Last-Modified", _is_date)), why=_UNUSABLE,
        applies=lambda answered: _field(b"Date")(answered) or _field(b"Last-Modified")(answered),
    ),
    _invariant(
        "last-modified", "Last-Modified beside Date", RFC9110["8.8.2.1-3"],
        "has no Last-Modified that is later than its Date", _later_than_date,
        why="A validator from the future makes clients keep what has long changed.",
        applies=_field(b"Last-Modified"),
    ),
    _invariant(
        "repeated-fields", "Fields that occur once", RFC9110["5.3-3"],
        "repeats no field that is no list", _repeated,
        why="Two readers that choose different lines see different responses.", applies=_final,
    ),
    _invariant(
        "empty-members", "Lists without empty members", RFC9110["5.6.1.1-1"],
        "has no empty member in its lists", _empty_member, why=_UNUSABLE,
    ),
    _invariant(
        "keep-alive-listed", "Keep-Alive, listed in Connection", RFC9110["7.6.1-1"],
        "with Keep-Alive lists it in Connection", _unlisted(b"Keep-Alive"),
        why="A proxy that is not told passes on what was meant for it alone.", applies=_field(b"Keep-Alive"),
    ),
    _invariant(
        "upgrade-listed", "Upgrade, listed in Connection", RFC9110["7.8-11"],
        "with Upgrade lists it in Connection", _unlisted(b"Upgrade"),
        why="A proxy that is not told passes on what was meant for it alone.", applies=_field(b"Upgrade"),
    ),
    _invariant(
        "no-end-to-end-option", "End-to-end fields in Connection", RFC9110["7.6.1-4"],
        "lists no end-to-end field in Connection", _end_to_end_option,
        why="A proxy removes what is listed there, before it reaches the client.",
        applies=_field(b"Connection"),
    ),
    _invariant(
        "allow", "Allow in every 405", (RFC9110["10.2.1-1"], RFC9110["15.5.6-1"]),
        "of status 405 has Allow", _lacks(b"Allow"),
        why="A client that may not use this method is to be told which ones it may use.",
        applies=_status(405),
    ),
    _invariant(
        "no-interim-to-http10", "Interim responses to HTTP/1.0", RFC9110["15.2-1"],
        "of status 1xx answers HTTP/1.1",
        lambda answered: "answers HTTP/1.0" if answered.version == b"HTTP/1.0" else "",
        why="HTTP/1.0 has no interim responses; the client takes it for the answer.",
        applies=lambda answered: answered.response.interim,
    ),
    _invariant(
        "no-content-in-205", "The content of a 205", RFC9110["15.3.6-1"],
        "of status 205 has no content",
        lambda answered: "has content" if answered.response.content else "", why=_MISREAD,
        applies=_status(205),
    ),
    _invariant(
        "redirect-location", "Location in every redirect",
        (
            RFC9110["15.4.2-1"], RFC9110["15.4.3-1"], RFC9110["15.4.4-p1"], RFC9110["15.4.8-2"],
            RFC9110["15.4.9-1"],
        ),
        "of status 301, 302, 303, 307 or 308 has a Location", _lacks(b"Location"),
        why="A redirect that leads nowhere ends at an empty page.", applies=_status(301, 302, 303, 307, 308),
    ),
    _invariant(
        "challenge", "A challenge in every 401", RFC9110["11.6.1-1"],
        "of status 401 has WWW-Authenticate", _lacks(b"WWW-Authenticate"),
        why="A client that has to identify itself is to be told how.", applies=_status(401),
    ),
    _invariant(
        "upgrade-required", "Upgrade in every 426", RFC9110["15.5.22-1"],
        "of status 426 has Upgrade", _lacks(b"Upgrade"),
        why="A client that has to upgrade is to be told to what.", applies=_status(426),
    ),
    _invariant(
        "location", "URIs in Location",
        (RFC9110["4.2.4-1"], RFC9110["4.2.1-1"], RFC9110["4.2.2-1"], RFC9110["10.2.2-p1"]),
        "has no user name and no empty host in Location",
        _values(b"Location", lambda value: not _USERINFO.match(value) and not _EMPTY_HOST.match(value)),
        why=_UNUSABLE, applies=_field(b"Location"),
    ),
    _invariant(
        "retry-after", "The format of Retry-After", RFC9110["10.2.3-p1"],
        "gives Retry-After as seconds or as a date", _values(b"Retry-After", _is_delay_or_date),
        why=_UNUSABLE,
        applies=_field(b"Retry-After"),
    ),
    _invariant(
        "entity-tag", "The format of ETag", RFC9110["8.8.3-p1"],
        "has a quoted entity tag", _values(b"ETag", lambda value: _ENTITY_TAG.fullmatch(value) is not None),
        why=_UNUSABLE, applies=_field(b"ETag"),
    ),
    _invariant(
        "content-type", "The type of content", RFC9110["8.3-1"],
        "with content has a Content-Type", _lacks(b"Content-Type"),
        why="A client that is not told the type guesses it, and may run what was only to be shown.",
        applies=lambda answered: bool(answered.response.content),
    ),
    _invariant(
        "no-identity-coding", "identity as a content coding", RFC9110["8.4-2"],
        "does not list identity in Content-Encoding",
        _values(b"Content-Encoding", lambda value: b"identity" not in value.lower()), why=_UNUSABLE,
        applies=_field(b"Content-Encoding"),
    ),
    _invariant(
        "status-code", "Status codes", RFC9110["15-p1"],
        "has a status from 100 to 599",
        lambda answered: "" if 100 <= answered.response.status < 600 else f"is a {answered.response.status}",
        why="Clients take an unknown class for a server error.",
    ),
    _invariant(
        "version", "The version of every response", RFC9110["6.2-5"],
        "is labelled HTTP/1.1 or HTTP/1.0",
        lambda answered: (
            "" if answered.response.version in (b"HTTP/1.0", b"HTTP/1.1")
            else f"is labelled {show(answered.response.version)}"
        ),
        why="A server that claims a version which it does not speak is believed by those who ask next.",
    ),
    _invariant(
        "explained-errors", "Errors that explain themselves", (RFC9110["15.5-1"], RFC9110["15.6-1"]),
        "of status 4xx or 5xx has content that explains it", _without_content,
        why="People who meet the error see an empty page.",
        applies=lambda answered: (
            _status(range(400, 600))(answered) and _may_have_content(answered) and answered.method != b"HEAD"
        ),
    ),
)  # fmt: skip
