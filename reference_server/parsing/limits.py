"""Every limit of the server, by name, in one value.

A peer can send as much as it likes, as slowly as it likes. Each field below bounds one thing that it can make
the server hold or wait for; the sentence beside says what the peer gets when it goes beyond, and is also what
the command's ``--help`` says. Sizes are octets, times are seconds.

This module does not know who enforces a limit.
"""

import math
from dataclasses import dataclass, field, fields
from typing import Any

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE


def limit(default: float, meaning: str) -> Any:
    """Return a field with a sentence that explains it."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one peer may cost. The defaults are those of the ``http11`` profile.

    Raises ``ValueError`` for a value that bounds nothing.
    """

    # The head

    method: int = limit(32, "bytes of a method; a longer one is not known: 501")
    # RFC 9112, section 3, recommends to take 8000 at least.
    request_target: int = limit(16 * KIBIBYTE, "octets of a request-target: 414")
    # As much as Apache and nginx take together.
    field_line: int = limit(16 * KIBIBYTE, "octets of one field line, its CRLF not counted: 431")
    head: int = limit(64 * KIBIBYTE, "octets of the request line and all field lines: 431")
    fields: int = limit(128, "field lines in one head, or in one trailer section: 431")
    blank_lines: int = limit(4, "empty lines skipped before a request line; one more is malformed: 400")

    # The body (DOC-LEN-2, DOC-LEN-7)

    body: int = limit(100 * MEBIBYTE, "octets of one body, decoded: 413")
    # Nobody uses them; they only cost.
    chunk_extensions: int = limit(
        16 * KIBIBYTE, "octets of all chunk extensions in one body, and of zeros before chunk sizes: 413"
    )
    trailers: int = limit(16 * KIBIBYTE, "octets of the trailer section: 431")
    discarded_body: int = limit(
        MEBIBYTE,
        "octets of a body nobody reads that are thrown away to keep the connection; above, it is closed",
    )

    # Forms

    form_fields: int = limit(
        10_000, "arguments in one query string or one form, and parts of one multipart body: 413"
    )
    form_names: int = limit(
        MEBIBYTE,
        "octets of all names in one query string or one form, those and the types of files included: 413",
    )
    part_head: int = limit(
        16 * KIBIBYTE, "octets of the header section of one part; a part with a longer one is skipped"
    )

    # What is held for one peer, and for all of them

    backlog: int = limit(
        256 * KIBIBYTE,
        "octets of responses not yet sent, or of pipelined requests not yet answered, above which no more is "
        "read",
    )
    connections: int = limit(10_000, "connections at one time, in each process; one more is told 503")

    # What is waited for

    header_seconds: float = limit(
        20.0,
        "from the connection (its TLS handshake included), or the first octet of a later request, to the end "
        "of the head: 408, or a silent close when not one octet of a request has come",
    )
    # nginx waits as long.
    idle_seconds: float = limit(
        75.0, "from the end of one request to the first octet of the next; then the connection is closed"
    )
    body_seconds: float = limit(20.0, "what a body may take before its rate is looked at: 408")
    body_rate: float = limit(
        1024.0, "octets a second that a body must reach on the average after body-seconds: 408"
    )
    send_seconds: float = limit(
        60.0,
        "how long a peer may be slower than send-rate to take a response; then the connection is dropped",
    )
    send_rate: float = limit(
        512.0, "octets a second that a peer must take of a response, on the average over send-seconds"
    )
    linger_seconds: float = limit(
        2.0,
        "how long we wait for the peer's FIN after our own, lest a reset destroys the response on its way",
    )
    linger_octets: int = limit(16 * MEBIBYTE, "what is read and thrown away in that time")
    grace_seconds: float = limit(
        10.0, "what requests in flight may take when the server is told to end; then they are cut off"
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not 0 <= value < math.inf:
                raise ValueError(f"{each.name} cannot be {value}")
        if not self.body_rate:
            raise ValueError("body_rate cannot be 0")
