"""Ends a server whose run was killed: `python -m conformance.targets.guard GROUP`, started beside the server.

It waits for the end of its standard input, a pipe that the run holds. A run that ends the server itself
writes something first; if nothing came, the run is gone, even by SIGKILL, and the guard kills the server's
process group.
"""

import os
import signal
import sys
from contextlib import suppress


def main(group: int) -> None:
    """Wait for the run to end; kill the group if the run did not."""
    if not sys.stdin.buffer.read():
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
