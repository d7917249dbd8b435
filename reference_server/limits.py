"""Every limit of the server, by name, in one value.

A peer can send as much as it likes, as slowly as it likes. Each field below bounds one thing that it can make
the server hold or wait for, and says what the peer gets when it goes beyond. Sizes are octets, times are
seconds.

This module does not know who enforces a limit.
"""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one peer may cost. The defaults are those of the ``http11`` profile."""

    method: int = 32
    """Octets of a method; a longer one is none that we know: 501."""

    request_target: int = 16 * 1024
    """Octets of a request-target: 414. RFC 9112, section 3, recommends to take 8000 at least."""

    field_line: int = 16 * 1024
    """Octets of one field line, its CRLF not counted: 431. As much as Apache and nginx take together."""

    head: int = 64 * 1024
    """Octets of the request line and all field lines: 431."""

    fields: int = 128
    """Field lines in one head, or in one trailer section: 431."""

    blank_lines: int = 4
    """Empty lines that are skipped before a request line; one more is a malformed request line: 400."""

    body: int = 100 * MEBIBYTE
    """Octets of one body, decoded (DOC-LEN-2, DOC-LEN-7): 413."""

    chunk_extensions: int = 16 * 1024
    """Octets of all chunk extensions in one body: 413. Nobody uses them; they only cost."""

    trailers: int = 16 * 1024
    """Octets of the trailer section: 431."""

    form_fields: int = 10_000
    """Arguments in one query string or one form, and parts of one multipart body: 413."""

    part_head: int = 16 * 1024
    """Octets of the header section of one multipart part; a longer one makes the part malformed, and
    skipped."""

    discarded_body: int = MEBIBYTE
    """Octets of a body nobody reads that are thrown away to keep the connection; above, it is closed."""

    backlog: int = 256 * 1024
    """Octets of responses not yet sent, or of pipelined requests not yet answered, above which we stop
    reading."""

    connections: int = 10_000
    """Connections at one time; one more is answered 503 and closed."""

    header_seconds: float = 20.0
    """From the connection (its TLS handshake included), or the first octet of a later request, to the end of
    the head: 408, or a silent close when not one octet of a request has come."""

    idle_seconds: float = 75.0
    """From the end of one request to the first octet of the next: the connection is closed. nginx waits as
    long."""

    body_seconds: float = 20.0
    """What a body may take before its rate is looked at: 408."""

    body_rate: float = 1024.0
    """Octets a second that a body must reach on the average after ``body_seconds``: 408."""

    send_seconds: float = 60.0
    """How long a peer may take nothing of a response before the connection is dropped."""

    linger_seconds: float = 2.0
    """After our last octet and FIN, how long we wait for the peer's FIN, so that no reset destroys the
    response."""

    linger_octets: int = 16 * MEBIBYTE
    """What is read and thrown away in that time."""

    grace_seconds: float = 10.0
    """What requests in flight may take when the server is told to end."""
