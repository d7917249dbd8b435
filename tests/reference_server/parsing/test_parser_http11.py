"""The http11 profile: which octets are a request, and which are refused with what status."""

from collections.abc import Callable
from typing import Any

import pytest

from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits

Parse = Callable[..., list[Any]]
Refused = Callable[..., int]

HOST = b"Host: example.org\r\n"

GOOD_HEADS = {
    "plain": b"GET / HTTP/1.1\r\n" + HOST,
    "no reason to stop at the first field": b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\nC: d\r\n",
    "query": b"GET /a?b=c&d=%20?/ HTTP/1.1\r\n" + HOST,
    "every octet of a path": b"GET /-._~!$&'()*+,;=:@%41 HTTP/1.1\r\n" + HOST,
    "empty value": b"GET / HTTP/1.1\r\n" + HOST + b"A:\r\nB: \t \r\n",
    "odd name": b"GET / HTTP/1.1\r\n" + HOST + b"!#$%&'*+-.^_`|~09az: b\r\n",
    "octets above ASCII": b"GET / HTTP/1.1\r\n" + HOST + b"A: \xc3\xa9\x85\xa0\r\n",
    "odd method": b"!gEt~ / HTTP/1.1\r\n" + HOST,
    "1.0 without Host": b"GET / HTTP/1.0\r\n",
    "a higher minor version": b"GET / HTTP/1.9\r\n" + HOST,
    "a blank line first": b"\r\nGET / HTTP/1.1\r\n" + HOST,
    "some blank lines first": b"\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n" + HOST,
    "Host with port": b"GET / HTTP/1.1\r\nHost: h:80\r\n",
    "Host with empty port": b"GET / HTTP/1.1\r\nHost: h:\r\n",
    "Host of odd characters": b"GET / HTTP/1.1\r\nHost: a_b,c%41\r\n",
    "Host of IPv6": b"GET / HTTP/1.1\r\nhost: [::1]:80\r\n",
    "Host of a future address": b"GET / HTTP/1.1\r\nHost: [v7.a:b]\r\n",
    "asterisk-form": b"OPTIONS * HTTP/1.1\r\n" + HOST,
    "authority-form": b"CONNECT h:443 HTTP/1.1\r\n" + HOST,
    "absolute-form": b"GET http://h/a?b HTTP/1.1\r\n" + HOST,
    "absolute-form without path": b"GET HTTP://h HTTP/1.1\r\n" + HOST,
    "absolute-form with query alone": b"GET http://h?b HTTP/1.1\r\n" + HOST,
    "Content-Length 0": b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n",
}

