"""The folder for the reports of one run: it is made if need be, and belongs to the run while that lasts.

Two runs in one folder would write into each other's record. Each could have a folder of its own instead, but
then nobody would find the reports where `--output`, or a job that collects them, says that they are. So the
second run does not begin, and says why.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.errors import BadUsage


@contextmanager
def output_folder(folder: Path) -> Iterator[Path]:
    """Make the folder, unless it exists, and keep it for this run during the block.

    Raises BadUsage if it cannot be made, nothing can be written to it, or another run writes to it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadUsage(f"the reports cannot go to {folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK):
        raise BadUsage(f"the reports cannot go to {folder}: Permission denied")
    # The lock is that of the folder itself: it leaves no file, and ends with the process, however that ends.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor, folder)
        yield folder
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BadUsage(
            f"another run writes its reports to {folder}; wait for its end, or use another --output"
        ) from error
    except OSError:
        return  # some file systems have no locks, and most folders have one run
