"""Header dictionaries, parameters and token lists."""

import pytest

from reference_server.httputil import HTTPHeaders, format_date, reason_phrase, split_parameters, split_tokens


def test_names_ignore_case_and_repeated_values_are_joined() -> None:
    """DOC-HDR-1, DOC-IO-4."""
    headers = HTTPHeaders.parse("content-type: a\r\nSET-COOKIE: b\r\nset-cookie:\t c \r\n")
    assert headers["CONTENT-TYPE"] == "a"
    assert headers["set-cookie"] == "b,c"
    assert "Set-cookie" in headers
    assert headers.get_list("set-cookie") == ["b", "c"]
    assert headers.get_list("x") == []
    assert headers.get("x") is None
    assert list(headers) == ["Content-Type", "Set-Cookie"]
    assert list(headers.get_all()) == [("Content-Type", "a"), ("Set-Cookie", "b"), ("Set-Cookie", "c")]


def test_headers_are_a_dictionary() -> None:
    """DOC-IO-4."""
    headers = HTTPHeaders({"a-b": "1"}, c="2")
    headers.add("A-B", "3")
    assert dict(headers) == {"A-B": "1,3", "C": "2"}
    headers["a-b"] = "4"
    del headers["C"]
    assert headers == {"A-B": "4"}
    assert headers.pop("A-B") == "4"
    assert len(headers) == 0
    assert repr(HTTPHeaders(a="b")) == "HTTPHeaders({'A': 'b'})"


def test_a_line_without_a_colon_is_no_header() -> None:
    """DOC-HDR-2, DOC-IO-4."""
    with pytest.raises(ValueError, match="colon"):
        HTTPHeaders().parse_line("abc")


def test_lines_end_at_cr_and_lf_only() -> None:
    """DOC-HDR-3: and not at what Unicode calls the end of a line."""
    headers = HTTPHeaders.parse("A: b\x85c\x1cd\nE: f\rG: h\r\n\r\n")
    assert dict(headers) == {"A": "b\x85c\x1cd", "E": "f", "G": "h"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("form-data", ("form-data", {})),
        ("form-data; name=a", ("form-data", {"name": "a"})),
        ('form-data ; NAME = "a;b" ; c=d', ("form-data", {"name": "a;b", "c": "d"})),
        (r'x; a="\"\\\c"', ("x", {"a": '"\\c'})),
        ("x; a=1; a=2", ("x", {"a": "1"})),
        ("x; ; a; b=1", ("x", {"b": "1"})),
        ('x; a="open; b=1', ("x", {"a": "", "b": "1"})),
        ('x; a=""; b= c d ', ("x", {"a": "", "b": "c d"})),
        (";a=b", ("", {"a": "b"})),
    ],
)
def test_parameters(value: str, expected: tuple[str, dict[str, str]]) -> None:
    """DOC-MP-1, DOC-MP-2, DOC-MP-10."""
    assert split_parameters(value, ("name", "a", "b", "c")) == expected


def test_token_lists_go_over_lines_and_have_no_empty_members() -> None:
    """DOC-KA-2."""
    assert split_tokens([b"a, B\t,,", b" ,C"]) == [b"a", b"b", b"c"]


def test_dates_and_reasons() -> None:
    assert format_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert reason_phrase(431) == "Request Header Fields Too Large"
    assert reason_phrase(413) == "Content Too Large"  # as RFC 9110 has it
    assert reason_phrase(599) == ""


def test_white_space_around_values_is_that_of_ascii() -> None:
    """DOC-HDR-1: vertical tab and form feed too, as in the original; no octet above ASCII is."""
    headers = HTTPHeaders.parse("A: \t\v\fb c\f\v \t\r\nD:\x85e\xa0\r\n")
    assert dict(headers) == {"A": "b c", "D": "\x85e\xa0"}