BAD_HEADS = {
    "two words": (400, b"GET /\r\n" + HOST),
    "four words": (400, b"GET / HTTP/1.1 x\r\n" + HOST),
    "double space": (400, b"GET  / HTTP/1.1\r\n" + HOST),
    "tabs": (400, b"GET\t/\tHTTP/1.1\r\n" + HOST),
    "space first": (400, b" GET / HTTP/1.1\r\n" + HOST),
    "space last": (400, b"GET / HTTP/1.1 \r\n" + HOST),
    "too many blank lines": (400, b"\r\n" * 5 + b"GET / HTTP/1.1\r\n" + HOST),
    "no token": (400, b"G@T / HTTP/1.1\r\n" + HOST),
    "endless method": (501, b"A" * 33 + b" / HTTP/1.1\r\n" + HOST),
    "endless method of no token": (400, b"(" * 33 + b" / HTTP/1.1\r\n" + HOST),
    "lower-case version": (400, b"GET / http/1.1\r\n" + HOST),
    "version of two digits": (400, b"GET / HTTP/1.10\r\n" + HOST),
    "version with leading zero": (400, b"GET / HTTP/01.1\r\n" + HOST),
    "version without minor": (400, b"GET / HTTP/1\r\n" + HOST),
    "HTTP/2.0": (505, b"GET / HTTP/2.0\r\n" + HOST),
    "HTTP/0.9": (505, b"GET / HTTP/0.9\r\n" + HOST),
    "HTTP/9.9": (505, b"GET / HTTP/9.9\r\n" + HOST),
    "fragment": (400, b"GET /a#b HTTP/1.1\r\n" + HOST),
    "broken escape": (400, b"GET /%zz HTTP/1.1\r\n" + HOST),
    "escape cut off": (400, b"GET /%4 HTTP/1.1\r\n" + HOST),
    "octet above ASCII in the target": (400, b"GET /\xe9 HTTP/1.1\r\n" + HOST),
    "quote in the target": (400, b'GET /"<> HTTP/1.1\r\n' + HOST),
    "backslash in the target": (400, b"GET /\\a HTTP/1.1\r\n" + HOST),
    "relative target": (400, b"GET a HTTP/1.1\r\n" + HOST),
    "asterisk for GET": (400, b"GET * HTTP/1.1\r\n" + HOST),
    "authority-form for GET": (400, b"GET h:80 HTTP/1.1\r\n" + HOST),
    "origin-form for CONNECT": (400, b"CONNECT / HTTP/1.1\r\n" + HOST),
    "CONNECT without port": (400, b"CONNECT h HTTP/1.1\r\n" + HOST),
    "CONNECT with empty port": (400, b"CONNECT h: HTTP/1.1\r\n" + HOST),
    "CONNECT with port 0": (400, b"CONNECT h:0 HTTP/1.1\r\n" + HOST),
    "CONNECT with port 65536": (400, b"CONNECT h:65536 HTTP/1.1\r\n" + HOST),
    "absolute-form without host": (400, b"GET http:///a HTTP/1.1\r\n" + HOST),
    "absolute-form with user": (400, b"GET http://user@h/a HTTP/1.1\r\n" + HOST),
    "absolute-form with bad port": (400, b"GET http://h:x/ HTTP/1.1\r\n" + HOST),
    "https over plain TCP": (421, b"GET https://h/ HTTP/1.1\r\n" + HOST),
    "another scheme": (421, b"GET ftp://h/ HTTP/1.1\r\n" + HOST),
    "no Host": (400, b"GET / HTTP/1.1\r\n"),
    "no Host in 1.2": (400, b"GET / HTTP/1.2\r\n"),
    "absolute-form without Host field": (400, b"GET http://h/ HTTP/1.1\r\n"),
    "two Hosts": (400, b"GET / HTTP/1.1\r\n" + HOST + HOST),
    "two Hosts in 1.0": (400, b"GET / HTTP/1.0\r\n" + HOST + HOST),
    "two Hosts with absolute-form": (400, b"GET http://h/ HTTP/1.1\r\n" + HOST + HOST),
    "empty Host": (400, b"GET / HTTP/1.1\r\nHost:\r\n"),
    "Host with user beside absolute-form": (400, b"GET http://h/ HTTP/1.1\r\nHost: u@h\r\n"),
    "two empty Hosts with absolute-form": (400, b"GET http://h/ HTTP/1.1\r\nHost:\r\nHost:\r\n"),
    "Host with user": (400, b"GET / HTTP/1.1\r\nHost: u@h\r\n"),
    "Host with path": (400, b"GET / HTTP/1.1\r\nHost: h/a\r\n"),
    "Host with space": (400, b"GET / HTTP/1.1\r\nHost: h i\r\n"),
    "Host with bad port": (400, b"GET / HTTP/1.1\r\nHost: h:8o\r\n"),
    "Host of port alone": (400, b"GET / HTTP/1.1\r\nHost: :80\r\n"),
    "Host of bad IPv6": (400, b"GET / HTTP/1.1\r\nHost: [::1::2]\r\n"),
    "Host of IPv6 without brackets": (400, b"GET / HTTP/1.1\r\nHost: ::1\r\n"),
    "Host of IPv6 with zone": (400, b"GET / HTTP/1.1\r\nHost: [fe80::1%eth0]\r\n"),
    "no colon": (400, b"GET / HTTP/1.1\r\n" + HOST + b"abc\r\n"),
    "space before the colon": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A : b\r\n"),
    "tab before the colon": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A\t: b\r\n"),
    "empty name": (400, b"GET / HTTP/1.1\r\n" + HOST + b": b\r\n"),
    "name of no token": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A(): b\r\n"),
    "name above ASCII": (400, b"GET / HTTP/1.1\r\n" + HOST + b"\xe9: b\r\n"),
    "folded line": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n c\r\n"),
    "folded with a colon": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n\tc: d\r\n"),
    "first line folded": (400, b"GET / HTTP/1.1\r\n A: b\r\n" + HOST),
    "NUL": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A: b\x00c\r\n"),
    "DEL": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A: b\x7fc\r\n"),
    "bare CR": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A: b\rc\r\n"),
    "bare CR before CRLF": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\r\n"),
    "bare LF": (400, b"GET / HTTP/1.1\r\n" + HOST + b"A: b\nC: d\r\n"),
    "bare LF after the request line": (400, b"GET / HTTP/1.1\n" + HOST),
    "TLS on a plain port": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
}

