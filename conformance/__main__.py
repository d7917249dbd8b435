"""Runs the command as a process of its own, which ends soon and need not tidy up its memory.

What the command does is known in `command`.
"""

import gc
import sys
from typing import NoReturn

from conformance.interruption import end_at_once_from_now_on, ignore_from_now_on

# How many new objects there are before Python looks for garbage among them.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000

# How long one thread may keep another waiting, in seconds. The thread that judges would otherwise delay the
# thread that converses at each of its steps.
_SWITCH_INTERVAL = 0.001


def command() -> NoReturn:
    """Run the command, and end the process with its exit code."""
    end_at_once_from_now_on()
    # What is loaded stays, so that looking through it for garbage is in vain; and a run leaves little
    # garbage.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    from conformance.command.command import main  # noqa: PLC0415  (it takes most of the time to load)

    gc.freeze()
    code = main()
    ignore_from_now_on()
    gc.freeze()  # nor is it looked through at the end
    sys.exit(code)


if __name__ == "__main__":
    command()
