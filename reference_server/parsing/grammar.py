"""The grammar of request heads, as data: RFC 9112 sections 2 to 5, RFC 9110 section 5, RFC 3986.

``Grammar`` holds the pieces as fragments of patterns and compiles them into the few patterns the ``http11``
profile matches with. A variant of the grammar is another value.

No fragment can backtrack badly: each repetition is possessive (``*+``, ``++``), or it cannot match the octet
that must follow it.
"""

import re
from dataclasses import dataclass
from functools import cached_property

TOKEN_OCTETS = rb"!#$%&'*+\-.^_`|~0-9A-Za-z"
TOKEN = rb"[" + TOKEN_OCTETS + rb"]++"

ESCAPE = rb"%[0-9A-Fa-f]{2}"
UNRESERVED_AND_SUB_DELIMS = rb"A-Za-z0-9\-._~!$&'()*+,;="
PATH_OCTETS = UNRESERVED_AND_SUB_DELIMS + rb":@/"

PATH = rb"/(?:[" + PATH_OCTETS + rb"]++|" + ESCAPE + rb")*+"
QUERY = rb"(?:\?(?:[" + PATH_OCTETS + rb"?]++|" + ESCAPE + rb")*+)?+"
REGISTERED_NAME = rb"(?:[" + UNRESERVED_AND_SUB_DELIMS + rb"]++|" + ESCAPE + rb")++"
IP_LITERAL = rb"\[(?:[0-9A-Fa-f:.]++|v[0-9A-Fa-f]++\.[" + UNRESERVED_AND_SUB_DELIMS + rb":]++)\]"

CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
"""Octets that no line contains. CR and LF are among them: a line ends at CRLF and nowhere else."""

CONTROL_IN_LINES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|\Z)|(?<!\r)\n")
"""The same for several lines at once, which may be cut off anywhere."""

CONTROL_NAMES = {0x00: "NUL", 0x0A: "LF without CR", 0x0D: "CR without LF"}


def control_name(octet: int) -> str:
    """Return what a control octet is called in a sentence."""
    return CONTROL_NAMES.get(octet, f"control character 0x{octet:02x}")


@dataclass(frozen=True)
class Grammar:
    """The pieces of a request head. The defaults are strict."""

    method: bytes = TOKEN
    origin_form: bytes = PATH + QUERY
    scheme: bytes = rb"[A-Za-z][A-Za-z0-9+\-.]*+"
    host: bytes = rb"(?:" + IP_LITERAL + rb"|" + REGISTERED_NAME + rb")"
    port: bytes = rb"[0-9]*+"
    version: bytes = rb"HTTP/[0-9]\.[0-9]"
    field_name: bytes = TOKEN
    field_value: bytes = rb"[\t\x20-\x7e\x80-\xff]*+"

    @cached_property
    def head(self) -> re.Pattern[bytes]:
        """The usual head: an origin-form target, HTTP/1.x; method, target and version in groups.

        CONNECT has no origin-form.
        """
        line = self.field_name + rb":" + self.field_value + rb"\r\n"
        return re.compile(self.method_and_target.pattern + rb" (HTTP/1\.[0-9])\r\n(?:%b)*+\r\n" % line)

    @cached_property
    def method_and_target(self) -> re.Pattern[bytes]:
        """What ``head`` begins with, up to its version: method and target in groups."""
        return re.compile(rb"(?!CONNECT )(%b) (%b)" % (self.method, self.origin_form))

    @cached_property
    def method_only(self) -> re.Pattern[bytes]:
        """A method."""
        return re.compile(self.method)

    @cached_property
    def version_only(self) -> re.Pattern[bytes]:
        """A version, well-formed but not always one we speak."""
        return re.compile(self.version)

    @cached_property
    def origin_form_only(self) -> re.Pattern[bytes]:
        """The usual request-target: a path and maybe a query."""
        return re.compile(self.origin_form)

    @cached_property
    def absolute_form(self) -> re.Pattern[bytes]:
        """A whole URI as request-target: scheme and authority in groups; then a path and a query, maybe."""
        return re.compile(rb"(%b)://([^/?]*+)(?:%b)?+%b" % (self.scheme, PATH, QUERY))

    @cached_property
    def authority(self) -> re.Pattern[bytes]:
        """A host and maybe a port, in groups. It has no user information."""
        return re.compile(rb"(%b)(?::(%b))?+" % (self.host, self.port))

    @cached_property
    def field_line(self) -> re.Pattern[bytes]:
        """A field line without its CRLF: the name in a group."""
        return re.compile(rb"(%b):%b" % (self.field_name, self.field_value))


STRICT = Grammar()
