"""Predicates that the rules for every response are made of.

Some say to which responses a rule applies. The others say what is wrong with one, in a phrase whose subject
is the response, and which is empty where nothing is. They know no clauses, and no response but the one.
"""

import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from clients.response import Flaw, Framing
from conformance.invariants.responses import Answered
from conformance.text import show

# To which responses a rule applies


def any_response(_: Answered) -> bool:
    """Every response."""
    return True


def final(answered: Answered) -> bool:
    """Final responses alone."""
    return not answered.response.interim


def with_status(*statuses: int | range) -> Callable[[Answered], bool]:
    """Responses of one of the statuses."""
    allowed = {status for group in statuses for status in (group if isinstance(group, range) else (group,))}
    return lambda answered: answered.response.status in allowed


def with_field(name: bytes) -> Callable[[Answered], bool]:
    """Responses that have the field."""
    return lambda answered: bool(answered.response.values(name))


def may_have_content(answered: Answered) -> bool:
    """Responses that status and method leave room for content."""
    return answered.response.framing is not Framing.NONE


def has_quotes_or_comments(answered: Answered) -> bool:
    """Responses with a quoted string or a comment in a field that can have one."""
    quoting = any(b'"' in value for name in _QUOTING for value in answered.response.values(name))
    return quoting or any(b"(" in value for value in answered.response.values(b"Server"))


# Grammars of field values

