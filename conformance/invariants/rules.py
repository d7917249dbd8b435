"""Invariants: rules that bind every response, whatever the request, checked on all responses of a run.

Each joins a small predicate over one response with its clause and its reason. A new one goes into the table
below. This module does not know where the responses come from.
"""

from collections.abc import Callable

from clients.response import Flaw
from conformance.clauses import RFC9110, RFC9112, Clause
from conformance.invariants.model import Exchange, Invariant
from conformance.invariants.predicates import (
    any_response,
    continues_after_close,
    final,
    first_of,
    has,
    has_empty_member,
    has_field_of_another_role,
    has_flaw,
    has_forbidden_trailer,
    has_last_modified_after_date,
    has_no_content,
    has_odd_white_space_around_values,
    has_odd_white_space_in,
    has_quotes_or_comments,
    has_unannounced_trailer,
    has_unlisted,
    has_wrong,
    is_chunked_twice,
    is_date,
    is_delay_or_date,
    is_delimited_by_close,
    is_entity_tag,
    is_list_of_tokens,
    is_media_type,
    is_usable_uri,
    lacks,
    leaves_close_unannounced,
    lists_end_to_end_field,
    may_have_content,
    names_no_version,
    never_ends,
    quotes_needlessly,
    repeats_field,
    with_field,
    with_status,
)
from conformance.judging.model import Risk
from conformance.text import show


def _invariant(
    name: str,
    title: str,
    clause: Clause | tuple[Clause, ...],
    rule: str,
    wrong: Callable[[Exchange], str],
    *,
    why: str,
    applies: Callable[[Exchange], bool] = any_response,
    risk: Risk | None = None,
) -> Invariant:
    return Invariant(
        id=f"invariant.{name}",
        title=title,
        clause=clause,
        rule=rule,
        wrong=wrong,
        applies=applies,
        risk=risk,
        why=why,
    )


_MISREAD = "Clients interpret such a response differently, or lose their place on the connection."
_HOP_BY_HOP = "A proxy forwards this field, meant for one connection only, unless Connection lists it."
_EYES = "People read raw responses, and some programs expect exactly one space."
_UNUSABLE = "Clients act on this field; a value they cannot read has to be ignored or guessed."

