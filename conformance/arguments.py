"""The parser of command-line arguments that every command of wirecheck uses."""

import argparse
import sys
from typing import NoReturn

from conformance.gate import Exit
from conformance.text import visible


class Parser(argparse.ArgumentParser):
    """A parser that ends with wirecheck's exit code for misuse, in one sentence after the usage."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"wirecheck: {visible(message)}\n")
