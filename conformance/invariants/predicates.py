"""Predicates that the invariants are built from.

Some decide whether an invariant applies to a response. The others report what is wrong with a response, as a
phrase that follows "A response", or "" if nothing is. Each judges one response alone and knows no clauses.
"""

import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from clients.response import TOKEN, Flaw, Framing
from conformance.invariants.model import Exchange
from conformance.text import show

# Whether an invariant applies to a response


def any_response(_: Exchange) -> bool:
    """Apply to every response."""
    return True


def final(exchange: Exchange) -> bool:
    """Apply to final responses only."""
    return not exchange.response.interim


def with_status(*statuses: int | range) -> Callable[[Exchange], bool]:
    """Apply to responses with one of the statuses."""
    allowed = {status for group in statuses for status in (group if isinstance(group, range) else (group,))}
    return lambda exchange: exchange.response.status in allowed


def with_field(name: bytes) -> Callable[[Exchange], bool]:
    """Apply to responses that have the field."""
    return lambda exchange: bool(exchange.response.values(name))


def may_have_content(exchange: Exchange) -> bool:
    """Apply to responses whose status and request method allow content."""
    return exchange.response.framing is not Framing.NONE


def has_quotes_or_comments(exchange: Exchange) -> bool:
    """Apply to responses with a quoted string or a comment in a field that may contain one."""
    quoting = any(b'"' in value for name in _QUOTING for value in exchange.response.values(name))
    return quoting or any(b"(" in value for value in exchange.response.values(b"Server"))


# Grammars of field values