_IMF_FIXDATE = re.compile(
    rb"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    rb"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT"
)
_ENTITY_TAG = re.compile(rb'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_USERINFO = re.compile(rb"https?://[^/?#]*@", re.IGNORECASE)
_EMPTY_HOST = re.compile(rb"https?://[/?#:]|https?://$", re.IGNORECASE)
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_LIST_OF_TOKENS = re.compile(rb"[ \t,]*(?:%b[ \t]*(?:,[ \t,]*|$))*" % _TOKEN)
_MEDIA_TYPE = re.compile(
    rb'%b/%b(?:[ \t]*+;[ \t]*+(?:%b=(?:%b|"(?:[^"\\]|\\.)*"))?)*' % ((_TOKEN,) * 4), re.DOTALL
)
_QUOTED_STRING = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_COMMENT = re.compile(rb"\((?:[^()\\]|\\.)*\)")
_NEEDLESS_IN_STRING = re.compile(rb'(?<!\\)(?:\\\\)*\\[^"\\]')
_NEEDLESS_IN_COMMENT = re.compile(rb"(?<!\\)(?:\\\\)*\\[^()\\]")
_ODD_SPACE = re.compile(rb"\t|  ")


def is_date(value: bytes) -> bool:
    """Whether it is an IMF-fixdate (RFC 9110, 5.6.7)."""
    return _IMF_FIXDATE.fullmatch(value) is not None


def is_delay_or_date(value: bytes) -> bool:
    """Whether it is a number of seconds or an IMF-fixdate."""
    return value.isdigit() or is_date(value)


def is_entity_tag(value: bytes) -> bool:
    """Whether it is an entity tag, weak or strong (RFC 9110, 8.8.3)."""
    return _ENTITY_TAG.fullmatch(value) is not None


def is_list_of_tokens(value: bytes) -> bool:
    """Whether it is a list whose members are tokens; that none of them is empty is not looked at."""
    return _LIST_OF_TOKENS.fullmatch(value) is not None


def is_media_type(value: bytes) -> bool:
    """Whether it is a type and a subtype, with parameters or without (RFC 9110, 8.3.1)."""
    return _MEDIA_TYPE.fullmatch(value) is not None


def names_a_place(value: bytes) -> bool:
    """Whether a URI leads somewhere: an http URI with a host and without a user name, or any other."""
    return not _USERINFO.match(value) and not _EMPTY_HOST.match(value)


# Kinds of fields

_SINGLETONS = (
    b"Content-Length", b"Content-Type", b"Content-Location", b"Date", b"ETag", b"Expires", b"Last-Modified",
    b"Location", b"Retry-After", b"Server",
)  # fmt: skip
_LISTS = (b"Allow", b"Connection", b"Content-Encoding", b"Transfer-Encoding", b"Vary")
_END_TO_END = frozenset(
    {b"cache-control", b"content-length", b"content-type", b"date", b"etag", b"host", b"server", b"vary"}
)
_QUOTING = (b"Content-Type", b"Content-Disposition", b"WWW-Authenticate", b"Cache-Control")
_OF_OTHER_ROLES = (
    b"Host", b"Expect", b"TE", b"Max-Forwards", b"Range", b"Authorization", b"If-Match", b"If-None-Match",
    b"If-Modified-Since", b"If-Unmodified-Since", b"If-Range", b"Proxy-Authorization", b"Proxy-Authenticate",
)  # fmt: skip
# What frames, routes, authenticates or controls a message, or says what its content is.
_NO_TRAILERS = frozenset(
    {
        b"transfer-encoding", b"content-length", b"connection", b"trailer", b"host", b"authorization",
        b"www-authenticate", b"cache-control", b"age", b"expires", b"location", b"retry-after", b"vary",
        b"content-encoding", b"content-type", b"content-range",
    }
)  # fmt: skip


# What is wrong with a response


def has_flaw(*flaws: Flaw) -> Callable[[Answered], str]:
    """One of the flaws that the reader found."""

    def wrong(answered: Answered) -> str:
        found = [flaw.value for flaw in flaws if flaw in answered.response.flaws]
        return f"has {found[0]}" if found else ""

    return wrong


def lacks(name: bytes) -> Callable[[Answered], str]:
    """No such field."""
    return lambda answered: "" if answered.response.values(name) else f"has no {name.decode()}"


def has(name: bytes) -> Callable[[Answered], str]:
    """Such a field, where it must not be."""
    return lambda answered: f"has {name.decode()}" if answered.response.values(name) else ""


def has_wrong(name: bytes, right: Callable[[bytes], bool]) -> Callable[[Answered], str]:
    """A value of the field that is not right."""

    def wrong(answered: Answered) -> str:
        found = [value for value in answered.response.values(name) if not right(value)]
        return f"has {name.decode()}: {show(found[0])}" if found else ""

    return wrong


def first_of(*checks: Callable[[Answered], str]) -> Callable[[Answered], str]:
    """The first of several things that can be wrong."""
    return lambda answered: next(filter(None, (check(answered) for check in checks)), "")


def repeats_field(answered: Answered) -> str:
    """Two lines of a field that is no list."""
    repeated = [name for name in _SINGLETONS if len(answered.response.values(name)) > 1]
    return f"has more than one {repeated[0].decode()}" if repeated else ""


def has_empty_member(answered: Answered) -> str:
    """An empty member in a list (RFC 9110, 5.6.1.1)."""
    for name in _LISTS:
        for value in answered.response.values(name):
            members = [member.strip(b" \t") for member in value.split(b",")]
            if len(members) > 1 and b"" in members:
                return f"has {name.decode()}: {show(value)}"
    return ""


def has_unlisted(name: bytes) -> Callable[[Answered], str]:
    """A field of the connection that Connection does not name."""
    option = name.lower()
    return lambda answered: (
        "" if option in answered.response.members(b"Connection") else f"has {name.decode()}, not listed"
    )


def lists_end_to_end_field(answered: Answered) -> str:
    """A Connection that names what is meant for the client."""
    listed = _END_TO_END & set(answered.response.members(b"Connection"))
    return f"lists {show(min(listed))} in Connection" if listed else ""


def is_chunked_twice(answered: Answered) -> str:
    """The chunked coding, applied again to what is chunked."""
    return (
        "lists chunked twice" if answered.response.members(b"Transfer-Encoding").count(b"chunked") > 1 else ""
    )


def says_close_and_goes_on(answered: Answered) -> str:
    """Another response behind one that was to be the last."""
    closes = b"close" in answered.response.members(b"Connection")
    return "says close, and yet another response follows" if closes and not answered.last else ""


def is_silent_about_close(answered: Answered) -> str:
    """A close that the response before it did not announce."""
    unannounced = answered.unannounced_close and answered.response.persists
    return "says nothing of the close that follows" if unannounced else ""


def is_delimited_by_close(answered: Answered) -> str:
    """Content that only the end of the connection ends."""
    return "is delimited by the close alone" if answered.response.framing is Framing.CLOSE else ""


def is_modified_later_than_date(answered: Answered) -> str:
    """A representation that was modified after the response was made."""
    dates = [answered.response.values(name) for name in (b"Last-Modified", b"Date")]
    if not all(len(values) == 1 and is_date(values[0]) for values in dates):
        return ""
    try:
        modified, date = (parsedate_to_datetime(values[0].decode()) for values in dates)
    except ValueError:
        return ""
    return "has a Last-Modified that is later than its Date" if modified > date else ""


def has_no_content(answered: Answered) -> str:
    """No content."""
    return "" if answered.response.content else "has no content"


def is_written_with_odd_white_space(answered: Answered) -> str:
    """Anything but one space between a colon and its value, or white space behind the value."""
    for line in answered.field_lines:
        value = line.partition(b":")[2]
        if value.strip(b" \t") and value != b" " + value.strip(b" \t"):
            return f"has the line {show(line)}"
    return ""


def is_parted_by_odd_white_space(name: bytes) -> Callable[[Answered], str]:
    """Anything but one space between the words of the field; what stands in comments does not count."""
    return has_wrong(name, lambda value: not _ODD_SPACE.search(_COMMENT.sub(b"()", value)))


def quotes_needlessly(answered: Answered) -> str:
    """A backslash before an octet that needs none, in a quoted string or a comment (RFC 9110, 5.6.4)."""
    for name in _QUOTING:
        for value in answered.response.values(name):
            if any(_NEEDLESS_IN_STRING.search(string) for string in _QUOTED_STRING.findall(value)):
                return f"has {name.decode()}: {show(value)}"
    for value in answered.response.values(b"Server"):
        if any(_NEEDLESS_IN_COMMENT.search(comment) for comment in _COMMENT.findall(value)):
            return f"has Server: {show(value)}"
    return ""


def has_field_of_another_role(answered: Answered) -> str:
    """What only a client or a proxy sends (RFC 9110, 2.2)."""
    if answered.response.status == 407:
        return "is a 407, which is for proxies"
    found = [name for name in _OF_OTHER_ROLES if answered.response.values(name)]
    return f"has {found[0].decode()}" if found else ""


def never_ends(answered: Answered) -> str:
    """A coding that is not delimited, on a connection that is left open."""
    return "has a coding that only a close can end, which did not come" if answered.left_unended else ""


def _trailer_names(answered: Answered) -> list[bytes]:
    return [name.lower() for name, _ in answered.response.trailers]


def has_field_that_is_no_trailer(answered: Answered) -> str:
    """A trailer field that has to be known before the content (RFC 9110, 6.5.1)."""
    found = [name for name in _trailer_names(answered) if name in _NO_TRAILERS]
    return f"has {show(found[0])} among its trailers" if found else ""


def has_trailer_that_was_not_announced(answered: Answered) -> str:
    """A trailer field that Trailer does not name."""
    announced = answered.response.members(b"Trailer")
    found = [name for name in _trailer_names(answered) if name not in announced]
    return f"has {show(found[0])} as a trailer, not announced" if found else ""


def names_no_version(answered: Answered) -> str:
    """Content that names no version which could be used instead."""
    named = any(version in answered.response.content for version in (b"1.0", b"1.1"))
    return "" if named else "names no version that it supports"
