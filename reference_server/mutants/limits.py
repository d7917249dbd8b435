"""Mutants whose limits are missing or too low, or which drop what exceeds them."""

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
    """Limits the size of no part of a request."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or Limits(), **dict.fromkeys(SIZES, MUCH)))


class LimitsBelowTheUsual(HTTP11):
    """Rejects a request-target or a field line of 4000 bytes."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or Limits(), request_target=4000, field_line=4000))


class LongTargetIs400(HTTP11):
    """Answers 400 to a request-target that is too long."""

    def check_unfinished_head(self, block: bytes | bytearray, since: int, progress: Progress) -> None:
        try:
            super().check_unfinished_head(block, since, progress)
        except Refusal as refusal:
            raise Refusal(400 if refusal.status == 414 else refusal.status, refusal.reason) from None


class LargeBodyCut(LengthReader):
    """Cuts a body to a megabyte."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        position = super().read(buffer, position, since)
        self.content.truncate(1_000_000)
        self.content.seek(0, SEEK_END)
        return position


class PatientHTTP11(HTTP11):
    """Waits a minute for a client to close after a refusal."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(replace(limits or Limits(), linger_seconds=60.0, linger_octets=MUCH))


class OneClientAtATime(HTTPServer):
    """Accepts the next client only when the one before it is gone."""

    def _handle_events(self, fd: int, _events: int) -> None:
        if self._socket is not None and self.io_loop is not None:
            accepted, address = self._socket.accept()
            self.io_loop.remove_handler(fd)
            self._set_up(accepted, address)

    def _forget(self, connection: HTTPConnection) -> None:
        super()._forget(connection)
        self._accept_again()


class GenerousHTTP11(RewritingHTTP11):
    """Accepts heads of a megabyte; for mutants that then drop a part of them."""

    def __init__(self, limits: Limits | None = None) -> None:
        sizes = dict.fromkeys(("request_target", "field_line", "head"), 1_100_000)
        super().__init__(replace(limits or Limits(), fields=10_000, **sizes))


class LongTargetCut(GenerousHTTP11):
    """Cuts a request-target to 16,000 bytes."""

    def rewritten(self, block: bytes) -> bytes:
        return re.sub(rb"\A([^ ]+ [^ ]{16000})[^ ]+", rb"\1", block)


class LongFieldLineCut(GenerousHTTP11):
    """Cuts a field line to 3000 bytes."""

    def rewritten(self, block: bytes) -> bytes:
        line, end, rest = block.partition(b"\r\n")
        rest = re.sub(rb"((?:\A|\n)[^:\r]{3000})[^\r]*", rb"\1: one", rest)
        return line + end + re.sub(rb"((?:\A|\n)[^\r]{3010})[^\r]*", rb"\1", rest)


class FieldsBeyondFiftyDropped(GenerousHTTP11):
    """Drops field lines after the fiftieth."""

    def rewritten(self, block: bytes) -> bytes:
        lines = block.split(b"\r\n")
        return b"\r\n".join([*lines[:51], b"", b""]) if len(lines) > 53 else block


MUTANTS = (
    Mutant(
        LargeBodyCut,
        (
            "content-length.body-of-one-megabyte",
            "limits.body-of-two-megabytes",
            "tls.large-body",
            "unread.end-of-a-large-body",
        ),
        clause="RFC9112-6.3-p3",
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
    Mutant(LongTargetIs400, ("limits.target-of-20000", "request-line.target-of-100000"), tolerated=True),
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