_IMF_FIXDATE = re.compile(
    rb"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    rb"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT"
)
_ENTITY_TAG = re.compile(rb'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_USERINFO = re.compile(rb"https?://[^/?#]*@", re.IGNORECASE)
_EMPTY_HOST = re.compile(rb"https?://[/?#:]|https?://$", re.IGNORECASE)
_LIST_OF_TOKENS = re.compile(rb"[ \t,]*(?:%b[ \t]*(?:,[ \t,]*|$))*" % TOKEN)
_MEDIA_TYPE = re.compile(
    rb'%b/%b(?:[ \t]*+;[ \t]*+(?:%b=(?:%b|"(?:[^"\\]|\\.)*"))?)*' % ((TOKEN,) * 4), re.DOTALL
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
    """Whether it is a list of tokens; empty members are allowed."""
    return _LIST_OF_TOKENS.fullmatch(value) is not None


def is_media_type(value: bytes) -> bool:
    """Whether it is a type and a subtype, with or without parameters (RFC 9110, 8.3.1)."""
    return _MEDIA_TYPE.fullmatch(value) is not None


def is_usable_uri(value: bytes) -> bool:
    """Whether it is an http(s) URI with a host and no user name, or any other URI."""
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
# Fields that frame, route, authenticate or control a message, or describe its content.
_NO_TRAILERS = frozenset(
    {
        b"transfer-encoding", b"content-length", b"connection", b"trailer", b"host", b"authorization",
        b"www-authenticate", b"cache-control", b"age", b"expires", b"location", b"retry-after", b"vary",
        b"content-encoding", b"content-type", b"content-range",
    }
)  # fmt: skip


# What is wrong with a response


def has_flaw(*flaws: Flaw) -> Callable[[Exchange], str]:
    """Report the first of the flaws that the response has."""

    def wrong(exchange: Exchange) -> str:
        found = [flaw.value for flaw in flaws if flaw in exchange.response.flaws]
        return f"has {found[0]}" if found else ""

    return wrong


def lacks(name: bytes) -> Callable[[Exchange], str]:
    """Report that the field is missing."""
    return lambda exchange: "" if exchange.response.values(name) else f"has no {name.decode()}"


def has(name: bytes) -> Callable[[Exchange], str]:
    """Report a field that must not be there."""
    return lambda exchange: f"has {name.decode()}" if exchange.response.values(name) else ""


def has_wrong(name: bytes, right: Callable[[bytes], bool]) -> Callable[[Exchange], str]:
    """Report the first value of the field that is not right."""

    def wrong(exchange: Exchange) -> str:
        found = [value for value in exchange.response.values(name) if not right(value)]
        return f"has {name.decode()}: {show(found[0])}" if found else ""

    return wrong


def first_of(*checks: Callable[[Exchange], str]) -> Callable[[Exchange], str]:
    """Report what the first of several checks finds wrong."""
    return lambda exchange: next(filter(None, (check(exchange) for check in checks)), "")


def repeats_field(exchange: Exchange) -> str:
    """Report two lines of a field that is not a list."""
    repeated = [name for name in _SINGLETONS if len(exchange.response.values(name)) > 1]
    return f"has more than one {repeated[0].decode()}" if repeated else ""


def has_empty_member(exchange: Exchange) -> str:
    """Report an empty member in a list (RFC 9110, 5.6.1.1)."""
    for name in _LISTS:
        for value in exchange.response.values(name):
            members = [member.strip(b" \t") for member in value.split(b",")]
            if len(members) > 1 and b"" in members:
                return f"has {name.decode()}: {show(value)}"
    return ""


def has_unlisted(name: bytes) -> Callable[[Exchange], str]:
    """Report a hop-by-hop field that Connection does not list."""
    option = name.lower()
    return lambda exchange: (
        ""
        if option in exchange.response.members(b"Connection")
        else f"has {name.decode()}, not listed in Connection"
    )


def lists_end_to_end_field(exchange: Exchange) -> str:
    """Report a Connection that lists a field meant for the client."""
    listed = _END_TO_END & set(exchange.response.members(b"Connection"))
    return f"lists {show(min(listed))} in Connection" if listed else ""


def is_chunked_twice(exchange: Exchange) -> str:
    """Report the chunked coding applied twice."""
    return (
        "lists chunked twice" if exchange.response.members(b"Transfer-Encoding").count(b"chunked") > 1 else ""
    )


def continues_after_close(exchange: Exchange) -> str:
    """Report another response after one that announced a close."""
    closes = b"close" in exchange.response.members(b"Connection")
    return "says Connection: close, but another response follows" if closes and not exchange.last else ""


def leaves_close_unannounced(exchange: Exchange) -> str:
    """Report a close that the response did not announce."""
    unannounced = exchange.unannounced_close and exchange.response.persists
    return "does not announce the close that follows" if unannounced else ""


def is_delimited_by_close(exchange: Exchange) -> str:
    """Report content that only the end of the connection delimits."""
    return (
        "is delimited only by the close of the connection"
        if exchange.response.framing is Framing.CLOSE
        else ""
    )


def has_last_modified_after_date(exchange: Exchange) -> str:
    """Report a Last-Modified that is later than the response's Date."""
    dates = [exchange.response.values(name) for name in (b"Last-Modified", b"Date")]
    if not all(len(values) == 1 and is_date(values[0]) for values in dates):
        return ""
    try:
        modified, date = (parsedate_to_datetime(values[0].decode()) for values in dates)
    except ValueError:
        return ""
    return "has a Last-Modified later than its Date" if modified > date else ""


def has_no_content(exchange: Exchange) -> str:
    """Report missing content."""
    return "" if exchange.response.content else "has no content"


def has_odd_white_space_around_values(exchange: Exchange) -> str:
    """Report anything but one space before a field value, or white space after it."""
    for line in exchange.field_lines:
        value = line.partition(b":")[2]
        if value.strip(b" \t") and value != b" " + value.strip(b" \t"):
            return f"has the line {show(line)}"
    return ""


def has_odd_white_space_in(name: bytes) -> Callable[[Exchange], str]:
    """Report anything but single spaces in the field's value, outside its comments."""
    return has_wrong(name, lambda value: not _ODD_SPACE.search(_COMMENT.sub(b"()", value)))


def quotes_needlessly(exchange: Exchange) -> str:
    """Report a needless backslash in a quoted string or a comment (RFC 9110, 5.6.4)."""
    for name in _QUOTING:
        for value in exchange.response.values(name):
            if any(_NEEDLESS_IN_STRING.search(string) for string in _QUOTED_STRING.findall(value)):
                return f"has {name.decode()}: {show(value)}"
    for value in exchange.response.values(b"Server"):
        if any(_NEEDLESS_IN_COMMENT.search(comment) for comment in _COMMENT.findall(value)):
            return f"has Server: {show(value)}"
    return ""


def has_field_of_another_role(exchange: Exchange) -> str:
    """Report a status or a field that only a client or a proxy sends (RFC 9110, 2.2)."""
    if exchange.response.status == 407:
        return "has status 407, which only a proxy sends"
    found = [name for name in _OF_OTHER_ROLES if exchange.response.values(name)]
    return f"has {found[0].decode()}" if found else ""


def never_ends(exchange: Exchange) -> str:
    """Report a coding that only a close can end, on a connection that stayed open."""
    return "has a coding that only a close can end, but no close followed" if exchange.left_unended else ""


def _trailer_names(exchange: Exchange) -> list[bytes]:
    return [name.lower() for name, _ in exchange.response.trailers]


def has_forbidden_trailer(exchange: Exchange) -> str:
    """Report a trailer field that must be known before the content (RFC 9110, 6.5.1)."""
    found = [name for name in _trailer_names(exchange) if name in _NO_TRAILERS]
    return f"has {show(found[0])} in its trailer section" if found else ""


def has_unannounced_trailer(exchange: Exchange) -> str:
    """Report a trailer field that Trailer does not name."""
    announced = exchange.response.members(b"Trailer")
    found = [name for name in _trailer_names(exchange) if name not in announced]
    return f"has the trailer field {show(found[0])}, not named in Trailer" if found else ""


def names_no_version(exchange: Exchange) -> str:
    """Report content that does not name a version that the client could use instead."""
    named = any(version in exchange.response.content for version in (b"1.0", b"1.1"))
    return "" if named else "names no supported version"
