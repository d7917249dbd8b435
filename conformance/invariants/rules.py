"""Invariants: rules that bind every response, whatever it answers, checked on all responses of a run.

Each is a small predicate over one response, with its clause and its reason. A new one goes into the table at
the end of this file. Where the responses come from is not known here.
"""

from collections.abc import Callable

from clients.response import Flaw
from conformance.clauses import RFC9110, RFC9112, Clause
from conformance.invariants.predicates import (
    any_response,
    final,
    first_of,
    has,
    has_empty_member,
    has_field_of_another_role,
    has_field_that_is_no_trailer,
    has_flaw,
    has_no_content,
    has_quotes_or_comments,
    has_trailer_that_was_not_announced,
    has_unlisted,
    has_wrong,
    is_chunked_twice,
    is_date,
    is_delay_or_date,
    is_delimited_by_close,
    is_entity_tag,
    is_list_of_tokens,
    is_media_type,
    is_modified_later_than_date,
    is_parted_by_odd_white_space,
    is_silent_about_close,
    is_written_with_odd_white_space,
    lacks,
    lists_end_to_end_field,
    may_have_content,
    names_a_place,
    names_no_version,
    never_ends,
    quotes_needlessly,
    repeats_field,
    says_close_and_goes_on,
    with_field,
    with_status,
)
from conformance.invariants.responses import Answered, Invariant
from conformance.text import show


def _invariant(
    name: str,
    title: str,
    clause: Clause | tuple[Clause, ...],
    rule: str,
    wrong: Callable[[Answered], str],
    *,
    why: str,
    applies: Callable[[Answered], bool] = any_response,
) -> Invariant:
    return Invariant(
        id=f"invariant.{name}", title=title, clause=clause, rule=rule, wrong=wrong, why=why, applies=applies
    )


_MISREAD = "A client that reads the response another way sees another one, or loses its place."
_EYES = "People read what goes over the wire, too, and so do programs that look for one space."
_UNUSABLE = "Clients act on this field; what they cannot read, they have to ignore or guess."

