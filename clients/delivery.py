"""How the bytes of one write are delivered: whole, by line, by byte, or cut at offsets that a seed chooses.

A delivery is a function from bytes to the pieces that they are sent in; together the pieces are the bytes. It
only ever adds boundaries: what stands between two writes of a conversation stays there. The module knows
neither HTTP nor sockets; that pieces travel by themselves is the business of the driver.
"""

import random
import re
from collections.abc import Callable, Iterable
from itertools import islice, pairwise

Delivery = Callable[[bytes], tuple[bytes, ...]]

# As many cuts are made in one write, or as far into it, so that megabytes do not take minutes. What is behind
# them is one last piece, which the network cuts as it likes.
MOST_CUTS = 1024

_MOST_SEEDED_CUTS = 8


def cut_at(data: bytes, offsets: Iterable[int]) -> tuple[bytes, ...]:
    """Cut the data at the offsets that lie within it, in whatever order they come. No piece is empty."""
    inner = {offset for offset in offsets if 0 < offset < len(data)}
    edges = (0, *sorted(inner), len(data))
    return tuple(data[start:end] for start, end in pairwise(edges) if start < end)


def whole(data: bytes) -> tuple[bytes, ...]:
    """Leave the data in one piece."""
    return cut_at(data, ())


def by_line(data: bytes) -> tuple[bytes, ...]:
    """Cut behind each LF, the first MOST_CUTS of them."""
    return cut_at(data, (match.end() for match in islice(re.finditer(b"\n", data), MOST_CUTS)))


def by_byte(data: bytes) -> tuple[bytes, ...]:
    """Cut behind each of the first MOST_CUTS bytes."""
    return cut_at(data, range(1, MOST_CUTS + 1))


def at_random(seed: int) -> Delivery:
    """Return the delivery that cuts anywhere in the first MOST_CUTS bytes, a few times.

    The same seed cuts data of the same length at the same offsets, in every run and on every machine.
    """

    def cut(data: bytes) -> tuple[bytes, ...]:
        chance = random.Random(f"{seed} {len(data)}")  # noqa: S311  (to be repeated, not to be secret)
        places = range(1, min(len(data), MOST_CUTS + 1))
        return cut_at(data, chance.sample(places, min(len(places), chance.randint(1, _MOST_SEEDED_CUTS))))

    return cut
