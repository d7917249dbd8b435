"""Sound servers with one oddity each: `python -m tests.hostile.odd PORT NAME [SECONDS]`; "sound" has none.

With SECONDS, the server ends by itself after that time; as "restarts", it is started again each time.

They answer as the reference server does, with its witness. None of the oddities is a wrong answer, so no
verdict may depend on them.
"""

import logging
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from socket import socket
from typing import Any

from reference_server.connection import HTTPConnection
from reference_server.httpserver import HTTPServer
from reference_server.ioloop import IOLoop
from reference_server.network.listening import listening_socket
from reference_server.parsing.message import Refusal
from reference_server.request import HTTPRequest
from reference_server.responses import error_response
from reference_server.witness.callback import Witness
from tests.hostile.behaviours import abort

# How long a ban lasts, and what a restart takes, in seconds.
BAN = 0.2
REST = 0.1

# The requests, by number, in which a run measures the target, after the first few that are always answered.
MEASURED = range(15, 60)

# How many answers of a hundred are cut.
CUT = 30

# How many requests a second are served.
RATE = 100

# How many octets of an answer drip, and how slowly, in seconds.
DRIPPING = 150
BETWEEN_OCTETS = 0.002


class Counting(HTTPConnection):
    """A connection whose requests are counted, over all connections."""

    requests = 0

    def _serve(self, request: HTTPRequest) -> None:
        Counting.requests += 1
        super()._serve(request)


class Banning(HTTPConnection):
    """After a malformed request, which is answered, new connections are refused for some time."""

    until = 0.0

    def send_refusal(self, refusal: Refusal) -> None:
        super().send_refusal(refusal)
        Banning.until = time.monotonic() + BAN


class Resetting(HTTPServer):
    """Accepts and resets new connections during a ban."""

    connection_class = Banning

    def _set_up(self, accepted: socket, address: tuple[Any, ...]) -> None:
        if time.monotonic() < Banning.until:
            abort(accepted)
            accepted.close()
        else:
            super()._set_up(accepted, address)


class NotListening(HTTPServer):
    """Does not listen during a ban: new connections are refused as if there was no server."""

    def _forget(self, connection: HTTPConnection) -> None:
        super()._forget(connection)
        if isinstance(connection, Refusing) and connection.has_refused and self._socket is not None:
            port, loop = self.address[1], IOLoop.instance()
            self.stop()
            loop.call_later(BAN, partial(self._listen_again, port))

    def _listen_again(self, port: int) -> None:
        self._socket = listening_socket(port, "127.0.0.1", None)
        self._accept_again()


class Refusing(HTTPConnection):
    """Keeps in mind that a malformed request came."""

    has_refused = False

    def send_refusal(self, refusal: Refusal) -> None:
        super().send_refusal(refusal)
        self.has_refused = True


NotListening.connection_class = Refusing


class Cutting(Counting):
    """Cuts some of the answers in their middle, once the target was measured."""

    chance = random.Random()
    has_cut = False

    def write(self, chunk: bytes, callback: Callable[[], None] | None = None) -> None:
        if self.has_cut:
            return
        self.has_cut = Counting.requests >= MEASURED.stop and self.chance.randrange(100) < CUT
        if self.has_cut:
            self.stream.write(chunk[: len(chunk) // 2], self.stream.close)
        else:
            super().write(chunk, callback)


class Withholding(Counting):
    """Leaves a few requests unanswered while it is measured."""

    def _serve(self, request: HTTPRequest) -> None:
        if Counting.requests in MEASURED and not Counting.requests % 5:
            Counting.requests += 1
            self.request = request
        else:
            super()._serve(request)


class Dripping(Counting):
    """Sends the beginning of each answer an octet at a time."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._drops = b""
        self._finishes = False

    def write(
        self,
        chunk: bytes,
        callback: Callable[[], None] | None = None,  # noqa: ARG002 - the witness gives none
    ) -> None:
        if self._drops:
            self._drops += chunk
        else:
            self._drops = chunk
            self._drip(DRIPPING)

    def finish(self) -> None:
        self._finishes = bool(self._drops)
        if not self._finishes:
            super().finish()

    def _drip(self, left: int) -> None:
        size = 1 if left else len(self._drops)
        drop, self._drops = self._drops[:size], self._drops[size:]
        if self.stream.closed():
            return
        HTTPConnection.write(self, drop)
        if self._drops:
            IOLoop.instance().call_later(BETWEEN_OCTETS, partial(self._drip, left - 1))
        elif self._finishes:
            super().finish()


class DrippingAtFirst(Dripping):
    """Sends answers an octet at a time while it is measured."""

    def write(self, chunk: bytes, callback: Callable[[], None] | None = None) -> None:
        if Counting.requests in MEASURED:
            super().write(chunk, callback)
        else:
            HTTPConnection.write(self, chunk, callback)


class Limiting(Counting):
    """Serves so many requests a second; more are told when to come again."""

    status = 429
    second, served = 0, 0

    def _serve(self, request: HTTPRequest) -> None:
        if int(time.monotonic()) > Limiting.second:
            Limiting.second, Limiting.served = int(time.monotonic()), 0
        Limiting.served += 1
        if Limiting.served <= RATE:
            super()._serve(request)
            return
        self.request = request
        request.persistent = False
        told = error_response(self.status, "too many requests", to_head=request.method == "HEAD")
        self.write(told.replace(b"\r\n", b"\r\nRetry-After: 1\r\n", 1))
        self.finish()


class Unavailable(Limiting):
    """The same, with another status."""

    status = 503


def server_of(connection: type[HTTPConnection]) -> type[HTTPServer]:
    """Return a server with such connections."""
    return type("Odd", (HTTPServer,), {"connection_class": connection})


SERVERS: Mapping[str, type[HTTPServer]] = {
    "sound": HTTPServer,
    "bans-by-reset": Resetting,
    "bans-by-refusal": NotListening,
    "cuts": server_of(Cutting),
    "withholds-while-measured": server_of(Withholding),
    "drips-while-measured": server_of(DrippingAtFirst),
    "drips": server_of(Dripping),
    "limits-by-429": server_of(Limiting),
    "limits-by-503": server_of(Unavailable),
}


def serve(port: str, name: str, seconds: str = "") -> None:
    """Serve for good, or for some time."""
    logging.disable()
    server = SERVERS[name](Witness())
    server.listen(int(port), "127.0.0.1")
    if seconds:
        IOLoop.instance().call_later(float(seconds), partial(os._exit, 0))
    IOLoop.instance().start()


def restart_for_ever(port: str, seconds: str) -> None:
    """Start a server again and again that ends by itself after some time."""
    while True:
        subprocess.call([sys.executable, "-m", "tests.hostile.odd", port, "sound", seconds])
        time.sleep(REST)


if __name__ == "__main__":
    if sys.argv[2] == "restarts":
        restart_for_ever(sys.argv[1], sys.argv[3])
    else:
        serve(*sys.argv[1:])
