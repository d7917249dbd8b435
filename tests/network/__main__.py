"""Carries connections to servers over a bad network, until its standard input ends.

    python -m tests.network SHAPE PORT…

Each PORT is one of 127.0.0.1; for each, in turn, the port to connect to is printed, on one line together.
"""

import sys
from contextlib import ExitStack

from tests.network.proxy import Proxy
from tests.network.shapes import SHAPES


def main(shape: str, *ports: str) -> None:
    """Carry connections until the end of the standard input."""
    with ExitStack() as stack:
        proxies = [stack.enter_context(Proxy(SHAPES[shape], ("127.0.0.1", int(port)))) for port in ports]
        sys.stdout.write(" ".join(str(proxy.port) for proxy in proxies) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
