"""The chunked transfer coding."""

from conformance.scenarios.chunked import bodies, chunks, trailers, wrong_ends

SCENARIOS = (*chunks.SCENARIOS, *bodies.SCENARIOS, *wrong_ends.SCENARIOS, *trailers.SCENARIOS)