# Only the fields differ: each is put behind "POST / HTTP/1.1" and a Host.
BAD_FIELDS = {
    "minus": (400, b"Content-Length: -1\r\n"),
    "plus": (400, b"Content-Length: +3\r\n"),
    "hexadecimal": (400, b"Content-Length: 0x3\r\n"),
    "underscore": (400, b"Content-Length: 1_0\r\n"),
    "empty": (400, b"Content-Length:\r\n"),
    "a space within": (400, b"Content-Length: 1 0\r\n"),
    "a list": (400, b"Content-Length: 3, 3\r\n"),
    "a comma": (400, b"Content-Length: 3,\r\n"),
    "two lines": (400, b"Content-Length: 3\r\nContent-Length: 3\r\n"),
    "superscript digit": (400, b"Content-Length: \xb3\r\n"),
    "too long": (413, b"Content-Length: 104857601\r\n"),
    "beyond 64 bits": (413, b"Content-Length: 18446744073709551616\r\n"),
    "beyond int()": (413, b"Content-Length: " + b"9" * 5000 + b"\r\n"),
    "both": (400, b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
    "both the other way": (400, b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
    "unknown coding": (400, b"Transfer-Encoding: xyz\r\n"),
    "identity": (400, b"Transfer-Encoding: identity\r\n"),
    "chunked not last": (400, b"Transfer-Encoding: chunked, gzip\r\n"),
    "chunked twice": (400, b"Transfer-Encoding: chunked, chunked\r\n"),
    "chunked on two lines": (400, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
    "chunked with a parameter": (400, b"Transfer-Encoding: chunked;a=b\r\n"),
    "quoted": (400, b'Transfer-Encoding: "chunked"\r\n'),
    "no coding": (400, b"Transfer-Encoding:\r\n"),
    "another coding first": (501, b"Transfer-Encoding: gzip, chunked\r\n"),
    "another coding on a line before": (501, b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"),
    "unknown expectation": (417, b"Expect: miracle\r\n"),
    "unknown expectation beside": (417, b"Expect: 100-continue, miracle\r\n"),
}


@pytest.mark.parametrize("head", GOOD_HEADS.values(), ids=GOOD_HEADS)
def test_good_heads_are_one_request_each(head: bytes, parse: Parse) -> None:
    """DOC-LINE-4, DOC-LINE-5, DOC-CONN-1."""
    assert [event.kind for event in parse(head + b"\r\n")] == ["head"]


@pytest.mark.parametrize(("status", "head"), BAD_HEADS.values(), ids=BAD_HEADS)
def test_bad_heads_are_refused_with_their_status(status: int, head: bytes, refused: Refused) -> None:
    """DOC-LINE-1, DOC-LINE-2, DOC-HDR-2, DOC-HDR-3: the http11 side of the table."""
    assert refused(head + b"\r\n") == status


@pytest.mark.parametrize(("status", "fields"), BAD_FIELDS.values(), ids=BAD_FIELDS)
def test_bad_framing_is_refused_with_its_status(status: int, fields: bytes, refused: Refused) -> None:
    """DOC-LEN-2, DOC-LEN-3, DOC-LEN-4, DOC-LEN-5, DOC-LEN-6: the http11 side of the table."""
    assert refused(b"POST / HTTP/1.1\r\n" + HOST + fields + b"\r\n") == status


def test_transfer_encoding_in_http_1_0_is_refused(refused: Refused) -> None:
    """DOC-LEN-5."""
    assert refused(b"POST / HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n") == 400


def test_leading_zeros_of_a_length_change_nothing(parse: Parse) -> None:
    """DOC-LEN-1."""
    _, body = parse(b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 003\r\n\r\nabc")
    assert body.values == (b"abc", None)


def test_chunked_is_known_in_any_case_and_with_empty_members(parse: Parse) -> None:
    """DOC-LEN-5."""
    head = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: , Chunked ,\r\n\r\n"
    _, body = parse(head + b"3\r\nabc\r\n0\r\n\r\n")
    assert body.values == (b"abc", None)


@pytest.mark.parametrize(
    ("head", "host"),
    [
        (b"GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", "a:80"),
        (b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "b"),
        (b"GET http://b:1/ HTTP/1.0\r\n\r\n", "b:1"),
        (b"GET http://b/ HTTP/1.1\r\nHost:\r\n\r\n", "b"),
        (b"CONNECT c:443 HTTP/1.1\r\nHost: a\r\n\r\n", "c:443"),
        (b"GET / HTTP/1.0\r\n\r\n", "127.0.0.1"),
    ],
)
def test_the_authority_of_the_target_wins_over_host(head: bytes, host: str, parse: Parse) -> None:
    """DOC-REQ-2, DOC-LINE-4: the http11 side of the table."""
    assert parse(head)[0].values[3] == host


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", 0),
        (b"GET / HTTP/1.1\r\nHost: EXAMPLE.org:8443\r\n\r\n", 0),
        (b"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 0),
        (b"GET https://example.org/ HTTP/1.1\r\nHost: other\r\n\r\n", 0),
        (b"GET / HTTP/1.0\r\n\r\n", 0),
        (b"GET / HTTP/1.1\r\nHost: other\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost: example.org.\r\n\r\n", 421),
        (b"GET https://other/ HTTP/1.1\r\nHost: example.org\r\n\r\n", 421),
    ],
)
def test_a_server_that_knows_its_names_is_for_no_other(head: bytes, status: int, refused: Refused) -> None:
    """RFC 9110, section 7.4; who names no host is served."""
    assert refused(head, HTTP11(names=["Example.org", "[::1]"]), secure=True) == status


def test_an_https_target_is_served_over_tls(parse: Parse) -> None:
    (head,) = parse(b"GET https://h/ HTTP/1.1\r\nHost: other\r\n\r\n", secure=True)
    assert head.values[3] == "h"


@pytest.mark.parametrize("target", [b"http://h/", b"ftp://h/"])
def test_a_target_of_another_scheme_is_refused_over_tls(target: bytes, refused: Refused) -> None:
    assert refused(b"GET " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n", secure=True) == 421


@pytest.mark.parametrize(
    ("version", "fields", "persistent"),
    [
        (b"1.1", b"", True),
        (b"1.1", b"Connection: close\r\n", False),
        (b"1.1", b"Connection: CLOSE\r\n", False),
        (b"1.1", b"Connection: foo ,\tClose,\r\n", False),
        (b"1.1", b"Connection: foo\r\nConnection: close\r\n", False),
        (b"1.1", b"Connection: keep-alive, close\r\n", False),
        (b"1.1", b"Connection: closed, close-x\r\n", True),
        (b"1.2", b"", True),
        (b"1.0", b"", False),
        (b"1.0", b"Connection: Keep-Alive\r\n", True),
        (b"1.0", b"Connection: foo, keep-alive\r\n", True),
        (b"1.0", b"Connection: keep-alive, close\r\n", False),
    ],
)
def test_connection_is_a_list_of_tokens(
    version: bytes, fields: bytes, persistent: bool, parse: Parse
) -> None:
    """DOC-KA-2, DOC-KA-3: the http11 side of the table."""
    (head,) = parse(b"GET / HTTP/" + version + b"\r\n" + HOST + fields + b"\r\n")
    assert head.values[6] is persistent


@pytest.mark.parametrize(
    ("version", "fields", "expects"),
    [
        (b"1.1", b"Expect: 100-continue\r\n", True),
        (b"1.1", b"Expect: 100-CONTINUE,\r\n", True),
        (b"1.1", b"Expect:\r\n", False),
        (b"1.0", b"Expect: 100-continue\r\n", False),
        (b"1.0", b"Expect: miracle\r\n", False),
    ],
)
def test_expect_is_a_list_and_means_nothing_in_1_0(
    version: bytes, fields: bytes, expects: bool, parse: Parse
) -> None:
    """DOC-LEN-6: the http11 side of the table."""
    (head,) = parse(b"GET / HTTP/" + version + b"\r\n" + HOST + fields + b"\r\n")
    assert head.values[7] is expects


def test_repeated_fields_keep_their_values_without_white_space(parse: Parse) -> None:
    """DOC-HDR-1."""
    (head,) = parse(b"GET / HTTP/1.1\r\n" + HOST + b"a-B: \t1 \r\nA-b:2\r\n\r\n")
    assert head.values[4] == (("Host", "example.org"), ("A-B", "1"), ("A-B", "2"))


def test_only_space_and_tab_are_white_space(parse: Parse) -> None:
    """Latin-1 has more of it, and lines of its own: none of that may be lost."""
    (head,) = parse(b"GET / HTTP/1.1\r\n" + HOST + b"A: \xa0b\x85\r\n\r\n")
    assert head.values[4][1] == ("A", "\xa0b\x85")


# Limits

SMALL = HTTP11(
    Limits(method=5, request_target=20, field_line=30, head=100, fields=3, chunk_extensions=10, trailers=20)
)
"""Limits that a test can go beyond in one line."""


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (0, b"PATCH / HTTP/1.1\r\nHost: h\r\n\r\n"),
        (501, b"DELETE / HTTP/1.1\r\nHost: h\r\n\r\n"),
        (0, b"GET /" + b"a" * 19 + b" HTTP/1.1\r\nHost: h\r\n\r\n"),
        (414, b"GET /" + b"a" * 20 + b" HTTP/1.1\r\nHost: h\r\n\r\n"),
        (414, b"GET /" + b"a" * 20),
        (0, b"GET / HTTP/1.1\r\nHost: h\r\nA:" + b"b" * 28 + b"\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: h\r\nA:" + b"b" * 29 + b"\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: h\r\nA:" + b"b" * 29),
        (0, b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nC: d\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nC: d\r\nE: f\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nC: d\r\nE"),
        (0, b"GET / HTTP/1.1\r\nHost: h\r\n" + b"A: " + b"b" * 25 + b"\r\nB: " + b"c" * 25 + b"\r\n\r\n"),
        (
            431,
            b"GET /234567890123456789 HTTP/1.1\r\nHost: h\r\n" + (b"A:" + b"b" * 24 + b"\r\n") * 2 + b"\r\n",
        ),
    ],
)
def test_each_limit_of_a_head_has_its_status(status: int, data: bytes, refused: Refused) -> None:
    assert refused(data, SMALL) == status


def test_the_recommended_length_of_a_target_is_served(parse: Parse) -> None:
    (head,) = parse(b"GET /" + b"a" * 8000 + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    assert len(head.values[1]) == 8001


def test_a_head_with_the_fields_of_the_one_before_is_read_afresh(parse: Parse) -> None:
    """DOC-CONN-8: what is remembered saves work and changes nothing."""
    fields = b"Host: a\r\nContent-Length: 1\r\n\r\nx"
    lines = [
        b"GET /1 HTTP/1.1",
        b"PUT /2 HTTP/1.1",
        b"GET http://b/ HTTP/1.1",
        b"GET /4 HTTP/1.1",
        b"GET /5 HTTP/1.0",
        b"CONNECT c:1 HTTP/1.1",
        b"GET /7 HTTP/1.1",
        b"GET /8% HTTP/1.1",
    ]
    requests = [line + b"\r\n" + fields for line in lines]
    alone = [event for request in requests for event in parse(request)]
    assert parse(b"".join(requests)) == alone
    assert [event.values[3] for event in alone if event.kind == "head"] == [
        "a",
        "a",
        "b",
        "a",
        "a",
        "c:1",
        "a",
    ]


def test_after_a_refusal_there_is_nothing_more(parse: Parse) -> None:
    events = parse(b"GET / HTTP/2.0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert [event.kind for event in events] == ["refusal"]
