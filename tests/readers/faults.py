"""Readers that are right but for one fault, each named like the mutant of the reference server with it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tests.readers.reader import (
    EXTENSION,
    RIGHT,
    TOKEN,
    VALUE,
    Reader,
    Refused,
    chunked_alone,
    decimal,
    hexadecimal,
    valid_authority,
    valid_target,
)

EXTENSIONS = rb"(?:" + EXTENSION + rb")*"
SIZE = rb"([0-9A-Fa-f]+)"


def with_fault(**pieces: object) -> Reader:
    """The right reader with some of its pieces replaced."""
    return replace(RIGHT, **pieces)  # type: ignore[arg-type]


def chunk_lines(
    digits: bytes = SIZE, extensions: bytes = EXTENSIONS, end: bytes = rb"\r\n", **others: object
) -> Reader:
    """The right reader with other chunk lines."""
    return with_fault(size_line=digits + extensions + end, **others)


# Numbers, as libraries read them


def in_python(base: int) -> Callable[[bytes], int]:
    """Read a number like int() in Python: with a sign, underscores, white space and all scripts' digits."""

    def read(value: bytes) -> int:
        for encoding in ("utf-8", "latin-1"):
            try:
                return abs(int(value.decode(encoding), base))
            except ValueError:
                continue
        raise Refused("int() refuses it")

    return read


def in_c(base: int) -> Callable[[bytes], int]:
    """Read a number like strtoul() in C: white space, a sign, a prefix, digits, and whatever follows."""
    digits = rb"[0-9A-Fa-f]" if base == 16 else rb"[0-9]"
    prefix = rb"(?:0[xX](?=" + digits + rb"))?" if base == 16 else rb""

    def read(value: bytes) -> int:
        match = re.match(rb"[ \t\n\v\f\r\xa0]*[+-]?" + prefix + rb"(" + digits + rb"*)", value)
        return min(int(match[1][:4000] or b"0", base), (1 << 64) - 1) if match else 0

    return read


def in_javascript(value: bytes) -> int:
    """Read a number like Number() in JavaScript: prefixes, fractions, exponents, and nothing is 0."""
    text = value.decode("latin-1").strip()
    try:
        return int(text or "0", 0) if re.match(r"0[xob]", text, re.IGNORECASE) else int(float(text or "0"))
    except (ValueError, OverflowError) as error:
        raise Refused("NaN") from error


def wrapped(bits: int, read: Callable[[bytes], int]) -> Callable[[bytes], int]:
    """Keep so many bits of the number that `read` reads."""
    return lambda value: read(value) & (1 << bits) - 1


def first_number(value: bytes) -> int:
    """Read the first number in the value, wherever it stands."""
    match = re.search(rb"[0-9]{1,4000}", value)
    return int(match[0]) if match else 0


# Choices among several values


def first(lengths: Sequence[bytes]) -> bytes:
    """Take the first of several lines."""
    return lengths[0]


def last(lengths: Sequence[bytes]) -> bytes:
    """Take the last of several lines."""
    return lengths[-1]


def filled(lengths: Sequence[bytes]) -> bytes:
    """Take the first line that has a value."""
    return next((length for length in lengths if length), b"0")


def members(codings: Sequence[bytes]) -> list[bytes]:
    """The transfer codings of all lines, in lower case."""
    return [member.strip(b" \t").lower() for line in codings for member in line.split(b",")]


def resembles_chunked(codings: Sequence[bytes]) -> bool:
    """Take whatever contains the word for chunked."""
    return any(b"chunked" in member for member in members(codings)) or chunked_alone(codings)


def anything_is_chunked(codings: Sequence[bytes]) -> bool:
    """Take any transfer coding for chunked."""
    return bool(codings)


def only_chunked_counts(codings: Sequence[bytes]) -> bool:
    """Ignore every transfer coding but chunked in its usual spelling."""
    return members(codings) == [b"chunked"]


def letters_of(codings: Sequence[bytes]) -> bool:
    """Drop everything but letters around a coding."""
    stripped = [re.sub(rb"^[^a-z]+|[^a-z]+$", b"", member) for member in members(codings)]
    return chunked_alone(stripped)


def last_is_chunked(codings: Sequence[bytes]) -> bool:
    """Look at the last coding only, whatever stands before it."""
    return chunked_alone(members(codings)[-1:])


def parameters_dropped(codings: Sequence[bytes]) -> bool:
    """Drop what follows a semicolon, and codings without a name."""
    return chunked_alone([member.partition(b";")[0] for member in members(codings)])


def anything_together(_codings: Sequence[bytes], _lengths: Sequence[bytes]) -> None:
    """Let a request have both framing fields."""


def any_host(_version: bytes, hosts: Sequence[bytes]) -> bool:
    """Take whatever a single Host says."""
    return len(hosts) == 1


def host_not_needed(_version: bytes, hosts: Sequence[bytes]) -> bool:
    """Do without Host."""
    return len(hosts) <= 1


