"""A pytest plugin that kills its process, as a machine without memory or a job out of time would: SIGKILL."""

import os
import signal

# Behind this item, with others still to come.
LAST = "basics.head"


def pytest_runtest_logfinish(nodeid: str) -> None:
    if nodeid.endswith(f"/{LAST}"):
        os.kill(os.getpid(), signal.SIGKILL)
