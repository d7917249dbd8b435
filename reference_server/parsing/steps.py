"""Work in steps: what takes long lets others go first between any two of them.

A function whose cost follows what a peer sent is a generator. It yields after each step, and returns its
result at the end. ``finish`` takes all steps at once; the connection takes one in each round of the loop.

This module knows neither forms nor the loop.
"""

from collections.abc import Generator, Iterable
from io import BytesIO
from typing import TypeVar

Result = TypeVar("Result")

Steps = Generator[None, None, Result]

STEP = 64 * 1024
"""Octets that one step looks at, more or less: a few milliseconds of work at the worst."""


def finish(steps: Steps[Result]) -> Result:
    """Take all steps; return the result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result


def gather(pieces: Iterable[bytes]) -> Steps[bytes]:
    """Join the pieces, one a step. No more is held than what has been joined, and one piece."""
    whole = BytesIO()
    for piece in pieces:
        whole.write(piece)
        yield
    return whole.getvalue()
