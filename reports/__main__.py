"""The command `python -m reports RUN.jsonl`: shows a run again from its record.

Exit codes: 0 shown, whatever the run came to; 4 the record or the command cannot be used.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from conformance.record import BadRecord
from reports.publish import page_beside, publish
from reports.summary import Line
from reports.text import visible

USAGE = 4

_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33"}


class _Parser(argparse.ArgumentParser):
    """A parser of arguments that ends with wirecheck's exit code for misuse."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {visible(message)}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Show the run that the arguments name, and return the exit code."""
    parser = _Parser(prog="python -m reports", description="Show a run again from its record.")
    parser.add_argument("record", type=Path, metavar="RUN.jsonl", help="the record of a run")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="where to write the page (report.html beside the record)"
    )
    chosen = parser.parse_args(arguments)
    html = chosen.html or page_beside(chosen.record)
    try:
        published = publish(chosen.record, html, width=shutil.get_terminal_size().columns)
    except BadRecord as error:
        sys.stderr.write(f"{visible(str(error))}\n")
        return USAGE
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in published.lines:
        sys.stdout.write(_encodable(_styled(line) if coloured else line.text) + "\n")
    for problem in published.problems:
        sys.stderr.write(f"{problem.text}\n")
    return USAGE if published.problems else 0


def _styled(line: Line) -> str:
    codes = ";".join(_CODES[name] for name in line.markup)
    return f"\x1b[{codes}m{line.text}\x1b[0m" if codes else line.text


def _encodable(text: str) -> str:
    """Return the text as this terminal can show it: an escape instead of a traceback for what it lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


if __name__ == "__main__":
    sys.exit(main())
