"""How the bytes of one write are delivered: whole, by line, by byte, or cut at offsets that a seed chooses.

A delivery is a function from bytes to the pieces in which they are sent; joined, the pieces are the bytes. It
only adds boundaries: the steps between two writes of a conversation stay where they are. The module knows
neither HTTP nor sockets; the channel sees to it that pieces travel one by one.
"""

import random
import re
from collections.abc import Callable, Iterable
from itertools import islice, pairwise

Delivery = Callable[[bytes], tuple[bytes, ...]]

# The most cuts in one write, and how many bytes into it they are made, so that megabytes do not take minutes.
# After them comes one last piece, which the network cuts as it likes.
MOST_CUTS = 1024

_MOST_SEEDED_CUTS = 8


def cut_at(data: bytes, offsets: Iterable[int]) -> tuple[bytes, ...]:
    """Cut the data at the offsets that lie within it, given in any order. No piece is empty."""
    inner = {offset for offset in offsets if 0 < offset < len(data)}
    edges = (0, *sorted(inner), len(data))
    return tuple(data[start:end] for start, end in pairwise(edges) if start < end)


def whole(data: bytes) -> tuple[bytes, ...]:
    """Leave the data in one piece."""
    return cut_at(data, ())


def by_line(data: bytes) -> tuple[bytes, ...]:
    """Cut after each of the first MOST_CUTS LFs."""
    return cut_at(data, (match.end() for match in islice(re.finditer(b"\n", data), MOST_CUTS)))


def by_byte(data: bytes) -> tuple[bytes, ...]:
    """Cut after each of the first MOST_CUTS bytes."""
    return cut_at(data, range(1, MOST_CUTS + 1))


def at_random(seed: int) -> Delivery:
    """Return the delivery that cuts at a few random offsets within the first MOST_CUTS bytes.

    The same seed cuts data of the same length at the same offsets, in every run and on every machine.
    """

    def cut(data: bytes) -> tuple[bytes, ...]:
        generator = random.Random(f"{seed} {len(data)}")  # noqa: S311  (repeatable, not secret)
        places = range(1, min(len(data), MOST_CUTS + 1))
        cuts = min(len(places), generator.randint(1, _MOST_SEEDED_CUTS))
        return cut_at(data, generator.sample(places, cuts))

    return cut
