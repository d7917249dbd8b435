"""The chunked transfer coding."""

from conformance.scenarios.chunked import bodies, chunks

SCENARIOS = (*chunks.SCENARIOS, *bodies.SCENARIOS)