INVARIANTS: tuple[Invariant, ...] = (
    _invariant(
        "status-line", "The status line of every response",
        (RFC9110["2.2-12"], RFC9112["4-4"], RFC9112["4-p1"], RFC9112["2.1-p1"], RFC9112["4-1"]),
        "begins with a status line of the grammar",
        has_flaw(Flaw.EMPTY_LINE_FIRST, Flaw.STATUS_LINE), why=_MISREAD,
    ),
    _invariant(
        "line-ends", "The line ends of every response", (RFC9112["2.2-3"], RFC9112["2.1-p1"]),
        "ends its lines in CRLF and has no CR elsewhere", has_flaw(Flaw.BARE_CR, Flaw.BARE_LF), why=_MISREAD,
    ),
    _invariant(
        "white-space-after-status-line", "The line behind the status line", RFC9112["2.2-8"],
        "has no white space before its first field line", has_flaw(Flaw.WHITESPACE_AFTER_STATUS_LINE),
        why=_MISREAD,
    ),
    _invariant(
        "folded-lines", "Folded field lines", RFC9112["5.2-1"],
        "has no folded field line", has_flaw(Flaw.FOLDED_LINE), why=_MISREAD,
    ),
    _invariant(
        "field-grammar", "The field lines of every response", (RFC9110["2.2-12"], RFC9110["5.6.3-5"]),
        "has field lines of the grammar", has_flaw(Flaw.FIELD_NAME, Flaw.FIELD_VALUE), why=_MISREAD,
    ),
    _invariant(
        "content-length", "The Content-Length of every response", (RFC9110["2.2-12"], RFC9110["8.6-p1"]),
        "has one decimal number as Content-Length", has_flaw(Flaw.CONTENT_LENGTH), why=_MISREAD,
        applies=with_field(b"Content-Length"),
    ),
    _invariant(
        "length-and-coding", "Content-Length beside Transfer-Encoding", RFC9112["6.2-1"],
        "has not both Content-Length and Transfer-Encoding", has_flaw(Flaw.LENGTH_AND_CODING), why=_MISREAD,
    ),
    _invariant(
        "no-transfer-encoding", "Transfer-Encoding where there is no content", RFC9112["6.1-7"],
        "has no Transfer-Encoding if it is a 1xx or 204", has(b"Transfer-Encoding"), why=_MISREAD,
        applies=with_status(range(100, 200), 204),
    ),
    _invariant(
        "no-content-length", "Content-Length where there is no content", RFC9110["8.6-7"],
        "has no Content-Length if it is a 1xx or 204", has(b"Content-Length"), why=_MISREAD,
        applies=with_status(range(100, 200), 204),
    ),
    _invariant(
        "chunks", "The chunks of every chunked response", (RFC9112["7.1-p2"], RFC9110["2.2-12"]),
        "has chunks of the grammar", has_flaw(Flaw.CHUNK), why=_MISREAD,
        applies=with_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "chunked-once", "The chunked coding, applied once", RFC9112["6.1-2"],
        "is chunked once at most", is_chunked_twice, why=_MISREAD, applies=with_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "self-delimited", "Responses that delimit themselves",
        (RFC9112["6.3-9"], RFC9110["8.6-9"], RFC9110["6.4.1-p2"]),
        "to HTTP/1.1 says where it ends", is_delimited_by_close,
        why="A response that ends with the connection cannot be told from one that was cut off.",
        applies=lambda answered: final(answered) and answered.version == b"HTTP/1.1",
    ),
    _invariant(
        "close-announced", "Closes that were not announced", (RFC9112["9.6-1"], RFC9112["9.3-3"]),
        "says close if the server closes the connection behind it", is_silent_about_close,
        why="A client that is not told of the close may send its next request into it, and lose it.",
        applies=lambda answered: final(answered) and answered.unannounced_close,
    ),
    _invariant(
        "close-carried-out", "Closes that were announced", RFC9112["9.6-7"],
        "that says close is the last one of its connection", says_close_and_goes_on,
        why="A client that believes the announcement does not look for another response.", applies=final,
    ),
    _invariant(
        "date", "The Date of every response", (RFC9110["6.6.1-2"], RFC9110["6.6.1-3"]),
        "of status 2xx, 3xx or 4xx has a Date", lacks(b"Date"),
        why="Caches compute ages from Date; without it they use the time of arrival, and are wrong.",
        applies=with_status(range(200, 500)),
    ),
    _invariant(
        "date-grammar", "The format of dates", (RFC9110["5.6.7-2"], RFC9110["5.6.7-3"]),
        "gives its dates as IMF-fixdate",
        first_of(has_wrong(b"Date", is_date), has_wrong(b"Last-Modified", is_date)), why=_UNUSABLE,
        applies=lambda answered: with_field(b"Date")(answered) or with_field(b"Last-Modified")(answered),
    ),
    _invariant(
        "last-modified", "Last-Modified beside Date", RFC9110["8.8.2.1-3"],
        "has no Last-Modified that is later than its Date", is_modified_later_than_date,
        why="A validator from the future makes clients keep what has long changed.",
        applies=with_field(b"Last-Modified"),
    ),
    _invariant(
        "repeated-fields", "Fields that occur once", RFC9110["5.3-3"],
        "repeats no field that is no list", repeats_field,
        why="Two readers that choose different lines see different responses.", applies=final,
    ),
    _invariant(
        "empty-members", "Lists without empty members", RFC9110["5.6.1.1-1"],
        "has no empty member in its lists", has_empty_member, why=_UNUSABLE,
    ),
    _invariant(
        "keep-alive-listed", "Keep-Alive, listed in Connection", RFC9110["7.6.1-1"],
        "with Keep-Alive lists it in Connection", has_unlisted(b"Keep-Alive"),
        why="A proxy that is not told passes on what was meant for it alone.",
        applies=with_field(b"Keep-Alive"),
    ),
    _invariant(
        "upgrade-listed", "Upgrade, listed in Connection", (RFC9110["7.8-11"], RFC9110["7.8-9"]),
        "with Upgrade lists it in Connection", has_unlisted(b"Upgrade"),
        why="A proxy that is not told passes on what was meant for it alone.", applies=with_field(b"Upgrade"),
    ),
    _invariant(
        "no-end-to-end-option", "End-to-end fields in Connection", RFC9110["7.6.1-4"],
        "lists no end-to-end field in Connection", lists_end_to_end_field,
        why="A proxy removes what is listed there, before it reaches the client.",
        applies=with_field(b"Connection"),
    ),
    _invariant(
        "allow", "Allow in every 405", (RFC9110["10.2.1-1"], RFC9110["15.5.6-1"]),
        "of status 405 has Allow", lacks(b"Allow"),
        why="A client that may not use this method is to be told which ones it may use.",
        applies=with_status(405),
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
        applies=with_status(205),
    ),
    _invariant(
        "redirect-location", "Location in every redirect",
        (
            RFC9110["15.4.2-1"], RFC9110["15.4.3-1"], RFC9110["15.4.4-p1"], RFC9110["15.4.8-2"],
            RFC9110["15.4.9-1"],
        ),
        "of status 301, 302, 303, 307 or 308 has a Location", lacks(b"Location"),
        why="A redirect that leads nowhere ends at an empty page.",
        applies=with_status(301, 302, 303, 307, 308),
    ),
    _invariant(
        "challenge", "A challenge in every 401", (RFC9110["11.6.1-1"], RFC9110["15.5.2-1"]),
        "of status 401 has WWW-Authenticate", lacks(b"WWW-Authenticate"),
        why="A client that has to identify itself is to be told how.", applies=with_status(401),
    ),
    _invariant(
        "upgrade-required", "Upgrade in every 426", (RFC9110["15.5.22-1"], RFC9110["7.8-8"]),
        "of status 426 has Upgrade", lacks(b"Upgrade"),
        why="A client that has to upgrade is to be told to what.", applies=with_status(426),
    ),
    _invariant(
        "location", "URIs in Location",
        (RFC9110["4.2.4-1"], RFC9110["4.2.1-1"], RFC9110["4.2.2-1"], RFC9110["10.2.2-p1"]),
        "has no user name and no empty host in Location",
        has_wrong(b"Location", names_a_place),
        why=_UNUSABLE, applies=with_field(b"Location"),
    ),
    _invariant(
        "retry-after", "The format of Retry-After", RFC9110["10.2.3-p1"],
        "gives Retry-After as seconds or as a date", has_wrong(b"Retry-After", is_delay_or_date),
        why=_UNUSABLE,
        applies=with_field(b"Retry-After"),
    ),
    _invariant(
        "entity-tag", "The format of ETag", RFC9110["8.8.3-p1"],
        "has a quoted entity tag", has_wrong(b"ETag", is_entity_tag),
        why=_UNUSABLE, applies=with_field(b"ETag"),
    ),
    _invariant(
        "tokens", "The members of lists", RFC9110["2.2-12"],
        "lists tokens in Allow, Connection, Content-Encoding, Content-Language and Vary",
        first_of(
            has_wrong(b"Allow", is_list_of_tokens), has_wrong(b"Connection", is_list_of_tokens),
            has_wrong(b"Content-Encoding", is_list_of_tokens),
            has_wrong(b"Content-Language", is_list_of_tokens), has_wrong(b"Vary", is_list_of_tokens),
        ),
        why=_UNUSABLE,
    ),
    _invariant(
        "media-type", "The format of Content-Type", RFC9110["2.2-12"],
        "gives Content-Type as a type and a subtype", has_wrong(b"Content-Type", is_media_type),
        why=_UNUSABLE, applies=with_field(b"Content-Type"),
    ),
    _invariant(
        "content-type", "The type of content", RFC9110["8.3-1"],
        "with content has a Content-Type", lacks(b"Content-Type"),
        why="A client that is not told the type guesses it, and may run what was only to be shown.",
        applies=lambda answered: bool(answered.response.content),
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
        lambda answered: "" if 100 <= answered.response.status < 600 else f"is a {answered.response.status}",
        why="Clients take an unknown class for a server error.",
    ),
    _invariant(
        "version", "The version of every response", (RFC9110["6.2-5"], RFC9112["2.3-2"]),
        "is labelled HTTP/1.1 or HTTP/1.0",
        lambda answered: (
            "" if answered.response.version in (b"HTTP/1.0", b"HTTP/1.1")
            else f"is labelled {show(answered.response.version)}"
        ),
        why="A server that claims a version which it does not speak is believed by those who ask next.",
    ),
    _invariant(
        "explained-errors", "Errors that explain themselves",
        (RFC9110["15.5-1"], RFC9110["15.6-1"], RFC9110["15.5.10-1"]),
        "of status 4xx or 5xx has content that explains it", has_no_content,
        why="People who meet the error see an empty page.",
        applies=lambda answered: (
            with_status(range(400, 600))(answered)
            and may_have_content(answered)
            and answered.method != b"HEAD"
        ),
    ),
    _invariant(
        "explained-version", "What a 505 says", RFC9110["15.6.6-1"],
        "of status 505 names a version that is supported in its content", names_no_version,
        why="A client that is told which versions there are can ask again in one of them.",
        applies=lambda answered: with_status(505)(answered) and may_have_content(answered),
    ),
    _invariant(
        "coding-that-ends", "Transfer codings that end", RFC9112["6.1-4"],
        "in a transfer coding is chunked last, or ends with its connection", never_ends,
        why="A client waits for the end of what says nowhere that it has ended.",
        applies=with_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "roles", "What is for clients and proxies to send", RFC9110["2.2-13"],
        "has no status and no field that only a client or a proxy sends", has_field_of_another_role,
        why="What a response says in another's role means nothing to its reader, or something else.",
    ),
    _invariant(
        "switched-protocol", "Upgrade in every 101", RFC9110["15.2.2-1"],
        "of status 101 names the new protocol in Upgrade", lacks(b"Upgrade"),
        why="The client has to know what the next octet belongs to.", applies=with_status(101),
    ),
    _invariant(
        "trailer-fields", "Fields that may be trailers", RFC9110["6.5.1-1"],
        "has no trailer field that has to be known before its content", has_field_that_is_no_trailer,
        why="A length or a type that comes last comes too late, or is believed in place of the first.",
        applies=with_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "announced-trailers", "Trailer fields, announced", RFC9110["6.6.2-1"],
        "names its trailer fields in Trailer", has_trailer_that_was_not_announced,
        why="A reader that was not told of them may have thrown away what it needs for them.",
        applies=with_field(b"Transfer-Encoding"),
    ),
    _invariant(
        "white-space", "White space around field values",
        (RFC9110["5.6.3-1"], RFC9110["5.6.3-2"]),
        "has one space between a colon and its value, and none behind the value",
        is_written_with_odd_white_space, why=_EYES,
    ),
    _invariant(
        "words-of-server", "White space in Server", (RFC9110["5.6.3-3"], RFC9110["10.2.4-1"]),
        "has one space between the words of its Server", is_parted_by_odd_white_space(b"Server"), why=_EYES,
        applies=with_field(b"Server"),
    ),
    _invariant(
        "needless-backslashes", "Backslashes in quoted strings and comments",
        (RFC9110["5.6.4-2"], RFC9110["5.6.4-3"]),
        "has no backslash before an octet that needs none", quotes_needlessly,
        why="Many readers leave the backslash where it is, and see another value.",
        applies=has_quotes_or_comments,
    ),
)  # fmt: skip
