"""The access log: one line for each request, in the Common Log Format, with the time it took.

    192.0.2.7 - - [23/Nov/2026:13:36:13 +0000] "GET /hello HTTP/1.1" 200 21 0.000184

That is the client, two fields nobody fills, when the request came to its end, the request line, the status,
the octets after the head of the response, and the seconds. ``-`` stands for what is not known: the request
line of a head that was refused, the status of a request that was never answered.

Whatever comes from a peer is escaped, so that it can neither end a line nor pass for another field.

A server that keeps no log is not touched by this: it has other connections.
"""

import logging
import re
import time
from functools import lru_cache
from typing import Any, TextIO

from reference_server.connection import HTTPConnection
from reference_server.parsing.message import Refusal
from reference_server.request import HTTPRequest

logger = logging.getLogger(__name__)

HEAD_END = b"\r\n\r\n"

STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})")

LONGEST_HEAD = 64 * 1024
"""Octets of a response in which its status and the end of its head are looked for."""

UNSAFE = re.compile(r"[^\x21\x23-\x5b\x5d-\x7e]")
UNSAFE_IN_QUOTES = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")


class Answer:
    """What the application has written: the status, and the octets after the head; None while unknown."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.octets: int | None = None
        self._head = b""

    def note(self, chunk: bytes) -> None:
        """Take note of a piece. Interim responses are no answer."""
        if self.octets is not None:
            self.octets += len(chunk)
            return
        looked_at = self._head + chunk[:LONGEST_HEAD]
        unseen = len(chunk) - len(chunk[:LONGEST_HEAD])
        while (end := looked_at.find(HEAD_END)) >= 0:
            match = STATUS.match(looked_at)
            looked_at = looked_at[end + len(HEAD_END) :]
            if match is None or not match[1].startswith(b"1"):
                self.status = int(match[1]) if match else None
                self.octets = len(looked_at) + unseen
                return
        self._head = looked_at[:LONGEST_HEAD]


class AccessLog:
    """Writes lines to a file. One that cannot be written to is complained of once, and serving goes on."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._broken = False

    def write(self, client: str, request: HTTPRequest | None, answer: Answer) -> None:
        """Write the line of one request; None is one whose head was refused."""
        line = f"{request.method} {request.uri} {request.version}" if request else "-"
        seconds = f"{request.request_time():.6f}" if request else "-"
        status, octets = ("-" if known is None else known for known in (answer.status, answer.octets))
        written = (
            f"{escape(client)} - - [{clock(int(time.time()))}] "
            f'"{escape(line, UNSAFE_IN_QUOTES)}" {status} {octets} {seconds}\n'
        )
        try:
            self._output.write(written)
            self._output.flush()
        except (OSError, ValueError) as error:  # the disk is full, or the file was closed
            if not self._broken:
                logger.error("the access log cannot be written: %s", error)  # noqa: TRY400 - no traceback
            self._broken = True


def escape(text: str, unsafe: re.Pattern[str] = UNSAFE) -> str:
    r"""Return ``text`` with ``\xHH`` for quotes, backslashes, and all that is no visible ASCII."""
    return unsafe.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


@lru_cache(maxsize=1)
def clock(second: int) -> str:
    """Return a time since the epoch as the format wants it, in local time."""
    return time.strftime("%d/%b/%Y:%H:%M:%S %z", time.localtime(second))


class LoggedConnection(HTTPConnection):
    """A connection that writes a line for each request, once: when it is finished, refused or abandoned."""

    def __init__(self, *args: Any, access_log: AccessLog, **options: Any) -> None:
        self._access_log = access_log
        self._logged: HTTPRequest | None = None
        self._answer = Answer()
        super().__init__(*args, **options)

    def write(self, chunk: bytes) -> None:
        """Send a piece of the response, and read its status and length."""
        super().write(chunk)
        self._answer.note(chunk)

    def finish(self) -> None:
        """Log the request, and end the response."""
        if self.request is not None:
            self._log(self.request)
        super().finish()

    def send_refusal(self, refusal: Refusal) -> None:
        """Log the request, or a head that is not valid, and write the error response."""
        self._answer.status, self._answer.octets = refusal.status, None
        self._log(self.unfinished)
        super().send_refusal(refusal)

    def abandon(self, request: HTTPRequest) -> None:
        """Log a request that will have no complete response."""
        self._log(request)

    def _log(self, request: HTTPRequest | None) -> None:
        if request is None or request is not self._logged:
            client = request.remote_ip if request else None
            self._access_log.write(client or self.wire.remote_ip, request, self._answer)
        self._logged, self._answer = request, Answer()
