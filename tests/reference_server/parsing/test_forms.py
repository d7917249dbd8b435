"""Urlencoded arguments and multipart/form-data."""

import logging

import pytest

from reference_server.parsing.forms import parse_urlencoded
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Refusal
from reference_server.parsing.multipart import boundary_of, parse_multipart

LIMITS = Limits()


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        (b"", {}),
        (b"a=1&b=2&a=3", {"a": [b"1", b"3"], "b": [b"2"]}),
        (b"a=&b&=c&&d==", {"": [b"c"], "d": [b"="]}),
        (b"a=&a=1", {"a": [b"1"]}),
        (b"a=b+c%20d%2B&%61=%C3%A9", {"a": [b"b c d+", b"\xc3\xa9"]}),
        (b"%zz=%zz&%=%4", {"%zz": [b"%zz"], "%": [b"%4"]}),
        (b"%c3%a9=1&%e9=2", {"\xe9": [b"1"], "\ufffd": [b"2"]}),
        (b"a=1;b=2", {"a": [b"1;b=2"]}),
    ],
)
def test_urlencoded(text: bytes, arguments: object) -> None:
    """DOC-FORM-1, DOC-FORM-3."""
    assert parse_urlencoded(text, LIMITS) == arguments


def test_too_many_fields_are_refused() -> None:
    assert len(parse_urlencoded(b"&".join([b"a=b"] * 5), Limits(form_fields=5))["a"]) == 5
    with pytest.raises(Refusal) as refusal:
        parse_urlencoded(b"&".join([b"a=b"] * 6), Limits(form_fields=5))
    assert refusal.value.status == 413
    part = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    with pytest.raises(Refusal) as refusal:
        parse_multipart(b"B", part * 6 + b"--B--", Limits(form_fields=5))
    assert refusal.value.status == 413


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=B", b"B"),
        ("multipart/form-data;boundary=B", b"B"),
        ("multipart/form-data; charset=x; boundary=B; y=z", b"B"),
        ('multipart/form-data; boundary="B C"', b"B C"),
        ('multipart/form-data; boundary="B;C=D"; x=y', b"B;C=D"),
        (r'multipart/form-data; boundary="B\"C"', b'B"C'),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=", b""),
        ('multipart/form-data; boundary=""', b""),
    ],
)
def test_boundaries(content_type: str, boundary: bytes) -> None:
    """DOC-MP-1, DOC-MP-2, DOC-MP-10."""
    assert boundary_of(content_type) == boundary


def part(disposition: bytes, value: bytes, *more: bytes) -> bytes:
    head = b"\r\n".join([b"Content-Disposition: " + disposition, *more])
    return b"--B\r\n" + head + b"\r\n\r\n" + value


def values_of(*parts: bytes, end: bytes = b"--B--\r\n") -> dict[str, list[bytes]]:
    return parse_multipart(b"B", b"".join(parts) + end, LIMITS).arguments


NAMED = b'form-data; name="n"'
GOOD = part(b'form-data; name="ok"', b"yes\r\n")


def test_fields_keep_their_order_and_empty_values() -> None:
    """DOC-MP-4."""
    assert values_of(part(NAMED, b"1\r\n"), part(NAMED, b"\r\n"), GOOD) == {"n": [b"1", b""], "ok": [b"yes"]}


def test_a_file_is_kept_octet_for_octet() -> None:
    """DOC-MP-5, DOC-REQ-11."""
    content = bytes(range(256)) + b"\r\n--\r\n--Bx\r\n\r\n"
    disposition = b'form-data; name="f"; filename="a.txt"'
    form = parse_multipart(
        b"B",
        part(disposition, content + b"\r\n", b"Content-Type: text/x") + part(disposition, b"\r\n") + b"--B--",
        LIMITS,
    )
    assert form.files["f"] == [
        {"filename": "a.txt", "content_type": "text/x", "body": content},
        {"filename": "a.txt", "content_type": "application/unknown", "body": b""},
    ]
    assert form.arguments == {}


def test_an_empty_filename_is_no_file() -> None:
    """DOC-MP-5."""
    assert values_of(part(b'form-data; name="n"; filename=""', b"1\r\n")) == {"n": [b"1"]}


