"""Runs the command as a process of its own, one that is soon over and need not keep itself tidy.

What the command does is the business of `command`.
"""

import gc
import sys
from typing import NoReturn

# So many objects more, and Python looks for those that nothing leads to any more.
_SELDOM = 50_000

# How long one thread may keep another from going on, in seconds: the one that judges would hold up the one
# that converses, at each of its steps.
_TURN = 0.001


def command() -> NoReturn:
    """Run the command, and end the process with its exit code."""
    # What is loaded stays, and need not be gone through again and again; nor does a run leave much.
    gc.set_threshold(_SELDOM)
    sys.setswitchinterval(_TURN)
    from conformance.command.command import main  # noqa: PLC0415  (loading it is most of what there is to spare)

    gc.freeze()
    code = main()
    gc.freeze()  # neither must the rest, only to end
    sys.exit(code)


if __name__ == "__main__":
    command()
