"""Ends a server whose run was killed: `python -m conformance.targets.guard`, the leader of its group.

It is started before the server, so that there is no moment without it. It waits for the end of its standard
input, a pipe that the run holds: then the run is gone, even by SIGKILL, and the guard kills its group, itself
with it. A run that ends the server itself kills the whole group, too.
"""

import os
import signal
import sys


def main() -> None:
    """Wait for the run to end, then kill the group."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # which asks the server alone to end, in its own time
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    main()