@pytest.mark.parametrize(
    ("bad", "warning"),
    [
        (b"--B\r\nno head\r\n", "multipart/form-data missing headers"),
        (b"--B\r\n\r\nno head\r\n\r\nx\r\n", "multipart/form-data missing headers"),
        (b"--B\r\nno colon\r\n\r\nx\r\n", "Invalid multipart/form-data"),
        (part(b'attachment; name="n"', b"1\r\n"), "Invalid multipart/form-data"),
        (part(b"form-data", b"1\r\n"), "multipart/form-data value missing name"),
        (part(b'form-data; name=""', b"1\r\n"), "multipart/form-data value missing name"),
        (part(b'form-data; name="open', b"1\r\n"), "multipart/form-data value missing name"),
        (part(b'form-data; name="\xe9"', b"1\r\n"), "Invalid multipart/form-data"),
        (part(NAMED, b"1\r\n", b"A: " + b"b" * 20000), "multipart/form-data missing headers"),
    ],
)
def test_a_malformed_part_is_skipped_with_a_warning(
    bad: bytes, warning: str, caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-MP-6, DOC-MP-10."""
    with caplog.at_level(logging.WARNING):
        assert values_of(GOOD, bad, GOOD) == {"ok": [b"yes", b"yes"]}
    assert [record.message for record in caplog.records] == [warning]


@pytest.mark.parametrize("fold", [b"\r\n ", b"\r\n\t", b"\r\n \r\n \t"])
def test_a_folded_field_line_of_a_part_is_one_line(fold: bytes) -> None:
    """RFC 822, section 3.1.1; RFC 2046, section 5.1."""
    disposition = b'form-data;%bname=n;%bfilename="a.txt"' % (fold, fold)
    body = part(disposition, b"1\r\n", b"Content-Type: text/plain;" + fold + b"charset=x") + b"--B--"
    (file,) = parse_multipart(b"B", body, LIMITS).files["n"]
    folded = fold.replace(b"\r\n", b"").decode()
    assert (file["filename"], file["content_type"]) == ("a.txt", f"text/plain;{folded}charset=x")
    assert file["body"] == b"1"


def test_white_space_before_the_first_field_line_is_no_fold() -> None:
    assert values_of(b"--B\r\n " + GOOD[5:], GOOD) == {"ok": [b"yes"]}


@pytest.mark.parametrize("within_lines", [False, True], ids=["http11", "documented"])
def test_a_part_without_a_body_has_an_empty_value(within_lines: bool) -> None:
    """DOC-MP-4, DOC-MP-5, DOC-MP-6: the CRLF of its empty line is that of the next delimiter."""
    body = part(NAMED, b"") + GOOD + part(NAMED + b'; filename="f"', b"") + b"--B--"
    form = parse_multipart(b"B", body, LIMITS, within_lines=within_lines)
    assert form.arguments == {"n": [b""], "ok": [b"yes"]}
    assert [(file["filename"], file["body"]) for file in form.files["n"]] == [("f", b"")]


def test_names_and_filenames_are_utf_8() -> None:
    """DOC-MP-7."""
    form = parse_multipart(
        b"B", part('form-data; name="é"; filename="ü"'.encode(), b"1\r\n") + b"--B--", LIMITS
    )
    assert form.files["é"][0]["filename"] == "ü"


def test_quoted_strings_are_read_properly() -> None:
    """DOC-MP-10."""
    assert values_of(part(rb'form-data; name="a;b\"c"', b"1\r\n")) == {'a;b"c': [b"1"]}
    assert values_of(part(b"form-data; name=plain", b"1\r\n")) == {"plain": [b"1"]}


@pytest.mark.parametrize("end", [b"--B--", b"--B--\r\n", b"--B-- \r\n", b"--B--\r\nepilogue\r\n--B\r\n"])
def test_the_closing_delimiter(end: bytes) -> None:
    """DOC-MP-8."""
    assert values_of(b"preamble\r\n", GOOD, end=end) == {"ok": [b"yes"]}


def test_what_no_delimiter_ends_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    assert values_of(GOOD, part(NAMED, b"1\r\n"), end=b"") == {"ok": [b"yes"]}
    assert "no closing delimiter" in caplog.text


def test_a_delimiter_may_be_the_beginning_of_something_else() -> None:
    value = b"--B-\r\n--Bx\r\n --B--x\r\n"
    assert values_of(part(NAMED, value + b"\r\n")) == {"n": [value]}


@pytest.mark.parametrize("delimiter", [b"--B", b"--B--"])
def test_a_delimiter_within_a_line_is_content_unless_asked_for(delimiter: bytes) -> None:
    """DOC-MP-6 in http11, and as the original has it."""
    value = b"one\n" + delimiter + b"\r\ntwo"
    body = b"preamble " + GOOD + part(NAMED, value + b"\r\n") + GOOD + b"--B--"
    assert parse_multipart(b"B", body, LIMITS).arguments == {"n": [value], "ok": [b"yes"]}
    parts = parse_multipart(b"B", body, LIMITS, within_lines=True).arguments
    assert parts["ok"] == ([b"yes"] if delimiter.endswith(b"--") else [b"yes", b"yes"])
    assert "n" not in parts


def test_nothing_inside_a_part_is_decoded() -> None:
    """DOC-MP-9."""
    inner = b'--C\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--C--\r\n'
    assert values_of(part(NAMED, inner + b"\r\n", b"Content-Type: multipart/mixed; boundary=C")) == {
        "n": [inner]
    }
    encoded = part(NAMED + b"; filename*=utf-8''x", b"MQ==\r\n", b"Content-Transfer-Encoding: base64")
    assert values_of(encoded) == {"n": [b"MQ=="]}
