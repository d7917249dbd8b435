"""A server that ends of one method: `python -m tests.hostile.mortal PORT METHOD killed|ended|stalled`.

To all else it answers as the reference server does, with its witness.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping

from reference_server.httpserver import HTTPServer
from reference_server.ioloop import IOLoop
from reference_server.request import HTTPRequest
from reference_server.witness.callback import Witness

ENDS: Mapping[str, Callable[[], object]] = {
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "ended": lambda: os._exit(3),
    "stalled": threading.Event().wait,
}


def main(port: str, method: str, how: str) -> None:
    """Serve until it ends."""
    logging.disable()
    witness = Witness()

    def handle(request: HTTPRequest) -> None:
        if request.method == method:
            ENDS[how]()
        witness(request)

    server = HTTPServer(handle)
    server.listen(int(port), "127.0.0.1")
    IOLoop.instance().start()


if __name__ == "__main__":
    main(*sys.argv[1:])