INVARIANTS: tuple[Invariant, ...] = (
    _invariant(
        "status-line", "The status line of every response",
        (RFC9110["2.2-12"], RFC9112["4-4"], RFC9112["4-p1"], RFC9112["2.1-p1"], RFC9112["4-1"]),
        "begins with a valid status line",
        has_flaw(Flaw.EMPTY_LINE_FIRST, Flaw.STATUS_LINE), why=_MISREAD,
    ),
    _invariant(
        "line-ends", "The line ends of every response",
        (RFC9110["2.2-12"], RFC9112["2.2-3"], RFC9112["2.1-p1"]),
        "ends its lines in CRLF and has no CR elsewhere", has_flaw(Flaw.BARE_CR, Flaw.BARE_LF), why=_MISREAD,
    ),
    _invariant(
        "white-space-after-status-line", "White space after the status line", RFC9112["2.2-8"],
        "has no white space before its first field line", has_flaw(Flaw.WHITESPACE_AFTER_STATUS_LINE),
        why=_MISREAD,
    ),
    _invariant(
        "folded-lines", "Folded field lines", RFC9112["5.2-1"],
        "has no folded field line", has_flaw(Flaw.FOLDED_LINE), why=_MISREAD,
    ),
    _invariant(
        "field-grammar", "The field lines of every response", (RFC9110["2.2-12"], RFC9110["5.6.3-5"]),
        "has only valid field lines", has_flaw(Flaw.FIELD_NAME, Flaw.FIELD_VALUE), why=_MISREAD,
    ),
    _invariant(
        "content-length", "The Content-Length of every response", (RFC9110["2.2-12"], RFC9110["8.6-p1"]),
        "with a Content-Length has one decimal number in it", has_flaw(Flaw.CONTENT_LENGTH), why=_MISREAD,
        applies=with_field(b"Content-Length"),
    ),
    _invariant(
        "length-and-coding", "Content-Length and Transfer-Encoding in one response", RFC9112["6.2-1"],
        "has at most one of Content-Length and Transfer-Encoding", has_flaw(Flaw.LENGTH_AND_CODING),
        why=_MISREAD, risk=Risk.SPLITTING,
    ),
    _invariant(
        "no-transfer-encoding", "Transfer-Encoding in a 1xx or 204 response", RFC9112["6.1-7"],
        "with status 1xx or 204 has no Transfer-Encoding", has(b"Transfer-Encoding"), why=_MISREAD,
        applies=with_status(range(100, 200), 204),
    ),
    _invariant(
        "no-content-length", "Content-Length in a 1xx or 204 response", RFC9110["8.6-7"],
        "with status 1xx or 204 has no Content-Length", has(b"Content-Length"), why=_MISREAD,
        applies=with_status(range(100, 200), 204),
    ),
    _invariant(
        "chunks", "The chunks of every chunked response", (RFC9110["2.2-12"], RFC9112["7.1-p2"]),
        "in the chunked coding has only valid chunks", has_flaw(Flaw.CHUNK), why=_MISREAD,
        applies=with_field(b"Transfer-Encoding"), risk=Risk.SPLITTING,
    ),
    _invariant(
        "chunked-once", "The chunked coding applied more than once", RFC9112["6.1-2"],
        "is chunked at most once", is_chunked_twice, why=_MISREAD, applies=with_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "self-delimited", "Self-delimiting responses",
        (RFC9112["6.3-9"], RFC9110["8.6-9"], RFC9110["6.4.1-p2"]),
        "to an HTTP/1.1 request is self-delimiting", is_delimited_by_close,
        why="A response that ends with the connection cannot be told from one that was cut off.",
        applies=lambda exchange: final(exchange) and exchange.version == b"HTTP/1.1",
    ),
    _invariant(
        "close-announced", "Unannounced closes", (RFC9112["9.6-1"], RFC9112["9.3-3"]),
        "says Connection: close if the server closes the connection after it", leaves_close_unannounced,
        why="Without notice, a client may send its next request on a closing connection and lose it.",
        applies=lambda exchange: final(exchange) and exchange.unannounced_close,
    ),
    _invariant(
        "close-carried-out", "Announced closes", RFC9112["9.6-7"],
        "that says Connection: close is the last one on its connection", continues_after_close,
        why="A client that relies on the announcement does not read another response.", applies=final,
    ),
    _invariant(
        "date", "The Date of every response", (RFC9110["6.6.1-2"], RFC9110["6.6.1-3"]),
        "with status 2xx, 3xx or 4xx has a Date", lacks(b"Date"),
        why="Caches compute ages from Date; without it they use the time of arrival, and are wrong.",
        applies=with_status(range(200, 500)),
    ),
    _invariant(
        "date-grammar", "The format of dates", (RFC9110["5.6.7-2"], RFC9110["5.6.7-3"]),
        "gives Date and Last-Modified as IMF-fixdates",
        first_of(has_wrong(b"Date", is_date), has_wrong(b"Last-Modified", is_date)), why=_UNUSABLE,
        applies=lambda exchange: with_field(b"Date")(exchange) or with_field(b"Last-Modified")(exchange),
    ),
    _invariant(
        "last-modified", "Last-Modified later than Date", RFC9110["8.8.2.1-3"],
        "has no Last-Modified later than its Date", has_last_modified_after_date,
        why="With a validator from the future, clients keep a copy that has long been out of date.",
        applies=with_field(b"Last-Modified"),
    ),
    _invariant(
        "repeated-fields", "Fields that must not be repeated", RFC9110["5.3-3"],
        "has at most one line of each field that is not a list", repeats_field,
        why="Two readers that choose different lines see different responses.", applies=final,
    ),
    _invariant(
        "empty-members", "Lists without empty members", RFC9110["5.6.1.1-1"],
        "has no empty members in its lists", has_empty_member, why=_UNUSABLE,
    ),
    _invariant(
        "keep-alive-listed", "Keep-Alive, listed in Connection", RFC9110["7.6.1-1"],
        "with Keep-Alive lists it in Connection", has_unlisted(b"Keep-Alive"),
        why=_HOP_BY_HOP, applies=with_field(b"Keep-Alive"),
    ),
    _invariant(
        "upgrade-listed", "Upgrade, listed in Connection", (RFC9110["7.8-11"], RFC9110["7.8-9"]),
        "with Upgrade lists it in Connection", has_unlisted(b"Upgrade"),
        why=_HOP_BY_HOP, applies=with_field(b"Upgrade"),
    ),
    _invariant(
        "no-end-to-end-option", "End-to-end fields in Connection", RFC9110["7.6.1-4"],
        "lists no end-to-end field in Connection", lists_end_to_end_field,
        why="A proxy removes the fields listed there, so the client never sees them.",
        applies=with_field(b"Connection"),
    ),
    _invariant(
        "allow", "Allow in every 405", (RFC9110["10.2.1-1"], RFC9110["15.5.6-1"]),
        "with status 405 has Allow", lacks(b"Allow"),
        why="A client whose method is refused needs to know which methods are allowed.",
        applies=with_status(405),
    ),
    _invariant(
        "no-interim-to-http10", "Interim responses to HTTP/1.0", RFC9110["15.2-1"],
        "with status 1xx answers an HTTP/1.1 request",
        lambda exchange: "answers a request of HTTP/1.0" if exchange.version == b"HTTP/1.0" else "",
        why="HTTP/1.0 has no interim responses; the client takes it for the final response.",
        applies=lambda exchange: exchange.response.interim,
    ),
    _invariant(
        "no-content-in-205", "Content in a 205", RFC9110["15.3.6-1"],
        "with status 205 has no content",
        lambda exchange: "has content" if exchange.response.content else "", why=_MISREAD,
        applies=with_status(205),
    ),
    _invariant(
        "redirect-location", "Location in every redirect",
        (
            RFC9110["15.4.2-1"], RFC9110["15.4.3-1"], RFC9110["15.4.4-p1"], RFC9110["15.4.8-2"],
            RFC9110["15.4.9-1"],
        ),
        "with status 301, 302, 303, 307 or 308 has a Location", lacks(b"Location"),
        why="A redirect without a target ends at an empty page.",
        applies=with_status(301, 302, 303, 307, 308),
    ),
    _invariant(
        "challenge", "A challenge in every 401", (RFC9110["11.6.1-1"], RFC9110["15.5.2-1"]),
        "with status 401 has WWW-Authenticate", lacks(b"WWW-Authenticate"),
        why="A client that must authenticate needs to know how.", applies=with_status(401),
    ),
    _invariant(
        "upgrade-required", "Upgrade in every 426", (RFC9110["15.5.22-1"], RFC9110["7.8-8"]),
        "with status 426 has Upgrade", lacks(b"Upgrade"),
        why="A client that must upgrade needs to know to which protocol.", applies=with_status(426),
    ),
    _invariant(
        "location", "URIs in Location",
        (RFC9110["4.2.4-1"], RFC9110["4.2.1-1"], RFC9110["4.2.2-1"], RFC9110["10.2.2-p1"]),
        "has no user name and no empty host in Location",
        has_wrong(b"Location", is_usable_uri),
        why=_UNUSABLE, applies=with_field(b"Location"),
    ),
    _invariant(
        "retry-after", "The format of Retry-After", (RFC9110["2.2-12"], RFC9110["10.2.3-p1"]),
        "has a number of seconds or an IMF-fixdate in Retry-After",
        has_wrong(b"Retry-After", is_delay_or_date), why=_UNUSABLE,
        applies=with_field(b"Retry-After"),
    ),
    _invariant(
        "entity-tag", "The format of ETag", (RFC9110["2.2-12"], RFC9110["8.8.3-p1"]),
        "has a valid entity tag in ETag", has_wrong(b"ETag", is_entity_tag),
        why=_UNUSABLE, applies=with_field(b"ETag"),
    ),
    _invariant(
        "tokens", "The members of lists", RFC9110["2.2-12"],
        "lists only tokens in Allow, Connection, Content-Encoding, Content-Language and Vary",
        first_of(
            has_wrong(b"Allow", is_list_of_tokens), has_wrong(b"Connection", is_list_of_tokens),
            has_wrong(b"Content-Encoding", is_list_of_tokens),
            has_wrong(b"Content-Language", is_list_of_tokens), has_wrong(b"Vary", is_list_of_tokens),
        ),
        why=_UNUSABLE,
    ),
    _invariant(
        "media-type", "The format of Content-Type", RFC9110["2.2-12"],
        "has a type and a subtype in Content-Type", has_wrong(b"Content-Type", is_media_type),
        why=_UNUSABLE, applies=with_field(b"Content-Type"),
    ),
    _invariant(
        "content-type", "The type of the content", RFC9110["8.3-1"],
        "with content has a Content-Type", lacks(b"Content-Type"),
        why="A client that has to guess the type may run content that was only meant to be shown.",
        applies=lambda exchange: bool(exchange.response.content),
    ),
    _invariant(
        "no-identity-coding", "identity as a content coding", RFC9110["8.4-2"],
        "does not list identity in Content-Encoding",
        has_wrong(b"Content-Encoding", lambda value: b"identity" not in value.lower()), why=_UNUSABLE,
        applies=with_field(b"Content-Encoding"),
    ),
    _invariant(
        "status-code", "Status codes", RFC9110["15-p1"],
        "has a status from 100 to 599",
        lambda exchange: (
            "" if 100 <= exchange.response.status < 600 else f"has status {exchange.response.status}"
        ),
        why="Clients treat a status of an unknown class as a server error.",
    ),
    _invariant(
        "version", "The version of every response", (RFC9110["6.2-5"], RFC9112["2.3-2"]),
        "is labelled HTTP/1.1 or HTTP/1.0",
        lambda exchange: (
            "" if exchange.response.version in (b"HTTP/1.0", b"HTTP/1.1")
            else f"is labelled {show(exchange.response.version)}"
        ),
        why="Clients rely on the version, and then use a protocol that the server does not speak.",
    ),
    _invariant(
        "explained-errors", "Errors that explain themselves",
        (RFC9110["15.5-1"], RFC9110["15.6-1"], RFC9110["15.5.10-1"]),
        "with status 4xx or 5xx has content that explains it", has_no_content,
        why="Users see an empty page instead of an error message.",
        applies=lambda exchange: (
            with_status(range(400, 600))(exchange)
            and may_have_content(exchange)
            and exchange.method != b"HEAD"
        ),
    ),
    _invariant(
        "explained-version", "The content of a 505", RFC9110["15.6.6-1"],
        "with status 505 names a supported version in its content", names_no_version,
        why="A client that learns which versions are supported can try again with one of them.",
        applies=lambda exchange: with_status(505)(exchange) and may_have_content(exchange),
    ),
    _invariant(
        "coding-that-ends", "Transfer codings that end", RFC9112["6.1-4"],
        "with a transfer coding is chunked last or ends with its connection", never_ends,
        why="A client waits forever for the end of a response that does not show where it ends.",
        applies=with_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "roles", "Fields and statuses for clients and proxies", RFC9110["2.2-13"],
        "has no status or field that only a client or a proxy sends", has_field_of_another_role,
        why="Recipients ignore it, or give it a meaning that the server did not intend.",
    ),
    _invariant(
        "switched-protocol", "Upgrade in every 101", RFC9110["15.2.2-1"],
        "with status 101 names the new protocol in Upgrade", lacks(b"Upgrade"),
        why="The client must know which protocol the next octet belongs to.", applies=with_status(101),
    ),
    _invariant(
        "trailer-fields", "Fields that may be trailers", RFC9110["6.5.1-1"],
        "has no trailer field that must be known before the content", has_forbidden_trailer,
        why="A length or a type in a trailer comes too late, or replaces the one already used.",
        applies=with_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "announced-trailers", "Announced trailer fields", RFC9110["6.6.2-1"],
        "names its trailer fields in Trailer", has_unannounced_trailer,
        why="A client that does not expect them may already have discarded what it needs for them.",
        applies=with_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "white-space", "White space around field values",
        (RFC9110["5.6.3-1"], RFC9110["5.6.3-2"]),
        "has one space before each field value and none after it",
        has_odd_white_space_around_values, why=_EYES,
    ),
    _invariant(
        "words-of-server", "White space in Server", (RFC9110["5.6.3-3"], RFC9110["10.2.4-1"]),
        "has single spaces between the words of Server", has_odd_white_space_in(b"Server"), why=_EYES,
        applies=with_field(b"Server"),
    ),
    _invariant(
        "needless-backslashes", "Backslashes in quoted strings and comments",
        (RFC9110["5.6.4-2"], RFC9110["5.6.4-3"]),
        "has no backslash before an octet that needs none", quotes_needlessly,
        why="Many recipients keep the backslash, and see a different value.",
        applies=has_quotes_or_comments,
    ),
)  # fmt: skip
