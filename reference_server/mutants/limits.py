"""Mutants whose limits are missing, too low, or kept by dropping what is too much."""

import re
from dataclasses import replace
from io import SEEK_END

from reference_server.connection import HTTPConnection
from reference_server.httpserver import HTTPServer
from reference_server.mutants.mutant import Mutant
from reference_server.mutants.rewriting import RewritingHTTP11
from reference_server.parsing.bodies import LengthReader
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.limits import Limits
from reference_server.parsing.message import Refusal
from reference_server.parsing.profile import Progress

MUCH = 1 << 30

SIZES = (
    "method",
    "request_target",
    "field_line",
    "head",
    "fields",
    "blank_lines",
    "chunk_extensions",
    "trailers",
)


class NoLimits(HTTP11):
    """No part of a request is too large."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or Limits(), **dict.fromkeys(SIZES, MUCH)))


class LimitsBelowTheUsual(HTTP11):
    """A request-target or a field line of 4000 octets is too long."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or Limits(), request_target=4000, field_line=4000))


class LongTargetIs400(HTTP11):
    """A target that is too long is answered with 400."""

    def check_unfinished_head(self, block: bytes | bytearray, since: int, progress: Progress) -> None:
        """Change the status."""
        try:
            super().check_unfinished_head(block, since, progress)
        except Refusal as refusal:
            raise Refusal(400 if refusal.status == 414 else refusal.status, refusal.reason) from None


class LargeBodyCut(LengthReader):
    """A body is cut to a megabyte."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        """Keep the beginning."""
        position = super().read(buffer, position, since)
        self.content.truncate(1_000_000)
        self.content.seek(0, SEEK_END)
        return position


class PatientHTTP11(HTTP11):
    """Waits for a minute for a client that was refused to go away."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or Limits(), linger_seconds=60.0, linger_octets=MUCH))


class OneClientAtATime(HTTPServer):
    """A client is served when the one before it has gone, however long that takes."""

    def _accept(self, fd: int, _events: int) -> None:
        """Accept one, and no more for now."""
        if self._socket is not None and self.io_loop is not None:
            accepted, address = self._socket.accept()
            self.io_loop.remove_handler(fd)
            self._set_up(accepted, address[0])

    def _forget(self, connection: HTTPConnection) -> None:
        """Accept the next."""
        super()._forget(connection)
        self._accept_again()


class GenerousHTTP11(RewritingHTTP11):
    """Takes a megabyte of head; for mutants that then drop a part of it."""

    def __init__(self, limits: Limits | None = None) -> None:
        sizes = dict.fromkeys(("request_target", "field_line", "head"), 1_100_000)
        super().__init__(replace(limits or Limits(), fields=10_000, **sizes))


class LongTargetCut(GenerousHTTP11):
    """A target is cut to 16,000 octets."""

    def rewritten(self, block: bytes) -> bytes:
        """Cut it."""
        return re.sub(rb"\A([^ ]+ [^ ]{16000})[^ ]+", rb"\1", block)


class LongFieldLineCut(GenerousHTTP11):
    """A field line is cut to 3000 octets."""

    def rewritten(self, block: bytes) -> bytes:
        """Cut it; a name without a colon gets one."""
        line, end, rest = block.partition(b"\r\n")
        rest = re.sub(rb"((?:\A|\n)[^:\r]{3000})[^\r]*", rb"\1: one", rest)
        return line + end + re.sub(rb"((?:\A|\n)[^\r]{3010})[^\r]*", rb"\1", rest)


class FieldsBeyondFiftyDropped(GenerousHTTP11):
    """Field lines after the fiftieth are dropped."""

    def rewritten(self, block: bytes) -> bytes:
        """Keep the first."""
        lines = block.split(b"\r\n")
        return b"\r\n".join([*lines[:51], b"", b""]) if len(lines) > 53 else block


MUTANTS = (
    Mutant(
        LargeBodyCut,
        (
            "content-length.body-of-one-megabyte",
            "limits.body-of-two-megabytes",
            "tls.large-body",
        ),
    ),
    Mutant(
        OneClientAtATime,
        ("beside.*", "limits.next-client", "tls.stalled-*"),
        base=PatientHTTP11,
    ),
    Mutant(
        NoLimits,
        (
            "chunked.megabyte-of-extensions",
            "limits.endless-*",
            "limits.extension-on-each-of-20000-chunks",
        ),
    ),
    Mutant(
        LimitsBelowTheUsual,
        (
            "limits.absolute-form-of-8000",
            "limits.referer-of-8000",
            "request-line.target-of-8000",
        ),
    ),
    Mutant(LongTargetIs400, ("limits.target-of-20000", "request-line.target-of-100000")),
    Mutant(LongTargetCut, ("limits.target-*", "request-line.target-of-100000")),
    Mutant(
        LongFieldLineCut,
        (
            "fields.line-of-300000",
            "limits.cookies-of-4000",
            "limits.field-line-of-40000",
            "limits.field-name-of-100000",
            "limits.host-of-100000",
            "limits.referer-of-8000",
        ),
    ),
    Mutant(
        FieldsBeyondFiftyDropped,
        (
            "limits.equal-fields-5000",
            "limits.field-section-of-500000",
            "limits.fields-*",
        ),
    ),
)
