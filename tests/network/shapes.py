"""The shapes of a network: how late, in which pieces and over how many connections it carries things.

A shape is a value; `proxy` carries things by it. Times are seconds, sizes are octets.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How one network carries things. The defaults carry them as they come."""

    latency: float = 0.0
    """How long everything takes, in each direction."""
    jitter: float = 0.0
    """How much longer it may take, by chance; nothing overtakes what was sent before it."""
    smallest: int = 1
    """The least that travels at once, unless there is no more."""
    largest: int = 0
    """The most that travels at once; the sizes between are equally likely. 0: nothing is cut."""
    cuts: int = 0
    """How often what one direction of a connection carries is cut; after that nothing is."""
    gap: float = 0.0
    """The time between two pieces, so that they arrive one by one."""
    burst: float = 0.0
    """What arrives in the meantime is held, and let go together once in this time."""
    connections: int = 0
    """How many connections are carried at once, while others wait; 0 for any number."""


SHAPES = {
    # A train: 50 ms and more there and back, and pieces as they may come.
    "jittery": Shape(latency=0.025, jitter=0.01, largest=400, cuts=64, gap=0.001),
    # A satellite: 300 ms there and back.
    "far": Shape(latency=0.15),
    # A small gateway.
    "narrow": Shape(latency=0.002, connections=2),
    # A radio that sleeps.
    "bursts": Shape(burst=0.1),
    # Nothing comes in one read, not even the end of a line; but a handshake of TLS does not take seconds.
    "octets": Shape(largest=1, cuts=64, gap=0.001),
}