def any_number_of_hosts(_version: bytes, hosts: Sequence[bytes]) -> bool:
    """Use the first of several lines."""
    return bool(hosts) and all(map(valid_authority, hosts))


# Targets


def matching(pattern: bytes) -> Callable[[bytes, bytes], bool]:
    """Take a target that matches, and every right one."""
    return lambda method, target: (
        re.fullmatch(pattern, target, re.DOTALL | re.IGNORECASE) is not None or valid_target(method, target)
    )


def any_tunnel(method: bytes, target: bytes) -> bool:
    """Take whatever a CONNECT names."""
    return method == b"CONNECT" or valid_target(method, target)


# Repairs of a head


def replacing(pattern: bytes, by: bytes) -> Callable[[bytes], bytes]:
    """Replace a pattern in a head."""
    return lambda head: re.sub(pattern, by, head)


# What the right reader takes, and what else a lenient one does.
CONTROLS = rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]"

READERS: Mapping[str, Reader] = {
    # Lines of a head
    "bare-cr-ends-request-line": with_fault(repair=replacing(rb"\A([^\r\n]*)\r(?!\n)", rb"\1\r\n")),
    "bare-lf-joins-lines": with_fault(repair=replacing(rb"(?<!\r)\n", b" ")),
    "bare-cr-dropped": with_fault(repair=replacing(rb"\r(?!\n)", b"")),
    "control-characters-dropped": with_fault(repair=replacing(CONTROLS, b"")),
    "folded-line-is-field": with_fault(repair=replacing(rb"\r\n[ \t]+", b"\r\n")),
    "folded-line-dropped": with_fault(repair=replacing(rb"\r\n[^\r\n]*(?:\r\n[ \t][^\r\n]*)+", b"")),
    "bare-cr-ends-line": with_fault(line_end=rb"\r\n?", head_end=rb"\r\n?\r\n?", blank=rb"(?:\r\n?)*"),
    "cr-and-any-octet-end-line": with_fault(line_end=rb"(?s:\r.)", head_end=rb"(?s:\r.\r.)"),
    "blank-line-ends-head": with_fault(head_end=rb"\r\n[ \t\v\f\0]*\r\n"),
    "name-cut-at-nul": with_fault(field_line=rb"(" + TOKEN + rb")(?:\0[^:\r\n]*)?:(" + VALUE + rb")"),
    "name-cut-at-odd-octet": with_fault(field_line=rb"(" + TOKEN + rb")[^:\r\n \t]*:(" + VALUE + rb")"),
    "value-cut-at-nul": with_fault(field_line=rb"(" + TOKEN + rb"):(" + VALUE + rb")(?:\0.*)?"),
    "space-before-colon-dropped": with_fault(field_line=rb"(" + TOKEN + rb")[ \t]*:(" + VALUE + rb")"),
    "field-name-unchecked": with_fault(field_line=rb"([^:\r\n]+):(" + VALUE + rb")"),
    "empty-field-name-accepted": with_fault(field_line=rb"(" + TOKEN + rb"|):(" + VALUE + rb")"),
    "line-without-colon-skipped": with_fault(repair=replacing(rb"\r\n[^\r\n: \t]+(?=\r\n|\Z)", b"")),
    "lines-split-as-text": with_fault(line_end=rb"\r\n|[\r\v\f\x1c-\x1e\x85]"),
    # The request line
    "missing-version-accepted": with_fault(
        request_line=rb"(" + TOKEN + rb") ([^ ]+)(?: (HTTP/1\.[0-9])?)?", line_end=rb"\r?\n"
    ),
    "request-line-unchecked": with_fault(request_line=rb"([^ ]+) ([^ ]+) (.+)", target=matching(rb".+")),
    "version-cut-at-nul": with_fault(request_line=rb"(" + TOKEN + rb") ([^ ]+) (HTTP/1\.[0-9])(?:\0.*)?"),
    "missing-target-accepted": with_fault(
        request_line=rb"(" + TOKEN + rb")(?: +(?!HTTP/)([^ ]+))?(?: +(HTTP/1\.[0-9]))?"
    ),
    "extra-words-ignored": with_fault(
        request_line=rb"(" + TOKEN + rb") ([^ ]+)(?: [^ /]+)* (HTTP/ ?1\.[0-9])(?: .*)?"
    ),
    "word-before-method-skipped": with_fault(
        request_line=rb"(?:[a-z]+ )?(" + TOKEN + rb") ([^ ]+) (HTTP/1\.[0-9])"
    ),
    "colon-behind-method-ignored": with_fault(request_line=rb"(" + TOKEN + rb"):? ([^ ]+) (HTTP/1\.[0-9])"),
    "version-unchecked": with_fault(request_line=rb"(" + TOKEN + rb") ([^ ]+) ([^ ]+)"),
    "method-unchecked": with_fault(request_line=rb"([^ ]+) ([^ ]+) (HTTP/1\.[0-9])"),
    "target-unchecked": with_fault(target=matching(rb".+")),
    "asterisk-begins-target": with_fault(target=matching(rb"\*.*")),
    "target-cut-at-nul": with_fault(target=matching(rb"/[^\0]*\0.*")),
    "relative-target-accepted": with_fault(target=matching(rb"[^ *:]+")),
    "asterisk-with-get-served": with_fault(target=matching(rb"\*")),
    "authority-with-get-served": with_fault(target=matching(rb"[^/]+")),
    "user-in-target-accepted": with_fault(target=matching(rb"http://[^/@]*@[^/@]+/.*")),
    "authority-of-target-unchecked": with_fault(target=matching(rb"http://[^/@]+/[^\0#]*")),
    "empty-authority-accepted": with_fault(target=matching(rb"https?:///[^\0#]*")),
    "connect-taken-for-get": with_fault(target=any_tunnel, host=any_host),
    "lines-skipped-before-request": with_fault(
        blank=rb"(?:(?!" + TOKEN + rb" [^ \r\n]+ HTTP/)[^\r\n]*\r\n)*"
    ),
    # Host
    "missing-host-accepted": with_fault(host=host_not_needed),
    "first-of-several-hosts-counts": with_fault(host=any_number_of_hosts),
    "host-unchecked": with_fault(host=any_host),
    # Content-Length
    "length-read-as-in-c": with_fault(length=in_c(10)),
    "length-read-as-in-python": with_fault(length=in_python(10)),
    "length-in-any-base": with_fault(length=in_javascript),
    "length-of-32-bits": with_fault(length=wrapped(32, decimal)),
    "length-of-64-bits": with_fault(length=wrapped(64, decimal)),
    "length-is-first-number-in-value": with_fault(length=first_number),
    "first-of-several-lengths-counts": with_fault(lengths=first),
    "last-of-several-lengths-counts": with_fault(lengths=last),
    "empty-length-ignored": with_fault(lengths=filled),
    "cut-off-body-served": with_fault(cut_off=True),
    # Transfer-Encoding
    "any-coding-taken-for-chunked": with_fault(chunked=anything_is_chunked),
    "odd-coding-ignored": with_fault(
        chunked=only_chunked_counts, both=anything_together, field_line=rb"(" + TOKEN + rb"):([^\r\n]*)"
    ),
    "chunked-twice-taken-for-once": with_fault(chunked=resembles_chunked),
    "coding-parameter-dropped": with_fault(chunked=parameters_dropped),
    # Chunks
    "chunk-size-read-as-in-python": chunk_lines(rb"([^;\r\n]+)", size=in_python(16)),
    "chunk-size-sign-ignored": chunk_lines(rb"([+-]?[0-9A-Fa-f]+)", size=in_c(16)),
    "chunk-size-read-as-in-c": chunk_lines(rb"([^\r\n]*)", extensions=rb"", size=in_c(16)),
    "chunk-size-of-32-bits": with_fault(size=wrapped(32, hexadecimal)),
    "chunk-size-of-64-bits": with_fault(size=wrapped(64, hexadecimal)),
    "lone-lf-ends-chunk-line": chunk_lines(end=rb"\r?\n"),
    "bare-cr-ends-chunk-line": chunk_lines(
        end=rb"\r\n?", trailers=rb"(?:" + TOKEN + rb":" + VALUE + rb"\r\n?)*\r\n?"
    ),
    "repeated-cr-ends-chunk-line": chunk_lines(end=rb"\r*\n"),
    "cr-and-any-octet-end-chunk-line": chunk_lines(end=rb"\r."),
    "extensions-unchecked": chunk_lines(extensions=rb"(?:[ \t\r]*;(?:(?!\r\n).)*)?"),
    "quotes-hide-line-ends": chunk_lines(
        SIZE, extensions=rb"(?:[ \t]*;[ \t]*" + TOKEN + rb"(?:=(?:" + TOKEN + rb'|"[^"]*"))?)*'
    ),
    "half-a-line-end-ends-chunk-data": with_fault(data_end=rb"\r\n|\r|\n"),
    "any-two-octets-end-chunk-data": with_fault(data_end=rb".."),
    "cr-and-any-octet-end-chunk-data": with_fault(data_end=rb"\r."),
    "repeated-cr-ends-chunk-data": with_fault(data_end=rb"\r*\n"),
    "nothing-ends-chunk-data": with_fault(data_end=rb"(?:\r\n)?"),
    "empty-lines-behind-chunk-data-skipped": with_fault(data_end=rb"(?:\r\n)+"),
    "rest-of-line-behind-data-skipped": with_fault(data_end=rb"[^\r\n]*\r\n"),
    # The last chunk and the trailer section
    "trailers-skipped": with_fault(trailers=rb"\r\n|.*?\r\n\r\n"),
    "cr-and-any-octet-end-trailer-line": with_fault(trailers=rb"(?:" + TOKEN + rb":" + VALUE + rb"\r.)*\r."),
    "trailers-left-to-the-next-request": with_fault(trailers=rb"(?:\r\n)?"),
    "line-without-colon-ends-trailers": with_fault(
        trailers=rb"(?:" + TOKEN + rb":" + VALUE + rb"\r\n)*(?:\r\n)?"
    ),
}
