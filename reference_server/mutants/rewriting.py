"""Base classes of mutants that change a head before they read it, or read fields line by line."""

import re

from reference_server.httputil import HTTPHeaders
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Fields, Head, Refusal
from reference_server.parsing.parser import HEAD_END
from reference_server.parsing.profile import Progress

LONE_LF = re.compile(rb"(?<!\r)\n")


class RewritingHTTP11(HTTP11):
    """Reads a head as changed by ``rewritten``."""

    def rewritten(self, block: bytes) -> bytes:
        """Return the head to read instead of the received one."""
        return block

    def read_head(self, block: bytes, *, secure: bool) -> Head:
        return super().read_head(self.rewritten(block), secure=secure)

    def read_similar_head(self, block: bytes, previous: Head) -> None:
        pass

    def check_unfinished_head(self, block: bytes | bytearray, since: int, progress: Progress) -> None:
        if block.endswith(HEAD_END):
            super().check_unfinished_head(block, since, progress)
        elif LONE_LF.search(block, max(0, since - 1)):
            raise Refusal(400, "LF without CR in the head")
        elif len(block) > self.limits.head:
            raise Refusal(431, "the head is too long")


class LineByLine(Fields):
    """Fields whose lines end in CRLF and are read by ``field``."""

    def field(self, line: str) -> tuple[str, str]:
        """Return the name and the value of a field line."""
        name, _, value = line.partition(":")
        return name, value.strip(" \t")

    @property
    def headers(self) -> HTTPHeaders:
        headers = HTTPHeaders()
        for line in self.raw.decode("latin-1").split("\r\n")[1:-1]:
            headers.add(*self.field(line))
        return headers
